"""Identity policies: read once, strictly, and asked for a decision on each access.

Source: IAM User Guide, "IAM JSON policy elements reference", "Grammar of the IAM JSON policy language",
"Policy evaluation logic".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sigv4.record import Value

from .document import read_document
from .request import Access, Decision
from .statement import Statement

__all__ = ["Access", "Decision", "Policy", "decide"]


class Policy(Value):
    """An identity policy, immutable. ``name`` is what decisions and errors call it."""

    __slots__ = ("name", "statements")

    name: str
    statements: tuple[Statement, ...]

    def __init__(self, name: str, statements: tuple[Statement, ...]) -> None:
        self._set(name, statements)

    @classmethod
    def parse(cls, text: str | bytes | Mapping[str, Any], name: str = "policy") -> Policy:
        """A policy from its JSON text (UTF-8) or from the object that it is.

        Raises ConfigError, with the place, what was found and what was expected, for whatever IAM or this
        service does not know: an element, an operator, a condition key, a malformed ARN or CIDR block.
        """
        return cls(name, read_document(text, name))


def decide(policies: Iterable[Policy], access: Access) -> Decision:
    """The decision of an identity's policies together: an explicit deny, else an allow, else no.

    Source: IAM User Guide, "Policy evaluation logic".
    """
    allowing = ""
    near = []
    for policy in policies:
        for statement in policy.statements:
            if not statement.is_about(access):
                continue
            failing = statement.failing(access)
            if failing is not None:
                if statement.effect == "Allow":
                    near.append(f"{_named(policy, statement)} would, but for {failing.said(access.context)}")
            elif statement.effect == "Deny":
                return Decision(False, "Deny", _reason(policy, statement, access))
            elif not allowing:
                allowing = _reason(policy, statement, access)
    if allowing:
        return Decision(True, "Allow", allowing)
    none = f"no statement allows {access.action} on {access.resource}"
    return Decision(False, "", "; ".join((none, *near[:3])))


def _named(policy: Policy, statement: Statement) -> str:
    return f"{policy.name}: {statement.place}{f' ({statement.sid})' if statement.sid else ''}"


def _reason(policy: Policy, statement: Statement, access: Access) -> str:
    said = " and ".join(each.said(access.context) for each in statement.conditions)
    return _named(policy, statement) + (f": {said}" if said else "")
