"""A clock that can be moved by hand, for tests of what ends."""

from __future__ import annotations

from collections.abc import Callable
from time import time


class Clock:
    """Epoch seconds: those of ``source``, moved by what ``move`` was given. ``ahead`` is the sum of that."""

    def __init__(self, source: Callable[[], float] = time, ahead: float = 0.0) -> None:
        self._source = source
        self.ahead: float = ahead

    def __call__(self) -> float:
        return self._source() + self.ahead

    def move(self, seconds: float) -> None:
        """Let ``seconds`` pass at once; a negative number turns the clock back."""
        self.ahead += seconds

    def __repr__(self) -> str:
        return f"Clock(ahead={self.ahead:g})"
