"""Attacks on an application behind the ASGI middleware: it reads only what was verified, at a limited cost."""

from __future__ import annotations

import asyncio
import base64
import zlib
from typing import Any

import pytest

from sigv4 import MemoryReplayStore, Payload, Signer, VerificationError, Verifier
from sigv4.adapters.asgi import SigV4Middleware
from sigv4.adapters.asgi_bodies import TimeLimit
from sigv4.adapters.asgi_scope import decoded_headers
from sigv4.error_responses import JSON_1_1, S3_XML
from sigv4.replay import StoreFull
from tests.sigv4.signed import NOW, TEMPORARY

HOST = "api.example"
Pairs = list[tuple[bytes, bytes]]


class App:
    """Notes its scope and reads its whole body."""

    def __init__(self) -> None:
        self.scope: Any = None
        self.body = b""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.scope = scope
        more = True
        while more:
            message = await receive()
            self.body += message.get("body", b"")
            more = message.get("more_body", False)
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b""})


class Exchange:
    """One request through a middleware: what the application saw, what was sent, how often the body was asked for."""

    def __init__(
        self, service: str = "execute-api", *, blocks: list[bytes] | None = None, **options: Any
    ) -> None:
        self.app = App()
        self.sent: list[dict[str, Any]] = []
        self.received = 0
        self.kind = "http"
        self._blocks = [b""] if blocks is None else blocks
        checks = {name: options.pop(name) for name in ("replay", "hosts", "clock") if name in options}
        checks = {"clock": lambda: NOW, **checks}
        verifier = Verifier(service, "us-east-1", lambda claim: TEMPORARY, **checks)
        self.middleware = SigV4Middleware(self.app, verifier, new_request_id=lambda: "id", **options)

    def run(self, method: str, target: str, headers: Any, **scope: Any) -> Exchange:
        path, _, query = target.partition("?")
        self.kind = scope.get("type", "http")
        pairs = headers if isinstance(headers, list) else list(headers.items())
        asyncio.run(
            self.middleware(
                {
                    "type": "http",
                    "http_version": "1.1",
                    "method": method,
                    "path": "decoded by the server",
                    "raw_path": path.encode("latin-1"),
                    "query_string": query.encode("latin-1"),
                    "headers": [(encoded(name).lower(), encoded(value)) for name, value in pairs],
                    **scope,
                },
                self.receive,
                self.send,
            )
        )
        return self

    async def receive(self) -> dict[str, Any]:
        self.received += 1
        if self.kind == "websocket":
            return {"type": "websocket.connect"}
        block = self._blocks.pop(0)
        return {"type": "http.request", "body": block, "more_body": bool(self._blocks)}

    async def send(self, message: Any) -> None:
        self.sent.append(message)

    @property
    def status(self) -> int:
        return int(self.sent[0]["status"])


