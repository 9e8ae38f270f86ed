"""The control page: what there is, what came lately, and why each signature was taken or refused."""

from __future__ import annotations

import html
import re

import pytest

from sagemaker_api.local import EXAMPLE, Client, Identity
from sigv4 import Credentials, Request, Response, Signer

from ..without_sockets import AUTHORITY, BASE, HERE, Desk, cookie_of

NAME = {"NotebookInstanceName": "nb"}
TOKEN = "MARKERtoken"
TEMPORARY = Identity(
    "arn:aws:iam::123456789012:user/temporary", Credentials("ASIATEMP", "MARKERsecret", TOKEN)
)


def text(answer: Response) -> str:
    assert answer.status == 200, answer
    return html.unescape(re.sub("<[^>]*>", "\n", answer.body.decode()))


def newest(desk: Desk) -> str:
    """The page of the newest request."""
    number = max(entry.number for entry in desk.service.journal.entries())
    return text(desk.get(f"/_control/requests/{number}"))


def test_it_lists_instances_sessions_and_requests() -> None:
    desk = Desk(delays=60)
    session = cookie_of(desk.get(desk.mint(SessionExpirationDurationInSeconds=1800)))
    desk.get("/notebook/nb/tree?reset=1", session)
    desk.get("/notebook/nb/", "none")
    desk.do("StartNotebookInstance", NotebookInstanceName="off")
    desk.call(NAME, credentials=Credentials(EXAMPLE.access_key_id, "wrong"))
    shown = text(desk.get("/_control"))
    for words in (
        "nb\n\n\nInService",
        "off\n\n\nPending\n\n\nInService in 60 s",
        "arn:aws:iam::123456789012:user/local",
        "2027-01-15 08:30:00 UTC",
        "verified; CreatePresignedNotebookInstanceUrl",
        "GET /notebook/nb/tree",
        "opened a session",
        "in a live session",
        "no live session",
        "refused at VERIFY-15: SignatureDoesNotMatch",
    ):
        assert words in shown, words
    assert text(desk.get("/_control/")) == shown


def test_a_request_that_was_taken_shows_each_line_of_its_signature_with_its_rule() -> None:
    desk = Desk(identities=[TEMPORARY])
    assert desk.call(NAME, credentials=TEMPORARY.credentials).status == 200
    shown = newest(desk)
    signed = Signer("sagemaker", "us-east-1", TEMPORARY.credentials).explain(
        "POST",
        f"{BASE}/",
        {"X-Amz-Target": "SageMaker.CreatePresignedNotebookInstanceUrl"},
        b'{"NotebookInstanceName": "nb"}',
        at=desk.now,
    )
    for step in signed.steps()[:2]:
        for line in step.lines:
            assert line.rules in shown
            assert line.text in shown
    assert signed.signature in shown
    assert "x-amz-security-token:***" in shown
    assert "Diagnosis" not in shown


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"credentials": Credentials(EXAMPLE.access_key_id, "wrong")}, "The signature is wrong"),
        ({"signer": Signer("sagemaker", "eu-west-1", EXAMPLE)}, "FAIL-27"),
        ({"signer": Signer("iam", "us-east-1", EXAMPLE)}, "FAIL-28"),
        (
            {"change": lambda headers: headers.update({"X-Amz-Target": "SageMaker.Other"})},
            "The signature is wrong",
        ),
    ],
    ids=["secret", "region", "service", "changed on the way"],
)
def test_a_request_that_was_refused_shows_what_diagnose_finds(how: dict[str, object], words: str) -> None:
    desk = Desk()
    desk.call(NAME, **how)
    shown = newest(desk)
    assert "refused at VERIFY-" in shown
    assert "Diagnosis" in shown
    assert words in shown
    assert "Canonical request" in shown


def test_a_request_without_a_signature_is_shown_too() -> None:
    desk = Desk()
    desk.call(NAME, change=lambda headers: headers.pop("Authorization"))
    assert "FAIL-50" in newest(desk)


def test_what_is_no_request_at_all_is_shown_as_that() -> None:
    desk = Desk()
    headers = {"Host": AUTHORITY, "Authorization": "AWS4-HMAC-SHA256 x"}
    desk.service.answer(Request("POST", "no-slash", headers), HERE)
    assert "refused at VERIFY-1: BadRequest" in newest(desk)


def test_a_call_that_is_not_authorized_shows_its_signature_and_its_refusal() -> None:
    desk = Desk(policies=[])
    desk.call(NAME)
    shown = newest(desk)
    assert "verified; CreatePresignedNotebookInstanceUrl: AccessDeniedException" in shown
    assert "Diagnosis" not in shown


