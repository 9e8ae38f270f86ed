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

    @property
    def met(self) -> bool:
        return self.ratio <= self.budget

    def __str__(self) -> str:
        verdict = "met" if self.met else "MISSED"
        return (
            f"{self.name}  {self.what:<34} {self.ours:>10}  against {self.against:<34} "
            f"{self.ratio:5.2f}x  budget {self.budget:4.2f}x  {verdict}"
        )
