"""The kinds of payload, and the last line of the canonical request for each (PAYLOAD-1…7)."""

from __future__ import annotations

from hashlib import sha256

from .errors import SigningError
from .record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import IO, TypeAlias

    Body: TypeAlias = "bytes | bytearray | memoryview | str | IO[bytes] | Payload | None"

EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
_BLOCK = 1 << 18
HEX_DIGITS = frozenset("0123456789abcdef")
_UNHASHED = "UNSIGNED-PAYLOAD"
_OF_EVENTS = "STREAMING-AWS4-HMAC-SHA256-EVENTS"
# PAYLOAD-3: all literals; they are case-sensitive.
LITERALS = frozenset(
    (
        _UNHASHED,
        "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
        "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD",
        "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER",
        _OF_EVENTS,
    )
)


class Payload(Record):
    """The SHA-256 of a body that is not available, or a literal in place of the hash.

    Made by ``Payload.sha256``; the literals (``UNSIGNED_PAYLOAD``, …) are constants of this module. It is a
    separate type, so a ``str`` body is never mistaken for a hash or a literal.
    """

    line: str

    def _check(self) -> None:
        if not (is_sha256(self.line) or (isinstance(self.line, str) and self.line in LITERALS)):
            shown = repr(self.line[:80]) if isinstance(self.line, str) else type(self.line).__name__
            raise SigningError(f"the payload line is {shown}: expected 64 lower-case hex digits or a literal")

    @classmethod
    def sha256(cls, digest: str | bytes) -> Payload:
        """A body whose SHA-256 is known: 64 lower-case hex digits or the 32 raw bytes.

        Raises SigningError.
        """
        line = digest.hex() if isinstance(digest, bytes) else digest
        if not is_sha256(line):
            kind = "bytes" if isinstance(digest, bytes) else "characters"
            found = f"{len(digest)} {kind}" if isinstance(digest, (str, bytes)) else type(digest).__name__
            raise SigningError(f"expected a SHA-256 as 64 lower-case hex digits or 32 bytes, got {found}")
        return cls(line)

    @property
    def is_literal(self) -> bool:
        """Whether the line is one of AWS's literals and not a hash."""
        return self.line in LITERALS


def is_sha256(text: str) -> bool:
    return isinstance(text, str) and len(text) == 64 and HEX_DIGITS.issuperset(text)


UNSIGNED_PAYLOAD = Payload(_UNHASHED)
STREAMING_EVENTS = Payload(_OF_EVENTS)  # EVENT-6


def payload_line(body: Body) -> str:
    """The payload hash of ``body``: lower-case hex SHA-256 of its exact bytes, or its literal.

    A file is hashed in blocks from its present position, which is restored (PAYLOAD-6). Raises SigningError
    for a file that cannot seek and for any other type.
    """
    if isinstance(body, bytes):
        return sha256(body).hexdigest() if body else EMPTY_SHA256
    if body is None:
        return EMPTY_SHA256
    if isinstance(body, Payload):
        return body.line
    if isinstance(body, str):
        try:
            return sha256(body.encode("utf-8")).hexdigest()
        except UnicodeEncodeError as error:
            fault = f"the body holds a lone surrogate at position {error.start}: pass the bytes to send"
        raise SigningError(fault)
    if isinstance(body, (bytearray, memoryview)):
        return sha256(bytes(body)).hexdigest()
    if hasattr(body, "read"):
        return _file_sha256(body)
    raise SigningError(
        f"the body is {type(body).__name__}: expected bytes, str, None, a seekable binary file or a Payload; "
        "read an iterable into bytes first, or pass Payload.sha256(...), "
        "or UNSIGNED_PAYLOAD if the service accepts it"
    )


def _file_sha256(file: IO[bytes]) -> str:
    if not (hasattr(file, "seekable") and file.seekable()):
        raise SigningError(
            "the body is a file that cannot seek: hashing would use it up; read it into bytes first, or pass "
            "Payload.sha256(...) with its hash"
        )
    start = file.tell()
    digest = sha256()
    try:
        read_into = getattr(file, "readinto", None)
        if read_into is not None:
            buffer = memoryview(bytearray(_BLOCK))
            while count := read_into(buffer):
                digest.update(buffer[:count])
        else:
            while block := file.read(_BLOCK):
                if not isinstance(block, bytes):
                    raise SigningError("the body is a text file: open it in binary mode ('rb')")
                digest.update(block)
    finally:
        file.seek(start)
    return digest.hexdigest()
