"""Makes the ASGI scope for the application, which contains only what was verified."""

from __future__ import annotations

from ..canonical import canonical_path, canonical_query, normalize_path
from ..errors import SigningError, VerificationError
from ..payload import STREAMING_EVENTS
from ..percent import unescape
from ..signed_request import read_headers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import MutableMapping, Sequence
    from typing import Any, TypeAlias

    from ..dialects import Dialect
    from ..headers import HeaderSet

    Scope: TypeAlias = MutableMapping[str, Any]
    Pairs: TypeAlias = Sequence[tuple[bytes, bytes]]


_EACH_HEADER = 32  # bytes that RFC 9113 §6.5.2 adds for each header: else empty headers would not count


class Head:
    """The target and the headers of a scope. Raises VerificationError for more than ``largest`` bytes."""

    __slots__ = ("headers", "pairs", "target")

    def __init__(self, scope: Scope, largest: int) -> None:
        raw_path: bytes | None = scope.get("raw_path")
        if not raw_path:
            raise SigningError(
                "the server gives no raw_path, and the decoded path is not what was signed: use one that "
                "does, such as uvicorn or hypercorn"
            )
        query: bytes = scope.get("query_string", b"")
        target = raw_path + b"?" + query if query else raw_path
        self.target: str = target.decode("latin-1")
        # A copy: uvicorn with httptools adds the trailers of the body to its list.
        self.pairs: list[tuple[bytes, bytes]] = list(scope["headers"])
        size = len(target) + _EACH_HEADER * len(self.pairs)
        if size > largest or size + sum([len(name) + len(value) for name, value in self.pairs]) > largest:
            message = f"Your request target and headers exceed the maximum allowed size of {largest} bytes."
            raise VerificationError("HEAD", "RequestHeaderSectionTooLarge", message, 431)
        self.headers: HeaderSet = read_headers(self.pairs)


def with_canonical_target(scope: Scope, dialect: Dialect) -> Scope:
    """``scope`` with the path and the query string in the form that was signed.

    Raises VerificationError if that path is not below the ``root_path`` of this application: the request was
    signed for another one.
    """
    path = scope["raw_path"].decode("latin-1")
    if not dialect.encode_path_again:
        path = canonical_path(path, dialect)
    elif dialect.normalize_path:
        path = normalize_path(path)
    query = canonical_query(scope.get("query_string", b"").decode("latin-1"))
    decoded = unescape(path).encode("latin-1").decode("utf-8", "replace")
    root: str = scope.get("root_path", "").rstrip("/")
    if root and not f"{decoded}/".startswith(f"{root}/") and scope.get("path", "").startswith(root):
        message = "The request is refused because its target leads out of the application that it names."
        raise VerificationError("CANONICAL", "InvalidRequest", message, 400)
    return {
        **scope,
        "raw_path": path.encode("latin-1"),
        "path": decoded,
        "query_string": query.encode("latin-1"),
    }


def canonical_headers(
    pairs: Pairs, lines: dict[str, str], signed: tuple[str, ...]
) -> list[tuple[bytes, bytes]]:
    """``pairs`` with each signed header once, in canonical form; the others as received."""
    names = frozenset(signed).intersection(lines)
    waiting = set(names)
    found = []
    for name, value in pairs:
        lower = name.decode("latin-1").lower()
        if lower not in names:
            found.append((name, value))
        elif lower in waiting:
            waiting.remove(lower)
            found.append((name, lines[lower].encode("latin-1")))
    return found


def decoded_headers(pairs: Pairs, literal: str, length: bytes) -> list[tuple[bytes, bytes]]:
    """``pairs``, changed to describe the body that the application reads, which has no framing.

    For an aws-chunked body the length is that of the data, and ``aws-chunked`` is removed from the codings.
    For an event stream the length is removed.
    """
    found = []
    for name, value in pairs:
        lower = name.lower()
        if lower == b"content-encoding":
            codings = [coding.strip() for coding in value.split(b",")]
            left = [coding for coding in codings if coding and coding.lower() != b"aws-chunked"]
            if left:
                found.append((name, b", ".join(left) if len(left) < len(codings) else value))
        elif lower not in (b"content-length", b"transfer-encoding"):
            found.append((name, value))
    if literal != STREAMING_EVENTS.line:
        found.append((b"content-length", length.strip()))
    return found
