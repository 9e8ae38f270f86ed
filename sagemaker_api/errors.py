"""The errors of this package, one tree::

    SageMakerError
    ├── ParamValidationError  (ValueError)  wrong parameters: nothing has been sent
    ├── TransportError                      no complete answer: .kind .url .reason
    ├── ServiceError                        the service refused: .code .message .status .response …
    ├── ProtocolError                       an answer that no AWS service gives
    ├── PaginationError                     no pages, or pages without end
    ├── WaiterError                         the status was not reached: .name .reason .last_response
    └── NotebookError                       a notebook instance cannot be opened: .name .status .reason

Texts are boto's if boto has one. Three errors are those of ``sigv4``: ConfigError (wrong region, endpoint, CA
bundle or profile; nothing has been sent), CredentialsError and MissingDependency.
"""

from __future__ import annotations

from sigv4.errors import ConfigError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["ConfigError"]  # in addition to what is defined here

_TRANSPORT_TEXTS = {
    "connect": 'Could not connect to the endpoint URL: "{url}"',
    "connect-timeout": 'Connect timeout on endpoint URL: "{url}"',
    "read-timeout": 'Read timeout on endpoint URL: "{url}"',
    "closed": 'Connection was closed before we received a valid response from endpoint URL: "{url}".',
    "proxy": 'Failed to connect to proxy URL: "{url}"',
    "proxy-refused": 'Failed to connect to proxy URL: "{url}"',
    "tls": "SSL validation failed for {url} {reason}",
    "too-large": 'The response from endpoint URL: "{url}" was refused: {reason}.',
    "deadline": 'The deadline passed before a valid response came from endpoint URL: "{url}". '
    "Give the client a longer deadline, or look at the connection.",
}


class SageMakerError(Exception):
    """The base of this package's errors; other errors are those of ``sigv4``."""


class ParamValidationError(SageMakerError, ValueError):
    """The parameters do not fit the operation. ``report`` has one line for each fault."""

    def __init__(self, report: str) -> None:
        super().__init__(report)
        self.report = report

    def __str__(self) -> str:
        return f"Parameter validation failed:\n{self.report}"


class TransportError(SageMakerError):
    """No complete answer was received from ``url``.

    ``kind`` is one of ``connect``, ``connect-timeout``, ``read-timeout``, ``closed``, ``proxy`` and
    ``proxy-refused`` (a proxy that is unreachable or fails, and one that answered 4xx; ``url`` is then the
    proxy's, masked), ``tls``, ``too-large``, ``deadline``; ``reason`` is the text of the operating system,
    the TLS library or the proxy, or ``""``.
    """

    def __init__(self, kind: str, url: str, reason: str = "") -> None:
        super().__init__(kind, url, reason)
        self.kind = kind
        self.url = url
        self.reason = reason

    def __str__(self) -> str:
        return _TRANSPORT_TEXTS[self.kind].format(url=self.url, reason=self.reason)


class ClientError(SageMakerError):
    """boto's name for a :class:`ServiceError`; every ServiceError is a ClientError."""

    response: dict[str, Any]
    operation_name: str


class ServiceError(ClientError):
    """The service answered with an error.

    ``code`` and ``message`` are the service's, ``status`` the HTTP status, ``request_id`` the id for AWS
    support (or ``""``), ``attempts`` how often the request was sent. ``response`` and ``operation_name`` are
    those of boto's ClientError.
    """

    def __init__(self, operation_name: str, code: str, message: str, metadata: dict[str, Any]) -> None:
        super().__init__(operation_name, code, message, metadata)
        self.operation_name = operation_name
        self.code = code
        self.message = message
        self.response: dict[str, Any] = {
            "Error": {"Message": message, "Code": code},
            "ResponseMetadata": metadata,
        }
        self.status: int = metadata["HTTPStatusCode"]
        self.request_id: str = metadata.get("RequestId", "")
        self.attempts: int = metadata["RetryAttempts"] + 1

    def __str__(self) -> str:
        metadata = self.response["ResponseMetadata"]
        retries = f" (reached max retries: {self.attempts - 1})" if metadata.get("MaxAttemptsReached") else ""
        return (
            f"An error occurred ({self.code}) when calling the {self.operation_name} operation{retries}: "
            f"{self.message}"
        )

    def __repr__(self) -> str:
        # The arguments hold every response header, and those may hold a cookie or a location.
        return f"ServiceError({str(self)!r})"


class ConflictException(ServiceError):
    """The resource was changed by another call meanwhile."""


class ResourceInUse(ServiceError):
    """The resource is used by another resource."""


class ResourceLimitExceeded(ServiceError):
    """The account has reached its limit for this kind of resource."""


class ResourceNotFound(ServiceError):
    """There is no such resource."""


# The errors in the service's own model; every other code is one that all AWS services share.
MODELED_ERRORS: dict[str, type[ServiceError]] = {
    each.__name__: each
    for each in (ConflictException, ResourceInUse, ResourceLimitExceeded, ResourceNotFound)
}


class Exceptions:
    """The errors of a client by boto's names: ``ClientError`` and those of the service's model."""

    ClientError = ClientError
    ConflictException = ConflictException
    ResourceInUse = ResourceInUse
    ResourceLimitExceeded = ResourceLimitExceeded
    ResourceNotFound = ResourceNotFound

    def __getattr__(self, name: str) -> type[ServiceError]:
        raise AttributeError(
            f"the client has no exception {name!r}: catch ClientError and look at its .code; by "
            f"name there are {', '.join(MODELED_ERRORS)}"
        )


class ProtocolError(SageMakerError):
    """An answer that no AWS service gives: usually a proxy or a captive portal answered instead."""


class PaginationError(SageMakerError):
    """The operation has no pages, or its pages do not end."""


class WaiterError(SageMakerError):
    """The status was not reached, or cannot be reached any more.

    ``name`` is the waiter's (``"NotebookInstanceInService"``), ``reason`` says why it ended,
    ``last_response`` is the last result or, for an error, its ``response``. ``kwargs`` is as in boto's error.
    """

    def __init__(self, name: str, reason: str, last_response: dict[str, Any]) -> None:
        super().__init__(name, reason, last_response)
        self.name = name
        self.reason = reason
        self.last_response = last_response
        self.kwargs: dict[str, str] = {"name": name, "reason": reason}

    def __str__(self) -> str:
        return f"Waiter {self.name} failed: {self.reason}"

    def __repr__(self) -> str:
        return f"WaiterError({str(self)!r})"  # the last response holds headers


class NotebookError(SageMakerError):
    """The notebook instance ``name`` cannot be opened.

    ``status`` is its last known status, ``reason`` the obstacle: its FailureReason, if it has one.
    """

    def __init__(self, name: str, status: str, reason: str) -> None:
        super().__init__(name, status, reason)
        self.name = name
        self.status = status
        self.reason = reason

    def __str__(self) -> str:
        return f"The notebook instance {self.name} is {self.status}: {self.reason}"
