"""One condition of a policy statement: an operator, a condition key, and the values it is compared with.

Source: IAM User Guide, "IAM JSON policy elements: Condition operators", "Conditions with multiple context
keys or values", "IAM policy elements: Variables and tags".
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Container, Mapping
from typing import Any, NamedTuple, TypeAlias

from sigv4.errors import printable
from sigv4.record import Record

from .condition_keys import key_named
from .patterns import Pattern, fits
from .values import Block, address, binary, boolean, moment, network, number

Context: TypeAlias = Mapping[str, "tuple[str, ...]"]

_LISTED = 8
QUANTIFIERS = ("ForAllValues", "ForAnyValue")


class _Operator(NamedTuple):
    """How to read one value of a policy, and compare it with a value of a request."""

    kind: str
    read: Callable[[str, bool], Any]  # the policy's text, whether variables count -> the value to compare
    matches: Callable[[Any, Any, Context], bool]
    negated: bool = False
    find: Callable[[str], Any] = str  # the request's text -> the value; ValueError: matches nothing


class _Typed(NamedTuple):
    """An operator of typed values; ``reader`` reads those of a policy, ``find`` those of a request."""

    kind: str
    reader: Callable[[str], Any]
    relation: Callable[[Any, Any], bool]  # between the request's value and the policy's
    negated: bool
    find: Callable[[str], Any]

    def read(self, text: str, variables: bool) -> Any:
        return self.reader(text)

    def matches(self, value: Any, found: Any, context: Context) -> bool:
        return self.relation(found, value)


def _exact(text: str, variables: bool) -> Pattern:
    return Pattern.parse(text, wildcards=False, variables=variables)


def _wild(text: str, variables: bool) -> Pattern:
    return Pattern.parse(text, wildcards=True, variables=variables)


def _equals(value: Pattern, found: str, context: Context) -> bool:
    return value.equals(found, context)


def _equals_ignoring_case(value: Pattern, found: str, context: Context) -> bool:
    return value.equals(found, context, ignore_case=True)


def _like(value: Pattern, found: str, context: Context) -> bool:
    return value.like(found, context)


def _arn(text: str, variables: bool) -> Pattern:
    pattern = _wild(text, variables)
    whole = len(pattern.units) == len(pattern.variables) == 1  # one policy variable, whose value is an ARN
    if not whole and (len(segments(pattern.units)) != 6 or not text.startswith("arn:")):
        raise ValueError("expected an ARN of six parts, arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE")
    return pattern


def segments(units: Any) -> list[list[Any]]:
    """The parts of an ARN; everything after the fifth colon is the resource."""
    parts: list[list[Any]] = [[]]
    for unit in units:
        if unit == ":" and len(parts) < 6:
            parts.append([])
        else:
            parts[-1].append(unit)
    return parts


def _arn_like(value: Pattern, found: str, context: Context) -> bool:
    """Compares each of the six parts separately: a wildcard does not match across a colon."""
    units = value.resolved(context)
    if units is None:
        return False
    wanted, parts = segments(units), found.split(":", 5)
    return len(wanted) == len(parts) == 6 and all(map(fits, wanted, parts))


def _within(found: Block, block: Block) -> bool:
    return block.holds(found)


_RELATIONS = {
    "Equals": (operator.eq, False),
    "NotEquals": (operator.eq, True),
    "LessThan": (operator.lt, False),
    "LessThanEquals": (operator.le, False),
    "GreaterThan": (operator.gt, False),
    "GreaterThanEquals": (operator.ge, False),
}
OPERATORS: dict[str, _Operator | _Typed] = {
    "StringEquals": _Operator("string", _exact, _equals),
    "StringNotEquals": _Operator("string", _exact, _equals, negated=True),
    "StringEqualsIgnoreCase": _Operator("string", _exact, _equals_ignoring_case),
    "StringNotEqualsIgnoreCase": _Operator("string", _exact, _equals_ignoring_case, negated=True),
    "StringLike": _Operator("string", _wild, _like),
    "StringNotLike": _Operator("string", _wild, _like, negated=True),
    **{
        f"{prefix}{name}": _Typed(kind, read, relation, negated, read)
        for prefix, kind, read in (("Numeric", "numeric", number), ("Date", "date", moment))
        for name, (relation, negated) in _RELATIONS.items()
    },
    "Bool": _Typed("bool", boolean, operator.eq, False, boolean),
    "BinaryEquals": _Typed("binary", binary, operator.eq, False, binary),
    "IpAddress": _Typed("ip", network, _within, False, address),
    "NotIpAddress": _Typed("ip", network, _within, True, address),
    # "ArnEquals and ArnLike behave identically": both accept wildcards.
    "ArnEquals": _Operator("arn", _arn, _arn_like),
    "ArnLike": _Operator("arn", _arn, _arn_like),
    "ArnNotEquals": _Operator("arn", _arn, _arn_like, negated=True),
    "ArnNotLike": _Operator("arn", _arn, _arn_like, negated=True),
    "Null": _Typed("null", boolean, operator.eq, False, boolean),
}


class Comparison(NamedTuple):
    """The parsed name of an operator, such as ``ForAnyValue:StringEqualsIfExists``."""

    quantifier: str  # "" if there is none
    operator: str
    if_exists: bool

    @classmethod
    def parse(cls, text: str) -> Comparison:
        """Parses an operator's name. Raises ValueError, which says what was expected."""
        quantifier, colon, rest = text.rpartition(":")
        name = rest.removesuffix("IfExists")
        if name not in OPERATORS:
            raise ValueError(f"expected one of {', '.join(OPERATORS)}")
        if colon and quantifier not in QUANTIFIERS:
            raise ValueError(f"expected {' or '.join(QUANTIFIERS)} before the colon")
        if name == "Null" and text != "Null":
            raise ValueError("expected only Null: it has neither IfExists nor a quantifier")
        return cls(quantifier, name, rest != name)


