"""A clock that tests can move, to test expiry."""

from __future__ import annotations

from collections.abc import Callable
from time import time


class Clock:
    """Returns the epoch seconds of ``source`` plus ``ahead``, the sum of all moves."""

    def __init__(self, source: Callable[[], float] = time, ahead: float = 0.0) -> None:
        self._source = source
        self.ahead: float = ahead

    def __call__(self) -> float:
        return self._source() + self.ahead

    def move(self, seconds: float) -> None:
        """Moves the clock forward by ``seconds``; a negative number moves it back."""
        self.ahead += seconds

    def __repr__(self) -> str:
        return f"Clock(ahead={self.ahead:g})"
