"""The ASGI middleware: an application sees only what was signed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import MutableMapping
from typing import Any
from uuid import UUID

import pytest

from sigv4 import Payload, Signer, SigningError, VerificationError, Verifier
from sigv4.adapters.asgi import SigV4Middleware
from sigv4.error_responses import JSON_1_1, S3_XML
from sigv4.scope import Scope
from sigv4.streaming.event_frames import STRING, Header, decode_frame
from sigv4.streaming.event_stream import EventSigner
from sigv4.v4 import signing_key
from tests.sigv4.signed import KEY_ID, NOW, SECRET, TEMPORARY

HOST = "x.example"


class App:
    """Reads the whole body, and answers with a description of the request."""

    def __init__(self) -> None:
        self.scope: Any = None
        self.pieces: list[bytes] = []
        self.failure: Exception | None = None
        self.swallow = False
        self.answer_first = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.scope = scope
        if self.answer_first:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        try:
            while True:
                message = await receive()
                if message["type"] != "http.request":
                    return
                self.pieces.append(message["body"])
                if not message["more_body"]:
                    break
        except VerificationError as error:
            self.failure = error
            if not self.swallow:
                raise
        if not self.answer_first:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"seen"})


def verifier(service: str = "execute-api") -> Verifier:
    return Verifier(service, "us-east-1", lambda claim: TEMPORARY, clock=lambda: NOW)


def call(app: Any, scope: dict[str, Any], blocks: list[bytes], **options: Any) -> list[dict[str, Any]]:
    """The messages that are sent for a request whose body arrives in ``blocks``."""
    service = options.pop("service", "execute-api")
    sent: list[dict[str, Any]] = []
    messages = [
        {"type": "http.request", "body": block, "more_body": number < len(blocks) - 1}
        for number, block in enumerate(blocks)
    ]

    async def receive() -> dict[str, Any]:
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(dict(message))

    middleware = SigV4Middleware(app, verifier(service), new_request_id=lambda: "id", **options)
    asyncio.run(middleware(scope, receive, send))
    return sent


def scope_of(headers: Any, target: str = "/a%20b", method: str = "POST", **more: Any) -> dict[str, Any]:
    path, _, query = target.partition("?")
    pairs = [(name.lower().encode(), str(value).encode()) for name, value in headers.items()]
    return {
        "type": "http",
        "method": method,
        "path": "/a b",
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": pairs,
        **more,
    }


def signed(body: Any = b"body", target: str = "/a%20b", service: str = "execute-api") -> dict[str, Any]:
    signer = Signer(service, "us-east-1", TEMPORARY)
    return dict(signer.sign("POST", f"https://{HOST}{target}", (), body, at=NOW))


def status(sent: list[dict[str, Any]]) -> int:
    return int(sent[0]["status"])


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


def test_a_signed_request_is_passed_on_with_who_signed_it() -> None:
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


def upload_of(data: bytes) -> tuple[dict[str, Any], bytes]:
    upload = Signer("s3", "us-east-1", TEMPORARY).stream(
        "POST", f"https://{HOST}/a%20b", length=len(data), chunk_size=8192, at=NOW
    )
    return upload.headers, b"".join(upload.encode([data]))


def cut(framed: bytes, size: int) -> list[bytes]:
    return [framed[at : at + size] for at in range(0, len(framed), size)]


@pytest.mark.parametrize("size", [1000, 8192, 1 << 20])
def test_a_stream_is_passed_on_chunk_by_chunk(size: int) -> None:
    data = bytes(range(256)) * 80
    headers, framed = upload_of(data)
    app = App()
    assert status(call(app, scope_of(headers), cut(framed, size), service="s3")) == 200
    assert b"".join(app.pieces) == data
    assert app.scope["sigv4"].payload == "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"


@pytest.mark.parametrize("swallow", [False, True])
def test_a_wrong_piece_of_a_stream_is_refused_and_not_passed_on(swallow: bool) -> None:
    data = bytes(range(256)) * 80
    headers, framed = upload_of(data)
    changed = bytearray(framed)
    changed[9000] ^= 1
    app = App()
    app.swallow = swallow
    sent = call(app, scope_of(headers), cut(bytes(changed), 500), service="s3", style=S3_XML)
    assert b"".join(app.pieces) == data[:8192]
    assert status(sent) == 403
    assert b"<Code>SignatureDoesNotMatch</Code>" in sent[1]["body"]
    assert len(sent) == 2


def test_a_stream_without_its_closing_chunk_is_an_error() -> None:
    headers, framed = upload_of(bytes(20000))
    app = App()
    sent = call(app, scope_of(headers), cut(framed[:-90], 5000), service="s3", style=S3_XML)
    assert status(sent) == 400
    assert isinstance(app.failure, VerificationError)


def test_an_answer_that_has_begun_is_cut() -> None:
    headers, framed = upload_of(bytes(20000))
    app = App()
    app.answer_first = True
    with pytest.raises(VerificationError):
        call(app, scope_of(headers), cut(framed[:-90], 5000), service="s3")


def test_an_event_stream_is_passed_on_event_by_event() -> None:
    headers = Signer("transcribe", "us-east-1", TEMPORARY).sign(
        "POST", f"https://{HOST}/a%20b", (), Payload("STREAMING-AWS4-HMAC-SHA256-EVENTS"), at=NOW
    )
    seed = str(headers["Authorization"]).rpartition("=")[2]
    signer = EventSigner(lambda date: signing_key(SECRET, Scope(date, "us-east-1", "transcribe")), seed)
    blocks = [signer.sign([Header("n", STRING, str(n))], b"x", at=NOW + n) for n in range(3)]
    app = App()
    sent = call(app, scope_of(headers), [*blocks, signer.close(at=NOW + 3)], service="transcribe")
    assert status(sent) == 200
    assert [decode_frame(piece).header("n") for piece in app.pieces if piece] == ["0", "1", "2"]
    without_end = App()
    assert status(call(without_end, scope_of(headers), blocks, service="transcribe")) == 400


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


def test_whatever_else_the_application_raises_passes() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise VerificationError("MINE", "Mine", "raised by the application")

    with pytest.raises(VerificationError, match="raised by the application"):
        call(app, scope_of(signed()), [b"body"])


def run_with(
    app: Any, scope: dict[str, Any], messages: list[dict[str, Any]], service: str
) -> list[dict[str, Any]]:
    """The messages that are sent if the server gives exactly these messages."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return messages.pop(0)

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(dict(message))

    asyncio.run(SigV4Middleware(app, verifier(service), new_request_id=lambda: "id")(scope, receive, send))
    return sent


