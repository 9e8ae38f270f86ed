"""Decodes aws-chunked bodies: a chunk is verified before its data are released (CHUNK-3…6, TRAILER-1…3)."""

from __future__ import annotations

from hashlib import sha256

from ..errors import SigningError
from ..headers import canonical_value, is_token
from .chunk_encoder import SMALLEST_CHUNK
from .chunk_signatures import SIGNATURE_TRAILER, SignatureChain, StreamError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

LARGEST_CHUNK = 1 << 24  # of the signed form, whose chunks are held until they are verified
_LONGEST_LINE = 256  # 16 digits and a signature of 144 are 177
_LONGEST_TAIL = 16384
_HEX_DIGITS = b"0123456789abcdefABCDEF"
_EXTENSION = b"chunk-signature="
_LINE, _DATA, _DATA_END, _TAIL, _FINISHED = range(5)

_MISMATCH = (
    "The request signature we calculated does not match the signature you provided. "
    "Check your key and signing method."
)
_SHORT = "You did not provide the number of bytes specified by the Content-Length HTTP header."
_TOO_SMALL = "Only the last chunk is allowed to have a size less than 8192 bytes"
_BAD_TRAILER = (
    "The request contained trailing data that was not well-formed or did not conform to our published schema."
)


class Decoder:
    """Decodes one aws-chunked body of ``length`` bytes of data (x-amz-decoded-content-length), as it comes.

    ``chain`` starts at the verified seed signature of the request; None where the literal of the request
    says that chunks are not signed: then data are released as they come, and the trailers prove nothing.
    ``trailers`` are the names in x-amz-trailer. A signed chunk of more than ``largest_chunk`` bytes is
    refused. Whether a checksum among the trailers fits the data is the caller's to see.

    Source: CHUNK-3…6, TRAILER-1…3.
    """

    __slots__ = (
        "_buffer", "_chain", "_chunk", "_declared", "_error", "_largest", "_left", "_length", "_searched",
        "_seen", "_short", "_signature", "_state",
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
        self._buffer = bytearray()
        self._searched = 0  # of the buffer, for the end of a line
        self._state = _LINE
        self._chunk = 1  # its number
        self._left = 0  # bytes to come of its data
        self._signature = ""
        self._seen = 0  # bytes of data in all
        self._short = False  # the chunk before was smaller than CHUNK-5 lets any but the last be
        self._error: StreamError | None = None

    def feed(self, data: bytes | bytearray | memoryview) -> list[bytes]:
        """Takes the next bytes of the body, cut in any way; returns the data that are verified by now.

        Raises StreamError, a VerificationError, naming the chunk; the same again on every later call.
        """
        self._check_usable()
        self._buffer += data
        released: list[bytes] = []
        try:
            while self._step(released):
                pass
        except StreamError as error:
            self._error = error
            self._buffer.clear()
            raise
        return released

    def finish(self) -> dict[str, str]:
        """Call at the end of the body: the trailers by lower-case name, verified where the form is signed.

        Raises StreamError where the body ends early, goes on after its end, or a trailer is wrong.
        """
        self._check_usable()
        try:
            if self._state != _TAIL or not self._buffer:
                raise self._refused("CHUNK-4", "IncompleteBody", _SHORT, 400)
            trailers = self._read_tail(bytes(self._buffer))
        except StreamError as error:
            self._error = error
            raise
        finally:
            self._buffer.clear()
        self._state = _FINISHED
        return trailers

    def _check_usable(self) -> None:
        if self._error is not None:
            raise self._error
        if self._state == _FINISHED:
            raise SigningError("this decoder is finished: make a new one for each body")

    def _step(self, released: list[bytes]) -> bool:
        """Takes one element off the buffer; False where more bytes are needed."""
        if self._state == _LINE:
            return self._take_line()
        if self._state == _DATA:
            return self._take_data(released)
        if self._state == _DATA_END:
            return self._take_data_end()
        if len(self._buffer) > _LONGEST_TAIL:
            raise _malformed_trailer()
        return False

    def _take_line(self) -> bool:
        end = self._buffer.find(b"\r\n", self._searched, _LONGEST_LINE + 2)
        if end < 0:
            if len(self._buffer) >= _LONGEST_LINE + 2:
                raise self._malformed(f"its line is longer than {_LONGEST_LINE} bytes")
            self._searched = max(0, len(self._buffer) - 1)
            return False
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 2]
        self._searched = 0
        self._read_line(line)
        return True

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
            self._verify(b"")
            self._state = _TAIL

    def _check_size(self, size: int) -> None:
        """CHUNK-5, and the declared length: judged before a byte of the data is taken."""
        if size > self._length - self._seen or (not size and self._seen != self._length):
            raise self._refused("CHUNK-1", "IncompleteBody", _SHORT, 400)
        if size and self._short:
            self._chunk -= 1
            raise self._refused("CHUNK-5", "InvalidChunkSizeError", _TOO_SMALL, 400)
        if size > self._largest:
            message = f"A chunk of {size} bytes was announced; at most {self._largest} are taken"
            raise self._refused("CHUNK-5", "InvalidChunkSizeError", message, 400)
        self._left = size
        self._seen += size
        self._short = size < SMALLEST_CHUNK

    def _take_data(self, released: list[bytes]) -> bool:
        if self._chain is None:
            size = min(self._left, len(self._buffer))
            if not size:
                return False
        else:
            size = self._left
            if len(self._buffer) < size + 2:  # with the CRLF that ends it
                return False
            if self._buffer[size : size + 2] != b"\r\n":
                # The signature first: data that were changed are not a matter of framing.
                self._verify(bytes(self._buffer[:size]))
                raise self._malformed("no CRLF follows its data")
        with memoryview(self._buffer) as view:
            data = bytes(view[:size])
        self._verify(data)
        del self._buffer[:size]
        released.append(data)
        self._left -= size
        if not self._left:
            self._state = _DATA_END
        return True

    def _take_data_end(self) -> bool:
        if len(self._buffer) < 2:
            return False
        if self._buffer[:2] != b"\r\n":
            raise self._malformed("no CRLF follows its data")
        del self._buffer[:2]
        self._chunk += 1
        self._state = _LINE
        return True

    def _verify(self, data: bytes) -> None:
        """CHUNK-3."""
        if self._chain is not None:
            text = self._chain.chunk_string(sha256(data).hexdigest())
            if not self._chain.check(text, self._signature):
                raise self._refused("CHUNK-3", "SignatureDoesNotMatch", _MISMATCH)

    def _read_tail(self, tail: bytes) -> dict[str, str]:
        """TRAILER-2, 3: what follows the line of the last chunk, in each of its variants."""
        found = _parse_tail(tail)
        signature = found.pop(SIGNATURE_TRAILER, None)
        if found.keys() != self._declared or (signature is None) != (self._chain is None or not found):
            raise _malformed_trailer()
        if self._chain is not None and signature is not None:
            text = self._chain.trailer_string(found.items())
            if not self._chain.check(text, signature):
                raise StreamError("trailers", "TRAILER-1", "SignatureDoesNotMatch", _MISMATCH)
        return found

    def _malformed(self, detail: str) -> StreamError:
        return self._refused("CHUNK-4", "InvalidRequest", f"The chunk is not well-formed: {detail}", 400)

    def _refused(self, stage: str, code: str, message: str, status: int = 403) -> StreamError:
        return StreamError(f"chunk {self._chunk}", stage, code, message, status)


def _parse_tail(tail: bytes) -> dict[str, str]:
    """The lines up to the end of the body, ``x-amz-trailer-signature`` among them.

    TRAILER-2, the variants: an empty line before the first trailer; a stray LF before the CRLF of one; no
    empty line, or two, at the end.
    """
    *lines, rest = tail.split(b"\r\n")
    if rest or not lines:
        raise _malformed_trailer()
    found: dict[str, str] = {}
    if lines[0] == b"" and len(lines) > 1:
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
