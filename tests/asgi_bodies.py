"""Reads the body of an ASGI request, and makes a ``receive`` that returns a body."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any


async def whole_body(receive: Callable[[], Awaitable[Any]]) -> bytes:
    """The whole body."""
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


def giving(body: bytes) -> Callable[[], Awaitable[Any]]:
    """A ``receive`` that returns a body which was read before."""

    async def receive() -> Any:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive
