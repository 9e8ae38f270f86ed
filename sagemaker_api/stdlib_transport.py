"""The transports for where httpx is not installed: ``http.client`` over sockets of our own."""

from __future__ import annotations

import http.client
import io
import select
import socket
import threading
import time
import weakref
from urllib.parse import urlsplit

from sigv4.response import Response

from .errors import SageMakerError, TransportError
from .exchange import (
    LONGEST_BODY,
    LONGEST_HEAD,
    LONGEST_IDLE_SECONDS,
    MOST_IDLE_CONNECTIONS,
    Clock,
    StaleConnection,
    TimeLimits,
    check_declared_length,
    request_target,
    stripped,
    tls_context,
    tls_reason,
    too_large,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl
    from typing import Any, TypeAlias

    from sigv4.request import Request

    Origin: TypeAlias = tuple[str, str, int]

_BLOCK = 64 * 1024


class StdlibTransport:
    """Sends over ``http.client``. ``verify`` as for ``HttpxTransport``. Safe to share between threads."""

    def __init__(self, *, verify: bool | str = True) -> None:
        self._verify = verify
        self._tls: ssl.SSLContext | None = None
        self._lock = threading.Lock()
        self._idle: list[_Connection] = []
        self._finalizer = weakref.finalize(self, _close_all, self._idle)

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

    def __enter__(self) -> StdlibTransport:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _attempt(self, request: Request, clock: Clock) -> Response | BaseException:
        connection: _Connection | None = None
        try:
            parts = urlsplit(request.url)
            port = parts.port or (443 if parts.scheme == "https" else 80)
            origin = parts.scheme, parts.hostname or "", port
            connection = self._take(origin) or self._connect(origin, clock, request.url)
            response = connection.exchange(request, clock)
        except BaseException as error:  # noqa: BLE001 (it is raised again, without the frames below)
            if connection:
                connection.close()
            return _fault(error, request.url, clock)
        self._give_back(connection)
        return response

    def _connect(self, origin: Origin, clock: Clock, url: str) -> _Connection:
        scheme, host, port = origin
        if scheme == "https" and self._tls is None:
            self._tls = tls_context(self._verify)
        try:
            return _Connection(origin, _open(host, port, self._tls if scheme == "https" else None, clock))
        except TimeoutError:
            if clock.is_over():
                raise
            raise TransportError("connect-timeout", url) from None
        except OSError as error:
            reason = tls_reason(error)
            raise TransportError("tls" if reason else "connect", url, reason or str(error)) from None

    def _take(self, origin: Origin) -> _Connection | None:
        """The connection to ``origin`` that was used last, if it is still of use."""
        while True:
            with self._lock:
                candidates = [connection for connection in self._idle if connection.origin == origin]
                if not candidates:
                    return None
                self._idle.remove(candidates[-1])
            if candidates[-1].is_usable():
                return candidates[-1]
            candidates[-1].close()

    def _give_back(self, connection: _Connection) -> None:
        with self._lock:
            if connection.is_reusable and self._finalizer.alive and len(self._idle) < MOST_IDLE_CONNECTIONS:
                self._idle.append(connection)
                return
        connection.close()


class AsyncStdlibTransport:
    """``StdlibTransport`` for asyncio: each exchange runs in a thread of the loop's default executor.

    A cancelled exchange goes on in its thread, unseen, until it is over or its time limit is reached.
    """

    def __init__(self, *, verify: bool | str = True) -> None:
        self._transport = StdlibTransport(verify=verify)

    async def send(self, request: Request, limits: TimeLimits) -> Response:
        """The answer to ``request``; raises TransportError."""
        import asyncio

        return await asyncio.to_thread(self._transport.send, request, limits)

    async def aclose(self) -> None:
        """Close every idle connection; one in use is closed after use."""
        self._transport.close()

    async def __aenter__(self) -> AsyncStdlibTransport:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


class _Connection:
    """One connection to ``origin``. ``is_reusable`` says after an exchange whether another may follow."""

    __slots__ = ("_http", "_idle_since", "_sock", "is_reusable", "origin")

    def __init__(self, origin: Origin, sock: socket.socket) -> None:
        self.origin = origin
        self.is_reusable = False
        self._sock = sock
        self._idle_since = 0.0
        self._http = http.client.HTTPConnection(*origin[1:])
        self._http.auto_open = 0

    def exchange(self, request: Request, clock: Clock) -> Response:
        """Send and receive; raises StaleConnection where a kept connection gave no answer at all."""
        kept, self.is_reusable = self.is_reusable, False
        self._http.sock = sock = _ClockedSocket(self._sock, clock)
        try:
            self._http.putrequest(
                request.method, request_target(request.url), skip_host=True, skip_accept_encoding=True
            )
            for name, value in request.headers:
                self._http.putheader(name, value)
            self._http.endheaders(request.body)
            sock.allow(LONGEST_HEAD, request.url)
            answer = self._http.getresponse()
            if sock.ended:  # http.client takes the end of the connection for the end of the head
                raise ConnectionResetError
        except OSError as error:
            if kept and not sock.received and not isinstance(error, TimeoutError):
                raise StaleConnection from None
            raise
        sock.allow(2 * LONGEST_BODY, request.url)
        with answer:
            body = _read(answer, request.url)
        self.is_reusable = not answer.will_close
        self._idle_since = time.monotonic()
        return Response(answer.status, answer.getheaders(), body)

    def is_usable(self) -> bool:
        """Whether a request may be sent on it now: what is readable on an idle connection is its end."""
        if time.monotonic() - self._idle_since > LONGEST_IDLE_SECONDS:
            return False
        if hasattr(select, "poll"):  # not on Windows, where select has no limit to the descriptor's number
            poller = select.poll()
            poller.register(self._sock, select.POLLIN)
            return not poller.poll(0)
        return not select.select([self._sock], [], [], 0)[0]

    def close(self) -> None:
        self._http.close()
        self._sock.close()


class _ClockedSocket:
    """The socket as ``http.client`` sees it: whatever it does ends with the clock."""

    def __init__(self, sock: socket.socket, clock: Clock) -> None:
        self.ended = False
        self.received = 0
        self._sock = sock
        self._clock = clock
        self._allowed = LONGEST_HEAD
        self._url = ""

    def allow(self, more: int, url: str) -> None:
        """Refuse what comes beyond ``more`` bytes: ``http.client`` reads without bound a negative chunk size,
        and takes seconds over a header of some ten thousand parameters.
        """
        self._allowed, self._url = self.received + more, url

    def sendall(self, data: bytes) -> None:
        self._sock.settimeout(self._clock.at_most(self._clock.limits.read))
        self._sock.sendall(data)

    def receive_into(self, buffer: Any) -> int:
        self._sock.settimeout(self._clock.at_most(self._clock.limits.read))
        received: int = self._sock.recv_into(buffer)
        self.ended = not received
        self.received += received
        if self.received > self._allowed:
            raise too_large(self._url)
        return received

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_ClockedReader(self))

    def close(self) -> None:
        """Nothing: ``http.client`` calls it before the body of a last answer has been read."""


