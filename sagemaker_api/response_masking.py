"""Masks what an answer repeats of its request's secrets, after everything in it has been decoded.

An expanded signature error holds the canonical request, and with it the session token; a proxy may echo all.
A secret that is looked for before JSON's escapes are undone can be missed (``\\/``, ``\\u002b``).
"""

from __future__ import annotations

from sigv4.errors import printable
from sigv4.headers import header_value
from sigv4.percent import escape
from sigv4.request import Request, Response, secrets_of_headers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def secrets_of(request: Request) -> list[str]:
    """The token and the signature that were sent, plain and as in a URL; the longest first."""
    values = secrets_of_headers(request.headers)
    values |= {value.rpartition("Signature=")[2] for value in values}
    return sorted(values | {escape(value) for value in values}, key=len, reverse=True)


def without_echoes(response: Response, request: Request) -> Response:
    """The response with headers of printable text, without the request's secrets; its body as it came.

    The body is masked once it has been decoded.
    """
    secrets = secrets_of(request)
    headers = []
    for name, value in response.headers:
        headers.append((name, masked(printable(header_value(value)), secrets)))
    return Response(response.status, headers, response.body)


def masked(value: Any, secrets: list[str]) -> Any:
    """``value``, decoded text or JSON, with ``***`` for every secret in it, names of members included."""
    if isinstance(value, str):
        for secret in secrets:
            value = value.replace(secret, "***")
        return value
    if isinstance(value, dict):
        return {masked(name, secrets): masked(each, secrets) for name, each in value.items()}
    if isinstance(value, list):
        return [masked(each, secrets) for each in value]
    return value
