"""One line of the table: what was measured, against what, the ratio, the budget."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    name: str
    what: str
    ours: str
    against: str
    ratio: float
    budget: float
    unit: str = "x"
    at_least: bool = False  # the budget is a floor: a throughput, not a time

    @property
    def met(self) -> bool:
        return self.ratio >= self.budget if self.at_least else self.ratio <= self.budget

    def __str__(self) -> str:
        verdict = "met" if self.met else "MISSED"
        return (
            f"{self.name}  {self.what:<34} {self.ours:>10}  against {self.against:<34} "
            f"{self.ratio:5.2f}{self.unit}  budget {self.budget:4.2f}{self.unit}  {verdict}"
        )
