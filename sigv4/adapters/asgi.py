"""ASGI: a middleware that lets an application see only what was signed, and verified.

No framework is needed, and any will do. The application finds who signed in ``scope["sigv4"]``, a
``Verified``. A body whose hash is signed is read, up to ``largest_body``, before the application is called;
one that is signed in pieces is handed on piece by piece, each verified first, without its framing.
"""

from __future__ import annotations

from uuid import uuid4

from ..error_responses import REST_JSON, ProtocolStyle, answer
from ..errors import SigningError, VerificationError
from ..streaming.event_stream import EventVerifier

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping
    from typing import Any, TypeAlias

    from ..claim import Verified
    from ..streaming.body_verifier import BodyVerifier
    from ..verifier import Verifier

    Message: TypeAlias = MutableMapping[str, Any]
    Scope: TypeAlias = MutableMapping[str, Any]
    Receive: TypeAlias = Callable[[], Awaitable[Message]]
    Send: TypeAlias = Callable[[Message], Awaitable[None]]
    Application: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

LARGEST_BODY = 10 << 20
LARGEST_STREAM = 5 << 30  # S3's limit of one upload


class SigV4Middleware:
    """Verifies every request of ``app`` with ``verifier``; refusals are worded in ``style``.

    ``http`` and ``websocket`` scopes are verified, ``lifespan`` passes, any other raises SigningError, and so
    does a server that gives no ``raw_path``: the decoded path is not what was signed. ``largest_body`` bounds
    the bodies held in memory, ``largest_stream`` the decoded length of those that are passed on, in bytes.
    """

    def __init__(
        self,
        app: Application,
        verifier: Verifier,
        *,
        style: ProtocolStyle = REST_JSON,
        largest_body: int = LARGEST_BODY,
        largest_stream: int = LARGEST_STREAM,
        new_request_id: Callable[[], str] = lambda: str(uuid4()),
    ) -> None:
        self._app = app
        self._verifier = verifier
        self._style = style
        self._largest_body = largest_body
        self._largest_stream = largest_stream
        self._new_request_id = new_request_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        kind = scope["type"]
        if kind == "lifespan":
            await self._app(scope, receive, send)
        elif kind == "http":
            await self._http(scope, receive, send)
        elif kind == "websocket":
            await self._websocket(scope, receive, send)
        else:
            raise SigningError(f"the ASGI scope {kind!r} is not known here: it was not passed on unverified")

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        target, headers = _target(scope), list(scope["headers"])
        guarded = _Guarded(send, self._refuse)
        try:
            if _is_stream(headers):
                self._check_length(headers)
                verified, body = await self._verifier.averify_stream(scope["method"], target, headers)
                taken: Receive = _Pieces(receive, body, guarded).receive
            else:
                data = await self._read(receive)
                if data is None:
                    return
                verified = await self._verifier.averify(scope["method"], target, headers, data)
                taken = _Whole(receive, data).receive
        except VerificationError as error:
            await self._refuse(error, send)
            return
        try:
            await self._app(_with(scope, verified), taken, guarded.send)
        except VerificationError as error:
            if error is not guarded.error:
                raise
        await guarded.close()

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        """EVENT-6: the upgrade is a GET, with a signature in its query or its headers."""
        try:
            verified = await self._verifier.averify("GET", _target(scope), list(scope["headers"]), b"")
        except VerificationError as error:
            if (await receive())["type"] != "websocket.connect":
                return
            if "websocket.http.response" in scope.get("extensions", {}):
                await self._refuse(error, send, "websocket.http.response")
            else:
                await send({"type": "websocket.close", "code": 1008, "reason": error.code})
            return
        await self._app(_with(scope, verified), receive, send)

    async def _read(self, receive: Receive) -> bytes | None:
        """The whole body, or None where the client has gone."""
        blocks: list[bytes] = []
        size = 0
        while True:
            message = await receive()
            if message["type"] != "http.request":
                return None
            block = message.get("body", b"")
            size += len(block)
            if size > self._largest_body:
                raise _too_large(self._largest_body)
            blocks.append(block)
            if not message.get("more_body", False):
                return b"".join(blocks)

    def _check_length(self, headers: list[tuple[bytes, bytes]]) -> None:
        for name, value in headers:
            if name.lower() == b"x-amz-decoded-content-length" and (
                len(value) > 15 or (value.isdigit() and int(value) > self._largest_stream)
            ):
                raise _too_large(self._largest_stream)

    async def _refuse(self, error: VerificationError, send: Send, prefix: str = "http.response") -> None:
        response = answer(self._style, error, self._new_request_id())
        headers = [
            (name.lower().encode("ascii"), value.encode("ascii") if isinstance(value, str) else value)
            for name, value in response.headers
        ]
        headers.append((b"content-length", str(len(response.body)).encode("ascii")))
        await send({"type": f"{prefix}.start", "status": response.status, "headers": headers})
        await send({"type": f"{prefix}.body", "body": response.body})


