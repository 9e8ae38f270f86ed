"""The result of the check of one answer."""

from __future__ import annotations

from ..authorization import V4
from ..record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from .conformance_case import Case
    from .conformance_printed import Difference

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"


class Verdict(Record):
    """``status`` is PASSED, FAILED or SKIPPED; ``detail`` says why it is not PASSED, in one line.

    ``differences`` are the differences from the case; ``cause`` is the id that ``diagnose`` finds, or "";
    ``stage`` is the rule by which a verifier refused the answer, or "".
    """

    status: str
    detail: str = ""
    differences: tuple[Difference, ...] = ()
    cause: str = ""
    stage: str = ""


def verdict_of(differences: Sequence[Difference]) -> Verdict:
    """FAILED with the first of the ``differences`` as its detail; PASSED if there are none."""
    return Verdict(FAILED, str(differences[0]), tuple(differences)) if differences else Verdict(PASSED)


def is_right(case: Case, signature: str, string_to_sign: str | None) -> bool:
    if case.algorithm == V4:
        return bool(signature == case.expect["signature"])
    from .. import v4a

    key = case.expect["public_key"]
    public = v4a.PublicKey(int(key["x"], 16), int(key["y"], 16))
    return string_to_sign is not None and v4a.check(public, string_to_sign, signature)
