"""Header names and values: which may be sent, and their canonical form (CR-HDR-1, 2, 3, 4)."""

from __future__ import annotations

from .errors import SigningError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping
    from typing import Any, TypeAlias

    HeaderPairs: TypeAlias = tuple[tuple[str, "str | bytes"], ...]
    StrOnly: TypeAlias = "Mapping[str, str] | tuple[()]"
    Headers: TypeAlias = (
        "Mapping[str, str] | Mapping[str, str | bytes] | Iterable[tuple[str | bytes, str | bytes]]"
    )

TOKEN_BYTES = (
    b"!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"  # RFC 9110 §5.6.2
)

# What an earlier signature left behind: taken off, so that signing again (a retry) starts clean (CR-HDR-9).
EARLIER_SIGNATURE = frozenset(
    ("authorization", "x-amz-date", "x-amz-security-token", "x-amz-s3session-token", "x-amz-region-set")
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
    if len(text.translate(_WITHOUT_CONTROLS)) != len(text):
        position = next(at for at, char in enumerate(text) if ord(char) in _WITHOUT_CONTROLS)
        raise SigningError(
            f"header {name!r} holds the control character 0x{ord(text[position]):02X} at position "
            f"{position}: it cannot be sent in a header; remove it"
        )
    return text


class HeaderSet:
    """Headers by name: each value as it is sent, beside its canonical form (CR-HDR-1…4).

    ``canonical`` maps lower-case names to canonical values, ``sent`` names as first spelled to the values to
    send. Repeated headers are joined with ``,`` in arrival order (CR-HDR-2); ``repeated`` names them.
    ``headers`` is a mapping or pairs; those in ``ignored`` are left out.

    Raises SigningError for what cannot be sent as a header.
    """

    __slots__ = ("canonical", "repeated", "sent")

    def __init__(self, headers: Headers = (), ignored: Container[str] = ()) -> None:
        self.canonical: dict[str, str] = {}
        self.sent: dict[str, str | bytes] = {}
        self.repeated: frozenset[str] = frozenset()
        pairs: Any = headers.items() if hasattr(headers, "items") else headers
        try:
            more = self._read(pairs, ignored)
        except SigningError:
            raise
        except (TypeError, ValueError):
            raise SigningError(
                f"the headers ({type(headers).__name__}) are neither a mapping nor pairs: expected "
                "{name: value}, pairs of the two, or () for none"
            ) from None
        if more:
            self._join(more)

    def _read(
        self, pairs: Iterable[tuple[str | bytes, str | bytes]], ignored: Container[str]
    ) -> dict[str, list[str]]:
        """Takes in each first header of a name; returns the texts of the others, by lower-case name."""
        canonical, sent = self.canonical, self.sent
        more: dict[str, list[str]] = {}
        for name, value in pairs:
            lower = _LOWER.get(name) or lower_name(name)
            if lower in ignored:
                continue
            text = value.decode("latin-1") if type(value) is bytes else value
            # Printable text needs no second look. header_text judges everything else.
            if type(text) is str and text.isprintable() and (text is not value or text.isascii()):
                plain = text if "  " not in text and text.strip() == text else canonical_value(text)
            else:
                text = header_text(lower, value)
                plain = canonical_value(text)
            if lower in canonical:
                more.setdefault(lower, []).append(text)
                continue
            canonical[lower] = plain
            sent[name if type(name) is str else name.decode("ascii")] = (  # type: ignore[union-attr]
                text if text.isascii() else text.encode("latin-1")
            )
        return more

    def _join(self, more: dict[str, list[str]]) -> None:
        self.repeated = frozenset(more)
        spelled = {name.lower(): name for name in self.sent}
        for lower, texts in more.items():
            values = [self.canonical[lower], *map(canonical_value, texts)]
            self.canonical[lower] = ",".join(values)
            first = self.sent[spelled[lower]]
            texts.insert(0, first if isinstance(first, str) else first.decode("latin-1"))
            # Each trimmed, as HTTP trims it: else the joined value would have spaces at its commas.
            text = ",".join([each.strip(" \t") for each in texts])
            self.sent[spelled[lower]] = text if text.isascii() else text.encode("latin-1")

    def get(self, name: str) -> str | None:
        """The canonical value of the header with this lower-case name, or None."""
        return self.canonical.get(name)

    def add(self, name: str, value: str) -> None:
        """Adds a header, or replaces the one of this spelling; ``value`` is canonical already."""
        self.sent[name] = self.canonical[name.lower()] = value

    def __repr__(self) -> str:
        return f"HeaderSet({', '.join(self.sent)})"


def first_value(pairs: Iterable[tuple[str | bytes, str | bytes]], name: str, default: str = "") -> str:
    """The value of the first header of this name (case-insensitive), as text."""
    wanted = name.lower()
    raw = wanted.encode("ascii")
    for key, value in pairs:
        if key.lower() == (wanted if isinstance(key, str) else raw):
            return value if isinstance(value, str) else value.decode("latin-1")
    return default


def canonical_value(text: str) -> str:
    """Trimmed, and every run of spaces and tabs one space; in quotes too (CR-HDR-3, CR-HDR-7)."""
    if "  " in text or "\t" in text or text.strip(" ") != text:
        return " ".join([word for word in text.replace("\t", " ").split(" ") if word])
    return text


_WITHOUT_CONTROLS = dict.fromkeys((*range(9), *range(10, 32), 127))
_USUAL = (
    "Accept Accept-Encoding Accept-Language Amz-Sdk-Invocation-Id Amz-Sdk-Request Authorization "
    "Cache-Control Connection Content-Disposition Content-Encoding Content-Length Content-MD5 "
    "Content-Type Cookie Date Expect Forwarded Host If-Match If-None-Match Origin Pragma Range Referer "
    "Transfer-Encoding User-Agent Via X-Amz-Acl X-Amz-Checksum-CRC32 X-Amz-Content-SHA256 X-Amz-Date "
    "X-Amz-Sdk-Checksum-Algorithm X-Amz-Security-Token X-Amz-Storage-Class X-Amz-Target X-Amz-User-Agent "
    "X-Amzn-Trace-Id X-Forwarded-For X-Forwarded-Host X-Forwarded-Port X-Forwarded-Proto X-Real-IP "
    "X-Request-Id"
).split()
# The names most requests carry, in the spellings that occur: known to be tokens, no need to look again.
_LOWER: dict[str | bytes, str] = {
    spelling: name.lower()
    for name in _USUAL
    for text in (name, name.lower(), name.title())
    for spelling in (text, text.encode("ascii"))
}
