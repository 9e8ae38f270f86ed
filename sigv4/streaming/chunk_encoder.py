"""Encodes aws-chunked bodies and calculates their length (CHUNK-1…6, TRAILER-2).

There are three forms: signed chunks, signed chunks with signed trailers, and unsigned chunks with trailers.
Chunks and trailers are signed if there is a ``SignatureChain``.
"""

from __future__ import annotations

from hashlib import sha256
from sys import maxsize

from ..errors import SigningError, repr_of
from ..headers import EARLIER_SIGNATURE, canonical_value, header_pairs, header_text, lower_name
from ..payload import UNSIGNED_PAYLOAD, Payload
from .checksums import encoded
from .chunk_signatures import SIGNATURE_TRAILER, SIGNATURE_WIDTHS, SignatureChain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator, Mapping
    from typing import IO, Any, TypeAlias

    from .checksums import Checksum

    Block: TypeAlias = "bytes | bytearray | memoryview"
    Trailers: TypeAlias = "Mapping[str, str | Checksum] | Iterable[tuple[str, str | Checksum]]"

CHUNK_SIZE = 65536
SMALLEST_CHUNK = 8192  # CHUNK-5
_EXTENSION = ";chunk-signature="
# RFC 9110 §6.5.1: a header that says how the message is framed, routed, authenticated or read is never a
# trailer. The headers with which the signature is verified are not trailers either.
_NEVER_TRAILERS = EARLIER_SIGNATURE | frozenset(
    (
        "cache-control connection content-encoding content-length content-md5 content-range content-type "
        "cookie date expect host if-match if-modified-since if-none-match if-range if-unmodified-since "
        "keep-alive max-forwards pragma proxy-authorization range te trailer transfer-encoding upgrade "
        "x-amz-content-sha256 x-amz-decoded-content-length x-amz-trailer"
    ).split()
)


def streaming_payload(algorithm: str | None, trailers: Trailers = ()) -> Payload:
    """CHUNK-6: the payload literal of the request; ``algorithm`` is None if the chunks are not signed."""
    signed = f"{algorithm}-PAYLOAD" if algorithm else UNSIGNED_PAYLOAD.line
    return Payload(f"STREAMING-{signed}{'-TRAILER' if read_trailers(algorithm, trailers) else ''}")


def content_length(
    length: int, algorithm: str | None, trailers: Trailers = (), *, chunk_size: int = CHUNK_SIZE
) -> int:
    """The size of the framed body of ``length`` bytes of data, for Content-Length. Raises SigningError."""
    _check_sizes(length, chunk_size)
    width = SIGNATURE_WIDTHS[algorithm] if algorithm else 0
    line = len(_EXTENSION) + width + 4 if algorithm else 4
    full, rest = divmod(length, chunk_size)
    total = full * (len(f"{chunk_size:x}") + line + chunk_size)
    if rest:
        total += len(f"{rest:x}") + line + rest
    total += 1 + line
    read = read_trailers(algorithm, trailers)
    for name, value in read:
        size = len(value) if isinstance(value, str) else (value.digest_size + 2) // 3 * 4
        total += len(name) + 1 + size + 2
    total += len(SIGNATURE_TRAILER) + 1 + width + 2 if read and algorithm else 0
    if total > maxsize:
        raise SigningError(
            f"the length of the data is {repr_of(length)}: with its framing the body would be larger than "
            f"{maxsize} bytes, the largest size that Python supports"
        )
    return total


def trailer_pairs(trailers: Trailers) -> tuple[tuple[str, str | Checksum], ...]:
    """``trailers``, pairs or a mapping, as pairs, which are not checked further. Raises SigningError."""
    try:
        return tuple((name, value) for name, value in header_pairs(trailers))
    except (TypeError, ValueError):
        fault = f"the trailers are {type(trailers).__name__}: expected pairs of a name and text or a checksum"
    raise SigningError(fault)


