"""Timings that can be compared on a shared machine.

Every subject is timed in short turns, all of them in every round; a subject's figure is the median of its
rounds, and a ratio is the median of the ratios within a round, so that a slow moment affects both sides. The
time counted is this process's time on a processor, during which no other program runs there.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping, Sequence
from statistics import median, quantiles
from time import process_time


class Timings:
    """The measurements (seconds per call, bytes) by subject, each a list of rounds."""

    def __init__(self, rounds: Mapping[str, Sequence[float]]) -> None:
        self.rounds = rounds

    def median(self, name: str) -> float:
        return median(self.rounds[name])

    def ratio(self, name: str, against: str) -> float:
        return median(self._ratios(name, against))

    def spread(self, name: str, against: str) -> tuple[float, float]:
        """The quartiles of the ratios: half of the rounds lie between them."""
        low, _, high = quantiles(self._ratios(name, against), n=4)
        return low, high

    def _ratios(self, name: str, against: str) -> list[float]:
        return [a / b for a, b in zip(self.rounds[name], self.rounds[against], strict=True)]


def _seconds_of_a_call(call: Callable[[], object], turn: float, clock: Callable[[], float]) -> float:
    """The mean of at most 20 calls, or of fewer if they take the whole ``turn``."""
    start, spent, count = clock(), 0.0, 0
    while count == 0 or (count < 20 and spent < turn):
        call()
        count += 1
        spent = clock() - start
    return max(spent / count, 1e-9)


def measure(
    subjects: Mapping[str, Callable[[], object]],
    rounds: int = 25,
    turn: float = 0.02,
    clock: Callable[[], float] = process_time,
) -> Timings:
    """Time every subject in ``rounds`` rounds of about ``turn`` seconds each.

    Subjects that wait for another process need ``clock=perf_counter``.
    """
    counts = {}
    for name, call in subjects.items():
        call()
        counts[name] = max(1, int(turn / _seconds_of_a_call(call, turn, clock)))
    found: dict[str, list[float]] = {name: [] for name in subjects}
    gc.disable()
    try:
        for _ in range(rounds):
            for name, call in subjects.items():
                repeat = range(counts[name])
                start = clock()
                for _ in repeat:
                    call()
                found[name].append((clock() - start) / counts[name])
    finally:
        gc.enable()
    return Timings(found)
