"""HTTP exchanges on one connection, by ``http.client``, with limits on time and size.

The requests of transports and credential providers are sent without changes; no redirect is followed.
"""

from __future__ import annotations

import http.client
import select
import socket
import time

from ..errors import printable
from ..headers import length_of
from ..request import Response
from ..target import cut_url, join_host
from .deadline_socket import (
    LONGEST_HEAD,
    ClockedSocket,
    ExchangeError,
    FinalAnswer,
    HostNotFound,
    open_socket,
    too_large,
)
from .tls import tls_reason

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable
    from typing import Any

    from ..request import Request
    from ..target import SplitUrl
    from .proxies import Proxy
    from .time_limits import Clock


_CUT_OFF = "the head of the answer ended early"


class StaleConnection(Exception):
    """A reused connection was closed before any byte of the answer was received."""


def check_declared_length(length: str | None, longest: int) -> None:
    """Raises ExchangeError if the Content-Length is larger than ``longest`` bytes."""
    if (length_of(length or "") or 0) > longest:
        raise too_large(longest)


def connect(
    where: SplitUrl, clock: Clock, *, tls: ssl.SSLContext | None = None, proxy: Proxy | None = None
) -> Connection:
    """A connection to the host and port of ``where``: over TLS with ``tls``, through ``proxy`` if given.

    Raises ExchangeError, and TimeoutError when the time of ``clock`` is over.
    """
    host, port = where.host, where.port
    sock: socket.socket | None = None
    try:
        sock = open_socket(*((host, port) if proxy is None else (proxy.host, proxy.port)), clock)
        if proxy is not None and tls is not None:
            _tunnel(sock, join_host(host, port), proxy, clock)
        if tls is not None:
            sock.settimeout(clock.at_most(clock.limits.connect))
            # A body without a length is complete only if TLS closes the connection properly.
            sock = tls.wrap_socket(sock, server_hostname=host, suppress_ragged_eofs=False)
    except BaseException as error:
        reached = sock is not None
        if sock is not None:
            sock.close()
        if isinstance(error, TimeoutError) and not clock.is_over():
            raise ExchangeError("connect-timeout") from None
        if not isinstance(error, OSError) or isinstance(error, TimeoutError):
            raise
        reason = tls_reason(error)
        kind = "tls" if reason else "connect" if proxy is None or reached else "proxy"
        stage = "resolve" if isinstance(error, HostNotFound) else "tls" if reached else "connect"
        if hasattr(error, "verify_message"):  # ssl.SSLCertVerificationError
            stage = "certificate"
        raise ExchangeError(kind, reason or str(error), stage) from None
    return Connection(sock, f"{where.scheme}://{where.authority}", proxy if tls is None else None)


class Connection:
    """One connection. ``is_reusable`` says after an exchange whether another may follow."""

    __slots__ = ("_http", "_idle_since", "_origin", "_proxy", "_sock", "is_reusable", "received")
    received: int  # bytes received of an answer that failed

    def __init__(self, sock: socket.socket, origin: str, proxy: Proxy | None) -> None:
        self.is_reusable: bool = False
        self._sock = sock
        self._idle_since = 0.0
        self._origin, self._proxy = origin, proxy  # a forwarding proxy, not one after CONNECT
        self._http = http.client.HTTPConnection("")
        self._http.response_class = FinalAnswer
        self._http.auto_open = 0

    def exchange(self, request: Request, clock: Clock, longest: int) -> Response:
        """Sends ``request`` and receives an answer with a body of up to ``longest`` bytes.

        Raises StaleConnection if a reused connection gave no answer at all, ExchangeError, and TimeoutError.
        """
        kept, self.is_reusable = self.is_reusable, False
        try:
            answer, sock = self.begin(request, [request.body] if request.body else [], clock)
        except ExchangeError:
            if kept and not self.received:
                raise StaleConnection from None
            raise
        sock.allow(2 * longest)
        with answer:
            body = _whole(answer, sock, longest)
        self.is_reusable = not answer.will_close
        self._idle_since = time.monotonic()
        return Response(answer.status, answer.getheaders(), body)

    def begin(
        self, request: Request, body: Iterable[bytes], clock: Clock, longest_head: int = LONGEST_HEAD
    ) -> tuple[FinalAnswer, ClockedSocket]:
        """Sends the head of ``request`` and the blocks of ``body``; returns the answer before its body.

        Raises ExchangeError, TimeoutError when the time is over, and any error of ``body``.
        """
        self._http.sock = sock = ClockedSocket(self._sock, clock, longest_head)
        fault: OSError | None = None
        sock.allow(longest_head)
        try:
            self._send_head(request)
            for block in body:
                self._http.send(block)
        except TimeoutError:
            raise
        except OSError as error:
            fault = error  # a server may answer, and close, before it has read the whole body
        try:
            answer: Any = self._http.getresponse()  # a FinalAnswer: the response_class
            if sock.ended:  # http.client treats the end of the connection as the end of the head
                raise ExchangeError("closed", _CUT_OFF)
        except TimeoutError:
            raise
        except (OSError, http.client.HTTPException, ValueError, ExchangeError) as error:
            self.received = sock.received
            if fault is not None:
                raise ExchangeError("closed", str(fault), "send") from None
            if isinstance(error, ExchangeError) and sock.ended:  # the malformed line is an incomplete one
                raise ExchangeError("closed", _CUT_OFF) from None
            raise _unanswered(error) from None
        return answer, sock

    def _send_head(self, request: Request) -> None:
        target = cut_url(request.url)[2]
        if self._proxy is not None:
            target = self._origin + target  # RFC 9112 §3.2.2: the absolute form
        self._http.putrequest(request.method, target, skip_host=True, skip_accept_encoding=True)
        for name, value in request.headers:
            self._http.putheader(name, value)
        if self._proxy is not None and self._proxy.authorization:
            self._http.putheader("Proxy-Authorization", self._proxy.authorization)
        self._http.endheaders()

    def is_usable(self, longest_idle: float) -> bool:
        """Whether a request may be sent now: if an idle connection is readable, the server has closed it."""
        if time.monotonic() - self._idle_since > longest_idle:
            return False
        if hasattr(select, "poll"):  # not on Windows, where select accepts any descriptor number
            poller = select.poll()
            poller.register(self._sock, select.POLLIN)
            return not poller.poll(0)
        return not select.select([self._sock], [], [], 0)[0]

    def close(self) -> None:
        self._http.close()
        self._sock.close()


