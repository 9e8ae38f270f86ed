"""One HTTP exchange over a socket of its own, within a deadline; its faults carry curl's exit codes."""

from __future__ import annotations

import http.client
import io
import os
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from email.errors import (
    FirstHeaderLineIsContinuationDefect,
    InvalidHeaderDefect,
    MissingHeaderBodySeparatorDefect,
)
from typing import IO, Any

BLOCK = 1 << 16
# http.client drops such a line, the second kind with all that follow it.
_BROKEN_HEADERS = (
    FirstHeaderLineIsContinuationDefect,
    MissingHeaderBodySeparatorDefect,
    InvalidHeaderDefect,
)


class Failure(Exception):
    """The exchange failed. ``code`` is curl's exit code for it."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class Deadline:
    """Ends the connection it watches when ``seconds`` are over, however slowly that one drips."""

    def __init__(self, seconds: float | None) -> None:
        self._seconds = seconds
        self._end = None if seconds is None else time.monotonic() + seconds
        self._watched: socket.socket | None = None
        self._timer: threading.Timer | None = None

    def __enter__(self) -> Deadline:
        return self

    def __exit__(self, *_: object) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer.join()
        if self._watched is not None:
            self._watched.close()

    def left(self) -> float | None:
        """Seconds that are left, None without a limit. Raises Failure where none are."""
        if self._end is None:
            return None
        left = self._end - time.monotonic()
        if left <= 0:
            raise self.over()
        return left

    def is_over(self) -> bool:
        return self._end is not None and time.monotonic() >= self._end

    def over(self) -> Failure:
        return Failure(28, f"--max-time: {self._seconds:g} seconds are over")

    def watch(self, connection: socket.socket) -> None:
        """Shut ``connection`` down when the time comes, whatever blocks on it."""
        left = self.left()
        if left is not None:
            # A descriptor of its own: a TLS socket is not to be touched by two threads.
            self._watched = watched = connection.dup()
            self._timer = threading.Timer(left, _shut_down, [watched])
            self._timer.daemon = True
            self._timer.start()


def _shut_down(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it had ended by itself


def size(body: bytes | IO[bytes] | None) -> int:
    if body is None or isinstance(body, bytes):
        return len(body or b"")
    return os.fstat(body.fileno()).st_size - body.tell()


def connect(scheme: str, host: str, port: int, deadline: Deadline) -> socket.socket:
    """A connection to the first address of the host that answers. Raises Failure."""
    fault: OSError | None = None
    for family, kind, protocol, address in _resolve(host, port, deadline):
        connection = socket.socket(family, kind, protocol)
        try:
            connection.settimeout(deadline.left())
            connection.connect(address)
        except OSError as error:
            connection.close()
            fault = error
            continue
        except Failure:
            connection.close()
            raise
        connection.settimeout(None)
        deadline.watch(connection)
        return _with_tls(connection, host, deadline) if scheme == "https" else connection
    if deadline.is_over():
        raise deadline.over()
    raise Failure(7, f"no connection to {host} port {port}: {fault}")


def _resolve(
    host: str, port: int, deadline: Deadline
) -> list[tuple[socket.AddressFamily, socket.SocketKind, int, Any]]:
    """The addresses of a host; in a thread, since a name server that is silent knows no deadline."""
    found: list[tuple[socket.AddressFamily, socket.SocketKind, int, Any]] = []
    faults: list[OSError] = []

    def resolve() -> None:
        try:
            for family, kind, protocol, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
                found.append((family, kind, protocol, address))
        except (OSError, UnicodeError) as error:
            faults.append(OSError(str(error)))

    thread = threading.Thread(target=resolve, daemon=True)
    thread.start()
    thread.join(deadline.left())
    if thread.is_alive():
        raise deadline.over()
    if faults or not found:
        raise Failure(6, f"the host {host!r} was not found: {faults[0] if faults else 'it has no address'}")
    return found


def _with_tls(connection: socket.socket, host: str, deadline: Deadline) -> socket.socket:
    try:
        return ssl.create_default_context().wrap_socket(
            connection, server_hostname=host, suppress_ragged_eofs=False
        )
    except ssl.SSLCertVerificationError as error:
        connection.close()
        raise Failure(60, f"the certificate of {host} is not trusted: {error.verify_message}") from None
    except OSError as error:
        connection.close()
        if deadline.is_over():
            raise deadline.over() from None
        raise Failure(35, f"no TLS session with {host}: {error}") from None


def send(
    connection: socket.socket,
    method: str,
    target: str,
    lines: list[tuple[str, str | bytes]],
    body: Iterable[bytes],
    deadline: Deadline,
) -> http.client.HTTPResponse:
    """Send exactly this, and return the answer with its head read. Raises Failure."""
    head = f"{method} {target} HTTP/1.1\r\n".encode("ascii")
    for name, value in lines:
        head += (
            name.encode("ascii") + b": " + (value if isinstance(value, bytes) else value.encode()) + b"\r\n"
        )
    fault: OSError | None = None
    try:
        connection.sendall(head + b"\r\n")
        for block in body:
            connection.sendall(block)
    except OSError as error:
        fault = error  # a server may answer, and close, before it has read the whole body
    try:
        return _final_answer(connection, method)
    except Failure as error:
        failure = error
    except http.client.RemoteDisconnected:
        failure = Failure(52, "the connection ended without an answer")
    except (http.client.HTTPException, ValueError) as error:
        failure = Failure(8, f"the answer is not HTTP: {type(error).__name__}: {str(error).strip()}")
    except OSError as error:
        failure = Failure(56, f"no answer could be received: {error}")
    if deadline.is_over():
        raise deadline.over()
    raise Failure(55, f"the request could not be sent: {fault}") if fault else failure


def body_blocks(body: bytes | IO[bytes] | None, length: int) -> Iterator[bytes]:
    """The ``length`` bytes of the body. Raises Failure where its file no longer has them."""
    if isinstance(body, bytes):
        yield body
    elif body is not None:
        while length:
            try:
                block = body.read(min(BLOCK, length))
            except OSError as error:
                raise Failure(26, f"the body could not be read: {error.strerror}") from None
            if not block:
                raise Failure(26, f"the file of the body became {length} bytes shorter while it was sent")
            length -= len(block)
            yield block


class _Reader(io.BufferedReader):
    """Knows whether the last line was whole: http.client takes the end of the connection for a blank line."""

    line_is_whole = True

    def readline(self, size: int | None = -1, /) -> bytes:
        line = super().readline(size)
        self.line_is_whole = line.endswith(b"\n")
        return line


class _OneReader:
    """Hands the same buffered reader to every answer of a connection: a 1xx answer may come with the next."""

    def __init__(self, connection: socket.socket) -> None:
        self.reader = _Reader(connection.makefile("rb", buffering=0))

    def makefile(self, _mode: str) -> io.BufferedReader:
        return self.reader


def _final_answer(connection: socket.socket, method: str) -> http.client.HTTPResponse:
    source: Any = _OneReader(connection)
    while True:
        answer = http.client.HTTPResponse(source, method=method)
        try:
            answer.begin()
            _check_head(answer, source.reader)
        except BaseException:
            answer.close()
            raise
        if not 100 <= answer.status < 200 or answer.status == 101:
            return answer
        answer.fp = None  # type: ignore[assignment]  # it closes the reader when it is collected


def _check_head(answer: http.client.HTTPResponse, reader: _Reader) -> None:
    """Raises Failure for what http.client lets pass."""
    if not reader.line_is_whole:
        raise Failure(56, "the head of the answer ended early")
    if any(isinstance(defect, _BROKEN_HEADERS) for defect in answer.msg.defects):
        raise Failure(8, "the answer is not HTTP: a line of its head is no header")
    coding = answer.getheader("Transfer-Encoding", "identity")
    if coding.lower() not in ("chunked", "identity"):
        raise Failure(8, f"the answer is in the transfer coding {coding[:80]!r}: expected 'chunked' or none")


def blocks(answer: http.client.HTTPResponse, deadline: Deadline) -> Iterator[bytes]:
    """The body of the answer as it comes. Raises Failure where it ends before its declared end."""
    if answer.length == 0:
        return  # http.client would look for the chunks of a 204 or 304 that says "chunked"
    reader, declared, received = answer.fp, answer.length, 0
    try:
        while block := answer.read1(BLOCK):
            received += len(block)
            yield block
    except (http.client.HTTPException, ValueError) as error:
        if deadline.is_over():
            raise deadline.over() from None
        raise Failure(18, f"the body ended early ({type(error).__name__})") from None
    except OSError as error:
        if deadline.is_over():
            raise deadline.over() from None
        raise Failure(56, f"receiving failed: {error}") from None
    if deadline.is_over() and received != declared:
        raise deadline.over()
    if answer.chunked and isinstance(reader, _Reader) and not reader.line_is_whole:
        raise Failure(18, "the body ended early: without the end of its last chunk")
    if declared is not None and received < declared:
        raise Failure(18, f"the body ended early: {received} of {declared} bytes")
