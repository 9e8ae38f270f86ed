"""The transports with httpx; they make httpx send the exact bytes of a request."""

from __future__ import annotations

from sigv4.errors import MissingDependency
from sigv4.network.connection import StaleConnection, check_declared_length
from sigv4.network.deadline_socket import ExchangeError, too_large
from sigv4.network.forks import load_threads, loading
from sigv4.network.time_limits import Clock
from sigv4.network.tls import tls_context, tls_reason
from sigv4.request import Response
from sigv4.target import cut_url, join_host

from ..errors import TransportError
from .base import (
    LONGEST_BODY,
    AwaitedTransport,
    BlockingTransport,
    checked_proxy,
    stripped,
    transport_error,
)
from .httpx_deadline import ClockedBackend, Running
from .idle import LONGEST_IDLE_SECONDS, IdleConnections

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl
    from typing import Any

    import httpx

    from sigv4.network.proxies import Proxy
    from sigv4.network.time_limits import TimeLimits
    from sigv4.request import Request

# The names of anyio that httpcore uses; anyio loads them on first use.
_LAZY_NAMES = (
    "BrokenResourceError", "CancelScope", "ClosedResourceError", "EndOfStream", "Event", "Lock", "Semaphore",
    "connect_tcp", "connect_unix", "fail_after", "sleep",
)  # fmt: skip
_LAZY_NAMES_OF_ABC = ("ByteStream", "SocketAttribute")


class HttpxTransport(BlockingTransport):
    """Sends with httpx. ``verify`` is as for :func:`tls_context`. Safe to share between threads.

    ``proxy`` is the URL of an HTTP proxy, ``http://[user:password@]host[:port]``, which tunnels https and
    forwards http; the environment's variables are not used. Raises MissingDependency if httpx is not
    installed, ConfigError for a wrong proxy URL.
    """

    def __init__(self, *, verify: bool | str = True, proxy: Proxy | str | None = None) -> None:
        _httpx()
        super().__init__(proxy)
        self._tls = tls_context(verify)
        self._running = Running()

    def _attempt(self, request: Request, clock: Clock) -> Response | BaseException:
        journey = _Journey(request.url, self._proxy)
        self._running.clock, self._running.received = clock, False
        transport = None
        try:
            transport = self._idle.take() or self._connection()
            response = self._exchange(transport, request, clock, journey)
        except BaseException as error:  # noqa: BLE001 (it is raised again, without the frames below)
            journey.head_came = journey.head_came or self._running.received
            if transport is not None:
                transport.close()
            return _fault(error, journey, clock)
        finally:
            self._running.clock = None
        for each in self._idle.give_back(transport):
            each.close()
        return response

    def _connection(self) -> Any:
        """A transport of httpx for one connection."""
        httpx = _httpx()
        with loading:  # the first one loads httpcore
            transport = httpx.HTTPTransport(**_options(httpx, self._tls, self._proxy))
        pool = transport._pool
        pool._network_backend = ClockedBackend(pool._network_backend, self._running)
        return transport

    def _exchange(self, transport: Any, request: Request, clock: Clock, journey: _Journey) -> Response:
        response = transport.handle_request(_httpx_request(request, clock.limits, journey, journey.trace))
        journey.head_came = True
        try:
            check_declared_length(response.headers.get("content-length"), LONGEST_BODY)
            body = bytearray()
            for block in response.iter_raw():
                clock.at_most(None)
                body += block
                if len(body) > LONGEST_BODY:
                    raise too_large(LONGEST_BODY)
        finally:
            response.close()
        return _response(response, bytes(body))


class AsyncHttpxTransport(AwaitedTransport):
    """:class:`HttpxTransport` under asyncio. It may be used in one event loop after another."""

    def __init__(self, *, verify: bool | str = True, proxy: Proxy | str | None = None) -> None:
        _httpx()
        self._proxy = checked_proxy(proxy)
        self._tls = tls_context(verify)
        self._idle = IdleConnections()
        self._loop: object = None

    async def send(self, request: Request, limits: TimeLimits) -> Response:
        """The answer to ``request``; raises TransportError."""
        outcome: Response | BaseException = StaleConnection()
        clock = Clock(limits)
        while isinstance(outcome, StaleConnection):
            outcome = await self._attempt(request, clock)
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    async def aclose(self) -> None:
        """Close every idle connection; one in use is closed after use."""
        import asyncio

        for each in self._idle_of(asyncio.get_running_loop()).close():
            await each.aclose()

    async def _attempt(self, request: Request, clock: Clock) -> Response | BaseException:
        import asyncio

        journey = _Journey(request.url, self._proxy)
        idle = self._idle_of(asyncio.get_running_loop())
        transport = idle.take() or self._connection()
        try:
            exchange = self._exchange(transport, request, clock, journey)
            response = await asyncio.wait_for(exchange, clock.at_most(None))
        except BaseException as error:  # noqa: BLE001 (it is raised again, without the frames below)
            await transport.aclose()
            if isinstance(error, asyncio.TimeoutError):
                return TransportError("deadline", request.url)
            return _fault(error, journey, clock)
        for each in idle.give_back(transport):
            await each.aclose()
        return response

    def _idle_of(self, loop: object) -> IdleConnections:
        """The idle connections of ``loop``; those of an earlier loop can neither be used nor closed in it."""
        if self._loop is not loop:
            if self._loop is not None:
                self._idle = self._idle.emptied()
            self._loop = loop
        return self._idle

    def _connection(self) -> Any:
        """A transport of httpx for one connection."""
        httpx = _httpx()
        with loading:
            _load_anyio()
            return httpx.AsyncHTTPTransport(**_options(httpx, self._tls, self._proxy))

    async def _exchange(self, transport: Any, request: Request, clock: Clock, journey: _Journey) -> Response:
        response = await transport.handle_async_request(
            _httpx_request(request, clock.limits, journey, journey.atrace)
        )
        journey.head_came = True
        try:
            check_declared_length(response.headers.get("content-length"), LONGEST_BODY)
            body = bytearray()
            async for block in response.aiter_raw():
                body += block
                if len(body) > LONGEST_BODY:
                    raise too_large(LONGEST_BODY)
        finally:
            await response.aclose()
        return _response(response, bytes(body))