def test_no_secret_token_cookie_or_expected_signature_is_on_any_page() -> None:
    desk = Desk(identities=[TEMPORARY])
    answer = desk.call(NAME, credentials=TEMPORARY.credentials)
    url = re.search(r"authToken=([\w-]+)", answer.body.decode())
    assert url is not None
    cookie = cookie_of(desk.get(f"/notebook/nb/?{url[0]}"))
    desk.get(f"/notebook/nb/lab&{url[0]}", cookie)
    desk.call(NAME, credentials=Credentials("ASIATEMP", "wrong", TOKEN))
    wrong = Signer("sagemaker", "us-east-1", Credentials("ASIATEMP", "wrong", TOKEN))
    target = {"X-Amz-Target": "SageMaker.CreatePresignedNotebookInstanceUrl"}
    presigned = wrong.presign("POST", f"{BASE}/", target, expires=60, at=desk.now)
    desk.service.answer(Request("POST", presigned.removeprefix(BASE), {"Host": AUTHORITY, **target}), HERE)
    right = Signer("sagemaker", "us-east-1", TEMPORARY.credentials)
    expected = right.explain("POST", f"{BASE}/", target, b'{"NotebookInstanceName": "nb"}', at=desk.now)
    numbers = [entry.number for entry in desk.service.journal.entries() if entry.evidence is not None]
    paths = ["/_control", *(f"/_control/requests/{number}" for number in numbers)]
    pages = [desk.get(path).body.decode() for path in paths]
    assert len(pages) == 4
    for secret in ("MARKER", url[1], cookie.partition("=")[2]):
        assert all(secret not in page for page in pages), secret
    refused = pages[2]
    assert expected.signature not in refused
    assert "MARKER" not in repr(desk.service.journal.entries())


def test_a_url_s_token_is_on_no_page_wherever_a_signed_request_holds_it() -> None:
    desk = Desk()
    token = desk.mint().partition("authToken=")[2]
    escaped = f"next=%2Fnotebook%2Fnb%2F%3FauthToken%3D{token}%26x"
    for path in (f"/?authToken={token}&b=1", f"//notebook/nb/?authToken={token}", f"/?{escaped}"):
        for secret in (EXAMPLE.secret_access_key, "wrong"):
            signer = Signer("sagemaker", "us-east-1", Credentials(EXAMPLE.access_key_id, secret))
            given = {
                "X-Amz-Target": "SageMaker.ListTags",
                "Referer": f"{BASE}/notebook/nb/?authToken={token}",
            }
            headers = signer.sign("POST", f"{BASE}{path}", given, b"{}", at=desk.now)
            assert desk.service.answer(Request("POST", path, headers, b"{}"), HERE).status == 400
            shown = newest(desk)
            assert token not in shown
            assert "authToken=***" in shown


def test_it_is_for_this_machine_alone() -> None:
    desk = Desk()
    desk.call(NAME)
    for address in ("10.0.0.1", "203.0.113.7", ""):
        desk.client = Client(address)
        for path in ("/_control", "/_control/", "/_control/requests/1"):
            answer = desk.get(path)
            assert (answer.status, b"CreatePresigned" in answer.body) == (403, False)


def test_it_needs_no_script_and_takes_nothing_from_elsewhere() -> None:
    answer = Desk().get("/_control")
    policy = answer.header("content-security-policy")
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "frame-ancestors 'none'" in policy
    assert answer.header("cache-control") == "no-store"
    assert b"<script" not in answer.body
    assert b"http://" not in answer.body


def test_what_came_is_escaped() -> None:
    desk = Desk()
    evil = "<script>alert(1)</script>"
    desk.service.answer(Request("POST", f"/{evil}".replace(" ", ""), {"Host": AUTHORITY}), HERE)
    desk.call(NAME, change=lambda headers: headers.update({"X-Amz-Date": evil}))
    desk.call(NAME, target=f"SageMaker.{evil}")
    for path in ("/_control", *(f"/_control/requests/{number}" for number in (1, 2, 3))):
        assert b"<script" not in desk.get(path).body


@pytest.mark.parametrize("number", ["0", "99", "-1", "x", "", "1/2", "9" * 30, "¹"])
def test_a_request_that_is_not_kept_is_not_found(number: str) -> None:
    desk = Desk()
    desk.call(NAME)
    assert desk.get(f"/_control/requests/{number}").status in (400, 404)


def test_only_the_last_hundred_of_each_kind_are_kept_and_no_long_body() -> None:
    desk = Desk()
    for _ in range(120):
        desk.get("/notebook/nb/", "none")
    desk.call(b'{"NotebookInstanceName":"nb","x":"' + b"x" * 20_000 + b'"}')
    for _ in range(120):
        desk.get("/notebook/nb/", "none")
    entries = desk.service.journal.entries()
    assert len(entries) == 101
    assert "too long to be kept" in newest_call(desk)


def newest_call(desk: Desk) -> str:
    number = max(each.number for each in desk.service.journal.entries() if each.evidence is not None)
    return text(desk.get(f"/_control/requests/{number}"))


@pytest.mark.parametrize("page", ["/_control", "/_control/requests/1"])
@pytest.mark.parametrize(
    "sent",
    [
        {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "empty"},
        {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "iframe"},
        {"Referer": f"{BASE}/notebook/nb/lab", "Sec-Fetch-Dest": "document"},
        {"Origin": BASE},
    ],
)
def test_no_script_of_a_notebook_reads_it(page: str, sent: dict[str, str]) -> None:
    desk = Desk()
    desk.mint()
    refused = desk.service.answer(Request("GET", page, {"Host": AUTHORITY, **sent}), HERE)
    assert (refused.status, b"minted" in refused.body) == (403, False)


def test_a_window_of_the_browser_reads_it_and_no_page_that_opened_it_does() -> None:
    desk = Desk()
    headers = {"Host": AUTHORITY, "Sec-Fetch-Site": "none", "Sec-Fetch-Dest": "document"}
    shown = desk.service.answer(Request("GET", "/_control", headers), HERE)
    assert shown.status == 200
    assert shown.header("cross-origin-opener-policy") == "same-origin"
