"""Header names and values: what may be sent, and the canonical form of a value (CR-HDR-1, 2, 3, 4)."""

from __future__ import annotations

from .errors import SigningError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import TypeAlias

    HeaderPairs: TypeAlias = tuple[tuple[str, "str | bytes"], ...]
    Headers: TypeAlias = (
        "Mapping[str, str] | Mapping[str, str | bytes] | Iterable[tuple[str | bytes, str | bytes]]"
    )

TOKEN_BYTES = (
    b"!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"  # RFC 9110 §5.6.2
)


def is_token(text: str) -> bool:
    """Whether ``text`` can be a header name or a method."""
    return text.isascii() and text != "" and not text.encode("ascii").translate(None, TOKEN_BYTES)


def lower_name(name: str | bytes) -> str:
    """CR-HDR-1: the name in lower case. Raises SigningError unless it is a token."""
    text = name.decode("latin-1") if isinstance(name, bytes) else name
    if not isinstance(text, str):
        raise SigningError(f"a header name is str or bytes, not {type(text).__name__}")
    if not is_token(text):
        raise SigningError(
            f"header name {text[:60]!r} is not a token: letters, digits and !#$%&'*+-.^_`|~ only"
        )
    return text.lower()


def header_text(name: str, value: str | bytes) -> str:
    """The value's bytes as text, as sent. Raises SigningError, which never holds the value."""
    if isinstance(value, bytes):
        text = value.decode("latin-1")
    elif isinstance(value, str):
        text = value
        if not text.isascii():
            char = next(char for char in text if char > "\x7f")
            raise SigningError(
                f"header {name!r} holds the non-ASCII character U+{ord(char):04X} as str: HTTP libraries "
                "disagree on its bytes; pass the bytes to send (value.encode('utf-8'))"
            )
    else:
        raise SigningError(f"header {name!r} is {type(value).__name__}: expected str or bytes")
    for position, char in enumerate(text):
        if (char < " " and char != "\t") or char == "\x7f":
            raise SigningError(
                f"header {name!r} holds the control character 0x{ord(char):02X} at position {position}: "
                "it cannot be sent in a header; remove it"
            )
    return text


def read_headers(
    headers: Headers, ignored: frozenset[str] = frozenset(), sent: dict[str, str | bytes] | None = None
) -> dict[str, str]:
    """The canonical values of ``headers`` by lower-case name, without the ``ignored`` ones.

    Repeated headers are joined with ``,`` in arrival order (CR-HDR-2). ``sent``, where given, is filled
    with the values as they are to be sent, by name as first spelled. Raises SigningError.
    """
    lines: dict[str, str] = {}
    repeated: dict[str, list[tuple[str, str]]] = {}
    found = ""  # what could not be read as pairs
    try:
        for name, value in headers.items() if hasattr(headers, "items") else headers:
            lower = _LOWER.get(name) or lower_name(name)
            if lower in ignored:
                continue
            # Plain printable ASCII needs no second look; header_text judges all else.
            if lower not in lines and type(value) is str and value.isascii() and value.isprintable():
                lines[lower] = (
                    value if "  " not in value and value.strip() == value else canonical_value(value)
                )
                if sent is not None:
                    sent[name if isinstance(name, str) else name.decode("ascii")] = value
                continue
            text = header_text(lower, value)
            canonical = canonical_value(text)
            if lower in lines:
                repeated.setdefault(lower, []).append((text, canonical))
                continue
            lines[lower] = canonical
            if sent is not None:
                spelled = name if isinstance(name, str) else name.decode("ascii")
                sent[spelled] = text if text.isascii() else text.encode("latin-1")
    except SigningError:
        raise
    except (TypeError, ValueError):
        found = type(headers).__name__
    if found:
        expected = "{name: value}, pairs of the two, or () for none"
        raise SigningError(f"the headers ({found}) are no mapping and no pairs: expected {expected}")
    for lower, more in repeated.items():
        lines[lower] = ",".join([lines[lower], *(canonical for _, canonical in more)])
        if sent is not None:
            spelled = next(first for first in sent if first.lower() == lower)
            first = sent[spelled]
            texts = [first if isinstance(first, str) else first.decode("latin-1"), *(t for t, _ in more)]
            # Each trimmed, as HTTP trims it: else the joined value would have spaces at its commas.
            text = ",".join([each.strip(" \t") for each in texts])
            sent[spelled] = text if text.isascii() else text.encode("latin-1")
    return lines


def canonical_value(text: str) -> str:
    """Trimmed, and every run of spaces and tabs one space; in quotes too (CR-HDR-3, CR-HDR-7)."""
    if "  " in text or "\t" in text or text.strip(" ") != text:
        return " ".join([word for word in text.replace("\t", " ").split(" ") if word])
    return text


_USUAL = (
    "Accept Accept-Encoding Authorization Cache-Control Content-Disposition Content-Encoding Content-Length "
    "Content-MD5 Content-Type Date Expect Host If-Match If-None-Match Range User-Agent X-Amz-Acl "
    "X-Amz-Content-SHA256 X-Amz-Date X-Amz-Security-Token X-Amz-Storage-Class X-Amz-Target"
).split()
# The names most requests carry, in the spellings that occur: known to be tokens, no need to look again.
_LOWER: dict[str | bytes, str] = {name: name.lower() for usual in _USUAL for name in (usual, usual.lower())}