def encoded(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("latin-1")


def signed(
    method: str, target: str, body: Any = b"", service: str = "execute-api", **headers: str
) -> dict[str, Any]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return dict(
        Signer(service, "us-east-1", TEMPORARY).sign(method, f"https://{HOST}{target}", named, body, at=NOW)
    )


def presigned(target: str, service: str = "execute-api") -> str:
    return (
        Signer(service, "us-east-1", TEMPORARY)
        .presign("GET", f"https://{HOST}{target}", expires=60, at=NOW)
        .partition(HOST)[2]
    )


REPORT = presigned("/reports/1?a=1&a=2")
QUERY = REPORT.partition("?")[2]
OTHER_ROUTES = [
    f"/admin/wipe/../../reports/1?{QUERY}",
    f"//reports/1?{QUERY}",
    f"/./reports/1?{QUERY}",
    f"/reports//1?{QUERY}",
    f"/reports/x/../1?{QUERY}",
    f"/reports/1?{QUERY.replace('a=1&a=2', 'a=1&%61=2')}",
    f"/reports/1?{QUERY}&",
    f"/reports/1?&{QUERY}",
]


def test_what_the_attacks_begin_with_is_accepted() -> None:
    for lenient in (False, True):
        exchange = Exchange(lenient=lenient).run("GET", REPORT, {"Host": HOST})
        assert exchange.status == 200
        assert exchange.app.scope["raw_path"] == b"/reports/1"


@pytest.mark.parametrize("target", OTHER_ROUTES)
def test_a_presigned_url_opens_no_other_route(target: str) -> None:
    exchange = Exchange().run("GET", target, {"Host": HOST})
    assert exchange.app.scope is None
    assert exchange.status == 400
    assert b"its target is not in canonical form" in exchange.sent[1]["body"]
    lenient = Exchange(lenient=True).run("GET", target, {"Host": HOST})
    assert lenient.status == 200
    assert (lenient.app.scope["raw_path"], lenient.app.scope["path"]) == (b"/reports/1", "/reports/1")
    assert lenient.app.scope["query_string"].startswith(b"X-Amz-Algorithm=")
    assert b"&a=1&a=2" in lenient.app.scope["query_string"]


@pytest.mark.parametrize("lenient", [False, True])
@pytest.mark.parametrize(
    "target",
    [
        f"/../reports/1?{QUERY}",
        f"/a/../../reports/1?{QUERY}",
        f"http://elsewhere/reports/1?{QUERY}",
        f"http://{HOST}/reports/1?{QUERY}",
        "*",
        f"/reports/1?{QUERY.replace('a=1&a=2', 'a=2&a=1&a=3')}",
    ],
)
def test_a_target_that_no_application_should_see(target: str, lenient: bool) -> None:
    exchange = Exchange(lenient=lenient).run("GET", target, {"Host": HOST})
    assert exchange.app.scope is None
    assert exchange.status in (400, 403)


def test_swapped_parameters_of_one_name() -> None:
    swapped = REPORT.replace("a=1&a=2", "a=2&a=1")
    assert Exchange().run("GET", swapped, {"Host": HOST}).status == 400
    lenient = Exchange(lenient=True).run("GET", swapped, {"Host": HOST})
    assert b"&a=1&a=2" in lenient.app.scope["query_string"], "the order that was signed"


def test_a_header_that_is_split_in_two_or_padded() -> None:
    headers = signed("POST", "/a", x_amz_meta_role="user,admin")
    whole = [(name, value) for name, value in headers.items() if name.lower() != "x-amz-meta-role"]
    for split in (
        [("x-amz-meta-role", "user"), ("x-amz-meta-role", "admin")],
        [("x-amz-meta-role", " user,admin")],
        [("x-amz-meta-role", "user,admin\t")],
    ):
        exchange = Exchange().run("POST", "/a", [*whole, *split])
        assert (exchange.status, exchange.app.scope) == (400, None)
        assert b"a signed header is not in canonical form" in exchange.sent[1]["body"]
        lenient = Exchange(lenient=True).run("POST", "/a", [*whole, ("X-Free", "1"), *split, ("X-Free", "2")])
        assert lenient.status == 200
        seen = lenient.app.scope["headers"]
        assert [value for name, value in seen if name == b"x-amz-meta-role"] == [b"user,admin"]
        assert [value for name, value in seen if name == b"x-free"] == [b"1", b"2"]


def test_in_s3_each_path_is_its_own_key_and_an_escaped_one_is_handed_on_as_signed() -> None:
    target = presigned("/a%2Fb/c%20d", "s3")
    exchange = Exchange("s3", lenient=True).run("GET", target.replace("a%2Fb", "%61%2Fb"), {"Host": HOST})
    assert exchange.status == 200
    assert (exchange.app.scope["raw_path"], exchange.app.scope["path"]) == (b"/a/b/c%20d", "/a/b/c d")
    assert Exchange("s3").run("GET", target.replace("a%2Fb", "%61%2Fb"), {"Host": HOST}).status == 400


@pytest.mark.parametrize(
    "sent", ["/%61/x%20y", "/a/x+y", "/a%2Fx+y", "/a/%78%20%79", "/%61%2fx%20y", "/a%2F%78+%79"]
)
def test_in_s3_the_path_that_is_handed_on_is_the_one_that_was_verified(sent: str) -> None:
    """A raw plus sign is a space to the verifier (CR-PATH-4): the application must not read another key."""
    headers = signed("GET", "/a/x%20y", service="s3")
    exchange = Exchange("s3", lenient=True).run("GET", sent, headers)
    assert exchange.status == 200
    assert (exchange.app.scope["raw_path"], exchange.app.scope["path"]) == (b"/a/x%20y", "/a/x y")
    assert Exchange("s3").run("GET", sent, headers).status == 400


def test_outside_s3_a_plus_sign_in_the_path_is_handed_on_as_one() -> None:
    headers = signed("GET", "/a/x+y")
    exchange = Exchange(lenient=True).run("GET", "/a/./x+y", headers)
    assert exchange.status == 200
    assert (exchange.app.scope["raw_path"], exchange.app.scope["path"]) == (b"/a/x+y", "/a/x+y")


@pytest.mark.parametrize("headers", [{"Host": HOST}, {}, {"Host": HOST, "Authorization": "Bearer x"}])
def test_of_an_unsigned_request_no_body_is_read(headers: dict[str, str]) -> None:
    exchange = Exchange(blocks=[b"x" * 1000] * 1000).run("POST", "/a", headers)
    assert exchange.received == 0
    assert exchange.status in (400, 403)


def test_of_a_request_whose_declared_hash_is_not_signed_no_body_is_read() -> None:
    headers = signed("PUT", "/a", b"body", "s3")
    for changed in (
        {**headers, "X-Amz-Content-SHA256": "0" * 64},
        {**headers, "Authorization": headers["Authorization"][:-1] + "x"},
        {**headers, "X-Amz-Date": "20150830T000000Z"},
    ):
        exchange = Exchange("s3", blocks=[b"body"]).run("PUT", "/a", changed)
        assert (exchange.status, exchange.received) == (403, 0)
    assert Exchange("s3", blocks=[b"other"]).run("PUT", "/a", headers).status == 400
    assert Exchange("s3", blocks=[b"bo", b"dy"]).run("PUT", "/a", headers).app.body == b"body"


def test_a_body_that_says_it_is_too_large_is_not_read() -> None:
    headers = signed("POST", "/a", b"12345")
    exchange = Exchange(largest_body=4, blocks=[b"12345"]).run(
        "POST", "/a", {**headers, "Content-Length": "5"}
    )
    assert (exchange.status, exchange.received) == (413, 0)
    assert (b"connection", b"close") in exchange.sent[0]["headers"]
    exchange = Exchange(largest_body=4, blocks=[b"12345"]).run(
        "POST", "/a", {**headers, "Content-Length": "9" * 30}, http_version="2"
    )
    assert (exchange.status, exchange.received) == (413, 0)
    assert b"connection" not in dict(exchange.sent[0]["headers"]), "HTTP/2 has no such header"
    lying = Exchange(largest_body=4, blocks=[b"123", b"45", b"6"]).run("POST", "/a", headers)
    assert (lying.status, lying.received) == (413, 2)


@pytest.mark.parametrize("where", ["cookie", "query"])
def test_a_head_of_a_megabyte_is_refused_before_any_work(where: str) -> None:
    headers = signed("GET", "/a")
    target = "/a"
    if where == "cookie":
        headers["Cookie"] = "c" * (1 << 20)
    else:
        target = "/a?" + "%61&" * (1 << 18)
    asked: list[Any] = []
    exchange = Exchange()
    exchange.middleware._verifier._lookup = asked.append  # type: ignore[assignment]  # it records its argument and returns None
    exchange.run("GET", target, headers)
    assert (exchange.status, asked, exchange.received) == (431, [], 0)
    assert Exchange(style=JSON_1_1, largest_head=10).run("GET", "/a", signed("GET", "/a")).status == 431
    with_websocket = Exchange(largest_head=10)
    with_websocket.run("GET", "/a", signed("GET", "/a"), type="websocket")
    assert with_websocket.app.scope is None


def test_all_bodies_together_are_bounded() -> None:
    """Three requests with incomplete bodies: the third exceeds the limit, and later the memory is free again."""
    headers = signed("POST", "/a", b"x" * 100)

    async def run() -> list[int]:
        release = asyncio.Event()
        verifier = Verifier("execute-api", "us-east-1", lambda claim: TEMPORARY, clock=lambda: NOW)
        middleware = SigV4Middleware(App(), verifier, bodies_at_once=250)
        statuses: list[int] = []

        async def one(wait: bool) -> None:
            messages = [(b"x" * 99, True), (b"x", False)]

            async def receive() -> dict[str, Any]:
                if wait and len(messages) == 1:
                    await release.wait()
                body, more = messages.pop(0)
                return {"type": "http.request", "body": body, "more_body": more}

            async def send(message: Any) -> None:
                if "status" in message:
                    statuses.append(message["status"])
                    if message["status"] == 503:
                        assert (b"retry-after", b"1") in message["headers"]

            scope = {
                "type": "http", "http_version": "1.1", "method": "POST", "raw_path": b"/a", "path": "/a",
                "headers": [(name.lower().encode(), encoded(value)) for name, value in headers.items()],
            }  # fmt: skip
            await middleware(scope, receive, send)

        waiting = [asyncio.ensure_future(one(True)) for _ in range(2)]
        await asyncio.sleep(0)
        await one(True)
        release.set()
        await asyncio.gather(*waiting)
        await one(False)
        assert middleware._limits.held == 0
        return statuses

    assert asyncio.run(run()) == [503, 200, 200, 200]


class Stalled(Exchange):
    """A client that sends its first block and nothing more."""

    async def receive(self) -> dict[str, Any]:
        if self.received:
            await asyncio.Event().wait()
        return {**await super().receive(), "more_body": True}


@pytest.mark.parametrize("stream", [False, True])
def test_a_body_that_stalls_is_ended(stream: bool) -> None:
    if stream:
        upload = Signer("s3", "us-east-1", TEMPORARY).stream("PUT", f"https://{HOST}/a", length=4, at=NOW)
        headers, first = upload.headers, b"".join(upload.encode(b"body"))[:90]
    else:
        headers, first = signed("PUT", "/a", b"body", "s3"), b"bo"
    exchange = Stalled("s3", blocks=[first], body_seconds=0.01, style=S3_XML).run("PUT", "/a", headers)
    assert exchange.status == 408
    assert b"<Code>RequestTimeout</Code>" in exchange.sent[1]["body"]
    assert exchange.middleware._limits.held == 0


def test_a_time_limit_leaves_other_cancellations_alone() -> None:
    async def cancelled(also_expires: bool) -> None:
        with TimeLimit(0 if also_expires else 60):
            await asyncio.Event().wait()

    async def run() -> None:
        for also_expires in (False, True):
            task = asyncio.ensure_future(cancelled(also_expires))
            await asyncio.sleep(0)
            task.cancel()
            with pytest.raises((asyncio.CancelledError, VerificationError)):
                await task

    asyncio.run(run())
    limit = TimeLimit(0)
    with limit:  # without an event loop there is no clock to ask
        pass


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


def test_a_presigned_get_opens_no_websocket_unless_the_option_says_so() -> None:
    refused = Exchange()
    refused.run("GET", REPORT, {"Host": HOST}, type="websocket", extensions={"websocket.http.response": {}})
    assert (refused.app.scope, refused.status) == (None, 403)
    taken = Exchange(presigned_websockets=True)
    taken.run("GET", REPORT, {"Host": HOST}, type="websocket")
    assert taken.app.scope["sigv4"].access_key_id == TEMPORARY.access_key_id
    by_header = Exchange()
    by_header.run("GET", "/a", signed("GET", "/a"), type="websocket")
    assert by_header.app.scope["raw_path"] == b"/a"
    for target in OTHER_ROUTES:
        other = Exchange(presigned_websockets=True)
        other.run("GET", target, {"Host": HOST}, type="websocket")
        assert other.app.scope is None


def test_a_replay_is_noticed_after_the_body_and_a_full_store_is_a_503() -> None:
    store = MemoryReplayStore(10, clock=lambda: NOW)
    headers = signed("POST", "/a", b"body")
    assert Exchange(blocks=[b"other"], replay=store).run("POST", "/a", headers).status == 403
    assert Exchange(blocks=[b"body"], replay=store).run("POST", "/a", headers).status == 200
    assert Exchange(blocks=[b"body"], replay=store).run("POST", "/a", headers).status == 403

    class Full:
        blocking = False

        def first_use(self, key: bytes, until: float) -> bool:
            raise StoreFull("full of AKIDEXAMPLE's keys")

    for style in (JSON_1_1, S3_XML):
        exchange = Exchange(blocks=[b"body"], replay=Full(), style=style).run("POST", "/a", headers)
        assert exchange.status == 503
        assert (b"retry-after", b"1") in exchange.sent[0]["headers"]
        assert b"AKID" not in exchange.sent[1]["body"]


class Slow(Exchange):
    """A client whose first block comes only after some steps of the event loop, or never."""

    steps = 3

    async def receive(self) -> dict[str, Any]:
        for _ in range(self.steps):
            await asyncio.sleep(0)
        return await super().receive()


class Silent(Exchange):
    async def receive(self) -> dict[str, Any]:
        await asyncio.Event().wait()
        return {}


def test_a_body_that_comes_later_is_read_and_one_that_never_comes_is_ended() -> None:
    headers = signed("PUT", "/a", b"body", "s3")
    assert Slow("s3", blocks=[b"bo", b"dy"]).run("PUT", "/a", headers).app.body == b"body"
    assert Silent("s3", body_seconds=0.01).run("PUT", "/a", headers).status == 408


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
    """Its messages are there after some steps of the event loop."""

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


def test_what_the_application_of_a_stream_raises_itself_passes() -> None:
    headers, framed = upload_of(b"data", True, ())
    exchange = Exchange("s3", blocks=[framed])

    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise VerificationError("MINE", "Mine", "raised by the application")

    exchange.middleware._app = app
    with pytest.raises(VerificationError, match="raised by the application"):
        exchange.run("PUT", "/a", headers)


def test_a_server_that_cancels_in_the_moment_of_the_time_limit_is_obeyed() -> None:
    async def run() -> None:
        limit = TimeLimit(60)

        async def limited() -> None:
            with limit:
                await asyncio.Event().wait()

        task = asyncio.ensure_future(limited())
        await asyncio.sleep(0)
        limit._expire()
        task.cancel()
        with pytest.raises((asyncio.CancelledError, VerificationError)):
            await task
        without_task = TimeLimit(60)
        with without_task:
            without_task._task = None
            without_task._expire()

    asyncio.run(run())


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


@pytest.mark.parametrize(
    ("framing", "status"),
    [
        ({"Content-Length": "4"}, 200),
        ({"Transfer-Encoding": "chunked"}, 200),
        ({}, 200),
        ({"Content-Length": "4", "Transfer-Encoding": "chunked"}, 400),
        ({"Content-Length": "4", "Transfer-Encoding": "identity"}, 400),
        ({"Content-Length": "3"}, 400),
        ({"Content-Length": "5"}, 400),
        ({"Content-Length": "+4"}, 400),
        ({"Content-Length": "4, 4"}, 400),
        ({"Content-Length": "0x4"}, 400),
    ],
)
def test_a_body_whose_length_is_declared_in_two_ways_or_wrongly(framing: dict[str, str], status: int) -> None:
    exchange = Exchange(blocks=[b"bo", b"dy"]).run("POST", "/a", {**signed("POST", "/a", b"body"), **framing})
    assert exchange.status == status
    if status == 400:
        assert exchange.app.scope is None
        assert (b"connection", b"close") in exchange.sent[0]["headers"]


def test_after_a_refusal_no_connection_waits_for_the_body_that_was_expected() -> None:
    headers = signed("POST", "/a", b"body")
    for expect in ({"Expect": "100-continue"}, {}):
        refused = Exchange().run("POST", "/b", {**headers, **expect, "X-Amz-Content-SHA256": "0" * 64})
        assert refused.status == 403
        assert ((b"connection", b"close") in refused.sent[0]["headers"]) == bool(expect)


@pytest.mark.parametrize(("root", "status"), [("/api", 400), ("/app", 200), ("/app/", 200), ("/ap", 400)])
def test_no_signature_for_another_application_opens_one_that_is_mounted(root: str, status: int) -> None:
    """``/api/../app/x`` leads to the application at ``/api``, and is signed as ``/app/x``."""
    target = f"{root}/../app/x"
    headers = signed("GET", "/app/x")
    sent = {"path": target, "root_path": root}
    assert Exchange(lenient=True).run("GET", target, headers, **sent).status == status
    assert Exchange().run("GET", target, headers, **sent).status == 400


def test_a_body_that_ends_after_the_time_of_its_head_is_neither_accepted_nor_a_way_to_repeat_it() -> None:
    now = [float(NOW) + 299]
    store = MemoryReplayStore(10, clock=lambda: now[0])
    headers = signed("POST", "/a", b"body")

    class Late(Exchange):
        async def receive(self) -> dict[str, Any]:
            now[0] = NOW + 305.0  # the head was in time
            return await super().receive()

    for _ in range(2):
        now[0] = NOW + 299.0
        exchange = Late(blocks=[b"body"], replay=store, clock=lambda: now[0])
        assert exchange.run("POST", "/a", headers).status == 403
        assert exchange.app.scope is None


def test_a_stream_that_trickles_is_ended_though_each_piece_comes_in_time() -> None:
    """Only the time to receive 64 KiB counts, not the time that the application takes for them."""
    data = bytes(200_000)
    headers, framed = upload_of(data, True, ())

    class Timed(Exchange):
        async def receive(self) -> dict[str, Any]:
            seconds[0] += 1
            for _ in range(3):  # so that the event loop looks at its timers
                await asyncio.sleep(0)
            return await super().receive()

    for size, status in ((70_000, 200), (1000, 408)):
        seconds = [0.0]
        blocks = [framed[at : at + size] for at in range(0, len(framed), size)]
        exchange = Timed("s3", blocks=blocks, body_seconds=30)
        loop = asyncio.new_event_loop()
        loop.time = lambda seconds=seconds: seconds[0]  # type: ignore[misc, method-assign]  # the loop's clock
        scope = {
            "type": "http", "http_version": "1.1", "method": "PUT", "path": "/a", "raw_path": b"/a",
            "query_string": b"", "headers": [(encoded(n).lower(), encoded(v)) for n, v in headers.items()],
        }  # fmt: skip
        try:
            loop.run_until_complete(exchange.middleware(scope, exchange.receive, exchange.send))
        finally:
            loop.close()
        assert exchange.status == status