class _ClockedReader(io.RawIOBase):
    def __init__(self, sock: _ClockedSocket) -> None:
        self._sock = sock

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._sock.receive_into(buffer)


def _open(host: str, port: int, tls: ssl.SSLContext | None, clock: Clock) -> socket.socket:
    """A connected socket, by the first of the host's addresses that answers."""
    failure = OSError(f"the host {host} has no address")
    for family, kind, protocol, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(clock.at_most(clock.limits.connect))
            sock.connect(address)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if tls is None:
                return sock
            sock.settimeout(clock.at_most(clock.limits.connect))
            return tls.wrap_socket(sock, server_hostname=host)
        except OSError as error:
            sock.close()
            failure = error
        except BaseException:
            sock.close()
            raise
    raise failure


def _read(answer: http.client.HTTPResponse, url: str) -> bytes:
    check_declared_length(answer.getheader("content-length"), url)
    body = bytearray()
    while block := answer.read(_BLOCK):
        body += block
        if len(body) > LONGEST_BODY:
            raise too_large(url)
    if answer.length:
        raise TransportError("closed", url)  # the body is shorter than its Content-Length
    return bytes(body)


def _fault(error: BaseException, url: str, clock: Clock) -> BaseException:
    """What to raise in place of ``error``."""
    if isinstance(error, TimeoutError):
        return TransportError("deadline" if clock.is_over() else "read-timeout", url)
    # ValueError: http.client lets int() fail on a malformed number.
    if isinstance(error, (OSError, http.client.HTTPException, ValueError)) and not isinstance(
        error, SageMakerError
    ):
        return TransportError("closed", url)
    return stripped(error)


def _close_all(connections: list[_Connection]) -> None:
    while connections:
        connections.pop().close()
