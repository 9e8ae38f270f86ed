"""Signed requests, as entries of captures."""

from __future__ import annotations

import json
from typing import Any

from sigv4 import Credentials, Request, Signer

KEYS = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
WRONG = Credentials("AKIDEXAMPLE", "another-secret")
NOW = 1772600767


def signed(
    number: int, credentials: Credentials = KEYS, host: str = "lambda.us-east-1.amazonaws.com"
) -> Request:
    body = b'{"n":%d}' % number
    headers = Signer("lambda", "us-east-1", credentials).sign(
        "POST", f"https://{host}/a", {"Content-Type": "application/json"}, body, at=NOW
    )
    return Request("POST", f"https://{host}/a", headers, body)


def entry(request: Request) -> dict[str, Any]:
    headers = [{"name": name, "value": value} for name, value in request.headers]
    return {
        "request": {
            "method": request.method,
            "url": request.url,
            "headers": headers,
            "postData": {"text": request.body.decode()},
        }
    }


def line(request: Request) -> str:
    return json.dumps(
        {
            "method": request.method,
            "url": request.url,
            "headers": dict(request.headers),
            "body": request.body.decode(),
        }
    )


def har(requests: list[Request]) -> bytes:
    return json.dumps({"log": {"version": "1.2", "entries": [entry(each) for each in requests]}}).encode()
