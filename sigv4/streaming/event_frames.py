"""Event-stream frames: headers of ten types and a payload between two CRCs (EVENT-1, EVENT-2). Big-endian."""

from __future__ import annotations

from binascii import crc32

from ..errors import SigningError, repr_of
from ..record import Record
from .chunk_signatures import StreamError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any, TypeAlias

    HeaderValue: TypeAlias = "bool | int | bytes | str"

# EVENT-2: the types of a header value. For bool the type itself is the value.
TRUE, FALSE, INT8, INT16, INT32, INT64, BYTES, STRING, TIMESTAMP, UUID = range(10)
_INTEGER_SIZES = {INT8: 1, INT16: 2, INT32: 4, INT64: 8, TIMESTAMP: 8}
_BYTES_AHEAD = 12  # both lengths and the prelude's CRC
_OVERHEAD = 16  # the above and the message's CRC
LARGEST_HEADERS = 128 << 10
LARGEST_PAYLOAD = 24 << 20
_LONGEST_VALUE = 0xFFFF


class Header(Record):
    """One header: ``name``, ``kind`` (0…9, the constants of this module) and ``value``.

    ``value`` is a bool (TRUE, FALSE), an int (INT8…INT64), milliseconds since the epoch (TIMESTAMP), bytes
    (BYTES, and UUID with 16 bytes) or a str (STRING).
    """

    name: str
    kind: int
    value: HeaderValue

    def __iter__(self) -> Iterator[Any]:
        return iter(self._fields())

    def __repr__(self) -> str:
        return f"Header({self.name!r}, {self.kind}, {self.value!r})"


class Frame(Record):
    """One frame: ``headers`` in their order, and ``payload``."""

    headers: tuple[Header, ...]
    payload: bytes

    def __init__(self, headers: Iterable[Header], payload: bytes = b"") -> None:
        super().__init__(tuple(headers), payload)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._fields())

    def __repr__(self) -> str:
        return f"Frame({list(self.headers)}, <{len(self.payload)} bytes>)"

    def header(self, name: str) -> HeaderValue | None:
        """The value of the header with this name, or None."""
        return next((value for found, _, value in self.headers if found == name), None)


def encode_frame(headers: Iterable[Header], payload: bytes = b"") -> bytes:
    """EVENT-1: the bytes of a frame. Raises SigningError if they do not fit."""
    listed = tuple(headers)
    names = [name for name, _, _ in listed]
    if len(set(names)) != len(names):
        raise SigningError(f"a header name occurs twice in one frame: give each once, got {names}")
    block = b"".join(encode_header(*header) for header in listed)
    if len(block) > LARGEST_HEADERS:
        raise SigningError(f"the headers are {len(block)} bytes: expected at most {LARGEST_HEADERS}")
    check_payload_size(payload)
    lengths = (_OVERHEAD + len(block) + len(payload)).to_bytes(4, "big") + len(block).to_bytes(4, "big")
    prelude = lengths + crc32(lengths).to_bytes(4, "big")
    whole = crc32(payload, crc32(block, crc32(prelude)))
    return b"".join((prelude, block, payload, whole.to_bytes(4, "big")))


def check_payload_size(payload: bytes) -> None:
    """Raises SigningError if ``payload`` is too large for one frame."""
    if len(payload) > LARGEST_PAYLOAD:
        raise SigningError(f"the payload is {len(payload)} bytes: expected at most {LARGEST_PAYLOAD}")


def encode_header(name: str, kind: int, value: HeaderValue) -> bytes:
    """EVENT-2: the bytes of one header. Raises SigningError."""
    try:
        raw = name.encode("utf-8")
    except UnicodeEncodeError as error:
        raise SigningError(f"the header name {name!r} has no UTF-8 form") from error
    if not 1 <= len(raw) <= 255:
        raise SigningError(f"the header name {name[:40]!r} is {len(raw)} bytes: expected 1 to 255")
    encoded = _encode_value(name, kind, value)
    return bytes((len(raw),)) + raw + bytes((kind,)) + encoded


def _encode_value(name: str, kind: int, value: HeaderValue) -> bytes:
    wrong = SigningError(f"the header {name!r} has a value that is not of type {kind}: see Header")
    if kind in (TRUE, FALSE):
        if value is not (kind == TRUE):
            raise wrong
        return b""
    if kind in _INTEGER_SIZES:
        if not isinstance(value, int) or isinstance(value, bool):
            raise wrong
        try:
            return value.to_bytes(_INTEGER_SIZES[kind], "big", signed=True)
        except OverflowError:
            raise SigningError(
                f"the header {name!r} is {repr_of(value)}: too large for type {kind}"
            ) from None
    if kind == UUID and isinstance(value, bytes) and len(value) == 16:
        return value
    if kind == BYTES and isinstance(value, bytes):
        raw = value
    elif kind == STRING and isinstance(value, str):
        try:
            raw = value.encode("utf-8")
        except UnicodeEncodeError:
            raise wrong from None
    else:
        raise wrong
    if len(raw) > _LONGEST_VALUE:
        raise SigningError(f"the header {name!r} is {len(raw)} bytes: expected at most {_LONGEST_VALUE}")
    return len(raw).to_bytes(2, "big") + raw


def decode_frame(data: bytes) -> Frame:
    """Decodes exactly one frame, such as the event inside a signed message. Raises VerificationError."""
    decoder = FrameDecoder()
    frames = decoder.feed(data)
    decoder.finish()
    if len(frames) != 1:
        raise _refused(1, f"expected one frame, found {len(frames)}")
    return frames[0]


