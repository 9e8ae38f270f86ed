"""Reads the body of an ASGI request, with limits on size, time and the total over all connections."""

from __future__ import annotations

import asyncio
from functools import partial

from ..errors import VerificationError
from ..headers import length_of
from ..streaming.checksums import checksum_of
from ..streaming.event_stream import EventVerifier

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Container, Generator, Mapping, MutableMapping
    from typing import Any, TypeAlias

    from ..streaming.body_verifier import BodyVerifier

    Message: TypeAlias = MutableMapping[str, Any]
    Receive: TypeAlias = Callable[[], Awaitable[Message]]

_BLOCK = 64 << 10  # bytes of a stream that must be received within the time limit


class BodyLimits:
    """The limits of bodies: ``largest`` bytes each, ``at_once`` bytes over all connections, and ``seconds``.

    The time limit needs asyncio; under another event loop the server's own limits apply.
    """

    def __init__(self, largest: int, at_once: int, seconds: float) -> None:
        self.largest = largest
        self.at_once = at_once
        self.seconds = seconds
        self.held = 0  # bytes in memory now, over all connections


class TimeLimit:
    """Cancels the wait of the current task after some seconds: ``with TimeLimit(seconds): await …``.

    ``waited`` is how many seconds it took, by the event loop's clock.
    """

    __slots__ = ("_expired", "_handle", "_loop", "_seconds", "_started", "_task", "waited")

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._expired = False
        self.waited: float = 0.0

    def __enter__(self) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:  # not asyncio's event loop
            self._handle = None
            return
        self._task = asyncio.current_task(loop)
        self._loop, self._started = loop, loop.time()
        self._handle = loop.call_later(max(0.0, self._seconds), self._expire)

    def _expire(self) -> None:
        self._expired = True
        if self._task is not None:
            self._task.cancel()

    def __exit__(self, kind: object, error: object, place: object) -> None:
        if self._handle is not None:
            self._handle.cancel()
            self.waited = self._loop.time() - self._started
        if self._expired and isinstance(error, asyncio.CancelledError):
            uncancel = getattr(self._task, "uncancel", None)
            if uncancel is not None and uncancel():
                return  # Python 3.11: the server has cancelled the task too
            message = (
                "The body did not come in time: your connection was not written to within the timeout period."
            )
            raise VerificationError("BODY", "RequestTimeout", message, 408)


class Started:
    """An awaitable whose first step was done already: it has a ``result``, or waits for ``first``.

    It can be awaited as usual. Like ``yield from``, it calls ``send`` and ``throw`` of the inner iterator
    only where needed: granian's iterator has neither.
    """

    __slots__ = ("_first", "_steps", "result")

    def __init__(self, steps: Any, first: Any, result: Message | None) -> None:
        self._steps = steps
        self._first = first
        self.result: Message | None = result

    def __await__(self) -> Generator[Any, Any, Message]:
        waited = self._first
        while True:
            try:
                sent = yield waited
            except BaseException as error:
                if not hasattr(self._steps, "throw"):
                    raise
                step = partial(self._steps.throw, error)
            else:
                step = partial(next, self._steps) if sent is None else partial(self._steps.send, sent)
            try:
                waited = step()
            except StopIteration as returned:
                message: Message = returned.value
                return message


class Body:
    """The body of one request; its bytes in memory are counted in ``limits``.

    One that is verified as a whole is read by ``ready`` and ``rest``, and passed on by ``receive``.
    """

    __slots__ = ("_bytes", "_closed", "_data", "_receive", "_started", "limits")
    _started: Started

    def __init__(self, receive: Receive, limits: BodyLimits) -> None:
        self.limits: BodyLimits = limits
        self._receive = receive
        self._bytes = 0
        self._closed = False
        self._data: bytes | None = None

    def set(self, size: int) -> None:
        """Counts ``size`` bytes for this request. Raises VerificationError if the total is too large."""
        if self._closed:
            return  # a task of the application still reads
        limits = self.limits
        limits.held += size - self._bytes
        self._bytes = size
        if limits.held > limits.at_once:
            self.release()
            message = "Please reduce your request rate: too many bodies are being received at once."
            raise VerificationError("BODY", "SlowDown", message, 503)

    def release(self) -> None:
        """Stops counting the bytes that were read: the application has them now, or they were dropped."""
        self.limits.held -= self._bytes
        self._bytes = 0

    def close(self) -> None:
        """Stops counting for good, even if more is read: the request has been answered."""
        if self._bytes:
            self.release()
        self._closed = True

    def ready(self) -> bytes | None:
        """The whole body if it arrived together with the head, which is usual and needs no timer; else None.

        After None, await ``rest``. Raises VerificationError beyond the limits.
        """
        steps: Any = self._receive().__await__()
        try:
            waited = next(steps)
        except StopIteration as returned:
            message: Message = returned.value
        else:
            self._started = Started(steps, waited, None)
            return None
        if message["type"] != "http.request" or message.get("more_body", False):
            self._started = Started(steps, None, message)
            return None
        self._data = data = message.get("body", b"")
        self._check_size(len(data))
        return self._data

    async def rest(self) -> bytes | None:
        """The whole body, after ``ready``; None if the client has disconnected.

        Raises VerificationError beyond the limits.
        """
        with TimeLimit(self.limits.seconds):
            blocks, size = [], 0
            message = self._started.result or await self._started
            while message["type"] == "http.request":
                blocks.append(message.get("body", b""))
                size += len(blocks[-1])
                self._check_size(size)
                if not message.get("more_body", False):
                    self._data = b"".join(blocks)
                    break
                message = await self._receive()
        return self._data

    def _check_size(self, size: int) -> None:
        if size > self.limits.largest:
            raise too_large(self.limits.largest)
        self.set(size)

    async def receive(self) -> Message:
        """The ``receive`` of the application: it gives the body, and then the messages of the server."""
        data, self._data = self._data, None
        if data is None:
            return await self._receive()
        self.release()
        return {"type": "http.request", "body": data, "more_body": False}


