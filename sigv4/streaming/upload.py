"""A request whose body is aws-chunked: its signed headers, and the encoder of its body (CHUNK-1, 2)."""

from __future__ import annotations

from ..errors import SigningError
from ..headers import EARLIER_SIGNATURE, HeaderSet
from .chunk_encoder import Encoder, content_length, read_trailers, streaming_payload, trailer_pairs
from .chunk_signatures import SignatureChain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
    from typing import IO

    from ..authorization import Algorithm, Signature
    from ..headers import Headers
    from ..payload import Payload
    from .checksums import Checksum
    from .chunk_encoder import Block, Trailers

_OURS = frozenset(
    "content-length transfer-encoding x-amz-content-sha256 x-amz-decoded-content-length x-amz-trailer".split()
)


class FramedBody:
    """The framed body of one ``Upload``: an iterator of bytes that has a length."""

    __slots__ = ("_length", "_pieces")

    def __init__(self, pieces: Iterator[bytes], length: int) -> None:
        self._pieces = pieces
        self._length = length

    def __iter__(self) -> Iterator[bytes]:
        return self._pieces

    def __next__(self) -> bytes:
        return next(self._pieces)

    def __len__(self) -> int:
        return self._length

    def __repr__(self) -> str:
        return f"FramedBody({self._length} bytes)"


class Upload:
    """What ``Signer.stream`` returns: send ``headers``, then what ``encode`` or ``aencode`` yields.

    ``headers`` hold the exact Content-Length of the framed body. Each ``encode`` starts from the beginning,
    so a request can be sent again with the same headers while its date is valid.
    """

    __slots__ = ("_encoder", "headers")
    headers: dict[str, str | bytes]

    def __init__(self, headers: dict[str, str | bytes], encoder: Encoder) -> None:
        self.headers = headers
        self._encoder = encoder

    def encode(self, blocks: Block | IO[bytes] | Iterable[Block]) -> FramedBody:
        """The framed body of ``blocks``, which may have any sizes. Iterate over it once.

        ``len()`` gives its size in bytes: an HTTP library sends it as Content-Length. Without a length the
        library would add chunked framing, which S3 refuses. Raises SigningError if the data do not have the
        declared length.
        """
        return FramedBody(self._encoder.encode(blocks), self._encoder.content_length)

    def aencode(self, blocks: AsyncIterable[Block]) -> AsyncIterator[bytes]:
        """``encode`` for an async iterable."""
        return self._encoder.aencode(blocks)

    def __repr__(self) -> str:
        return f"Upload({self._encoder.content_length} bytes framed)"


def _with_aws_chunked(codings: str) -> str:
    """CHUNK-1: the codings of Content-Encoding, with ``aws-chunked`` once; empty parts are dropped."""
    named = [coding for part in f"{codings},aws-chunked".split(",") if (coding := part.strip(" \t"))]
    lower = [coding.lower() for coding in named]
    first = lower.index("aws-chunked")
    return ",".join([each for i, each in enumerate(named) if i == first or lower[i] != "aws-chunked"])


class Plan:
    """The ``headers`` of a stream before signing, and the literal in place of a payload hash.

    ``module`` is the algorithm, or None to leave the chunks unsigned. Raises SigningError.
    """

    __slots__ = ("chunk_size", "headers", "length", "module", "payload", "trailers")

    def __init__(
        self, headers: Headers, length: int, trailers: Trailers, chunk_size: int, module: Algorithm | None
    ) -> None:
        algorithm = module.ALGORITHM if module else None
        self.length: int = length
        self.chunk_size: int = chunk_size
        self.module: Algorithm | None = module
        self.trailers: tuple[tuple[str, str | Checksum], ...] = trailer_pairs(trailers)
        self.headers: HeaderSet = HeaderSet(headers, EARLIER_SIGNATURE)
        given = sorted(_OURS & self.headers.canonical.keys())
        if given:
            raise SigningError(f"the header {given[0]!r} is computed for a stream: leave it out")
        name = next(
            (name for name in self.headers.sent if name.lower() == "content-encoding"), "Content-Encoding"
        )
        codings = _with_aws_chunked(self.headers.get("content-encoding") or "")
        self.headers.add(name, codings)
        if not codings.isascii():
            self.headers.sent[name] = codings.encode("latin-1")
        framed = content_length(length, algorithm, self.trailers, chunk_size=chunk_size)
        self.headers.add("Content-Length", str(framed))
        self.headers.add("X-Amz-Decoded-Content-Length", str(length))
        names = ",".join(name for name, _ in read_trailers(algorithm, self.trailers))
        if names:
            self.headers.add("X-Amz-Trailer", names)
        self.payload: Payload = streaming_payload(algorithm, self.trailers)


def upload(plan: Plan, seed: Signature) -> Upload:
    """The upload of ``plan``; ``seed`` is the signature of its headers."""
    chain = None
    if plan.module:
        date = str(seed.headers["X-Amz-Date"])
        chain = SignatureChain(seed.signed_by.key, seed.scope, date, seed.signature, algorithm=plan.module)
    return Upload(seed.headers, Encoder(plan.length, chain, plan.trailers, chunk_size=plan.chunk_size))
