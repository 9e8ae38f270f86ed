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
# Headers of the client that are not forwarded as they are: the proxy writes its own, or none.
_NOT_FORWARDED = frozenset(
    b"cookie expect forwarded host x-real-ip x-scheme x-vpc-endpoint-id x-vpc-id".split()
)
# A notebook's server must neither install a service worker, which would see every page of this origin, nor
# delete the site's data in the browser.
_NOT_RETURNED = frozenset(b"clear-site-data date server service-worker-allowed".split())
_COOKIES = b"local-sagemaker-"  # the cookies of local endpoints: those on other ports of this host, too
_TOKEN = b"authToken="
_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


class AdmittedRequest(Record):
    """A request to a notebook that was admitted, with its client and its session."""

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
        """The path for the cookies of the notebook's server: the notebook's path, or ``/`` if the notebook
        has a host of its own.
        """
        host = split_host(self.request.header("host").lower())[0]
        return "/" if host.endswith(".localhost") else self.root

    def is_cross_site(self, *, websocket: bool) -> bool:
        """Whether a page of another origin made this request, and it changes something or opens a WebSocket.

        The session's cookie does not prevent such a request: browsers send cookies to every port of a host,
        and SameSite compares sites, not ports. So a page from another port of this machine could send it.
        """
        origins = self.request.header_values("origin")
        if not origins or (not websocket and self.request.method in _SAFE_METHODS):
            return False
        host = self.request.header("host").lower()
        scheme = "https" if self.client.secure else "http"
        return [origin.lower() for origin in origins] != [f"{scheme}://{host}"]


def fields_for_server(admitted: AdmittedRequest, fields: Iterable[tuple[bytes, bytes]]) -> Fields:
    """The header fields for the notebook's server. Host is the client's: Jupyter compares Origin with it."""
    kept: Fields = []
    cookies: list[bytes] = []
    host = b""
    fields = [(name.lower(), value) for name, value in fields]
    dropped = _HOP_BY_HOP | _NOT_FORWARDED | _named_by_connection(fields)
    for name, value in fields:
        if name == b"cookie":
            pairs = (pair.strip() for pair in value.split(b";"))
            cookies += [pair for pair in pairs if pair and not pair.startswith(_COOKIES)]
        elif name == b"host":
            host = value
        elif (name == b"referer" and _TOKEN in value) or (
            name == b"authorization" and _is_aws_signature(value)
        ):
            continue
        elif name not in dropped and not name.startswith(b"x-forwarded-"):
            kept.append((name, value))
    if cookies:
        kept.append((b"cookie", b"; ".join(cookies)))
    scheme = b"https" if admitted.client.secure else b"http"
    return [
        (b"host", host),
        *kept,
        (b"x-forwarded-for", admitted.client.address.encode("ascii")),
        (b"x-forwarded-proto", scheme),
        (b"x-forwarded-host", host),
    ]


def _is_aws_signature(authorization: bytes) -> bool:
    """Whether the header is an AWS signature; other schemes are for applications in Jupyter."""
    return authorization.lstrip().upper().startswith(b"AWS4-")


def fields_for_client(admitted: AdmittedRequest, fields: Iterable[tuple[bytes, bytes]]) -> Fields:
    """The header fields for the client. Cookies are limited to this notebook's path; those with names of the
    local endpoint are dropped.
    """
    fields = [(name.lower(), value) for name, value in fields]
    dropped = _HOP_BY_HOP | _named_by_connection(fields) | _NOT_RETURNED
    kept: Fields = []
    for name, value in fields:
        if name == b"set-cookie":
            kept += [(name, cookie) for cookie in _scoped(value, admitted)]
        elif name == b"location":
            kept.append((name, _relative(value, admitted)))
        elif name not in dropped:
            kept.append((name, value))
    return kept


def _named_by_connection(fields: Fields) -> frozenset[bytes]:
    values = [value for name, value in fields if name == b"connection"]
    return frozenset(option.strip().lower() for value in values for option in value.split(b","))


def _scoped(cookie: bytes, admitted: AdmittedRequest) -> list[bytes]:
    pair, *attributes = [part.strip() for part in cookie.split(b";")]
    if pair.startswith(_COOKIES):
        return []
    root = admitted.cookie_path.encode("ascii")
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


def _relative(location: bytes, admitted: AdmittedRequest) -> bytes:
    """``location`` without the proxy's host, so that the client sends its next request to the proxy, too."""
    host = admitted.request.header("host").encode("ascii")
    within = re.sub(rb"(?i)\A(?:https?:)?//" + re.escape(host) + rb"(?=[/?#]|\Z)", b"", location)
    if within != location:
        location = within or b"/"
    if re.match(rb"[/\\]{2}", location):  # a redirect to another host
        return b"/" + location.lstrip(b"/\\")
    return location
