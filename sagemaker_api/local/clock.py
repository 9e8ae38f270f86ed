"""A clock that tests can move, to test expiry."""

from __future__ import annotations

from collections.abc import Callable
from time import time

from sigv4.errors import expect, is_number, repr_of

from ..errors import ConfigError

_FARTHEST = 1e10  # about 300 years


class Clock:
    """Returns the epoch seconds of ``source`` plus ``ahead``, the sum of all moves."""

    def __init__(self, source: Callable[[], float] = time, ahead: float = 0.0) -> None:
        self._source = source
        self.ahead: float = ahead

    def __call__(self) -> float:
        now = self._source()
        expect(is_number(now), "the result of clock", now, "epoch seconds", ConfigError)
        return now + self.ahead

    def move(self, seconds: float) -> None:
        """Moves the clock forward by ``seconds``; a negative number moves it back. Raises ConfigError."""
        if not isinstance(seconds, (int, float)) or not -_FARTHEST <= seconds <= _FARTHEST:  # NaN fails, too
            raise ConfigError(f"the move is {repr_of(seconds)[:40]}: expected seconds, at most {_FARTHEST:g}")
        self.ahead += seconds

    def __repr__(self) -> str:
        return f"Clock(ahead={self.ahead:g})"
