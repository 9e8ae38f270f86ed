"""One HTTP exchange by the standard library, for the credential endpoints: bounded, no redirect, no proxy."""

from __future__ import annotations

import http.client
import time

from ..errors import CredentialsError
from ..request import Request
from ..response import Response
from ..target import split_target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    Fetch: TypeAlias = "Callable[[Request, float], Response]"

_LONGEST = 1 << 20


class Unreachable(CredentialsError):
    """No answer: refused, timed out, cut off, or no HTTP."""


def fetch(request: Request, seconds: float) -> Response:
    """The answer to ``request`` within ``seconds``. Raises Unreachable, whose text holds no header."""
    host, _, _ = split_target(request.url)
    scheme, _, rest = request.url.partition("://")
    target = "/" + rest.partition("/")[2]
    kind = http.client.HTTPSConnection if scheme.lower() == "https" else http.client.HTTPConnection
    end = time.monotonic() + seconds
    connection = kind(host, timeout=seconds)
    try:
        _send(connection, request, target)
        answer = connection.getresponse()
        body = b""
        while block := answer.read(min(65536, _LONGEST + 1 - len(body))):
            body += block
            if len(body) > _LONGEST or time.monotonic() > end:
                raise Unreachable(f"{host}: the answer is too long or too slow")
        return Response(answer.status, answer.getheaders(), body)
    except (OSError, ValueError, http.client.HTTPException) as error:
        fault = f"{host}: {type(error).__name__}"
    finally:
        connection.close()
    raise Unreachable(fault)


def _send(connection: http.client.HTTPConnection, request: Request, target: str) -> None:
    value: str | bytes = ""
    try:
        connection.putrequest(request.method, target, skip_host=True, skip_accept_encoding=True)
        if not any(name.lower() == "host" for name, _ in request.headers):
            connection.putheader("Host", split_target(request.url)[0])
        for name, value in request.headers:
            connection.putheader(name, value)
        if request.body or request.method in ("PUT", "POST"):
            connection.putheader("Content-Length", str(len(request.body)))
        connection.endheaders(request.body or None)
    finally:
        value = ""  # the last header may be a token: not in the locals of a raised error
