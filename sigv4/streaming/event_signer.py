"""Signs event streams: each event is framed, wrapped and signed with the previous signature (EVENT-3…6)."""

from __future__ import annotations

from hashlib import sha256

from .. import v4
from ..errors import SigningError
from ..scope import epoch_seconds, format_timestamp, parse_timestamp
from .event_frames import BYTES, TIMESTAMP, Header, check_payload_size, encode_frame, encode_header

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

DATE, SIGNATURE = ":date", ":chunk-signature"


def event_string(timestamp: str, scope: str, previous: str, date_header: bytes, payload: bytes) -> str:
    """EVENT-4: the string to sign of one event; ``date_header`` is the encoded ``:date``."""
    first, second = sha256(date_header).hexdigest(), sha256(payload).hexdigest()
    return f"{v4.ALGORITHM}-PAYLOAD\n{timestamp}\n{scope}\n{previous}\n{first}\n{second}"


class EventSigner:
    """Signs the events of one stream, in order.

    ``key_of`` gives the signing key of a date (YYYYMMDD): the scope has the date of each event, and a stream
    may continue past midnight. ``seed`` is the signature of the request that opened the stream, in hex.

    Source: Amazon Transcribe Developer Guide, streaming-http2 (EVENT-3…5).
    """

    __slots__ = ("_closed", "_key_of", "signature")

    def __init__(self, key_of: Callable[[str], v4.SigningKey], seed: str) -> None:
        self._key_of = key_of
        self._closed = False
        self.signature: str = seed

    def __repr__(self) -> str:
        return f"EventSigner(signature={self.signature!r})"

    def sign(self, headers: Iterable[Header], payload: bytes, *, at: float | datetime) -> bytes:
        """The message to send for an event of these headers and payload. Raises SigningError."""
        return self.sign_payload(encode_frame(headers, payload), at=at)

    def sign_payload(self, payload: bytes, *, at: float | datetime) -> bytes:
        """The message to send for ``payload``, which is not framed here. Raises SigningError."""
        if not payload:
            raise SigningError("an empty payload ends the stream: call close, or frame an empty event")
        return self._wrap(payload, at)

    def close(self, *, at: float | datetime) -> bytes:
        """The message that ends the stream: signed, with an empty payload. Raises SigningError."""
        message = self._wrap(b"", at)
        self._closed = True
        return message

    def _wrap(self, payload: bytes, at: float | datetime) -> bytes:
        if self._closed:
            raise SigningError("the stream is closed: nothing can be signed after its empty message")
        # EVENT-5: whole seconds, so that :date and the string to sign have the same time.
        timestamp = format_timestamp(epoch_seconds(at))
        date = Header(DATE, TIMESTAMP, parse_timestamp(timestamp) * 1000)
        # All input is checked before the key is requested.
        check_payload_size(payload)
        key = self._key_of(timestamp[:8])
        text = event_string(timestamp, key.scope_text, self.signature, encode_header(*date), payload)
        self.signature = v4.sign(key, text)
        return encode_frame((date, Header(SIGNATURE, BYTES, bytes.fromhex(self.signature))), payload)
