"""ASGI: a middleware that passes only verified requests to an application.

It works with any framework, and without one. ``scope["sigv4"]`` is a ``Verified``, which tells the
application who signed the request. The head is checked before the body is read. A body whose hash is signed
is read, up to ``largest_body``, before the application is called. A body that is
signed in pieces is passed on piece by piece, each after it is verified and without the framing.
"""

from __future__ import annotations

from uuid import uuid4

from ..error_responses import REST_JSON, ProtocolStyle, answer
from ..errors import SigningError, VerificationError, expect, expect_has, expect_switches, is_number
from ..strict import is_canonical_target
from ..verified_head import VerifiedHead
from ..verifier import Verifier
from .asgi_bodies import (
    Body,
    BodyLimits,
    Pieces,
    check_framing,
    check_length,
    check_received,
    is_framed_twice,
)
from .asgi_scope import Head, canonical_headers, decoded_headers, with_canonical_target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping
    from typing import Any, TypeAlias

    from ..claim import Verified

    Message: TypeAlias = MutableMapping[str, Any]
    Scope: TypeAlias = MutableMapping[str, Any]
    Receive: TypeAlias = Callable[[], Awaitable[Message]]
    Send: TypeAlias = Callable[[Message], Awaitable[None]]
    Application: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

LARGEST_HEAD = 64 << 10
LARGEST_BODY = 10 << 20
LARGEST_STREAM = 5 << 30  # S3's limit for one upload
BODIES_AT_ONCE = 64 << 20
BODY_SECONDS = 30.0


