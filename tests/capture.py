"""A server on loopback that records the bytes of every request."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable
from typing import NamedTuple

from sigv4 import Credentials, Signer, Verified, Verifier

SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
TOKEN = "SESSION/TOKEN+=="
CREDENTIALS = Credentials("AKIDEXAMPLE", SECRET, TOKEN)
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Captured(NamedTuple):
    method: str
    target: str
    headers: list[tuple[str, bytes]]
    body: bytes
    wire: bytes

    def header(self, name: str) -> bytes | None:
        found = [value for key, value in self.headers if key.lower() == name.lower()]
        return found[0] if found else None

    @property
    def names(self) -> set[str]:
        return {name.lower() for name, _ in self.headers}


class CapturingServer:
    """Answers each request with ``answer(captured)``, one per connection. ``with`` starts and ends it."""

    def __init__(
        self,
        answer: Callable[[Captured], bytes] = lambda captured: OK,
        *,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.answer = answer
        self._tls = tls
        self.captured: list[Captured] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        scheme = "https" if tls else "http"
        self.origin = f"{scheme}://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> CapturingServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.settimeout(60)
            try:
                if self._tls:
                    connection = self._tls.wrap_socket(connection, server_side=True)
            except OSError:
                connection.close()
                continue
            with connection:
                try:
                    captured = read_request(connection)
                except (OSError, ValueError):
                    continue  # the client has disconnected
                self.captured.append(captured)
                connection.sendall(self.answer(captured))

    @property
    def last(self) -> Captured:
        return self.captured[-1]


def read_request(connection: socket.socket) -> Captured:
    with connection.makefile("rb") as stream:
        wire = line = stream.readline()
        method, target, _ = line.decode("latin-1").split(" ")
        headers = []
        while (line := stream.readline()) != b"\r\n":
            wire += line
            name, _, value = line.partition(b":")
            headers.append((name.decode("ascii"), value.strip()))
        fields = {name.lower(): value for name, value in headers}
        body = b""
        if fields.get("expect", b"").lower() == b"100-continue":
            connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        if fields.get("transfer-encoding") == b"chunked":
            while size := int(stream.readline(), 16):
                body += stream.read(size)
                stream.readline()
            stream.readline()
        else:
            length = int(fields.get("content-length", 0))
            body = stream.read(length)
            if len(body) != length:
                raise ValueError("the body ended early")
        return Captured(method, target, headers, body, wire + b"\r\n" + body)


def redirect(status: int, location: str) -> bytes:
    head = f"HTTP/1.1 {status} Elsewhere\r\nLocation: {location}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    return head.encode()


def signer(service: str = "sagemaker") -> Signer:
    return Signer(service, "us-east-1", CREDENTIALS)


def verify(captured: Captured, service: str = "sagemaker") -> Verified:
    """Verifies the captured bytes; raises VerificationError."""
    verifier = Verifier(service, "us-east-1", lambda claim: CREDENTIALS)
    return verifier.verify(captured.method, captured.target, captured.headers, captured.body)
