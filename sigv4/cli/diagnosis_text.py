"""A ``Diagnosis`` as text for a terminal: the most likely cause first, differing texts below each other."""

from __future__ import annotations

from ..diagnosis.diagnose import RIGHT, WRONG, Diagnosis
from ..diagnosis.findings import LIKELY, PROVED, Finding
from .colours import BOLD, CYAN, DIM, GREEN, RED, YELLOW, Painter, split_difference, visible

_OF_VERDICT = {RIGHT: GREEN, WRONG: RED}
_OF_CERTAINTY = {PROVED: RED, LIKELY: YELLOW}


def text(diagnosis: Diagnosis, *, colour: bool) -> str:
    """The whole text, with or without terminal colours."""
    brush = Painter(colour)
    summary = brush.paint(diagnosis.summary(), BOLD, _OF_VERDICT.get(diagnosis.verdict, YELLOW))
    if not diagnosis.findings:
        return f"{summary}\nNothing else was found."
    return "\n\n".join([summary, *(_finding(each, brush) for each in diagnosis.findings)])


def _finding(each: Finding, brush: Painter) -> str:
    head = brush.paint(each.id, BOLD, _OF_CERTAINTY.get(each.certainty, CYAN))
    lines = [f"{head} ({each.certainty}): {each.cause}", f"  found: {visible(each.evidence)}"]
    if each.given or each.other:
        start, ours, theirs, end = (visible(part) for part in split_difference(each.given, each.other))
        lines.append(f"    this request: {start}{brush.paint(ours, RED, '7')}{end}")
        lines.append(f"    the other:    {start}{brush.paint(theirs, GREEN, '7')}{end}")
    lines.append(f"  fix:   {each.fix}  {brush.paint(f'[{each.rule}]', DIM)}")
    return "\n".join(lines)
