"""The parameters of an operation, and what boto checks of them before it sends.

That is: required, type, smallest number, shortest text, unknown name. All else (pattern, greatest length and
number, choices) is left to the service, so that its words are the same through both.
"""

from __future__ import annotations

from sigv4.record import Record

from ..errors import ParamValidationError
from .shapes import Timestamp
from .timestamps import parse_timestamp

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypeAlias

    ParameterKind: TypeAlias = type[str] | type[int] | type[Timestamp]


class Member(Record):
    """One parameter. ``minimum`` is a number's smallest value or a text's shortest length; ``choices`` are
    the values that the service knows today.
    """

    name: str
    kind: ParameterKind = str
    required: bool = False
    minimum: int | None = None
    choices: tuple[str, ...] = ()

    def fault(self, value: object) -> str:
        """What is wrong with ``value``, in boto's words, or ``""``."""
        if self.kind is Timestamp:
            return "" if _is_moment(value) else self._wrong_type(value, _MOMENTS)
        if not isinstance(value, self.kind):
            return self._wrong_type(value, str(self.kind))
        if self.minimum is not None and isinstance(value, int) and value < self.minimum:
            return f"Invalid value for parameter {self.name}, value: {value}, valid min value: {self.minimum}"
        if self.minimum is not None and isinstance(value, str) and len(value) < self.minimum:
            return (
                f"Invalid length for parameter {self.name}, value: {len(value)}, "
                f"valid min length: {self.minimum}"
            )
        return ""

    def _wrong_type(self, value: object, valid: str) -> str:
        return (
            f"Invalid type for parameter {self.name}, value: {value}, type: {type(value)}, "
            f"valid types: {valid}"
        )


_MOMENTS = "<class 'datetime.datetime'>, timestamp-string"


def check(members: tuple[Member, ...], params: Mapping[str, object]) -> None:
    """Raises ParamValidationError with boto's words, in boto's order."""
    known = {member.name: member for member in members}
    report = [
        f'Missing required parameter in input: "{member.name}"'
        for member in members
        if member.required and member.name not in params
    ]
    report += [
        f'Unknown parameter in input: "{name}", must be one of: {", ".join(known)}'
        for name in params
        if name not in known
    ]
    report += [fault for name in params if name in known and (fault := known[name].fault(params[name]))]
    if report:
        raise ParamValidationError("\n".join(report))


def with_moments(members: tuple[Member, ...], params: Mapping[str, object]) -> dict[str, object]:
    """The parameters, checked already, with every moment as an aware datetime."""
    moments = {member.name for member in members if member.kind is Timestamp}
    return {name: parse_timestamp(value) if name in moments else value for name, value in params.items()}


def _is_moment(value: object) -> bool:
    try:
        parse_timestamp(value)
    except ValueError:
        return False
    return True
