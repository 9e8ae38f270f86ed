"""Which answers of credential endpoints lead to another attempt, and to how many."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from sigv4 import Request, Response
from sigv4.providers import attempts
from sigv4.providers.attempts import answer_to, is_no_json, is_transient
from sigv4.providers.fetch import Unreachable

KEYS = {"AccessKeyId": "ASIAEXAMPLE", "SecretAccessKey": "secret", "Token": "token"}
REQUEST = Request("GET", "http://h/", [("Authorization", "token")])


@pytest.mark.parametrize(
    ("status", "transient"), [(200, False), (400, False), (428, False), (429, True), (430, False), (499, False), (500, True), (503, True), (599, True)]
)  # fmt: skip
def test_which_statuses_are_transient(status: int, transient: bool) -> None:
    assert is_transient(Response(status)) is transient


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, b"{}", True),
        (200, b"x", True),
        (200, b'{"a":1}', False),
        (404, b"{}", False),
        (404, b'{"a":1}', False),
    ],
)
def test_answers_that_are_not_json(status: int, body: bytes, expected: bool) -> None:
    assert is_no_json(Response(status, (), body)) is expected


class Script:
    """Gives the answers of a list; raises those that are Unreachable."""

    def __init__(self, *answers: Response | Unreachable) -> None:
        self.answers = list(answers)
        self.seconds: list[float] = []

    def __call__(self, request: Request, seconds: float) -> Response:
        assert request == REQUEST
        self.seconds.append(seconds)
        found = self.answers.pop(0)
        if isinstance(found, Unreachable):
            raise found
        return found


OK, BUSY, GONE, LATER = Response(200), Response(503), Unreachable("gone"), Unreachable("later")


@pytest.mark.parametrize(
    ("answers", "more", "result", "asked"),
    [
        ((OK,), {}, OK, 1),
        ((BUSY, OK), {}, OK, 2),
        ((BUSY, BUSY, BUSY), {}, BUSY, 3),
        ((GONE, OK), {}, OK, 2),
        ((GONE, GONE, LATER), {}, "later", 3),
        ((BUSY, GONE, LATER), {}, "later", 3),
        ((GONE, BUSY, BUSY), {}, BUSY, 3),
        ((GONE,), {"unanswered": 1}, "gone", 1),
        ((GONE, LATER), {"unanswered": 2}, "later", 2),
        ((BUSY, GONE, OK), {"unanswered": 1}, OK, 3),
        ((BUSY,), {"attempts": 1}, BUSY, 1),
        ((BUSY,) * 5, {"attempts": 5}, BUSY, 5),
        ((OK, OK, OK), {"again": lambda answer: True}, OK, 3),
    ],
)
def test_what_is_retried(
    monkeypatch: pytest.MonkeyPatch, answers: Any, more: dict[str, Any], result: Any, asked: int
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(attempts, "_PAUSE", 0.5)
    monkeypatch.setattr(attempts, "time", SimpleNamespace(sleep=pauses.append))
    script = Script(*answers)
    if isinstance(result, str):
        with pytest.raises(Unreachable, match=f"^{result}$"):
            answer_to(REQUEST, script, 7.0, **more)
    else:
        assert answer_to(REQUEST, script, 7.0, **more) is result
    assert script.seconds == [7.0] * asked
    assert pauses == [0.5, 1.0, 2.0, 4.0][: asked - 1]
