"""The buttons of the control page: what each one does, and that no other page presses one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sigv4 import Request
from tests.sagemaker_api.local.notebooks.shown import NAME, root, state

from ..without_sockets import AUTHORITY, BASE, HERE, Desk, refusal


def act(desk: Desk, action: str, *, status: int = 200, **more: Any) -> dict[str, str]:
    """Sends the request that a button of the page sends."""
    headers = {"Host": AUTHORITY, "Content-Type": "application/json", "Origin": BASE, **FROM_THE_PAGE}
    body = json.dumps({"action": action, **more}).encode()
    answer = desk.service.answer(Request("POST", f"{root(desk)}act", headers, body), desk.client)
    assert answer.status == status, answer.body
    return dict(json.loads(answer.body))


FROM_THE_PAGE = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "empty"}


def test_start_stop_and_mint() -> None:
    desk = Desk()
    assert act(desk, "stop", name="nb")["said"] == "nb is Stopping."
    assert "not InService" in act(desk, "mint", name="nb", status=400)["error"]
    assert act(desk, "start", name="nb")["said"] == "nb is Pending."
    opened = act(desk, "mint", name="nb")["open"]
    assert desk.get(opened.removeprefix(BASE)).status == 302
    assert "Status (InService) not in" in act(desk, "start", name="nb", status=400)["error"]
    assert act(desk, "stop", name="nobody", status=400)["error"] == "RecordNotFound"
    assert "not InService" in act(desk, "mint", name="nobody", status=400)["error"]


def test_the_clock_is_moved() -> None:
    desk = Desk()
    url = desk.mint()
    act(desk, "move", value="301")
    assert desk.get(url).header("location") == "/sign-in"
    assert state(desk)["ahead"] == 301
    for value in ("soon", "nan", "1e99", "", None):
        assert "expected seconds" in act(desk, "move", value=value, status=400)["error"]


def test_faults_are_injected_and_removed() -> None:
    desk = Desk()
    act(desk, "fault", value="throttle:1,skew:400")
    assert state(desk)["faults"] == "throttle:1,skew:400"
    assert state(desk)["ahead"] == 400
    desk.behind = -400
    assert refusal(desk.call(NAME))[0] == "ThrottlingException"
    act(desk, "fault", value="")
    desk.behind = 0
    assert state(desk)["ahead"] == 0
    assert desk.mint()
    assert "is unknown" in act(desk, "fault", value="rain:1", status=400)["error"]


def test_a_policy_is_put_in_force() -> None:
    desk = Desk()
    arn = "arn:aws:iam::123456789012:user/local"
    deny = {"Effect": "Deny", "Action": "*", "Resource": "*"}
    other = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [deny, other]})
    said = act(desk, "policy", value=document, identity=arn)["said"]
    assert "Ignored: the policy of the control page: Statement[1]" in said
    assert refusal(desk.call(NAME))[0] == "AccessDeniedException"
    assert "AccessDeniedException" in state(desk)["requests"][0]["outcome"]
    act(desk, "policy", value="", identity=arn)
    assert desk.mint()
    assert "not JSON" in act(desk, "policy", value="{", identity=arn, status=400)["error"]
    assert "there is no identity" in act(desk, "policy", value="", identity="arn", status=400)["error"]


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b"[" * 5000, b'{"action": "x"}', b'{"action": []}', b'"' + b"x" * 70000 + b'"'])  # fmt: skip
def test_what_is_not_an_action_is_refused(body: bytes) -> None:
    desk = Desk()
    headers = {"Host": AUTHORITY, "Content-Type": "application/json"}
    answer = desk.service.answer(Request("POST", f"{root(desk)}act", headers, body), HERE)
    assert answer.status == 400
    assert "expected" in json.loads(answer.body)["error"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},  # a content type that a form of another page can send
        {"Content-Type": "application/json", "Origin": "http://evil.example"},
        {"Content-Type": "application/json", "Origin": BASE, "Sec-Fetch-Site": "cross-site"},
        {"Content-Type": "application/json", "X-Forwarded-For": "127.0.0.1"},
    ],
)
def test_no_other_page_presses_a_button(headers: dict[str, str]) -> None:
    desk = Desk()
    body = b'{"action": "stop", "name": "nb"}'
    answer = desk.service.answer(
        Request("POST", f"{root(desk)}act", {"Host": AUTHORITY, **headers}, body), HERE
    )
    assert answer.status in (400, 403)
    assert [each["status"] for each in state(desk)["instances"]] == ["InService", "Stopped"]
    assert desk.service.answer(Request("POST", root(desk), {"Host": AUTHORITY}, body), HERE).status == 405
