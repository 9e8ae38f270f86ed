"""The ASGI application, with servers of notebooks that only record the calls."""

from __future__ import annotations

import asyncio
from typing import Any

from sagemaker_api.local.serving.app import Application
from sagemaker_api.local.serving.http_proxy import Message

from ..without_sockets import AUTHORITY, Desk, cookie_of

NOTEBOOK = b"/notebook/nb/"


class Servers:
    """The ``backends``: returns the sockets ``paths`` one after the other; raises those that are errors."""

    def __init__(self, *paths: str | Exception) -> None:
        self.paths = list(paths)
        self.kept: list[frozenset[str]] = []
        self.asked: list[str] = []
        self.closed = 0
        self.before: Any = lambda: None

    async def socket(self, notebook: str) -> str:
        self.asked.append(notebook)
        self.before()
        path = self.paths.pop(0) if len(self.paths) > 1 else self.paths[0]
        if isinstance(path, Exception):
            raise path
        return path

    async def keep(self, notebooks: frozenset[str]) -> None:
        self.kept.append(notebooks)

    async def close(self) -> None:
        self.closed += 1


class World:
    """The application on a LocalSageMaker without sockets, and the messages that it sent."""

    def __init__(self, servers: Servers | None = None) -> None:
        self.desk = Desk()
        self.app = Application(self.desk.local, servers, look=0.0)
        self.sent: list[Message] = []

    async def call(
        self, raw_path: bytes, *messages: dict[str, Any], kind: str = "http", query: bytes = b"", **more: Any
    ) -> None:
        left = list(messages)
        scope: dict[str, Any] = {
            "type": kind,
            "raw_path": raw_path,
            "query_string": query,
            "headers": [(b"host", AUTHORITY.encode()), *more.pop("headers", ())],
            "client": ("127.0.0.1", 5),
            "subprotocols": [],
            "extensions": {"websocket.http.response": {}},
            **({"method": "GET"} if kind == "http" else {}),
            **more,
        }

        async def receive() -> dict[str, Any]:
            if not left:
                await asyncio.Event().wait()
            return left.pop(0)

        async def send(message: Message) -> None:
            self.sent.append(message)

        self.left = left
        await asyncio.wait_for(self.app(scope, receive, send), 60)

    def ask(self, raw_path: bytes, *messages: dict[str, Any], **more: Any) -> None:
        asyncio.run(self.call(raw_path, *messages, **more))

    @property
    def status(self) -> int:
        return int(self.sent[0]["status"])

    @property
    def headers(self) -> dict[bytes, bytes]:
        return dict(self.sent[0]["headers"])

    @property
    def body(self) -> bytes:
        return b"".join(each.get("body", b"") for each in self.sent[1:])

    def cookie(self) -> tuple[bytes, bytes]:
        return (b"cookie", cookie_of(self.desk.get(self.desk.mint())).encode())


def body(content: bytes = b"", more: bool = False) -> dict[str, Any]:
    return {"type": "http.request", "body": content, "more_body": more}
