"""Matches a policy's texts: wildcards ``*`` and ``?``, variables such as ``${aws:PrincipalArn}``.

Source: IAM User Guide, "IAM policy elements: Variables and tags", "IAM JSON policy elements: Resource".
"""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence
from typing import cast

from sigv4.record import Record

# Two characters each, so that they differ from every single character of a text.
ANY, ONE = "**", "??"
_WILDCARDS = {"*": ANY, "?": ONE}
_ESCAPED = ("*", "?", "$")
_RARE = 64  # places of a character
_VARIABLE = re.compile(r"\s*([^,'\s]+)\s*(?:,\s*'((?:[^']|'')*)'\s*)?")


class Variable(Record):
    """A policy variable: replaced by a context key's value, or by ``default`` if it is absent."""

    key: str
    default: str | None


class Pattern(Record):
    """One parsed text of a policy: single characters, wildcards and variables; and the original text."""

    source: str
    units: tuple[str | Variable, ...]
    variables: tuple[Variable, ...]

    @classmethod
    def parse(cls, text: str, *, wildcards: bool, variables: bool) -> Pattern:
        """Parses ``text``. Without ``variables`` (version 2008-10-17) a ``$`` is an ordinary character.

        Raises ValueError, which says what was expected.
        """
        special = _WILDCARDS if wildcards else {}
        units: list[str | Variable] = []
        position = 0
        while position < len(text):
            if variables and text.startswith("${", position):
                end = text.find("}", position)
                if end < 0:
                    raise ValueError("expected a } to end the policy variable; a lone ${ is written ${$}{")
                inner = text[position + 2 : end]
                units.extend((inner,) if inner in _ESCAPED else (_variable(inner),))
                position = end + 1
            else:
                units.append(special.get(text[position], text[position]))
                position += 1
        return cls(text, tuple(units), tuple(unit for unit in units if isinstance(unit, Variable)))

    def resolved(
        self, context: Mapping[str, tuple[str, ...]], unknown: Container[str] = ()
    ) -> Sequence[str] | None:
        """The characters and wildcards, with each variable replaced by its literal value.

        None if a variable has no value, or more than one: then nothing matches. A variable in ``unknown`` may
        have any value: it becomes ``ANY``.
        """
        if not self.variables:
            return cast("tuple[str, ...]", self.units)
        units: list[str] = []
        for unit in self.units:
            if isinstance(unit, str):
                units.append(unit)
                continue
            if unit.key.lower() in unknown:
                units.append(ANY)
                continue
            values = context.get(unit.key.lower(), ())
            value = values[0] if len(values) == 1 else unit.default
            if value is None:
                return None
            units.extend(value)
        return units

    def equals(self, text: str, context: Mapping[str, tuple[str, ...]], *, ignore_case: bool = False) -> bool:
        """Whether ``text`` is equal to this pattern, character by character."""
        units = self.resolved(context)
        if units is None:
            return False
        own = "".join(units)
        return own.lower() == text.lower() if ignore_case else own == text

    def like(self, text: str, context: Mapping[str, tuple[str, ...]], unknown: Container[str] = ()) -> bool:
        """Whether ``text`` matches with wildcards, or may match if a variable is in ``unknown``."""
        units = self.resolved(context, unknown)
        return units is not None and fits(units, text)

    def has_values(self, context: Mapping[str, tuple[str, ...]]) -> bool:
        """Whether each of its variables has exactly one value."""
        return self.resolved(context) is not None

    def unknown_in(self, unknown: Container[str]) -> list[str]:
        """The keys of its variables that are in ``unknown``."""
        return [each.key for each in self.variables if each.key.lower() in unknown]


def fits(units: Sequence[str], text: str) -> bool:
    """Whether the whole ``text`` matches ``units``.

    Each part between two ``*`` is searched for from left to right. Its first place is kept, because a later
    place cannot help the parts that follow.
    """
    first, *rest = _between_stars(units)
    if not rest:
        return len(first) == len(text) and _is_at(first, text, 0)
    last = rest.pop()
    position, end = len(first), len(text) - len(last)
    if end < position or not _is_at(first, text, 0) or not _is_at(last, text, end):
        return False
    searched = _Searched(text)
    for part in rest:
        found = searched.find(part, position, end)
        if found < 0:
            return False
        position = found + len(part)
    return True


def _between_stars(units: Sequence[str]) -> list[list[str]]:
    parts: list[list[str]] = [[]]
    for unit in units:
        if unit == ANY:
            parts.append([])
        else:
            parts[-1].append(unit)
    return parts


def _is_at(part: Sequence[str], text: str, start: int) -> bool:
    return all(unit in (ONE, text[start + at]) for at, unit in enumerate(part))


class _Searched:
    """A text in which parts of a pattern are looked for, without trying each place one by one."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._positions: dict[str, list[int]] = {}  # of each character, read at the first search
        self._places: dict[str, int] = {}

    def find(self, part: Sequence[str], start: int, end: int) -> int:
        """The first place of ``part`` between ``start`` and ``end``, or -1."""
        if ONE not in part:
            return self._text.find("".join(part), start, end)
        count = end - start - len(part) + 1
        left = (1 << max(0, count)) - 1  # a bit for each place that is still possible
        for at, unit in enumerate(part):
            if unit != ONE:
                left &= self._places_of(unit) >> (start + at)
            if not left:
                return -1
        return start + (left & -left).bit_length() - 1

    def _places_of(self, character: str) -> int:
        """A bit for each place of ``character`` in the text."""
        if character in self._places:
            return self._places[character]
        if not self._positions:
            for position, each in enumerate(self._text):
                self._positions.setdefault(each, []).append(position)
        positions = self._positions.get(character, [])
        bits = bytearray(len(self._text) // 8 + 1)
        for position in positions:
            bits[position >> 3] |= 1 << (position & 7)
        places = int.from_bytes(bits, "little")
        if len(positions) > _RARE:  # to keep those of rare characters would take much memory
            self._places[character] = places
        return places


def _variable(inner: str) -> Variable:
    found = _VARIABLE.fullmatch(inner)
    if found is None:
        raise ValueError(
            "expected a policy variable ${KEY} or ${KEY, 'default'}, or one of ${*}, ${?} and ${$}"
        )
    key, default = found.groups()
    return Variable(key, None if default is None else default.replace("''", "'"))
