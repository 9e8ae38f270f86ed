"""One call over each of the transports, for the tests that hold for all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

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
            results = [client.call(OPERATION, {"NotebookInstanceName": "my-nb"}) for _ in range(calls)]
        return results[-1]

    return call


def _awaited(make: Callable[..., Any]) -> Caller:
    def call(url: str | None, *, verify: bool | str = False, calls: int = 1, **others: Any) -> dict[str, Any]:
        async def run() -> dict[str, Any]:
            async with make(verify=verify) as transport:
                async with AsyncSageMaker(**arguments(url, transport=transport, **others)) as client:
                    results = [
                        await client.call(OPERATION, {"NotebookInstanceName": "my-nb"}) for _ in range(calls)
                    ]
            return results[-1]

        return asyncio.run(run())

    return call


TRANSPORTS = {
    "httpx": _blocking(HttpxTransport),
    "stdlib": _blocking(StdlibTransport),
    "async-httpx": _awaited(AsyncHttpxTransport),
    "async-stdlib": _awaited(AsyncStdlibTransport),
}
