"""Percent-encoding for SigV4: all bytes except RFC 3986's unreserved ones, in upper-case hex.

Text in this package represents bytes: one character is one byte (Latin-1), as in a request line and its
headers. So the canonical request can be built as ``str`` and encoded once.
"""

from __future__ import annotations

from .errors import SigningError

UNRESERVED = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
_HEX = [*zip("0123456789ABCDEFabcdef", (*range(16), *range(10, 16)))]  # noqa: B905 (of one length)

_ESCAPES = {byte: chr(byte) if byte in UNRESERVED else f"%{byte:02X}" for byte in range(256)}
_PATH_ESCAPES = {**_ESCAPES, 0x2F: "/"}
_PATH_BYTES = UNRESERVED + b"/"
_QUERY_BYTES = UNRESERVED + b"=&%"
_NEEDED = frozenset(escape[1:] for escape in _ESCAPES.values() if len(escape) == 3)
_BYTES = {high + low: chr(16 * first + second) for high, first in _HEX for low, second in _HEX}


def escape(text: str) -> str:
    """UriEncode: every byte that is not unreserved becomes ``%XX``."""
    return text if text.isalnum() and text.isascii() else text.translate(_ESCAPES)


def escape_path(text: str) -> str:
    """UriEncodePath: as ``escape``, with ``/`` kept."""
    if text.isascii():
        others = text.encode("ascii").translate(None, _PATH_BYTES)
        if not others.strip(b"%"):  # nothing to escape, or the "%" of a path that is escaped already
            return text.replace("%", "%25")
    return text.translate(_PATH_ESCAPES)


def is_canonical_query(query: str) -> bool:
    """Whether decoding and escaping a query string again would change nothing but the order of its parts.

    Every parameter has one ``=``; every escape is upper case and encodes a byte that needs it.
    """
    if not query.isascii() or query.encode("ascii").translate(None, _QUERY_BYTES):
        return False
    if "%" in query and not _NEEDED.issuperset([piece[:2] for piece in query.split("%")[1:]]):
        return False
    parts = query.split("&")
    return len([part for part in parts if "=" in part]) == len(parts) == query.count("=")


def is_escaped(text: str) -> bool:
    """Whether every ``%`` of ``text`` is followed by two hex digits."""
    return all(piece[:2] in _BYTES for piece in text.split("%")[1:])


def unescape_where_valid(text: str) -> str:
    """``unescape``, or ``text`` as it is where an escape of it is broken."""
    return unescape(text) if is_escaped(text) else text


def unescape(text: str) -> str:
    """The bytes that ``text`` escapes. Raises SigningError for a ``%`` without two hex digits."""
    if "%" not in text:
        return text
    start, *pieces = text.split("%")
    decoded = [start]
    for piece in pieces:
        byte = _BYTES.get(piece[:2])
        if byte is None:
            raise SigningError(
                f"broken percent escape {'%' + piece[:2]!r}: expected two hex digits after '%'; "
                "a literal percent sign is written '%25'"
            )
        decoded.append(byte + piece[2:])
    return "".join(decoded)
