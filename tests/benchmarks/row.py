"""One line of the table: the subject, what it is compared with, the ratio, the budget."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .paired import Timings

MARKDOWN_HEAD = (
    "| | what | ours | against | ratio | half of the rounds | budget | |\n|---|---|---|---|---|---|---|---|"
)


@dataclass(frozen=True)
class Row:
    name: str
    what: str
    ours: str
    against: str
    ratio: float
    budget: float | None  # None: the row has no budget
    unit: str = "x"
    at_least: bool = False  # the budget is a lower bound: a throughput, not a time
    spread: tuple[float, float] | None = None  # the quartiles of the ratio

    @property
    def met(self) -> bool:
        return self.is_within(1)

    def is_within(self, tolerance: float) -> bool:
        """Whether the budget is met, or missed by no more than this factor."""
        if self.budget is None:
            return True
        return (
            self.ratio * tolerance >= self.budget if self.at_least else self.ratio <= self.budget * tolerance
        )

    def __str__(self) -> str:
        return (
            f"{self.name:<7}{self.what:<34} {self.ours:>10}  against {self.against:<34} "
            f"{self._figure(self.ratio):>8} {self._quartiles():<13} "
            f"budget {self._bound():>8}  {self._verdict()}"
        ).rstrip()

    def markdown(self) -> str:
        cells = (
            self.name,
            self.what,
            self.ours,
            self.against,
            self._figure(self.ratio),
            self._quartiles(),
            self._bound(),
            self._verdict(),
        )
        return f"| {' | '.join(cells)} |"

    def _figure(self, value: float) -> str:
        return f"{value:.2f}{self.unit}"

    def _quartiles(self) -> str:
        return f"{self.spread[0]:.2f}–{self.spread[1]:.2f}" if self.spread else ""

    def _bound(self) -> str:
        return (
            "none" if self.budget is None else f"{'≥' if self.at_least else '≤'} {self._figure(self.budget)}"
        )

    def _verdict(self) -> str:
        return "" if self.budget is None else "met" if self.met else "MISSED"


_SCALES: dict[str, float] = {"µs": 1e6, "ms": 1e3, "MiB": 1 / (1 << 20)}


def compared(
    name: str,
    what: str,
    timings: Timings,
    ours: str,
    against: str,
    budget: float | None,
    unit: Literal["µs", "ms", "MiB"] = "µs",
) -> Row:
    """The row that compares two subjects of ``timings``, with their medians in ``unit``."""
    mine, other = (f"{timings.median(subject) * _SCALES[unit]:.1f} {unit}" for subject in (ours, against))
    return Row(
        name,
        what,
        mine,
        f"{against} {other}",
        timings.ratio(ours, against),
        budget,
        spread=timings.spread(ours, against),
    )