class _Whole:
    """A body that was verified as a whole, handed over once."""

    def __init__(self, receive: Receive, data: bytes) -> None:
        self._receive = receive
        self._data: bytes | None = data

    async def receive(self) -> Message:
        data, self._data = self._data, None
        if data is None:
            return await self._receive()
        return {"type": "http.request", "body": data, "more_body": False}


class _Pieces:
    """A body that is verified piece by piece; the application sees no piece before its signature is right."""

    def __init__(self, receive: Receive, body: BodyVerifier, guarded: _Guarded) -> None:
        self._receive = receive
        self._body = body
        self._guarded = guarded
        self._ended = False

    async def receive(self) -> Message:
        while not self._ended:
            message = await self._receive()
            if message["type"] != "http.request":
                return message
            self._ended = not message.get("more_body", False)
            try:
                data = self._verified(message.get("body", b""))
                if self._ended:
                    self._body.finish()
            except VerificationError as error:
                self._ended = True
                self._guarded.error = error
                raise
            if data or self._ended:
                return {"type": "http.request", "body": data, "more_body": not self._ended}
        if self._guarded.error is not None:
            raise self._guarded.error
        return await self._receive()

    def _verified(self, block: bytes) -> bytes:
        if isinstance(self._body, EventVerifier):
            return b"".join([event.payload for event in self._body.feed(block)])
        return b"".join(self._body.feed(block))


class _Guarded:
    """The application's way out: once its body was refused, the refusal is the answer, whatever it says."""

    def __init__(self, send: Send, refuse: Callable[[VerificationError, Send], Awaitable[None]]) -> None:
        self._send = send
        self._refuse = refuse
        self._started = False
        self.error: VerificationError | None = None

    async def send(self, message: Message) -> None:
        if self.error is not None:
            return
        self._started = True
        await self._send(message)

    async def close(self) -> None:
        """Answers with the refusal; raises it where an answer has begun, so that the server cuts that."""
        if self.error is None:
            return
        if self._started:
            raise self.error
        await self._refuse(self.error, self._send)


def _target(scope: Scope) -> str:
    raw_path = scope.get("raw_path")
    if not raw_path:
        raise SigningError(
            "the server gives no raw_path, and the decoded path is not what was signed: use one that does, "
            "such as uvicorn or hypercorn"
        )
    query = scope.get("query_string", b"")
    target: bytes = raw_path + b"?" + query if query else raw_path
    return target.decode("latin-1")


def _is_stream(headers: list[tuple[bytes, bytes]]) -> bool:
    return any(
        name.lower() == b"x-amz-content-sha256" and value.strip().startswith(b"STREAMING-")
        for name, value in headers
    )


def _with(scope: Scope, verified: Verified) -> Scope:
    return {**scope, "sigv4": verified}


def _too_large(limit: int) -> VerificationError:
    message = f"Your proposed upload exceeds the maximum allowed size of {limit} bytes."
    return VerificationError("BODY", "EntityTooLarge", message, 413)