class Listener:
    """An application that receives until the client disconnects, even after the end of the body and refusals."""

    def __init__(self) -> None:
        self.seen: list[Any] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        for _ in range(3):
            try:
                message = await receive()
            except VerificationError as error:
                self.seen.append(error.stage)
                continue
            self.seen.append(message.get("body", message["type"]))
            if message["type"] == "http.disconnect":
                break


GONE = {"type": "http.disconnect"}


def test_the_application_hears_of_the_client_s_going() -> None:
    listener = Listener()
    body = {"type": "http.request", "body": b"body", "more_body": False}
    run_with(listener, scope_of(signed()), [body, GONE], "execute-api")
    assert listener.seen == [b"body", "http.disconnect"]


@pytest.mark.parametrize("ends", [True, False], ids=["after its body", "within its body"])
def test_the_application_of_a_stream_hears_of_the_client_s_going(ends: bool) -> None:
    upload = Signer("s3", "us-east-1", TEMPORARY).stream("POST", f"https://{HOST}/a%20b", length=4, at=NOW)
    framed = b"".join(upload.encode(b"body"))
    messages: list[dict[str, Any]] = [
        {"type": "http.request", "body": framed if ends else framed[:90], "more_body": not ends},
        GONE,
    ]
    listener = Listener()
    run_with(listener, scope_of(upload.headers), messages, "s3")
    assert listener.seen == [b"body", "http.disconnect"] if ends else ["http.disconnect"]


def test_a_stream_that_was_refused_is_refused_each_time_it_is_asked_for() -> None:
    upload = Signer("s3", "us-east-1", TEMPORARY).stream("POST", f"https://{HOST}/a%20b", length=4, at=NOW)
    framed = b"".join(upload.encode(b"body")).replace(b"body", b"b0dy")
    listener = Listener()
    message = {"type": "http.request", "body": framed, "more_body": False}
    sent = run_with(listener, scope_of(upload.headers), [message], "s3")
    assert listener.seen == ["CHUNK-3"] * 3
    assert status(sent) == 403


def test_a_websocket_that_is_gone_before_its_refusal_is_not_answered() -> None:
    scope = {**scope_of({"host": HOST}), "type": "websocket"}
    assert run_with(App(), scope, [{"type": "websocket.disconnect"}], "execute-api") == []


def test_a_dialect_that_neither_decodes_nor_normalizes_leaves_the_path_as_it_came() -> None:
    from sigv4 import DEFAULT
    from sigv4.adapters.asgi_scope import with_canonical_target

    scope = {"raw_path": b"/a//b/./%20", "query_string": b""}
    found = with_canonical_target(scope, DEFAULT.replace(normalize_path=False))
    assert (found["raw_path"], found["path"]) == (b"/a//b/./%20", "/a//b/./ ")


@pytest.mark.parametrize(
    "name", ["largest_head", "largest_body", "largest_stream", "bodies_at_once", "body_seconds"]
)
@pytest.mark.parametrize("limit", [-1, float("nan"), "10", None])
def test_an_invalid_limit_is_refused_before_the_first_request(name: str, limit: Any) -> None:
    verifier = Verifier("lambda", "us-east-1", lambda claim: None)
    not_called: Any = None
    with pytest.raises(SigningError, match=rf"{name} is .*: expected (bytes|seconds), 0 or more"):
        SigV4Middleware(not_called, verifier, **{name: limit})
