"""The ASGI middleware and streams: an application sees only verified pieces, and is told when the client disconnects."""

from __future__ import annotations

from typing import Any

import pytest

from sigv4 import Payload, Signer, VerificationError
from sigv4.error_responses import S3_XML
from sigv4.scope import Scope
from sigv4.streaming.event_frames import STRING, Header, decode_frame
from sigv4.streaming.event_stream import EventSigner
from sigv4.v4 import signing_key
from tests.sigv4.adapters.asgi_calls import HOST, App, call, run_with, scope_of, signed, status
from tests.sigv4.signed import NOW, SECRET, TEMPORARY


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


def test_the_application_is_told_that_the_client_disconnected() -> None:
    listener = Listener()
    body = {"type": "http.request", "body": b"body", "more_body": False}
    run_with(listener, scope_of(signed()), [body, GONE], "execute-api")
    assert listener.seen == [b"body", "http.disconnect"]


@pytest.mark.parametrize("ends", [True, False], ids=["after its body", "within its body"])
def test_the_application_of_a_stream_is_told_that_the_client_disconnected(ends: bool) -> None:
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
