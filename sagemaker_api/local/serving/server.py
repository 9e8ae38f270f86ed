"""A small threaded HTTP/1.1 server: keeps a request's exact bytes; limits times, sizes and connections."""

from __future__ import annotations

import contextlib
import io
import os
import socket
import socketserver
import sys
import threading
import time
from collections.abc import Callable
from email.utils import formatdate
from http import HTTPStatus
from typing import Any, Protocol

from sigv4.errors import SigningError
from sigv4.headers import length_of
from sigv4.network.forks import ProcessLock
from sigv4.request import Request, Response
from sigv4.target import join_host

from ...aws_json import CONTENT_TYPE
from ...errors import ConfigError
from ..notebook_hosts import notebook_of
from .bodies import BodyRoom, is_unsigned_call

MAX_HEAD = 64 * 1024
MAX_BODY = 1024 * 1024
MESSAGE_SECONDS = 20.0
IDLE_SECONDS = 60
_LINGER_SECONDS = 2.0
_MOST_CONNECTIONS = 256
_DEFAULT_PORT = 80
INTERNAL_FAILURE = Response(500, (("Content-Type", CONTENT_TYPE),), b'{"__type":"InternalFailure"}')


class Answering(Protocol):
    """The object that a server serves."""

    def answer(self, request: Request, peer: str) -> Response: ...


class _Refused(Exception):
    """The request is not accepted: this status is sent, then the connection is closed."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Server(socketserver.ThreadingTCPServer):
    """Listens at once on ``host`` and ``port`` (0 for a free one); serves from ``start`` to ``stop``.

    A request with another Host is refused with 421, so that no web page can use this server by DNS rebinding.
    ``answer`` gets each request and the address of its client. If there are more than 256 connections, the
    one that was silent for longest is closed. ``clock`` returns epoch seconds. Raises OSError if it cannot
    listen.
    """

    allow_reuse_address: bool = sys.platform != "win32"  # on Windows another program could take the port
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, host: str, port: int, clock: Callable[[], float]) -> None:
        self.address_family: int = socket.AF_INET6 if ":" in host else socket.AF_INET
        super().__init__((host, port), _Connection)
        self.port: int = self.server_address[1]
        authority, hosts = hosts_of(host, self.port)
        self.authority: str = authority
        self.hosts: frozenset[str] = hosts
        self.clock = clock
        self.room: BodyRoom = BodyRoom()
        self.answer: Callable[[Request, str], Response] = lambda request, peer: Response(503)
        # Connection -> whether it is being answered; the one that was silent for longest comes first.
        self._open: dict[socket.socket, bool] = {}
        self._lock = ProcessLock()
        self._thread: threading.Thread | None = None
        self._process = os.getpid()

    def start(self, local: Answering) -> None:
        """Starts to serve ``local``. Raises ConfigError if it was started or stopped before."""
        if self._thread is not None or self.fileno() < 0:
            raise ConfigError(
                "this server was started before, and cannot start again: make another LocalSageMaker"
            )
        self.answer = local.answer
        self._thread = threading.Thread(
            target=self.serve_forever, args=(0.05,), name="local-sagemaker", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Stops listening and closes every connection."""
        if self._process != os.getpid():  # in a forked child: the parent continues to serve
            self.server_close()
            return
        if self._thread is not None:
            self.shutdown()
            self._thread.join()
        self.server_close()
        with self._lock:
            still_open = list(self._open)
        for connection in still_open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def process_request(
        self, request: socket.socket | tuple[bytes, socket.socket], client_address: object
    ) -> None:
        if isinstance(request, socket.socket):
            self._admit(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: socket.socket | tuple[bytes, socket.socket]) -> None:
        super().shutdown_request(request)
        if isinstance(request, socket.socket):
            with self._lock:
                self._open.pop(request, None)

    def mark(self, connection: socket.socket, *, answering: bool) -> None:
        """Records whether ``connection`` is being answered, or waits for its client."""
        with self._lock:
            if self._open.pop(connection, None) is not None:
                self._open[connection] = answering

    def _admit(self, connection: socket.socket) -> None:
        with self._lock:
            self._open[connection] = False
            if len(self._open) <= _MOST_CONNECTIONS:
                return
            silent = next(each for each, answering in self._open.items() if not answering)
            del self._open[silent]
        with contextlib.suppress(OSError):
            silent.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: object, client_address: object) -> None:
        """Prints nothing: a broken connection is not the server's fault, and a traceback may hold a token."""


def hosts_of(host: str, port: int) -> tuple[str, frozenset[str]]:
    """The authority of a server bound to ``host``, and the values of Host that it accepts, in lower case."""
    authority = join_host(host, port)
    bound = authority.removesuffix(f":{port}")
    names = (bound.lower(), "127.0.0.1", "localhost", "[::1]")
    # RFC 9110 §7.2: in Host a client does not write the default port of the scheme.
    ports = (f":{port}", "") if port == _DEFAULT_PORT else (f":{port}",)
    return authority, frozenset(name + end for name in names for end in ports)