def _tunnel(sock: socket.socket, target: str, proxy: Proxy, clock: Clock) -> None:
    """CONNECT (RFC 9110 §9.3.6). Raises ExchangeError for any status but 2xx."""
    lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}"]
    if proxy.authorization:
        lines.append(f"Proxy-Authorization: {proxy.authorization}")
    sock.settimeout(clock.at_most(clock.limits.connect))
    sock.sendall("\r\n".join([*lines, "", ""]).encode("latin-1"))
    lines = []
    head = bytearray()
    while not head.endswith(b"\r\n\r\n"):
        sock.settimeout(clock.at_most(clock.limits.connect))
        byte = sock.recv(1)  # one at a time: the bytes after the head belong to TLS
        head += byte
        if not byte or len(head) > LONGEST_HEAD:
            raise ExchangeError("proxy", "it closed the connection" if not byte else "its answer is not HTTP")
    status = bytes(head).partition(b"\r\n")[0].decode("latin-1")
    version, _, rest = status.partition(" ")
    if not version.startswith("HTTP/1.") or rest[:1] != "2" or not rest[:3].isdigit():
        shown = printable(status[:80])
        kind = "proxy-refused" if rest[:1] == "4" else "proxy"  # such as 407: a retry would not help
        raise ExchangeError(kind, f"it answered {shown!r} to CONNECT")


def _unanswered(error: BaseException) -> ExchangeError:
    """The error for an answer whose head was not received."""
    if isinstance(error, ExchangeError):
        return error
    if isinstance(error, http.client.RemoteDisconnected):
        return ExchangeError("closed", "the connection ended without an answer", "no-answer")
    if isinstance(error, OSError):
        return ExchangeError("closed", str(error))
    # ValueError: http.client lets int() fail on a malformed number.
    return ExchangeError("closed", f"{type(error).__name__}: {str(error).strip()}", "not-http")


def _whole(answer: FinalAnswer, sock: ClockedSocket, longest: int) -> bytes:
    check_declared_length(answer.getheader("content-length"), longest)
    body = bytearray()
    for block in answer.blocks(sock):
        body += block
        if len(body) > longest:
            raise too_large(longest)
    return bytes(body)


def fault_kind(error: BaseException, clock: Clock) -> ExchangeError | None:
    """The ExchangeError for an error of an exchange, or None for other errors (an interrupt)."""
    if isinstance(error, ExchangeError):
        return error
    if isinstance(error, TimeoutError):
        return ExchangeError("deadline" if clock.is_over() else "read-timeout")
    # ValueError: http.client lets int() fail on a malformed number.
    if isinstance(error, (OSError, http.client.HTTPException, ValueError)):
        return ExchangeError("closed")
    return None
