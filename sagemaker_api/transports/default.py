"""The protocols of transports, and the default one: httpx or the standard library.

A transport sends a ``sigv4.Request`` byte for byte and returns a ``sigv4.Response`` or raises TransportError.
It adds no header, follows no redirect, decodes no content coding, refuses a body of more than 10 MiB while it
arrives, and ends when its time is over, even if the answer arrives slowly. A reused connection that the
server has closed is replaced automatically. Errors have no traceback, cause or context of the HTTP library,
whose frames hold the Authorization header and the session token.
"""

from __future__ import annotations

from sigv4.errors import MissingDependency

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    from sigv4.network.proxies import Proxy
    from sigv4.network.time_limits import TimeLimits
    from sigv4.request import Request, Response

    class Transport(Protocol):
        """Sends one request at a time per thread; safe to share between threads."""

        def send(self, request: Request, limits: TimeLimits) -> Response: ...

        def close(self) -> None: ...

    class AsyncTransport(Protocol):
        """Sends requests under asyncio, in one event loop after another."""

        async def send(self, request: Request, limits: TimeLimits) -> Response: ...

        async def aclose(self) -> None: ...


def default_transport(verify: bool | str, proxy: Proxy | None = None) -> Transport:
    """HttpxTransport if httpx is installed, else StdlibTransport."""
    from .httpx import HttpxTransport

    try:
        return HttpxTransport(verify=verify, proxy=proxy)
    except MissingDependency:
        from .stdlib import StdlibTransport

        return StdlibTransport(verify=verify, proxy=proxy)


def default_async_transport(verify: bool | str, proxy: Proxy | None = None) -> AsyncTransport:
    """AsyncHttpxTransport if httpx is installed, else StdlibTransport in threads."""
    from .httpx import AsyncHttpxTransport

    try:
        return AsyncHttpxTransport(verify=verify, proxy=proxy)
    except MissingDependency:
        from .stdlib import AsyncStdlibTransport

        return AsyncStdlibTransport(verify=verify, proxy=proxy)
