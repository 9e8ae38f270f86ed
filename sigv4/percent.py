"""Percent-encoding for SigV4: all bytes except RFC 3986's unreserved ones, in upper-case hex.

Text in this package represents bytes: one character is one byte (Latin-1), as in a request line and its
headers. So the canonical request can be built as ``str`` and encoded once.
"""

from __future__ import annotations

from .errors import SigningError

UNRESERVED = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
_PAIRS = bytes(range(256)).hex(" ").upper().split()  # "00" … "FF", in the order of the bytes

_ESCAPES = {byte: f"%{pair}" for byte, pair in enumerate(_PAIRS)} | {byte: chr(byte) for byte in UNRESERVED}
_PATH_ESCAPES = {**_ESCAPES, 0x2F: "/"}
_ESCAPED_BYTES = UNRESERVED + b"%"
_PATH_BYTES = _ESCAPED_BYTES + b"/"
_NEEDED = frozenset(_PAIRS).difference([_PAIRS[byte] for byte in UNRESERVED])
_BYTES = dict(zip(_PAIRS, map(chr, range(256))))  # noqa: B905 (of one length)


def byte_text(text: str) -> str:
    """The UTF-8 bytes of ``text``, each as one character. Raises SigningError for a lone surrogate."""
    try:
        return text.encode("utf-8").decode("latin-1")
    except UnicodeEncodeError as error:
        raise SigningError(f"{text[error.start]!r} has no UTF-8 form: decode the text as UTF-8") from None
    except AttributeError:
        raise SigningError(f"the text to escape is {type(text).__name__}: expected str") from None


def escape(text: str) -> str:
    """UriEncode: every byte that is not unreserved becomes ``%XX``."""
    if text.isalnum() and text.isascii():
        return text
    return text.translate(_ESCAPES)


def escape_path(text: str) -> str:
    """UriEncodePath: as ``escape``, with ``/`` kept."""
    if text.isascii() and not text.encode().translate(None, _PATH_BYTES):
        return text.replace("%", "%25")  # nothing to escape, or the "%" of a path that is escaped already
    return text.translate(_PATH_ESCAPES)


def is_canonical_query(query: str) -> bool:
    """Whether decoding and escaping a query string again would change only the order of its parts.

    Every parameter has one ``=``; every escape is upper case and encodes a byte that needs it.
    """
    if not query.isascii():
        return False
    separators = query.encode().translate(None, _ESCAPED_BYTES) + b"&"
    return not separators.replace(b"=&", b"") and has_needed_escapes(query)


def has_needed_escapes(text: str) -> bool:
    """Whether every escape in ``text`` is one that ``escape`` writes: upper case, of a byte that needs it."""
    for piece in text.split("%")[1:]:  # noqa: SIM110 (twice as fast)
        if piece[:2] not in _NEEDED:
            return False
    return True


def is_escaped(text: str) -> bool:
    """Whether every ``%`` of ``text`` is followed by two hex digits."""
    return all(_byte_of(piece[:2]) for piece in text.split("%")[1:])


def unescape_where_valid(text: str) -> str:
    """``unescape``; ``text`` unchanged if it has a broken escape."""
    return unescape(text) if is_escaped(text) else text


def unescape(text: str) -> str:
    """The bytes that ``text`` escapes. Raises SigningError for a ``%`` without two hex digits."""
    if "%" not in text:
        return text
    start, *pieces = text.split("%")
    decoded = [start]
    for piece in pieces:
        digits = piece[:2]
        byte = _BYTES.get(digits) or _byte_of(digits)
        if byte is None:
            raise SigningError(
                f"broken percent escape {'%' + digits!r}: expected two hex digits after '%'; "
                "a literal percent sign is written '%25'"
            )
        decoded.append(byte + piece[2:])
    return "".join(decoded)


def _byte_of(digits: str) -> str | None:
    """The byte of two hex digits in any case, or None."""
    return _BYTES.get(digits.upper()) if digits.isascii() else None
