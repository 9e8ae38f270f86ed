"""A local SageMaker: verifies signatures, makes five-minute URLs, evaluates identities' policies.

    from sagemaker_api.local import LocalSageMaker

    with LocalSageMaker({"my-notebook": "InService"}) as local:
        ...  # local.url, local.environment; local.clock.move(301)

The folders: ``iam`` evaluates identity policies, ``notebooks`` has instances and their sessions, ``serving``
the HTTP and WebSocket servers. ``service`` turns a request and its client into a response.

Everything below is loaded on first use.
"""

from __future__ import annotations

from ..lazy_names import lazy_names

TYPE_CHECKING = False
if TYPE_CHECKING:  # the public names for type checkers; below, the same for Python
    from .clients import Client as Client
    from .faults import Faults as Faults
    from .iam.identities import Identity as Identity
    from .iam.policy import Policy as Policy
    from .local_arguments import EXAMPLE as EXAMPLE
    from .local_sagemaker import Listener as Listener, LocalSageMaker as LocalSageMaker
    from .notebooks.sessions import Session as Session
    from .service import Service as Service
    from .serving.limits import Limits as Limits
    from .serving.servers import asgi as asgi
else:
    __all__, __getattr__, __dir__ = lazy_names(
        __name__,
        {
            ".clients": "Client",
            ".faults": "Faults",
            ".iam.identities": "Identity",
            ".iam.policy": "Policy",
            ".local_arguments": "EXAMPLE",
            ".local_sagemaker": "Listener LocalSageMaker",
            ".notebooks.sessions": "Session",
            ".service": "Service",
            ".serving.limits": "Limits",
            ".serving.servers": "asgi",
        },
    )