def read_trailers(algorithm: str | None, trailers: Trailers) -> tuple[tuple[str, str | Checksum], ...]:
    """The trailers with lower-case names. Raises SigningError for ambiguous ones."""
    found: dict[str, str | Checksum] = {}
    for name, value in trailer_pairs(trailers):
        lower = lower_name(name)
        if lower in found or lower == SIGNATURE_TRAILER:
            raise SigningError(f"the trailer {lower!r} is repeated or reserved: give each name once")
        if lower in _NEVER_TRAILERS:
            raise SigningError(
                f"the trailer {lower!r} is needed before the body (RFC 9110 §6.5.1): send it as a header"
            )
        if isinstance(value, str):
            if canonical_value(header_text(lower, value)) != value:
                raise SigningError(
                    f"the value of the trailer {lower!r} has tabs, outer or repeated spaces, which "
                    "implementations sign in different ways (TRAILER-1): send it without"
                )
        elif not hasattr(value, "digest_size"):
            raise SigningError(
                f"the trailer {lower!r} is {type(value).__name__}: expected str, or a checksum as of hashlib"
            )
        found[lower] = value
    if not (found or algorithm):
        raise SigningError("an unsigned body is framed only to send trailers: give at least one")
    return tuple(found.items())


def _check_sizes(length: int, chunk_size: int) -> None:
    if not isinstance(length, int) or isinstance(length, bool) or length < 0:
        raise SigningError(f"the length of the data is {repr_of(length)}: expected their number of bytes")
    if not isinstance(chunk_size, int) or chunk_size < SMALLEST_CHUNK:
        raise SigningError(
            f"chunk_size is {repr_of(chunk_size)}: expected at least {SMALLEST_CHUNK} (CHUNK-5)"
        )


class Encoder:
    """Frames ``length`` bytes of data as aws-chunked; keeps at most one chunk in memory.

    ``chain`` starts at the seed signature; None leaves the chunks unsigned. A trailer's value is text, or a
    checksum (``hashlib.sha256()``, ``Crc32()``) that is computed from the data and sent in base64. Each call
    of ``encode`` starts from the beginning, so a request can be sent again with the same headers. Raises
    SigningError.

    Source: CHUNK-4, CHUNK-6, TRAILER-2.
    """

    __slots__ = ("_chain", "_chunk_size", "_length", "_trailers", "content_length")

    def __init__(
        self,
        length: int,
        chain: SignatureChain | None,
        trailers: Trailers = (),
        *,
        chunk_size: int = CHUNK_SIZE,
    ) -> None:
        algorithm = chain.algorithm if chain else None
        self._length = length
        self._chain = chain.copy() if chain else None
        self._trailers = read_trailers(algorithm, trailers)
        self._chunk_size = chunk_size
        self.content_length: int = content_length(length, algorithm, self._trailers, chunk_size=chunk_size)

    def encode(self, blocks: Block | IO[bytes] | Iterable[Block]) -> Iterator[bytes]:
        """The framed body of ``blocks``: bytes, a binary file or an iterable of bytes objects of any sizes.

        Raises SigningError, before the last chunk, if the data are not ``length`` bytes.
        """
        framing = self._framing()
        for block in _blocks(blocks, self._chunk_size):
            yield from framing.feed(block)
        yield from framing.finish()

    async def aencode(self, blocks: AsyncIterable[Block]) -> AsyncIterator[bytes]:
        """``encode`` for an async iterable."""
        framing = self._framing()
        async for block in blocks:
            for piece in framing.feed(block):
                yield piece
        for piece in framing.finish():
            yield piece

    def _framing(self) -> _Framing:
        trailers = [
            (name, value if isinstance(value, str) else value.copy()) for name, value in self._trailers
        ]
        chain = self._chain.copy() if self._chain else None
        return _Framing(self._length, self._chunk_size, chain, trailers)


