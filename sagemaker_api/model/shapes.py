"""The types of values in an answer, as data: parses them from JSON, and makes sample values.

Source: Smithy specification, "AWS JSON 1.1 protocol", "Shape serialization".
"""

from __future__ import annotations

from sigv4.record import Record

from ..errors import ProtocolError
from .timestamps import parse_timestamp

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeAlias

    Kind: TypeAlias = "type[str] | type[int] | type[Timestamp] | ListOf | Structure"


class _Mismatch(ValueError):
    pass


class Timestamp:
    """A time: epoch seconds on the wire, an aware datetime in a result."""


class ListOf(Record):
    """A list whose items are all of one kind; ``name`` is the kind's name in the service model."""

    item: Kind
    name: str = ""


class Structure(Record):
    """An object with these members, all optional; other members are dropped."""

    members: tuple[tuple[str, Kind], ...]

    def __init__(self, *members: tuple[str, Kind]) -> None:
        super().__init__(members)


def read(kind: Kind, value: Any, where: str) -> Any:
    """The JSON value ``value`` in boto's form; null counts as absent.

    ``where`` is its name in errors (``"CreateX answered"``). Raises ProtocolError if it is of another kind;
    the error does not show it.
    """
    try:
        return _read(kind, value, where)
    except _Mismatch as found:
        fault = str(found)
    value = None  # it may be a secret: hidden from tracebacks with locals
    raise ProtocolError(fault)


def sample(kind: Kind, name: str, *, named: bool) -> Any:
    """A value of this kind as in the AWS CLI's skeletons; texts are ``name`` if ``named``, else empty."""
    if isinstance(kind, Structure):
        return {member: sample(of, member, named=named) for member, of in kind.members}
    if isinstance(kind, ListOf):
        return [sample(kind.item, kind.name, named=named)]
    if kind is Timestamp:
        return "1970-01-01T00:00:00"
    return 0 if kind is int else name * named


def _read(kind: Kind, value: Any, where: str) -> Any:
    if isinstance(kind, Structure):
        if not isinstance(value, dict):
            raise _unexpected(where, value, "an object")
        found: dict[str, Any] = {}
        for name, of in kind.members:
            if value.get(name) is not None:
                found[name] = _read(of, value[name], f"{where} {name}")
        return found
    if isinstance(kind, ListOf):
        if not isinstance(value, list):
            raise _unexpected(where, value, "a list")
        return [
            _read(kind.item, item, f"{where}[{number}]")
            for number, item in enumerate(value)
            if item is not None
        ]
    if issubclass(kind, str):
        if not isinstance(value, str):
            raise _unexpected(where, value, "a string")
        return kind(value)
    if kind is Timestamp:
        return _moment(value, where)
    number = whole(value)
    if number is None:
        raise _unexpected(where, value, "a whole number")
    return number


def whole(value: object) -> int | None:
    """The number as an int, also for ``3600.0``; None for anything else."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _moment(value: object, where: str) -> object:
    try:
        if isinstance(value, bool):
            raise ValueError
        return parse_timestamp(value)
    except ValueError:
        raise _unexpected(where, value, "a timestamp") from None


def _unexpected(where: str, value: object, expected: str) -> _Mismatch:
    return _Mismatch(f"{where} as {type(value).__name__}: expected {expected}")
