"""What an answer repeats of the secrets of its request, taken out before anything is cut, logged or shown.

An expanded signature error holds the canonical request, and with it the session token; a proxy may echo all.
"""

from __future__ import annotations

from sigv4.request import SECRET_HEADERS, Request, Response


def secrets_of(request: Request) -> list[str]:
    """The token and the signature that were sent."""
    values = [str(value) for name, value in request.headers if name.lower() in SECRET_HEADERS and value]
    return [*values, *(value.rpartition("Signature=")[2] for value in values)]


def masked(text: str, secrets: list[str]) -> str:
    """``text`` with ``***`` for every secret in it."""
    for secret in secrets:
        text = text.replace(secret, "***")
    return text


def without_echoes(response: Response, request: Request) -> Response:
    """The response without what it repeats of the request's secrets."""
    secrets = secrets_of(request)
    body = response.body
    for secret in secrets:
        body = body.replace(secret.encode("latin-1", "replace"), b"***")
    headers = [(name, masked(value, secrets)) for name, value in response.headers if isinstance(value, str)]
    return Response(response.status, headers, body)
