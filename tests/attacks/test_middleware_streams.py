"""Attacks the middleware with bodies in pieces and with event streams."""

from __future__ import annotations

import asyncio
import base64
import zlib
from typing import Any

import pytest

from sigv4 import Payload, Signer, VerificationError, Verifier
from sigv4.adapters.asgi import SigV4Middleware
from sigv4.adapters.asgi_scope import decoded_headers
from sigv4.error_responses import S3_XML
from tests.attacks.exchanges import HOST, Exchange, encoded, scope_of, signed
from tests.sigv4.signed import NOW, TEMPORARY


def upload_of(data: bytes, signed_chunks: bool, trailers: Any, **headers: str) -> tuple[Any, bytes]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    upload = Signer("s3", "us-east-1", TEMPORARY).stream(
        "PUT", f"https://{HOST}/a", named, length=len(data), trailers=trailers, signed=signed_chunks, at=NOW
    )
    return upload.headers, b"".join(upload.encode(data))


@pytest.mark.parametrize("signed_chunks", [True, False])
def test_the_headers_of_an_aws_chunked_body_are_those_of_its_data(signed_chunks: bool) -> None:
    data = bytes(range(256)) * 50
    crc = base64.b64encode(zlib.crc32(data).to_bytes(4, "big")).decode()
    trailers = [("x-amz-checksum-crc32", crc), ("x-amz-meta-note", "kept")]
    for coding, expected in (("", []), ("gzip", [b"gzip"])):
        headers, framed = upload_of(
            data, signed_chunks, trailers, **({"Content_Encoding": coding} if coding else {})
        )
        exchange = Exchange("s3", blocks=[framed[:5000], framed[5000:]])
        exchange.run("PUT", "/a", headers)
        assert (exchange.status, exchange.app.body) == (200, data)
        seen = exchange.app.scope["headers"]
        assert [value for name, value in seen if name == b"content-length"] == [str(len(data)).encode()]
        assert [value for name, value in seen if name == b"content-encoding"] == expected
        proved = {"x-amz-checksum-crc32": crc} | ({"x-amz-meta-note": "kept"} if signed_chunks else {})
        assert exchange.app.scope["sigv4.trailers"] == proved


@pytest.mark.parametrize("signed_chunks", [True, False])
def test_a_checksum_trailer_that_does_not_fit_the_data_is_refused(signed_chunks: bool) -> None:
    headers, framed = upload_of(b"data", signed_chunks, [("x-amz-checksum-crc32", "AAAAAA==")])
    exchange = Exchange("s3", blocks=[framed], style=S3_XML).run("PUT", "/a", headers)
    assert exchange.status == 400
    assert b"<Code>BadDigest</Code>" in exchange.sent[1]["body"]
    assert exchange.app.scope["sigv4.trailers"] == {}


def test_an_aws_chunked_body_in_http_chunks_has_neither_framing_for_the_application() -> None:
    pairs = [(b"transfer-encoding", b"chunked"), (b"content-encoding", b"aws-chunked"), (b"host", b"x")]
    seen = decoded_headers(pairs, "STREAMING-UNSIGNED-PAYLOAD-TRAILER", b"5")
    assert seen == [(b"host", b"x"), (b"content-length", b"5")]


def test_an_event_stream_has_no_length_for_the_application() -> None:
    literal = Payload("STREAMING-AWS4-HMAC-SHA256-EVENTS")
    headers = signed("POST", "/a", literal, "transcribe")
    exchange = Exchange("transcribe", blocks=[b""]).run("POST", "/a", {**headers, "Content-Length": "9"})
    assert b"content-length" not in dict(exchange.app.scope["headers"])


class Bare:
    """The awaitable of a server that is not written in Python: an iterator without ``send`` and ``throw``."""

    def __init__(self, message: Any, steps: int) -> None:
        self._message = message
        self._steps = steps

    def __await__(self) -> Bare:
        return self

    def __iter__(self) -> Bare:
        return self

    def __next__(self) -> None:
        if not self._steps:
            raise StopIteration(self._message)
        self._steps -= 1


