"""Shared by the tests with broken signers: the bugs, the cases, and the answers of a broken signer."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from sigv4 import V4
from sigv4.auditing.conformance import Case, ask, vector_cases
from sigv4.auditing.conformance_report import rules_of
from tests.small_signer import SmallSigner, as_line
from tests.small_signer_4a import SmallSigner4A

FOLDER = Path(__file__).parents[3] / "fixtures" / "vectors"
KINDS = ("header", "query", "stream", "events", "form", "key", "frame")
CASES = [
    case
    for file in sorted(FOLDER.glob("*.json"))
    for case in vector_cases(file.read_bytes())
    if case.kind in KINDS
]


class Bug(NamedTuple):
    """One known bug: its cause in docs/protocol.md or "", the rule that it breaks, and the step that it replaces."""

    name: str
    cause: str
    rule: str
    step: str
    wrong: Callable[..., Any]


@cache
def cases(algorithm: str) -> list[Case]:
    return [case for case in CASES if case.algorithm == algorithm]


def signer_of(algorithm: str) -> type[SmallSigner]:
    return SmallSigner if algorithm == V4 else SmallSigner4A


@cache
def right(algorithm: str) -> dict[str, dict[str, Any]]:
    return {case.id: signer_of(algorithm)().answer(case.question()) for case in cases(algorithm)}


def mutant(bug: Bug, algorithm: str = V4) -> SmallSigner:
    base = signer_of(algorithm)
    assert hasattr(base, bug.step), bug.step
    broken: SmallSigner = type("Broken", (base,), {bug.step: bug.wrong})()
    return broken


def answers(bug: Bug, algorithm: str = V4) -> dict[str, dict[str, Any]]:
    """The answers of the broken signer that differ from the right ones, by case."""
    found = {}
    for case in cases(algorithm):
        try:
            answer = mutant(bug, algorithm).answer(case.question())
        except (ValueError, OverflowError):  # with the bug, this operation raises an error
            continue
        if answer != right(algorithm)[case.id]:
            found[case.id] = answer
    return found


def names(bug: Bug, case: Case, answer: dict[str, Any]) -> bool:
    """Whether the kit finds this answer wrong and its report names the rule."""
    (found,) = ask([case], lambda case: as_line(answer))
    return not found.passed and bug.rule in rules_of(found)


def assert_is_named(bug: Bug, algorithm: str = V4) -> None:
    changed = answers(bug, algorithm)
    assert changed, "no case has what this bug gets wrong"
    # The cases of the rule come first: they are few, and one of them must fail.
    asked = sorted(
        (case for case in cases(algorithm) if case.id in changed), key=lambda case: bug.rule not in case.rules
    )
    assert any(names(bug, case, changed[case.id]) for case in asked[:4]), [case.id for case in asked[:4]]
