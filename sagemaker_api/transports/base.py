"""The common base of transports: time limits, body limit, TLS, and errors without frames."""

from __future__ import annotations

import weakref
from abc import ABC, abstractmethod

from sigv4.errors import expect, printable
from sigv4.network.connection import StaleConnection
from sigv4.network.proxies import Proxy, parse_proxy
from sigv4.network.time_limits import Clock

from ..errors import ConfigError, TransportError
from .idle import IdleConnections

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    from sigv4.network.deadline_socket import ExchangeError
    from sigv4.network.time_limits import TimeLimits
    from sigv4.request import Request, Response

    AnyBlocking = TypeVar("AnyBlocking", bound="BlockingTransport")
    AnyAwaited = TypeVar("AnyAwaited", bound="AwaitedTransport")

LONGEST_BODY = 10 * 1024 * 1024


class BlockingTransport(ABC):
    """The base of blocking transports: a subclass makes one attempt to send a request."""

    def __init__(self, proxy: Proxy | str | None) -> None:
        self._proxy = checked_proxy(proxy)
        self._idle = IdleConnections()
        self._finalizer = weakref.finalize(self, _close_all, self._idle)

    @abstractmethod
    def _attempt(self, request: Request, clock: Clock) -> Response | BaseException:
        """The answer, or the error to raise; StaleConnection asks for another attempt."""

    def send(self, request: Request, limits: TimeLimits) -> Response:
        """The answer to ``request``; raises TransportError."""
        outcome: Response | BaseException = StaleConnection()
        clock = Clock(limits)
        while isinstance(outcome, StaleConnection):
            outcome = self._attempt(request, clock)
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    def close(self) -> None:
        """Close every idle connection; one in use is closed after use."""
        self._finalizer()

    def __enter__(self: AnyBlocking) -> AnyBlocking:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AwaitedTransport(ABC):
    """The base of transports for asyncio."""

    @abstractmethod
    async def aclose(self) -> None:
        """Close every idle connection; one in use is closed after use."""

    async def __aenter__(self: AnyAwaited) -> AnyAwaited:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


def _close_all(idle: IdleConnections) -> None:
    for each in idle.close():
        each.close()


def checked_proxy(proxy: Proxy | str | None) -> Proxy | None:
    """The proxy of a URL such as ``http://user:password@host:3128``. Raises ConfigError, masked."""
    try:
        if isinstance(proxy, str):
            return parse_proxy(proxy)
        expect(isinstance(proxy, (Proxy, type(None))), "proxy", type(proxy), "a URL, or None", ConfigError)
        return proxy
    finally:
        proxy = None  # it may hold a password: hidden from tracebacks with locals


def transport_error(fault: ExchangeError, url: str, proxy: Proxy | None) -> TransportError:
    """The same fault as an error of this package."""
    if proxy is None or fault.kind not in ("proxy", "proxy-refused"):
        return TransportError(fault.kind, url, fault.reason)
    return TransportError(fault.kind, proxy.url, printable(fault.reason[:200]))


def stripped(error: BaseException) -> BaseException:
    """``error`` without traceback, cause and context."""
    error.__traceback__ = error.__cause__ = error.__context__ = None
    return error
