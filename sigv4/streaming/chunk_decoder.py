"""Decodes aws-chunked bodies: verifies each chunk before it returns the data (CHUNK-3…6, TRAILER-1…3)."""

from __future__ import annotations

from hashlib import sha256

from ..errors import MISMATCH_OF_S3, SigningError
from ..headers import canonical_value, is_token
from ..payload import EMPTY_SHA256
from .checksums import checksum_of, encoded
from .chunk_encoder import SMALLEST_CHUNK
from .chunk_signatures import SIGNATURE_TRAILER, SignatureChain, StreamError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

LARGEST_CHUNK = 1 << 24  # for signed chunks, which are kept in memory until they are verified
_LONGEST_LINE = 256  # 16 digits and a signature of 144 are 177
_LONGEST_TAIL = 16384
_SMALL = 4096  # pieces of a chunk below this size are copied together, so that tiny reads cost no more memory
_WINDOW = 1 << 18  # input that is not bytes is copied in parts of this size
_HEX_DIGITS = b"0123456789abcdefABCDEF"
_EXTENSION = b"chunk-signature="
_LINE, _DATA, _DATA_END, _TAIL, _FINISHED = range(5)

_SHORT = "You did not provide the number of bytes specified by the Content-Length HTTP header."
_TOO_SMALL = "Only the last chunk is allowed to have a size less than 8192 bytes"
_BAD_TRAILER = (
    "The request contained trailing data that was not well-formed or did not conform to our published schema."
)


