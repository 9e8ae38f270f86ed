"""A small threaded HTTP/1.1 server of the standard library: exact bytes in, exact bytes out, bounds on all."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import threading
from collections.abc import Callable
from email.utils import formatdate
from http import HTTPStatus

from sigv4.errors import SigningError
from sigv4.request import Request
from sigv4.response import Response

_MAX_HEAD = 64 * 1024
_MAX_BODY = 1024 * 1024
_TIMEOUT = 20.0


class _Refused(Exception):
    """The message cannot be read further: this status, then the connection is closed."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Server(socketserver.ThreadingTCPServer):
    """Listens at once on ``host`` and ``port`` (0 for a free one); serves from ``start`` to ``stop``.

    A request whose Host is not this server's own is refused with 421, so that no web page reaches it by
    rebinding its own name to the loopback address.
    """

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, host: str, port: int, clock: Callable[[], float]) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        super().__init__((host, port), _Connection)
        self.port: int = self.server_address[1]
        bound = f"[{host}]" if ":" in host else host
        self.authority = f"{bound}:{self.port}"
        self.hosts = {
            self.authority.lower(),
            *(f"{name}:{self.port}" for name in ("127.0.0.1", "localhost", "[::1]")),
        }
        self.clock = clock
        self.answer: Callable[[Request], Response] = lambda request: Response(503)
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(
            target=self.serve_forever, args=(0.05,), name="local-sagemaker", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Stop listening and close every connection."""
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
            with self._lock:
                self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: socket.socket | tuple[bytes, socket.socket]) -> None:
        super().shutdown_request(request)
        if isinstance(request, socket.socket):
            with self._lock:
                self._open.discard(request)

    def handle_error(self, request: object, client_address: object) -> None:
        """Nothing is printed: a broken connection is the client's affair, and a traceback may hold a token."""


class _Connection(socketserver.StreamRequestHandler):
    server: Server
    timeout = _TIMEOUT
    disable_nagle_algorithm = True

    def handle(self) -> None:
        try:
            while self._one():
                pass
        except _Refused as refused:
            self._send(Response(refused.status), head_only=False, close=True)
        except OSError:
            return  # timed out, or gone

    def _one(self) -> bool:
        """Serve one request; whether the connection stays open for another."""
        request = self._read()
        if request is None:
            return False
        close = _header(request, "connection").lower() == "close"
        host = _header(request, "host").lower()
        if host not in self.server.hosts:
            raise _Refused(421)
        try:
            response = self.server.answer(request)
        except Exception:  # noqa: BLE001 (whatever happens, no traceback leaves)
            response = Response(
                500, (("Content-Type", "application/x-amz-json-1.1"),), b'{"__type":"InternalFailure"}'
            )
        self._send(response, head_only=request.method == "HEAD", close=close)
        return not close

    def _read(self) -> Request | None:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = self.rfile.readline(_MAX_HEAD - len(head) + 1)
            if not line and not head:
                return None
            head += line
            if len(head) > _MAX_HEAD:
                raise _Refused(431)
            if not line.endswith(b"\r\n"):
                raise _Refused(400)
            if head == b"\r\n":
                head = b""  # RFC 9112 §2.2: an empty line before the request line is skipped
        try:
            request = Request.parse(head)
        except SigningError:
            raise _Refused(400) from None
        version = head.partition(b"\r\n")[0].rpartition(b" ")[2]
        if version != b"HTTP/1.1" or not request.url.startswith("/"):
            raise _Refused(400 if version == b"HTTP/1.1" else 505)
        return Request(request.method, request.url, request.headers, self._body(request))

    def _body(self, request: Request) -> bytes:
        lengths = [value for name, value in request.headers if name.lower() == "content-length"]
        if _header(request, "transfer-encoding"):
            raise _Refused(501 if not lengths else 400)
        if not lengths:
            return b""
        text = lengths[0]
        if len(lengths) > 1 or not isinstance(text, str) or not text.isdigit() or len(text) > 12:
            raise _Refused(400)
        length = int(text)
        if length > _MAX_BODY:
            raise _Refused(413)
        if _header(request, "expect").lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = self.rfile.read(length)
        if len(body) != length:
            raise _Refused(400)
        return body

    def _send(self, response: Response, *, head_only: bool, close: bool) -> None:
        phrase = HTTPStatus(response.status).phrase
        lines = [
            f"HTTP/1.1 {response.status} {phrase}",
            f"Date: {formatdate(self.server.clock(), usegmt=True)}",
        ]
        lines += [f"{name}: {value}" for name, value in response.headers if isinstance(value, str)]
        lines.append(f"Content-Length: {len(response.body)}")
        if close:
            lines.append("Connection: close")
        head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
        self.wfile.write(head if head_only else head + response.body)


def _header(request: Request, name: str) -> str:
    values = [value for key, value in request.headers if key.lower() == name]
    return ",".join(value if isinstance(value, str) else value.decode("latin-1") for value in values)
