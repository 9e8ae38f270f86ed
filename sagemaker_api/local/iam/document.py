"""Parses the document of an identity policy; errors name the place of the fault.

Source: IAM User Guide, "Grammar of the IAM JSON policy language", "IAM JSON policy element reference".
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, NoReturn, TypeVar

from sigv4.auditing.json_stream import json_fault

from ...errors import ConfigError
from .condition_keys import REQUEST_KEYS
from .conditions import Comparison, Condition, check_key, check_variables, read_value, segments
from .patterns import ANY, Pattern, Variable
from .statement import Statement

_Read = TypeVar("_Read")

_VERSIONS = ("2012-10-17", "2008-10-17")
_EFFECTS = ("Allow", "Deny")
_ELEMENTS = ("Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition")
_RESOURCE_POLICY_ELEMENTS = ("Principal", "NotPrincipal", "Id")
# The most characters of each kind of policy, without white space (IAM and STS quotas). AWS's own managed
# policies may be longer: one has 152,297.
KINDS = {
    "managed": 6144,
    "user": 2048,
    "group": 5120,
    "role": 10240,
    "session": 2048,
    "aws-managed": 1 << 20,
}
_LONGEST = 1 << 20
_LONGEST_TEXT = 2048
_SHOWN = 120
_LARGEST = 10**30
_SID = re.compile("[A-Za-z0-9]*")
_RESOURCE = re.compile(r"arn:[^:]+:[A-Za-z0-9-]+:.*", re.DOTALL)
_ACTION = re.compile(r"\*|\*:\*|[A-Za-z0-9-]+:[A-Za-z0-9*?]+")


class _Object(dict[str, Any]):
    """A JSON object that records the first repeated name."""

    twice: str | None = None

    @classmethod
    def of_pairs(cls, pairs: list[tuple[str, Any]]) -> _Object:
        made = cls()
        for name, value in pairs:
            if name in made and made.twice is None:
                made.twice = name
            made[name] = value
        return made


def read_document(text: str | bytes | Mapping[str, Any], name: str, kind: str) -> tuple[Statement, ...]:
    """The statements of a policy; ``name`` is its name in errors. Raises ConfigError."""
    if kind and kind not in KINDS:
        raise ConfigError(f"{name}: {kind!r} is not a kind of policy: expected one of {', '.join(KINDS)}")
    document = _parsed(text, name)
    if kind:
        size = _size(document, name)
        if size > KINDS[kind]:
            raise ConfigError(
                f"{name}: found {size} characters, white space aside: expected at most {KINDS[kind]}, "
                f"IAM's limit for a policy of the kind {kind!r}"
            )
    return _Reader(name).document(document)


def _size(document: object, name: str) -> int:
    """The number of characters as IAM counts them: without any white space."""
    try:
        text = json.dumps(document, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise ConfigError(f"{name} cannot be written as JSON: {error}") from None
    return len("".join(text.split()))


def _parsed(text: str | bytes | Mapping[str, Any], name: str) -> object:
    if isinstance(text, Mapping):
        return text
    if not isinstance(text, (str, bytes)):
        raise ConfigError(f"{name} is {type(text).__name__}: expected JSON as text or bytes, or a mapping")
    if len(text) > _LONGEST:
        raise ConfigError(
            f"{name}: found {len(text)} bytes or characters: expected a policy of at most {_LONGEST}"
        )
    try:
        decoded = text.decode("utf-8-sig") if isinstance(text, bytes) else text
        return json.loads(decoded, object_pairs_hook=_Object.of_pairs, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{name} is not JSON in UTF-8: {json_fault(error)}") from None


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a number of JSON")


def _matches_an_operation(patterns: tuple[Pattern, ...], negated: bool) -> bool:
    names = (f"sagemaker:{name.lower()}" for name in REQUEST_KEYS)
    return any(any(pattern.like(name, {}) for pattern in patterns) != negated for name in names)


def _unread(text: str) -> Pattern:
    return Pattern(text, (), ())


class _Reader:
    """Reads one document and tracks the current place; :meth:`refuse` raises all errors."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._variables = False

    def refuse(self, place: str, found: str, expected: str) -> NoReturn:
        where = f"{place}: " if place else ""
        raise ConfigError(f"{self._name}: {where}found {found}: {expected}")

    def document(self, value: object) -> tuple[Statement, ...]:
        document = self._object(value, "", 'a policy document {"Version": …, "Statement": […]}')
        for element in document:
            if element not in ("Version", "Statement"):
                self._unknown(element, "", ("Version", "Statement"))
        version = document.get("Version", "2008-10-17")
        if version not in _VERSIONS:
            self.refuse("Version", _shown(version), f"expected {' or '.join(_VERSIONS)}")
        # "IAM JSON policy elements: Version": under the older one, variables are literal strings.
        self._variables = version == "2012-10-17"
        if "Statement" not in document:
            self.refuse("", "no Statement", "expected one statement, or a list of them")
        statements = tuple(
            self._statement(place, each) for place, each in self._each(document, "Statement", "")
        )
        seen: dict[str, str] = {}
        for each in statements:
            if each.sid and each.sid in seen:
                self.refuse(
                    f"{each.place}.Sid", repr(each.sid), f"expected a Sid other than that of {seen[each.sid]}"
                )
            seen[each.sid] = each.place
        return statements

    def _statement(self, place: str, value: object) -> Statement:
        statement = self._object(value, place, "a statement, an object")
        for element in statement:
            if element not in _ELEMENTS:
                self._unknown(element, place, _ELEMENTS)
        sid = statement.get("Sid", "")
        if not isinstance(sid, str) or len(sid) > _LONGEST_TEXT or not _SID.fullmatch(sid):
            self.refuse(f"{place}.Sid", _shown(sid), "expected letters A-Z, a-z and digits")
        effect = statement.get("Effect")
        if effect not in _EFFECTS:
            found = _shown(effect) if "Effect" in statement else "nothing"
            self.refuse(f"{place}.Effect", found, f"expected {' or '.join(_EFFECTS)}, in this spelling")
        actions = self._one_of(statement, place, "Action", self._action)
        if not _matches_an_operation(*actions):
            aside = "it names no operation of this service"
        elif self._is_about_other_services(statement, place):
            aside = "its resources belong to other services"
        else:
            resources = self._one_of(statement, place, "Resource", self._resource)
            conditions = tuple(self._conditions(statement, place))
            return Statement(place, sid, effect, *actions, *resources, conditions)
        self._one_of(statement, place, "Resource", _unread)
        return Statement(place, sid, effect, (), False, (), False, (), aside)

    def _is_about_other_services(self, statement: Mapping[str, Any], place: str) -> bool:
        """Whether ``Resource`` lists only ARNs of other services, without a wildcard in the service."""
        if "Resource" not in statement or "NotResource" in statement:
            return False
        for _, value in self._each(statement, "Resource", place):
            if not isinstance(value, str) or not _RESOURCE.fullmatch(value):
                return False
            if value.split(":")[2].lower() == "sagemaker":
                return False
        return True

    def _one_of(
        self, statement: Mapping[str, Any], place: str, name: str, read: Callable[[str], Pattern]
    ) -> tuple[tuple[Pattern, ...], bool]:
        """The patterns of ``name`` or its Not form, and whether it was the Not form."""
        given = [element for element in (name, f"Not{name}") if element in statement]
        if len(given) != 1:
            self.refuse(place, " and ".join(given) or f"no {name}", f"expected one of {name} and Not{name}")
        patterns = []
        for where, value in self._each(statement, given[0], place):
            text = self._text(value, where, "a text")
            patterns.append(self._read(where, text, read))
        return tuple(patterns), given[0] != name

    def _action(self, text: str) -> Pattern:
        if not _ACTION.fullmatch(text):
            raise ValueError("expected * or SERVICE:ACTION, such as sagemaker:*NotebookInstance*")
        return Pattern.parse(text.lower(), wildcards=True, variables=False)

    def _resource(self, text: str) -> Pattern:
        pattern = Pattern.parse(text, wildcards=True, variables=self._variables)
        check_variables(pattern)
        if text == "*":
            return pattern
        # "If the * wildcard is the last character of a resource ARN segment, it can expand to match beyond
        # the colon boundaries": only so may an ARN have fewer than six parts.
        parts = segments(pattern.units)
        if not _RESOURCE.fullmatch(text) or (len(parts) < 6 and pattern.units[-1] != ANY):
            raise ValueError(
                "expected * or an ARN, arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE, no wildcard in SERVICE"
            )
        if any(isinstance(unit, Variable) for part in parts[:5] for unit in part):
            raise ValueError("expected policy variables only in the resource, after the fifth colon")
        return pattern

    def _conditions(self, statement: Mapping[str, Any], place: str) -> Iterator[Condition]:
        place = f"{place}.Condition"
        block = self._object(statement.get("Condition", {}), place, "an object of condition operators")
        for name, keys in block.items():
            here = f"{place}.{_name(name)}"
            comparison = self._read(here, name, Comparison.parse)
            if not self._object(keys, here, "an object of condition keys"):
                self.refuse(here, "no condition key", "expected at least one")
            lowered: set[str] = set()
            for key in keys:
                where = f"{here}.{_name(key)}"
                if key.lower() in lowered:
                    self.refuse(where, "the key twice", "the names of condition keys are not case-sensitive")
                lowered.add(key.lower())
                self._read(where, key, partial(check_key, name=comparison.operator))
                yield self._condition(comparison, keys, key, here)

    def _condition(self, comparison: Comparison, keys: Mapping[str, Any], key: str, place: str) -> Condition:
        read = partial(read_value, name=comparison.operator, variables=self._variables)
        sources, values = [], []
        for where, value in self._each(keys, key, place):
            text = self._scalar(value, where)
            sources.append(text)
            values.append(self._read(where, text, read))
        return Condition(comparison, key, tuple(sources), tuple(values))

    def _read(self, place: str, text: str, read: Callable[[str], _Read]) -> _Read:
        try:
            return read(text)
        except ValueError as error:
            self.refuse(place, _shown(text), str(error))

    def _each(self, parent: Mapping[str, Any], name: str, place: str) -> Iterator[tuple[str, Any]]:
        """The values of an element with their places; a single value counts as a list of one."""
        value = parent[name]
        here = f"{place}.{_name(name)}" if place else _name(name)
        if not isinstance(value, (list, tuple)):
            yield here, value
            return
        if not value:
            self.refuse(here, "an empty list", "expected at least one value")
        for index, each in enumerate(value):
            yield f"{here}[{index}]", each

    def _object(self, value: object, place: str, expected: str) -> Mapping[str, Any]:
        if not isinstance(value, Mapping):
            self.refuse(place, _shown(value), f"expected {expected}")
        if isinstance(value, _Object) and value.twice is not None:
            self.refuse(place, f"{_shown(value.twice)} twice", "expected each name once in an object")
        for name in value:
            if not isinstance(name, str):
                self.refuse(place, f"the name {_shown(name)}", "expected names that are texts")
        return value

    def _unknown(self, element: str, place: str, known: tuple[str, ...]) -> NoReturn:
        if element in _RESOURCE_POLICY_ELEMENTS:
            expected = "expected none in an identity policy, which is about the identity that has it"
        else:
            expected = f"expected one of {', '.join(known)}, in this spelling"
        self.refuse(place, f"the element {_shown(element)}", expected)

    def _text(self, value: object, place: str, expected: str) -> str:
        if not isinstance(value, str):
            self.refuse(place, _shown(value), f"expected {expected}")
        if len(value) > _LONGEST_TEXT:
            self.refuse(place, f"{len(value)} characters", f"expected at most {_LONGEST_TEXT}")
        return value

    def _scalar(self, value: object, place: str) -> str:
        """A condition's value as text: IAM also accepts numbers and Booleans without quotation marks."""
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, (int, float)) and -_LARGEST < value < _LARGEST:
            return repr(value)
        return self._text(value, place, "a text, a number, true or false")


def _name(name: str) -> str:
    """A name as part of a place; shortened or quoted unless it is plain and short."""
    return name if len(name) <= _SHOWN and name.isprintable() else repr(name[:_SHOWN])


def _shown(value: object) -> str:
    if isinstance(value, str):
        return repr(value[:_SHOWN]) + ("…" if len(value) > _SHOWN else "")
    if isinstance(value, (Mapping, list, tuple)):
        return "an object" if isinstance(value, Mapping) else "a list"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return "a number" if isinstance(value, (int, float)) else type(value).__name__
