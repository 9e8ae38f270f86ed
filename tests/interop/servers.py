"""ASGI servers that run the middleware, each in its own process, and simple clients for them."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
APPLICATION = "tests.interop.echo_app:app"
UVICORN = (sys.executable, "-m", "uvicorn", "--log-level", "critical", "--no-access-log", "--port", "{port}")
HYPERCORN = (sys.executable, "-m", "hypercorn", "--log-level", "critical", "--bind", "127.0.0.1:{port}")
GRANIAN = (
    sys.executable, "-m", "granian", "--interface", "asgi", "--host", "127.0.0.1", "--port", "{port}",
    "--no-log", "--http", "1",
)  # fmt: skip
SERVERS = {
    "uvicorn, h11": (*UVICORN, "--http", "h11"),
    "uvicorn, httptools": (*UVICORN, "--http", "httptools"),
    "hypercorn, HTTP/1": HYPERCORN,
    "hypercorn, HTTP/2": HYPERCORN,
    "granian": GRANIAN,
}


@contextmanager
def running(name: str, application: str = APPLICATION, **environment: str) -> Iterator[tuple[int, int]]:
    """Starts the server of this name, yields its port and its process id, and ends it afterwards."""
    port = free_port()
    command = [part.format(port=port) for part in SERVERS[name]]
    process = subprocess.Popen(
        [*command, application],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _wait(process, port)
        yield port, process.pid
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(60)


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    for _ in range(600):
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("the server does not listen")


def http1(
    port: int, method: str, target: bytes, headers: list[tuple[bytes, bytes]], body: bytes
) -> tuple[int, bytes]:
    """Sends exactly these bytes on a new connection; returns status and body, 0 if the connection was closed."""
    head = b"".join(b"%s: %s\r\n" % pair for pair in headers)
    length = b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(body)
    with socket.create_connection(("127.0.0.1", port), 30) as connection:
        connection.sendall(b"%s %s HTTP/1.1\r\n" % (method.encode(), target) + head + length + body)
        answer = b""
        try:
            while block := connection.recv(1 << 16):
                answer += block
        except ConnectionResetError:
            pass
    start, _, rest = answer.partition(b"\r\n\r\n")
    status = start.split(b" ", 2)[1:2]
    return (int(status[0]) if status else 0), rest


class Http2:
    """One HTTP/2 connection without TLS (prior knowledge); each exchange is its own stream."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._open()

    def _open(self) -> None:
        from h2.config import H2Configuration
        from h2.connection import H2Connection

        self._socket = socket.create_connection(("127.0.0.1", self._port), 30)
        self._connection = H2Connection(
            H2Configuration(
                header_encoding=None, validate_outbound_headers=False, normalize_outbound_headers=False
            )
        )
        self._connection.initiate_connection()
        self._socket.sendall(self._connection.data_to_send())

    def close(self) -> None:
        self._socket.close()

    def exchange(
        self, method: str, target: bytes, headers: list[tuple[bytes, bytes]], body: bytes
    ) -> tuple[int, bytes]:
        try:
            return self._exchange(method, target, headers, body)
        except (
            EOFError,
            OSError,
        ):  # the server closed the connection because of an earlier request: try again
            self.close()
            self._open()
        try:
            return self._exchange(method, target, headers, body)
        except (EOFError, OSError):
            self.close()
            self._open()
            return 0, b""

    def _exchange(
        self, method: str, target: bytes, headers: list[tuple[bytes, bytes]], body: bytes
    ) -> tuple[int, bytes]:
        from h2 import events

        host = next((value for name, value in headers if name.lower() == b"host"), b"x")
        pseudo = [
            (b":method", method.encode()),
            (b":scheme", b"http"),
            (b":authority", host),
            (b":path", target),
        ]
        stream = self._connection.get_next_available_stream_id()
        sent = [(name.lower(), value) for name, value in headers if name.lower() != b"host"]
        self._connection.send_headers(stream, pseudo + sent, end_stream=not body)
        if body:
            self._connection.send_data(stream, body, end_stream=True)
        self._socket.sendall(self._connection.data_to_send())
        status, answer = 0, b""
        while data := self._socket.recv(1 << 16):
            for event in self._connection.receive_data(data):
                if isinstance(event, events.ResponseReceived):
                    status = int(dict(event.headers)[b":status"])
                elif isinstance(event, events.DataReceived):
                    answer += event.data
                    self._connection.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                elif isinstance(event, (events.StreamEnded, events.StreamReset)):
                    self._socket.sendall(self._connection.data_to_send())
                    return status, answer
                elif isinstance(event, events.ConnectionTerminated):
                    raise EOFError
            self._socket.sendall(self._connection.data_to_send())
        raise EOFError
