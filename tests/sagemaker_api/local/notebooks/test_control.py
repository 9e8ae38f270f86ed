"""The control page: which requests get an answer, its headers, and the result of each action."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sagemaker_api.local import Client
from sagemaker_api.local.notebooks.control import Control
from sigv4 import Request, Response

from ..without_sockets import AUTHORITY, BASE, HERE, Desk

POLICY = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sagemaker:*","Resource":"*"}}'
ARN = "arn:aws:iam::123456789012:user/local"


def answer(desk: Desk, rest: str = "", method: str = "GET", body: bytes = b"", **headers: str) -> Response:
    fields = {"Host": AUTHORITY, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return desk.service.control.answer(
        Request(method, f"{desk.service.control.path}{rest}", fields, body), HERE
    )


def act(desk: Desk, body: object, content_type: str = "application/json") -> tuple[int, Any]:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    found = answer(desk, "act", "POST", raw, Content_Type=content_type)
    return found.status, json.loads(found.body)


def test_the_headers_of_an_answer_in_json() -> None:
    for found in (answer(Desk(), "state"), answer(Desk(), "act", "POST")):
        assert dict(found.headers) == {
            "Content-Type": "application/json",
            "Cache-Control": "no-store",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Resource-Policy": "same-origin",
        }
        assert len(found.headers) == 5


def test_the_whole_state() -> None:
    desk = Desk(delays=60, identities=None)
    desk.local.instances.set_status("off", "Failed", "why")
    desk.do("StopNotebookInstance", NotebookInstanceName="nb")
    desk.client = Client("127.0.0.1", user_agent="u" * 70)
    desk.do("ListNotebookInstances")
    desk.service.control._clock.move(0.6)
    found = json.loads(answer(desk, "state").body)
    requests = found.pop("requests")
    assert found == {
        "now": "2027-01-15 08:00:00 UTC",
        "ahead": 1,
        "faults": "",
        "newest": 2,
        "instances": [
            {"name": "nb", "status": "Stopping", "becomes": "Stopped in 59 s"},
            {"name": "off", "status": "Failed", "becomes": "why"},
        ],
        "sessions": [],
    }
    assert requests[0] == {
        "number": 2,
        "time": "08:00:00",
        "operation": "ListNotebookInstances",
        "status": 200,
        "outcome": "verified; ListNotebookInstances",
        "identity": ARN,
        "client": "127.0.0.1",
        "agent": "u" * 60,
        "explained": True,
    }
    assert [each["number"] for each in requests] == [2, 1]
    assert json.loads(answer(Desk(), "state").body)["newest"] == 0


@pytest.mark.parametrize(
    ("number", "status"),
    [
        ("1", 200),
        ("01", 200),
        ("2", 404),
        ("000000001", 200),
        ("0000000001", 404),
        ("", 404),
        ("x", 404),
        ("¹", 404),
    ],
)
def test_a_request_by_its_number(number: str, status: int) -> None:
    desk = Desk()
    desk.do("ListNotebookInstances")
    assert answer(desk, f"requests/{number}").status == status
    assert answer(desk, number).status == (404 if number else 200)
    assert answer(desk, f"request/{number}").status == 404


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": BASE}, 200),
        ({"Origin": f"https://{AUTHORITY}"}, 200),
        ({"Origin": f"ftp://{AUTHORITY}"}, 403),
        ({"Origin": ""}, 403),
        ({"Sec_Fetch_Site": "none"}, 200),
        ({"Sec_Fetch_Site": "same-origin"}, 200),
        ({"Sec_Fetch_Site": "same-site"}, 403),
        ({"Sec_Fetch_Site": "cross-site"}, 403),
        ({"Sec_Fetch_Dest": "document"}, 200),
        ({"Sec_Fetch_Dest": "empty"}, 200),
        ({"Sec_Fetch_Dest": "iframe"}, 403),
        ({"Sec_Fetch_Dest": "script"}, 403),
        ({"Referer": f"{BASE}/notebook/nb/"}, 403),
        ({"Referer": f"{BASE}/sign-in"}, 200),
        ({"Forwarded": "for=1"}, 403),
        ({"Via": "1.1 x"}, 403),
        ({"X_Real_IP": "1"}, 403),
        ({"X_Forwarded_Anything": "1"}, 403),
        ({"X_Forwarded": "1"}, 200),
    ],
)
def test_which_requests_are_answered(headers: dict[str, str], status: int) -> None:
    assert answer(Desk(), "state", "GET", b"", **headers).status == status


def test_only_this_machine_with_the_whole_path_is_answered() -> None:
    desk = Desk()
    control = desk.service.control
    for path, address, status in (
        (control.path, "127.0.0.1", 200),
        (control.path, "::1", 200),
        (control.path, "192.0.2.1", 403),
        (control.path, "", 403),
        (control.path[:-1], "127.0.0.1", 403),
        (control.path[:-2] + "/", "127.0.0.1", 403),
        (f"{control.path}?x=1", "127.0.0.1", 200),
        ("/_control/", "127.0.0.1", 403),
        ("/\udcff", "127.0.0.1", 403),
    ):
        request = Request("GET", path, {"Host": AUTHORITY})
        assert control.answer(request, Client(address)).status == status, path
    assert answer(desk, "", "POST").status == 405
    assert answer(desk, "state", "POST").status == 405


def test_the_secret_of_the_path() -> None:
    make: Any = Control
    given: tuple[Any, ...] = (None, [], None, None, None)
    assert make(*given, "s").path == "/_control/s/"
    made = [make(*given).path for _ in range(2)]
    assert made[0] != made[1]
    assert [len(path) for path in made] == [len("/_control//") + 32] * 2
    assert len(make(*given, "").path) > 40


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "expected a JSON object with an action"),
        (b"\xff", "expected a JSON object with an action"),
        (b"[" * 5000, "expected a JSON object with an action"),
        ({"action": []}, "expected a JSON object with an action"),
        ([], "expected an action, one of start, stop, mint, move, fault, policy"),
        ({}, "expected an action, one of start, stop, mint, move, fault, policy"),
        ({"action": "x"}, "expected an action, one of start, stop, mint, move, fault, policy"),
        (b" " * 65537, "expected a JSON object of at most 64 KiB"),
        (b" " * 65536, "expected a JSON object with an action"),
        ({"action": "start"}, "RecordNotFound"),
        ({"action": "mint", "name": "off"}, "the notebook instance is not InService"),
        ({"action": "mint"}, "the notebook instance is not InService"),
        ({"action": "move", "value": "x"}, "expected seconds, at most ten years of them: found 'x'"),
        ({"action": "move"}, "expected seconds, at most ten years of them: found None"),
        ({"action": "move", "value": True}, "expected seconds, at most ten years of them: found True"),
        (
            {"action": "move", "value": 10**400},
            f"expected seconds, at most ten years of them: found 1{'0' * 39}",
        ),
        (
            {"action": "move", "value": 316224001},
            "expected seconds, at most ten years of them: found 316224001",
        ),
        (
            {"action": "move", "value": -316224001},
            "expected seconds, at most ten years of them: found -316224001",
        ),
    ],
)
def test_refusals(body: object, said: str) -> None:
    assert act(Desk(), body) == (400, {"error": said})


def test_an_action_is_sent_as_json_once() -> None:
    desk = Desk()
    for kind in ("text/plain", "application/json; charset=utf-8", ""):
        assert act(desk, {"action": "stop", "name": "nb"}, kind)[0] == 400
    assert [each.status for each in desk.local.instances.all()] == ["InService", "Stopped"]


def test_what_each_action_says() -> None:
    desk = Desk()
    control = desk.service.control
    for body, said in (
        ({"action": "stop", "name": "nb"}, "nb is Stopping."),
        ({"action": "start", "name": "nb"}, "nb is Pending."),
        ({"action": "move", "value": 316224000}, "The clock was moved by 3.16224e+08 s."),
        ({"action": "move", "value": "-316224000"}, "The clock was moved by -3.16224e+08 s."),
        ({"action": "fault", "value": " skew:5 "}, "Faults: skew:5."),
        ({"action": "fault", "value": "skew:7"}, "Faults: skew:7."),
        ({"action": "policy", "identity": ARN, "value": ""}, f"{ARN} may do everything."),
        (
            {"action": "policy", "identity": ARN, "value": POLICY},
            f"{ARN} has only this policy.",
        ),
    ):
        assert act(desk, body) == (200, {"said": said})
    assert control._clock.ahead == 7
    assert control.faults.skew == 7
    assert act(desk, {"action": "fault"}) == (200, {"said": "No faults."})
    assert control._clock.ahead == 0


def test_minting_needs_an_identity() -> None:
    desk = Desk()
    status, members = act(desk, {"action": "mint", "name": "nb"})
    assert (status, members["said"]) == (200, f"A URL of {ARN} for nb: it opens for 5 minutes.")
    assert desk.get(members["open"].removeprefix(BASE)).status == 302
    desk.local.identities.remove(ARN)
    said = "there is no identity for which a URL could be made"
    assert act(desk, {"action": "mint", "name": "nb"}) == (400, {"error": said})
