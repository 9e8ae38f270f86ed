"""The parameters of an operation, with boto's checks before sending.

These are checked: required members, types, smallest numbers, shortest lengths, and names. The service checks
the rest (pattern, greatest length and number, choices), so that its errors are the same with both clients.
"""

from __future__ import annotations

from collections.abc import Mapping

from sigv4.errors import repr_of
from sigv4.record import Record

from ..errors import ParamValidationError
from .shapes import Timestamp
from .timestamps import parse_timestamp

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias

    ParameterKind: TypeAlias = "type[str] | type[int] | type[bool] | type[Timestamp] | Items | Group"


class Member(Record):
    """One parameter. ``minimum`` is a number's smallest value, or the shortest length of a text or list.

    ``choices`` are the service's current values.
    """

    name: str
    kind: ParameterKind = str
    required: bool = False
    minimum: int | None = None
    choices: tuple[str, ...] = ()

    def faults(self, value: object, where: str) -> Iterator[str]:
        """The errors of ``value``, with boto's texts; ``where`` is its name in them."""
        kind = self.kind
        if isinstance(kind, Items):
            yield from self._faults_of_list(kind, value, where)
        elif isinstance(kind, Group):
            if isinstance(value, dict):
                yield from faults(kind.members, value, where)
            else:
                yield _wrong_type(where, value, "<class 'dict'>")
        elif kind is Timestamp:
            if not _is_moment(value):
                yield _wrong_type(where, value, _MOMENTS)
        elif not isinstance(value, kind):
            yield _wrong_type(where, value, str(kind))
        elif self.minimum is not None and isinstance(value, int) and value < self.minimum:
            found = f"value: {_shown(value)}, valid min value: {self.minimum}"
            yield f"Invalid value for parameter {where}, {found}"
        elif isinstance(value, str):
            yield from self._faults_of_length(len(value), where)

    def _faults_of_list(self, kind: Items, value: object, where: str) -> Iterator[str]:
        if not isinstance(value, (list, tuple)):
            yield _wrong_type(where, value, "<class 'list'>, <class 'tuple'>")
            return
        yield from self._faults_of_length(len(value), where)
        for number, item in enumerate(value):
            yield from kind.item.faults(item, f"{where}[{number}]")

    def _faults_of_length(self, length: int, where: str) -> Iterator[str]:
        if self.minimum is not None and length < self.minimum:
            yield f"Invalid length for parameter {where}, value: {length}, valid min length: {self.minimum}"


class Items(Record):
    """The kind of a list whose items are all like ``item``; the item has its name in the service model."""

    item: Member


class Group(Record):
    """The kind of an object with these members."""

    members: tuple[Member, ...]

    def __init__(self, *members: Member) -> None:
        super().__init__(members)


_MOMENTS = "<class 'datetime.datetime'>, timestamp-string"


def check(members: tuple[Member, ...], params: Mapping[str, object]) -> None:
    """Raises ParamValidationError with boto's texts, in boto's order."""
    report = list(faults(members, params))
    if report:
        raise ParamValidationError("\n".join(report))


def faults(members: tuple[Member, ...], params: Mapping[str, object], where: str = "") -> Iterator[str]:
    """The errors of an object with these members; ``where`` is its name, ``""`` for the parameters."""
    known = {member.name: member for member in members}
    shown = where or "input"
    for member in members:
        if member.required and member.name not in params:
            yield f'Missing required parameter in {shown}: "{member.name}"'
    for name in params:
        if name not in known:
            yield f'Unknown parameter in {shown}: "{name}", must be one of: {", ".join(known)}'
    for name, value in params.items():
        if name in known:
            yield from known[name].faults(value, f"{where}.{name}" if where else name)


def check_object(where: str, value: object) -> None:
    """Raises ParamValidationError unless ``value`` is a mapping."""
    if not isinstance(value, Mapping):
        raise ParamValidationError(_wrong_type(where, value, str(dict)))


def _wrong_type(where: str, value: object, valid: str) -> str:
    found = f"value: {_shown(value)}, type: {type(value)}, valid types: {valid}"
    return f"Invalid type for parameter {where}, {found}"


def _shown(value: object) -> str:
    """``value`` as boto shows it, also if Python refuses to: see ``repr_of``."""
    try:
        return str(value)
    except ValueError:
        return repr_of(value)


def with_moments(members: tuple[Member, ...], params: Mapping[str, object]) -> dict[str, object]:
    """The checked parameters, with every time as an aware datetime."""
    moments = {member.name for member in members if member.kind is Timestamp}
    return {name: parse_timestamp(value) if name in moments else value for name, value in params.items()}


def _is_moment(value: object) -> bool:
    try:
        parse_timestamp(value)
    except ValueError:
        return False
    return True
