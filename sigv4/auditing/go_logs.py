"""Reads the debug log of the AWS SDKs for Go, versions 1 and 2: requests with their answers, whole messages.

Version 2 writes ``SDK 2023/06/06 11:50:22 DEBUG Request`` before a request. Version 1 writes the line
``---[ REQUEST POST-SIGN ]---…`` before it, and a line of hyphens after it.
"""

from __future__ import annotations

from ..errors import SigningError
from ..headers import length_of
from .text_messages import answer_of, is_request_line, is_status_line, request_of, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..request import Request, Response
    from .capture_source import Source
    from .har import Exchange

_REQUEST, _ANSWER, _BODY, _OTHER = range(4)
_RULER = b"-" * 53
_AS_ZEROS = bytes.maketrans(b"123456789", b"0" * 9)


def is_go_log(text: str) -> bool:
    """Whether a line of ``text`` begins a request in such a log."""
    return " DEBUG Request\n" in text or "\n---[ REQUEST POST-SIGN ]" in f"\n{text}"


def exchanges_of_go_log(source: Source) -> Iterator[Exchange]:
    """The requests of the log with their answers. Raises SigningError if it shows none."""
    request: Request | None = None
    answer: Response | None = None
    for kind, block in _blocks(source):
        first = text_of(block[0]).rstrip("\n") if block else ""
        if kind == _REQUEST and is_request_line(first):
            if request is not None:
                yield request, answer
            request, answer = _request(block), None
        elif kind == _ANSWER and is_status_line(first):
            answer = answer_of(text_of(b"".join(block)).split("\n"))
        elif answer is not None and kind == _BODY and not answer.body:  # version 1 logs the body separately
            answer = answer.replace(body=b"".join(block).rstrip(b"\r\n"))
    if request is None:
        raise SigningError(
            "the log of the AWS SDK for Go shows no request: expected one written with LogRequestWithBody "
            "(version 2) or LogDebugWithHTTPBody (version 1)"
        )
    yield request, answer


def _blocks(source: Source) -> Iterator[tuple[int, list[bytes]]]:
    """The messages, each without the lines of the log around it; other lines are left out."""
    kind, block = _OTHER, list[bytes]()
    while line := source.line():
        starts = _kind(line)
        if starts is None:
            if kind != _OTHER:
                block.append(line)
            continue
        yield kind, block
        kind, block = starts, []
        if starts == _BODY:
            block.append(line[_after_time(line) :])
    yield kind, block


def _kind(line: bytes) -> int | None:
    """The kind of entry that this line of the log begins; None if it is a line of a message."""
    text = line.rstrip(b"\r\n")
    if text.startswith(b"---[ REQUEST POST-SIGN ]") or text.endswith(b" DEBUG Request"):
        return _REQUEST
    if text.startswith(b"---[ RESPONSE ]") or text.endswith(b" DEBUG Response"):
        return _ANSWER
    if text == _RULER or text.startswith((b"SDK 2", b"---[ ")):
        return _OTHER
    at = _after_time(text)
    return (_BODY if text[at : at + 1] in (b"<", b"{") else _OTHER) if at else None


def _after_time(line: bytes) -> int:
    """Where the text begins after ``2006/01/02 15:04:05``; 0 if the line does not begin with such a time."""
    form = line[:20].translate(_AS_ZEROS)
    return 20 if form == b"0000/00/00 00:00:00 " else 0


def _request(block: list[bytes]) -> Request:
    """The request; the end of its body is known by its Content-Length, since loggers add a line end."""
    end = next((at for at, line in enumerate(block) if not line.rstrip(b"\r\n")), len(block))
    request = request_of(text_of(b"".join(block[:end])).rstrip("\n").split("\n"), b"")
    body = b"".join(block[end + 1 :])
    plain, length = body.removesuffix(b"\n").removesuffix(b"\r"), length_of(request.header("content-length"))
    is_whole = length == len(body)
    if length == len(plain.removesuffix(b"\n")):  # version 1 adds one before its hyphens
        plain = plain.removesuffix(b"\n")
    return request.replace(body=body if is_whole else plain)
