"""Runs one exchange with an application behind the middleware, and records it."""

from __future__ import annotations

import asyncio
from typing import Any

from sigv4 import Signer, Verifier
from sigv4.adapters.asgi import SigV4Middleware
from tests.sigv4.signed import NOW, TEMPORARY

HOST = "api.example"


class App:
    """An application that records its scope and reads the whole body."""

    def __init__(self) -> None:
        self.scope: Any = None
        self.body = b""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.scope = scope
        more = True
        while more:
            message = await receive()
            self.body += message.get("body", b"")
            more = message.get("more_body", False)
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b""})


class Exchange:
    """One request through a middleware: what the application saw, what was sent, how often the body was asked for."""

    def __init__(
        self, service: str = "execute-api", *, blocks: list[bytes] | None = None, **options: Any
    ) -> None:
        self.app = App()
        self.sent: list[dict[str, Any]] = []
        self.received = 0
        self.kind = "http"
        self._blocks = [b""] if blocks is None else blocks
        checks = {name: options.pop(name) for name in ("replay", "hosts", "clock") if name in options}
        checks = {"clock": lambda: NOW, **checks}
        verifier = Verifier(service, "us-east-1", lambda claim: TEMPORARY, **checks)
        self.middleware = SigV4Middleware(self.app, verifier, new_request_id=lambda: "id", **options)

    def run(self, method: str, target: str, headers: Any, **scope: Any) -> Exchange:
        self.kind = scope.get("type", "http")
        asyncio.run(self.middleware(scope_of(method, target, headers, **scope), self.receive, self.send))
        return self

    async def receive(self) -> dict[str, Any]:
        self.received += 1
        if self.kind == "websocket":
            return {"type": "websocket.connect"}
        block = self._blocks.pop(0)
        return {"type": "http.request", "body": block, "more_body": bool(self._blocks)}

    async def send(self, message: Any) -> None:
        self.sent.append(message)

    @property
    def status(self) -> int:
        return int(self.sent[0]["status"])


def scope_of(method: str, target: str, headers: Any, **more: Any) -> dict[str, Any]:
    path, _, query = target.partition("?")
    pairs = headers if isinstance(headers, list) else list(headers.items())
    return {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "path": "decoded by the server",
        "raw_path": path.encode("latin-1"),
        "query_string": query.encode("latin-1"),
        "headers": [(encoded(name).lower(), encoded(value)) for name, value in pairs],
        **more,
    }


def encoded(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("latin-1")


def signed(
    method: str, target: str, body: Any = b"", service: str = "execute-api", **headers: str
) -> dict[str, Any]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return dict(
        Signer(service, "us-east-1", TEMPORARY).sign(method, f"https://{HOST}{target}", named, body, at=NOW)
    )
