"""Servers that tests use as notebook servers, each on its own Unix socket."""

from __future__ import annotations

import asyncio
import json
import socketserver
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from websockets.asyncio.server import ServerConnection, unix_serve
from websockets.exceptions import ConnectionClosed

Handler = Callable[[ServerConnection], Any]


class Behind:
    """The ``backends`` of a server under test: the server on ``path`` serves every notebook instance."""

    def __init__(self, path: Path) -> None:
        self.path = str(path)
        self.kept: list[frozenset[str]] = []

    async def socket(self, notebook: str) -> str:
        return self.path

    async def keep(self, notebooks: frozenset[str]) -> None:
        self.kept.append(notebooks)

    async def close(self) -> None:
        pass


class WebSockets(Behind):
    """Runs ``handler`` for each WebSocket, in its own thread; a ``with`` block starts and ends it."""

    def __init__(self, path: Path, handler: Handler) -> None:
        super().__init__(path)
        self.connections: set[ServerConnection] = set()
        self._handler = handler
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))

    def __enter__(self) -> WebSockets:
        self._thread.start()
        assert self._ready.wait(60)
        return self

    def __exit__(self, *exception: object) -> None:
        self.loop.call_soon_threadsafe(self._over.set)
        self._thread.join(60)

    async def _handle(self, connection: ServerConnection) -> None:
        self.connections.add(connection)
        try:
            await self._handler(connection)
        except ConnectionClosed:
            pass
        finally:
            self.connections.discard(connection)

    async def _serve(self) -> None:
        self.loop = asyncio.get_running_loop()
        self._over = asyncio.Event()
        async with unix_serve(
            self._handle, self.path, max_size=None, close_timeout=1, subprotocols=None, compression=None
        ):
            self._ready.set()
            await self._over.wait()


async def echo(connection: ServerConnection) -> None:
    async for frame in connection:
        await connection.send(frame)


class _Echo(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length else b""
        if self.headers.get("Transfer-Encoding") == "chunked":
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        seen = {"target": self.path, "headers": [*self.headers.items()], "body": len(body)}
        answer = json.dumps(seen).encode()
        self.send_response(int(self.headers.get("X-Status", "200")))
        for name, value in json.loads(self.headers.get("X-Answer", "[]")):
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer)

    do_POST = do_PUT = do_DELETE = do_HEAD = do_GET

    def address_string(self) -> str:
        return "unix"

    def log_message(self, *arguments: object) -> None:
        pass


class Http(Behind):
    """Answers every request with a description of it; ``X-Status`` and ``X-Answer`` set the head of the answer."""

    def __enter__(self) -> Http:
        self._server = socketserver.ThreadingUnixStreamServer(self.path, _Echo)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(60)
