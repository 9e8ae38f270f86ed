"""The applications of B11 under uvicorn: bare, behind this package's middleware, asigv4's verifier, or botocore. The variable GATEWAY selects one."""

from __future__ import annotations

import os
from hmac import compare_digest
from typing import Any
from urllib.parse import parse_qsl

from sigv4 import Credentials, KeyCache, Verifier
from sigv4.adapters.asgi import SigV4Middleware
from tests.asgi_bodies import giving, whole_body

KEYS = Credentials("ASIAEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "FQoGZXIvYXdzEXAMPLETOKEN" * 16)
SERVICE, REGION = "sagemaker", "us-west-2"


async def bare(scope: Any, receive: Any, send: Any) -> None:
    """Reads the body, and answers whether there was one."""
    if scope["type"] != "http":
        return
    body = await whole_body(receive)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok" if body else b"no"})


class Asigv4:
    """The code that a user of asigv4 writes: it reads the body and decodes the headers for the verifier."""

    def __init__(self, app: Any) -> None:
        from asigv4 import SigV4Verifier

        self._app = app
        self._verifier = SigV4Verifier(lambda access_key_id: KEYS.secret_access_key)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        body = await whole_body(receive)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        await self._verifier.verify(
            method=scope["method"],
            path=scope["raw_path"].decode(),
            headers=headers,
            query_params=dict(parse_qsl(scope["query_string"].decode(), keep_blank_values=True)),
            body=body,
        )
        await self._app(scope, giving(body), send)


class Botocore:
    """A verifier made with botocore: it signs the signed headers again and compares the signatures."""

    def __init__(self, app: Any) -> None:
        from botocore.auth import SigV4Auth
        from botocore.credentials import Credentials as Theirs

        self._app = app
        keys = Theirs(KEYS.access_key_id, KEYS.secret_access_key, KEYS.session_token)
        self._auth: Any = SigV4Auth(keys, SERVICE, REGION)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        from botocore.awsrequest import AWSRequest

        if scope["type"] != "http":
            return
        body = await whole_body(receive)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        _, _, rest = headers["authorization"].partition("SignedHeaders=")
        names, _, signature = rest.partition(", Signature=")
        signed = {name: headers[name] for name in names.split(";")}
        url = f"https://{headers['host']}{scope['raw_path'].decode()}"
        request: Any = AWSRequest(scope["method"], url, headers=signed, data=body)
        request.context["timestamp"] = headers["x-amz-date"]
        text = self._auth.string_to_sign(request, self._auth.canonical_request(request))
        if not compare_digest(self._auth.signature(text, request), signature):
            raise PermissionError("the signature does not match")
        await self._app(scope, giving(body), send)


def made(kind: str) -> Any:
    if kind == "asigv4":
        return Asigv4(bare)
    if kind == "botocore":
        return Botocore(bare)
    if kind.startswith("ours"):
        keys = KeyCache() if "cache" in kind else None
        return SigV4Middleware(bare, Verifier(SERVICE, REGION, lambda claim: KEYS, keys=keys))
    return bare


app = made(os.environ.get("GATEWAY", "bare"))
