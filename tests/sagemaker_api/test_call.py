"""One call as a generator: its steps, their order, and the results. No sockets."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from sagemaker_api import ParamValidationError, ServiceError, TransportError
from sagemaker_api.call import UNSIGNED, CallSettings, NeedCredentials, Send, Sleep, call
from sagemaker_api.endpoint import resolve
from sigv4 import Credentials, Response
from sigv4.network.time_limits import TimeLimits
from tests.sagemaker_api.calls import CREDENTIALS, OPERATION

VECTOR_TIME = 1767323045  # 2026-01-02T03:04:05Z
OTHERS = Credentials("AKIDOTHER", "other", "SESSIONTOKEN==")


class Times:
    """A clock that only the test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def epoch(self) -> float:
        return VECTOR_TIME + self.now


@pytest.fixture
def times() -> Times:
    return Times()


def _settings(times: Times, deadline: float = 30.0, url: str | None = None) -> CallSettings:
    return CallSettings(
        resolve("us-west-2", endpoint_url=url),
        TimeLimits(5.0, 10.0, deadline),
        clock=times.epoch,
        monotonic=times.monotonic,
        jitter=lambda: 1.0,
    )


def _start(times: Times, params: dict[str, object] | None = None, **others: Any) -> Generator[Any, Any, Any]:
    return call(
        _settings(times, **others), OPERATION, {"NotebookInstanceName": "my-nb"} if params is None else params
    )


def _sent(
    steps: Generator[Any, Any, Any], answer: object = None, credentials: Credentials = CREDENTIALS
) -> Send:
    need = steps.send(answer)
    if isinstance(need, Sleep):
        need = steps.send(None)
    assert need == NeedCredentials()
    sent = steps.send(credentials)
    assert isinstance(sent, Send)
    return sent


@pytest.mark.parametrize(
    ("operation", "params", "credentials", "signature"),
    [
        (
            OPERATION,
            {"NotebookInstanceName": "my-nb", "SessionExpirationDurationInSeconds": 3600},
            CREDENTIALS,
            "e77727125caf760086d87570591f3ce52f94ec4607c39dbcd5e07900b29159d5",
        ),
        (
            OPERATION,
            {"NotebookInstanceName": "my-nb", "SessionExpirationDurationInSeconds": 3600},
            Credentials("AKIDEXAMPLE", CREDENTIALS.secret_access_key, "SESSIONTOKEN=="),
            "8c30364fb8f8859fde7564522afb313ddf80e925025b28a6b9fb90d23d25f7cd",
        ),
        (
            "ListNotebookInstances",
            {},
            CREDENTIALS,
            "41acd7cae2bea7033d5540a09a16668bb3e966a09eea3f7a0f9518ead75ce84f",
        ),
    ],
)
def test_the_request_is_that_of_the_published_vectors(
    times: Times, operation: str, params: dict[str, object], credentials: Credentials, signature: str
) -> None:
    request = _sent(call(_settings(times), operation, params), None, credentials).request
    headers = {name.lower(): value for name, value in request.headers}
    assert (request.method, request.url) == ("POST", "https://api.sagemaker.us-west-2.amazonaws.com/")
    assert str(headers["authorization"]).endswith(f"Signature={signature}")
    assert headers.get("x-amz-security-token") == credentials.session_token


def test_each_attempt_is_signed_again_with_the_current_credentials(times: Times) -> None:
    steps = _start(times)
    requests = [_sent(steps).request]
    times.now += 2
    requests.append(_sent(steps, Response(503), OTHERS).request)
    times.now += 2
    requests.append(_sent(steps, TransportError("closed", "u")).request)
    seen = [{name.lower(): str(value) for name, value in request.headers} for request in requests]
    assert [headers["x-amz-date"] for headers in seen] == [
        "20260102T030405Z",
        "20260102T030407Z",
        "20260102T030409Z",
    ]
    assert len({headers["authorization"] for headers in seen}) == 3
    assert ["AKIDOTHER/" in headers["authorization"] for headers in seen] == [False, True, False]
    assert [headers.get("x-amz-security-token") for headers in seen] == [None, "SESSIONTOKEN==", None]


def test_the_sdk_headers_are_sent_unsigned_and_name_the_attempt(times: Times) -> None:
    steps = _start(times)
    seen = [dict(_sent(steps, answer).request.headers) for answer in (None, Response(503), Response(503))]
    assert [headers["amz-sdk-request"] for headers in seen] == [f"attempt={n}; max=3" for n in (1, 2, 3)]
    assert len({headers["amz-sdk-invocation-id"] for headers in seen}) == 1
    for headers in seen:
        signed = str(headers["Authorization"]).partition("SignedHeaders=")[2].partition(",")[0].split(";")
        assert signed == ["content-type", "host", "x-amz-date", "x-amz-target"]
        assert str(headers["User-Agent"]).startswith("sigv4/")


def test_the_invocation_id_is_a_new_version_4_uuid(times: Times) -> None:
    import uuid

    texts = {str(dict(_sent(_start(times)).request.headers)["amz-sdk-invocation-id"]) for _ in range(50)}
    assert len(texts) == 50
    assert all(str(uuid.UUID(text)) == text and uuid.UUID(text).version == 4 for text in texts)


