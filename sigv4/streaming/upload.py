"""A request whose body is aws-chunked: its signed headers, and the encoder of its body (CHUNK-1, 2)."""

from __future__ import annotations

from ..errors import SigningError
from ..headers import read_headers
from .chunk_encoder import Encoder, content_length, read_trailers, streaming_payload
from .chunk_signatures import SignatureChain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator
    from typing import IO

    from ..authorization import Algorithm
    from ..headers import Headers
    from ..payload import Payload
    from .chunk_encoder import Block, Trailers

    # Signs headers and the literal; returns all headers to send, the key, its scope as text, the signature.
    Seed = Callable[[dict[str, str | bytes], Payload], tuple[dict[str, str | bytes], object, str, str]]

_OURS = frozenset(("content-length", "x-amz-decoded-content-length", "x-amz-trailer", "x-amz-content-sha256"))


class FramedBody:
    """The framed body of one ``Upload``: an iterator of bytes that knows its length."""

    __slots__ = ("_length", "_pieces")

    def __init__(self, pieces: Iterator[bytes], length: int) -> None:
        self._pieces = pieces
        self._length = length

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self._pieces)

    def __len__(self) -> int:
        return self._length

    def __repr__(self) -> str:
        return f"FramedBody({self._length} bytes)"


class Upload:
    """What ``Signer.stream`` returns: send ``headers``, then what ``encode`` or ``aencode`` yields.

    ``headers`` hold the exact Content-Length of the framed body. Each ``encode`` starts anew, so a request
    can be sent again with the same headers while its date is good.
    """

    __slots__ = ("_encoder", "headers")
    headers: dict[str, str | bytes]

    def __init__(self, headers: dict[str, str | bytes], encoder: Encoder) -> None:
        self.headers = headers
        self._encoder = encoder

    def encode(self, blocks: Block | IO[bytes] | Iterable[Block]) -> FramedBody:
        """The framed body of ``blocks``, of any sizes: to iterate over once. ``len()`` gives its size.

        HTTP libraries ask for the length to send Content-Length; one that finds none would send chunked
        framing around the body, which S3 refuses. Raises SigningError where the blocks do not add up.
        """
        return FramedBody(self._encoder.encode(blocks), self._encoder.content_length)

    def aencode(self, blocks: AsyncIterable[Block]) -> AsyncIterator[bytes]:
        """As ``encode``, of an async iterable."""
        return self._encoder.aencode(blocks)

    def __repr__(self) -> str:
        return f"Upload({self._encoder.content_length} bytes framed)"


def _with_aws_chunked(codings: str) -> str:
    """CHUNK-1: the codings of Content-Encoding, with ``aws-chunked`` named once; blanks are not codings."""
    named = [coding for part in codings.split(",") if (coding := part.strip(" \t"))]
    if not any(coding.lower() == "aws-chunked" for coding in named):
        named.append("aws-chunked")
    return ",".join(named)


def upload(
    headers: Headers,
    length: int,
    trailers: Trailers,
    chunk_size: int,
    module: Algorithm | None,
    seed: Seed,
) -> Upload:
    """The upload of ``length`` bytes whose headers ``seed`` signs; None leaves its chunks unsigned.

    Raises SigningError.
    """
    algorithm = module.ALGORITHM if module else None
    trailers = tuple(trailers)
    sent: dict[str, str | bytes] = {}
    lines = read_headers(headers, sent=sent)
    given = sorted(_OURS & lines.keys())
    if given:
        raise SigningError(f"the header {given[0]!r} is computed for a stream: leave it out")
    coding = next((name for name in sent if name.lower() == "content-encoding"), "Content-Encoding")
    sent[coding] = _with_aws_chunked(lines.get("content-encoding", ""))
    sent["Content-Length"] = str(content_length(length, algorithm, trailers, chunk_size=chunk_size))
    sent["X-Amz-Decoded-Content-Length"] = str(length)
    names = ",".join(name for name, _ in read_trailers(algorithm, trailers))
    if names:
        sent["X-Amz-Trailer"] = names
    to_send, key, scope, signature = seed(sent, streaming_payload(algorithm, trailers))
    chain = None
    if module:
        chain = SignatureChain(key, scope, str(to_send["X-Amz-Date"]), signature, algorithm=module)
    return Upload(to_send, Encoder(length, chain, trailers, chunk_size=chunk_size))
