"""Header names and values: which may be sent, and their canonical form (CR-HDR-1, 2, 3, 4)."""

from __future__ import annotations

from .errors import SigningError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from typing import Any, TypeAlias, TypeVar

    Value = TypeVar("Value")
    Pairs: TypeAlias = "Iterable[tuple[str | bytes, str | bytes]]"
    HeaderPairs: TypeAlias = tuple[tuple[str, "str | bytes"], ...]
    StrOnly: TypeAlias = "Mapping[str, str] | tuple[()]"
    Headers: TypeAlias = "Mapping[str, str | bytes] | Iterable[tuple[str | bytes, str | bytes]]"

TOKEN_BYTES = (
    b"!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"  # RFC 9110 §5.6.2
)

# The headers of an earlier signature: removed when a request is signed again, as in a retry (CR-HDR-9).
EARLIER_SIGNATURE = frozenset(
    ("authorization", "x-amz-date", "x-amz-security-token", "x-amz-s3session-token", "x-amz-region-set")
)

# Values that are worth as much as a password: masked wherever a request or response is shown.
SECRET_HEADERS = frozenset(
    (
        "authorization",
        "proxy-authorization",
        "cookie",
        "set-cookie",
        "location",
        "x-amz-security-token",
        "x-amz-s3session-token",
        "x-amz-sso_bearer_token",
        "x-aws-ec2-metadata-token",
        "x-api-key",
        "x-amz-server-side-encryption-customer-key",
        "x-amz-copy-source-server-side-encryption-customer-key",
    )
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
    """The value as text, one character per byte. Raises SigningError, whose text never contains the value."""
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


def header_pairs(headers: Mapping[Any, Any] | Iterable[tuple[Any, Any]]) -> list[Any]:
    """``headers``, a mapping or pairs, as a list of pairs. Raises SigningError for what is neither."""
    items = getattr(headers, "items", None)
    try:
        return list(headers if items is None else items())
    except TypeError:
        raise _not_pairs(headers) from None


def text_pairs(headers: Headers) -> HeaderPairs:
    """``headers`` as pairs of text or bytes, whatever characters they hold. Raises SigningError."""
    try:
        pairs: HeaderPairs = tuple([(name, value) for name, value in header_pairs(headers)])
    except (TypeError, ValueError):
        raise _not_pairs(headers) from None
    if not all(isinstance(each, (str, bytes)) for pair in pairs for each in pair):
        raise SigningError("the headers are not pairs of name and value, each str or bytes")
    return pairs


def _not_pairs(headers: object) -> SigningError:
    return SigningError(
        f"the headers ({type(headers).__name__}) are neither a mapping nor pairs: expected "
        "{name: value}, pairs of the two, or () for none"
    )


class HeaderSet:
    """Headers by name: each value as sent and in canonical form (CR-HDR-1…4).

    ``canonical`` maps lower-case names to canonical values, ``sent`` names as first spelled to the values to
    send. Repeated headers are joined with ``,`` in arrival order (CR-HDR-2); ``repeated`` names them.
    ``as_sent`` says whether every header was given once, in canonical form.
    ``headers`` is a mapping or pairs; those in ``ignored`` are left out.

    Raises SigningError for what cannot be sent as a header.
    """

    __slots__ = ("_pairs", "_sent", "_texts", "as_sent", "canonical", "repeated")

    def __init__(self, headers: Headers = (), ignored: frozenset[str] = frozenset()) -> None:
        if headers == ():
            headers = {}
        if type(headers) is dict and self._is_plain(headers, ignored):
            return
        try:
            pairs: Any = header_pairs(headers)
            if self._is_received(pairs, ignored):
                return
            lower = [lower_name(name) for name, _ in pairs]
        except SigningError:
            raise
        except (TypeError, ValueError):
            raise _not_pairs(headers) from None
        pairs = [pair for pair, name in zip(pairs, lower) if name not in ignored]  # noqa: B905 (of one length)
        lower = [name for name in lower if name not in ignored]
        texts = [header_text(name, value) for name, (_, value) in zip(lower, pairs)]  # noqa: B905 (of one length)
        lines = [canonical_value(text) for text in texts]
        self._pairs: list[Any] = pairs
        self._texts = texts
        self._sent: dict[str, str | bytes] | None = None
        self.canonical: dict[str, str] = dict(zip(lower, lines))  # noqa: B905 (of one length)
        self.repeated: Collection[str] = ()
        self.as_sent: bool = False
        if len(self.canonical) != len(lower):
            self._join(lower, lines)

    def _is_plain(self, headers: dict[Any, Any], ignored: frozenset[str]) -> bool:
        """Fast path for the usual case: a few headers as text, none ignored, all in canonical form."""
        canonical: dict[str, str] = {}
        for name, value in headers.items():
            if type(name) is not str or type(value) is not str:
                return False
            lower = _LOWER.get(name) or lower_name(name)
            if lower in ignored or lower in canonical or not (value.isascii() and value.isprintable()):
                return False
            if "  " in value or value.strip() != value:
                return False
            canonical[lower] = value
        self.canonical, self._sent = canonical, {**headers}
        self.repeated, self.as_sent = (), True
        return True

    def _is_received(self, pairs: list[Any], ignored: frozenset[str]) -> bool:
        """Fast path for a server: pairs of ASCII text or bytes, checked together."""
        canonical: dict[str, str] = {}
        try:
            for name, value in pairs:
                if type(value) is bytes:
                    value = value.decode()
                elif type(value) is not str:
                    return False
                known = _LOWER_BYTES if type(name) is bytes else _LOWER
                canonical[known.get(name) or lower_name(name)] = value
        except UnicodeDecodeError:
            return False
        text = " ".join(canonical.values())
        if len(canonical) != len(pairs) or not text.isascii() or not ignored.isdisjoint(canonical):
            return False
        raw = text.encode("ascii")
        # A space at either end of a value makes two in a row here, as an empty value does.
        if canonical and (raw.translate(_PLAIN) != raw or "  " in f" {text} "):
            return False
        self.canonical, self._sent = canonical, None
        self._pairs, self._texts = pairs, [*canonical.values()]
        self.repeated, self.as_sent = (), True
        return True

    def _join(self, lower: list[str], plain: list[str]) -> None:
        """CR-HDR-2: joins repeated headers, both their canonical values and those to send."""
        values: dict[str, list[str]] = {}
        sent: dict[str, tuple[str | bytes, list[str]]] = {}
        for name, value, (spelled, _), text in zip(lower, plain, self._pairs, self._texts):  # noqa: B905 (of one length)
            values.setdefault(name, []).append(value)
            sent.setdefault(name, (spelled, []))[1].append(text)
        self.canonical = {name: ",".join(found) for name, found in values.items()}
        self.repeated = frozenset(name for name, found in values.items() if len(found) > 1)
        self._pairs = [*sent.values()]
        # Each value is trimmed, as HTTP does; otherwise the joined value would have spaces at its commas.
        self._texts = [
            ",".join([text.strip(" \t") for text in texts]) if len(texts) > 1 else texts[0]
            for _, texts in sent.values()
        ]

    @property
    def sent(self) -> dict[str, str | bytes]:
        if self._sent is None:
            self._sent = {
                name if isinstance(name, str) else name.decode("ascii"): (
                    text if text.isascii() else text.encode("latin-1")
                )
                for (name, _), text in zip(self._pairs, self._texts)  # noqa: B905 (of one length)
            }
        return self._sent

    def get(self, name: str) -> str | None:
        """The canonical value of the header with this lower-case name, or None."""
        return self.canonical.get(name)

    def add(self, name: str, value: str) -> None:
        """Adds a header, or replaces the one with this spelling; ``value`` must be canonical."""
        self.sent[name] = self.canonical[name.lower()] = value

    def __repr__(self) -> str:
        return f"HeaderSet({', '.join(getattr(self, 'canonical', ()))})"  # empty while it is being built


def values_of(pairs: Pairs, name: str) -> list[str]:
    """The values of the headers of this name in any case, as text, in order."""
    wanted = name.lower()
    raw = wanted.encode("ascii")
    return [
        header_value(value)
        for key, value in pairs
        if key.lower() == (wanted if isinstance(key, str) else raw)
    ]


def names_of(pairs: Pairs) -> frozenset[str]:
    """The names of the headers, in lower case."""
    return frozenset(header_value(name).lower() for name, _ in pairs)


def without(pairs: Iterable[tuple[str, Value]], name: str) -> list[tuple[str, Value]]:
    """The headers without those of this name (in lower case)."""
    return [pair for pair in pairs if pair[0].lower() != name]


def length_of(text: str) -> int | None:
    """The number of bytes that a Content-Length declares; None unless it is digits (RFC 9110 §8.6).

    A number of more than 18 digits is larger than any body: its first 18 digits count.
    """
    digits = text.lstrip("0") or text[-1:]
    return int(digits[:18]) if digits.isascii() and digits.isdigit() else None


def header_value(value: str | bytes) -> str:
    """A value as text: each byte one character."""
    return value if isinstance(value, str) else value.decode("latin-1")


def utf8_text(value: str | bytes, errors: str = "surrogateescape") -> str:
    """A value as text, decoded as UTF-8; ``errors`` says how other bytes are shown."""
    return value if isinstance(value, str) else value.decode("utf-8", errors)


def is_secret(name: str | bytes) -> bool:
    """Whether the value of a header of this name is a secret."""
    return header_value(name).lower() in SECRET_HEADERS


def shown_value(name: str, value: str | bytes) -> str:
    """The value of a header as text that may be shown; in Authorization only the signature is masked."""
    text = header_value(value)
    if not (text and is_secret(name)):
        return text
    start, found, _ = text.partition("Signature=")
    return f"{start}{found}***" if found and name.lower() == "authorization" else "***"


def canonical_value(text: str) -> str:
    """``text`` trimmed, each run of spaces and tabs made one space, also in quotes (CR-HDR-3, CR-HDR-7)."""
    if "  " in text or "\t" in text or text.strip(" ") != text:
        return " ".join([word for word in text.replace("\t", " ").split(" ") if word])
    return text


_PLAIN = b"?" * 32 + bytes(range(32, 127)) + b"?" * 129  # printable ASCII stays
_WITHOUT_CONTROLS = dict.fromkeys((*range(9), *range(10, 32), 127))
_GIVEN = (
    "Accept Content-Encoding Content-Length Content-MD5 Content-Type Date Host If-Match If-None-Match Range "
    "User-Agent X-Amz-Acl X-Amz-Checksum-CRC32 X-Amz-Content-SHA256 X-Amz-Date X-Amz-Target"
)
_RECEIVED = (
    "Accept-Encoding Accept-Language Amz-Sdk-Invocation-Id Amz-Sdk-Request Authorization Cache-Control "
    "Connection Content-Disposition Cookie Expect Forwarded Origin Pragma Referer Transfer-Encoding Via "
    "X-Amz-Sdk-Checksum-Algorithm X-Amz-Security-Token X-Amz-Storage-Class X-Amz-User-Agent X-Amzn-Trace-Id "
    "X-Forwarded-For X-Forwarded-Host X-Forwarded-Port X-Forwarded-Proto X-Real-IP X-Request-Id"
)
_USUAL = f"{_GIVEN} {_RECEIVED}"
_SPELLINGS = f"{_USUAL} {_USUAL.lower()} {_USUAL.title()}"
_NAMES = _USUAL.lower().split() * 3
# Frequent header names in the usual spellings. They need no check.
# Text and bytes have a table each: ``python -bb`` forbids to compare the two.
_LOWER: dict[Any, str] = dict(zip(_SPELLINGS.split(), _NAMES))  # noqa: B905 (of one length)
_LOWER_BYTES: dict[Any, str] = dict(zip(_SPELLINGS.encode().split(), _NAMES))  # noqa: B905 (of one length)
