"""Calls the ASGI middleware without a server."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import Any

from sigv4 import Signer, VerificationError, Verifier
from sigv4.adapters.asgi import SigV4Middleware
from tests.sigv4.signed import NOW, TEMPORARY

HOST = "x.example"


class App:
    """Reads the whole body, and answers with a description of the request."""

    def __init__(self) -> None:
        self.scope: Any = None
        self.pieces: list[bytes] = []
        self.failure: Exception | None = None
        self.swallow = False
        self.answer_first = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.scope = scope
        if self.answer_first:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        try:
            while True:
                message = await receive()
                if message["type"] != "http.request":
                    return
                self.pieces.append(message["body"])
                if not message["more_body"]:
                    break
        except VerificationError as error:
            self.failure = error
            if not self.swallow:
                raise
        if not self.answer_first:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"seen"})


def verifier(service: str = "execute-api") -> Verifier:
    return Verifier(service, "us-east-1", lambda claim: TEMPORARY, clock=lambda: NOW)


def call(app: Any, scope: dict[str, Any], blocks: list[bytes], **options: Any) -> list[dict[str, Any]]:
    """The messages that are sent for a request whose body arrives in ``blocks``."""
    service = options.pop("service", "execute-api")
    sent: list[dict[str, Any]] = []
    messages = [
        {"type": "http.request", "body": block, "more_body": number < len(blocks) - 1}
        for number, block in enumerate(blocks)
    ]

    async def receive() -> dict[str, Any]:
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(dict(message))

    middleware = SigV4Middleware(app, verifier(service), new_request_id=lambda: "id", **options)
    asyncio.run(middleware(scope, receive, send))
    return sent


def scope_of(headers: Any, target: str = "/a%20b", method: str = "POST", **more: Any) -> dict[str, Any]:
    path, _, query = target.partition("?")
    pairs = [(name.lower().encode(), str(value).encode()) for name, value in headers.items()]
    return {
        "type": "http",
        "method": method,
        "path": "/a b",
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": pairs,
        **more,
    }


def signed(body: Any = b"body", target: str = "/a%20b", service: str = "execute-api") -> dict[str, Any]:
    signer = Signer(service, "us-east-1", TEMPORARY)
    return dict(signer.sign("POST", f"https://{HOST}{target}", (), body, at=NOW))


def status(sent: list[dict[str, Any]]) -> int:
    return int(sent[0]["status"])


def run_with(
    app: Any, scope: dict[str, Any], messages: list[dict[str, Any]], service: str
) -> list[dict[str, Any]]:
    """The messages that are sent if the server gives exactly these messages."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return messages.pop(0)

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(dict(message))

    asyncio.run(SigV4Middleware(app, verifier(service), new_request_id=lambda: "id")(scope, receive, send))
    return sent
