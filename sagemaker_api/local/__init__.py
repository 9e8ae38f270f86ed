"""A SageMaker on this machine: real signatures, five-minute URLs, sessions, identities and their policies.

    from sagemaker_api.local import LocalSageMaker

    with LocalSageMaker({"my-notebook": "InService"}) as local:
        ...  # local.url, local.environment; local.clock.move(301)

The folders: ``iam`` evaluates identity policies, ``notebooks`` holds instances and their sessions,
``serving`` answers over HTTP and WebSocket. ``service`` turns a request and its client into a response.

Everything below is loaded on first use.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .clients import Client
    from .faults import Faults
    from .iam.identities import Identity
    from .iam.policy import Policy
    from .local_sagemaker import EXAMPLE, Listener, LocalSageMaker
    from .notebooks.sessions import Session
    from .service import Service
    from .serving.limits import Limits
    from .serving.servers import asgi

__all__ = [
    "EXAMPLE",
    "Client",
    "Faults",
    "Identity",
    "Limits",
    "Listener",
    "LocalSageMaker",
    "Policy",
    "Service",
    "Session",
    "asgi",
]

_LAZY = {
    "EXAMPLE": "local_sagemaker",
    "Client": "clients",
    "Faults": "faults",
    "Identity": "iam.identities",
    "Limits": "serving.limits",
    "Listener": "local_sagemaker",
    "LocalSageMaker": "local_sagemaker",
    "Policy": "iam.policy",
    "Service": "service",
    "Session": "notebooks.sessions",
    "asgi": "serving.servers",
}


def __getattr__(name: str) -> object:
    module = _LAZY.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f".{module}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_LAZY})
