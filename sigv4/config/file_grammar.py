"""Parses one shared file into sections, properties and nested blocks, as botocore and the AWS CLI read it.

They use Python's ``configparser``: ``=`` or ``:`` ends a name; a line that is indented deeper than the
property above it continues its value; a comment is a separate line, with any indent. This parser accepts more
in three ways: a byte order mark is skipped; a comment after a value, ``a = b # c``, is removed; a section or
a name may be repeated, and the last one counts. Errors name the file and the line, never a value.
"""

from __future__ import annotations

from ..errors import ConfigError
from ..record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    Section: TypeAlias = dict[str, "Entry"]

_DEFAULTS = "DEFAULT"
_MOST_DEFAULTS = 1_000_000
_UNCLOSED = "Profile definition must end with ']'"
_NO_SIGN = "Expected an '=' sign defining a property"


class Entry(Record):
    """One property: its ``value``, its nested ``block`` (may be empty), ``file`` and ``line``."""

    _masked = ("value", "block")
    value: str
    block: dict[str, str]
    file: str
    line: int

    @property
    def origin(self) -> str:
        """The file, as it was named, and the line: ``~/.aws/config:12``."""
        return f"{self.file}:{self.line}"


class FileSection(Record):
    """One section: the text between its brackets, its properties, and the line of its header."""

    _masked = ("properties",)
    header: str
    properties: Section
    line: int


def parse(file: str, text: str) -> list[FileSection]:
    """The sections of one file in the order of their headers. Raises ConfigError with file and line.

    The properties of ``[DEFAULT]``, in capitals, count in every other section that does not set them itself.
    """
    found: dict[str, FileSection] = {}
    section: FileSection | None = None
    lines: list[tuple[int, str]] = []  # the lines of the current property
    level = 0
    for number, line in enumerate(_lines(text), 1):
        shown = line.strip()
        if shown[:1] in ("#", ";"):
            continue
        indent = len(line) - len(line.lstrip())
        if lines and (not shown or indent > level):
            lines.append((number, shown))
        elif shown:
            level = indent
            _close(section, lines, file)
            lines = []
            header = _header(shown)
            if header:
                section = found.setdefault(header, FileSection(header, {}, number))
            elif section is None:
                expected = _UNCLOSED if shown[0] == "[" else "Expected a profile definition such as [default]"
                raise ConfigError(f"{file}:{number}: {expected}")
            else:
                lines = [(number, shown)]
    _close(section, lines, file)
    defaults = found.pop(_DEFAULTS, None)
    if defaults is None:
        return list(found.values())
    copies = len(found) * len(defaults.properties)
    if copies > _MOST_DEFAULTS:
        raise ConfigError(
            f"{file}:{defaults.line}: {len(defaults.properties)} properties of [{_DEFAULTS}] count in each "
            f"of {len(found)} sections: expected at most {_MOST_DEFAULTS} in all"
        )
    return [
        FileSection(each.header, {**defaults.properties, **each.properties}, each.line)
        for each in found.values()
    ]


def _lines(text: str) -> list[str]:
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _header(line: str) -> str:
    """The text between the brackets of a section header, or ``""`` for another line."""
    if line[0] != "[":
        return ""
    start, *pieces = line.split("]")
    for number, piece in enumerate(pieces):
        if piece.lstrip()[:1] in ("#", ";"):  # a comment, which may hold a bracket
            return "]".join([start, *pieces[:number]])[1:]
    return "]".join([start, *pieces[:-1]])[1:] if pieces else ""


def _close(section: FileSection | None, lines: list[tuple[int, str]], file: str) -> None:
    """Adds the property of these lines to its section."""
    if section is None or not lines:
        return
    number, first = lines[0]
    place = f"{file}:{number}"
    ends = [at for at in (first.find("="), first.find(":")) if at >= 0]
    if not ends:
        raise ConfigError(f"{place}: {_UNCLOSED if first[0] == '[' else _NO_SIGN}")
    name = first[: min(ends)].rstrip().lower()
    if not name:
        raise ConfigError(f"{place}: Property did not have a name")
    raw = first[min(ends) + 1 :].strip()
    value, more = _without_comment(raw), lines[1:]
    while more and not more[-1][1]:
        more.pop()
    if value or not more:
        text = "\n".join([value, *[line for _, line in more]])
        section.properties[name] = Entry(text, {}, file, number)
    else:
        section.properties[name] = _nested(more, file, number, may_be_text=bool(raw))


def _nested(more: list[tuple[int, str]], file: str, number: int, *, may_be_text: bool) -> Entry:
    block: dict[str, str] = {}
    for at, line in [(at, part.strip()) for at, text in more for part in text.splitlines()]:
        key, equals, value = line.partition("=")
        if equals:
            block[key.strip()] = _without_comment(value.strip())
        elif line and may_be_text:  # only a comment was on the first line
            return Entry("\n".join([line for _, line in more]), {}, file, number)
        elif line:
            raise ConfigError(f"{file}:{at}: Expected an '=' sign defining a sub-property")
    return Entry("", block, file, number)


def _without_comment(value: str) -> str:
    """The value up to a ``#`` or ``;`` that begins it or follows white space."""
    for position, char in enumerate(value):
        if char in "#;" and (not position or value[position - 1].isspace()):
            return value[:position].rstrip()
    return value
