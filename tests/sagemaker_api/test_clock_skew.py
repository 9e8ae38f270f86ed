"""The clock of the service: measured with each answer, corrected when signing; and expired credentials."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest

from sagemaker_api import SageMaker, ServiceError
from sagemaker_api.call import CallSettings, NeedCredentials, Send, Sleep, call
from sagemaker_api.clock_skew import ClockSkew
from sagemaker_api.endpoint import resolve
from sigv4 import Credentials, Request, Response
from sigv4.network.time_limits import TimeLimits
from sigv4.scope import parse_timestamp
from tests.sagemaker_api.calls import CREDENTIALS, OPERATION
from tests.sagemaker_api.test_call import OTHERS, VECTOR_TIME, Times, _settings, times  # noqa: F401 (a fixture)

MIDNIGHT = 1767225600  # 2026-01-01T00:00:00Z


def date(at: int) -> str:
    return f"Thu, 01 Jan 2026 {at // 3600:02}:{at // 60 % 60:02}:{at % 60:02} GMT"


@pytest.mark.parametrize(
    ("headers", "sent", "received", "skew"),
    [
        ({"Date": date(1)}, 0, 2, 0),
        ({"Date": date(301)}, 0, 2, 300),
        ({}, 0, 2, 77),
        ({"Date": "yesterday"}, 0, 2, 77),
        ({"Date": date(301), "Age": "17280"}, 0, 2, 77),
        ({"Date": date(900)}, 0, 900, 450),
        ({"Date": date(900)}, 0, 960, 77),
    ],
)
def test_the_vectors_of_the_rule(headers: dict[str, str], sent: int, received: int, skew: float) -> None:
    clock = ClockSkew("https://h/")
    clock.seconds = 77
    clock.measure(Response(200, headers), MIDNIGHT + sent, MIDNIGHT + received)
    assert clock.seconds == skew


@pytest.mark.parametrize(
    ("url", "trusted"),
    [
        ("https://h/", True),
        ("http://h/", False),
        ("http://127.0.0.1:8/", True),
        ("http://localhost/", True),
        ("http://[::1]:8/", True),
        ("http://127.evil.example/", False),
        ("http://127.0.0.1.example/", False),
        ("http://localhost.example/", False),
    ],
)
def test_the_date_of_an_answer_over_plain_http_beyond_loopback_is_not_used(url: str, trusted: bool) -> None:
    clock = ClockSkew(url)
    clock.measure(Response(200, {"Date": date(301)}), MIDNIGHT, MIDNIGHT + 2)
    assert (clock.seconds != 0) is trusted


def refusal(code: str, at: int) -> Response:
    seconds = VECTOR_TIME + at - 86400 - MIDNIGHT
    moment = f"Fri, 02 Jan 2026 {seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02} GMT"
    return Response(400, {"Date": moment}, json.dumps({"__type": code, "message": "m"}).encode())


OK = Response(200, {}, b'{"AuthorizedUrl": "https://h"}')


def drive(
    settings: Any, *answers: Response, credentials: tuple[Credentials, ...] = (CREDENTIALS,)
) -> tuple[list[Request], list[Any], Any]:
    """Makes a call with these answers; returns its requests, the credentials it asked for, and its result."""
    steps = call(settings, OPERATION, {"NotebookInstanceName": "x"})
    sent, asked, replies, keys = list[Request](), list[Any](), list(answers), list(credentials)
    answer: Any = None
    try:
        while True:
            step = steps.send(answer)
            if isinstance(step, NeedCredentials):
                asked.append(step.expired)
                answer = keys.pop(0) if len(keys) > 1 else keys[0]
            elif isinstance(step, Send):
                sent.append(step.request)
                answer = replies.pop(0)
            else:
                assert isinstance(step, Sleep)
                answer = None
    except StopIteration as end:
        return sent, asked, end.value
    except ServiceError as error:
        return sent, asked, error


def signed_at(request: Request) -> int:
    return parse_timestamp(str(dict(request.headers)["X-Amz-Date"])) - VECTOR_TIME


@pytest.mark.parametrize("minutes", [20, -20])
@pytest.mark.parametrize(
    "code", ["InvalidSignatureException", "RequestTimeTooSkewed", "AccessDeniedException"]
)
def test_a_wrong_clock_is_corrected_once_and_remembered(times: Times, minutes: int, code: str) -> None:  # noqa: F811 (a fixture)
    settings = _settings(times)
    sent, _, result = drive(settings, refusal(code, minutes * 60), OK)
    assert [signed_at(each) for each in sent] == [0, minutes * 60]
    assert result["AuthorizedUrl"]
    sent, _, _ = drive(settings, OK)
    assert [signed_at(each) for each in sent] == [minutes * 60]
    settings.skew.seconds = 0.0
    sent, _, error = drive(settings, refusal(code, minutes * 60), refusal(code, minutes * 60))
    assert len(sent) == 2, "once, and no more"
    assert error.code == code


def test_the_vector_of_the_next_operation() -> None:
    """Sent 00:00:00, received 00:00:02, Date 00:05:01; the next one is sent at 00:01:00."""
    now = [float(MIDNIGHT)]
    limits = TimeLimits(5.0, 10.0, 30.0)
    settings = CallSettings(resolve("us-west-2"), limits, clock=lambda: now[0], jitter=lambda: 0.0)
    refused = Response(403, {"Date": date(301)}, b'{"__type": "RequestTimeTooSkewed", "message": "m"}')
    signed: list[int] = []

    def run(*answers: Response) -> None:
        steps = call(settings, OPERATION, {"NotebookInstanceName": "x"})
        replies = list(answers)
        answer: Any = None
        with contextlib.suppress(StopIteration):
            while True:
                step = steps.send(answer)
                answer = CREDENTIALS if isinstance(step, NeedCredentials) else None
                if isinstance(step, Send):
                    signed.append(parse_timestamp(str(dict(step.request.headers)["X-Amz-Date"])) - MIDNIGHT)
                    now[0] += 2
                    answer = replies.pop(0)

    run(refused, Response(200, {"Date": date(303)}, OK.body))
    assert (signed, settings.skew.seconds) == ([0, 302], 300)
    now[0] = MIDNIGHT + 60
    run(Response(200, {"Date": date(361)}, OK.body))
    assert signed[2] == 360


@pytest.mark.parametrize("moment", ["Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 01 Jan 0001 00:00:00 GMT"])
def test_a_date_at_the_end_of_the_calendar_ends_in_the_refusal(times: Times, moment: str) -> None:  # noqa: F811 (a fixture)
    settings = _settings(times)
    refused = Response(403, {"Date": moment}, b'{"__type": "RequestTimeTooSkewed", "message": "m"}')
    for _ in range(2):
        _, _, error = drive(settings, refused, refused, refused)
        assert error.code == "RequestTimeTooSkewed"
        times.now += 60 if moment.startswith("Fri") else -60


def test_a_small_skew_is_remembered_and_not_a_reason_to_try_again(times: Times) -> None:  # noqa: F811 (a fixture)
    settings = _settings(times)
    sent, _, error = drive(settings, refusal("InvalidSignatureException", 120))
    assert (len(sent), error.code, settings.skew.seconds) == (1, "InvalidSignatureException", 120)
    drive(settings, Response(200, refusal("", 0).headers, OK.body))
    assert settings.skew.seconds == 0, "the correction ends when an answer has the right time again"


def test_expired_credentials_are_asked_for_again_once(times: Times) -> None:  # noqa: F811 (a fixture)
    expired = refusal("ExpiredTokenException", 0)
    sent, asked, result = drive(_settings(times), expired, OK, credentials=(CREDENTIALS, OTHERS))
    assert asked == [None, CREDENTIALS]
    assert result["AuthorizedUrl"]
    assert OTHERS.access_key_id in str(dict(sent[1].headers)["Authorization"])
    sent, _, error = drive(_settings(times), expired, expired, credentials=(CREDENTIALS, OTHERS))
    assert (len(sent), error.code) == (2, "ExpiredTokenException")


def test_without_other_credentials_nothing_is_sent_again(times: Times) -> None:  # noqa: F811 (a fixture)
    sent, asked, error = drive(_settings(times), refusal("ExpiredTokenException", 0))
    assert (len(sent), asked, error.code) == (1, [None, CREDENTIALS], "ExpiredTokenException")


def test_a_chain_looks_again_for_what_the_service_calls_expired(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.sagemaker_api.scripted import ScriptedServer, http

    program = tmp_path / "program.py"
    count = tmp_path / "count"
    count.write_text("0")
    program.write_text(
        "import json, pathlib, sys\n"
        f"count = pathlib.Path({str(count)!r})\n"
        "number = int(count.read_text()) + 1\n"
        "count.write_text(str(number))\n"
        "print(json.dumps({'Version': 1, 'AccessKeyId': f'AKID{number}', 'SecretAccessKey': 's'}))\n"
    )
    import sys

    (tmp_path / "config").write_text(
        f"[default]\nregion = eu-west-1\ncredential_process = {sys.executable} {program}\n"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    expired = http(400, b'{"__type": "ExpiredTokenException", "message": "m"}')
    with ScriptedServer(expired, http(200, OK.body), http(200, OK.body)) as server:
        with SageMaker(endpoint_url=server.url) as client:
            for _ in range(2):
                client.create_presigned_notebook_instance_url(NotebookInstanceName="x")
        key_ids = [server.headers(number)["authorization"].partition("AKID")[2][0] for number in range(3)]
    assert key_ids == ["1", "2", "2"]