def test_the_waits_are_those_of_the_retry_policy_and_the_result_has_their_number(times: Times) -> None:
    steps = _start(times)
    _sent(steps)
    assert steps.send(Response(503)) == Sleep(0.05)
    assert steps.send(None) == NeedCredentials()
    steps.send(CREDENTIALS)
    throttled = Response(400, {"x-amz-retry-after": "3000"}, b'{"__type":"ThrottlingException"}')
    assert steps.send(throttled) == Sleep(3.0)
    steps.send(None)
    steps.send(CREDENTIALS)
    with pytest.raises(StopIteration) as end:
        steps.send(Response(200, (), b'{"AuthorizedUrl":"u"}'))
    assert end.value.value == {
        "AuthorizedUrl": "u",
        "ResponseMetadata": {
            "HTTPStatusCode": 200,
            "HTTPHeaders": {},
            "MaxAttemptsReached": True,
            "RetryAttempts": 2,
        },
    }


def test_the_last_error_is_the_one_raised(times: Times) -> None:
    steps = _start(times)
    _sent(steps)
    _sent(steps, Response(503))
    _sent(steps, TransportError("closed", "u"))
    with pytest.raises(ServiceError) as raised:
        steps.send(Response(400, (), b'{"__type":"ValidationException","message":"m"}'))
    assert str(raised.value) == (
        f"An error occurred (ValidationException) when calling the {OPERATION} operation "
        "(reached max retries: 2): m"
    )


def test_the_quota_is_the_clients_and_its_end_is_reported(times: Times) -> None:
    settings = _settings(times)
    while settings.quota.take(14):
        pass
    steps = call(settings, OPERATION, {"NotebookInstanceName": "x"})
    _sent(steps)
    with pytest.raises(ServiceError) as raised:
        steps.send(Response(503))
    assert raised.value.response["ResponseMetadata"]["RetryQuotaReached"] is True
    assert raised.value.attempts == 1


def test_the_deadline_is_for_all_attempts_together(times: Times) -> None:
    steps = _start(times, deadline=30.0)
    assert _sent(steps).limits == TimeLimits(5.0, 10.0, 30.0)
    times.now = 12.0
    assert _sent(steps, TransportError("read-timeout", "u")).limits == TimeLimits(5.0, 10.0, 18.0)
    times.now = 29.95
    with pytest.raises(TransportError) as raised:
        steps.send(TransportError("read-timeout", "u"))  # the wait of 0.1 s would not end before the deadline
    assert raised.value.kind == "read-timeout"


def test_the_deadline_does_not_run_while_credentials_are_asked_for(times: Times) -> None:
    """A person may be typing an MFA code, or a program may have opened a browser."""
    steps = _start(times, deadline=3.0)
    assert next(steps) == NeedCredentials()
    times.now = 40.0
    step = steps.send(CREDENTIALS)
    assert isinstance(step, Send)
    assert step.limits.total == 3.0
    times.now = 42.0
    assert isinstance(steps.send(TransportError("connect", "url")), Sleep)
    assert next(steps) == NeedCredentials()
    times.now = 82.0
    step = steps.send(CREDENTIALS)
    assert isinstance(step, Send)
    assert step.limits.total == 1.0


def test_unsigned_requests_hold_no_signature_and_their_own_host(times: Times) -> None:
    steps = _start(times)
    assert next(steps) == NeedCredentials()
    step = steps.send(UNSIGNED)
    assert isinstance(step, Send)
    names = {name.lower() for name, _ in step.request.headers}
    assert "host" in names
    assert not names & {"authorization", "x-amz-date", "x-amz-security-token"}


@pytest.mark.parametrize("operation", ["", "List Notebooks", "A.B", "Ünknown", 'X"\r\nY'])
def test_an_operation_name_that_cannot_be_one_is_refused_before_anything_is_asked_for(
    times: Times, operation: str
) -> None:
    with pytest.raises(ParamValidationError, match="Invalid operation name"):
        next(call(_settings(times), operation, {}))


def test_parameters_are_checked_before_anything_is_asked_for(times: Times) -> None:
    with pytest.raises(ParamValidationError):
        next(_start(times, {}))


def test_an_operation_without_a_method_is_sent_unchecked_and_comes_back_whole(times: Times) -> None:
    steps = call(_settings(times), "DescribeTrainingJob", {"Anything": [1]})
    request = _sent(steps).request
    assert request.body == b'{"Anything":[1]}'
    assert dict(request.headers)["X-Amz-Target"] == "SageMaker.DescribeTrainingJob"
    with pytest.raises(StopIteration) as end:
        steps.send(Response(200, (), b'{"CreationTime":1540334777.501,"X":null}'))
    result = end.value.value
    assert (result["CreationTime"], result["X"]) == (1540334777.501, None)


@pytest.mark.parametrize(
    ("endpoint_url", "url"),
    [
        ("http://h:1", "http://h:1/"),
        ("http://h/", "http://h/"),
        ("http://h/p", "http://h/p"),
        ("http://h/p/", "http://h/p/"),
    ],
)
def test_the_path_of_a_custom_endpoint_is_the_path_requested(
    times: Times, endpoint_url: str, url: str
) -> None:
    assert _sent(_start(times, url=endpoint_url)).request.url == url
