"""Possible mistakes in a signature, as changes to its ``Draft``; one family per file."""

from __future__ import annotations

from ...record import Record
from .headers import USUAL_VALUES, cause_of_header, header_hypotheses, method_hypotheses, name_hypotheses
from .hosts import host_hypotheses
from .hypothesis import Evidence, Hypothesis
from .key import key_hypotheses
from .payload import payload_hypotheses
from .query import query_hypotheses
from .target import path_hypotheses
from .text import form_hypotheses, scope_hypotheses, text_hypotheses, time_hypotheses

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ..signature_inputs import Draft

    Family = Callable[[Evidence, Draft], Iterable[Hypothesis]]

__all__ = [
    "MOST_HEADERS",
    "MOST_HEADERS_FOR_PAIRS",
    "USUAL_VALUES",
    "Evidence",
    "Hypothesis",
    "Pairs",
    "cause_of_header",
    "pairs",
    "readings",
    "singles",
]

# The search time grows with the square of the number of signed headers, for pairs with the cube. Above these
# numbers nothing is tried. Servers accept some hundred headers at most.
MOST_HEADERS, MOST_HEADERS_FOR_PAIRS = 300, 40

# In the order of the canonical request. If two hypotheses give the same text, the first one counts.
_FAMILIES: tuple[Family, ...] = (
    method_hypotheses,
    path_hypotheses,
    query_hypotheses,
    host_hypotheses,
    header_hypotheses,
    name_hypotheses,
    payload_hypotheses,
    form_hypotheses,
    time_hypotheses,
    scope_hypotheses,
    text_hypotheses,
    key_hypotheses,
)


# In these families a second hypothesis would undo the first.
_ONE_AT_A_TIME: tuple[Family, ...] = (method_hypotheses, time_hypotheses, key_hypotheses)


def singles(evidence: Evidence, draft: Draft) -> list[Hypothesis]:
    """Every hypothesis that changes the draft, each change once; none for more than MOST_HEADERS headers."""
    if len(draft.headers) > MOST_HEADERS:
        return []
    return [hypothesis for family in _FAMILIES for hypothesis in _of(family, evidence, draft)]


def readings(evidence: Evidence, draft: Draft) -> list[Hypothesis]:
    """Every hypothesis of the path and of the query: these may be read in another way."""
    return [each for family in (path_hypotheses, query_hypotheses) for each in _of(family, evidence, draft)]


class Pairs(Record):
    """A first hypothesis, the draft that it makes, and every second one to try with it.

    ``left`` is about how many pairs come after these.
    """

    first: Hypothesis
    draft: Draft
    seconds: list[Hypothesis]
    left: int


def pairs(evidence: Evidence, draft: Draft) -> Iterator[Pairs]:
    """Every two hypotheses together.

    A second hypothesis of the same family is made from the changed draft. Those of later families change
    other parts and are made once. Nothing is yielded for many headers, since the search would be long.
    """
    if len(draft.headers) > MOST_HEADERS_FOR_PAIRS:
        return
    drawn = [_of(family, evidence, draft) for family in _FAMILIES]
    sizes = [len(hypotheses) for hypotheses in drawn]
    left = sum(size * sum(sizes[place:]) for place, size in enumerate(sizes))
    for place, family in enumerate(_FAMILIES):
        later = [each for hypotheses in drawn[place + 1 :] for each in hypotheses]
        for first in drawn[place]:
            changed = first.applied(draft)
            slots = first.slots
            seconds = [] if family in _ONE_AT_A_TIME else _of(family, evidence, changed)
            left -= sizes[place] + len(later)
            yield Pairs(first, changed, seconds + [each for each in later if not slots & each.slots], left)


def _of(family: Family, evidence: Evidence, draft: Draft) -> list[Hypothesis]:
    seen = set()
    found = []
    for hypothesis in family(evidence, draft):
        changes = hypothesis.changes
        mark = (hypothesis.id, *changes.items())
        if mark in seen or all(getattr(draft, name) == value for name, value in changes.items()):
            continue
        seen.add(mark)
        found.append(hypothesis)
    return found
