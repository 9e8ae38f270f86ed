"""Attacks the middleware with hostile and slow bodies."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from sigv4 import MemoryReplayStore, Signer, VerificationError, Verifier
from sigv4.adapters.asgi import SigV4Middleware
from sigv4.adapters.asgi_bodies import TimeLimit
from sigv4.error_responses import S3_XML
from tests.attacks.exchanges import HOST, App, Exchange, scope_of, signed
from tests.sigv4.signed import NOW, TEMPORARY


@pytest.mark.parametrize("headers", [{"Host": HOST}, {}, {"Host": HOST, "Authorization": "Bearer x"}])
def test_the_body_of_an_unsigned_request_is_not_read(headers: dict[str, str]) -> None:
    exchange = Exchange(blocks=[b"x" * 1000] * 1000).run("POST", "/a", headers)
    assert exchange.received == 0
    assert exchange.status in (400, 403)


def test_the_body_of_a_request_whose_declared_hash_is_not_signed_is_not_read() -> None:
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


def test_a_body_with_too_large_a_declared_length_is_not_read() -> None:
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


def test_all_bodies_together_are_limited() -> None:
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

            await middleware(scope_of("POST", "/a", headers), receive, send)

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
def test_a_body_that_stalls_is_refused_with_408(stream: bool) -> None:
    if stream:
        upload = Signer("s3", "us-east-1", TEMPORARY).stream("PUT", f"https://{HOST}/a", length=4, at=NOW)
        headers, first = upload.headers, b"".join(upload.encode(b"body"))[:90]
    else:
        headers, first = signed("PUT", "/a", b"body", "s3"), b"bo"
    exchange = Stalled("s3", blocks=[first], body_seconds=0.01, style=S3_XML).run("PUT", "/a", headers)
    assert exchange.status == 408
    assert b"<Code>RequestTimeout</Code>" in exchange.sent[1]["body"]
    assert exchange.middleware._limits.held == 0


def test_a_time_limit_does_not_change_other_cancellations() -> None:
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
    with limit:  # without an event loop there is no clock
        pass


class Slow(Exchange):
    """A client whose first block comes only after some steps of the event loop."""

    async def receive(self) -> dict[str, Any]:
        for _ in range(3):
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


def test_a_cancellation_by_the_server_at_the_moment_of_the_time_limit_takes_effect() -> None:
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
        ({"Content-Length": " "}, 400),
        ({"Content-Length": " ", "Transfer-Encoding": "chunked"}, 400),
        ({"Content-Length": "4", "Transfer-Encoding": ""}, 400),
    ],
)
def test_a_body_whose_length_is_declared_in_two_ways_or_wrongly(framing: dict[str, str], status: int) -> None:
    exchange = Exchange(blocks=[b"bo", b"dy"]).run("POST", "/a", {**signed("POST", "/a", b"body"), **framing})
    assert exchange.status == status
    if status == 400:
        assert exchange.app.scope is None
        assert (b"connection", b"close") in exchange.sent[0]["headers"]


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ([("X-A", "\x01")], 400),
        ([(f"a{number}", "b") for number in range(2000)], 431),
        ([("Host", "other.example")], 400),
        ([("Authorization", "Bearer x")], 400),
        ([("X-Amz-Date", "20150830T000000Z")], 400),
    ],
)
def test_the_connection_of_a_request_that_is_framed_twice_is_closed(
    more: list[tuple[str, str]], status: int
) -> None:
    framing = [("Content-Length", "4"), ("Transfer-Encoding", "chunked")]
    headers = [*signed("POST", "/a", b"body").items(), *framing, *more]
    exchange = Exchange().run("POST", "/a", headers)
    assert exchange.status == status
    assert (b"connection", b"close") in exchange.sent[0]["headers"]


def test_no_connection_waits_for_an_expected_body_after_a_refusal() -> None:
    headers = signed("POST", "/a", b"body")
    for expect in ({"Expect": "100-continue"}, {}):
        refused = Exchange().run("POST", "/b", {**headers, **expect, "X-Amz-Content-SHA256": "0" * 64})
        assert refused.status == 403
        assert ((b"connection", b"close") in refused.sent[0]["headers"]) == bool(expect)


def test_a_body_that_ends_after_the_request_expired_is_refused_each_time() -> None:
    now = [float(NOW) + 299]
    store = MemoryReplayStore(10, clock=lambda: now[0])
    headers = signed("POST", "/a", b"body")

    class Late(Exchange):
        async def receive(self) -> dict[str, Any]:
            now[0] = NOW + 305.0  # the head arrived in time, the body too late
            return await super().receive()

    for _ in range(2):
        now[0] = NOW + 299.0
        exchange = Late(blocks=[b"body"], replay=store, clock=lambda: now[0])
        assert exchange.run("POST", "/a", headers).status == 403
        assert exchange.app.scope is None


def test_the_checks_that_a_subclass_of_verifier_adds_are_made() -> None:
    class Stricter(Verifier):
        async def averify_head(self, *given: Any) -> Any:
            raise VerificationError("VERIFY-14", "AccessDenied", "not today")

    exchange = Exchange()
    stricter = Stricter("execute-api", "us-east-1", lambda claim: TEMPORARY, clock=lambda: NOW)
    exchange.middleware = SigV4Middleware(exchange.app, stricter)
    assert exchange.run("GET", "/a", signed("GET", "/a")).status == 403
    assert exchange.app.scope is None
