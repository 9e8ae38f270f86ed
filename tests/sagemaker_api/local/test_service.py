"""The local SageMaker without sockets: what it answers, and when URLs and sessions end."""

from __future__ import annotations

import pytest

from sigv4 import Response

from .without_sockets import Desk


@pytest.fixture
def desk() -> Desk:
    return Desk()


def cookie(answer: Response) -> str:
    return answer.header("set-cookie").partition(";")[0]


def test_a_url_opens_a_session_and_the_session_shows_the_notebook(desk: Desk) -> None:
    opened = desk.get(desk.mint(SessionExpirationDurationInSeconds=1800))
    assert (opened.status, opened.header("location")) == (302, "/notebook/nb/")
    flags = opened.header("set-cookie").split("; ")[1:]
    assert flags == ["Path=/notebook/nb/", "Max-Age=1800", "HttpOnly", "SameSite=Lax"]
    page = desk.get("/notebook/nb/lab", cookie(opened))
    assert page.status == 200
    assert b"Notebook nb" in page.body


@pytest.mark.parametrize(
    ("age", "location"), [(0, "/notebook/nb/"), (299, "/notebook/nb/"), (300, "/sign-in"), (301, "/sign-in")]
)
def test_a_url_is_valid_for_five_minutes_then_leads_to_the_sign_in_page(
    desk: Desk, age: int, location: str
) -> None:
    url = desk.mint()
    desk.now += age
    assert desk.get(url).header("location") == location


@pytest.mark.parametrize(("seconds", "asked"), [(1800, 1800), (43200, None)])
def test_a_session_lasts_as_long_as_was_asked_and_twelve_hours_by_default(
    desk: Desk, seconds: int, asked: int | None
) -> None:
    url = desk.mint() if asked is None else desk.mint(SessionExpirationDurationInSeconds=asked)
    session = cookie(desk.get(url))
    desk.now += seconds - 1
    assert desk.get("/notebook/nb/", session).status == 200
    desk.now += 1
    assert desk.get("/notebook/nb/", session).header("location") == "/sign-in"


def test_a_token_or_cookie_is_valid_only_for_its_notebook(desk: Desk) -> None:
    url = desk.mint()
    assert desk.get(url.replace("/nb/", "/off/")).header("location") == "/sign-in"
    session = cookie(desk.get(url))
    assert desk.get("/notebook/off/", session).header("location") == "/sign-in"


@pytest.mark.parametrize("target", ["/notebook/nb/", "/notebook/nb/?authToken=", "/notebook/nb/?authToken=x"])
def test_without_a_grant_there_is_only_the_sign_in_page(desk: Desk, target: str) -> None:
    answer = desk.get(target)
    assert (answer.status, answer.header("location"), answer.header("set-cookie")) == (302, "/sign-in", "")
    assert desk.get("/sign-in").status == 200


@pytest.mark.parametrize(
    "target", ["/", "//evil.example/", "/notebook//evil.example/", "/notebook/nb", "/x/nb/"]
)
def test_no_path_redirects_to_another_server(desk: Desk, target: str) -> None:
    answer = desk.get(target)
    assert answer.status in (302, 404)
    assert answer.header("location", "/sign-in") in ("/sign-in", "/_control")


@pytest.mark.parametrize(
    ("page", "location"),
    [
        ("lab", "/notebook/nb/lab"),
        ("lab/tree/a%20b.ipynb", "/notebook/nb/lab/tree/a%20b.ipynb"),
        ("/evil.example", "/notebook/nb//evil.example"),
    ],
)
def test_a_url_opens_the_page_that_was_put_into_it(desk: Desk, page: str, location: str) -> None:
    url = desk.mint().replace("?", f"{page}?")
    assert desk.get(url).header("location") == location


def test_the_token_is_removed_from_the_query_and_the_rest_kept(desk: Desk) -> None:
    path, _, token = desk.mint().partition("?")
    opened = desk.get(f"{path}tree?reset&{token}&view=b")
    assert opened.header("location") == "/notebook/nb/tree?reset&view=b"
    assert token not in repr(opened) + str(opened.headers)


@pytest.mark.parametrize(
    "target", ["/notebook/nb/\x1b[2J", "/notebook/nb/\xe9", "notebook", "/sign-in x", "*"]
)
def test_a_target_that_no_client_sends_gets_a_bare_400(desk: Desk, target: str) -> None:
    answer = desk.get(target)
    assert (answer.status in (400, 404), answer.header("location"), answer.header("set-cookie")) == (
        True,
        "",
        "",
    )


def test_secrets_are_kept_hashed(desk: Desk) -> None:
    url = desk.mint()
    session = cookie(desk.get(url)).partition("=")[2]
    kept = repr(vars(desk.local.sessions))
    assert url.partition("=")[2] not in kept
    assert session not in kept


def test_expired_grants_are_dropped(desk: Desk) -> None:
    for _ in range(50):
        desk.mint()
    desk.now += 300
    desk.mint()
    assert len(desk.local.sessions._urls) == 1


def test_sessions_that_are_over_are_dropped(desk: Desk) -> None:
    desk.get(desk.mint(SessionExpirationDurationInSeconds=1800))
    desk.now += 1800
    assert desk.local.sessions.all() == []
    desk.mint()
    assert len(desk.local.sessions._cookies) == 0
