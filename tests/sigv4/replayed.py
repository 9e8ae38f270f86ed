"""Helps the tests of replay stores."""

from __future__ import annotations

import asyncio
from typing import Any

from sigv4 import (
    Verifier,
)
from tests.sigv4.signed import CREDENTIALS, NOW


def verifier(store: Any, **options: Any) -> Verifier:
    options = {"clock": lambda: NOW} | options
    return Verifier("sagemaker", "us-east-1", lambda claim: CREDENTIALS, replay=store, **options)


class Client:
    """A client with the methods of ``redis.Redis`` that the store uses."""

    def __init__(self, later: bool = False) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.later = later

    def set(self, name: bytes, value: str, *, nx: bool, get: bool, ex: int) -> Any:
        answer = next((call[1] for call in self.calls if call[0] == name), None)
        self.calls.append((name, value, nx, get, ex))
        return self._later(answer) if self.later else answer

    async def _later(self, answer: str | None) -> str | None:
        await asyncio.sleep(0)
        return answer