class SigV4Middleware:
    """Verifies every request to ``app`` with ``verifier``; refusals have the form of ``style``.

    ``http`` and ``websocket`` scopes are verified, ``lifespan`` passes. Any other scope raises SigningError,
    and so does a scope without ``raw_path``, because the decoded path is not what was signed. A request is
    refused if its target or a signed header is not in canonical form, because the application may read it
    differently from what was signed. ``lenient=True`` accepts it, and passes on the canonical path, query and
    signed headers instead of the received ones. ``presigned_websockets=True`` accepts a URL that was
    presigned for GET as the handshake of a WebSocket (EVENT-6).

    Limits in bytes: ``largest_head`` for the target and the headers, where 32 are added for each header, as
    in HTTP/2 (RFC 9113 §6.5.2); ``largest_body`` for a body that is kept in memory; ``largest_stream`` for
    the decoded length of a body that is passed on in pieces; ``bodies_at_once`` for the bodies in memory of
    all requests together. ``body_seconds`` is how long the client may take to send a body, or the next 64 KiB
    of a stream.
    """

    def __init__(
        self,
        app: Application,
        verifier: Verifier,
        *,
        style: ProtocolStyle = REST_JSON,
        lenient: bool = False,
        presigned_websockets: bool = False,
        largest_head: int = LARGEST_HEAD,
        largest_body: int = LARGEST_BODY,
        largest_stream: int = LARGEST_STREAM,
        bodies_at_once: int = BODIES_AT_ONCE,
        body_seconds: float = BODY_SECONDS,
        new_request_id: Callable[[], str] = lambda: str(uuid4()),
    ) -> None:
        sizes = {
            "largest_head": largest_head, "largest_body": largest_body, "largest_stream": largest_stream,
            "bodies_at_once": bodies_at_once, "body_seconds": body_seconds,
        }  # fmt: skip
        for name, limit in sizes.items():
            if not is_number(limit) or not limit >= 0:  # true for NaN, too
                unit = "seconds" if name == "body_seconds" else "bytes"
                raise SigningError(f"{name} is {limit!r}: expected {unit}, 0 or more")
        expect(callable(app) and not isinstance(app, type), "app", app, "an ASGI application")
        expect_has("averify_head", "verifier", verifier, "a Verifier")
        expect(isinstance(style, ProtocolStyle), "style", style, "a ProtocolStyle, such as REST_JSON")
        expect_switches(lenient=lenient, presigned_websockets=presigned_websockets)
        expect(callable(new_request_id), "new_request_id", new_request_id, "a function that returns a text")
        self._app = app
        self._verifier = verifier
        # A subclass may override averify_head.
        self._begin = verifier.begin_head if type(verifier) is Verifier else verifier.averify_head
        self._style = style
        self._lenient = lenient
        self._presigned_websockets = presigned_websockets
        self._largest_head = largest_head
        self._largest_stream = largest_stream
        self._limits = BodyLimits(largest_body, bodies_at_once, body_seconds)
        self._new_request_id = new_request_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._other(scope, receive, send)
            return
        body = Body(receive, self._limits)
        pieces = None
        try:
            try:
                head = Head(scope, self._largest_head)
                lines = head.headers.canonical
                check_framing(lines)
                is_stream = lines.get("x-amz-content-sha256", "").startswith("STREAMING-")
                length = lines.get("x-amz-decoded-content-length" if is_stream else "content-length")
                if is_stream:
                    check_length(length, self._largest_stream)
                verified = self._begin(scope["method"], head.target, head.headers)
                if not isinstance(verified, VerifiedHead):
                    verified = await verified
                if is_stream:
                    seen, pieces = self._opened(scope, head, verified, body)
                else:
                    check_length(length, self._limits.largest)
                    data = body.ready()
                    if data is None:
                        data = await body.rest()
                        if data is None:
                            return
                    check_received(length, len(data))
                    seen = self._seen(scope, head, verified, verified.check_body(data))
                if verified.replay is not None:
                    await verified.acheck_first_use()
            except VerificationError as error:
                await self._refuse(error, send, scope)
                return
            if pieces is None:
                await self._app(seen, body.receive, send)
            else:
                await self._stream(scope, seen, pieces, send)
        finally:
            body.close()

    async def _other(self, scope: Scope, receive: Receive, send: Send) -> None:
        kind = scope["type"]
        if kind == "lifespan":
            await self._app(scope, receive, send)
        elif kind == "websocket":
            await self._websocket(scope, receive, send)
        else:
            raise SigningError(
                f"the ASGI scope {kind!r} is not known, so it cannot be verified: it was not passed on"
            )

    def _opened(self, scope: Scope, head: Head, verified: VerifiedHead, body: Body) -> tuple[Scope, Pieces]:
        """The scope for the application and the verifier of a body that is signed in pieces."""
        length, literal = verified.lines.get("x-amz-decoded-content-length", ""), verified.payload or ""
        seen = self._seen(scope, head, verified, verified.verified())
        pieces = Pieces(body, verified.body_verifier(), not literal.startswith("STREAMING-UNSIGNED"))
        seen["sigv4.trailers"] = pieces.trailers
        seen["headers"] = decoded_headers(seen["headers"], literal, length.encode("latin-1"))
        return seen, pieces

    async def _stream(self, scope: Scope, seen: Scope, pieces: Pieces, send: Send) -> None:
        """Passes on a body that is signed in pieces."""
        guarded = _Guarded(send, pieces)
        try:
            await self._app(seen, pieces.receive, guarded.send)
        except VerificationError as error:
            if error is not pieces.error:
                raise
        if pieces.error is not None:
            if guarded.started:
                raise pieces.error  # so that the server ends the incomplete answer
            await self._refuse(pieces.error, send, scope)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        """EVENT-6: the handshake is a GET, with a signature in its query or its headers."""
        try:
            head = Head(scope, self._largest_head)
            verified = await self._verifier.averify_head("GET", head.target, head.headers)
            if verified.is_presigned and not self._presigned_websockets:
                message = "A URL that was presigned for GET does not open a WebSocket here."
                raise VerificationError("VERIFY-5", "AccessDenied", message)
            seen = self._seen(scope, head, verified, verified.check_body(b""))
            await verified.acheck_first_use()
        except VerificationError as error:
            if (await receive())["type"] != "websocket.connect":
                return
            if "websocket.http.response" in scope.get("extensions", {}):
                await self._refuse(error, send, scope, "websocket.http.response")
            else:
                await send({"type": "websocket.close", "code": 1008, "reason": error.code})
            return
        await self._app(seen, receive, send)

    def _seen(self, scope: Scope, head: Head, verified: VerifiedHead, who: Verified) -> Scope:
        """The scope for the application: as received if that is canonical, else in canonical form.

        The headers are those that were verified. If the request is not canonical, raises VerificationError
        unless the middleware is lenient.
        """
        if head.target[0] == "/" and verified.is_canonical(head.target):
            return {**scope, "headers": head.pairs, "sigv4": who}
        if not self._lenient or head.target[0] != "/":
            is_target = not is_canonical_target(head.target, self._verifier.dialect)
            at_fault = "its target" if is_target else "a signed header"
            message = f"The request is refused because {at_fault} is not in canonical form."
            raise VerificationError("CANONICAL", "InvalidRequest", message, 400)
        seen = with_canonical_target(scope, self._verifier.dialect)
        headers = canonical_headers(head.pairs, verified.lines, verified.signed_headers)
        return {**seen, "headers": headers, "sigv4": who}

    async def _refuse(
        self, error: VerificationError, send: Send, scope: Scope, prefix: str = "http.response"
    ) -> None:
        response = answer(self._style, error, self._new_request_id())
        headers = [
            (name.lower().encode("ascii"), value.encode("ascii") if isinstance(value, str) else value)
            for name, value in response.headers
        ]
        headers.append((b"content-length", str(len(response.body)).encode("ascii")))
        names = {name.lower().decode("latin-1") for name, _ in scope["headers"]}
        unread = error.stage == "BODY" or "expect" in names or is_framed_twice(names)
        if unread and scope.get("http_version", "").startswith("1"):
            headers.append((b"connection", b"close"))  # the rest of the body is not read
        await send({"type": f"{prefix}.start", "status": response.status, "headers": headers})
        await send({"type": f"{prefix}.body", "body": response.body})


class _Guarded:
    """The ``send`` of the application: if the body of the request is refused, the answer is refused, too."""

    def __init__(self, send: Send, pieces: Pieces) -> None:
        self._send = send
        self._pieces = pieces
        self.started = False

    async def send(self, message: Message) -> None:
        if self._pieces.error is None:
            self.started = True
            await self._send(message)
