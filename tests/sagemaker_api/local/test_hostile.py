"""Every request to every route gets an answer with a status and without a secret."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, strategies as st

from sagemaker_api.local import Session
from sagemaker_api.local.api import OPERATIONS
from sigv4 import Request, Response

from .without_sockets import AUTHORITY, HERE, Desk, cookie_of

ROUTES = (
    "/",
    "/sign-in",
    "/_control",
    "/_control/requests/1",
    "/_control/x/act",
    "/_control/../sign-in",
    "/notebook",
    "/notebook/",
    "/notebook/nb",
    "/notebook/nb/",
    "/notebook/nb/api/kernels",
    "/notebook/nobody/",
    "/notebook//evil.example/",
    "/notebook/nb//evil.example/",
    "/notebook/nb/\\evil.example/",
    "/notebook/%2e%2e/",
    "/notebook/..;/",
    "//evil.example/",
    "/%0d%0aSet-Cookie:x=y",
    "https://evil.example/",
    "*",
    "",
)
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "get", "")


def answers(desk: Desk, target: str, token: str, cookie: str, host: str = AUTHORITY) -> list[Response]:
    """The answers to a request with each method, with and without the token and the cookie."""
    targets = [target, f"{target}?authToken={token}", f"{target}?authToken={token}&next=//evil.example"]
    return [
        desk.service.answer(Request(method, each, {"Host": host, **headers}, b"{}"), HERE)
        for method in METHODS
        for each in targets
        for headers in ({}, {"Cookie": cookie})
    ]


@pytest.mark.parametrize("target", ROUTES)
def test_every_route_answers_every_method_with_a_status_and_leads_nowhere_else(target: str) -> None:
    desk = Desk()
    url = desk.mint()
    token = url.partition("authToken=")[2]
    cookie = cookie_of(desk.get(url))
    for answer in answers(desk, target, token, cookie):
        assert answer.status in (200, 302, 400, 403, 404, 405), answer
        location = answer.header("location", "/sign-in")
        assert location in ("/sign-in", "/_control") or location.startswith("/notebook/nb/")
        assert token not in location
        assert b"Traceback" not in answer.body
        set_cookie = answer.header("set-cookie")
        assert not set_cookie or set_cookie.split("; ")[1::2] == ["Path=/notebook/nb/", "HttpOnly"]
        assert not set_cookie or set_cookie.endswith("; SameSite=Lax")


def test_the_cookie_is_secure_over_https() -> None:
    desk = Desk(trusted_proxies=["127.0.0.1"], forwarded=["scheme"])
    url = desk.mint()
    request = Request("GET", url, {"Host": AUTHORITY, "X-Forwarded-Proto": "https"})
    client = desk.local.proxies.client(request, "127.0.0.1")
    assert desk.service.answer(request, client).header("set-cookie").endswith("; SameSite=Lax; Secure")


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1", "127.0.0.1:80", "", f"{AUTHORITY}.evil.example"]
)
@pytest.mark.parametrize("target", ["/", "/sign-in", "/_control", "/notebook/nb/"])
def test_a_foreign_host_gets_no_answer(target: str, host: str) -> None:
    desk = Desk()
    url = desk.mint()
    token = url.partition("authToken=")[2]
    cookie = cookie_of(desk.get(url))
    assert set(answers(desk, target, token, cookie, host)) == {Response(421)}
    request = Request("GET", target, {"Host": host, "Cookie": cookie})
    assert desk.service.admit(request, HERE) == Response(421)
    twice = Request("GET", target, [("Host", AUTHORITY), ("Host", AUTHORITY)])
    assert desk.service.answer(twice, HERE) == Response(421)


def test_a_session_admits_every_method_and_the_page_in_its_place_is_read_only() -> None:
    desk = Desk()
    cookie = cookie_of(desk.get(desk.mint()))
    headers = {"Host": AUTHORITY, "Cookie": cookie}
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        request = Request(method, "/notebook/nb/api/contents", headers, b"{}")
        assert isinstance(desk.service.admit(request, HERE), Session)
        answer = desk.service.answer(request, HERE)
        assert (answer.status, answer.header("allow")) == (405, "GET, HEAD")


def test_a_cookie_of_our_name_from_another_port_does_not_hide_ours() -> None:
    desk = Desk()
    ours = cookie_of(desk.get(desk.mint()))
    name = ours.partition("=")[0]
    for cookie in (f"{name}=theirs; {ours}", f"{ours}; {name}=theirs", f"other=1;{ours};;=x"):
        assert desk.get("/notebook/nb/", cookie).status == 200
    assert desk.get("/notebook/nb/", ours.replace(name, "other")).status == 302


@pytest.mark.parametrize(
    "target", ["/", "/sign-in", "/_control", "/notebooks/nb/", "https://127.0.0.1:8080/notebook/nb/"]
)
def test_only_what_is_below_a_notebook_is_admitted(target: str) -> None:
    desk = Desk()
    cookie = cookie_of(desk.get(desk.mint()))
    request = Request("GET", target, {"Host": AUTHORITY, "Cookie": cookie})
    assert desk.service.admit(request, HERE) == Response(400)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)
MEMBERS = sorted({parameter.name for each in OPERATIONS.values() for parameter in each.parameters})
FITTING = st.sampled_from(
    [
        "nb",
        "arn:aws:sagemaker:us-east-1:123456789012:notebook-instance/nb",
        "arn:aws:iam::123456789012:role/notebooks",
        1800,
        [{"Key": "k", "Value": "v"}],
        ["k"],
    ]
)
DESK = Desk()
REFUSALS = {"ValidationException", "SerializationException", "ResourceLimitExceeded"}


@given(
    st.sampled_from(sorted(OPERATIONS)), st.dictionaries(st.sampled_from(MEMBERS), JSON | FITTING, max_size=6)
)
@pytest.mark.slow
def test_an_operation_accepts_or_refuses_whatever_a_signed_call_holds(
    operation: str, params: dict[str, object]
) -> None:
    answer = DESK.ask(operation, **params)
    if answer.status != 200:
        assert answer.status == 400
        assert json.loads(answer.body)["__type"] in REFUSALS


ANY = st.text(st.characters(max_codepoint=255))


@given(
    st.sampled_from(METHODS) | ANY,
    st.builds(str.__add__, st.sampled_from(ROUTES), ANY),
    st.lists(
        st.tuples(st.sampled_from(["Cookie", "Authorization", "X-Amz-Date", "X-Forwarded-For"]) | ANY, ANY)
    ),
    st.binary(),
)
@pytest.mark.slow
def test_no_unsigned_request_gets_more_than_the_sign_in_page(
    method: str, target: str, headers: list[tuple[str, str]], body: bytes
) -> None:
    answer = DESK.service.answer(Request(method, target, [("Host", AUTHORITY), *headers], body), HERE)
    assert answer.status in (200, 302, 400, 403, 404, 421)
    assert answer.header("location", "/sign-in") in ("/sign-in", "/_control")
    assert answer.header("set-cookie") == ""
    assert answer.status != 200 or target.startswith("/sign-in")
    newest = DESK.service.journal.entries()[:1]
    root = DESK.service.control.path
    assert [DESK.get(f"{root}requests/{entry.number}").status for entry in newest] in ([], [200])
    assert [DESK.get(root + page).status for page in ("", "state")] == [200, 200]
