"""Makes one call over each of the transports, for tests that apply to all of them."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from typing import Any

import pytest

from sagemaker_api import (
    AsyncHttpxTransport,
    AsyncSageMaker,
    AsyncStdlibTransport,
    HttpxTransport,
    SageMaker,
    StdlibTransport,
    TransportError,
)
from sigv4 import Credentials
from tests.sagemaker_api.scripted import Answer, ScriptedServer

CREDENTIALS = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
OPERATION = "CreatePresignedNotebookInstanceUrl"
PARAMS = {"NotebookInstanceName": "my-nb"}

# (endpoint URL, *, verify=False, calls=1, **other arguments of the client) → the last result
Caller = Callable[..., dict[str, Any]]


def arguments(url: str | None, **others: Any) -> dict[str, Any]:
    return {"region_name": "us-west-2", "endpoint_url": url, "credentials": CREDENTIALS, **others}


def _blocking(make: Callable[..., Any]) -> Caller:
    def call(url: str | None, *, verify: bool | str = False, calls: int = 1, **others: Any) -> dict[str, Any]:
        with (
            make(verify=verify) as transport,
            SageMaker(**arguments(url, transport=transport, **others)) as client,
        ):
            client._settings.jitter = _no_wait
            results = [client.call(OPERATION, PARAMS) for _ in range(calls)]
        return results[-1]

    return call


def _awaited(make: Callable[..., Any]) -> Caller:
    async def run(
        url: str | None, *, verify: bool | str = False, calls: int = 1, **others: Any
    ) -> dict[str, Any]:
        async with (
            make(verify=verify) as transport,
            AsyncSageMaker(**arguments(url, transport=transport, **others)) as client,
        ):
            client._settings.jitter = _no_wait
            results = [await client.call(OPERATION, PARAMS) for _ in range(calls)]
        return results[-1]

    return lambda url, **others: asyncio.run(run(url, **others))


def _no_wait() -> float:
    return 0.0


TRANSPORTS = {
    "httpx": _blocking(HttpxTransport),
    "stdlib": _blocking(StdlibTransport),
    "async-httpx": _awaited(AsyncHttpxTransport),
    "async-stdlib": _awaited(AsyncStdlibTransport),
}


def fault_of(
    call: Caller, *answers: Answer, tls: ssl.SSLContext | None = None, **others: object
) -> TransportError:
    """The TransportError of a call to a server with these answers."""
    with ScriptedServer(*answers, tls=tls) as server, pytest.raises(TransportError) as raised:
        call(server.url, **others)
    assert raised.value.url == f"{server.url}/"
    return raised.value
