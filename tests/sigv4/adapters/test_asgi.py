"""The ASGI middleware: an application sees only what was signed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import MutableMapping
from typing import Any
from uuid import UUID

import pytest

from sigv4 import Signer, SigningError, VerificationError, Verifier
from sigv4.adapters.asgi import SigV4Middleware
from sigv4.error_responses import JSON_1_1, S3_XML
from tests.sigv4.adapters.asgi_calls import HOST, App, call, scope_of, signed, status, verifier
from tests.sigv4.signed import KEY_ID, NOW, TEMPORARY


def test_each_refusal_has_a_request_id_of_its_own() -> None:
    ids: list[bytes] = []

    async def send(message: MutableMapping[str, Any]) -> None:
        ids.extend(value for name, value in message.get("headers", ()) if name == b"x-amzn-requestid")

    async def receive() -> dict[str, Any]:
        return {"type": "http.request"}

    for _ in range(2):
        asyncio.run(SigV4Middleware(App(), verifier("execute-api"))(scope_of({}), receive, send))
    first, second = (UUID(value.decode()) for value in ids)
    assert first != second


def test_a_signed_request_is_passed_on_with_its_signer() -> None:
    app = App()
    sent = call(app, scope_of(signed(target="/a%20b?x=%2F"), "/a%20b?x=%2F"), [b"bo", b"dy"])
    assert status(sent) == 200
    assert app.pieces == [b"body"]
    assert app.scope["sigv4"].access_key_id == KEY_ID
    assert app.scope["raw_path"] == b"/a%20b"


@pytest.mark.parametrize("on_file", [TEMPORARY, None])
def test_a_look_up_may_be_awaited(on_file: Any) -> None:
    async def lookup(claim: object) -> Any:
        await asyncio.sleep(0)
        return on_file

    app = App()
    middleware = SigV4Middleware(app, Verifier("execute-api", "us-east-1", lookup, clock=lambda: NOW))
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"body", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(middleware(scope_of(signed()), receive, send))
    assert status(sent) == (200 if on_file else 403)
    assert app.pieces == ([b"body"] if on_file else [])


def test_the_application_is_not_called_for_what_is_refused() -> None:
    app = App()
    sent = call(app, scope_of(signed()), [b"other"])
    assert app.scope is None
    assert status(sent) == 403
    assert (b"x-amzn-errortype", b"InvalidSignatureException") in sent[0]["headers"]
    assert json.loads(sent[1]["body"])["message"].startswith("The request signature we calculated")
    assert dict(sent[0]["headers"])[b"content-length"] == str(len(sent[1]["body"])).encode()
    assert status(call(app, scope_of({"host": HOST}), [b""], style=JSON_1_1)) == 400
    assert b"<Code>AccessDenied</Code>" in call(app, scope_of({"host": HOST}), [b""], style=S3_XML)[1]["body"]
    assert app.scope is None


def test_a_presigned_url_is_accepted() -> None:
    app = App()
    url = Signer("execute-api", "us-east-1", TEMPORARY).presign(
        "GET", f"https://{HOST}/a%20b", expires=60, at=NOW
    )
    target = url.removeprefix(f"https://{HOST}")
    assert status(call(app, scope_of({"host": HOST}, target, "GET"), [b""])) == 200
    assert status(call(App(), scope_of({"host": HOST}, target + "&x", "GET"), [b""])) == 403


def test_a_server_without_raw_path_and_an_unknown_scope_are_refused() -> None:
    for raw_path in (None, b""):
        with pytest.raises(SigningError, match="gives no raw_path"):
            call(App(), scope_of(signed(), raw_path=raw_path), [b"body"])
    with pytest.raises(SigningError, match="'webtransport' is not known"):
        call(App(), scope_of(signed(), type="webtransport"), [b"body"])


def test_lifespan_passes() -> None:
    app = App()
    call(app, {"type": "lifespan"}, [])
    assert app.scope == {"type": "lifespan"}


def test_bodies_are_bounded() -> None:
    app = App()
    assert status(call(app, scope_of(signed(b"12345")), [b"123", b"45"], largest_body=4)) == 413
    assert status(call(app, scope_of(signed(b"1234")), [b"12", b"34"], largest_body=4)) == 200
    upload = Signer("s3", "us-east-1", TEMPORARY).stream("POST", f"https://{HOST}/a%20b", length=9000, at=NOW)
    sent = call(App(), scope_of(upload.headers), [b""], service="s3", largest_stream=8999)
    assert status(sent) == 413
    huge = {**upload.headers, "X-Amz-Decoded-Content-Length": "9" * 40}
    assert status(call(App(), scope_of(huge), [b""], service="s3")) == 413


def test_a_client_that_disconnects_makes_no_request() -> None:
    app = App()
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(SigV4Middleware(app, verifier())(scope_of(signed()), receive, send))
    assert (app.scope, sent) == (None, [])


def test_other_errors_of_the_application_are_not_caught() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise VerificationError("MINE", "Mine", "raised by the application")

    with pytest.raises(VerificationError, match="raised by the application"):
        call(app, scope_of(signed()), [b"body"])


@pytest.mark.parametrize(
    "name", ["largest_head", "largest_body", "largest_stream", "bodies_at_once", "body_seconds"]
)
@pytest.mark.parametrize("limit", [-1, float("nan"), "10", None])
def test_an_invalid_limit_is_refused_before_the_first_request(name: str, limit: Any) -> None:
    verifier = Verifier("lambda", "us-east-1", lambda claim: None)
    not_called: Any = None
    with pytest.raises(SigningError, match=rf"{name} is .*: expected (bytes|seconds), 0 or more"):
        SigV4Middleware(not_called, verifier, **{name: limit})