class Decoder:
    """Decodes an aws-chunked body of ``length`` bytes (x-amz-decoded-content-length) of data, piece by piece.

    ``chain`` starts at the verified seed signature of the request; None if the literal of the request says
    that chunks are not signed: then data are returned unverified, and the trailers prove nothing.
    ``trailers`` are the names in x-amz-trailer. A signed chunk of more than ``largest_chunk`` bytes is
    refused, and an ``x-amz-checksum-*`` trailer that does not match the data, too.

    Source: CHUNK-3…6, TRAILER-1…3.
    """

    __slots__ = (
        "_buffer", "_chain", "_checksums", "_chunk", "_declared", "_digest", "_error", "_largest", "_left",
        "_length", "_pieces", "_seen", "_short", "_signature", "_small", "_state", "_waiting",
    )  # fmt: skip

    def __init__(
        self,
        length: int,
        chain: SignatureChain | None,
        trailers: Iterable[str] = (),
        *,
        largest_chunk: int = LARGEST_CHUNK,
    ) -> None:
        self._length = length
        self._chain = chain.copy() if chain else None
        self._declared = frozenset(name.lower() for name in trailers)
        self._largest = largest_chunk if chain else length
        self._checksums = {name: found for name in self._declared if (found := checksum_of(name))}
        self._buffer = b""  # an incomplete line, end of a chunk or trailer
        self._pieces: list[bytes] = []  # of the data of a signed chunk
        self._small = bytearray()  # the newest pieces, while they are small
        self._digest = sha256()
        self._waiting = 0  # bytes of _pieces and _small
        self._state = _LINE
        self._chunk = 1  # the number of the current chunk
        self._left = 0  # bytes of its data not yet received
        self._signature = ""
        self._seen = 0  # bytes of data in the whole body so far
        self._short = False  # the last chunk read was smaller than CHUNK-5 allows, unless it ends the body
        self._error: StreamError | None = None

    @property
    def kept(self) -> int:
        """How many bytes are in memory now: of an incomplete signed chunk and its framing."""
        return len(self._buffer) + self._waiting

    def feed(self, data: bytes | bytearray | memoryview) -> list[bytes]:
        """Takes the next bytes of the body, of any number; returns the data that are now verified.

        Raises StreamError, a VerificationError, naming the chunk; every later call raises the same error.
        """
        self._check_usable()
        released: list[bytes] = []
        try:
            if type(data) is bytes:
                self._read(data, released)
                return released
            whole = memoryview(data).cast("B")
            for at in range(0, len(whole), _WINDOW):
                self._read(bytes(whole[at : at + _WINDOW]), released)
        except StreamError as error:
            self._fail(error)
            raise
        return released

    def finish(self) -> dict[str, str]:
        """Call at the end of the body: returns the trailers by lower-case name, verified if they are signed.

        Raises StreamError if the body ends early, continues after its end, or has a wrong trailer.
        """
        self._check_usable()
        try:
            if self._state != _TAIL or not self._buffer:
                raise self._refused("CHUNK-4", "IncompleteBody", _SHORT, 400)
            trailers = self._read_tail(self._buffer)
            self._check_checksums(trailers)
        except StreamError as error:
            self._fail(error)
            raise
        self._buffer = b""
        self._state = _FINISHED
        return trailers

    def _fail(self, error: StreamError) -> None:
        self._error = error
        self._buffer = b""
        self._pieces.clear()
        self._small.clear()
        self._waiting = 0

    def _check_usable(self) -> None:
        if self._error is not None:
            raise self._error
        if self._state == _FINISHED:
            raise SigningError("this decoder is finished: make a new one for each body")

    def _read(self, block: bytes, released: list[bytes]) -> None:
        at, end = 0, len(block)
        while at < end:
            if self._state == _DATA:
                at = self._take_data(block, at, released)
            elif self._state == _LINE:
                at = self._take_line(block, at)
            elif self._state == _DATA_END:
                at = self._take_data_end(block, at, released)
            else:
                self._buffer += block[at : at + _LONGEST_TAIL + 1]
                if len(self._buffer) > _LONGEST_TAIL:
                    raise _malformed_trailer()
                return

    def _take_line(self, block: bytes, at: int) -> int:
        """Takes the line before a chunk, or the received part of it; returns the position after it."""
        before = len(self._buffer)
        limit = at + _LONGEST_LINE + 2 - before
        if before:
            block = self._buffer + block[at:limit]
            at, before, limit = 0, before - at, _LONGEST_LINE + 2
        end = block.find(b"\r\n", at, limit)
        if end < 0:
            self._buffer = block[at:limit]
            if len(self._buffer) >= _LONGEST_LINE + 2:
                raise self._malformed(f"its line is longer than {_LONGEST_LINE} bytes")
            return limit
        self._buffer = b""
        self._read_line(block[at:end])
        return end + 2 - before

    def _read_line(self, line: bytes) -> None:
        digits, semicolon, extension = line.partition(b";")
        if not 1 <= len(digits) <= 16 or digits.strip(_HEX_DIGITS):
            raise self._malformed("its line does not begin with its size in hex")
        if self._chain is None:
            if semicolon:
                raise self._malformed("an extension follows its size, expected none in the unsigned form")
        elif not extension.startswith(_EXTENSION):
            raise self._malformed("expected ';chunk-signature=' after its size")
        self._check_size(int(digits, 16))
        self._signature = extension[len(_EXTENSION) :].decode("latin-1")
        if self._left:
            self._state = _DATA
        else:
            self._verify(EMPTY_SHA256)
            self._state = _TAIL

    def _check_size(self, size: int) -> None:
        """CHUNK-5, and the declared length: checked before any data are taken."""
        if size > self._length - self._seen or (not size and self._seen != self._length):
            raise self._refused("CHUNK-1", "IncompleteBody", _SHORT, 400)
        if size and self._short:
            self._chunk -= 1
            raise self._refused("CHUNK-5", "InvalidChunkSizeError", _TOO_SMALL, 400)
        if size > self._largest:
            message = f"A chunk of {size} bytes was announced; at most {self._largest} are accepted"
            raise self._refused("CHUNK-5", "InvalidChunkSizeError", message, 400)
        self._left = size
        self._seen += size
        self._short = size < SMALLEST_CHUNK

    def _take_data(self, block: bytes, at: int, released: list[bytes]) -> int:
        """Takes the chunk's data in ``block``; unsigned data are returned at once."""
        end = at + self._left
        piece = block[at:end]
        self._left -= len(piece)
        if not self._left:
            self._state = _DATA_END
        if self._checksums:
            for checksum in self._checksums.values():
                checksum.update(piece)
        if self._chain is None:
            released.append(piece)
            return end
        self._digest.update(piece)
        self._waiting += len(piece)
        if self._left and len(piece) < _SMALL:
            self._small += piece
            return end
        if self._small:
            self._pieces.append(bytes(self._small))
            self._small.clear()
        self._pieces.append(piece)
        return end

    def _take_data_end(self, block: bytes, at: int, released: list[bytes]) -> int:
        """Takes the CRLF after the data; then a signed chunk is verified and returned."""
        missing = 2 - len(self._buffer)
        found = self._buffer + block[at : at + missing]
        if len(found) < 2:
            self._buffer = found
            return at + missing
        self._buffer = b""
        if self._chain is not None:
            # The signature is checked first: changed data must not be reported as wrong framing.
            self._verify(self._digest.hexdigest())
        if found != b"\r\n":
            raise self._malformed("no CRLF follows its data")
        if self._chain is not None:
            released += self._pieces
            self._pieces.clear()
            self._waiting = 0
            self._digest = sha256()
        self._chunk += 1
        self._state = _LINE
        return at + missing

    def _verify(self, digest: str) -> None:
        """CHUNK-3 for a chunk whose data have this SHA-256."""
        chain = self._chain
        if chain is not None and not chain.check(chain.chunk_string(digest), self._signature):
            raise self._refused("CHUNK-3", "SignatureDoesNotMatch", MISMATCH_OF_S3)

    def _check_checksums(self, trailers: dict[str, str]) -> None:
        """TRAILER-3, with S3's error: checks that the checksums are those of the data, signed or not."""
        for name, checksum in self._checksums.items():
            if trailers[name] != encoded(checksum):
                algorithm = name.removeprefix("x-amz-checksum-").upper()
                message = f"The {algorithm} you specified did not match the calculated checksum."
                raise StreamError("trailers", "TRAILER-3", "BadDigest", message, 400)

    def _read_tail(self, tail: bytes) -> dict[str, str]:
        """TRAILER-2, 3: reads the trailers after the line of the last chunk."""
        found = _parse_tail(tail)
        signature = found.pop(SIGNATURE_TRAILER, None)
        if found.keys() != self._declared or (signature is None) != (self._chain is None or not found):
            raise _malformed_trailer()
        if self._chain is not None and signature is not None:
            text = self._chain.trailer_string(found.items())
            if not self._chain.check(text, signature):
                raise StreamError("trailers", "TRAILER-1", "SignatureDoesNotMatch", MISMATCH_OF_S3)
        return found

    def _malformed(self, detail: str) -> StreamError:
        return self._refused("CHUNK-4", "InvalidRequest", f"The chunk is not well-formed: {detail}", 400)

    def _refused(self, stage: str, code: str, message: str, status: int = 403) -> StreamError:
        return StreamError(f"chunk {self._chunk}", stage, code, message, status)


def _parse_tail(tail: bytes) -> dict[str, str]:
    """The lines up to the end of the body, including ``x-amz-trailer-signature``.

    TRAILER-2, the variants: an empty line before the first trailer; a stray LF before the CRLF of one; no
    empty line after the last trailer; two empty lines at the end.
    """
    *lines, rest = tail.split(b"\r\n")
    if rest or not lines:
        raise _malformed_trailer()
    found: dict[str, str] = {}
    if lines[0] == b"" and any(lines):
        del lines[0]
    while lines and lines[0] != b"":
        name, colon, value = lines.pop(0).removesuffix(b"\n").decode("latin-1").partition(":")
        lower = name.lower()
        if not (colon and is_token(name)) or lower in found or not value.replace("\t", " ").isprintable():
            raise _malformed_trailer()
        found[lower] = canonical_value(value)
    if any(lines) or len(lines) > 2:
        raise _malformed_trailer()
    return found


def _malformed_trailer() -> StreamError:
    return StreamError("trailers", "TRAILER-3", "MalformedTrailerError", _BAD_TRAILER, 400)
