"""How long one exchange may take, and the clock that runs meanwhile."""

from __future__ import annotations

import time

from ..record import Record


class TimeLimits(Record):
    """How long one exchange may take, in seconds: to connect, between two reads, in all; or ``inf``."""

    connect: float
    read: float
    total: float


class Clock:
    """The time limits of one exchange, running."""

    __slots__ = ("_ends", "limits")

    def __init__(self, limits: TimeLimits) -> None:
        self.limits: TimeLimits = limits
        self._ends = time.monotonic() + limits.total

    def at_most(self, timeout: float | None) -> float | None:
        """``timeout``, or what is left where that is less, None without any limit.

        Raises TimeoutError where nothing is left.
        """
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TimeoutError
        least = left if timeout is None else min(timeout, left)
        return None if least == float("inf") else least

    def is_over(self) -> bool:
        return time.monotonic() >= self._ends
