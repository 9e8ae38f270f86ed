"""A SageMaker on this machine: real signatures, five-minute URLs, sessions, identities and their policies.

    from sagemaker_api.local import LocalSageMaker

    with LocalSageMaker({"my-notebook": "InService"}) as local:
        ...  # local.url, local.environment; local.clock.move(301)

Where things are, in reading order:

    local_sagemaker                    ``LocalSageMaker``: all of it together, and a server
    service                            a request and its client in, a response out; who is let in
    operations, parameters, listing,   the API: what it takes, does and answers, and its refusals
    refusal
    instances, clocks                  notebook instances and their life cycle, as functions of time
    sessions                           URLs, and the sessions they open
    identities, identity_file          who may call
    policy, access, ...                IAM identity policies, and what they decide
    guard, clients                     what they are asked, with the client's address of that moment
    faults                             what goes wrong on purpose
    journal, control_page, pages       what was asked lately, and why it was answered so
    server                             the standard library's server
    servers, asgi_server, app          the one by uvicorn (extra ``local``)
    http_proxy, websocket_proxy,       what is passed on to a server behind a notebook instance, while the
    onward                             session allows it
    jupyter, jupyter_keeper            a real Jupyter as that server (extra ``jupyter``)
    pytest_plugin                      the fixture ``local_sagemaker``

Everything below is loaded on first use.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .clients import Client
    from .faults import Faults
    from .identities import Identity
    from .local_sagemaker import EXAMPLE, Listener, LocalSageMaker
    from .policy import Policy
    from .servers import asgi
    from .service import Service
    from .sessions import Session

__all__ = [
    "EXAMPLE",
    "Client",
    "Faults",
    "Identity",
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
    "Identity": "identities",
    "Listener": "local_sagemaker",
    "LocalSageMaker": "local_sagemaker",
    "Policy": "policy",
    "Service": "service",
    "Session": "sessions",
    "asgi": "servers",
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
