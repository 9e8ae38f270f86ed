"""``SageMaker`` and ``AsyncSageMaker``: their arguments, and the names and errors of boto3."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sagemaker_api import (
    AsyncSageMaker,
    AsyncStdlibTransport,
    ClientError,
    ConfigError,
    CredentialsError,
    HttpxTransport,
    SageMaker,
    ServiceError,
    StdlibTransport,
)
from sigv4 import Credentials
from tests.sagemaker_api.calls import CREDENTIALS, arguments
from tests.sagemaker_api.recorder import OK, Recorder
from tests.sagemaker_api.scripted import ScriptedServer, http


def _key_ids(recorder: Recorder) -> list[str]:
    values = [str(dict(request.headers)["Authorization"]) for request in recorder.requests]
    return [value.partition("Credential=")[2].partition("/")[0] for value in values]


# ---- arguments


def test_region_endpoint_and_credentials_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedServer(OK) as server:
        for name, value in {
            "AWS_REGION": "eu-west-1",
            "AWS_ENDPOINT_URL_SAGEMAKER": server.url,
            "AWS_ACCESS_KEY_ID": "AKIDENV",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_SESSION_TOKEN": "token",
        }.items():
            monkeypatch.setenv(name, value)
        with SageMaker() as client:
            client.create_presigned_notebook_instance_url(NotebookInstanceName="x")
            monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDROTATED")
            client.create_presigned_notebook_instance_url(NotebookInstanceName="x")
    assert "Credential=AKIDENV/" in server.headers(0)["authorization"]
    assert "/eu-west-1/sagemaker/aws4_request" in server.headers(0)["authorization"]
    assert server.headers(0)["x-amz-security-token"] == "token"
    assert "Credential=AKIDROTATED/" in server.headers(1)["authorization"]


def test_arguments_come_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "AWS_REGION",
        "AWS_ENDPOINT_URL",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
    ):
        monkeypatch.setenv(name, "http-wrong")
    recorder = Recorder()
    client = SageMaker(
        "us-east-2",
        endpoint_url="http://h",
        aws_access_key_id="AKIDARG",
        aws_secret_access_key="secret",
        transport=recorder,
    )
    client.call("X")
    assert recorder.requests[0].url == "http://h/"
    assert _key_ids(recorder) == ["AKIDARG"]
    assert "X-Amz-Security-Token" not in dict(recorder.requests[0].headers)
    assert repr(client) == "SageMaker(region_name='us-east-2', endpoint_url='http://h')"


def test_fips_and_dual_stack_by_argument_and_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    def url(**others: Any) -> str:
        recorder = Recorder()
        SageMaker("us-east-1", credentials=CREDENTIALS, transport=recorder, **others).call("X")
        return recorder.requests[0].url

    assert url(use_fips_endpoint=True) == "https://api-fips.sagemaker.us-east-1.amazonaws.com/"
    assert url(use_dualstack_endpoint=True) == "https://api.sagemaker.us-east-1.api.aws/"
    monkeypatch.setenv("AWS_USE_FIPS_ENDPOINT", "true")
    assert url() == "https://api-fips.sagemaker.us-east-1.amazonaws.com/"
    assert url(use_fips_endpoint=False) == "https://api.sagemaker.us-east-1.amazonaws.com/"


def test_a_callable_is_asked_for_every_attempt() -> None:
    given = iter([Credentials("AKIDONE", "s"), Credentials("AKIDTWO", "s"), Credentials("AKIDTHREE", "s")])
    with ScriptedServer(http(503), http(503), OK) as server, StdlibTransport() as transport:
        SageMaker(**arguments(server.url, credentials=lambda: next(given), transport=transport)).call("X")
    seen = [
        server.headers(i)["authorization"].partition("Credential=")[2].partition("/")[0] for i in range(3)
    ]
    assert seen == ["AKIDONE", "AKIDTWO", "AKIDTHREE"]


def test_the_asyncio_client_awaits_credentials_that_must_be_awaited() -> None:
    async def awaited() -> Credentials:
        await asyncio.sleep(0)
        return Credentials("AKIDAWAITED", "s")

    async def main(url: str) -> None:
        async with AsyncStdlibTransport() as transport:
            await AsyncSageMaker(**arguments(url, credentials=awaited, transport=transport)).call("X")

    with ScriptedServer(OK) as server:
        asyncio.run(main(server.url))
    assert "Credential=AKIDAWAITED/" in server.headers()["authorization"]


def test_time_limits_are_those_given() -> None:
    recorder = Recorder()
    SageMaker(**arguments(None, transport=recorder, deadline=7, connect_timeout=2, read_timeout=3)).call("X")
    assert (recorder.limits[0].connect, recorder.limits[0].read) == (2, 3)
    assert 6 < recorder.limits[0].total <= 7


def test_missing_credentials_are_reported_when_they_are_needed() -> None:
    client = SageMaker("us-east-1", transport=Recorder())
    with pytest.raises(CredentialsError, match=r"^Unable to locate credentials$"):
        client.call("X")


@pytest.mark.parametrize(
    ("others", "words"),
    [
        ({"profile_name": "work"}, "The config profile (work) could not be found"),
        (
            {"aws_access_key_id": "AKID", "aws_secret_access_key": "s"},
            "both credentials= and aws_access_key_id=",
        ),
        ({"verify": "/nowhere.pem"}, "the CA bundle '/nowhere.pem' does not exist"),
        ({"deadline": 0}, "deadline=0: expected seconds, more than 0"),
        ({"deadline": float("inf")}, "deadline=inf"),
        ({"read_timeout": -1}, "read_timeout=-1"),
        ({"connect_timeout": "5"}, "connect_timeout='5'"),
        ({"connect_timeout": True}, "connect_timeout=True"),
        ({"deadline": float("nan")}, "deadline=nan"),
    ],
)
@pytest.mark.parametrize("make", [SageMaker, AsyncSageMaker])
def test_values_that_a_client_refuses(make: Callable[..., Any], others: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError) as raised:
        make(**arguments(None, **others))
    assert words in str(raised.value)


@pytest.mark.parametrize(
    ("others", "missing"),
    [
        ({"aws_access_key_id": "AKID"}, "aws_secret_access_key"),
        ({"aws_secret_access_key": "s"}, "aws_access_key_id"),
        ({"aws_session_token": "t"}, "aws_access_key_id"),
    ],
)
def test_partial_credentials(others: dict[str, Any], missing: str) -> None:
    with pytest.raises(CredentialsError) as raised:
        SageMaker("us-east-1", **others)
    assert str(raised.value) == f"Partial credentials found in explicit, missing: {missing}"


def test_a_ca_bundle_of_the_environment_counts_unless_verify_is_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", "/nowhere.pem")
    with pytest.raises(ConfigError, match=r"/nowhere\.pem"):
        SageMaker(**arguments(None))
    SageMaker(**arguments(None, verify=True))
    SageMaker(**arguments(None, verify=False))


def test_the_default_is_httpx() -> None:
    with ScriptedServer(OK) as server, SageMaker(**arguments(server.url, verify=False)) as client:
        client.call("X")
        assert isinstance(client._transport, HttpxTransport)


def test_the_client_has_the_names_of_boto() -> None:
    client = SageMaker("cn-north-1", aws_access_key_id="A", aws_secret_access_key="s")
    assert client.meta.region_name == "cn-north-1"
    assert client.meta.endpoint_url == "https://api.sagemaker.cn-north-1.amazonaws.com.cn"
    assert client.meta.partition == "aws-cn"
    assert client.exceptions.ClientError is ClientError
    assert issubclass(ServiceError, ClientError)
    with pytest.raises(AttributeError, match="catch ClientError and look at its"):
        client.exceptions.ValidationException  # noqa: B018 (boto raises the same)


def test_a_modeled_error_is_caught_by_its_name() -> None:
    refusal = http(400, json.dumps({"__type": "ResourceLimitExceeded", "Message": "too many"}))
    with ScriptedServer(refusal) as server:
        client = SageMaker(
            "us-east-1", endpoint_url=server.url, aws_access_key_id="A", aws_secret_access_key="s",
            transport=StdlibTransport(),
        )  # fmt: skip
        with pytest.raises(client.exceptions.ResourceLimitExceeded) as caught:
            client.start_notebook_instance(NotebookInstanceName="x")
    assert isinstance(caught.value, ClientError)
    assert caught.value.response["Error"] == {"Code": "ResourceLimitExceeded", "Message": "too many"}


@pytest.mark.slow
@pytest.mark.parametrize("kind", [SageMaker, AsyncSageMaker])
def test_a_program_that_takes_forty_seconds_gives_credentials_to_a_call_of_thirty(
    kind: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The deadline of a call, 30 s, does not run while a person signs in."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    printed = '{"Version": 1, "AccessKeyId": "AKIDPROGRAM", "SecretAccessKey": "s"}'
    program = tmp_path / "program.py"
    program.write_text(f"import time\ntime.sleep(40)\nprint({printed!r})\n")
    (tmp_path / "config").write_text(f"[default]\ncredential_process = '{sys.executable}' '{program}'\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    with ScriptedServer(OK) as server:
        if kind is SageMaker:
            with SageMaker("us-east-1", endpoint_url=server.url) as client:
                client.create_presigned_notebook_instance_url(NotebookInstanceName="nb")
        else:

            async def call() -> None:
                async with AsyncSageMaker("us-east-1", endpoint_url=server.url) as client:
                    await client.create_presigned_notebook_instance_url(NotebookInstanceName="nb")

            asyncio.run(call())
        assert "Credential=AKIDPROGRAM/" in server.headers(0)["authorization"]
