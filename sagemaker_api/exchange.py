"""What every transport keeps to: time limits, the bound of a body, TLS, and errors that carry no frames."""

from __future__ import annotations

import time

from sigv4.value import Value

from .errors import ConfigError, TransportError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl

LONGEST_BODY = 10 * 1024 * 1024
LONGEST_HEAD = 24 * 1024
MOST_IDLE_CONNECTIONS = 10
LONGEST_IDLE_SECONDS = 20.0


class TimeLimits(Value):
    """How long one exchange may take, in seconds: to connect, between two reads, and in all."""

    __slots__ = ("connect", "read", "total")

    connect: float
    read: float
    total: float

    def __init__(self, connect: float, read: float, total: float) -> None:
        self._set(connect, read, total)


class Clock:
    """The time limits of one exchange, running."""

    __slots__ = ("_ends", "limits")

    def __init__(self, limits: TimeLimits) -> None:
        self.limits = limits
        self._ends = time.monotonic() + limits.total

    def at_most(self, timeout: float | None) -> float:
        """``timeout``, or what is left where that is less; raises TimeoutError where nothing is left."""
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left if timeout is None else min(timeout, left)

    def is_over(self) -> bool:
        return time.monotonic() >= self._ends


class StaleConnection(Exception):
    """A kept connection turned out to be dead before any of the answer came."""


def tls_context(verify: bool | str) -> ssl.SSLContext:
    """A TLS 1.2+ client context. ``verify`` is True (the system's CAs), False (nobody is checked), or the
    path of a CA bundle or of a directory of CA certificates.

    Raises ConfigError where the path holds none.
    """
    import os
    import ssl

    try:
        if verify is False:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        elif verify is True:
            context = ssl.create_default_context()
        elif os.path.isdir(verify):
            context = ssl.create_default_context(capath=verify)
        else:
            context = ssl.create_default_context(cafile=verify)
    except OSError as error:  # ssl.SSLError is one
        raise ConfigError(f"no CA certificates can be read from {verify}: {error}") from None
    context.minimum_version = max(context.minimum_version, ssl.TLSVersion.TLSv1_2)
    context.set_alpn_protocols(["http/1.1"])
    return context


def tls_reason(error: BaseException | None) -> str:
    """What the TLS library found wrong, where that is behind ``error``, or ``""``."""
    import ssl

    while error is not None:
        # A peer that hangs up in the handshake has not failed validation: SSLEOFError.
        if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError):
            return str(error)
        error = error.__cause__ or error.__context__
    return ""


def stripped(error: BaseException) -> BaseException:
    """``error`` without traceback, cause and context."""
    error.__traceback__ = error.__cause__ = error.__context__ = None
    return error


def check_declared_length(length: str | None, url: str) -> None:
    """Raises TransportError where a Content-Length announces too long a body."""
    if length and length.isdigit() and (len(length) > 15 or int(length) > LONGEST_BODY):
        raise too_large(url)


def too_large(url: str) -> TransportError:
    return TransportError("too-large", url, f"its body is longer than {LONGEST_BODY} bytes")


def request_target(url: str) -> str:
    """What stands on the request line for ``url``: path and query as spelled, without the fragment."""
    rest = url.partition("#")[0].partition("://")[2]
    authority = rest.partition("/")[0].partition("?")[0]
    target = rest[len(authority) :]
    return target if target[:1] == "/" else f"/{target}"
