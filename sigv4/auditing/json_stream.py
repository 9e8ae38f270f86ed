"""Reads JSON value by value: the elements of one array in a document, or several documents."""

from __future__ import annotations

from codecs import getincrementaldecoder
from json import JSONDecodeError, JSONDecoder

from ..errors import SigningError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from typing import Any, Protocol

    class BinaryFile(Protocol):
        def read(self, size: int, /) -> bytes: ...


_BLOCK = 1 << 16
_SPACE = " \t\r\n"
_LONGEST_WORD = 16  # the longest token that is not a string, such as -Infinity; also two escapes


class JsonReader:
    """JSON that is read from ``file`` as it is needed; ``what`` is its name in errors.

    An incomplete value is parsed again with twice as much text, so that the cost stays linear.
    """

    def __init__(self, file: BinaryFile, what: str) -> None:
        self._file = file
        self._what = what
        self._decode = getincrementaldecoder("utf-8")("strict")
        self._values = JSONDecoder()
        self._text = ""
        self._at = 0
        self._ended = False
        self._line = 1
        self._counted = 0  # up to where in the text line ends were counted

    def elements(self, *keys: str) -> Generator[Any, None, dict[str, Any] | None]:
        """The elements of the array at the path ``keys``.

        Returns the object itself if it has no such array. Raises SigningError if it is not JSON.
        """
        first, inner = keys[0], keys[1:]
        found = False
        given: dict[str, Any] = {}
        for key in self._members():
            if found or key != first or self._next() != ("{" if inner else "["):
                value = self._value()
            elif inner:
                value = yield from self.elements(*inner)
                found = value is None
            else:
                found, value = True, None
                yield from self.array()
            if not found:
                given[key] = value
        return None if found else given

    def array(self) -> Iterator[Any]:
        """The elements of the next value, an array."""
        self._take("[")
        if self._take("]"):
            return
        while True:
            yield self._value()
            if self._take("]"):
                return
            if not self._take(","):
                raise self._malformed("expected ',' or ']'")

    def documents(self) -> Iterator[tuple[int, Any]]:
        """Each value that follows, with the number of the line that it begins on."""
        while self._next():
            yield self.line, self._value()

    def end(self) -> None:
        """Raises SigningError if anything follows."""
        if self._next():
            raise self._malformed("text follows the end of the document")

    @property
    def line(self) -> int:
        """The number of the line that is read next."""
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._line

    def _members(self) -> Iterator[str]:
        """The keys of an object; the caller must read each value before the next key."""
        if not self._take("{"):
            raise self._malformed("expected an object")
        if self._take("}"):
            return
        while True:
            key = self._value() if self._next() == '"' else None
            if key is None or not self._take(":"):
                raise self._malformed("expected a name in quotes and ':'")
            yield key
            if self._take("}"):
                return
            if not self._take(","):
                raise self._malformed("expected ',' or '}'")

    def _value(self) -> Any:
        self._next()
        size = _BLOCK
        while True:
            try:
                value, end = self._values.raw_decode(self._text, self._at)
            except JSONDecodeError as error:
                fault, at = error.msg, error.pos
                if self._ended or not self._may_be_cut(fault, at):
                    break
            except (ValueError, RecursionError) as error:
                fault, at = json_fault(error), self._at
                break
            else:
                if self._ended or (end < len(self._text) and not self._may_go_on(value, end)):
                    self._at = end
                    return value
            self._more(size)
            size *= 2
        self._at = min(at, len(self._text))
        raise self._malformed(fault)

    def _may_be_cut(self, fault: str, at: int) -> bool:
        """Whether the error at ``at`` may be due to missing text: in a string, or in the last characters."""
        return fault.startswith("Unterminated string") or at > len(self._text) - _LONGEST_WORD

    def _may_go_on(self, value: Any, end: int) -> bool:
        """Whether ``value`` may be an incomplete number, such as 2 from "2." of "2.5"."""
        return isinstance(value, (int, float)) and self._text[end] in "0123456789.eE+-"

    def _next(self) -> str:
        """The next character that is not white space, without consuming it; "" at the end."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in _SPACE:
                self._at += 1
            if self._at < len(self._text):
                return self._text[self._at]
            if self._ended:
                return ""
            self._more(_BLOCK)

    def _take(self, char: str) -> bool:
        if self._next() != char:
            return False
        self._at += 1
        return True

    def _more(self, size: int) -> None:
        """Reads ``size`` bytes with as many reads as needed, or all that is left."""
        pieces, missing = [], size
        while missing > 0 and (piece := self._file.read(missing)):
            pieces.append(piece)
            missing -= len(piece)
        raw = b"".join(pieces)
        self._ended = missing > 0
        try:
            text = self._decode.decode(raw, final=self._ended)
        except UnicodeDecodeError:
            text = None
        if text is None:
            raise self._malformed("it is not UTF-8")
        self._line = self.line
        self._text, self._at, self._counted = self._text[self._at :] + text, 0, 0

    def _malformed(self, detail: str) -> SigningError:
        return SigningError(f"{self._what} is not JSON: line {self.line}: {detail}")


def json_fault(error: ValueError | RecursionError) -> str:
    """Why text is not JSON, by the error of ``json``; it does not contain the text."""
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, UnicodeError):
        return "it is not UTF-8"
    said = str(error)
    return "a number has too many digits" if said.startswith("Exceeds the limit") else said
