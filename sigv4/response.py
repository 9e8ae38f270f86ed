"""A response, as a transport hands it over."""

from __future__ import annotations

from .errors import SigningError
from .request import masked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .request import HeaderPairs, Headers


class Response(tuple["int", "HeaderPairs", "bytes"]):
    """``Response(status, headers, body)``: a tuple; headers as pairs in the order received.

    ``repr`` masks cookies and locations and does not show the body: it may hold an AuthorizedUrl.
    """

    __slots__ = ()

    def __new__(cls, status: int, headers: Headers = (), body: bytes = b"") -> Response:
        pairs = tuple(headers.items() if hasattr(headers, "items") else headers)
        return tuple.__new__(cls, (status, pairs, body))

    @property
    def status(self) -> int:
        return self[0]

    @property
    def headers(self) -> HeaderPairs:
        return self[1]

    @property
    def body(self) -> bytes:
        return self[2]

    def header(self, name: str, default: str = "") -> str:
        """The first header of this name (case-insensitive), as text."""
        wanted = name.lower()
        for key, value in self.headers:
            if key.lower() == wanted:
                return value if isinstance(value, str) else value.decode("latin-1")
        return default

    @classmethod
    def parse(cls, raw: bytes, *, unfold: bool = False) -> Response:
        """Parse a raw HTTP/1.x response: status line, headers, blank line, body; LF or CRLF line ends.

        The body is everything after the blank line; no transfer coding is undone.

        Raises SigningError naming the line.
        """
        from .http_message import parse_headers, split_head

        lines, body = split_head(raw)
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
        return cls(int(status), parse_headers(lines[1:], unfold), body)

    def __getnewargs__(self) -> tuple[int, HeaderPairs, bytes]:
        return self.status, self.headers, self.body

    def __repr__(self) -> str:
        return f"Response({self.status}, [{masked(self.headers)}], <{len(self.body)} bytes>)"
