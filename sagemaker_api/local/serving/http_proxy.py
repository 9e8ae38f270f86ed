"""Forwards HTTP to a server on a Unix socket and streams the answer, while the session is valid."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from email.utils import formatdate
from typing import Any, TypeAlias

import httpx

from .limits import Limits
from .proxy_headers import AdmittedRequest, fields_for_client, fields_for_server

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]

_POOL = httpx.Limits(max_connections=200, max_keepalive_connections=20)


class BackendFailed(Exception):
    """The notebook's server gave no usable answer; ``status`` is the HTTP status to send to the client."""

    def __init__(self, reason: str = "", status: int = 502) -> None:
        super().__init__(reason)
        self.status = status


class _Gone(Exception):
    """The client has disconnected."""


class HttpProxy:
    """Forwards requests to the server on the Unix socket ``path``; the header Date is made with ``clock``."""

    def __init__(self, path: str, clock: Callable[[], float], limits: Limits) -> None:
        self.path = path
        self._clock = clock
        self._limits = limits
        # Jupyter answers some requests only after a kernel has started or a notebook has been converted.
        self._timeouts = {"connect": 10.0, "write": limits.answer, "read": limits.answer, "pool": 60.0}
        self._transport = httpx.AsyncHTTPTransport(uds=path, limits=_POOL)

    async def close(self) -> None:
        """Closes every connection to the notebook's server."""
        await self._transport.aclose()

    async def forward(
        self,
        admitted: AdmittedRequest,
        fields: list[tuple[bytes, bytes]],
        receive: Receive,
        send: Send,
        look: float,
    ) -> None:
        """Answers one request.

        The session is checked before each block of a body, and every ``look`` seconds in between; when the
        session ends, the answer is cut off. Raises BackendFailed if the notebook's server fails before
        anything was sent to the client.
        """
        inbound = _Inbound(receive, admitted, self._limits.upload)
        exchange = self._exchange(admitted, fields, inbound, send)
        for result in await until_one_ends(exchange, inbound.left(), _until_over(admitted, look)):
            if isinstance(result, BackendFailed):
                raise result from None
            if isinstance(result, Exception) and not isinstance(result, (_Gone, TimeoutError, OSError)):
                raise result

    async def _exchange(
        self, admitted: AdmittedRequest, fields: list[tuple[bytes, bytes]], inbound: _Inbound, send: Send
    ) -> None:
        method, target = admitted.request.method, admitted.request.url
        body = any(name in (b"content-length", b"transfer-encoding") for name, _ in fields)
        if not body:
            inbound.finished.set()
        request = httpx.Request(
            method,
            "http://localhost/",
            headers=fields_for_server(admitted, fields),
            content=inbound.blocks() if body else None,
            extensions={"target": target.encode("latin-1"), "timeout": self._timeouts},
        )
        try:
            response = await self._transport.handle_async_request(request)
        except httpx.TimeoutException as error:
            raise BackendFailed(type(error).__name__, 504) from None
        except httpx.HTTPError as error:
            raise BackendFailed(type(error).__name__) from None
        except asyncio.TimeoutError:
            raise BackendFailed("the client paused within its request", 408) from None
        try:
            if not admitted.allowed():
                return
            date = (b"date", formatdate(self._clock(), usegmt=True).encode("ascii"))
            head = {
                "status": response.status_code,
                "headers": [date, *fields_for_client(admitted, response.headers.raw)],
            }
            await send({"type": "http.response.start", **head})
            async for block in response.aiter_raw():
                if not admitted.allowed():
                    return
                await send({"type": "http.response.body", "body": block, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        except httpx.HTTPError:
            return  # the notebook's server broke its answer off: the answer to the client ends here, too
        finally:
            await response.aclose()


class _Inbound:
    """The messages from the client: the blocks of its body, and the end of its connection."""

    def __init__(self, receive: Receive, admitted: AdmittedRequest, seconds: float) -> None:
        self._receive = receive
        self._admitted = admitted
        self._seconds = seconds
        self.finished = asyncio.Event()

    async def blocks(self) -> AsyncIterator[bytes]:
        more = True
        while more:
            message = await asyncio.wait_for(self._receive(), self._seconds)
            if message["type"] == "http.disconnect" or not self._admitted.allowed():
                raise _Gone
            more = message.get("more_body", False)
            if block := message.get("body"):
                yield block
        self.finished.set()

    async def left(self) -> None:
        await self.finished.wait()
        while (await self._receive())["type"] != "http.disconnect":
            pass


async def until_one_ends(*works: Awaitable[Any]) -> list[Any]:
    """Runs all ``works`` until one ends, cancels the others, and returns the result or error of each."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
    return results


async def _until_over(admitted: AdmittedRequest, look: float) -> None:
    while admitted.allowed():
        await asyncio.sleep(look)
