"""Possible mistakes in a signature, as changes to its ``Draft``; one family per file."""

from __future__ import annotations

from ...record import Record
from .headers import USUAL_VALUES, cause_of_header, header_hypotheses, method_hypotheses, name_hypotheses
from .hosts import host_hypotheses
from .hypothesis import MOST_HEADERS_IN_PAIRS, MOST_PARTS_IN_PAIRS, Evidence, Hypothesis, LeftOut
from .key import key_hypotheses
from .payload import payload_hypotheses
from .query import query_hypotheses
from .target import path_hypotheses
from .text import form_hypotheses, scope_hypotheses, text_hypotheses, time_hypotheses

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ..signature_inputs import Draft

    Family = Callable[[Evidence, Draft], Iterable[Hypothesis | LeftOut]]

__all__ = [
    "MOST_HEADERS_IN_PAIRS",
    "USUAL_VALUES",
    "Evidence",
    "Hypothesis",
    "Pairs",
    "cause_of_header",
    "left_out",
    "left_out_of_pairs",
    "pairs",
    "readings",
    "singles",
]

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
    """Every hypothesis that changes the draft, each change once."""
    return [hypothesis for family in _FAMILIES for hypothesis in _of(family, evidence, draft)]


def readings(evidence: Evidence, draft: Draft) -> list[Hypothesis]:
    """Every hypothesis of the path and of the query: signers often read these differently."""
    return [each for family in (path_hypotheses, query_hypotheses) for each in _of(family, evidence, draft)]


def left_out(evidence: Evidence, draft: Draft) -> list[str]:
    """What ``singles`` leaves out because the request has too many parts."""
    made = [each for family in _FAMILIES for each in family(evidence, draft)]
    return [each.words for each in made if isinstance(each, LeftOut)]


def left_out_of_pairs(evidence: Evidence, draft: Draft) -> list[str]:
    """What ``pairs`` leaves out for the same reason."""
    return left_out(_for_pairs(evidence), draft)


def _for_pairs(evidence: Evidence) -> Evidence:
    return evidence.replace(most_parts=MOST_PARTS_IN_PAIRS)


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
    if len(draft.headers) > MOST_HEADERS_IN_PAIRS:
        return
    evidence = _for_pairs(evidence)
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
        if isinstance(hypothesis, LeftOut):
            continue
        changes = hypothesis.changes
        mark = (hypothesis.id, *changes.items())
        if mark in seen or all(getattr(draft, name) == value for name, value in changes.items()):
            continue
        seen.add(mark)
        found.append(hypothesis)
    return found
