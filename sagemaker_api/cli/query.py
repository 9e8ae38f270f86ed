"""``--query``: the paths of JMESPath that daily use needs. Pure: an expression and a result in, a value out.

    A.B         a member of a member            A[0]  A[-1]      an item of a list
    A[*].B      B of every item of A            A[].B            the same, lists within lists made one
    [A, B.C]    a list of these                 {x: A, y: B}     an object of these

What is not there is null, as in JMESPath. Source: https://jmespath.org/specification.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from ..errors import ParamValidationError

Search: TypeAlias = Callable[[Any], Any]

_TOKEN = re.compile(
    r"\s*(?:(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<quoted>\"(?:[^\"\\]|\\.)*\")|(?P<number>-?[0-9]{1,9})(?=\s*\])"
    r"|(?P<sign>\[\]|[][.*,:{}]))"
)
_DEEPEST = 20
_LONGEST = 500


def compiled(expression: str) -> Search:
    """What finds the value of ``expression`` in a result.

    Raises ParamValidationError for an expression that is more than the paths above.
    """
    tokens = _Tokens(expression)
    search = _path(tokens, 0)
    tokens.expect_end()
    return search


class _Tokens:
    """The tokens of one expression, each a kind and a text."""

    def __init__(self, expression: str) -> None:
        self.expression = expression
        if len(expression) > _LONGEST:
            raise self.refusal(_LONGEST)
        self._found = list(self._split())
        self._next = 0

    def _split(self) -> Iterator[tuple[str, str, int]]:
        at = 0
        end = len(self.expression.rstrip())
        while at < end:
            match = _TOKEN.match(self.expression, at)
            if match is None:
                raise self.refusal(at)
            kind = str(match.lastgroup)
            yield kind, match[kind], match.start(kind)
            at = match.end()

    def peek(self, ahead: int = 0) -> str:
        """The sign that is next, or the kind of what is."""
        at = self._next + ahead
        kind, text, _ = self._found[at] if at < len(self._found) else ("end", "", 0)
        return text if kind == "sign" else kind

    def take(self, *allowed: str) -> str:
        """The text of the next token, which must be one of these signs or kinds."""
        if self.peek() not in allowed:
            raise self.refusal(self._position())
        self._next += 1
        return self._found[self._next - 1][1]

    def expect_end(self) -> None:
        if self.peek() != "end":
            raise self.refusal(self._position())

    def _position(self) -> int:
        return self._found[self._next][2] if self._next < len(self._found) else len(self.expression)

    def refusal(self, position: int) -> ParamValidationError:
        found = self.expression[position : position + 20]
        where = f"at position {position}: {found!r}" if found else "at its end"
        return ParamValidationError(
            f"--query {self.expression[:200]!r} cannot be read {where}. Expected a path such as A.B, A[0], "
            "A[].B, A[*].B, [A, B] or {x: A}; for the rest of JMESPath, pipe the JSON into a tool that "
            "speaks it"
        )


def _path(tokens: _Tokens, depth: int) -> Search:
    """An expression from its first step to whatever does not belong to it."""
    if depth > _DEEPEST:
        raise tokens.refusal(0)
    if tokens.peek() in ("name", "quoted"):
        first = _member(_name(tokens))
    elif tokens.peek() == "{":
        first = _object(tokens, depth)
    else:
        first = _bracket(tokens, depth, _itself, selects=True)
    return _steps(tokens, depth, first, (".", "[", "[]"))


def _steps(tokens: _Tokens, depth: int, left: Search, signs: tuple[str, ...]) -> Search:
    """``left`` and what follows it, as long as that begins with one of ``signs``."""
    while (sign := tokens.peek()) in signs:
        if sign == ".":
            left = _then(left, _after_dot(tokens, depth))
        else:
            left = _bracket(tokens, depth, left, selects=False)
    return left


def _after_dot(tokens: _Tokens, depth: int) -> Search:
    tokens.take(".")
    if tokens.peek() in ("name", "quoted"):
        return _member(_name(tokens))
    if tokens.peek() == "{":
        return _object(tokens, depth)
    tokens.take("[")
    return _selected(tokens, depth)


def _bracket(tokens: _Tokens, depth: int, left: Search, *, selects: bool) -> Search:
    """``[0]``, ``[*]`` or ``[]`` on the value of ``left``; where it ``selects``, also ``[A, B]``."""
    if tokens.peek() == "[]":
        tokens.take("[]")
        return _projection(tokens, depth, left, flat=True)
    tokens.take("[")
    if tokens.peek() == "number":
        index = int(tokens.take("number"))
        tokens.take("]")
        return _then(left, _item(index))
    if tokens.peek() == "*" or not selects:
        tokens.take("*")
        tokens.take("]")
        return _projection(tokens, depth, left, flat=False)
    return _selected(tokens, depth)


def _projection(tokens: _Tokens, depth: int, left: Search, *, flat: bool) -> Search:
    """Everything that follows, up to the next ``[]``, on every item of the list that ``left`` finds."""
    each = _each(tokens, depth)

    def search(value: Any) -> Any:
        found = left(value)
        if not isinstance(found, list):
            return None
        if flat:
            found = [inner for item in found for inner in (item if isinstance(item, list) else [item])]
        return [result for item in found if (result := each(item)) is not None]

    return search


def _each(tokens: _Tokens, depth: int) -> Search:
    """What is done with every item: ends behind ``.[A, B]`` or ``.{x: A}``, where those come first."""
    first: Search = _itself
    if tokens.peek() == ".":
        is_name = tokens.peek(1) in ("name", "quoted")
        first = _after_dot(tokens, depth)
        if not is_name:
            return first
    return _steps(tokens, depth, first, (".", "["))


def _selected(tokens: _Tokens, depth: int) -> Search:
    """``A, B]``: a list of these, or null where there is nothing to look in."""
    parts = [_path(tokens, depth + 1)]
    while tokens.take(",", "]") == ",":
        parts.append(_path(tokens, depth + 1))
    return lambda value: None if value is None else [part(value) for part in parts]


def _object(tokens: _Tokens, depth: int) -> Search:
    """``{x: A, y: B}``: an object of these, or null where there is nothing to look in."""
    tokens.take("{")
    parts: dict[str, Search] = {}
    while True:
        name = _name(tokens)
        tokens.take(":")
        parts[name] = _path(tokens, depth + 1)
        if tokens.take(",", "}") == "}":
            break
    return lambda value: None if value is None else {name: part(value) for name, part in parts.items()}


def _name(tokens: _Tokens) -> str:
    if tokens.peek() != "quoted":
        return tokens.take("name")
    try:
        return str(json.loads(tokens.take("quoted")))
    except ValueError:
        raise tokens.refusal(0) from None


def _itself(value: Any) -> Any:
    return value


def _member(name: str) -> Search:
    return lambda value: value.get(name) if isinstance(value, dict) else None


def _item(index: int) -> Search:
    def search(value: Any) -> Any:
        if not isinstance(value, list) or not -len(value) <= index < len(value):
            return None
        return value[index]

    return search


def _then(left: Search, right: Search) -> Search:
    return lambda value: right(left(value))
