"""An application behind the middleware that answers with everything that it received, byte for byte."""

from __future__ import annotations

import json
import os
from typing import Any

from sigv4 import Credentials, Verifier
from sigv4.adapters.asgi import SigV4Middleware
from tests.asgi_bodies import whole_body

KEYS = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
SERVICE, REGION = os.environ.get("ECHO_SERVICE", "execute-api"), "us-east-1"


async def echo(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return
    body = await whole_body(receive)
    told = {
        "method": scope["method"],
        "path": scope["path"].encode("utf-8", "surrogatepass").hex(),
        "raw_path": scope["raw_path"].hex(),
        "query": scope["query_string"].hex(),
        "headers": [(name.decode("latin-1"), value.hex()) for name, value in scope["headers"]],
        "signed": scope["sigv4"].signed_headers,
        "body": body.hex(),
    }
    answer = json.dumps(told).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(answer)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": answer})


app = SigV4Middleware(
    echo,
    # A slow machine may send a request an hour after it was signed.
    Verifier(
        SERVICE,
        REGION,
        lambda claim: KEYS if claim.access_key_id == KEYS.access_key_id else None,
        window=86_400,
    ),
    lenient=os.environ.get("ECHO_LENIENT") == "1",
)
