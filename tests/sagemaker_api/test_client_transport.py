"""The transport of a client: which one it makes, when, and how it is closed."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sagemaker_api import (
    AsyncHttpxTransport,
    AsyncSageMaker,
    AsyncStdlibTransport,
    ConfigError,
    HttpxTransport,
    MissingDependency,
    SageMaker,
    StdlibTransport,
)
from tests.sagemaker_api.calls import arguments
from tests.sagemaker_api.recorder import OK, Recorder
from tests.sagemaker_api.scripted import ScriptedServer


@pytest.fixture
def without_httpx(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "httpx", None)


def test_without_httpx_the_default_is_the_standard_library(without_httpx: None) -> None:
    with ScriptedServer(OK) as server, SageMaker(**arguments(server.url)) as client:
        client.call("X")
        assert isinstance(client._transport, StdlibTransport)


def test_without_httpx_asyncio_uses_threads(without_httpx: None) -> None:
    async def main(url: str) -> object:
        async with AsyncSageMaker(**arguments(url)) as client:
            await client.call("X")
            return client._transport

    with ScriptedServer(OK) as server:
        assert isinstance(asyncio.run(main(server.url)), AsyncStdlibTransport)


def test_asyncio_uses_httpx() -> None:
    async def main(url: str) -> object:
        async with AsyncSageMaker(**arguments(url, verify=False)) as client:
            assert (await client.create_presigned_notebook_instance_url(NotebookInstanceName="x"))[
                "AuthorizedUrl"
            ]
            return client._transport

    with ScriptedServer(OK) as server:
        assert isinstance(asyncio.run(main(server.url)), AsyncHttpxTransport)


@pytest.mark.parametrize("make", [HttpxTransport, AsyncHttpxTransport])
def test_a_missing_httpx_names_the_extra(make: Callable[..., Any], without_httpx: None) -> None:
    with pytest.raises(MissingDependency, match=r"pip install 'sigv4-reference\[httpx\]'"):
        make()


def test_a_closed_client_says_so_and_leaves_a_transport_that_was_passed_in_open() -> None:
    recorder = Recorder()
    with SageMaker(**arguments(None, transport=recorder)) as client:
        client.call("X")
    assert not recorder.closed
    with pytest.raises(ConfigError, match="this client is closed"):
        client.call("X")
    assert len(recorder.requests) == 1


@pytest.mark.parametrize("blocked", [False, True])
def test_closing_a_client_closes_its_own_connections(blocked: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if blocked:
        monkeypatch.setitem(sys.modules, "httpx", None)
    ended: list[bytes] = []

    def answer_and_wait(connection: Any) -> None:
        connection.sendall(OK)
        ended.append(connection.recv(1))

    with ScriptedServer(answer_and_wait) as server:
        client = SageMaker(**arguments(server.url, verify=False))
        client.call("X")
        client.close()
        client.close()
        while not ended:
            assert not server.stopped.wait(0.01)
    assert ended == [b""]


def test_two_endpoints_over_one_transport_do_not_share_a_connection() -> None:
    with ScriptedServer(OK) as one, ScriptedServer(OK) as two, StdlibTransport() as transport:
        for server in (one, two, one, two):
            SageMaker(**arguments(server.url, transport=transport)).call("X")
    assert [(server.connections, len(server.requests)) for server in (one, two)] == [(1, 2), (1, 2)]


def test_a_profile_gives_region_endpoint_and_keys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with ScriptedServer(OK, OK) as server:
        (tmp_path / "config").write_text(
            f"[profile work]\nregion = eu-west-1\nendpoint_url = {server.url}\n"
            "aws_access_key_id = AKIDWORK\naws_secret_access_key = secret\n"
        )
        monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
        with SageMaker(profile_name="work") as client:
            client.create_presigned_notebook_instance_url(NotebookInstanceName="x")
        monkeypatch.setenv("AWS_PROFILE", "work")

        async def main() -> None:
            async with AsyncSageMaker() as later:
                await later.create_presigned_notebook_instance_url(NotebookInstanceName="x")

        asyncio.run(main())
    for number in (0, 1):
        assert "Credential=AKIDWORK/" in server.headers(number)["authorization"]
        assert "/eu-west-1/sagemaker/aws4_request" in server.headers(number)["authorization"]
