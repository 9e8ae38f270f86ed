"""The chain of signatures of an aws-chunked body, and the refusal of a signed stream (CHUNK-3, TRAILER-1)."""

from __future__ import annotations

from hashlib import sha256

from .. import v4
from ..authorization import V4, V4A
from ..errors import VerificationError
from ..headers import canonical_value
from ..payload import EMPTY_SHA256

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from ..authorization import Algorithm


SIGNATURE_TRAILER = "x-amz-trailer-signature"
# CHUNK-4, CHUNK-V4A-1: characters of a signature in a chunk or trailer line.
SIGNATURE_WIDTHS = {V4: 64, V4A: 144}


class StreamError(VerificationError):
    """A signed body was refused at ``part``: ``"chunk 1"`` (the first), ``"trailers"``, ``"event 2"``."""

    def __init__(self, part: str, stage: str, code: str, message: str, status: int = 403) -> None:
        super().__init__(stage, code, message, status)
        self.args: tuple[Any, ...] = (part, stage, code, message, status)
        self.part = part

    def __str__(self) -> str:
        return f"{self.part}: {super().__str__()}"


class SignatureChain:
    """The signatures of one body. Each covers the one before it; the first covers the seed signature.

    ``key`` is a key of ``algorithm``, the module ``v4`` or ``v4a``; ``scope`` and ``timestamp`` are those of
    the seed as text, however late the last chunk is; ``seed`` is the signature of the request, in hex.

    Source: Amazon S3 API Reference, sigv4-streaming and sigv4-streaming-trailers (CHUNK-3, TRAILER-1).
    """

    __slots__ = ("_algorithm", "_key", "_prefix", "_scope", "_timestamp", "_width", "signature")

    def __init__(
        self, key: object, scope: str, timestamp: str, seed: str, *, algorithm: Algorithm = v4
    ) -> None:
        self._algorithm = algorithm
        self._key = key
        self._scope = scope
        self._timestamp = timestamp
        self._prefix = f"{algorithm.ALGORITHM}-PAYLOAD\n{timestamp}\n{scope}\n"
        self._width = SIGNATURE_WIDTHS[algorithm.ALGORITHM]
        self.signature: str = seed

    def __repr__(self) -> str:
        return f"SignatureChain({self._key!r}, {self._scope!r}, {self._timestamp!r}, {self.signature!r})"

    def copy(self) -> SignatureChain:
        """An independent chain that continues from the current signature."""
        return SignatureChain(
            self._key, self._scope, self._timestamp, self.signature, algorithm=self._algorithm
        )

    @property
    def algorithm(self) -> str:
        return self._algorithm.ALGORITHM

    def chunk_string(self, data_sha256: str) -> str:
        """CHUNK-3: the string to sign of the next chunk, from the SHA-256 of its data."""
        return f"{self._prefix}{self.signature}\n{EMPTY_SHA256}\n{data_sha256}"

    def trailer_string(self, trailers: Iterable[tuple[str, str]]) -> str:
        """TRAILER-1: the string to sign of the trailers, after the last chunk."""
        digest = sha256(canonical_trailers(trailers)).hexdigest()
        return f"{self.algorithm}-TRAILER\n{self._timestamp}\n{self._scope}\n{self.signature}\n{digest}"

    def sign(self, text: str) -> str:
        """The signature of ``text`` in wire form; the next signature will cover it."""
        self.signature = self._algorithm.sign(self._key, text)
        return self.signature.ljust(self._width, "*")  # CHUNK-V4A-1

    def check(self, text: str, signature: str) -> bool:
        """Whether ``signature``, in wire form, is that of ``text``; if so, the chain continues from it."""
        bare = signature.rstrip("*")
        if len(signature) != self._width:
            return False
        if not self._algorithm.check(self._key, text, bare):
            return False
        self.signature = bare
        return True


def canonical_trailers(trailers: Iterable[tuple[str, str]]) -> bytes:
    """TRAILER-1: ``name:value LF`` for each, sorted by name."""
    return "".join(f"{name}:{canonical_value(value)}\n" for name, value in sorted(trailers)).encode("latin-1")
