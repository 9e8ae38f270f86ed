"""Reads the elements of one array in a JSON document, one by one, without holding the document."""

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


class JsonReader:
    """A JSON document that is read from ``file`` as it is needed; ``what`` is what it should be.

    A value that is not complete is tried again with twice as much text, so that the cost stays linear.
    """

    def __init__(self, file: BinaryFile, what: str) -> None:
        self._file = file
        self._what = what
        self._decode = getincrementaldecoder("utf-8")("strict")
        self._values = JSONDecoder()
        self._text = ""
        self._at = 0
        self._ended = False

    def elements(self, *keys: str) -> Iterator[Any]:
        """The elements of the array at ``keys``: an object in an object, and the array in the last.

        Raises SigningError where the document is not JSON, or has no such array.
        """
        found = yield from self._within(keys)
        if not found:
            raise SigningError(f"no {self._what}: expected an object with {'.'.join(keys)}, a list")
        if self._next():
            raise self._malformed("text follows the end of the document")

    def _within(self, keys: tuple[str, ...]) -> Generator[Any, None, bool]:
        """Reads an object, and gives the elements of the array at ``keys`` in it; whether it is there."""
        first, inner = keys[0], keys[1:]
        found = False
        for key in self._members():
            if found or key != first or self._next() != ("{" if inner else "["):
                self._value()
            elif inner:
                found = yield from self._within(inner)
            else:
                found = True
                yield from self._array()
        return found

    def _members(self) -> Iterator[str]:
        """The keys of an object; the caller reads the value of each before it asks for the next."""
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

    def _array(self) -> Iterator[Any]:
        self._take("[")
        if self._take("]"):
            return
        while True:
            yield self._value()
            if self._take("]"):
                return
            if not self._take(","):
                raise self._malformed("expected ',' or ']'")

    def _value(self) -> Any:
        self._next()
        size = _BLOCK
        while True:
            try:
                value, end = self._values.raw_decode(self._text, self._at)
            except (JSONDecodeError, RecursionError) as error:
                if self._ended or isinstance(error, RecursionError):
                    fault = str(error)[:120]
                    break
            else:
                if self._ended or (end < len(self._text) and not self._may_go_on(value, end)):
                    self._at = end
                    return value
            self._more(size)
            size *= 2
        raise self._malformed(fault)

    def _may_go_on(self, value: Any, end: int) -> bool:
        """Whether ``value`` is a number that is cut, as is 2 of "2." where "2.5" is meant."""
        return isinstance(value, (int, float)) and self._text[end] in "0123456789.eE+-"

    def _next(self) -> str:
        """The next character that is not white space, which is not taken; "" at the end."""
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
        """Reads ``size`` bytes, however few of them each read gives, or what is left."""
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
        self._text, self._at = self._text[self._at :] + text, 0

    def _malformed(self, detail: str) -> SigningError:
        return SigningError(f"the {self._what} file is not JSON: {detail}")