class _Journey:
    """The progress of one exchange, from httpcore's trace."""

    __slots__ = ("connected", "head_came", "proxy", "sent", "tunnelled", "url")

    def __init__(self, url: str, proxy: Proxy | None) -> None:
        self.url, self.proxy = url, proxy
        self.connected = self.sent = self.head_came = False
        self.tunnelled = proxy is None

    def trace(self, event: str, _info: object) -> None:
        self.connected = self.connected or event == "connection.connect_tcp.started"
        self.tunnelled = self.tunnelled or event.startswith(("proxy.", "connection.start_tls"))
        self.sent = self.sent or event == "http11.send_request_headers.started"

    async def atrace(self, event: str, info: object) -> None:
        self.trace(event, info)

    def was_on_a_kept_connection(self) -> bool:
        return self.sent and not self.connected and not self.head_came


def _httpx() -> Any:
    try:
        with loading:
            import httpx
    except ImportError:
        raise MissingDependency("httpx", "httpx") from None
    return httpx


def _load_anyio() -> None:
    """Loads modules that httpcore would load during an exchange, perhaps during a fork."""
    load_threads()
    try:
        import anyio._backends._asyncio
        import anyio.abc
        import anyio.streams.tls
    except ImportError:  # httpcore reports it when it needs anyio
        return
    for name in _LAZY_NAMES:
        getattr(anyio, name, None)
    for name in _LAZY_NAMES_OF_ABC:
        getattr(anyio.abc, name, None)


def _options(library: Any, tls: ssl.SSLContext, proxy: Proxy | None) -> dict[str, Any]:
    limits = library.Limits(
        max_connections=None, max_keepalive_connections=1, keepalive_expiry=LONGEST_IDLE_SECONDS
    )
    return {"verify": tls, "trust_env": False, "limits": limits, "proxy": _httpx_proxy(library, proxy)}


def _httpx_proxy(library: Any, proxy: Proxy | None) -> httpx.Proxy | None:
    if proxy is None:
        return None
    headers = {"Proxy-Authorization": proxy.authorization} if proxy.authorization else {}
    built: httpx.Proxy = library.Proxy(f"http://{join_host(proxy.host, proxy.port)}", headers=headers)
    return built


def _httpx_request(request: Request, limits: TimeLimits, journey: _Journey, trace: object) -> httpx.Request:
    """The request with the target as it was signed, not as httpx would spell it."""
    library, target = _httpx(), cut_url(request.url)[2].encode("ascii")
    timeout = {"connect": limits.connect, "read": limits.read, "write": limits.read}
    extensions = {"timeout": timeout, "trace": trace}
    if journey.proxy is None:
        extensions["target"] = target
    built: httpx.Request = library.Request(
        request.method, request.url, headers=request.headers, content=request.body, extensions=extensions
    )
    if journey.proxy is not None:
        # httpcore 1.0 gives the extension to its CONNECT too, which would then have that target.
        spelled = type("_Spelled", (library.URL,), {"raw_path": property(lambda _: target)})
        built.url = spelled(request.url)
    return built


def _response(response: httpx.Response, body: bytes) -> Response:
    return Response(
        response.status_code,
        [(name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers.raw],
        body,
    )


def _fault(error: BaseException, journey: _Journey, clock: Clock) -> BaseException:
    """The error to raise instead of ``error``."""
    httpx = _httpx()
    url = journey.url
    if isinstance(error, ExchangeError):
        return transport_error(error, url, journey.proxy)
    if isinstance(error, (httpx.TimeoutException, TimeoutError)) and clock.is_over():
        return TransportError("deadline", url)
    if isinstance(error, (httpx.ConnectTimeout, TimeoutError)):
        return TransportError("connect-timeout", url)
    if isinstance(error, httpx.TimeoutException):
        return TransportError("read-timeout", url)
    if isinstance(error, (httpx.TransportError, OSError)):
        return _closed(error, journey)
    return stripped(error)


def _closed(error: BaseException, journey: _Journey) -> BaseException:
    httpx = _httpx()
    reason = tls_reason(error)
    if reason and isinstance(error, httpx.ConnectError):
        return TransportError("tls", journey.url, reason)
    if isinstance(error, (httpx.ProxyError, httpx.ConnectError, OSError)) and not journey.tunnelled:
        refused = isinstance(error, httpx.ProxyError) and str(error)[:1] == "4"
        kind = "proxy-refused" if refused else "proxy"
        return transport_error(ExchangeError(kind, str(error)), journey.url, journey.proxy)
    if isinstance(error, (httpx.ConnectError, OSError)):
        return TransportError("connect", journey.url, str(error))
    if journey.was_on_a_kept_connection():
        return StaleConnection()
    return TransportError("closed", journey.url)
