"""The cost of policy checks and proxy for a WebSocket frame: ``python -m tests.benchmarks.websocket_frames``."""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from websockets.asyncio.client import unix_connect

from sagemaker_api.local import Policy

from ..sagemaker_api.local.behind import WebSockets, echo
from ..sagemaker_api.local.visitor import cookie_of, served, websocket_async

_FRAMES = 400
_SOCKETS = 50
_PAYLOAD = "x" * 500


async def round_trips(open_one: Callable[[], Any], sockets: int) -> list[float]:
    """The seconds from a frame to its echo, on several sockets at once, each with one frame at a time."""

    async def one() -> list[float]:
        times = []
        async with open_one() as connection:
            for _ in range(_FRAMES // (8 if sockets > 1 else 1)):
                began = time.perf_counter()
                await connection.send(_PAYLOAD)
                await connection.recv()
                times.append(time.perf_counter() - began)
        return times

    return [each for times in await asyncio.gather(*(one() for _ in range(sockets))) for each in times]


def _row(name: str, times: list[float], floor: float = 0.0) -> float:
    middle = statistics.median(times)
    worst = sorted(times)[int(len(times) * 0.99)]
    added = f"  added per frame {(middle - floor) / 2 * 1e6:6.0f} µs" if floor else ""
    sys.stdout.write(f"{name:44} median {middle * 1e6:7.0f} µs  99 % {worst * 1e6:7.0f} µs{added}\n")
    return middle


def main() -> int:
    with tempfile.TemporaryDirectory() as directory:
        behind = WebSockets(Path(directory, "s"), echo)
        allow = {"Effect": "Allow", "Action": "sagemaker:*", "Resource": "*"}
        within = allow | {"Condition": {"IpAddress": {"aws:SourceIp": ["192.0.2.0/24", "127.0.0.0/8"]}}}
        policies = [Policy.parse({"Version": "2012-10-17", "Statement": [within]}, "benchmark")]
        with behind, served(behind) as local:
            for sockets in (1, _SOCKETS):
                direct = asyncio.run(
                    round_trips(partial(unix_connect, behind.path, compression=None), sockets)
                )
                sys.stdout.write(
                    f"{sockets} socket{'s' if sockets > 1 else ''}, round trip of a frame and its echo\n"
                )
                floor = _row("  straight to the server behind", direct)
                for name, held in (("without policies", None), ("with an IP policy", policies)):
                    local.set_policies(held)
                    cookie = cookie_of(local)
                    times = asyncio.run(round_trips(partial(websocket_async, local, cookie), sockets))
                    _row(f"  through the local SageMaker, {name}", times, floor)
    return 0


if __name__ == "__main__":
    sys.exit(main())