def _blocks(blocks: Any, size: int) -> Iterable[Block]:
    """The data as blocks: of bytes, of a file, or of an iterable of blocks."""
    if isinstance(blocks, (bytes, bytearray, memoryview)):
        return (blocks,)
    if hasattr(blocks, "read"):
        return iter(lambda: blocks.read(size) or b"", b"")
    found: Iterable[Block] = blocks
    return found


class _Framing:
    """One encoding by an ``Encoder``: takes blocks, returns pieces of the framed body."""

    __slots__ = ("_chain", "_checksums", "_chunk_size", "_end", "_length", "_partial", "_seen", "_trailers")

    def __init__(
        self,
        length: int,
        chunk_size: int,
        chain: SignatureChain | None,
        trailers: list[tuple[str, str | Checksum]],
    ) -> None:
        self._length = length
        self._chunk_size = chunk_size
        self._chain = chain
        self._trailers = trailers
        self._checksums = [value for _, value in trailers if not isinstance(value, str)]
        self._partial = bytearray()
        self._seen = 0
        self._end = ""  # of the last chunk: its CRLF is sent with the next line, so the data need no copy

    def feed(self, block: Block) -> Iterable[bytes]:
        """The pieces that are complete after ``block``."""
        if type(block) is bytes:
            size = len(block)
            if len(self._partial) + size < self._chunk_size:
                self._count(size)
                self._partial += block
                return ()
            if size == self._chunk_size and not self._partial:
                self._count(size)
                return self._line(block), block
        return self._cut(block)

    def _cut(self, block: Block) -> Iterator[bytes]:
        if not isinstance(block, (bytes, bytearray, memoryview)):
            raise SigningError(f"a block of the body is {type(block).__name__}: expected bytes")
        size, start, whole = self._chunk_size, 0, memoryview(block).cast("B")
        self._count(len(whole))
        if self._partial:
            start = size - len(self._partial)
            self._partial += whole[:start]
            if len(self._partial) < size:
                return
            chunk, self._partial = bytes(self._partial), bytearray()
            yield self._line(chunk)
            yield chunk
        while len(whole) - start >= size:
            chunk = bytes(whole[start : start + size])
            yield self._line(chunk)
            yield chunk
            start += size
        self._partial += whole[start:]

    def _count(self, size: int) -> None:
        self._seen += size
        if self._seen > self._length:
            raise SigningError(
                f"the data are longer than declared: at least {self._seen} bytes, expected {self._length}; "
                "nothing of the last block was sent, so the server will refuse the request"
            )

    def finish(self) -> Iterator[bytes]:
        if self._seen != self._length:
            raise SigningError(
                f"the data are shorter than declared: {self._seen} bytes, expected {self._length}; the last "
                "chunk was not sent, so the server will refuse the request"
            )
        if self._partial:
            chunk = bytes(self._partial)
            yield self._line(chunk)
            yield chunk
        yield self._line(b"") + self._tail()

    def _line(self, chunk: bytes) -> bytes:
        """CHUNK-4: the line before the data of a chunk."""
        for checksum in self._checksums:
            checksum.update(chunk)
        end, chain, extension = self._end, self._chain, ""
        self._end = "\r\n"
        if chain is not None:
            signature = chain.sign(chain.chunk_string(sha256(chunk).hexdigest()))
            extension = f"{_EXTENSION}{signature}"
        return f"{end}{len(chunk):x}{extension}\r\n".encode("ascii")

    def _tail(self) -> bytes:
        """TRAILER-2: the trailers and the empty line."""
        texts = [
            (name, value if isinstance(value, str) else encoded(value)) for name, value in self._trailers
        ]
        lines = [f"{name}:{value}\r\n" for name, value in texts]
        if self._chain is not None and texts:
            lines.append(f"{SIGNATURE_TRAILER}:{self._chain.sign(self._chain.trailer_string(texts))}\r\n")
        return "".join([*lines, "\r\n"]).encode("ascii")
