"""``--query``: selects a part of a result.

Paths such as ``A.B`` and ``A[0]`` are evaluated here. Other expressions need the optional package
``jmespath``; without it they are refused with an error that names it. Source:
https://jmespath.org/specification.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeAlias

from ..errors import ParamValidationError

Search: TypeAlias = Callable[[Any], Any]

_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_INDEX = r"\[-?[0-9]{1,9}\]"
_PATH = re.compile(rf"{_NAME}(?:\.{_NAME}|{_INDEX})*")
_STEP = re.compile(rf"{_NAME}|{_INDEX}")
_SHOWN = 200


def compiled(expression: str) -> Search:
    """A function that returns the value of ``expression`` in a result, or None if it is missing.

    Raises ParamValidationError for an invalid expression, or one that needs ``jmespath``.
    """
    text = expression.strip()
    if not _PATH.fullmatch(text):
        return _by_jmespath(expression)
    steps = [int(step[1:-1]) if step[0] == "[" else step for step in _STEP.findall(text)]
    return lambda value: _found(value, steps)


def _found(value: Any, steps: list[int | str]) -> Any:
    for step in steps:
        if isinstance(step, int):
            is_there = isinstance(value, list) and -len(value) <= step < len(value)
            value = value[step] if is_there else None
        else:
            value = value.get(step) if isinstance(value, dict) else None
    return value


def _by_jmespath(expression: str) -> Search:
    try:
        import jmespath
    except ImportError:
        raise ParamValidationError(
            f"--query {expression[:_SHOWN]!r} is more than a path such as A.B or A[0]: to use it, install "
            "the package jmespath (pip install jmespath)"
        ) from None
    try:
        search = jmespath.compile(expression)
    except (ValueError, RecursionError) as error:  # ValueError: its own errors, and a number too long
        raise _bad(expression, error) from None

    def found(value: Any) -> Any:
        try:
            return search.search(value)
        except (ValueError, TypeError, RecursionError) as error:
            raise _bad(expression, error) from None

    return found


def _bad(expression: str, error: Exception) -> ParamValidationError:
    said = str(error) or type(error).__name__
    return ParamValidationError(f"Bad value for --query {expression[:_SHOWN]!r}: {said[:500]}")
