"""Scale: how long a task that does not use the replay store waits while its Redis server is paused."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import time
from collections.abc import Iterator
from importlib.util import find_spec
from tempfile import TemporaryDirectory
from typing import Any

from sigv4 import RedisReplayStore
from sigv4.replay import StoreUnavailable, ask
from tests.ports import free_port
from tests.redis_servers import SERVER, command

from .row import Row

_SECONDS = 2.0


def paused() -> Iterator[Row]:
    if SERVER is None or not find_spec("redis"):
        return
    port = free_port()
    with (
        TemporaryDirectory() as folder,
        subprocess.Popen(command(SERVER, port, folder), stdout=subprocess.DEVNULL) as server,
    ):
        try:
            for name in ("asyncio client", "synchronous client"):
                waited = asyncio.run(_longest_wait(server, port, name))
                yield Row(
                    "Scale", f"Redis paused: another task, {name}", f"{waited * 1e3:.0f} ms",
                    f"the pause {_SECONDS:g} s", waited / _SECONDS, 0.25,
                )  # fmt: skip
        finally:
            server.send_signal(signal.SIGCONT)
            server.kill()


async def _longest_wait(server: subprocess.Popen[bytes], port: int, name: str) -> float:
    """How late a task that only sleeps woke up at most, while requests arrived and the server was paused."""
    import redis
    import redis.asyncio

    given: Any = redis.asyncio.Redis(port=port) if name == "asyncio client" else redis.Redis(port=port)
    store = RedisReplayStore(given, timeout=0.5, report=lambda message: None)
    while not await _asked(store, 0):
        await asyncio.sleep(0.05)
    longest = 0.0
    server.send_signal(signal.SIGSTOP)
    asking = asyncio.ensure_future(_requests(store))
    try:
        ends = time.perf_counter() + _SECONDS
        while time.perf_counter() < ends:
            before = time.perf_counter()
            await asyncio.sleep(0.01)
            longest = max(longest, time.perf_counter() - before - 0.01)
    finally:
        server.send_signal(signal.SIGCONT)
        await asking
        closed = given.aclose() if hasattr(given, "aclose") else given.close()
        if closed is not None:
            await closed
    return longest


async def _requests(store: RedisReplayStore) -> None:
    for number in range(1, 4):
        await asyncio.gather(*[_asked(store, 100 * number + each) for each in range(20)])


async def _asked(store: RedisReplayStore, number: int) -> bool:
    try:
        return await ask(store, b"%d" % number, time.time() + 60) or True
    except StoreUnavailable:
        return False
