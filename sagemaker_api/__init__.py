"""A SageMaker client that needs neither boto nor anything else, and a local SageMaker to try it on.

    from sagemaker_api import SageMaker

    client = SageMaker(region_name="us-east-1")
    url = client.create_presigned_notebook_instance_url(NotebookInstanceName="my-notebook")["AuthorizedUrl"]

Where things are, in reading order:

    errors, operations, aws_json       what goes in and out, and what is said when it does not
    parameters, shapes, results,       what each operation takes and answers
    timestamps, authorized_url
    endpoint, retry, clock_skew        where to, how often, and by whose clock
    call, echoes, sdk_headers          one call, as a generator that does no input or output
    waiters, paging                    many calls: until a status is reached, until a list ends
    exchange, transport,               how a request travels, over httpx or the standard library
    httpx_transport, stdlib_transport
    client, methods                    ``SageMaker``, ``AsyncSageMaker``: who drives them
    notebook                           a notebook instance started, waited for and opened
    local                              a SageMaker on this machine that checks signatures for real

Everything below is loaded on first use.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigv4.errors import CredentialsError, MissingDependency

    from .authorized_url import AuthorizedUrl
    from .client import AsyncSageMaker, SageMaker
    from .errors import (
        ConfigError,
        NotebookError,
        PaginationError,
        ParamValidationError,
        ProtocolError,
        SageMakerError,
        ServiceError,
        TransportError,
        WaiterError,
    )
    from .httpx_transport import AsyncHttpxTransport, HttpxTransport
    from .notebook import anotebook_url, notebook_url, open_notebook
    from .stdlib_transport import AsyncStdlibTransport, StdlibTransport

__all__ = [
    "AsyncHttpxTransport",
    "AsyncSageMaker",
    "AsyncStdlibTransport",
    "AuthorizedUrl",
    "ConfigError",
    "CredentialsError",
    "HttpxTransport",
    "MissingDependency",
    "NotebookError",
    "PaginationError",
    "ParamValidationError",
    "ProtocolError",
    "SageMaker",
    "SageMakerError",
    "ServiceError",
    "StdlibTransport",
    "TransportError",
    "WaiterError",
    "anotebook_url",
    "notebook_url",
    "open_notebook",
]

_LAZY = {
    "AsyncHttpxTransport": ".httpx_transport",
    "AsyncSageMaker": ".client",
    "AsyncStdlibTransport": ".stdlib_transport",
    "AuthorizedUrl": ".authorized_url",
    "ConfigError": ".errors",
    "CredentialsError": "sigv4.errors",
    "HttpxTransport": ".httpx_transport",
    "MissingDependency": "sigv4.errors",
    "NotebookError": ".errors",
    "PaginationError": ".errors",
    "ParamValidationError": ".errors",
    "ProtocolError": ".errors",
    "SageMaker": ".client",
    "SageMakerError": ".errors",
    "ServiceError": ".errors",
    "StdlibTransport": ".stdlib_transport",
    "TransportError": ".errors",
    "WaiterError": ".errors",
    "anotebook_url": ".notebook",
    "notebook_url": ".notebook",
    "open_notebook": ".notebook",
}


def __getattr__(name: str) -> object:
    module = _LAZY.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(module, __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_LAZY})
