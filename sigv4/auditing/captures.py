"""A file of many requests, whatever its form: HAR, JSON lines, or raw requests one behind the other."""

from __future__ import annotations

from ..errors import SigningError
from ..request import Request
from .har import parse_json, read_har, request_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .har import Exchange


def read_captures(raw: bytes) -> list[Exchange]:
    """The requests of ``raw``, each with its response where the file holds it.

    JSON lines are objects with ``method``, ``url``, ``headers`` (an object or pairs) and ``body``, text. Raw
    requests have a Content-Length where they have a body.

    Raises SigningError that names the entry, line or byte.
    """
    start = raw.lstrip()[:1]
    if not start:
        raise SigningError("the file is empty: expected HAR, JSON lines or raw HTTP requests")
    if start != b"{":
        return [(request, None) for request in _raw_requests(raw)]
    lines = [line for line in raw.split(b"\n") if line.strip()]
    if len(lines) > 1 and b'"log"' not in lines[0] and lines[0].rstrip()[-1:] == b"}":
        return [(_of_line(line, number), None) for number, line in enumerate(lines, 1)]
    document = parse_json(raw, "the file")
    return read_har(raw) if "log" in document else [(_of_line(raw, 1), None)]


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
