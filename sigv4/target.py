"""Splits URLs, request targets, schemes, hosts and ports: no other module looks for ``://``, ``@`` or a port.

:func:`split_target` is for signing, :func:`split_url` for sending, :func:`split_endpoint` for a URL from a
configuration, :func:`cut_url` for unchecked text.
"""

from __future__ import annotations

from .errors import SigningError
from .percent import UNRESERVED, byte_text, escape, escape_path, unescape
from .record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any, TypeAlias

    Origin: TypeAlias = tuple[str, str, int]  # scheme, host, port

# The characters of a URL (RFC 3986 §2): HTTP libraries rewrite any other, or cut the URL there.
_URL_BYTES = UNRESERVED + b":/?#[]@!$&'()*+,;=%"
_HOST_BYTES = UNRESERVED + b"!$&'()*+,;="  # not "%": some HTTP clients decode a host, others do not
_OF_AN_AUTHORITY = frozenset(":@[]%")
_DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
NOT_SHOWN = "text with an '@', which is not shown"


class SplitUrl(Record):
    """The parts of an absolute URL; nothing is decoded.

    ``scheme``         in lower case: ``http``, ``https``, ``ws`` or ``wss``
    ``host``           in lower case, an IPv6 address without its brackets
    ``port``           the port to connect to; the scheme's default if the URL has none
    ``target``         path and query as spelled, without the fragment: the request line in origin form
    ``has_user_info``  whether a user name, and perhaps a password, precedes the host
    """

    _masked = ("target",)
    scheme: str
    host: str
    port: int
    target: str
    has_user_info: bool

    @property
    def authority(self) -> str:
        """The Host header (CR-HDR-6): without the scheme's default port."""
        return _authority(self.scheme, self.host, self.port)

    @property
    def origin(self) -> Origin:
        return self.scheme, self.host, self.port

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        return self.target.partition("?")[2]

    @property
    def is_encrypted(self) -> bool:
        return self.scheme in ("https", "wss")

    @property
    def keeps_secrets(self) -> bool:
        """Whether a secret may be sent to it: over TLS, or to this machine."""
        return self.is_encrypted or is_loopback(self.host)


def encode_path(path: str) -> str:
    """The wire form of a path given in plain text: UTF-8, each byte but unreserved and ``/`` escaped.

    >>> encode_path("/my files/ü+1.txt")
    '/my%20files/%C3%BC%2B1.txt'
    """
    return escape_path(byte_text(path))


def encode_query(parameters: Mapping[str, str] | Iterable[tuple[str, str]]) -> str:
    """The wire form of query parameters given in plain text, in the order given.

    >>> encode_query([("prefix", "a b"), ("delimiter", "/")])
    'prefix=a%20b&delimiter=%2F'
    """
    pairs: Any = getattr(parameters, "items", lambda: parameters)()
    return "&".join("=".join(escape(byte_text(text)) for text in (name, value)) for name, value in pairs)


def split_target(url: str) -> tuple[str, str, str]:
    """``(host, path, query)`` of an absolute URL or an origin-form target, nothing decoded.

    ``host`` is what an HTTP client puts in the Host header (CR-HDR-6): lower case, default port dropped,
    no user-info, IPv6 in brackets; ``""`` for an origin-form target. The fragment is never sent.

    Raises SigningError.
    """
    before, _, query = url.partition("#")[0].partition("?")
    if before[:1] == "/":
        return "", before, query
    scheme, separator, rest = before.partition("://")
    scheme = scheme.lower()
    if not separator or scheme not in _DEFAULT_PORTS:
        raise _wrong_scheme(url, "a URL such as 'https://host/path' or a target such as '/path'")
    authority, slash, path = rest.partition("/")
    if not authority or not _OF_AN_AUTHORITY.isdisjoint(authority):
        host, port = host_and_port(scheme, authority, url)
        authority = _authority(scheme, host, port)
    return authority.lower(), slash + path or "/", query


