"""Masks the request's secrets in an answer, after the answer has been decoded.

An expanded signature error contains the canonical request with the session token; a proxy may repeat the
whole request. Before JSON's escapes are decoded (``\\/``, ``\\u002b``), a secret would not be found.
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
    """The token and the signature of the request, plain and URL-encoded, the longest first."""
    values = secrets_of_headers(request.headers)
    values |= {value.rpartition("Signature=")[2] for value in values}
    return sorted(values | {escape(value) for value in values}, key=len, reverse=True)


def without_echoes(response: Response, request: Request) -> Response:
    """The response; its headers are made printable, without the request's secrets; its body is unchanged.

    The body is masked after it has been decoded.
    """
    secrets = secrets_of(request)
    headers = []
    for name, value in response.headers:
        headers.append((name, masked(printable(header_value(value)), secrets)))
    return Response(response.status, headers, response.body)


def masked(value: Any, secrets: list[str]) -> Any:
    """``value``, decoded text or JSON, with ``***`` for every secret in it, also in names of members."""
    if isinstance(value, str):
        for secret in secrets:
            value = value.replace(secret, "***")
        return value
    if isinstance(value, dict):
        return {masked(name, secrets): masked(each, secrets) for name, each in value.items()}
    if isinstance(value, list):
        return [masked(each, secrets) for each in value]
    return value
