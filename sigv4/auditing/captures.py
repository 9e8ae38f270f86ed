"""A file of many requests, whatever its form: HAR, JSON lines, or raw requests one behind the other."""

from __future__ import annotations

from io import BytesIO

from ..errors import SigningError
from ..request import Request
from .foreign_files import KINDS, foreign, foreign_json
from .har import exchange_of, har_exchanges, parse_json, request_of
from .text_captures import in_utf8, read_text, unquoted

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

    JSON lines are objects with ``method``, ``url``, ``headers`` (an object or pairs) and ``body``, text; a
    list of such objects, or of entries of a HAR file, is read as well. Of several raw requests each that has
    a body has a Content-Length; of one alone all that follows its head is the body. HAR and JSON lines are
    read as they are needed, so that a file of any size takes the memory of one entry; other files are held.

    Raises SigningError that names the entry, line or byte.
    """
    source = _Source(file)
    start = source.start
    if not start:
        raise SigningError(f"the file is empty: expected {KINDS}")
    if start[:1] == b"[" and start[1:].lstrip()[:1] in (b"{", b"]"):
        yield from _listed(source.rest())
    elif start[:1] != b"{":
        raw = unquoted(in_utf8(source.rest()))
        if raw[:1] != start[:1] and raw.lstrip()[:1] in (b"{", b"["):
            yield from captures(BytesIO(raw))
            return
        if said := foreign(start) or foreign(raw):
            raise SigningError(f"the file {said}")
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


def _listed(raw: bytes) -> Iterator[Exchange]:
    """A list of entries as a HAR file has them, or of objects as JSON lines are."""
    document = parse_json(raw, "the file")
    for number, given in enumerate(document):
        if isinstance(given, dict) and isinstance(given.get("request"), dict) and "url" in given["request"]:
            yield exchange_of(given, f"entry {number}")
        else:
            yield _of_object(given, f"entry {number}"), None


def _of_line(line: bytes, number: int) -> Request:
    return _of_object(parse_json(line, f"line {number}"), f"line {number}")


def _of_object(given: object, where: str) -> Request:
    if isinstance(given, dict) and not ("method" in given and "url" in given):
        said = foreign_json(given)
        if said:
            raise SigningError(f"the file {said}")
    if isinstance(given, dict) and "body" in given:
        given = {**given, "postData": given["body"]}
    return request_of(given, where)


def _raw_requests(raw: bytes) -> list[Request]:
    """Requests one behind the other. Of one alone the body is all that follows its head."""
    found: list[Request] = []
    at = 0
    while (at := _past_line_ends(raw, at)) < len(raw):
        line_end = raw.find(b"\n", at)
        blank = b"\r\n\r\n" if raw[line_end - 1 : line_end] == b"\r" else b"\n\n"
        end = raw.find(blank, at)
        start = len(raw) if end < 0 else end + len(blank)
        request = _parse(raw[at:start], at)
        if not found and (body := _body_of_one(request, raw[start:])) is not None:
            return [Request(request.method, request.url, request.headers, body)]
        length = _length(request, at)
        if start + length > len(raw):
            raise SigningError(f"the request at byte {at} has Content-Length {length}: the file ends before")
        at = start + length
        found.append(Request(request.method, request.url, request.headers, raw[start:at]))
    return found


def _body_of_one(request: Request, rest: bytes) -> bytes | None:
    """The body of a request that is alone in its file; None where another request follows it."""
    length = request.header("content-length")
    size = int(length) if length.isascii() and length.isdigit() and len(length) < 16 else 0
    following = rest[size:]
    if not following.strip(b"\r\n"):
        return rest[:size] if length else rest
    return None if _begins_request(following.lstrip(b"\r\n")) else rest


def _begins_request(raw: bytes) -> bool:
    words = raw.partition(b"\n")[0].rstrip(b"\r").split(b" ")
    return len(words) > 2 and words[-1].startswith(b"HTTP/") and words[0].isalpha()


def _parse(head: bytes, at: int) -> Request:
    try:
        return Request.parse(head, unfold=True)
    except SigningError as error:
        fault = f"byte {at} begins no request: {error}"
    before = "; the body of a request before it needs its Content-Length" if at else f"; expected {KINDS}"
    raise SigningError(fault + before)


def _past_line_ends(raw: bytes, at: int) -> int:
    while raw[at : at + 1] in (b"\r", b"\n"):
        at += 1
    return at


def _length(request: Request, at: int) -> int:
    lengths = {*request.header_values("content-length")}
    if not lengths:
        if request.has_header("transfer-encoding"):
            raise SigningError(
                f"the request at byte {at} has a Transfer-Encoding: save its body with a Content-Length"
            )
        return 0
    length = lengths.pop()
    if lengths or not (length.isascii() and length.isdigit() and len(length) < 16):
        raise SigningError(f"the request at byte {at} has no plain Content-Length")
    return int(length)