class Condition(Record):
    """One condition key under one operator. ``sources`` are the values as written, ``values`` as read."""

    comparison: Comparison
    key: str
    sources: tuple[str, ...]
    values: tuple[Any, ...]

    def holds(self, context: Context) -> bool:
        """Whether the condition is true for a request. ``context`` has the keys in lower case.

        For an absent key a condition is false and a negated one true. With ForAllValues it is true and with
        ForAnyValue false, with or without IfExists; with IfExists alone it is true. ForAllValues and
        ForAnyValue ignore empty values.
        """
        quantifier, name, if_exists = self.comparison
        rule = OPERATORS[name]
        found = context.get(self.key.lower(), ())
        if name == "Null":
            return (not found) in self.values
        if not found:
            if quantifier:
                return quantifier == "ForAllValues"
            return if_exists or rule.negated
        if quantifier:
            found = tuple(value for value in found if value)
        results = (self._matches(rule, text, context) != rule.negated for text in found)
        everyone = quantifier == "ForAllValues" or (not quantifier and rule.negated)
        return all(results) if everyone else any(results)

    def unknown_in(self, unknown: Container[str]) -> list[str]:
        """The condition keys in ``unknown`` that it uses: its key, and those of policy variables."""
        own = [self.key] if self.key.lower() in unknown else []
        patterns = (value for value in self.values if isinstance(value, Pattern))
        return own + [key for pattern in patterns for key in pattern.unknown_in(unknown)]

    def _matches(self, rule: _Operator | _Typed, text: str, context: Context) -> bool:
        """Whether the request's value matches any of the policy's; an invalid value matches none.

        "If AWS cannot resolve a variable this might cause the entire statement to be invalid" ("Variables and
        tags"): a value with such a variable matches nothing, and with a negated operator everything.
        """
        if rule.negated and any(
            isinstance(each, Pattern) and not each.has_values(context) for each in self.values
        ):
            return True
        try:
            found = rule.find(text)
        except ValueError:
            return False
        return any(rule.matches(value, found, context) for value in self.values)

    def said(self, context: Context) -> str:
        """The condition as text with the request's values; of many values the first few, all printable."""
        quantifier, name, if_exists = self.comparison
        shown = f"{quantifier}{':' * bool(quantifier)}{name}{'IfExists' * if_exists}"
        found = context.get(self.key.lower(), ())
        has = (_listed(found) or '""') if found else "not present"
        return f"{shown} {_listed((self.key,))} [{_listed(self.sources)}] (in the request: {has})"


def _listed(values: tuple[str, ...]) -> str:
    text = ", ".join((*values[:_LISTED], "…") if len(values) > _LISTED else values)
    return printable(text, "?")


def check_key(key: str, name: str) -> None:
    """Raises ValueError if no request has this key, or the operator ``name`` cannot compare it."""
    kinds = (*key_named(key).kinds, "string", "null", "binary")
    if OPERATORS[name].kind not in kinds:
        fitting = [other for other, rule in OPERATORS.items() if rule.kind in kinds]
        raise ValueError(f"{name} cannot compare this key: expected one of {', '.join(fitting)}")


def read_value(text: str, name: str, *, variables: bool) -> Any:
    """A policy's value for the operator ``name``; policy variables count only with ``variables``.

    Raises ValueError, which says what was expected.
    """
    value = OPERATORS[name].read(text, variables)
    check_variables(value)
    return value


def check_variables(value: object) -> None:
    """Raises ValueError for a policy variable that no request to AWS has."""
    if isinstance(value, Pattern):
        for variable in value.variables:
            key_named(variable.key)
