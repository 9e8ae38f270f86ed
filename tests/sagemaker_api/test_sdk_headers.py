"""The SDK headers of a call: the time to live of an attempt, and the trace of a Lambda function."""

from __future__ import annotations

import pytest

from sagemaker_api import SageMaker
from sagemaker_api.sdk_headers import lambda_trace_id
from sigv4 import Response
from tests.sagemaker_api.calls import CREDENTIALS
from tests.sagemaker_api.driven import drive, settings_of
from tests.sagemaker_api.scripted_transport import Scripted
from tests.sagemaker_api.test_call import VECTOR_TIME, Times


def test_the_time_to_live_is_sent_once_the_services_clock_is_known() -> None:
    times = Times()
    settings = settings_of(times)
    dated = Response(503, {"Date": "Fri, 02 Jan 2026 03:05:05 GMT"})  # a minute ahead of VECTOR_TIME
    assert VECTOR_TIME == 1767323045
    sent, _ = drive(settings, times, [dated, Response(503), Response(200)])
    seen = [dict(request.headers)["amz-sdk-request"] for request in sent]
    assert seen[0] == "attempt=1; max=3"
    assert seen[1:] == [f"ttl=20260102T030515Z; attempt={n}; max=3" for n in (2, 3)]
    sent, _ = drive(settings, times, [Response(200)])
    assert dict(sent[0].headers)["amz-sdk-request"] == "attempt=1; max=3"


def test_the_latest_possible_date_causes_no_error() -> None:
    times = Times()
    settings = settings_of(times)
    last = Response(503, {"Date": "Fri, 31 Dec 9999 23:59:59 GMT"})
    sent, _ = drive(settings, times, [last, Response(503), Response(200)])
    assert str(dict(sent[1].headers)["amz-sdk-request"]).startswith("ttl=99991231T235959Z; ")


@pytest.mark.parametrize(
    ("environ", "value"),
    [
        ({}, ""),
        ({"_X_AMZN_TRACE_ID": "Root=1-2"}, ""),
        ({"AWS_LAMBDA_FUNCTION_NAME": "f"}, ""),
        (
            {
                "AWS_LAMBDA_FUNCTION_NAME": "f",
                "_X_AMZN_TRACE_ID": "Root=1-57ff426a-80c11c39b0c928905eb0828d;Sampled=1",
            },
            "Root=1-57ff426a-80c11c39b0c928905eb0828d;Sampled=1",
        ),
        (
            {"AWS_LAMBDA_FUNCTION_NAME": "f", "_X_AMZN_TRACE_ID": "first\nsecond\u00b6é=;:+&[]{}\"'-, /"},
            "first%0Asecond%C2%B6%C3%A9=;:+&[]{}\"'-,%20%2F",
        ),
    ],
)
def test_the_trace_of_a_lambda_function_is_passed_on(environ: dict[str, str], value: str) -> None:
    assert lambda_trace_id(environ) == value


def test_the_trace_is_read_for_each_call_and_sent_unsigned(monkeypatch: pytest.MonkeyPatch) -> None:
    transport = Scripted(Response(200), Response(200))
    client = SageMaker("us-east-1", credentials=CREDENTIALS, transport=transport)
    client.create_presigned_notebook_instance_url(NotebookInstanceName="my-nb")
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "f")
    monkeypatch.setenv("_X_AMZN_TRACE_ID", "Root=1-2")
    client.create_presigned_notebook_instance_url(NotebookInstanceName="my-nb")
    seen = [dict(request.headers) for request in transport.requests]
    assert [headers.get("X-Amzn-Trace-Id") for headers in seen] == [None, "Root=1-2"]
    assert "trace" not in str(seen[1]["Authorization"])
