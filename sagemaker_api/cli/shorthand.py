"""Parses the AWS CLI's shorthand for an object: ``Key=stage,Value=test``.

Source: AWS CLI User Guide, "Using shorthand syntax with the AWS CLI".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_NAME_CHARACTERS = frozenset("-_.#/:")
_ENDS = {"[": "]", "{": "}"}


class ShorthandError(ValueError):
    """The text says what was expected, what was found, and where."""


def parse_shorthand(text: str, load: Callable[[str], str] = str) -> dict[str, Any]:
    """Parses ``text`` into an object of texts, lists (``a=x,y`` and ``a=[x,y]``) and objects (``a={b=c}``).

    ``load`` returns the content for a value ``a@=file://PATH``. Raises ShorthandError.
    """
    reader = _Reader(text, load)
    found = reader.members("")
    if reader.at < len(text):
        raise reader.error("','")
    return found


class _Reader:
    """Reads ``text`` from its position ``at`` on."""

    def __init__(self, text: str, load: Callable[[str], str]) -> None:
        self.text = text
        self._load = load
        self.at = 0

    def members(self, end: str) -> dict[str, Any]:
        """``name=value`` pairs, up to ``end`` or the end of the text."""
        found: dict[str, Any] = {}
        while True:
            name = self._name()
            if name in found:
                raise ShorthandError(f"Second instance of key {name!r} in {self.text!r}")
            loads = self._next() == "@"
            if loads:
                self._expect("@")
            self._expect("=")
            value = self._value(end)
            found[name] = self._load(value) if loads and isinstance(value, str) else value
            if self._next() != ",":
                return found
            self._expect(",")

    def error(self, expected: str) -> ShorthandError:
        found = repr(self._next()) if self._next() else "the end"
        return ShorthandError(f"Expected {expected}, received {found} in {self.text!r} at {self.at}")

    def _name(self) -> str:
        self._skip_blanks()
        start = self.at
        while self._next().isalnum() or self._next() in _NAME_CHARACTERS:
            self.at += 1
        name = self.text[start : self.at]
        self._skip_blanks()
        return name

    def _value(self, end: str) -> Any:
        """One value, or a list if more values without a name follow: ``a=x,y``."""
        first = self._one_value(end)
        more = []
        while self._next() == "," and not self._a_name_follows():
            self._expect(",")
            if self._next() in ("", end):
                raise self.error("a value")
            if self._next() != ",":  # two commas count as one
                more.append(self._one_value(end))
        return [first, *more] if more else first

    def _a_name_follows(self) -> bool:
        """Whether ``name=`` comes after the comma here."""
        start = self.at
        self._expect(",")
        is_name = bool(self._name()) and self._next() in ("=", "@")
        self.at = start
        return is_name

    def _one_value(self, end: str) -> Any:
        self._skip_blanks()
        first = self._next()
        if first in _ENDS:
            return self._bracketed(first, _ENDS[first])
        if first in ("'", '"'):
            return self._quoted(first)
        return self._bare(end)

    def _bracketed(self, first: str, last: str) -> Any:
        self._expect(first)
        found: Any
        if first == "{":
            found = {} if self._next() == last else self.members(last)
        else:
            found = []
            while self._next() != last:
                found.append(self._one_value(last))
                if self._next() != last:
                    self._expect(",")
        self._expect(last)
        return found

    def _quoted(self, mark: str) -> str:
        """A text in quotation marks; a backslash escapes the mark and a backslash."""
        self.at += 1
        found = ""
        while self._next() != mark:
            if self._next() == "\\" and self.text[self.at + 1 : self.at + 2] in (mark, "\\"):
                self.at += 1
            if not self._next():
                raise self.error(mark)
            found += self._next()
            self.at += 1
        self._expect(mark)
        return found

    def _bare(self, end: str) -> str:
        """A text up to the next comma; a backslash escapes a comma."""
        found = ""
        while self._next() and self._next() not in (",", end):
            if self._next() == "\\" and self.text[self.at + 1 : self.at + 2] == ",":
                self.at += 1
            found += self._next()
            self.at += 1
        return found.rstrip()

    def _next(self) -> str:
        """The next character, ``""`` at the end."""
        return self.text[self.at : self.at + 1]

    def _expect(self, character: str) -> None:
        self._skip_blanks()
        if self._next() != character:
            raise self.error(repr(character))
        self.at += 1
        self._skip_blanks()

    def _skip_blanks(self) -> None:
        while self._next().isspace():
            self.at += 1
