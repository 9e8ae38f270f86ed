"""An HTTP proxy on loopback: tunnels CONNECT to one server, forwards the absolute form to it, and keeps all heads."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable


class ConnectProxy:
    """Connects every request to ``port`` on loopback, or sends ``refusal`` if that is given."""

    def __init__(self, port: int, refusal: bytes | None = None) -> None:
        self.heads: list[str] = []
        self._target, self._refusal = port, refusal
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._stopped = threading.Event()
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._open: list[socket.socket] = []

    def __enter__(self) -> ConnectProxy:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        with contextlib.suppress(OSError), socket.socket() as knock:
            knock.connect(("127.0.0.1", self.port))  # ends the wait in accept()
        self._threads[0].join()
        self._listener.close()
        for each in self._open:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        for thread in self._threads[1:]:
            thread.join()
        for each in self._open:
            each.close()

    def _accept(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            if self._stopped.is_set():
                connection.close()
                return
            self._open.append(connection)
            self._start(self._serve, connection)

    def _start(self, target: Callable[..., object], *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _serve(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            head = b""
            while b"\r\n\r\n" not in head:
                block = client.recv(65536)
                if not block:
                    return
                head += block
            self.heads.append(head.partition(b"\r\n\r\n")[0].decode("latin-1"))
            if self._refusal is not None:
                client.sendall(self._refusal)
                client.shutdown(socket.SHUT_RDWR)
                return
            server = socket.create_connection(("127.0.0.1", self._target))
            self._open.append(server)
            if head.startswith(b"CONNECT "):
                client.sendall(b"HTTP/1.1 200 Connection established\r\nVia: test\r\n\r\n")
            else:
                server.sendall(head)
            self._start(_pump, server, client)
            _pump(client, server)


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while block := source.recv(65536):
            target.sendall(block)
        target.shutdown(socket.SHUT_WR)
