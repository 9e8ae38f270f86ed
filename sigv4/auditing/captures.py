"""Reads a file of many requests in any form: HAR, JSON lines, raw requests, or the text of a program."""

from __future__ import annotations

from io import BytesIO

from ..errors import SigningError
from .capture_source import Source
from .foreign_files import KINDS, foreign, foreign_json
from .har import exchange_of, request_of
from .json_stream import JsonReader
from .text_captures import is_quoted, text_exchanges, unquoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from typing import Any

    from ..request import Request
    from .har import Exchange
    from .json_stream import BinaryFile

_SPACE = b" \t\r\n\v\f"
_START = 1 << 16


def read_captures(raw: bytes) -> list[Exchange]:
    """``captures`` as a list: the requests of ``raw``, each with its response if there is one."""
    return list(captures(BytesIO(raw)))


def captures(file: BinaryFile) -> Iterator[Exchange]:
    """The requests of ``file`` one by one, each with its response if there is one.

    JSON lines are objects with ``method``, ``url``, ``headers`` (an object or pairs) and ``body`` (text). A
    list of such objects, or of entries of a HAR file, is accepted, too. If there are several raw requests,
    each one with a body needs a Content-Length; for a single one everything after its head is the body. Files
    are read entry by entry: any size needs only a few times the memory of the largest entry.

    Raises SigningError that names the entry, line or byte.
    """
    source = Source(file)
    start = _start(source)
    if is_quoted(start):
        source = Source(BytesIO(unquoted(source.rest())))
        start = _start(source)
    if not start:
        raise SigningError(f"the file is empty: expected {KINDS}")
    if start[:1] == b"{":
        yield from _documents(JsonReader(source, "the file"))
    elif start[:1] == b"[" and start[1:].lstrip()[:1] in (b"{", b"]"):
        yield from _listed(JsonReader(source, "the file"))
    elif said := foreign(start):
        raise SigningError(f"the file {said}")
    else:
        yield from text_exchanges(source)


def _start(source: Source) -> bytes:
    """The beginning of ``source``; leading white space is skipped."""
    source.skip(_SPACE)
    return source.peek(_START)


def _documents(reader: JsonReader) -> Iterator[Exchange]:
    """Reads a HAR file, or a sequence of JSON objects, each on one line or on several."""
    document = yield from _entries(reader)
    if document is None:
        reader.end()
        return
    if "log" in document:
        raise SigningError("the file is not a HAR file: expected an object with log.entries, a list")
    yield _of_object(document, "line 1"), None
    for line, given in reader.documents():
        yield _of_object(given, f"line {line}"), None


def _entries(reader: JsonReader) -> Generator[Exchange, None, dict[str, Any] | None]:
    """The entries of a HAR file; if it is not one, returns the object at its beginning."""
    entries = reader.elements("log", "entries")
    number = 0
    while True:
        try:
            entry = next(entries)
        except StopIteration as end:
            document: dict[str, Any] | None = end.value
            return document
        yield exchange_of(entry, f"entry {number}")
        number += 1


def _listed(reader: JsonReader) -> Iterator[Exchange]:
    """A list of HAR entries, or of objects like those of JSON lines."""
    for number, given in enumerate(reader.array()):
        if isinstance(given, dict) and isinstance(given.get("request"), dict) and "url" in given["request"]:
            yield exchange_of(given, f"entry {number}")
        else:
            yield _of_object(given, f"entry {number}"), None
    reader.end()


def _of_object(given: object, where: str) -> Request:
    if isinstance(given, dict) and not ("method" in given and "url" in given):
        said = foreign_json(given)
        if said:
            raise SigningError(f"the file {said}")
    if isinstance(given, dict) and "body" in given:
        given = {**given, "postData": given["body"]}
    return request_of(given, where)
