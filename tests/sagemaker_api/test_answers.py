"""Every form of answer over every transport, through respx and from a real socket."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
import respx

from sagemaker_api import ProtocolError, ServiceError, TransportError
from tests.sagemaker_api.answers import REFUSALS, STRANGERS, SUCCESSES, URL, NotAws, Refusal, Success
from tests.sagemaker_api.calls import OPERATION, TRANSPORTS, Caller
from tests.sagemaker_api.scripted import ScriptedServer, http

ENDPOINT = "https://api.sagemaker.us-west-2.amazonaws.com"
REDIRECT = http(302, "", ("Location", "https://elsewhere.example/?token=t"))

over_httpx = pytest.mark.parametrize(
    "call", [TRANSPORTS["httpx"], TRANSPORTS["async-httpx"]], ids=["httpx", "async-httpx"]
)


def _mocked(answer: Success | Refusal | NotAws) -> httpx.Response:
    return httpx.Response(answer.status, headers=list(answer.headers), stream=httpx.ByteStream(answer.body))


@pytest.mark.slow
@over_httpx
@pytest.mark.parametrize("answer", SUCCESSES, ids=lambda answer: answer.name)
def test_success_by_respx(call: Caller, answer: Success, respx_mock: respx.MockRouter) -> None:
    route = respx_mock.post(f"{ENDPOINT}/").mock(_mocked(answer))
    result = call(None)
    assert result.pop("ResponseMetadata")["HTTPStatusCode"] == answer.status
    assert result == answer.result
    assert route.call_count == 1
    assert route.calls.last.request.headers["x-amz-target"] == f"SageMaker.{OPERATION}"


@pytest.mark.slow
@over_httpx
@pytest.mark.parametrize("answer", REFUSALS, ids=lambda answer: answer.name)
def test_refusal_by_respx(call: Caller, answer: Refusal, respx_mock: respx.MockRouter) -> None:
    route = respx_mock.post(f"{ENDPOINT}/").mock(_mocked(answer))
    with pytest.raises(ServiceError) as raised:
        call(None)
    assert (raised.value.code, raised.value.message) == (answer.code, answer.message)
    assert route.call_count == 1


@over_httpx
@pytest.mark.parametrize("answer", STRANGERS, ids=lambda answer: answer.name)
def test_foreign_answer_by_respx(call: Caller, answer: NotAws, respx_mock: respx.MockRouter) -> None:
    route = respx_mock.post(f"{ENDPOINT}/").mock(_mocked(answer))
    with pytest.raises(ProtocolError) as raised:
        call(None)
    assert answer.words in str(raised.value)
    assert route.call_count == 1


@over_httpx
def test_html_503_is_retried_by_respx(call: Caller, respx_mock: respx.MockRouter) -> None:
    route = respx_mock.post(f"{ENDPOINT}/").mock(httpx.Response(503, html="<html>busy</html>"))
    with pytest.raises(ServiceError) as raised:
        call(None)
    assert str(raised.value) == (
        f"An error occurred (503) when calling the {OPERATION} operation (reached max retries: 2): "
        "Service Unavailable"
    )
    assert route.call_count == 3


@over_httpx
def test_redirect_is_not_followed_by_respx(call: Caller, respx_mock: respx.MockRouter) -> None:
    elsewhere = respx_mock.route(host="elsewhere.example").mock(httpx.Response(200, json={}))
    respx_mock.post(f"{ENDPOINT}/").mock(
        httpx.Response(307, headers={"Location": "https://elsewhere.example/?token=t"})
    )
    respx_mock._assert_all_called = False
    with pytest.raises(ServiceError) as raised:
        call(None)
    assert "redirects to https://elsewhere.example, and a signed request" in str(raised.value)
    assert (raised.value.code, raised.value.status) == ("307", 307)
    assert "token" not in str(raised.value)
    assert not elsewhere.called


@over_httpx
@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (httpx.ConnectError("no route"), "connect"),
        (httpx.ConnectTimeout("slow"), "connect-timeout"),
        (httpx.ReadTimeout("slow"), "read-timeout"),
        (httpx.ReadError("reset"), "closed"),
        (httpx.RemoteProtocolError("peer closed connection"), "closed"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_transport_faults_by_respx(
    call: Caller, fault: httpx.TransportError, kind: str, respx_mock: respx.MockRouter
) -> None:
    route = respx_mock.post(f"{ENDPOINT}/").mock(side_effect=fault)
    with pytest.raises(TransportError) as raised:
        call(None)
    assert raised.value.kind == kind
    assert route.call_count == 3


@pytest.mark.parametrize("answer", SUCCESSES, ids=lambda answer: answer.name)
def test_success(call: Caller, answer: Success) -> None:
    with ScriptedServer(http(answer.status, answer.body, *answer.headers)) as server:
        result = call(server.url)
    assert result.pop("ResponseMetadata")["HTTPStatusCode"] == answer.status
    assert result == answer.result
    assert len(server.requests) == 1


@pytest.mark.parametrize("answer", REFUSALS, ids=lambda answer: answer.name)
def test_refusal(call: Caller, answer: Refusal) -> None:
    with (
        ScriptedServer(http(answer.status, answer.body, *answer.headers)) as server,
        pytest.raises(ServiceError) as raised,
    ):
        call(server.url)
    assert (raised.value.code, raised.value.message) == (answer.code, answer.message)
    assert len(server.requests) == 1


@pytest.mark.parametrize("answer", STRANGERS, ids=lambda answer: answer.name)
def test_foreign_answer(call: Caller, answer: NotAws) -> None:
    with (
        ScriptedServer(http(answer.status, answer.body, *answer.headers)) as server,
        pytest.raises(ProtocolError) as raised,
    ):
        call(server.url)
    assert answer.words in str(raised.value)
    assert len(server.requests) == 1


def test_metadata_and_response_are_those_of_boto(call: Caller) -> None:
    headers = (("x-amzn-RequestId", "r-1"), ("X-Dup", "a"), ("x-dup", "b"))
    expected: dict[str, Any] = {
        "RequestId": "r-1",
        "HTTPStatusCode": 200,
        "HTTPHeaders": {"content-length": "89", "x-amzn-requestid": "r-1", "x-dup": "a, b"},
        "RetryAttempts": 0,
    }
    body = f'{{"AuthorizedUrl":"{URL}"}}'
    refusal = '{"__type":"ValidationException","message":"RecordNotFound"}'
    with ScriptedServer(http(200, body, *headers), http(400, refusal, *headers)) as server:
        expected["HTTPHeaders"]["content-length"] = str(len(body))
        assert call(server.url) == {"AuthorizedUrl": URL, "ResponseMetadata": expected}
        with pytest.raises(ServiceError) as raised:
            call(server.url)
    expected["HTTPHeaders"]["content-length"] = str(len(refusal))
    expected["HTTPStatusCode"] = 400
    error = raised.value
    assert error.response == {
        "Error": {"Code": "ValidationException", "Message": "RecordNotFound"},
        "ResponseMetadata": expected,
    }
    assert (error.operation_name, error.status, error.request_id, error.attempts) == (
        OPERATION,
        400,
        "r-1",
        1,
    )


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ((("x-amz-request-id", "3"), ("x-amzn-request-id", "2"), ("x-amzn-requestid", "1")), "1"),
        ((("x-amz-request-id", "3"), ("x-amzn-request-id", "2")), "2"),
        ((("X-AMZ-REQUEST-ID", "3"),), "3"),
        ((), ""),
    ],
)
def test_request_id_is_found_under_each_of_its_names(
    headers: tuple[tuple[str, str], ...], expected: str
) -> None:
    with ScriptedServer(http(400, "{}", *headers)) as server, pytest.raises(ServiceError) as raised:
        TRANSPORTS["stdlib"](server.url)
    assert raised.value.request_id == expected
    assert ("RequestId" in raised.value.response["ResponseMetadata"]) == bool(expected)


def test_html_503_is_retried_and_reported_by_its_name(call: Caller) -> None:
    with (
        ScriptedServer(http(503, "<html>busy</html>", ("Content-Type", "text/html"))) as server,
        pytest.raises(ServiceError) as raised,
    ):
        call(server.url)
    assert str(raised.value) == (
        f"An error occurred (503) when calling the {OPERATION} operation (reached max retries: 2): "
        "Service Unavailable"
    )
    assert raised.value.response["ResponseMetadata"]["MaxAttemptsReached"] is True
    assert raised.value.attempts == len(server.requests) == 3


def test_redirect_is_not_followed_and_nothing_is_sent_on(call: Caller) -> None:
    with ScriptedServer(http(200, "{}")) as elsewhere:
        answer = http(307, "", ("Location", f"{elsewhere.url}/?token=t"))
        with ScriptedServer(answer) as server, pytest.raises(ServiceError) as raised:
            call(server.url)
    assert f"redirects to {elsewhere.url}, and" in str(raised.value)
    assert (raised.value.code, len(server.requests), elsewhere.connections) == ("307", 1, 0)


def test_503_503_200_is_three_attempts_with_three_signatures(call: Caller) -> None:
    busy = http(503, '{"__type":"ServiceUnavailable"}')
    with ScriptedServer(busy, busy, http(200, '{"AuthorizedUrl":"u"}')) as server:
        result = call(server.url)
    sent = [server.headers(i) for i in range(3)]
    assert result["AuthorizedUrl"] == "u"
    assert result["ResponseMetadata"]["RetryAttempts"] == 2
    assert [headers["amz-sdk-request"] for headers in sent] == [f"attempt={n}; max=3" for n in (1, 2, 3)]
    assert len({headers["amz-sdk-invocation-id"] for headers in sent}) == 1
