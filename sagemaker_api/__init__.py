"""A SageMaker client without dependencies, and a local SageMaker for tests.

    from sagemaker_api import SageMaker

    client = SageMaker(region_name="us-east-1")
    url = client.create_presigned_notebook_instance_url(NotebookInstanceName="my-notebook")["AuthorizedUrl"]

What to use for which task:

    to call an operation                   ``SageMaker``, awaited: ``AsyncSageMaker``
    to start and open a notebook           ``open_notebook``; for its URL alone: ``notebook_url``
    to choose the HTTP library             ``HttpxTransport``, ``StdlibTransport`` and their async forms
    to test without AWS                    ``sagemaker_api.local``: a SageMaker on this machine

Everything below is loaded on first use.
"""

from __future__ import annotations

from .lazy_names import lazy_names

TYPE_CHECKING = False
if TYPE_CHECKING:  # the public names for type checkers; below, the same for Python
    from sigv4.errors import CredentialsError as CredentialsError, MissingDependency as MissingDependency

    from .authorized_url import AuthorizedUrl as AuthorizedUrl
    from .client import AsyncSageMaker as AsyncSageMaker, SageMaker as SageMaker
    from .errors import (
        ClientError as ClientError,
        ConfigError as ConfigError,
        NotebookError as NotebookError,
        PaginationError as PaginationError,
        ParamValidationError as ParamValidationError,
        ProtocolError as ProtocolError,
        SageMakerError as SageMakerError,
        ServiceError as ServiceError,
        TransportError as TransportError,
        WaiterError as WaiterError,
    )
    from .notebook import (
        anotebook_url as anotebook_url,
        notebook_url as notebook_url,
        open_notebook as open_notebook,
    )
    from .transports.httpx import AsyncHttpxTransport as AsyncHttpxTransport, HttpxTransport as HttpxTransport
    from .transports.stdlib import (
        AsyncStdlibTransport as AsyncStdlibTransport,
        StdlibTransport as StdlibTransport,
    )
else:
    __all__, __getattr__, __dir__ = lazy_names(
        __name__,
        {
            ".authorized_url": "AuthorizedUrl",
            ".client": "AsyncSageMaker SageMaker",
            ".errors": "ClientError ConfigError NotebookError PaginationError ParamValidationError "
            "ProtocolError SageMakerError ServiceError TransportError WaiterError",
            ".notebook": "anotebook_url notebook_url open_notebook",
            ".transports.httpx": "AsyncHttpxTransport HttpxTransport",
            ".transports.stdlib": "AsyncStdlibTransport StdlibTransport",
            "sigv4.errors": "CredentialsError MissingDependency",
        },
    )
