"""Verifies signed event streams (EVENT-3…6). The signer can be imported from here as well."""

from __future__ import annotations

from hmac import compare_digest

from .. import v4
from ..errors import MISMATCH, SigningError
from ..payload import STREAMING_EVENTS
from ..record import Record
from ..scope import format_timestamp
from .chunk_signatures import StreamError
from .event_frames import BYTES, TIMESTAMP, Frame, FrameDecoder, decode_frame, encode_header
from .event_signer import DATE, SIGNATURE, EventSigner, event_string

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ("STREAMING_EVENTS", "EventSigner", "EventVerifier", "SignedEvent", "event_string")


class SignedEvent(Record):
    """A verified event: its ``date`` in milliseconds since the epoch, and the ``payload`` that was signed."""

    date: int
    payload: bytes

    def __repr__(self) -> str:
        return f"SignedEvent({self.date}, <{len(self.payload)} bytes>)"

    def message(self) -> Frame:
        """EVENT-3: the frame in the payload, the event itself. Raises VerificationError if there is none."""
        return decode_frame(self.payload)


class EventVerifier:
    """Verifies the events of one stream, piece by piece.

    ``key_of`` gives the signing key of a date (YYYYMMDD), or None if it has no key for that date; ``seed`` is
    the verified signature of the request that opened the stream, in hex. The times of events are verified as
    signed, but not compared with a clock. ``largest_payload`` is the limit for a wrapped event, in bytes.
    """

    __slots__ = ("_closed", "_error", "_frames", "_key_of", "_number", "_previous")

    def __init__(
        self, key_of: Callable[[str], v4.SigningKey | None], seed: str, *, largest_payload: int | None = None
    ) -> None:
        self._key_of = key_of
        self._previous = seed
        self._frames = (
            FrameDecoder() if largest_payload is None else FrameDecoder(largest_payload=largest_payload)
        )
        self._number = 0
        self._closed = False
        self._error: StreamError | None = None

    @property
    def kept(self) -> int:
        """How many bytes are in memory now."""
        return self._frames.kept

    def feed(self, data: bytes | bytearray | memoryview) -> list[SignedEvent]:
        """Takes the next bytes, of any number; returns the events that are now verified.

        The empty message that ends the stream is not returned. Raises StreamError, a VerificationError,
        naming the event; every later call raises the same error.
        """
        if self._error is not None:
            raise self._error
        try:
            events = [self._verify(frame) for frame in self._frames.feed(data)]
        except StreamError as error:
            self._error = error
            raise
        return [event for event in events if event.payload]

    def finish(self) -> None:
        """Call at the end of the stream. Raises StreamError unless its signed end was seen."""
        if self._error is not None:
            raise self._error
        self._frames.finish()
        if not self._closed:
            raise self._malformed(self._number + 1, "the stream ends without its empty message")

    def _verify(self, frame: Frame) -> SignedEvent:
        self._number += 1
        if self._closed:
            raise self._malformed(self._number, "it follows the empty message that ended the stream")
        found = {name: (kind, value) for name, kind, value in frame.headers}
        date_kind, date = found.pop(DATE, (None, None))
        kind, signature = found.pop(SIGNATURE, (None, None))
        shaped = date_kind == TIMESTAMP and kind == BYTES and not found
        if not (shaped and isinstance(date, int) and isinstance(signature, bytes)):
            raise self._malformed(self._number, "expected :date and :chunk-signature, and no other header")
        self._check(date, signature, frame.payload)
        self._closed = not frame.payload
        return SignedEvent(date, frame.payload)

    def _check(self, date: int, signature: bytes, payload: bytes) -> None:
        """EVENT-4, 5."""
        try:
            timestamp = format_timestamp(date // 1000)
        except SigningError as error:
            raise self._malformed(self._number, "its :date is outside the years 1 to 9999") from error
        key = self._key_of(timestamp[:8])
        if key is not None:
            header = encode_header(DATE, TIMESTAMP, date)
            text = event_string(timestamp, key.scope_text, self._previous, header, payload)
            if compare_digest(bytes.fromhex(v4.sign(key, text)), signature):
                self._previous = signature.hex()
                return
        raise StreamError(f"event {self._number}", "EVENT-4", "SignatureDoesNotMatch", MISMATCH)

    def _malformed(self, number: int, detail: str) -> StreamError:
        message = f"The message is refused: {detail}"
        return StreamError(f"event {number}", "EVENT-3", "SerializationException", message, 400)
