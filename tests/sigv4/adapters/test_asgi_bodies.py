"""The bodies that a server receives: their lengths, their limits, and how they are read."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from sigv4 import VerificationError
from sigv4.adapters.asgi_bodies import (
    Body,
    BodyLimits,
    Pieces,
    Started,
    TimeLimit,
    check_framing,
    check_length,
    check_received,
    too_large,
)
from sigv4.streaming.event_stream import EventVerifier


@pytest.mark.parametrize(
    ("length", "received", "good"),
    [(None, 5, True), ("", 5, False), ("5", 5, True), ("05", 5, True), ("5", 4, False), ("x", 5, False), ("-5", 5, False), ("²", 5, False), ("5x", 5, False), ("1_0", 10, False), ("0" * 15 + "5", 5, True), ("9" * 5000, 5, False)],
)  # fmt: skip
def test_the_length_that_was_declared_is_the_one_received(
    length: str | None, received: int, good: bool
) -> None:
    if good:
        check_received(length, received)
    else:
        with pytest.raises(VerificationError) as refused:
            check_received(length, received)
        assert (refused.value.stage, refused.value.code, refused.value.status) == (
            "BODY",
            "IncompleteBody",
            400,
        )


@pytest.mark.parametrize(
    ("length", "good"),
    [
        ("", True),
        ("10", True),
        ("11", False),
        ("x", True),
        ("0" * 15, True),
        ("0" * 16, True),
        ("9" * 30, False),
    ],
)
def test_too_large_a_length_is_refused_unread(length: str, good: bool) -> None:
    if good:
        check_length(length, 10)
    else:
        with pytest.raises(VerificationError, match="of 10 bytes") as refused:
            check_length(length, 10)
        assert (refused.value.stage, refused.value.code, refused.value.status) == (
            "BODY",
            "EntityTooLarge",
            413,
        )
    assert too_large(10).status == 413


def test_two_lengths_are_refused() -> None:
    for lines in (
        {},
        {"transfer-encoding": "chunked"},
        {"content-length": "5"},
    ):
        check_framing(lines)
    for length in ("5", ""):
        with pytest.raises(VerificationError) as refused:
            check_framing({"transfer-encoding": "chunked", "content-length": length})
    assert (refused.value.stage, refused.value.code, refused.value.status) == ("BODY", "BadRequest", 400)


def body(limits: BodyLimits, *messages: dict[str, Any], waits: bool = False) -> Body:
    left = list(messages)

    async def receive() -> dict[str, Any]:
        if waits:
            await asyncio.sleep(0)
        return left.pop(0)

    return Body(receive, limits)


def block(data: bytes, more: bool = False) -> dict[str, Any]:
    return {"type": "http.request", "body": data, "more_body": more}


@pytest.mark.parametrize("waits", [True, False])
def test_a_whole_body_is_counted_until_it_is_passed_on(waits: bool) -> None:
    limits = BodyLimits(10, 100, 60.0)
    found = body(
        limits,
        block(b"1234", True),
        {"type": "http.request", "more_body": True},
        {"type": "http.request", "body": b"567890"},
        {"type": "http.disconnect"},
        waits=waits,
    )

    async def read() -> None:
        assert found.ready() is None
        assert await found.rest() == b"1234567890"
        assert limits.held == 10
        assert await found.receive() == {"type": "http.request", "body": b"1234567890", "more_body": False}
        assert limits.held == 0
        assert await found.receive() == {"type": "http.disconnect"}

    asyncio.run(read())


def test_a_body_that_came_with_its_head_needs_no_timer() -> None:
    limits = BodyLimits(4, 100, 60.0)
    whole = body(limits, {"type": "http.request"}, block(b"x"))
    assert whole.ready() == b""
    assert body(limits, block(b"1234")).ready() == b"1234"
    assert limits.held == 4
    with pytest.raises(VerificationError) as refused:
        body(limits, block(b"12345")).ready()
    assert refused.value.status == 413
    gone = body(limits, {"type": "http.disconnect"})
    assert gone.ready() is None
    assert asyncio.run(gone.rest()) is None


@pytest.mark.parametrize(("sizes", "status"), [((5, 5), None), ((5, 6), 413), ((11,), 413)])
def test_a_body_is_refused_as_soon_as_it_is_too_large(sizes: tuple[int, ...], status: int | None) -> None:
    limits = BodyLimits(10, 100, 60.0)
    found = body(limits, *(block(b"x" * size, True) for size in sizes), block(b""))

    async def read() -> bytes | None:
        found.ready()
        return await found.rest()

    if status is None:
        assert asyncio.run(read()) == b"x" * sum(sizes)
    else:
        with pytest.raises(VerificationError) as refused:
            asyncio.run(read())
        assert refused.value.status == status


def test_all_bodies_together_have_a_limit() -> None:
    limits = BodyLimits(100, 10, 60.0)
    first, second = body(limits), body(limits)
    first.set(6)
    first.set(5)
    second.set(5)
    assert limits.held == 10
    with pytest.raises(VerificationError) as refused:
        second.set(6)
    assert (refused.value.stage, refused.value.code, refused.value.status) == ("BODY", "SlowDown", 503)
    assert limits.held == 5
    first.release()
    first.release()
    assert limits.held == 0


def test_a_wait_is_cancelled_when_its_time_is_over() -> None:
    async def wait() -> None:
        with TimeLimit(0.0):
            await asyncio.Event().wait()

    with pytest.raises(VerificationError) as refused:
        asyncio.run(wait())
    # With the stage BODY the answer closes the connection.
    assert (refused.value.stage, refused.value.code, refused.value.status) == ("BODY", "RequestTimeout", 408)

    async def cancelled() -> None:
        async def inner() -> None:
            with TimeLimit(3600.0):
                await asyncio.Event().wait()

        task = asyncio.ensure_future(inner())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())
    with TimeLimit(0.0) as nothing:  # without asyncio there is no time limit
        assert nothing is None


@pytest.mark.parametrize("is_event_stream", [False, True])
def test_each_64_kib_of_a_stream_has_the_whole_time(is_event_stream: bool) -> None:
    verifier: Any = object.__new__(EventVerifier) if is_event_stream else None
    sizes = (65535, 1, 0, 70000)

    async def read() -> list[tuple[bool, int]]:
        messages = [block(bytes(size), True) for size in sizes]
        pieces = Pieces(body(BodyLimits(0, 0, 60.0), *messages, waits=True), verifier, True)
        found = []
        for size in sizes:
            message = await pieces._received()
            assert len(message["body"]) == size
            found.append((pieces._seconds == 60.0, pieces._bytes))
        return found

    restarted = (True, 0)
    expected = [restarted] * 4 if is_event_stream else [(False, 65535), restarted, (False, 0), restarted]
    assert asyncio.run(read()) == expected


def test_a_started_awaitable_continues() -> None:
    async def steps() -> dict[str, Any]:
        try:
            await asyncio.sleep(0)
        except ValueError:
            return {"type": "thrown"}
        return {"type": "came"}

    async def whole(error: Exception | None) -> Any:
        given = steps().__await__()
        started = Started(given, next(given), None)
        if error is None:
            return await started
        waiting = started.__await__()
        next(waiting)
        try:
            waiting.throw(error)
        except StopIteration as end:
            return end.value
        return None

    assert asyncio.run(whole(None)) == {"type": "came"}
    assert asyncio.run(whole(ValueError())) == {"type": "thrown"}

    class Bare:
        """An iterator like granian's, without ``send`` and ``throw``."""

        def __next__(self) -> None:
            raise StopIteration({"type": "bare"})

    async def bare() -> Any:
        return await Started(Bare(), None, None)

    assert asyncio.run(bare()) == {"type": "bare"}
    waiting = Started(Bare(), None, None).__await__()
    next(waiting)
    with pytest.raises(KeyError):
        waiting.throw(KeyError())