class _Incoming(io.RawIOBase):
    """The bytes from a client; reading raises TimeoutError after the time ``ends`` (monotonic seconds)."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self.ends = 0.0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        remaining = self.ends - time.monotonic()
        if remaining <= 0:
            raise TimeoutError
        self._connection.settimeout(remaining)
        return self._connection.recv_into(buffer)


class _Connection(socketserver.BaseRequestHandler):
    request: socket.socket

    def __init__(self, request: socket.socket, address: Any, server: Server) -> None:
        self._server = server
        super().__init__(request, address, server)

    def setup(self) -> None:
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
        self._incoming = _Incoming(self.request)
        self._reader = io.BufferedReader(self._incoming)
        self._unread = False  # whether the request's body is not read: the answer then ends the connection

    def handle(self) -> None:
        try:
            while self._one():
                pass
        except _Refused as refused:
            with contextlib.suppress(OSError):
                self._send(Response(refused.status), head_only=False, close=True)
                self._linger()
        except OSError:
            return  # the client has disconnected

    def _one(self) -> bool:
        """Serves one request; returns whether the connection stays open."""
        self._incoming.ends = time.monotonic() + IDLE_SECONDS
        try:
            if not self._reader.peek(1):
                return False
        except TimeoutError:
            return False
        self._incoming.ends = time.monotonic() + MESSAGE_SECONDS
        try:
            request = self._read()
        except TimeoutError:
            raise _Refused(408) from None
        self._server.mark(self.request, answering=True)
        options = ",".join(request.header_values("connection")).lower().split(",")
        close = "close" in [option.strip() for option in options]
        try:
            response = self._server.answer(request, self.client_address[0])
        except Exception as error:  # noqa: BLE001 (whatever happens, no traceback leaves)
            report(error)
            response = INTERNAL_FAILURE
        close = close or self._unread
        self._send(response, head_only=request.method == "HEAD", close=close)
        self._server.mark(self.request, answering=False)
        if self._unread:
            self._linger()
        return not close

    def _read(self) -> Request:
        head = self._head()
        try:
            request = Request.parse(head)
        except SigningError:
            raise _Refused(400) from None
        version = head.partition(b"\r\n")[0].rpartition(b" ")[2]
        if version != b"HTTP/1.1" or not request.url.startswith("/"):
            raise _Refused(400 if version == b"HTTP/1.1" else 505)
        host = ",".join(request.header_values("host")).lower()
        if host not in self._server.hosts and not notebook_of(host, self._server.hosts):
            raise _Refused(421)
        return Request(request.method, request.url, request.headers, self._body(request))

    def _head(self) -> bytes:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = self._reader.readline(MAX_HEAD - len(head) + 1)
            head += line
            if len(head) > MAX_HEAD:
                raise _Refused(431)
            if not line.endswith(b"\r\n"):
                raise _Refused(400)
            if head == b"\r\n":
                head = b""  # RFC 9112 §2.2: an empty line before the request line is skipped
        return head

    def _body(self, request: Request) -> bytes:
        lengths = request.header_values("content-length")
        if request.has_header("transfer-encoding"):
            raise _Refused(400 if lengths else 501)
        expected = ",".join(request.header_values("expect")).lower()
        if expected not in ("", "100-continue"):
            raise _Refused(417)
        if not lengths:
            return b""
        length = length_of(lengths[0])
        if len(lengths) > 1 or length is None:
            raise _Refused(400)
        if length > MAX_BODY:
            raise _Refused(413)
        if length and is_unsigned_call(request):
            self._unread = True
            return b""
        if expected:
            self._write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if not self._server.room.take(length):
            raise _Refused(503)
        try:
            body = self._reader.read(length)
        finally:
            self._server.room.give_back(length)
        if len(body) != length:
            raise _Refused(400)
        return body

    def _send(self, response: Response, *, head_only: bool, close: bool) -> None:
        phrase = HTTPStatus(response.status).phrase
        lines = [
            f"HTTP/1.1 {response.status} {phrase}",
            f"Date: {formatdate(self._server.clock(), usegmt=True)}",
        ]
        lines += [f"{name}: {value}" for name, value in response.headers if isinstance(value, str)]
        lines.append(f"Content-Length: {len(response.body)}")
        if close:
            lines.append("Connection: close")
        head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
        self._write(head if head_only else head + response.body)

    def _write(self, message: bytes) -> None:
        self.request.settimeout(MESSAGE_SECONDS)
        self.request.sendall(message)

    def _linger(self) -> None:
        """Reads and drops the client's bytes for a while (RFC 9112 §9.6).

        If bytes are unread when a connection is closed, TCP resets it, and the client may lose the answer.
        """
        self.request.shutdown(socket.SHUT_WR)
        ends = time.monotonic() + _LINGER_SECONDS
        while (remaining := ends - time.monotonic()) > 0:
            self.request.settimeout(remaining)
            if not self.request.recv(65536):
                break


def report(error: Exception) -> None:
    """Prints on stderr where an internal error happened, without its text, which may hold secrets."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f" at {place.tb_frame.f_code.co_filename}:{place.tb_lineno}" if place is not None else ""
    sys.stderr.write(
        f"local SageMaker: {type(error).__name__}{where}: an error in the endpoint, not in your request\n"
    )
