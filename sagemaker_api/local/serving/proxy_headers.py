"""Selects the headers that the proxy forwards to a notebook's server, and back to the client."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TypeAlias

from sigv4.record import Record
from sigv4.request import Request
from sigv4.target import split_host

from ..clients import Client
from ..notebook_hosts import NOTEBOOKS
from ..notebooks.sessions import Session

Fields: TypeAlias = list[tuple[bytes, bytes]]

# RFC 9110 §7.6.1: these, and those named in Connection, are for one connection only.
_HOP_BY_HOP = frozenset(
    b"connection keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer "
    b"transfer-encoding upgrade".split()
)
# Headers that the proxy sets itself or keeps: forwarding headers of the client, and its cookies.
_NOT_ONWARD = frozenset(b"cookie expect forwarded host x-real-ip x-scheme x-vpc-endpoint-id x-vpc-id".split())
# A notebook must not install a service worker, which would see every page of this origin, nor clear the
# site's data.
_NOT_BACK = frozenset(b"clear-site-data date server service-worker-allowed".split())
_COOKIES = b"local-sagemaker-"  # other ports of this host share the cookies
_TOKEN = b"authToken="
_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


class Visit(Record):
    """An admitted request: its session, its client, its notebook instance."""

    request: Request
    client: Client
    session: Session

    def allowed(self) -> bool:
        """Whether the session is still valid for this client."""
        return self.session.allows(self.client)

    @property
    def root(self) -> str:
        return f"{NOTEBOOKS}{self.session.notebook}/"

    @property
    def cookie_path(self) -> str:
        """The path of the notebook server's cookies: the notebook's path, or ``/`` on a separate host."""
        host = split_host(self.request.header("host").lower())[0]
        return "/" if host.endswith(".localhost") else self.root

    def is_cross_site(self, *, websocket: bool) -> bool:
        """Whether a page of another origin made a request that changes something or opens a WebSocket.

        Cookies do not depend on the port, and SameSite only on the site: any page on this machine could send
        it.
        """
        origins = self.request.header_values("origin")
        if not origins or (not websocket and self.request.method in _SAFE_METHODS):
            return False
        host = self.request.header("host").lower()
        scheme = "https" if self.client.secure else "http"
        return [origin.lower() for origin in origins] != [f"{scheme}://{host}"]


def onward(visit: Visit, fields: Iterable[tuple[bytes, bytes]]) -> Fields:
    """The header fields for the notebook's server. Host is the client's, so that Origin can be compared."""
    kept: Fields = []
    cookies: list[bytes] = []
    host = b""
    fields = [(name.lower(), value) for name, value in fields]
    dropped = _HOP_BY_HOP | _NOT_ONWARD | _named_by_connection(fields)
    for name, value in fields:
        if name == b"cookie":
            pairs = (pair.strip() for pair in value.split(b";"))
            cookies += [pair for pair in pairs if pair and not pair.startswith(_COOKIES)]
        elif name == b"host":
            host = value
        elif (name == b"referer" and _TOKEN in value) or (name == b"authorization" and _is_ours(value)):
            continue
        elif name not in dropped and not name.startswith(b"x-forwarded-"):
            kept.append((name, value))
    if cookies:
        kept.append((b"cookie", b"; ".join(cookies)))
    scheme = b"https" if visit.client.secure else b"http"
    return [
        (b"host", host),
        *kept,
        (b"x-forwarded-for", visit.client.address.encode("ascii")),
        (b"x-forwarded-proto", scheme),
        (b"x-forwarded-host", host),
    ]


def _is_ours(authorization: bytes) -> bool:
    """Whether it is an AWS signature; other schemes are for applications in Jupyter."""
    return authorization.lstrip().upper().startswith(b"AWS4-")


def back(visit: Visit, fields: Iterable[tuple[bytes, bytes]]) -> Fields:
    """The header fields for the client. A cookie is limited to this notebook instance, and is never ours."""
    fields = [(name.lower(), value) for name, value in fields]
    dropped = _HOP_BY_HOP | _named_by_connection(fields) | _NOT_BACK
    kept: Fields = []
    for name, value in fields:
        if name == b"set-cookie":
            kept += [(name, cookie) for cookie in _scoped(value, visit)]
        elif name == b"location":
            kept.append((name, _relative(value, visit)))
        elif name not in dropped:
            kept.append((name, value))
    return kept


def _named_by_connection(fields: Fields) -> frozenset[bytes]:
    values = [value for name, value in fields if name == b"connection"]
    return frozenset(option.strip().lower() for value in values for option in value.split(b","))


def _scoped(cookie: bytes, visit: Visit) -> list[bytes]:
    pair, *attributes = [part.strip() for part in cookie.split(b";")]
    if pair.startswith(_COOKIES):
        return []
    root = visit.cookie_path.encode("ascii")
    path, same_site = root, b"SameSite=Lax"
    kept = []
    for attribute in attributes:
        name, _, value = attribute.partition(b"=")
        if name.lower() == b"path" and value.startswith(root):
            path = value
        elif name.lower() == b"samesite":
            same_site = attribute
        elif name.lower() not in (b"path", b"domain") and attribute:
            kept.append(attribute)
    return [b"; ".join([pair, *kept, b"Path=" + path, same_site])]


def _relative(location: bytes, visit: Visit) -> bytes:
    """A Location to the proxy itself without its host, so that the redirect stays in the proxy."""
    host = visit.request.header("host").encode("ascii")
    within = re.sub(rb"(?i)\A(?:https?:)?//" + re.escape(host) + rb"(?=[/?#]|\Z)", b"", location)
    if within != location:
        return within or b"/"
    if re.match(rb"(?i)[/\\]{2}", location):
        return b"/" + location.lstrip(b"/\\")
    return location
