"""A SageMaker client that needs neither boto nor anything else, and a local SageMaker to try it on.

    from sagemaker_api import SageMaker

    client = SageMaker(region_name="us-east-1")
    url = client.create_presigned_notebook_instance_url(NotebookInstanceName="my-notebook")["AuthorizedUrl"]

Where things are, in reading order:

    errors, operations, aws_json       what goes in and out, and what is said when it does not
    endpoint, retry                    where to, and how often
    call                               one call, as a generator that does no input or output
    exchange, transport,               how a request travels, over httpx or the standard library
    stdlib_transport
    client                             ``SageMaker``, ``AsyncSageMaker``: who drives them
    local                              a SageMaker on this machine that checks signatures for real

Everything below is loaded on first use.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigv4.errors import CredentialsError, MissingDependency

    from .client import AsyncSageMaker, SageMaker
    from .errors import (
        ConfigError,
        ParamValidationError,
        ProtocolError,
        SageMakerError,
        ServiceError,
        TransportError,
    )
    from .operations import AuthorizedUrl
    from .stdlib_transport import AsyncStdlibTransport, StdlibTransport
    from .transport import AsyncHttpxTransport, HttpxTransport

__all__ = [
    "AsyncHttpxTransport",
    "AsyncSageMaker",
    "AsyncStdlibTransport",
    "AuthorizedUrl",
    "ConfigError",
    "CredentialsError",
    "HttpxTransport",
    "MissingDependency",
    "ParamValidationError",
    "ProtocolError",
    "SageMaker",
    "SageMakerError",
    "ServiceError",
    "StdlibTransport",
    "TransportError",
]

_LAZY = {
    "AsyncHttpxTransport": ".transport",
    "AsyncSageMaker": ".client",
    "AsyncStdlibTransport": ".stdlib_transport",
    "AuthorizedUrl": ".operations",
    "ConfigError": ".errors",
    "CredentialsError": "sigv4.errors",
    "HttpxTransport": ".transport",
    "MissingDependency": "sigv4.errors",
    "ParamValidationError": ".errors",
    "ProtocolError": ".errors",
    "SageMaker": ".client",
    "SageMakerError": ".errors",
    "ServiceError": ".errors",
    "StdlibTransport": ".stdlib_transport",
    "TransportError": ".errors",
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