def split_url(url: str) -> SplitUrl:
    """An absolute ``http``, ``https``, ``ws`` or ``wss`` URL in parts. Raises SigningError for any other.

    >>> found = split_url("HTTPS://Example.com:0443/a?b")
    >>> found.scheme, found.host, found.port, found.authority, found.target
    ('https', 'example.com', 443, 'example.com', '/a?b')
    """
    check_url(url)
    scheme, authority, target = cut_url(url)
    if scheme not in _DEFAULT_PORTS:
        raise _wrong_scheme(url, "a URL such as 'https://host/path'")
    host, port = host_and_port(scheme, authority, url)
    return SplitUrl(scheme, host.lower(), port, target, user_info_of(authority) is not None)


def split_endpoint(url: str) -> SplitUrl:
    """The URL of an endpoint from a configuration: ``https`` or ``http``, host, port, path.

    Raises SigningError, which shows no user name or password.
    """
    found = split_url(url)
    if found.scheme not in ("https", "http"):
        raise SigningError(f"the scheme is {found.scheme!r}: expected https or http")
    if found.has_user_info:
        raise SigningError(
            "it holds a user name or password (not shown): expected https://host[:port][/path]"
        )
    if "?" in url or "#" in url:
        raise SigningError("it holds a query or a fragment: expected https://host[:port][/path]")
    if not _is_host(found.host):
        raise SigningError(f"it names no valid host: found {found.host[:80]!r}")
    unescape(found.target)  # it raises for a broken escape
    return found


def cut_url(url: str) -> tuple[str, str, str]:
    """``(scheme, authority, target)`` of any text, unchecked: scheme in lower case, the rest as spelled.

    Scheme and authority are ``""`` for an origin-form target and for text without ``://``. The target has no
    fragment; after an authority it begins with ``/``.

    >>> cut_url("Wss://User@Host:1?a=b#c")
    ('wss', 'User@Host:1', '/?a=b')
    """
    text, _, _ = url.partition("#")
    scheme, separator, rest = text.partition("://")
    if not separator or any(char in scheme for char in "/?"):
        return "", "", text
    end = min([i for i in (rest.find("/"), rest.find("?")) if i >= 0], default=len(rest))
    target = rest[end:]
    return scheme.lower(), rest[:end], target if target[:1] == "/" else f"/{target}"


def host_and_port(scheme: str, authority: str, url: str = "") -> tuple[str, int]:
    """The host in an ``authority``, without brackets, and its port or the default port of ``scheme``.

    Raises SigningError, which does not show the ``authority`` if an ``@`` follows it in ``url``: then it may
    be the start of a password that contains ``/``, ``?`` or ``#``.
    """
    host, port = split_host(without_user_info(authority))
    number = port.lstrip("0") if port else str(_DEFAULT_PORTS[scheme])
    is_port = number.isascii() and number.isdigit() and len(number) <= 5 and int(number) < 65536
    name, characters = host, _HOST_BYTES
    if host[:1] == "[" and host[-1:] == "]" and ":" in host:
        name, characters = host[1:-1], _HOST_BYTES + b":%"
    if not (is_port and name and not name.encode("utf-8", "surrogatepass").translate(None, characters)):
        raise _no_host(authority, url)
    return name, int(number)


def _no_host(authority: str, url: str) -> SigningError:
    found = repr(without_user_info(authority)[-80:])
    shown = NOT_SHOWN if url.count("@") > authority.count("@") else found
    expected = "expected host or host:port, with a port from 1 to 65535"
    return SigningError(f"the URL names no valid host and port: found {shown}, {expected}")


def user_info_of(authority: str) -> str | None:
    """The text before the ``@`` of an authority, as spelled; None without an ``@``."""
    user, at, _ = authority.rpartition("@")
    return user if at else None


def without_user_info(authority: str) -> str:
    """Host and port of an authority, as spelled."""
    return authority.rpartition("@")[2]


