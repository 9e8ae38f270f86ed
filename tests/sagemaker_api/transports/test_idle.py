"""The connections that are kept: as many as were used at once, up to a limit, and each for a limited time."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from sagemaker_api.transports.httpx import AsyncHttpxTransport, HttpxTransport
from sagemaker_api.transports.idle import LONGEST_IDLE_SECONDS, MOST_IDLE_CONNECTIONS, IdleConnections
from sagemaker_api.transports.stdlib import AsyncStdlibTransport, StdlibTransport
from sigv4 import Request
from sigv4.network.time_limits import TimeLimits
from tests.sagemaker_api.scripted import ScriptedServer, http

LIMITS = TimeLimits(30, 30, 60)


class Now:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_the_connection_that_was_used_last_is_taken_first() -> None:
    idle = IdleConnections(Now())
    assert idle.give_back("a") == idle.give_back("b") == idle.give_back("other", "key") == []
    assert [idle.take(), idle.take(), idle.take()] == ["b", "a", None]
    assert idle.take("key") == "other"
    assert len(idle) == 0


def test_no_more_are_kept_than_the_bound() -> None:
    idle = IdleConnections(Now())
    for number in range(MOST_IDLE_CONNECTIONS):
        assert idle.give_back(number) == []
    assert idle.give_back("one too many") == ["one too many"]
    assert len(idle) == MOST_IDLE_CONNECTIONS


def test_idle_connections_are_closed() -> None:
    now = Now()
    idle = IdleConnections(now)
    idle.give_back("old")
    now.seconds = LONGEST_IDLE_SECONDS + 1
    assert idle.take() is None
    assert idle.give_back("new") == ["old"]
    assert idle.take() == "new"


def test_after_the_end_nothing_is_kept() -> None:
    idle = IdleConnections(Now())
    idle.give_back("a")
    assert idle.close() == ["a"]
    assert idle.give_back("b") == ["b"]
    assert idle.take() is None


@pytest.mark.parametrize("transport_class", [HttpxTransport, StdlibTransport])
def test_threads_open_one_connection_each_at_most(transport_class: Any) -> None:
    threads = 24
    together = Barrier(threads, timeout=60)
    with ScriptedServer(http(200, "{}")) as server, transport_class(verify=False) as transport:
        request = Request("GET", f"{server.url}/", {"Host": "h"}, b"")

        def work() -> None:
            together.wait()
            for _ in range(5):
                transport.send(request, LIMITS)

        with ThreadPoolExecutor(threads) as pool:
            for each in [pool.submit(work) for _ in range(threads)]:
                each.result(60)
    assert len(server.requests) == 5 * threads
    assert server.connections <= threads


@pytest.mark.parametrize("transport_class", [AsyncHttpxTransport, AsyncStdlibTransport])
@pytest.mark.slow
def test_tasks_open_one_connection_each_at_most(transport_class: Any) -> None:
    tasks = 40

    async def main(url: str) -> None:
        request = Request("GET", f"{url}/", {"Host": "h"}, b"")

        async def work() -> None:
            for _ in range(5):
                await transport.send(request, LIMITS)

        async with transport_class(verify=False) as transport:
            await asyncio.gather(*[work() for _ in range(tasks)])

    with ScriptedServer(http(200, "{}")) as server:
        asyncio.run(main(server.url))
    assert len(server.requests) == 5 * tasks
    assert server.connections <= tasks


@pytest.mark.parametrize("at_once", [1, 20])
def test_the_callers_executor_says_how_many_run_at_once(at_once: int) -> None:
    arrived = Barrier(at_once, timeout=60)

    def when_all_are_there(connection: Any) -> None:
        arrived.wait()  # fails unless so many requests are in progress at the same time
        connection.sendall(http(200, "{}"))

    async def main(url: str, pool: ThreadPoolExecutor) -> None:
        request = Request("GET", f"{url}/", {"Host": "h"}, b"")
        async with AsyncStdlibTransport(verify=False, executor=pool) as transport:
            await asyncio.gather(*[transport.send(request, LIMITS) for _ in range(20)])

    with ThreadPoolExecutor(at_once) as pool, ScriptedServer(when_all_are_there) as server:
        asyncio.run(main(server.url, pool))
    assert len(server.requests) == 20
