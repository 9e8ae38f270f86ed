"""Parses the AWS CLI's shorthand for an object: ``Key=stage,Value=test``.

Source: AWS CLI User Guide, "Using shorthand syntax with the AWS CLI". If the guide does not
decide, this module follows the AWS CLI; ``tests/interop/test_shorthand_of_awscli.py`` compares the two.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

_NAME = re.compile(r"[A-Za-z0-9\-_.#/:]*")
_QUOTED = {
    "'": re.compile(r"'((?:\\'|[^'])*)'"),
    '"': re.compile(r'"((?:\\"|[^"])*)"'),
}
# A text without quotation marks: a backslash escapes a comma. One that comes first may contain "=", since
# nothing but a value can be meant; a further one (a=x,y) may not, since "y=" is the next name.
_START = r"""(?:\\,|[^\x00-\x20"',=\[{])"""
_FIRST = re.compile(_START + r"""(?:\\,|[^\x00-\x08\x0e-\x1b"',\]}])*""")
_FURTHER = re.compile(_START + r"""(?:\\,|[^\x00-\x08\x0e-\x1b"',=])*""")
_BLANKS = re.compile(r"[ \t\n\r\x0b\x0c]*")


class ShorthandError(ValueError):
    """The text says what was expected, what was found, and where."""


def parse_shorthand(text: str, load: Callable[[str], str] = str) -> dict[str, Any]:
    """Parses ``text`` into an object of texts, lists (``a=x,y`` and ``a=[x,y]``) and objects (``a={b=c}``).

    ``load`` returns the content for a value ``a@=file://PATH``. Raises ShorthandError.
    """
    try:
        return _Reader(text, load).whole()
    except RecursionError:
        raise ShorthandError("The brackets are nested too deeply") from None


class _Reader:
    """Reads ``text`` from its position ``at`` on."""

    def __init__(self, text: str, load: Callable[[str], str]) -> None:
        self._text = text
        self._load = load
        self._loads = False  # whether the member that is being read has "@="
        self._at = 0

    def whole(self) -> dict[str, Any]:
        """``name=value`` pairs up to the end of the text."""
        found: dict[str, Any] = {}
        self._add_member(found, self._values)
        while self._at < len(self._text):
            self._skip_blanks()
            self._expect(",")
            self._add_member(found, self._values)
        return found

    def _add_member(self, found: dict[str, Any], read: Callable[[], Any]) -> None:
        name = self._taken(_NAME)
        if name in found:
            raise ShorthandError(f"Second instance of key {name!r} in {self._text!r}")
        self._skip_blanks()
        self._loads = self._next() == "@"
        if self._loads:
            self._expect("@")
        self._expect("=")
        found[name] = read()

    def _values(self) -> Any:
        """One value, or a list if more values without a name follow: ``a=x,y``."""
        if self._next() in ("[", "{"):
            return self._value()
        first = self._loaded(self._text_of(_FIRST))
        self._skip_blanks()
        more = []
        while self._next() == ",":
            comma = self._at
            self._expect(",")
            if self._next() == ",":  # two commas before a name count as one
                break
            if not self._next():
                raise self._error("a value")
            further = self._text_of(_FURTHER)
            self._skip_blanks()
            if self._next() not in ("", ","):  # it was a name
                self._at = comma
                break
            more.append(self._loaded(further))
        return [first, *more] if more else first

    def _value(self) -> Any:
        """A value inside brackets."""
        if self._next() == "[":
            return self._list()
        return self._object() if self._next() == "{" else self._loaded(self._text_of(_FIRST))

    def _list(self) -> list[Any]:
        found: list[Any] = []
        self._expect("[")
        while self._next() != "]":
            found.append(self._value())
            self._expect_unless("]")
        self._at += 1
        return found

    def _object(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        self._expect("{")
        while self._next() != "}":
            self._add_member(found, self._value)
            self._expect_unless("}")
        self._at += 1
        return found

    def _text_of(self, form: re.Pattern[str]) -> str:
        """A text in quotation marks, or one of this form; ``""`` if there is none."""
        mark = self._next()
        if mark in _QUOTED:
            quoted = _QUOTED[mark].match(self._text, self._at)
            if quoted is None:
                self._at = len(self._text)
                raise self._error(mark)
            self._at = quoted.end()
            return quoted[1].replace(f"\\{mark}", mark).replace("\\\\", "\\")
        return self._taken(form).replace("\\,", ",").rstrip()

    def _loaded(self, text: str) -> str:
        return self._load(text) if self._loads else text

    def _taken(self, form: re.Pattern[str]) -> str:
        found = form.match(self._text, self._at)
        if found is None:
            return ""
        self._at = found.end()
        return found[0]

    def _next(self) -> str:
        """The next character, ``""`` at the end."""
        return self._text[self._at : self._at + 1]

    def _expect(self, character: str) -> None:
        """Takes this character, and the blanks after it."""
        if self._next() != character:
            raise self._error(repr(character))
        self._at += 1
        self._skip_blanks()

    def _expect_unless(self, end: str) -> None:
        """Takes the comma after a value inside brackets, unless the brackets end here."""
        self._skip_blanks()
        if self._next() != end:
            self._expect(",")

    def _skip_blanks(self) -> None:
        self._taken(_BLANKS)

    def _error(self, expected: str) -> ShorthandError:
        found = repr(self._next()) if self._next() else "the end"
        return ShorthandError(f"Expected {expected}, received {found} in {self._text!r} at {self._at}")
