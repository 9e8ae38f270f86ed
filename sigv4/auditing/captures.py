"""A file of many requests, whatever its form: HAR, JSON lines, or raw requests one behind the other."""

from __future__ import annotations

from io import BytesIO

from ..errors import SigningError
from ..request import Request
from .har import har_exchanges, parse_json, request_of
from .text_captures import in_utf8, read_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .har import Exchange
    from .json_stream import BinaryFile

_BLOCK = 1 << 16


def read_captures(raw: bytes) -> list[Exchange]:
    """The requests of ``raw``, each with its response where the file holds it: ``captures``, all at once."""
    return list(captures(BytesIO(raw)))


def captures(file: BinaryFile) -> Iterator[Exchange]:
    """The requests of ``file`` one by one, each with its response where the file holds it.

    JSON lines are objects with ``method``, ``url``, ``headers`` (an object or pairs) and ``body``, text. Raw
    requests have a Content-Length where they have a body. HAR and JSON lines are read as they are needed, so
    that a file of any size takes the memory of one entry; a file of raw requests is held.

    Raises SigningError that names the entry, line or byte.
    """
    source = _Source(file)
    start = source.start
    if not start:
        raise SigningError("the file is empty: expected HAR, JSON lines or raw HTTP requests")
    if start[:1] != b"{":
        raw = in_utf8(source.rest())
        if raw.lstrip()[:1] == b"{":
            yield from captures(BytesIO(raw))
            return
        yield from read_text(raw) or ((request, None) for request in _raw_requests(raw))
    elif start[1:].lstrip().startswith(b'"log"'):
        yield from har_exchanges(source)
    else:
        yield from _lines(source)


def _lines(source: _Source) -> Iterator[Exchange]:
    """JSON lines; or one document over several lines, which may be HAR that begins otherwise."""
    first = source.line()
    try:
        document = parse_json(first, "line 1")
    except SigningError:
        first += source.rest()
        document = parse_json(first, "the file")
    if "log" in document:
        yield from har_exchanges(BytesIO(first + source.rest()))
        return
    yield _of_line(first, 1), None
    number = 1
    while line := source.line():
        if line.strip():
            number += 1
            yield _of_line(line, number), None


class _Source:
    """A file that was read ahead a little: ``start`` is how it begins, without the white space before."""

    def __init__(self, file: BinaryFile) -> None:
        self._file = file
        self.start = b""
        while not self.start and (block := file.read(_BLOCK)):
            self.start = block.lstrip()
        self._ahead = self.start

    def read(self, size: int) -> bytes:
        ahead, self._ahead = self._ahead[:size], self._ahead[size:]
        return ahead or self._file.read(size)

    def line(self) -> bytes:
        """Up to the next line end; b"" at the end of the file."""
        pieces = []
        while block := self.read(_BLOCK):
            line, end, rest = block.partition(b"\n")
            pieces.append(line + end)
            if end:
                self._ahead = rest + self._ahead
                break
        return b"".join(pieces)

    def rest(self) -> bytes:
        pieces = []
        while block := self.read(_BLOCK):
            pieces.append(block)
        return b"".join(pieces)


def _of_line(line: bytes, number: int) -> Request:
    given = parse_json(line, f"line {number}")
    if isinstance(given, dict) and "body" in given:
        given = {**given, "postData": given["body"]}
    return request_of(given, f"line {number}")


def _raw_requests(raw: bytes) -> list[Request]:
    found = []
    at = 0
    while (at := _past_line_ends(raw, at)) < len(raw):
        line_end = raw.find(b"\n", at)
        blank = b"\r\n\r\n" if raw[line_end - 1 : line_end] == b"\r" else b"\n\n"
        end = raw.find(blank, at)
        start = len(raw) if end < 0 else end + len(blank)
        request = _parse(raw[at:start], at)
        length = _length(request, at)
        if start + length > len(raw):
            raise SigningError(f"the request at byte {at} has Content-Length {length}: the file ends before")
        at = start + length
        found.append(Request(request.method, request.url, request.headers, raw[start:at]))
    return found


def _parse(head: bytes, at: int) -> Request:
    try:
        return Request.parse(head, unfold=True)
    except SigningError as error:
        fault = f"byte {at} begins no request: {error}"
    before = "; the body of a request before it needs its Content-Length" if at else ""
    raise SigningError(fault + before)


def _past_line_ends(raw: bytes, at: int) -> int:
    while raw[at : at + 1] in (b"\r", b"\n"):
        at += 1
    return at


def _length(request: Request, at: int) -> int:
    lengths = {value for name, value in request.headers if name.lower() == "content-length"}
    if not lengths:
        if any(name.lower() == "transfer-encoding" for name, _ in request.headers):
            raise SigningError(
                f"the request at byte {at} has a Transfer-Encoding: save its body with a Content-Length"
            )
        return 0
    length = lengths.pop()
    if lengths or not (isinstance(length, str) and length.isdigit() and len(length) < 16):
        raise SigningError(f"the request at byte {at} has no plain Content-Length")
    return int(length)
