"""The retry rules, row by row, with scripted answers: the requests, their times and signatures, and the result."""

from __future__ import annotations

import json
import time
from email.utils import formatdate
from typing import Any

import pytest

from sagemaker_api import ConfigError, SageMaker, SageMakerError, ServiceError, TransportError
from sigv4 import Response
from sigv4.scope import parse_timestamp
from tests.sagemaker_api.calls import CREDENTIALS, PARAMS, Caller
from tests.sagemaker_api.driven import drive, settings_of
from tests.sagemaker_api.scripted import Answer, ScriptedServer, http
from tests.sagemaker_api.scripted_transport import Scripted, refused
from tests.sagemaker_api.test_call import Times

OK = http(200, '{"AuthorizedUrl":"u"}')


def _error(code: str, status: int = 400) -> bytes:
    return http(status, json.dumps({"__type": code, "message": "m"}))


def _outcome(call: Caller, answers: list[Answer], **others: Any) -> tuple[int, str]:
    """How often the request was sent, and the result: ``"ok"``, or the error's code or kind."""
    with ScriptedServer(*answers) as server:
        try:
            call(server.url, **others)
            outcome = "ok"
        except SageMakerError as error:
            outcome = str(getattr(error, "code", "") or getattr(error, "kind", error))
        return len(server.requests), outcome


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_transient_status_is_sent_again_twice(call: Caller, status: int) -> None:
    page = http(status, "<html>")
    assert _outcome(call, [page, OK]) == (2, "ok")
    assert _outcome(call, [page]) == (3, str(status))


@pytest.mark.parametrize("code", ["RequestTimeout", "RequestTimeoutException", "PriorRequestNotComplete"])
def test_a_transient_code_is_sent_again(call: Caller, code: str) -> None:
    assert _outcome(call, [_error(code), OK]) == (2, "ok")


@pytest.mark.slow
@pytest.mark.parametrize(
    "code",
    "Throttling ThrottlingException ThrottledException RequestThrottled RequestThrottledException "
    "TooManyRequestsException ProvisionedThroughputExceededException TransactionInProgressException "
    "RequestLimitExceeded BandwidthLimitExceeded LimitExceededException SlowDown EC2ThrottledException".split(),
)
def test_a_throttling_code_is_sent_again(call: Caller, code: str) -> None:
    assert _outcome(call, [_error(code), OK]) == (2, "ok")


def test_429_is_sent_again_and_a_modeled_error_is_not(call: Caller) -> None:
    assert _outcome(call, [_error("Anything", 429), OK]) == (2, "ok")
    assert _outcome(call, [_error("ResourceLimitExceeded", 429)]) == (1, "ResourceLimitExceeded")


@pytest.mark.slow
@pytest.mark.parametrize(
    "code",
    "ValidationException AccessDeniedException InvalidSignatureException SignatureDoesNotMatch "
    "UnrecognizedClientException ExpiredTokenException MissingAuthenticationTokenException "
    "IncompleteSignatureException SerializationException UnknownOperationException ResourceLimitExceeded "
    "ResourceNotFound".split(),
)
@pytest.mark.parametrize("status", [400, 403])
def test_no_other_refusal_is_sent_again(call: Caller, code: str, status: int) -> None:
    assert _outcome(call, [_error(code, status), OK]) == (1, code)


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (None, "ok"),
        (lambda connection: connection.sendall(OK[:-3]), "ok"),
        (lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\nConte"), "ok"),
    ],
    ids=["hang-up", "cut body", "cut head"],
)
def test_a_call_whose_answer_was_lost_is_sent_again(call: Caller, answer: Answer, outcome: str) -> None:
    assert _outcome(call, [answer, OK]) == (2, outcome)


def test_503_503_200_is_three_dates_and_three_signatures() -> None:
    times = Times()
    settings = settings_of(times)
    requests, waits = drive(settings, times, [Response(503), Response(503), Response(200, (), b"{}")], slow=2)
    headers = [dict(request.headers) for request in requests]
    assert len({each["X-Amz-Date"] for each in headers}) == 3
    assert len({each["Authorization"] for each in headers}) == 3
    assert len({each["amz-sdk-invocation-id"] for each in headers}) == 1
    assert waits == [0.05, 0.1]
    assert settings.quota.left == 486


@pytest.mark.parametrize(
    ("answers", "left"),
    [
        ([Response(200)], 500),
        ([Response(503), Response(200)], 500),
        ([Response(503), Response(503), Response(200)], 486),
        ([Response(503)] * 3, 472),
        ([Response(429)] * 3, 490),
        ([TransportError("read-timeout", "u"), Response(400)], 486),
        ([Response(400)], 500),
    ],
)
def test_the_quota_arithmetic(answers: list[Any], left: int) -> None:
    times = Times()
    settings = settings_of(times)
    drive(settings, times, list(answers))
    assert settings.quota.left == left


@pytest.mark.parametrize(("hint", "seconds"), [("1500", 1.5), ("0", 0.05), ("10000", 5.05), ("soon", 0.05)])
def test_the_services_own_wait_counts_within_five_seconds(hint: str, seconds: float) -> None:
    times = Times()
    settings = settings_of(times)
    _, waits = drive(settings, times, [Response(503, {"x-amz-retry-after": hint}), Response(200)])
    assert waits == pytest.approx([seconds])


