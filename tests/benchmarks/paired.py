"""Timings that can be compared on a machine that others use too.

Every subject is timed in short turns, all of them in every round; a subject's figure is the median of its
rounds, and a ratio is the median of the ratios within a round, so that a slow moment hits both sides.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from statistics import median
from time import perf_counter


class Timings:
    """Seconds a call by subject, a list of rounds each."""

    def __init__(self, rounds: Mapping[str, list[float]]) -> None:
        self.rounds = rounds

    def seconds(self, name: str) -> float:
        return median(self.rounds[name])

    def ratio(self, name: str, against: str) -> float:
        return median(a / b for a, b in zip(self.rounds[name], self.rounds[against], strict=True))


def measure(subjects: Mapping[str, Callable[[], object]], rounds: int = 25, turn: float = 0.02) -> Timings:
    """Time every subject in ``rounds`` rounds of about ``turn`` seconds each."""
    counts = {}
    for name, call in subjects.items():
        call()
        start = perf_counter()
        for _ in range(20):
            call()
        counts[name] = max(1, int(turn / ((perf_counter() - start) / 20)))
    found: dict[str, list[float]] = {name: [] for name in subjects}
    gc.disable()
    try:
        for _ in range(rounds):
            for name, call in subjects.items():
                repeat = range(counts[name])
                start = perf_counter()
                for _ in repeat:
                    call()
                found[name].append((perf_counter() - start) / counts[name])
    finally:
        gc.enable()
    return Timings(found)
