"""A SageMaker client that needs neither boto nor anything else, and a local SageMaker to try it on.

    from sagemaker_api import SageMaker

    client = SageMaker(region_name="us-east-1")
    url = client.create_presigned_notebook_instance_url(NotebookInstanceName="my-notebook")["AuthorizedUrl"]

What to use for which task:

    to call an operation                   ``SageMaker``, awaited: ``AsyncSageMaker``
    to start and open a notebook           ``open_notebook``; for its URL alone: ``notebook_url``
    to choose how requests travel          ``HttpxTransport``, ``StdlibTransport`` and their async forms
    to test without AWS                    ``sagemaker_api.local``: a SageMaker on this machine

Everything below is loaded on first use.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigv4.errors import CredentialsError, MissingDependency

    from .authorized_url import AuthorizedUrl
    from .client import AsyncSageMaker, SageMaker
    from .errors import (
        ClientError,
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
    from .notebook import anotebook_url, notebook_url, open_notebook
    from .transports.httpx import AsyncHttpxTransport, HttpxTransport
    from .transports.stdlib import AsyncStdlibTransport, StdlibTransport

__all__ = [
    "AsyncHttpxTransport",
    "AsyncSageMaker",
    "AsyncStdlibTransport",
    "AuthorizedUrl",
    "ClientError",
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
    "AsyncHttpxTransport": ".transports.httpx",
    "AsyncSageMaker": ".client",
    "AsyncStdlibTransport": ".transports.stdlib",
    "AuthorizedUrl": ".authorized_url",
    "ClientError": ".errors",
    "ConfigError": ".errors",
    "CredentialsError": "sigv4.errors",
    "HttpxTransport": ".transports.httpx",
    "MissingDependency": "sigv4.errors",
    "NotebookError": ".errors",
    "PaginationError": ".errors",
    "ParamValidationError": ".errors",
    "ProtocolError": ".errors",
    "SageMaker": ".client",
    "SageMakerError": ".errors",
    "ServiceError": ".errors",
    "StdlibTransport": ".transports.stdlib",
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