def join_host(host: str, port: int) -> str:
    """``host:port``, an IPv6 address in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def split_host(authority: str) -> tuple[str, str]:
    """``(host, port)`` of a Host header, as spelled; ``""`` for a missing port.

    >>> split_host("[::1]:8080"), split_host("h.example")
    (('[::1]', '8080'), ('h.example', ''))
    """
    host, colon, port = authority.rpartition(":")
    if not colon or "]" in port:
        return authority, ""
    return host, port


def with_lower_host(base: str, host: str) -> str:
    """``base``, a URL without its query, with the host in lower case, as it is signed.

    >>> with_lower_host("https://User@H.example:443/Key", "h.example")
    'https://User@h.example:443/Key'
    """
    start = base.find("://") + 3
    if base.startswith(host, start):
        return base
    authority = cut_url(base)[1]
    user, at, name = authority.rpartition("@")
    return f"{base[:start]}{user}{at}{name.lower()}{base[start + len(authority) :]}"


def without_default_port(host: str) -> str:
    """``host`` in lower case without ``:443`` and ``:80``, which clients leave out of a Host header."""
    name, port = split_host(host.lower())
    return name if port in ("443", "80") else host.lower()


def is_loopback(host: str) -> bool:
    """Whether ``host`` (a name or address; brackets and a port allowed) is this machine.

    >>> [is_loopback(host) for host in ("127.0.0.1:80", "[::1]", "127.0.0.1.example.com", "127.0.0.1:1@h")]
    [True, True, False, False]
    """
    name, port = (host, "") if host.count(":") > 1 and host[:1] != "[" else split_host(host)
    if port and not (port.isascii() and port.isdigit()):
        return False
    name = name.lower()
    if name[:1] == "[" and name[-1:] == "]":
        name = name[1:-1]
        if ":" not in name:
            return False
    name = name.removeprefix("::ffff:")
    octets = name.split(".")
    is_address = len(octets) == 4 and all(
        octet.isascii() and octet.isdigit() and len(octet) <= 3 and int(octet) < 256 for octet in octets
    )
    return name in ("localhost", "::1") or (is_address and octets[0] == "127")


def check_url(url: str) -> None:
    """Raises SigningError if ``url`` holds a character that a request line cannot carry."""
    if not isinstance(url, str):
        raise SigningError(f"the URL is {type(url).__name__}: expected str")
    if url.isascii() and not url.encode("ascii").translate(None, _URL_BYTES):
        return
    position = next(i for i, char in enumerate(url) if not char.isascii() or ord(char) not in _URL_BYTES)
    found = f"{url[position]!r} at position {position}, which a request line cannot carry"
    raise SigningError(f"the URL holds {found}: {_written_instead(url, position)}")


def _written_instead(url: str, position: int) -> str:
    scheme, authority, _ = cut_url(url)
    if authority and position < len(scheme) + 3 + len(authority):
        is_ascii = url[position].isascii()
        return "leave it out" if is_ascii else "a host name outside ASCII is written in its 'xn--' form"
    if "\ud800" <= url[position] <= "\udfff":
        return "it has no UTF-8 form: decode the text as UTF-8"
    return f"write {escape(byte_text(url[position]))!r} for it, as encode_path and encode_query do"


def _wrong_scheme(url: str, expected: str) -> SigningError:
    scheme = cut_url(url)[0]
    if not scheme:
        start = url.partition("?")[0]
        shown = NOT_SHOWN if "@" in start else repr(start[:80])
        return SigningError(f"expected {expected}, got {shown}")
    instead = "write the https:// or wss:// URL that the request is sent to"
    if scheme in ("s3", "s3a", "s3n"):
        instead = f"write https://BUCKET.s3.REGION.amazonaws.com/KEY for {scheme}://BUCKET/KEY"
    return SigningError(
        f"the URL's scheme is {scheme[:20]!r}: only https, http, wss and ws requests are signed: {instead}"
    )


def _authority(scheme: str, host: str, port: int) -> str:
    joined = join_host(host, port)
    return joined.rpartition(":")[0] if port == _DEFAULT_PORTS[scheme] else joined


def _is_host(host: str) -> bool:
    """Whether ``host`` is an IPv6 address or a name whose labels fit RFC 1123."""
    if ":" not in host:
        return all(map(is_host_label, host.removesuffix(".").split(".")))
    from ipaddress import IPv6Address  # imported only here, since it takes 1 ms

    try:
        return bool(IPv6Address(host))
    except ValueError:
        return False


def is_host_label(label: str) -> bool:
    """Whether ``label`` can be one part of a host name."""
    return (
        label.isascii()
        and label.replace("-", "").isalnum()
        and label[0] != "-" != label[-1]
        and len(label) <= 63
    )