class BareServer(Exchange):
    """A server whose messages arrive after some steps of the event loop."""

    steps = 0

    def receive(self) -> Any:
        block = self._blocks.pop(0)
        return Bare({"type": "http.request", "body": block, "more_body": bool(self._blocks)}, self.steps)


@pytest.mark.parametrize("steps", [0, 1, 3])
def test_a_servers_awaitable_may_be_a_bare_iterator(steps: int) -> None:
    headers = signed("PUT", "/a", b"body", "s3")
    exchange = BareServer("s3", blocks=[b"bo", b"dy"])
    exchange.steps = steps
    assert exchange.run("PUT", "/a", headers).app.body == b"body"
    endless = BareServer("s3", blocks=[b"body"], body_seconds=0.01)
    endless.steps = -1
    assert endless.run("PUT", "/a", headers).status == 408


def test_an_error_of_the_application_of_a_stream_is_not_caught() -> None:
    headers, framed = upload_of(b"data", True, ())
    exchange = Exchange("s3", blocks=[framed])

    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise VerificationError("MINE", "Mine", "raised by the application")

    exchange.middleware._app = app
    with pytest.raises(VerificationError, match="raised by the application"):
        exchange.run("PUT", "/a", headers)


def test_trailers_that_a_server_adds_to_its_headers_do_not_reach_the_application() -> None:
    """uvicorn with httptools adds the trailers of a chunked body to the list of headers that it passed."""
    pairs = [(encoded(name).lower(), encoded(value)) for name, value in signed("POST", "/a", b"b").items()]
    verified = list(pairs)

    class WithTrailers(Exchange):
        async def receive(self) -> dict[str, Any]:
            pairs.append((b"x-amz-meta-role", b"admin"))
            return await super().receive()

    for lenient in (False, True):
        exchange = WithTrailers(blocks=[b"b"], lenient=lenient)
        scope = {
            "type": "http", "http_version": "1.1", "method": "POST", "path": "/a", "raw_path": b"/a",
            "query_string": b"", "headers": pairs,
        }  # fmt: skip
        asyncio.run(exchange.middleware(scope, exchange.receive, exchange.send))
        assert (exchange.status, list(exchange.app.scope["headers"])) == (200, verified)
        del pairs[len(verified) :]


def test_a_slow_stream_is_ended_even_if_each_piece_comes_in_time() -> None:
    """The limit is for the time to receive 64 KiB, without the time that the application takes for them."""
    data = bytes(200_000)
    headers, framed = upload_of(data, True, ())

    class Timed(Exchange):
        async def receive(self) -> dict[str, Any]:
            loop.seconds += 1
            for _ in range(3):  # so that the event loop looks at its timers
                await asyncio.sleep(0)
            return await super().receive()

    class Loop(asyncio.SelectorEventLoop):
        """An event loop with a clock that the test sets."""

        seconds = 0.0

        def time(self) -> float:
            return self.seconds

    for size, status in ((70_000, 200), (1000, 408)):
        blocks = [framed[at : at + size] for at in range(0, len(framed), size)]
        exchange = Timed("s3", blocks=blocks, body_seconds=30)
        loop = Loop()
        scope = scope_of("PUT", "/a", headers)
        try:
            loop.run_until_complete(exchange.middleware(scope, exchange.receive, exchange.send))
        finally:
            loop.close()
        assert exchange.status == status


def test_what_a_task_of_the_application_reads_after_the_answer_is_not_counted() -> None:
    readers: list[asyncio.Future[Any]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        readers.append(asyncio.ensure_future(receive()))

    async def run() -> int:
        verifier = Verifier("s3", "us-east-1", lambda claim: TEMPORARY, clock=lambda: NOW)
        middleware = SigV4Middleware(app, verifier)
        headers, framed = upload_of(b"a" * 9000, True, ())
        exchange = Exchange(blocks=[framed[:5000], framed[5000:]])
        await middleware(scope_of("PUT", "/a", headers), exchange.receive, exchange.send)
        assert exchange.received == 0, "the task reads after the answer"
        await asyncio.wait(readers)
        assert exchange.received == 2
        return middleware._limits.held

    assert asyncio.run(run()) == 0
