"""Closes clients and transports in each way, and counts how often something was closed."""

from __future__ import annotations

import asyncio
from typing import Any


class Closable:
    """Counts in ``closed`` how often it was closed, by either method."""

    def __init__(self) -> None:
        self.closed = 0

    def close(self) -> None:
        self.closed += 1

    async def aclose(self) -> None:
        self.closed += 1

    def send(self, *_: Any) -> Any:
        """What a transport must have; it is not called."""


def end_block(opened: Any) -> None:
    """Enters and leaves a with block of ``opened``; an async with block if it has ``aclose``."""

    async def leave() -> None:
        async with opened as entered:
            assert entered is opened

    if hasattr(opened, "aclose"):
        asyncio.run(leave())
    else:
        with opened as entered:
            assert entered is opened


def close(opened: Any) -> None:
    """Calls ``close``; if there is an ``aclose``, awaits that."""
    if hasattr(opened, "aclose"):
        asyncio.run(opened.aclose())
    else:
        opened.close()
