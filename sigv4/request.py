"""``Request`` and ``Response``: HTTP messages as values, and their parsers for raw bytes."""

from __future__ import annotations

from .errors import SigningError
from .headers import TOKEN_BYTES, header_value, is_secret, names_of, text_pairs, values_of
from .record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from .headers import HeaderPairs, Headers


def utf8_bytes(text: str) -> bytes:
    """The bytes of a text that was typed or read as UTF-8, also those that are not UTF-8."""
    return text.encode("utf-8", "surrogateescape")


def utf8_value(text: str) -> str | bytes:
    """A header value that was typed or read as text, as it is sent: in UTF-8."""
    return text if text.isascii() else utf8_bytes(text)


def secrets_of_headers(headers: HeaderPairs) -> set[str]:
    """The values, as text, that must not be shown."""
    return {header_value(value) for name, value in headers if value and is_secret(name)}


def masked(headers: HeaderPairs) -> str:
    """The headers as text for a ``repr``, without the values that are secrets."""
    return ", ".join(
        f"{header_value(name)}: {'***' if is_secret(name) else value!r}" for name, value in headers
    )


class Message(Record):
    """The base of ``Request`` and ``Response``: unpacks into the fields, and looks up headers."""

    if TYPE_CHECKING:
        headers: HeaderPairs  # a field of both

    def __iter__(self) -> Iterator[Any]:
        return iter(self._fields())

    def header(self, name: str, default: str = "") -> str:
        """The value of the first header of this name (case-insensitive), as text."""
        return (self.header_values(name) or [default])[0]

    def header_values(self, name: str) -> list[str]:
        """The value of every header of this name (case-insensitive), as text, in order."""
        return values_of(self.headers, name)

    def has_header(self, *names: str) -> bool:
        """Whether there is a header of one of these names (in lower case)."""
        return not names_of(self.headers).isdisjoint(names)


class Request(Message):
    """``Request(method, url, headers, body)``; unpacks into the four, as in ``signer.sign(*request)``.

    ``headers`` is kept as pairs in the order given, duplicates included; ``url`` is an absolute URL or an
    origin-form target (``/path?query``), never decoded. ``repr`` masks credentials, and shows neither the
    query string nor the body.
    """

    method: str
    url: str
    headers: HeaderPairs
    body: bytes

    def __init__(self, method: str, url: str, headers: Headers = (), body: bytes = b"") -> None:
        Record.__init__(self, method, url, text_pairs(headers), body)

    @classmethod
    def parse(cls, raw: bytes, *, unfold: bool = False) -> Request:
        """Parse a raw HTTP/1.x request: start line, headers, blank line, body; LF or CRLF line ends.

        The body is everything after the blank line; no transfer coding is undone. ``url`` is the text between
        the first and the last space of the start line, unchanged, as Latin-1. A header continued on the next
        line (obs-fold) is refused unless ``unfold`` is true: then the fold counts as one space (CR-HDR-4).

        Raises SigningError naming the line.
        """
        lines, body = _split_head(raw)
        method, _, rest = lines[0].partition(b" ")
        target, _, version = rest.rpartition(b" ")
        if not (method and target and version.startswith(b"HTTP/")):
            raise SigningError(
                "line 1 is not an HTTP request line: "
                f"expected 'METHOD target HTTP/1.1', got {lines[0][:80]!r}"
            )
        return cls(
            method.decode("latin-1"), target.decode("latin-1"), _parse_headers(lines[1:], unfold), body
        )

    def __repr__(self) -> str:
        url, _, query = self.url.partition("?")
        shown = f"{url}?…" if query else url
        return f"Request({self.method!r}, {shown!r}, [{masked(self.headers)}], <{len(self.body)} bytes>)"


class Response(Message):
    """``Response(status, headers, body)``; unpacks into the three; headers as pairs in the order received.

    ``repr`` masks cookies and locations and does not show the body: it may hold an AuthorizedUrl.
    """

    status: int
    headers: HeaderPairs
    body: bytes

    def __init__(self, status: int, headers: Headers = (), body: bytes = b"") -> None:
        Record.__init__(self, status, text_pairs(headers), body)

    @classmethod
    def parse(cls, raw: bytes, *, unfold: bool = False) -> Response:
        """Parse a raw HTTP/1.x response: status line, headers, blank line, body; LF or CRLF line ends.

        The body is everything after the blank line; no transfer coding is undone.

        Raises SigningError naming the line.
        """
        lines, body = _split_head(raw)
        version, _, rest = lines[0].partition(b" ")
        status = rest[:3]
        if not (
            version.startswith(b"HTTP/")
            and len(status) == 3
            and status.isdigit()
            and rest[3:4] in (b"", b" ")
        ):
            raise SigningError(
                f"line 1 is not an HTTP status line: expected 'HTTP/1.1 200 OK', got {lines[0][:80]!r}"
            )
        return cls(int(status), _parse_headers(lines[1:], unfold), body)

    def __repr__(self) -> str:
        return f"Response({self.status}, [{masked(self.headers)}], <{len(self.body)} bytes>)"


def _split_head(raw: bytes) -> tuple[list[bytes], bytes]:
    """The lines of the head (start line first, ends removed) and the body.

    The line end of the start line, CRLF or LF, is that of the whole head, so a body may begin with a blank
    line of the other kind.
    """
    if not isinstance(raw, (bytes, bytearray)):
        raise SigningError(f"the message is {type(raw).__name__}: expected the bytes that were sent")
    start = raw.find(b"\n")
    end = b"\r\n" if raw[start - 1 : start] == b"\r" else b"\n"
    head, blank, body = raw.partition(end + end)
    if not blank:
        head = head.removesuffix(end)
    lines = head.split(end)
    for number, line in enumerate(lines, 1):
        if b"\r" in line or b"\n" in line or b"\0" in line:
            raise SigningError(f"line {number} holds a bare CR, LF or NUL: expected one kind of line end")
    if not lines[0]:
        raise SigningError("the message is empty: expected a start line, headers, a blank line and a body")
    return lines, body


def _parse_headers(lines: list[bytes], unfold: bool) -> HeaderPairs:
    """Header lines as pairs: names as ``str``, values without the white space around them.

    A value is ``str`` if it is ASCII, else ``bytes`` as sent.
    """
    found: list[tuple[bytes, list[bytes]]] = []  # a value in pieces: the folds of a header are joined once
    for number, line in enumerate(lines, 2):
        if line[:1] in (b" ", b"\t"):
            if not (unfold and found):
                raise SigningError(
                    f"line {number} continues the header above it (obs-fold): servers read such a header in "
                    "different ways; put it on one line, or ask for it to be unfolded"
                )
            found[-1][1].append(line.strip(b" \t"))
            continue
        name, colon, value = line.partition(b":")
        if not (colon and name):
            raise SigningError(
                f"line {number} is not a header: expected 'Name: value', found no name before a colon"
            )
        if name.translate(None, TOKEN_BYTES):
            raise SigningError(f"line {number}: header name {name[:60]!r} holds bytes that no name may hold")
        found.append((name, [value.strip(b" \t")]))
    pairs = [(name.decode("ascii"), b" ".join(values)) for name, values in found]
    return tuple((name, value.decode("ascii") if value.isascii() else value) for name, value in pairs)