class FrameDecoder:
    """Decodes a stream of frames piece by piece; checks a length before it keeps any data for it.

    ``largest_headers`` and ``largest_payload`` are in bytes.
    """

    __slots__ = ("_buffer", "_error", "_largest_headers", "_largest_payload", "count")

    def __init__(
        self, *, largest_headers: int = LARGEST_HEADERS, largest_payload: int = LARGEST_PAYLOAD
    ) -> None:
        self._largest_headers = largest_headers
        self._largest_payload = largest_payload
        self._buffer = bytearray()
        self._error: StreamError | None = None
        self.count: int = 0  # how many frames were decoded

    @property
    def kept(self) -> int:
        """How many bytes are in memory now, of an incomplete frame."""
        return len(self._buffer)

    def feed(self, data: bytes | bytearray | memoryview) -> list[Frame]:
        """Takes the next bytes, of any number; returns the frames that are now complete.

        Raises StreamError, a VerificationError, naming the event; every later call raises the same error.
        """
        if self._error is not None:
            raise self._error
        frames: list[Frame] = []
        try:
            if self._buffer:
                self._buffer += data
                with memoryview(self._buffer) as view:
                    used = self._take_all(view, frames)
                del self._buffer[:used]
            else:  # whole frames are read without a copy; the rest, an incomplete frame, is kept
                with memoryview(data).cast("B") as view:
                    used = self._take_all(view, frames)
                    self._buffer += view[used:]
        except StreamError as error:
            self._error = error
            self._buffer.clear()
            raise
        return frames

    def finish(self) -> None:
        """Call at the end of the stream. Raises StreamError if it ends within a frame."""
        if self._error is not None:
            raise self._error
        if self._buffer:
            raise _refused(self.count + 1, f"the stream ends {len(self._buffer)} bytes into it")

    def _take_all(self, view: memoryview, frames: list[Frame]) -> int:
        """Decodes the frames that are complete; returns how many bytes they are."""
        used = 0
        while len(view) - used >= _BYTES_AHEAD:
            total, headers_end = self._read_prelude(bytes(view[used : used + _BYTES_AHEAD]))
            if len(view) - used < total:
                break
            with view[used : used + total] as message:
                frames.append(self._take(message, headers_end))
            used += total
        return used

    def _read_prelude(self, prelude: bytes) -> tuple[int, int]:
        """The length of the frame, and where its headers end."""
        number = self.count + 1
        total, headers_length = int.from_bytes(prelude[:4], "big"), int.from_bytes(prelude[4:8], "big")
        if crc32(prelude[:8]) != int.from_bytes(prelude[8:12], "big"):
            raise _refused(number, "the CRC of its prelude does not match")
        if headers_length > self._largest_headers:
            raise _refused(
                number, f"headers of {headers_length} bytes; at most {self._largest_headers} are accepted"
            )
        payload_length = total - _OVERHEAD - headers_length
        if payload_length < 0:
            raise _refused(number, f"headers of {headers_length} bytes do not fit into {total}")
        if payload_length > self._largest_payload:
            raise _refused(
                number, f"a payload of {payload_length} bytes; at most {self._largest_payload} are accepted"
            )
        return total, _BYTES_AHEAD + headers_length

    def _take(self, message: memoryview, headers_end: int) -> Frame:
        number = self.count + 1
        if crc32(message[:-4]) != int.from_bytes(message[-4:], "big"):
            raise _refused(number, "the CRC of the message does not match")
        headers = _decode_headers(bytes(message[_BYTES_AHEAD:headers_end]), number)
        self.count = number
        return Frame(headers, bytes(message[headers_end:-4]))


def _decode_headers(block: bytes, number: int) -> list[Header]:
    headers: dict[str, Header] = {}
    position = 0
    while position < len(block):
        name_end = position + 1 + block[position]
        try:
            name = block[position + 1 : name_end].decode("utf-8")
            kind = block[name_end]
            value, position = _decode_value(kind, block, name_end + 1)
        except (ValueError, IndexError) as error:
            raise _refused(number, f"a header at byte {position} cannot be read: {_reason(error)}") from error
        if not name or name in headers:
            raise _refused(number, "a header has no name" if not name else f"the header {name!r} is repeated")
        headers[name] = Header(name, kind, value)
    return list(headers.values())


def _decode_value(kind: int, block: bytes, start: int) -> tuple[HeaderValue, int]:
    """The value and its end position. Raises ValueError, IndexError."""
    if kind in (TRUE, FALSE):
        return kind == TRUE, start
    if kind in (BYTES, STRING):
        size = int.from_bytes(block[start : start + 2], "big")
        start += 2
    elif kind == UUID:
        size = 16
    elif kind in _INTEGER_SIZES:
        size = _INTEGER_SIZES[kind]
    else:
        raise ValueError(f"type {kind} is not one of 0 to 9")
    end = start + size
    if end > len(block):
        raise IndexError
    raw = block[start:end]
    if kind in _INTEGER_SIZES:
        return int.from_bytes(raw, "big", signed=True), end
    return (raw.decode("utf-8") if kind == STRING else raw), end


def _reason(error: Exception) -> str:
    if isinstance(error, IndexError):
        return "it extends past the headers"
    return "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)


def _refused(number: int, detail: str) -> StreamError:
    return StreamError(
        f"event {number}", "EVENT-1", "SerializationException", f"The frame is refused: {detail}", 400
    )
