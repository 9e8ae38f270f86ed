"""The ASGI middleware and websockets: verified before they are accepted."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import Any

from sigv4 import Signer
from sigv4.adapters.asgi import SigV4Middleware
from tests.sigv4.adapters.asgi_calls import HOST, App, run_with, scope_of, verifier
from tests.sigv4.signed import KEY_ID, NOW, TEMPORARY


def websocket(target: str, **more: Any) -> tuple[App, list[dict[str, Any]]]:
    app, sent = App(), []
    messages = [{"type": "websocket.connect"}]

    async def receive() -> dict[str, Any]:
        return messages.pop(0) if messages else {"type": "websocket.disconnect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(dict(message))

    middleware = SigV4Middleware(app, verifier(), presigned_websockets=True, new_request_id=lambda: "id")
    scope = scope_of({"host": HOST}, target, type="websocket", **more)
    del scope["method"]
    asyncio.run(middleware(scope, receive, send))
    return app, sent


def test_a_websocket_is_verified_before_it_is_accepted() -> None:
    url = Signer("execute-api", "us-east-1", TEMPORARY).presign(
        "GET", f"https://{HOST}/a%20b", expires=60, at=NOW
    )
    app, sent = websocket(url.removeprefix(f"https://{HOST}"))
    assert app.scope["sigv4"].access_key_id == KEY_ID
    app, sent = websocket("/a%20b")
    assert app.scope is None
    assert sent == [{"type": "websocket.close", "code": 1008, "reason": "MissingAuthenticationToken"}]
    app, sent = websocket("/a%20b", extensions={"websocket.http.response": {}})
    assert (app.scope, sent[0]["type"], sent[0]["status"]) == (None, "websocket.http.response.start", 403)


def test_a_websocket_that_was_closed_before_its_refusal_is_not_answered() -> None:
    scope = {**scope_of({"host": HOST}), "type": "websocket"}
    assert run_with(App(), scope, [{"type": "websocket.disconnect"}], "execute-api") == []
