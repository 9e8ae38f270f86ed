"""The control page shows instances, recent requests, and why each signature was accepted or refused."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Any

import pytest

from sagemaker_api.local import EXAMPLE, Client, Identity
from sigv4 import Credentials, Request, Signer
from tests.sagemaker_api.local.notebooks.shown import NAME, root, state, text

from ..without_sockets import AUTHORITY, BASE, HERE, Desk, cookie_of

TOKEN = "MARKERtoken"
TEMPORARY = Identity(
    "arn:aws:iam::123456789012:user/temporary", Credentials("ASIATEMP", "MARKERsecret", TOKEN)
)


def newest(desk: Desk) -> str:
    """The page of the newest request."""
    number = max(entry.number for entry in desk.service.journal.entries())
    return text(desk.get(f"{root(desk)}requests/{number}"))


def test_the_page_lists_instances_sessions_and_requests() -> None:
    desk = Desk(delays=60)
    session = cookie_of(desk.get(desk.mint(SessionExpirationDurationInSeconds=1800)))
    desk.get("/notebook/nb/tree?reset=1", session)
    desk.get("/notebook/nb/", "none")
    desk.do("StartNotebookInstance", NotebookInstanceName="off")
    desk.call(NAME, credentials=Credentials(EXAMPLE.access_key_id, "wrong"))
    shown = state(desk)
    assert [(each["name"], each["status"], each["becomes"]) for each in shown["instances"]] == [
        ("nb", "InService", ""),
        ("off", "Pending", "InService in 60 s"),
    ]
    (session,) = shown["sessions"]
    assert session == {
        "notebook": "nb",
        "identity": "arn:aws:iam::123456789012:user/local",
        "opened": "2027-01-15 08:00:00 UTC",
        "left": "30 min 0 s",
    }
    said = [(each["operation"], each["status"], each["outcome"]) for each in shown["requests"]]
    assert said == [
        ("CreatePresignedNotebookInstanceUrl", 400, "refused at VERIFY-15: SignatureDoesNotMatch"),
        ("StartNotebookInstance", 200, "verified; StartNotebookInstance"),
        ("GET /notebook/nb/", 302, "no live session"),
        ("GET /notebook/nb/tree", 200, "in a live session"),
        ("GET /notebook/nb/", 302, "opened a session"),
        ("CreatePresignedNotebookInstanceUrl", 200, "verified; CreatePresignedNotebookInstanceUrl"),
    ]
    assert shown["newest"] == shown["requests"][0]["number"] == 6


def test_a_request_that_was_accepted_shows_each_line_of_its_signature_with_its_rule() -> None:
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
    assert signed.signature[:8] in shown
    assert signed.signature not in shown
    assert "the same as sent" in shown
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
@pytest.mark.slow
def test_a_request_that_was_refused_shows_what_diagnose_finds(how: dict[str, Any], words: str) -> None:
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


def test_a_broken_request_is_shown_as_such() -> None:
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


@pytest.mark.slow
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
    paths = [root(desk), f"{root(desk)}state", *(f"{root(desk)}requests/{number}" for number in numbers)]
    pages = [desk.get(path).body.decode() for path in paths]
    assert len(pages) == 5
    signatures = [
        signature
        for entry in desk.service.journal.entries()
        if entry.evidence is not None and entry.evidence.request is not None
        for signature in re.findall(
            "Signature=([0-9a-f]{64})", f"{entry.evidence.request.url} {[*entry.evidence.request.headers]}"
        )
    ]
    assert len(signatures) == 3  # with these three, a request could be sent again within five minutes
    assert not [each for each in signatures if any(each[:20] in page for page in pages)]
    for secret in ("MARKER", url[1], cookie.partition("=")[2]):
        assert all(secret not in page for page in pages), secret
    assert not any(expected.signature[:20] in page for page in pages)
    assert "MARKER" not in repr(desk.service.journal.entries())


@pytest.mark.slow
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


@pytest.mark.parametrize(
    "forwarding",
    ["X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "Forwarded", "X-Real-Ip", "Via"],
)
def test_the_page_is_only_for_this_machine(forwarding: str) -> None:
    desk = Desk()
    desk.call(NAME)
    for address in ("10.0.0.1", "203.0.113.7", "", "127.0.0.1"):
        headers = {"Host": AUTHORITY} | ({forwarding: "127.0.0.1"} if address == "127.0.0.1" else {})
        for path in ("", "state", "requests/1"):
            answer = desk.service.answer(Request("GET", root(desk) + path, headers), Client(address))
            assert (answer.status, b"CreatePresigned" in answer.body) == (403, False)


def test_the_address_of_the_page_holds_a_secret() -> None:
    desk, other = Desk(), Desk()
    assert desk.local.control_url == f"{BASE}{root(desk)}"
    assert len(root(desk)) > 40
    assert root(desk) != root(other)
    for path in (
        "/_control",
        "/_control/",
        "/_control/requests/1",
        root(other),
        root(desk)[:-1],
        f"{root(desk)[:-2]}{'y' if root(desk)[-2] == 'x' else 'x'}/",
    ):
        answer = desk.get(path)
        assert (answer.status, root(desk).encode() in answer.body) == (403, False)
    assert desk.get("/").header("location") == "/_control"
    assert b"was printed" in desk.get("/_control").body


def test_the_page_runs_only_its_own_script_and_loads_nothing_else() -> None:
    desk = Desk()
    answer = desk.get(root(desk))
    policy = answer.header("content-security-policy")
    (script,) = re.findall("<script>(.*?)</script>", answer.body.decode(), re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert f"script-src 'sha256-{digest}'; connect-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.header("cache-control") == "no-store"
    assert answer.header("referrer-policy") == "no-referrer"
    assert b"http://" not in answer.body
    assert b"innerHTML" not in answer.body
    desk.call(NAME)
    one = desk.get(f"{root(desk)}requests/1")
    assert (b"<script" in one.body, "script-src" in one.header("content-security-policy")) == (False, False)


def test_received_text_is_escaped() -> None:
    desk = Desk()
    evil = "<script>alert(1)</script>"
    desk.service.answer(Request("POST", f"/{evil}".replace(" ", ""), {"Host": AUTHORITY}), HERE)
    desk.call(NAME, change=lambda headers: headers.update({"X-Amz-Date": evil}))
    desk.call(NAME, target=f"SageMaker.{evil}")
    for number in (1, 2, 3):
        assert b"<script" not in desk.get(f"{root(desk)}requests/{number}").body
    assert desk.get(f"{root(desk)}state").header("content-type") == "application/json"
    assert desk.get(f"{root(desk)}state").header("x-content-type-options") == "nosniff"


@pytest.mark.parametrize("number", ["0", "99", "-1", "x", "", "1/2", "9" * 30, "¹"])
def test_a_request_that_is_not_kept_is_not_found(number: str) -> None:
    desk = Desk()
    desk.call(NAME)
    assert desk.get(f"{root(desk)}requests/{number}").status in (400, 404)


def test_only_the_last_hundred_of_each_kind_are_kept_and_no_long_body() -> None:
    desk = Desk()
    for _ in range(120):
        desk.get("/notebook/nb/", "none")
    desk.call(b'{"NotebookInstanceName":"nb","x":"' + b"x" * 20_000 + b'"}')
    for _ in range(120):
        desk.get("/notebook/nb/", "none")
    entries = desk.service.journal.entries()
    assert len(entries) == 101
    assert "too long to be stored" in newest_call(desk)


def newest_call(desk: Desk) -> str:
    number = max(each.number for each in desk.service.journal.entries() if each.evidence is not None)
    return text(desk.get(f"{root(desk)}requests/{number}"))


@pytest.mark.parametrize("page", ["", "requests/1", "state"])
@pytest.mark.parametrize(
    "sent",
    [
        {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "iframe"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "document"},
        {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Dest": "empty"},
        {"Referer": f"{BASE}/notebook/nb/lab", "Sec-Fetch-Dest": "document"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Origin": "null"},
    ],
)
def test_no_other_page_reads_it(page: str, sent: dict[str, str]) -> None:
    desk = Desk()
    desk.mint()
    refused = desk.service.answer(Request("GET", root(desk) + page, {"Host": AUTHORITY, **sent}), HERE)
    assert (refused.status, b"CreatePresigned" in refused.body) == (403, False)


def test_a_browser_window_gets_the_page_and_other_pages_cannot_read_that_window() -> None:
    desk = Desk()
    headers = {"Host": AUTHORITY, "Sec-Fetch-Site": "none", "Sec-Fetch-Dest": "document"}
    shown = desk.service.answer(Request("GET", root(desk), headers), HERE)
    assert shown.status == 200
    assert shown.header("cross-origin-opener-policy") == "same-origin"