@pytest.mark.parametrize("minutes", [20, -20])
def test_a_clock_twenty_minutes_off_is_corrected_once_and_remembered(call: Caller, minutes: int) -> None:
    def at(seconds: float) -> str:
        return formatdate(time.time() + seconds, usegmt=True)

    off = minutes * 60
    refusal = http(403, '{"__type":"InvalidSignatureException"}', ("Date", at(off)))
    again = http(200, '{"AuthorizedUrl":"u"}', ("Date", at(off)))
    right = http(200, '{"AuthorizedUrl":"u"}', ("Date", at(0)))
    with ScriptedServer(refusal, again, right, right) as server:
        call(server.url, calls=3)
    dates = [parse_timestamp(server.headers(number)["x-amz-date"]) for number in range(4)]
    assert [round((date - dates[0]) / 60) for date in dates] == [0, minutes, minutes, 0]
    assert _outcome(call, [refusal]) == (2, "InvalidSignatureException")


# ---- how often


@pytest.mark.parametrize("most", [1, 2, 5])
def test_max_attempts_counts_the_first(most: int) -> None:
    transport = Scripted(*[Response(503)] * 5)
    client = SageMaker("us-east-1", credentials=CREDENTIALS, transport=transport, max_attempts=most)
    client._settings.jitter = lambda: 0.0
    with pytest.raises(ServiceError) as raised:
        client.create_presigned_notebook_instance_url(NotebookInstanceName="my-nb")
    assert (len(transport.calls), raised.value.attempts, client.max_attempts) == (most, most, most)
    assert dict(transport.requests[0].headers)["amz-sdk-request"] == f"attempt=1; max={most}"
    assert f"(reached max retries: {most - 1})" in str(raised.value)


def test_three_attempts_are_made_by_default() -> None:
    assert SageMaker("us-east-1", credentials=CREDENTIALS).max_attempts == 3
    wrong: Any
    for wrong in (0, -1, True, "3", 2.0):
        with pytest.raises(ConfigError, match=r"^argument: max_attempts is "):
            SageMaker("us-east-1", credentials=CREDENTIALS, max_attempts=wrong)


# ---- a repeated Start

PENDING = "Status (Pending) not in ([Stopped, Failed]). Unable to transition to (Pending) for Notebook Instance (arn)."


def _start(*answers: Any, operation: str = "start_notebook_instance") -> tuple[Any, Scripted]:
    transport = Scripted(*answers)
    client = SageMaker("us-east-1", credentials=CREDENTIALS, transport=transport)
    client._settings.jitter = lambda: 0.0
    return getattr(client, operation)(**PARAMS), transport


@pytest.mark.parametrize(
    "lost", [TransportError("closed", "u"), TransportError("read-timeout", "u"), Response(500)]
)
@pytest.mark.parametrize("status", ["Pending", "InService"])
def test_a_start_whose_answer_was_lost_has_succeeded_if_the_next_attempt_finds_it_done(
    lost: Any, status: str
) -> None:
    result, transport = _start(lost, refused("ValidationException", PENDING.replace("Pending", status, 1)))
    assert len(transport.calls) == 2
    assert result["ResponseMetadata"]["RetryAttempts"] == 1
    assert list(result) == ["ResponseMetadata"]


@pytest.mark.parametrize("status", ["Stopping", "Stopped"])
def test_a_stop_whose_answer_was_lost_has_succeeded_too(status: str) -> None:
    message = f"Status ({status}) not in ([InService]). Unable to transition to (Stopping) for …"
    lost = TransportError("closed", "u")
    assert _start(lost, refused("ValidationException", message), operation="stop_notebook_instance")[0]


@pytest.mark.parametrize(
    ("answers", "operation"),
    [
        ([refused("ValidationException", PENDING)], "start_notebook_instance"),
        (
            [refused("ThrottlingException", "m"), refused("ValidationException", PENDING)],
            "start_notebook_instance",
        ),
        (
            [
                TransportError("closed", "u"),
                refused("ValidationException", PENDING.replace("Pending", "Failed", 1)),
            ],
            "start_notebook_instance",
        ),
        (
            [
                TransportError("closed", "u"),
                refused("ValidationException", PENDING.replace("Pending", "Deleting", 1)),
            ],
            "start_notebook_instance",
        ),
        (
            [TransportError("closed", "u"), refused("AccessDeniedException", PENDING)],
            "start_notebook_instance",
        ),
        ([TransportError("closed", "u"), refused("ValidationException", PENDING)], "stop_notebook_instance"),
        (
            [TransportError("closed", "u"), refused("ValidationException", PENDING)],
            "describe_notebook_instance",
        ),
    ],
    ids=["first", "never begun", "failed", "deleting", "denied", "stop", "describe"],
)
def test_any_other_refusal_of_a_repeated_call_is_an_error(answers: list[Any], operation: str) -> None:
    with pytest.raises(ServiceError):
        _start(*answers, operation=operation)