class Pieces:
    """A body that is verified piece by piece; the application sees no piece before its signature is verified.

    At the end of the body ``trailers`` gets the verified trailers: those that are signed, or are the right
    checksum of the data. ``error`` is the refusal of the body, if any.
    """

    def __init__(self, body: Body, verifier: BodyVerifier, signed_trailers: bool) -> None:
        self._body = body
        self._verifier = verifier
        self._signed_trailers = signed_trailers
        self._seconds = body.limits.seconds  # seconds left for the current 64 KiB
        self._bytes = 0  # received of the current 64 KiB
        self._ended = False
        self.trailers: dict[str, str] = {}
        self.error: VerificationError | None = None

    async def receive(self) -> Message:
        while not self._ended:
            try:
                message = await self._received()
                if message["type"] != "http.request":
                    return message
                self._ended = not message.get("more_body", False)
                data = self._verified(message.get("body", b""))
                if self._ended:
                    self._finish()
            except VerificationError as error:
                self._ended = True
                self.error = error
                raise
            if data or self._ended:
                return {"type": "http.request", "body": data, "more_body": not self._ended}
        if self.error is not None:
            raise self.error
        return await self._body.receive()

    async def _received(self) -> Message:
        """The next message. Raises VerificationError if 64 KiB of a chunked body take too long.

        Only the time spent waiting for the client counts. There is no time limit for an event stream.
        """
        limit = TimeLimit(self._seconds)
        with limit:
            message = await self._body.receive()
        self._seconds -= limit.waited
        self._bytes += len(message.get("body", b""))
        if self._bytes >= _BLOCK or isinstance(self._verifier, EventVerifier):
            self._seconds, self._bytes = self._body.limits.seconds, 0
        return message

    def _verified(self, block: bytes) -> bytes:
        verifier = self._verifier
        if isinstance(verifier, EventVerifier):
            pieces = [event.payload for event in verifier.feed(block)]
        else:
            pieces = verifier.feed(block)
        self._body.set(verifier.kept)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _finish(self) -> None:
        found = self._verifier.finish() or {}
        self.trailers.update(
            {name: value for name, value in found.items() if self._signed_trailers or checksum_of(name)}
        )


def is_framed_twice(names: Container[str]) -> bool:
    """Whether these headers, in lower case, declare the length of a body twice: servers differ on its end."""
    return "transfer-encoding" in names and "content-length" in names


def check_framing(lines: Mapping[str, str]) -> None:
    """Refuses a request that declares the length of its body twice (RFC 9112 §6.1).

    A server and an application could use different lengths. The connection is closed.
    """
    if is_framed_twice(lines):
        message = "The request has a Content-Length and a Transfer-Encoding: expected one of them."
        raise VerificationError("BODY", "BadRequest", message, 400)


def check_received(length: str | None, received: int) -> None:
    """Refuses a body whose length is not the one in the header that the application will see."""
    if length is not None and length != str(received) and length_of(length) != received:
        message = "You did not provide the number of bytes specified by the Content-Length HTTP header."
        raise VerificationError("BODY", "IncompleteBody", message, 400)


def check_length(length: str | None, largest: int) -> None:
    """Refuses a body with too large a declared length, before any of it is read."""
    if length and (length_of(length) or 0) > largest:
        raise too_large(largest)


def too_large(limit: int) -> VerificationError:
    message = f"Your proposed upload exceeds the maximum allowed size of {limit} bytes."
    return VerificationError("BODY", "EntityTooLarge", message, 413)
