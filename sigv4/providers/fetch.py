"""One HTTP exchange for credential providers: limits on size and time, no redirects."""

from __future__ import annotations

from ..canonical import BODY_METHODS
from ..errors import CredentialsError
from ..network.connection import Connection, connect, fault_kind
from ..network.proxies import proxy_for
from ..network.time_limits import Clock, TimeLimits
from ..network.tls import tls_context
from ..request import Request
from ..target import split_url

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeAlias

    from ..network.deadline_socket import ExchangeError
    from ..network.proxies import Proxy
    from ..request import Response

    # A request and the seconds it may take in all -> the answer, or Unreachable.
    Fetch: TypeAlias = "Callable[[Request, float], Response]"

_LONGEST = 1 << 20


class Unreachable(CredentialsError):
    """No answer: refused, timed out, cut off, or not HTTP."""


def fetch(
    request: Request,
    seconds: float,
    *,
    environ: Mapping[str, str] | None = None,
    verify: bool | str = True,
    app_id: str = "",
) -> Response:
    """The answer to ``request`` within ``seconds``. Raises Unreachable, whose text holds no header.

    ``environ`` selects the proxy; ``verify`` is True (the system's CAs), False (the server is not checked),
    or the path of a CA bundle; ``app_id`` becomes part of the User-Agent.
    """
    where = split_url(request.url)
    proxy = proxy_for(request.url, environ)
    tls = tls_context(verify) if where.is_encrypted else None
    clock = Clock(TimeLimits(seconds, seconds, seconds))
    connection: Connection | None = None
    try:
        connection = connect(where, clock, tls=tls, proxy=proxy)
        return connection.exchange(_complete(request, where.authority, app_id), clock, _LONGEST)
    except Exception as error:  # handled below, so that the new error does not hold the frames of http.client
        found = fault_kind(error, clock)
        if found is None:
            raise
    finally:
        if connection is not None:
            connection.close()
        request = Request("GET", "/")  # it may hold a token: hidden from tracebacks with locals
    raise Unreachable(_said(where.authority, found, proxy))


_WORDS = {
    "connect": "could not connect",
    "connect-timeout": "connect timeout",
    "read-timeout": "read timeout",
    "deadline": "no whole answer in time",
    "closed": "the connection was closed before a whole answer came",
    "tls": "SSL validation failed",
    "too-large": "the answer is too long",
}


def _said(host: str, fault: ExchangeError, proxy: Proxy | None) -> str:
    reason = f": {fault.reason}" if fault.reason else ""
    if fault.kind in ("proxy", "proxy-refused") and proxy is not None:
        return f'{host}: Failed to connect to proxy URL: "{proxy.url}" ({proxy.origin}){reason}'
    return f"{host}: {_WORDS[fault.kind]}{reason}"


def _complete(request: Request, host: str, app_id: str) -> Request:
    """The request with Host, Content-Length and User-Agent added if missing."""
    headers = request.headers if request.has_header("host") else (("Host", host), *request.headers)
    if not request.has_header("content-length") and (request.body or request.method in BODY_METHODS):
        headers = (*headers, ("Content-Length", str(len(request.body))))
    if app_id:
        headers = (*headers, ("User-Agent", f"sigv4 app/{app_id}"))
    return Request(request.method, request.url, headers, request.body)
