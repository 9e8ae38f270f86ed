"""The parameters of the operations as data, and the service's errors for wrong values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from sigv4.record import Record

from ..model.operations import LONGEST_SESSION, SHORTEST_SESSION
from .service_errors import invalid, unconvertible

NAME_PATTERN = "^[a-zA-Z0-9](-*[a-zA-Z0-9])*"
_SHOWN = 200
_TAG_PATTERN = r"^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$"
_UNICODE = (r"\p{L}\p{Z}\p{N}_", r"\w\s")  # the service's spelling, and Python's
_WORDS = {
    "text": "a String",
    "number": "an Integer",
    "moment": "a Timestamp",
    "texts": "a List",
    "tags": "a List",
    "flag": "a Boolean",
    "group": "a Structure",
}


class Parameter(Record):
    """One parameter: ``kind`` is ``text``, ``number``, ``flag``, ``moment``, ``texts``, ``tags``, ``group``.

    ``least`` and ``greatest`` limit the number, or the length of a text or list; a text must fully match
    ``pattern``, which is shown in the service's spelling; ``values`` are the only values allowed. ``item``
    describes each of ``texts``, or the one member of a ``group``.
    """

    name: str
    kind: str = "text"
    required: bool = False
    least: int | None = None
    greatest: int | None = None
    pattern: str = ""
    values: tuple[str, ...] = ()
    item: Parameter | None = None

    def convert(self, value: object) -> Any:
        """``value`` converted to this kind. Raises Refusal (SerializationException)."""
        if self.kind == "texts":
            return tuple(_TEXT.convert(each) for each in _list(value, self.kind))
        if self.kind == "tags":
            return tuple(_pair(each) for each in _list(value, self.kind))
        if self.kind == "group":
            return self._members(value)
        if self.kind in ("text", "flag"):
            if not isinstance(value, str if self.kind == "text" else bool):
                raise unconvertible(value, _WORDS[self.kind])
            return value
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise unconvertible(value, _WORDS[self.kind])
        if self.kind == "moment":
            if not abs(value) < 1e12:  # not a number of seconds; also NaN
                raise unconvertible(value, _WORDS[self.kind])
            return float(value)
        if isinstance(value, float) and not value.is_integer():
            raise unconvertible(value, _WORDS[self.kind])
        return int(value)

    def faults(self, value: Any) -> Iterator[str]:
        """The service's errors for a converted value, None if it is absent."""
        if value is None:
            if self.required:
                yield self._fault("null", "not be null")
        elif self.kind == "text":
            yield from self._text_faults(value)
        elif self.kind == "number":
            if self.least is not None and value < self.least:
                yield self._fault(f"'{value}'", f"have value greater than or equal to {self.least}")
            if self.greatest is not None and value > self.greatest:
                yield self._fault(f"'{value}'", f"have value less than or equal to {self.greatest}")
        elif self.kind == "texts":
            yield from self._list_faults(value)
        elif self.kind == "group" and self.item is not None:
            where = f"{self._place()}.{self.item._place()}"
            yield from self.item.faults_at(where, value.get(self.item.name))
        elif self.kind == "tags":
            yield from self._length_faults(f"'{value}'"[:_SHOWN], len(value))
            for number, (key, content) in enumerate(value, 1):
                where = f"tags.{number}.member"
                yield from TAG_KEY.faults_at(f"{where}.key", key)
                yield from TAG_VALUE.faults_at(f"{where}.value", content)

    def faults_at(self, where: str, value: Any) -> Iterator[str]:
        """``faults`` for the member ``where``."""
        yield from Parameter(
            where,
            self.kind,
            required=self.required,
            least=self.least,
            greatest=self.greatest,
            pattern=self.pattern,
            values=self.values,
            item=self.item,
        ).faults(value)

    def _members(self, value: object) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise unconvertible(value, _WORDS[self.kind])
        given = None if self.item is None else value.get(self.item.name)
        return {} if self.item is None or given is None else {self.item.name: self.item.convert(given)}

    def _list_faults(self, value: tuple[str, ...]) -> Iterator[str]:
        shown = f"'[{', '.join(value)[:_SHOWN]}]'"
        yield from self._length_faults(shown, len(value))
        if self.item is not None:
            said = (fault.partition("constraint: ")[2] for each in value for fault in self.item.faults(each))
            each_fault = list(dict.fromkeys(said))
            if each_fault:
                yield self._fault(shown, f"satisfy constraint: [{', '.join(each_fault)}]")

    def _length_faults(self, shown: str, length: int) -> Iterator[str]:
        if self.least is not None and length < self.least:
            yield self._fault(shown, f"have length greater than or equal to {self.least}")
        if self.greatest is not None and length > self.greatest:
            yield self._fault(shown, f"have length less than or equal to {self.greatest}")

    def _place(self) -> str:
        return self.name[:1].lower() + self.name[1:]

    def _text_faults(self, value: str) -> Iterator[str]:
        shown = f"'{value[:_SHOWN]}'"
        yield from self._length_faults(shown, len(value))
        if self.pattern and not re.fullmatch(self.pattern.replace(*_UNICODE), value):
            yield self._fault(shown, f"satisfy regular expression pattern: {self.pattern}")
        if self.values and value not in self.values:
            yield self._fault(shown, f"satisfy enum value set: [{', '.join(self.values)}]")

    def _fault(self, shown: str, must: str) -> str:
        return f"Value {shown} at '{self._place()}' failed to satisfy constraint: Member must {must}"


_TEXT = Parameter("member")
TAG_KEY = Parameter("key", required=True, least=1, greatest=128, pattern=_TAG_PATTERN)
TAG_VALUE = Parameter("value", required=True, greatest=256, pattern=_TAG_PATTERN)

NAME = Parameter("NotebookInstanceName", required=True, greatest=63, pattern=NAME_PATTERN)
_ARN = "^arn:aws[a-z-]*:sagemaker:[a-z0-9-]*:[0-9]{12}:.+$"
RESOURCE_ARN = Parameter("ResourceArn", required=True, greatest=256, pattern=_ARN)
SESSION_SECONDS = Parameter(
    "SessionExpirationDurationInSeconds", "number", least=SHORTEST_SESSION, greatest=LONGEST_SESSION
)


def name_faults(name: str | None) -> list[str]:
    """The service's errors for the name of a notebook instance; empty if the name is valid."""
    return list(NAME.faults(name))


def read(parameters: tuple[Parameter, ...], given: Mapping[str, object]) -> dict[str, Any]:
    """The given parameters, converted; null counts as absent, and unknown ones are ignored.

    Raises Refusal: SerializationException for a value of another type, else ValidationException.
    """
    values = {
        parameter.name: parameter.convert(value)
        for parameter in parameters
        if (value := given.get(parameter.name)) is not None
    }
    faults = [fault for parameter in parameters for fault in parameter.faults(values.get(parameter.name))]
    if faults:
        raise invalid(faults)
    return values


def _list(value: object, kind: str) -> list[Any]:
    if not isinstance(value, list):
        raise unconvertible(value, _WORDS[kind])
    return value


def _pair(value: object) -> tuple[str | None, str | None]:
    """A tag as key and value, each None if absent."""
    if not isinstance(value, dict):
        raise unconvertible(value, "a Structure")
    key, content = value.get("Key"), value.get("Value")
    return (
        None if key is None else _TEXT.convert(key),
        None if content is None else _TEXT.convert(content),
    )
