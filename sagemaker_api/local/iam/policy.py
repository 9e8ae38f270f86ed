"""Identity policies: strictly parsed once, and evaluated for each access.

Source: IAM User Guide, "IAM JSON policy elements reference", "Grammar of the IAM JSON policy language",
"Policy evaluation logic".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sigv4.record import Record

from .document import KINDS, read_document
from .request import Access, Decision
from .statement import Statement

__all__ = ["KINDS", "Access", "Decision", "Policy", "decide"]


class Policy(Record):
    """An identity policy, immutable. ``name`` is its name in decisions and errors."""

    name: str
    statements: tuple[Statement, ...]

    @classmethod
    def parse(cls, text: str | bytes | Mapping[str, Any], name: str = "policy", kind: str = "") -> Policy:
        """Parses a policy from JSON text (UTF-8), or from a parsed JSON object.

        ``kind`` is one of ``KINDS`` and limits the size as IAM does: ``managed``, ``user``, ``group``,
        ``role`` (the inline policies of those), ``session`` or ``aws-managed``; without it, 1 MiB.

        Statements that match no operation of this service are kept, with any conditions: ``set_aside`` lists
        them. Raises ConfigError, with the place, what was found and what was expected, for anything else that
        AWS would refuse: an unknown element, operator or condition key, a malformed ARN or CIDR block.
        """
        return cls(name, read_document(text, name, kind))

    @property
    def set_aside(self) -> tuple[str, ...]:
        """The statements that no request to this service can match, each with the reason."""
        return tuple(f"{_named(self, each)}: {each.aside}" for each in self.statements if each.aside)


def decide(policies: Iterable[Policy], access: Access) -> Decision:
    """The decision of all policies of an identity: an explicit deny, else an allow, else an implicit deny.

    An identity of another account also needs a resource policy, which no notebook instance has, so nothing is
    allowed. A decision that depends on an unknown condition key is ``Unknown``.

    Source: IAM User Guide, "Policy evaluation logic", "Cross-account policy evaluation logic".
    """
    allowing = ""
    near: list[str] = []
    unknown: dict[str, list[tuple[str, tuple[str, ...]]]] = {"Allow": [], "Deny": []}
    for policy in policies:
        for statement in policy.statements:
            if not statement.may_be_about(access):
                continue
            failing = statement.failing(access)
            missing = statement.unknown(access)
            if failing is not None:
                if statement.effect == "Allow":
                    condition = failing.said(access.context)
                    near.append(f"{_named(policy, statement)} would, if its condition were true: {condition}")
            elif missing:
                unknown[statement.effect].append((_named(policy, statement), missing))
            elif statement.effect == "Deny":
                return Decision(False, "Deny", _reason(policy, statement, access))
            elif not allowing:
                allowing = _reason(policy, statement, access)
    foreign = _of_another_account(access)
    if foreign:
        return Decision(False, "", foreign)
    if unknown["Deny"] and (allowing or unknown["Allow"]):
        return _undecided("deny", unknown["Deny"])
    if allowing:
        return Decision(True, "Allow", allowing)
    if unknown["Allow"]:
        return _undecided("allow", unknown["Allow"])
    none = f"no statement allows {access.action} on {access.resource}"
    return Decision(False, "", "; ".join((none, *near[:3])))


def _undecided(effect: str, statements: list[tuple[str, tuple[str, ...]]]) -> Decision:
    missing = tuple(dict.fromkeys(key for _, keys in statements for key in keys))
    said = "; ".join(
        f"{named} would {effect} it depending on {', '.join(keys)}" for named, keys in statements[:3]
    )
    keys = f"value of {missing[0]} is" if len(missing) == 1 else f"values of {', '.join(missing)} are"
    return Decision(False, "Unknown", f"unknown, because the {keys} not known: {said}", missing)


def _of_another_account(access: Access) -> str:
    """The reason why a caller of another account is allowed nothing, or ``""``."""
    mine = access.context.get("aws:principalaccount", ())
    parts = access.resource.split(":", 5)
    theirs = (parts[4],) if len(parts) == 6 else access.context.get("aws:resourceaccount", ())
    if not mine or not theirs or not theirs[0] or mine == theirs:
        return ""
    return (
        f"the caller is of the account {mine[0]}, the resource of {theirs[0]}: "
        "without a policy of the resource, and a notebook instance has none, nothing is allowed"
    )


def _named(policy: Policy, statement: Statement) -> str:
    return f"{policy.name}: {statement.place}{f' ({statement.sid})' if statement.sid else ''}"


def _reason(policy: Policy, statement: Statement, access: Access) -> str:
    said = " and ".join(each.said(access.context) for each in statement.conditions)
    return _named(policy, statement) + (f": {said}" if said else "")
