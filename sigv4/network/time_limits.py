"""The time limits of one exchange, and the clock that enforces them."""

from __future__ import annotations

import time

from ..record import Record


class TimeLimits(Record):
    """How long one exchange may take, in seconds: to connect, between two reads, in all; or ``inf``."""

    connect: float
    read: float
    total: float


class Clock:
    """Enforces the time limits of one exchange, from its creation on."""

    __slots__ = ("_ends", "limits")

    def __init__(self, limits: TimeLimits) -> None:
        self.limits: TimeLimits = limits
        self._ends = time.monotonic() + limits.total

    def at_most(self, timeout: float | None) -> float | None:
        """``timeout`` or the remaining time, the smaller of both; None if there is no limit.

        Raises TimeoutError if no time remains.
        """
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TimeoutError
        least = left if timeout is None else min(timeout, left)
        return None if least == float("inf") else least

    def is_over(self) -> bool:
        return time.monotonic() >= self._ends
