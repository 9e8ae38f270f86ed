"""Forwards a WebSocket to a server on a Unix socket; the session is checked before each frame."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

from websockets.asyncio.client import ClientConnection, unix_connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.typing import Subprotocol

from .http_proxy import until_one_ends
from .limits import Limits
from .proxy_headers import AdmittedRequest, fields_for_server

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]

POLICY_VIOLATION = 1008  # RFC 6455 §7.4.1
_CLOSE_SECONDS = 1.0
_QUEUED = 4
_HANDSHAKE = b"sec-websocket-"


class BackendRefused(Exception):
    """The notebook's server did not open a WebSocket.

    ``status`` is for the client: the status of the server's answer, 504 if there was none in time, else 502.
    """

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


async def relay(
    admitted: AdmittedRequest,
    scope: MutableMapping[str, Any],
    receive: Receive,
    send: Send,
    path: str,
    look: float,
    limits: Limits,
) -> None:
    """Passes messages between the client and the server on the Unix socket ``path``.

    ``admitted.allowed`` is called before each message, and every ``look`` seconds; when it returns false,
    both sides are closed with 1008. Raises BackendRefused if the notebook's server refuses; the client's
    WebSocket is not accepted then.
    """
    upstream = await _open(admitted, scope, path, limits)
    # An event of asgi_server.py: it is set while the client's socket accepts bytes. The session is checked
    # after waiting for it, which is the moment of writing.
    writable = scope.get("extensions", {}).get("local.writable")
    code = POLICY_VIOLATION
    try:
        await send({"type": "websocket.accept", "subprotocol": upstream.subprotocol, "headers": []})
        code = await _both_ways(admitted, upstream, receive, send, writable, look)
    finally:
        closing = asyncio.ensure_future(_close(upstream, code))
        try:
            with contextlib.suppress(Exception):  # the client has disconnected: each server has its own error
                await asyncio.wait_for(send({"type": "websocket.close", "code": code}), _CLOSE_SECONDS)
        finally:
            await closing


async def _open(
    admitted: AdmittedRequest, scope: MutableMapping[str, Any], path: str, limits: Limits
) -> ClientConnection:
    fields = [
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, value in fields_for_server(admitted, scope["headers"])
        if name != b"host" and not name.startswith(_HANDSHAKE)
    ]
    host = next(value.decode("latin-1") for name, value in scope["headers"] if name == b"host")
    try:
        return await unix_connect(
            path,
            f"ws://{host}{admitted.request.url}",
            additional_headers=fields,
            subprotocols=[Subprotocol(name) for name in scope["subprotocols"]] or None,
            user_agent_header=None,
            compression=None,
            proxy=None,
            max_size=limits.message,
            max_queue=_QUEUED,
            open_timeout=limits.start,
            close_timeout=_CLOSE_SECONDS,
        )
    except InvalidStatus as error:
        raise BackendRefused(error.response.status_code) from None
    except (TimeoutError, asyncio.TimeoutError):
        raise BackendRefused(504) from None
    except (WebSocketException, OSError, ValueError):
        raise BackendRefused(502) from None


async def _both_ways(
    admitted: AdmittedRequest,
    upstream: ClientConnection,
    receive: Receive,
    send: Send,
    writable: asyncio.Event | None,
    look: float,
) -> int:
    """Passes messages in both directions until a side or the session ends; returns the close code."""
    up, down = _up(admitted, upstream, receive), _down(admitted, upstream, send, writable)
    results = await until_one_ends(up, down, _over(admitted, look))
    codes = [result for result in results if isinstance(result, int)]
    return POLICY_VIOLATION if POLICY_VIOLATION in codes else (codes or [1011])[0]


async def _up(admitted: AdmittedRequest, upstream: ClientConnection, receive: Receive) -> int:
    while True:
        message = await receive()
        if message["type"] == "websocket.disconnect":
            return _sendable(message.get("code"))
        if not admitted.allowed():
            return POLICY_VIOLATION
        text = message.get("text")
        try:
            await upstream.send(message["bytes"] if text is None else text)
        except ConnectionClosed as error:
            return _code_of(error)


async def _down(
    admitted: AdmittedRequest, upstream: ClientConnection, send: Send, writable: asyncio.Event | None
) -> int:
    while True:
        try:
            frame = await upstream.recv()
        except ConnectionClosed as error:
            return _code_of(error)
        if writable is not None:
            await writable.wait()
        if not admitted.allowed():
            return POLICY_VIOLATION
        await send({"type": "websocket.send", "text" if isinstance(frame, str) else "bytes": frame})


async def _over(admitted: AdmittedRequest, look: float) -> int:
    while admitted.allowed():
        await asyncio.sleep(look)
    return POLICY_VIOLATION


async def _close(upstream: ClientConnection, code: int) -> None:
    try:
        with contextlib.suppress(Exception):  # it may be closed, closing or broken: it is closed below
            await asyncio.wait_for(upstream.close(code), _CLOSE_SECONDS)
    finally:  # also if this task is cancelled: no socket stays open
        upstream.transport.abort()


def _code_of(error: ConnectionClosed) -> int:
    """The code for the client: the one that the notebook's server sent, or that was sent to it first.

    The latter is 1009 if a message of that server was too large.
    """
    close = error.rcvd if error.rcvd_then_sent or error.sent is None else error.sent
    return _sendable(close.code if close else None)


def _sendable(code: int | None) -> int:
    """``code``, or one in its place that a close frame may carry (RFC 6455 §7.4)."""
    if code is None or code == 1005:
        return 1000
    return code if code in (1000, 1001, 1002, 1003, *range(1007, 1015)) or 3000 <= code <= 4999 else 1011
