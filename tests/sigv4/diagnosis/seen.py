"""Requests and answers for the tests of ``diagnose``."""

from __future__ import annotations

from collections.abc import Mapping

from sigv4 import Credentials, Request, Response, Signer

KEYS = Credentials("AKIDEXAMPLE", "s" * 40)
NOW = 1772600767  # 20260304T050607Z
S3 = "https://b.s3.us-east-1.amazonaws.com"
MISMATCH = "The request signature we calculated does not match the signature you provided."


def signed(url: str = "https://lambda.us-east-1.amazonaws.com/a", service: str = "lambda", method: str = "GET", body: bytes = b"", keys: Credentials = KEYS, region: str = "us-east-1", headers: Mapping[str, str] | None = None, **more: str | bytes) -> Request:  # fmt: skip
    """``more`` are headers as well, with ``_`` in place of ``-``."""
    named = {**(headers or {}), **{name.replace("_", "-"): value for name, value in more.items()}}
    made = Signer(service, region, keys).sign(method, url, named, body, at=NOW)
    return Request(method, "/" + url.partition("://")[2].partition("/")[2], made, body)


def presigned(url: str = f"{S3}/a", keys: Credentials = KEYS, method: str = "GET") -> str:
    return str(Signer("s3", "us-east-1", keys).presign(method, url, expires=900, at=NOW))


def changed(request: Request, old: str, new: str) -> Request:
    pairs = [
        (name, value.replace(old, new) if isinstance(value, str) else value)
        for name, value in request.headers
    ]
    return Request(request.method, request.url, pairs, request.body)


def xml(code: str, message: str = "", more: str = "", status: int = 403, **headers: str) -> Response:
    body = f"<Error><Code>{code}</Code><Message>{message}</Message>{more}</Error>"
    return Response(status, {name.replace("_", "-"): value for name, value in headers.items()}, body.encode())
