"""The conformance kit: runs cases against this package, or against any other signer or verifier.

The cases are those of ``fixtures/vectors`` and of AWS's signing test suite (``conformance_vectors``).
Files are read, and programs run, by ``sigv4 conformance``.
"""

from __future__ import annotations

from ..errors import MissingDependency, SigningError
from ..record import Record
from .conformance_answer import own_answer, read_answer
from .conformance_case import Case, Kind
from .conformance_judge import judge
from .conformance_vectors import suite_cases, vector_cases, verifications
from .conformance_verdict import FAILED, PASSED, SKIPPED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from .conformance_printed import Difference

__all__ = [
    "Case",
    "Outcome",
    "ask",
    "by_rule",
    "chosen",
    "run",
    "suite_cases",
    "vector_cases",
    "verifications",
    "without_constant_answers",
]


class Outcome(Record):
    """The result of one case: ``status`` is "passed", "failed" or "skipped", ``detail`` says why.

    ``differences`` are the differences from the case, ``cause`` is the FAIL id that was found, ``stage`` the
    rule by which a verifier refused the answer.
    """

    case: Case
    status: str
    detail: str = ""
    differences: tuple[Difference, ...] = ()
    cause: str = ""
    stage: str = ""

    @property
    def passed(self) -> bool:
        return self.status == PASSED


def run(cases: Iterable[Case], sign: Callable[[Case], bytes] | None = None) -> Iterator[Outcome]:
    """Runs each case against this package, or only header and query signatures against ``sign``.

    ``sign`` gets a case and returns a program's output: the signed request as raw bytes, or JSON.
    """
    for case in cases:
        if sign is None:
            yield _outcome(case, None)
        elif case.kind in (Kind.HEADER, Kind.QUERY):
            yield _outcome(case, sign)


def ask(cases: Iterable[Case], answer: Callable[[Case], bytes]) -> Iterator[Outcome]:
    """Runs each case against a program: ``answer`` gets a case and returns the program's output in JSON."""
    for case in cases:
        yield _outcome(case, answer)


def _outcome(case: Case, answer: Callable[[Case], bytes] | None) -> Outcome:
    try:
        found = own_answer(case) if answer is None else read_answer(answer(case))
        if found.get("id", case.id) != case.id:
            return Outcome(case, FAILED, f"the answer is to the question {str(found['id'])[:80]!r}")
        verdict = judge(case, found)
    except MissingDependency as error:
        return Outcome(case, SKIPPED, f"they need {error.package} (pip install {error.package})")
    except SigningError as error:
        return Outcome(case, FAILED, str(error))
    return Outcome(case, *verdict._fields())


def without_constant_answers(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """The outcomes; a program that gives the same answer to every question of an operation passes none.

    A refusal counts only if the program also answered something of that operation right; an acceptance, of a
    request or a signature, only if it refused one that is wrong.
    """
    every = list(outcomes)
    passed = {(each.case.operation, each.case.is_wrong) for each in every if each.passed}
    asked = {(each.case.operation, each.case.is_wrong) for each in every if each.status != SKIPPED}
    return [_unless_constant(each, passed, asked) for each in every]


def _unless_constant(
    outcome: Outcome, passed: set[tuple[str, bool]], asked: set[tuple[str, bool]]
) -> Outcome:
    operation, wrong = outcome.case.operation, outcome.case.is_wrong
    other = operation, not wrong
    if not outcome.passed or other not in asked or other in passed:
        return outcome
    if wrong:
        return outcome.replace(
            status=FAILED, detail=f"it is refused, but so is everything that is right ({operation})"
        )
    if operation in ("verify", "check"):
        return outcome.replace(
            status=FAILED, detail=f"it is accepted, but so is everything that is wrong ({operation})"
        )
    return outcome


def by_rule(outcomes: Iterable[Outcome]) -> dict[str, tuple[int, int]]:
    """``(passed, all)`` for each rule id, in the order of the ids; skipped cases do not count."""
    counts: dict[str, list[int]] = {}
    for outcome in outcomes:
        if outcome.status != SKIPPED:
            for rule in outcome.case.rules:
                count = counts.setdefault(rule, [0, 0])
                count[0] += outcome.passed
                count[1] += 1
    return {rule: (counts[rule][0], counts[rule][1]) for rule in sorted(counts)}


def chosen(cases: Iterable[Case], only: Iterable[str]) -> list[Case]:
    """The cases of these rules, names or parts of names; all if ``only`` is empty. Raises SigningError."""
    words, every = list(only), list(cases)
    if not words:
        return every
    found = []
    for case in every:
        names = {case.id, case.kind, case.operation, *case.rules}
        if any(word in names or word == case.id.rpartition("/")[0] for word in words):
            found.append(case)
    for word in words:
        known = any(word in (c.id, c.kind, c.operation, *c.rules, c.id.rpartition("/")[0]) for c in found)
        if not known:
            raise SigningError(f"no case has the rule, name or operation {word!r}")
    return found
