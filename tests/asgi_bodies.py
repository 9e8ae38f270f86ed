"""Reads and gives back the body of a request, as applications of ASGI do it by hand."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any


async def whole_body(receive: Callable[[], Awaitable[Any]]) -> bytes:
    """All that the client sent."""
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


def giving(body: bytes) -> Callable[[], Awaitable[Any]]:
    """A ``receive`` that gives a body which has been read already."""

    async def receive() -> Any:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive
