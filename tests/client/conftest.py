"""What the client's tests share: example credentials, an empty environment, and every transport."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from sagemaker_api import (
    AsyncHttpxTransport,
    AsyncSageMaker,
    AsyncStdlibTransport,
    HttpxTransport,
    SageMaker,
    StdlibTransport,
)
from sigv4 import Credentials

CREDENTIALS = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
OPERATION = "CreatePresignedNotebookInstanceUrl"
PARAMS = {"NotebookInstanceName": "my-nb"}


@pytest.fixture(autouse=True)
def _no_aws_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("AWS_") or name == "REQUESTS_CA_BUNDLE":
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


# One blocking call over one transport: (settings of the client, params, …) → result.
Caller = Callable[..., dict[str, Any]]


def _blocking(make: Callable[..., Any]) -> Caller:
    def call(
        url: str, params: Mapping[str, object] = PARAMS, *, verify: bool | str = True, calls: int = 1, **settings: Any
    ) -> dict[str, Any]:
        with make(verify=verify) as transport:
            client = SageMaker(
                **{"region_name": "us-west-2", "endpoint_url": url, "credentials": CREDENTIALS, **settings},
                transport=transport,
            )
            for _ in range(calls):
                result = client.call(OPERATION, params)
            return result

    return call


def _awaited(make: Callable[..., Any]) -> Caller:
    def call(
        url: str, params: Mapping[str, object] = PARAMS, *, verify: bool | str = True, calls: int = 1, **settings: Any
    ) -> dict[str, Any]:
        async def run() -> dict[str, Any]:
            async with make(verify=verify) as transport:
                client = AsyncSageMaker(
                    **{"region_name": "us-west-2", "endpoint_url": url, "credentials": CREDENTIALS, **settings},
                    transport=transport,
                )
                for _ in range(calls):
                    result = await client.call(OPERATION, params)
                return result

        return asyncio.run(run())

    return call


TRANSPORTS = {
    "httpx": _blocking(HttpxTransport),
    "stdlib": _blocking(StdlibTransport),
    "async-httpx": _awaited(AsyncHttpxTransport),
    "async-stdlib": _awaited(AsyncStdlibTransport),
}


@pytest.fixture(params=list(TRANSPORTS))
def call(request: pytest.FixtureRequest) -> Iterator[Caller]:
    """Calls the operation over one of the transports, each in its turn."""
    yield TRANSPORTS[request.param]
