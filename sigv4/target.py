"""A URL or origin-form target taken apart as sent, and the two encoders for those who build one."""

from __future__ import annotations

from .errors import SigningError
from .percent import UNRESERVED, escape, escape_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# What may stand in a URL (RFC 3986 §2): any other byte would be rewritten or cut off by some HTTP library.
_URL_BYTES = UNRESERVED + b":/?#[]@!$&'()*+,;=%"
_DEFAULT_PORTS = {"http": "80", "https": "443"}


def encode_path(path: str) -> str:
    """The wire form of a path given in plain text: UTF-8, each byte but unreserved and ``/`` escaped.

    >>> encode_path("/my files/ü+1.txt")
    '/my%20files/%C3%BC%2B1.txt'
    """
    return escape_path(path.encode("utf-8").decode("latin-1"))


def encode_query(parameters: Mapping[str, str] | Iterable[tuple[str, str]]) -> str:
    """The wire form of query parameters given in plain text, in the order given.

    >>> encode_query([("prefix", "a b"), ("delimiter", "/")])
    'prefix=a%20b&delimiter=%2F'
    """
    pairs = parameters.items() if hasattr(parameters, "items") else parameters
    return "&".join(
        "=".join(escape(text.encode("utf-8").decode("latin-1")) for text in (name, value))
        for name, value in pairs
    )


def split_target(url: str) -> tuple[str, str, str]:
    """``(host, path, query)`` of an absolute URL or an origin-form target, nothing decoded.

    ``host`` is what an HTTP client puts in the Host header (CR-HDR-6): lower case, default port dropped,
    no user-info, IPv6 in brackets; ``""`` for an origin-form target. The fragment is never sent.
    """
    before, _, _ = url.partition("#")
    before, _, query = before.partition("?")
    if before[:1] == "/":
        return "", before, query
    scheme, separator, rest = before.partition("://")
    if not separator or not scheme.isalnum():
        raise SigningError(
            f"expected a URL such as 'https://host/path' or a target such as '/path', got {url[:80]!r}"
        )
    authority, slash, path = rest.partition("/")
    return _host(scheme.lower(), authority), slash + path or "/", query


def check_url(url: str) -> None:
    """Raises SigningError where ``url`` holds a byte that cannot stand on a request line."""
    if not isinstance(url, str):
        raise SigningError(f"the URL is {type(url).__name__}: expected str")
    if url.isascii() and not url.encode("ascii").translate(None, _URL_BYTES):
        return
    position = next(i for i, char in enumerate(url) if ord(char) > 127 or ord(char) not in _URL_BYTES)
    char = url[position]
    fix = f"write {_escaped(char)!r} for it, as encode_path and encode_query do"
    start, _, rest = url.partition("://")
    if position < len(start) + 3 + len(rest.partition("/")[0]) and rest:
        fix = "a host name outside ASCII is written in its 'xn--' form"
    raise SigningError(
        f"the URL holds {char!r} at position {position}, which cannot stand on a request line: {fix}"
    )


def _escaped(char: str) -> str:
    return escape(char.encode("utf-8", "surrogatepass").decode("latin-1"))


def _host(scheme: str, authority: str) -> str:
    _, _, host_port = authority.rpartition("@")
    host, colon, port = host_port.rpartition(":")
    if not colon or port.endswith("]"):
        host, port = host_port, ""
    if not host or (port and not port.isdigit()):
        raise SigningError(f"the URL names no valid host and port: found {host_port[:80]!r}")
    if port and port != _DEFAULT_PORTS.get(scheme):
        return f"{host.lower()}:{port}"
    return host.lower()
