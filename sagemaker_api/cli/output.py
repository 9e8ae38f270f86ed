"""Formats a result as the AWS CLI does: JSON, YAML, a table, or text for other programs.

Control characters of an answer are replaced, because a terminal would interpret them: by escapes in JSON, by
``?`` in text.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from typing import Any
from unicodedata import category

from ..model.timestamps import value_text

# Control characters, invisible formatting (text from right to left), lone surrogates, line separators.
_OBEYED = ("Cc", "Cf", "Cs", "Zl", "Zp")

FORMS = ("json", "text", "table", "yaml", "yaml-stream", "off")


def shown(result: Any, form: str, title: str = "", color: str = "off") -> str:
    """``result`` in one of :data:`FORMS`, with a final line end; for an empty object ``""``.

    ``title`` (the operation's name) and ``color`` (``on``, ``off``, ``auto``) are for a table.
    """
    if form == "off":
        return ""
    if form == "text":
        return "".join(f"{line}\n" for line in _lines(_printable(result), "", None))
    if form == "table":
        from .table_output import table

        is_terminal = sys.stdout.isatty()
        colored = color == "on" or (color == "auto" and is_terminal)
        return table(_printable(result), title, terminal=_columns(), color=colored)
    if result == {}:
        return ""
    if form in ("yaml", "yaml-stream"):
        from .yaml_output import yaml

        return printable(yaml(result if form == "yaml" else [result]))
    text = json.dumps(result, indent=4, ensure_ascii=False, default=value_text)
    return "\n".join("".join(map(_escaped, line)) for line in text.split("\n")) + "\n"


def printable(text: str) -> str:
    """``text`` with ``?`` for control characters except tab and newline, which a terminal would interpret."""
    return "".join("?" if char not in "\t\n" and category(char) in _OBEYED else char for char in text)


def _printable(value: Any) -> Any:
    """``value`` with every text in it made printable."""
    if isinstance(value, dict):
        return {printable(str(name)): _printable(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_printable(each) for each in value]
    return printable(value) if isinstance(value, str) else value


def _escaped(char: str) -> str:
    return char if category(char) not in _OBEYED else json.dumps(char)[1:-1]


def _columns() -> int:
    """The width of the terminal, 80 if there is none."""
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or 80
    except (OSError, ValueError, AttributeError):
        return 80


def _lines(value: Any, name: str, columns: list[str] | None) -> Iterator[str]:
    """One line for all scalars of an object, sorted by name; then its lists and objects.

    Lines of a nested member begin with its name in capitals. ``columns`` are the members of all objects in
    one list, so that their lines have the same columns.
    """
    if isinstance(value, dict):
        yield from _object_lines(value, name, columns)
    elif not isinstance(value, list):
        yield f"{name.upper()}\t{value_text(value)}" if name else value_text(value)
    elif any(isinstance(item, dict) for item in value):
        shared = sorted({key for item in value if isinstance(item, dict) for key in _scalars(item)})
        for item in value:
            yield from _lines(item, name, shared)
    else:
        yield from _list_lines(value, name)


def _object_lines(value: dict[str, Any], name: str, columns: list[str] | None) -> Iterator[str]:
    shown_here = sorted(_scalars(value)) if columns is None else columns
    texts = [value_text(value.get(key, "")) for key in shown_here]
    if texts:
        yield "\t".join([name.upper(), *texts] if name else texts)
    for key in sorted(set(value) - set(shown_here)):
        yield from _lines(value[key], key, None)


def _list_lines(value: list[Any], name: str) -> Iterator[str]:
    scalars = [value_text(item) for item in value if not isinstance(item, list)]
    if name:
        yield from (f"{name.upper()}\t{text}" for text in scalars)
    elif scalars:
        yield "\t".join(scalars)
    for item in value:
        if isinstance(item, list):
            yield from _lines(item, name, None)


def _scalars(value: dict[str, Any]) -> list[str]:
    return [key for key, item in value.items() if not isinstance(item, (dict, list))]
