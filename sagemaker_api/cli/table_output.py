"""Draws a result as the table that the AWS CLI draws for ``--output table``.

A section has a title, the names of the scalar members, and a row for each object; nested lists and objects
are further sections, one border deeper. A table that is wider than the terminal shows the members of a single
object below each other.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

from ..model.timestamps import value_text

_PADDING = 4  # blanks of a cell: two on each side
_VALUE, _BORDER, _RESET = "\x1b[1m\x1b[34m", "\x1b[2m\x1b[33m", "\x1b[0m"


class Section:
    """One box of the table. ``depth`` is how many borders are around it."""

    def __init__(self, title: str, depth: int) -> None:
        self.title: str = title
        self.depth: int = depth
        self.names: list[str] = []
        self.rows: list[list[str]] = []

    def turned(self) -> Section:
        """The section with the members of its single row below each other, next to their names."""
        if len(self.rows) != 1 or not self.names:
            return self
        found = Section(self.title, self.depth)
        found.rows = [[name, value] for name, value in zip(self.names, self.rows[0], strict=True)]
        return found

    def natural_widths(self) -> list[int]:
        """The width that each column needs, with its padding."""
        lines = [self.names] * bool(self.names) + self.rows
        columns = range(max(map(len, lines), default=0))
        return [max(_length(line[at]) for line in lines if at < len(line)) + _PADDING for at in columns]

    def width(self) -> int:
        """The width that the section needs, with all borders."""
        borders = 2 + 2 * self.depth
        return borders + max(_length(self.title), sum(self.natural_widths()))

    def widths(self, whole: int) -> list[int]:
        """The widths of the columns, stretched to ``whole``."""
        natural = self.natural_widths()
        if not natural:
            return []
        found = [round(whole / sum(natural) * each) for each in natural]
        off = sum(found) - whole
        order = range(len(found)) if off > 0 else range(len(found) - 1, -1, -1)
        while off:
            for at in order:
                step = (off > 0) - (off < 0)
                found[at] -= step
                off -= step
        return found


def table(result: Any, title: str, *, terminal: int, color: bool) -> str:
    """``result`` as a table under ``title`` (the operation's name), for a terminal with this many columns."""
    sections: list[Section] = []
    _add(sections, result, title, 0)
    if not sections:
        return ""
    if max(section.width() for section in sections) > terminal:
        sections = [section.turned() for section in sections]
    whole = max(section.width() for section in sections)
    lines = ["-" * whole]
    for section in sections:
        edge = _colored("|", _BORDER, color) * section.depth
        lines += [f"{edge}{line}{edge}" for line in _drawn(section, whole - 2 * section.depth, color)]
    return "".join(f"{line}\n" for line in lines)


def _add(sections: list[Section], value: Any, title: str, depth: int) -> None:
    if not value:
        return
    section = Section(title, depth)
    sections.append(section)
    if isinstance(value, dict):
        _add_object(sections, value, depth)
    elif isinstance(value, list) and isinstance(value[0], dict):
        _add_objects(sections, value, title, depth)
    elif isinstance(value, list):
        _add_items(sections, value, depth)


def _add_items(sections: list[Section], value: list[Any], depth: int) -> None:
    """Adds rows: one per scalar, one per list of scalars; the items of any other list one by one."""
    for item in value:
        if _is_scalar(item):
            sections[-1].rows.append([value_text(item)])
        elif all(_is_scalar(each) for each in item):
            sections[-1].rows.append([value_text(each) for each in item])
        elif isinstance(item, dict):
            _add_object(sections, item, depth)
        else:
            _add_items(sections, item, depth)


def _add_object(sections: list[Section], value: dict[str, Any], depth: int) -> None:
    names = sorted(name for name in value if _is_scalar(value[name]))
    row = [value_text(value[name]) for name in names]
    if len(names) == 1:
        sections[-1].rows.append([names[0], *row])
    elif names:
        sections[-1].names = names
        sections[-1].rows.append(row)
    for name in sorted(set(value) - set(names)):
        _add(sections, value[name], name, depth + 1)


def _add_objects(sections: list[Section], value: list[dict[str, Any]], title: str, depth: int) -> None:
    names = sorted({name for each in value for name in each if _is_scalar(each[name])})
    inner = sorted({name for each in value for name in each if not _is_scalar(each[name])})
    for number, each in enumerate(value):
        if number and inner:  # the earlier items have nested sections
            sections.append(Section(title, depth))
        sections[-1].names = names
        sections[-1].rows.append([value_text(each.get(name, "")) for name in names])
        for name in inner:
            _add(sections, each.get(name), name, depth + 1)


def _drawn(section: Section, whole: int, color: bool) -> list[str]:
    lines = [_centered(section.title, whole, "|")]
    if not section.names and not section.rows:
        return [*lines, f"+{'-' * (whole - 2)}+"]
    widths = section.widths(whole)
    rule = "+" + "+".join("-" * (width - 1 - (not at)) for at, width in enumerate(widths)) + "+"
    if section.names:
        lines.append(rule)
        lines.append("".join(map(_centered, section.names, widths, _edges(widths))))
    if section.rows and widths:
        lines.append(rule)
        for row in section.rows:
            cells = zip(row, widths, _edges(widths), strict=False)
            lines.append("".join(_cell(text, width, edge, color) for text, width, edge in cells))
        lines.append(rule)
    return lines


def _edges(widths: list[int]) -> list[str]:
    """The width of the border to the left of each column: only the first column has one."""
    return ["|" if not at else "" for at in range(len(widths))]


def _centered(text: str, width: int, edge: str) -> str:
    before = " " * (width // 2 - _length(text) // 2 - 1)
    after = " " * (width - len(edge) - len(before) - _length(text) - 1)
    return f"{edge}{before}{text}{after}|"


def _cell(text: str, width: int, edge: str, color: bool) -> str:
    room = width - len(edge) - 1 - _length(text)
    before = "  " if room >= 2 else ""
    return f"{edge}{before}{_colored(text, _VALUE, color)}{' ' * (room - len(before))}|"


def _colored(text: str, code: str, color: bool) -> str:
    return f"{code}{text}{_RESET}" if color else text


def _is_scalar(value: object) -> bool:
    return not isinstance(value, (dict, list))


def _length(text: Sequence[str]) -> int:
    """The columns that ``text`` needs in a terminal: East Asian wide characters need two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WFA" else 1 for char in text)
