"""Replay stores that are awaited, block or do not answer."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from sigv4 import (
    MemoryReplayStore,
    RedisReplayStore,
    SigningError,
    VerificationError,
)
from sigv4.replay import StoreUnavailable, ask
from tests.sigv4.replayed import Client, verifier
from tests.sigv4.signed import BODY, NOW, sign


def test_a_store_that_is_awaited_is_for_averify() -> None:
    store = RedisReplayStore(Client(later=True))
    headers = sign()
    asyncio.run(verifier(store).averify("POST", "/", headers, BODY))
    with pytest.raises(VerificationError, match="received before"):
        asyncio.run(verifier(store).averify("POST", "/", headers, BODY))
    asyncio.run(verifier(RedisReplayStore(Client())).averify("POST", "/", headers, BODY))


@pytest.mark.filterwarnings("error")
def test_a_store_that_is_awaited_is_named_under_verify() -> None:
    """There is no warning about the answer, which nobody awaits."""

    class Awaited:
        async def first_use(self, key: bytes, until: float) -> bool:
            return True

    class Bare:
        def first_use(self, key: bytes, until: float) -> Any:
            return self

        def __await__(self) -> Any:
            yield

    class Future(Client):
        def set(self, name: bytes, value: str, **options: Any) -> Any:
            return Bare()

    for store in (RedisReplayStore(Client(later=True)), RedisReplayStore(Future()), Awaited(), Bare()):
        with pytest.raises(SigningError, match="use averify"):
            verifier(store).verify("POST", "/", sign(), BODY)


def test_a_store_that_fails_does_not_accept_requests() -> None:
    class Down:
        def first_use(self, key: bytes, until: float) -> bool:
            raise ConnectionError("no server")

    with pytest.raises(ConnectionError):
        verifier(Down()).verify("POST", "/", sign(), BODY)


def test_a_store_that_blocks_is_asked_in_a_thread_under_averify() -> None:
    threads: list[str] = []

    class Blocking:
        def first_use(self, key: bytes, until: float) -> bool:
            threads.append(threading.current_thread().name)
            return True

    class Awaited:
        async def first_use(self, key: bytes, until: float) -> bool:
            threads.append(threading.current_thread().name)
            return True

    for store in (Blocking(), Awaited(), MemoryReplayStore(10, clock=lambda: NOW)):
        asyncio.run(verifier(store).averify("POST", "/", sign(), BODY))
    assert threads[0] != threading.current_thread().name
    assert threads[1:] == [threading.current_thread().name]


def test_no_thread_is_taken_for_a_store_that_is_awaited_or_does_not_block() -> None:
    class NoThreads(ThreadPoolExecutor):
        def submit(self, *_: Any, **__: Any) -> Any:
            raise AssertionError("a thread was asked for")

    class Awaited:
        async def first_use(self, key: bytes, until: float) -> bool:
            return key == b"k"

    class Blocking:
        def first_use(self, key: bytes, until: float) -> bool:
            return True

    async def asked(store: Any) -> bool:
        asyncio.get_running_loop().set_default_executor(NoThreads())
        return await ask(store, b"k", 7)

    assert asyncio.run(asked(Awaited()))
    assert asyncio.run(asked(MemoryReplayStore(10, clock=lambda: 0)))
    with pytest.raises(AssertionError, match="a thread was asked for"):
        asyncio.run(asked(Blocking()))


def test_without_asyncio_a_store_is_called_directly() -> None:
    class Store:
        def first_use(self, key: bytes, until: float) -> bool:
            return True

    with pytest.raises(StopIteration) as ended:
        ask(Store(), b"k", 1).send(None)
    assert ended.value.value is True


def test_a_store_that_does_not_answer_in_time_is_unavailable() -> None:
    released = threading.Event()

    class Slow:
        timeout = 0.01

        def first_use(self, key: bytes, until: float) -> bool:
            return released.wait(60)

    async def run() -> None:
        try:
            await verifier(Slow()).averify("POST", "/", sign(), BODY)
        finally:
            released.set()

    with pytest.raises(StoreUnavailable, match=r"^the replay store did not answer in time$"):
        asyncio.run(run())


def test_a_store_is_asked_with_the_key_and_its_end_wherever_it_runs() -> None:
    asked: list[tuple[bytes, float, str]] = []

    class Blocking:
        blocking = True

        def first_use(self, key: bytes, until: float) -> bool:
            asked.append((key, until, threading.current_thread().name))
            return True

    class Quick(Blocking):
        blocking = False

    class Callable_(Blocking):
        first_use: Any = staticmethod(type("F", (), {"__call__": lambda self, key, until: True})())

    async def run() -> None:
        for store in (Blocking(), Quick(), Callable_()):
            assert await ask(store, b"k", 7)

    asyncio.run(run())
    with pytest.raises(StopIteration):
        ask(Blocking(), b"k", 7).send(None)
    here = threading.current_thread().name
    assert [each[:2] for each in asked] == [(b"k", 7)] * 3
    assert [each[2] == here for each in asked] == [False, True, True]
