"""Looks for leaks: ``python -m tests.sagemaker_api.local.soak [MINUTES]``, by default 3.

Visitors come and go without a pause: they request and open URLs, read pages, open and use WebSockets, which either
side or a policy ends. Every ten seconds it prints the memory and the open files of the process; it exits with 1 if
these grew in the second half by more than a tenth (and by 4 MiB, or 5 files).
"""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import tempfile
import time
from pathlib import Path

import httpx
from websockets.exceptions import WebSocketException

from sagemaker_api.errors import SageMakerError
from sagemaker_api.local import LocalSageMaker

from .behind import WebSockets, echo
from .visitor import cookie_of, served, websocket_async

VISITORS = 20


async def visitor(local: LocalSageMaker, number: int, ends: float, done: list[int]) -> None:
    while time.monotonic() < ends:
        try:
            cookie = await asyncio.to_thread(cookie_of, local)
            async with websocket_async(local, cookie) as connection:
                for _ in range(20):
                    await connection.send("x" * 1000)
                    await connection.recv()
                if number % 4 == 0:
                    connection.transport.abort()
                elif number % 4 == 1:
                    await asyncio.to_thread(httpx.get, f"{local.url}/sign-in")
                elif number % 4 == 2:
                    local.set_policies([])
                    await asyncio.wait_for(connection.wait_closed(), 10)
        except (  # noqa: PERF203 (a visitor whose session ends begins again)
            WebSocketException,
            SageMakerError,
            AssertionError,
            OSError,
            httpx.HTTPError,
            asyncio.TimeoutError,
        ):
            await asyncio.sleep(0.01)  # another visitor has removed the policies
        finally:
            local.set_policies(None)
            done[0] += 1


def resident() -> int:
    gc.collect()
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0


async def watch(ends: float, done: list[int]) -> list[tuple[int, int]]:
    rows = []
    while time.monotonic() < ends:
        await asyncio.sleep(10)
        row = resident(), len(os.listdir("/proc/self/fd"))
        rows.append(row)
        sys.stdout.write(f"{done[0]:8} visits  {row[0] / 2**20:7.1f} MiB  {row[1]:4} open files\n")
    return rows


async def soak(local: LocalSageMaker, minutes: float) -> bool:
    ends = time.monotonic() + 60 * minutes  # not a test: it ends by the clock, after the MINUTES it was given
    done = [0]
    visitors = [asyncio.ensure_future(visitor(local, n, ends, done)) for n in range(VISITORS)]
    rows = await watch(ends, done)
    await asyncio.gather(*visitors)
    half = rows[len(rows) // 2 - 1] if len(rows) > 1 else rows[0]
    memory = rows[-1][0] - half[0]
    files = min(row[1] for row in rows[len(rows) // 2 :]) - min(row[1] for row in rows[: len(rows) // 2])
    sys.stdout.write(
        f"second half: {memory / 2**20:+.1f} MiB, {files:+} open files at the lowest; {done[0]} visits\n"
    )
    return memory < max(4 * 2**20, half[0] / 10) and files <= 5


def main() -> int:
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 3.0
    with tempfile.TemporaryDirectory() as directory:
        behind = WebSockets(Path(directory, "s"), echo)
        with behind, served(behind) as local:
            fine = asyncio.run(soak(local, minutes))
            time.sleep(1)
            sys.stdout.write(f"at the end {len(behind.connections)} WebSockets are open behind\n")
            return 0 if fine and not behind.connections else 1


if __name__ == "__main__":
    sys.exit(main())
