"""A request, as the four values that every verb takes."""

from __future__ import annotations

from .errors import SigningError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import IO, TypeAlias

    from .payload import Payload

    HeaderPairs: TypeAlias = tuple[tuple[str, "str | bytes"], ...]
    Headers: TypeAlias = (
        "Mapping[str, str] | Mapping[str, str | bytes] | Iterable[tuple[str | bytes, str | bytes]]"
    )
    Body: TypeAlias = "bytes | bytearray | memoryview | str | IO[bytes] | Payload | None"

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


def masked(headers: HeaderPairs) -> str:
    """The headers as text for a ``repr``, without the values that are secrets."""
    return ", ".join(
        f"{name}: {'***' if name.lower() in SECRET_HEADERS else value!r}" for name, value in headers
    )


class Request(tuple["str", "str", "HeaderPairs", "bytes"]):
    """``Request(method, url, headers, body)``: a tuple, so that ``signer.sign(*request)`` works.

    ``headers`` is kept as pairs in the order given, duplicates included; ``url`` is an absolute URL or an
    origin-form target (``/path?query``), never decoded. ``repr`` masks credentials, and shows neither the
    query string nor the body.
    """

    __slots__ = ()

    def __new__(cls, method: str, url: str, headers: Headers = (), body: bytes = b"") -> Request:
        pairs = tuple(headers.items() if hasattr(headers, "items") else headers)
        return tuple.__new__(cls, (method, url, pairs, body))

    @property
    def method(self) -> str:
        return self[0]

    @property
    def url(self) -> str:
        return self[1]

    @property
    def headers(self) -> HeaderPairs:
        return self[2]

    @property
    def body(self) -> bytes:
        return self[3]

    @classmethod
    def parse(cls, raw: bytes, *, unfold: bool = False) -> Request:
        """Parse a raw HTTP/1.x request: start line, headers, blank line, body; LF or CRLF line ends.

        The body is everything after the blank line; no transfer coding is undone. The target may hold
        spaces (everything between the first and the last space of the start line) and stands in ``url``
        byte for byte, as Latin-1. A header continued on the next line (obs-fold) is refused unless
        ``unfold`` is true: then the fold counts as one space (CR-HDR-4).

        Raises SigningError naming the line.
        """
        from .http_message import parse_headers, split_head

        lines, body = split_head(raw)
        method, _, rest = lines[0].partition(b" ")
        target, _, version = rest.rpartition(b" ")
        if not (method and target and version.startswith(b"HTTP/")):
            raise SigningError(
                f"line 1 is no HTTP request line: expected 'METHOD target HTTP/1.1', got {lines[0][:80]!r}"
            )
        return cls(method.decode("latin-1"), target.decode("latin-1"), parse_headers(lines[1:], unfold), body)

    def __getnewargs__(self) -> tuple[str, str, HeaderPairs, bytes]:
        return self.method, self.url, self.headers, self.body

    def __repr__(self) -> str:
        url, _, query = self.url.partition("?")
        shown = f"{url}?…" if query else url
        return f"Request({self.method!r}, {shown!r}, [{masked(self.headers)}], <{len(self.body)} bytes>)"
