"""Reads raw requests one after the other, each with its answer if there is one.

The Content-Length gives the end of a body if the next message or the end of the file is there. Otherwise the
body extends to the next message, since programs print bodies in a readable form. An ambiguous file is
refused.
"""

from __future__ import annotations

from ..diagnosis.masking import without_password
from ..errors import SigningError
from ..headers import length_of
from ..request import Request
from .foreign_files import KINDS
from .text_messages import answer_of, is_request_line, is_status_line, request_of, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..request import Response
    from .capture_source import Source
    from .har import Exchange

_LINE_ENDS = b"\r\n"
_USUAL_LINE = 256
_LONGEST_LINE = 1 << 16  # the most bytes that are read to recognise the first line of a message


def exchanges_of_dump(source: Source) -> Iterator[Exchange]:
    """Requests with their answers, and lines of a log before them."""
    while (line := source.line()) and not is_request_line(_text(line)):
        pass
    source.unread(line)
    yield from raw_exchanges(source, as_printed=True)


def raw_exchanges(source: Source, *, as_printed: bool = False) -> Iterator[Exchange]:
    """The requests of ``source``.

    With ``as_printed`` a program has printed them, and may have wrapped header lines.

    Raises SigningError that names the byte.
    """
    before: _Message | None = None
    while True:
        source.skip(_LINE_ENDS)
        if not source.peek(1):
            return
        message = _Message(source)
        ends = _read_body(message, source, before)
        answer = _answer(source, is_head=message.head.startswith(b"HEAD "))
        if as_printed or answer is not None:
            body = message.body if message.is_exact else _printed(message.body)
            yield request_of(_lines(message.head), body), answer
        else:
            request = _parsed(message, before)
            source.skip(_LINE_ENDS)
            if before is not None or source.peek(1):
                _check_length(message, request)
            if not (ends or before is None):
                raise _unknown_end(message, source)
            yield Request(request.method, request.url, request.headers, message.body), None
        before = message


class _Message:
    """A message whose head was read; with ``is_exact``, its body has the length of its Content-Length."""

    def __init__(self, source: Source) -> None:
        self.at = source.position
        lines = [source.line()]
        blank = b"\r\n" if lines[0].endswith(b"\r\n") else b"\n"
        while lines[-1] not in (b"", blank):
            lines.append(source.line())
        self.head = b"".join(lines)
        self.lengths = set()
        for line in lines[1:]:
            name, _, value = line.partition(b":")
            if name.strip().lower() == b"content-length":
                self.lengths.add(value.strip())
        self.start = source.position
        self.body = b""
        self.is_exact = False

    @property
    def length(self) -> int | None:
        """The Content-Length; None if it is missing or not a plain number."""
        length = next(iter(self.lengths)) if len(self.lengths) == 1 else b""
        return length_of(length.decode("latin-1"))

    def read_exactly(self, source: Source) -> bool:
        """Reads the body if the next message or the end follows it; returns whether it did."""
        length = self.length or 0
        has_body = not length or source.peek(1, after=length - 1)
        following = _next_line(source, after=length)
        self.is_exact = bool(has_body) and (not following or _may_begin_message(following))
        if self.is_exact:
            self.body = source.exactly(length)
        return self.is_exact


def _read_body(message: _Message, source: Source, before: _Message | None) -> bool:
    """Reads the body of a request; of a single one, all that is left. Returns whether its end is known."""
    if message.read_exactly(source):
        return True
    pieces: list[bytes] = []
    while (line := source.line()) and not _begins_message(line):
        pieces.append(line)
    source.unread(line)
    message.body = b"".join(pieces)
    if not line:
        return before is None
    if is_request_line(_text(line)):
        raise _unknown_end(message, source)
    return True


def _answer(source: Source, *, is_head: bool) -> Response | None:
    """The answer that follows, to a HEAD request or another, without interim ones; None if none follows."""
    answer = None
    while (answer is None or answer.status < 200) and _begins_answer(source):
        message = _Message(source)
        if is_head:  # its Content-Length is that of the answer to a GET (RFC 9110 §8.6)
            message.lengths.clear()
        if not message.read_exactly(source):
            message.body = _rest_of_answer(source)
        head = _lines(message.head)
        answer = answer_of(head, message.body if message.is_exact else _printed(message.body))
    return answer


def _begins_answer(source: Source) -> bool:
    source.skip(_LINE_ENDS)
    return is_status_line(_text(source.peek(16)))


def _next_line(source: Source, *, after: int) -> bytes:
    """The first line ``after`` so many bytes that is not blank, or the start of it; consumes nothing."""
    ahead = source.peek(_USUAL_LINE, after)
    if len(ahead) == _USUAL_LINE and b"\n" not in ahead.lstrip(_LINE_ENDS):
        ahead = source.peek(_LONGEST_LINE, after)
    return ahead.lstrip(_LINE_ENDS).partition(b"\n")[0]


def _rest_of_answer(source: Source) -> bytes:
    """The text before the next request, without log lines."""
    pieces: list[bytes] = []
    after_blank = True  # the end of the head
    while line := source.line():
        if after_blank and is_request_line(_text(line)):
            source.unread(line)
            break
        is_log = line.startswith(b"* ")
        after_blank = is_log or not line.strip(_LINE_ENDS)
        if not is_log:
            pieces.append(line)
    return b"".join(pieces)


def _text(line: bytes) -> str:
    return line.rstrip(_LINE_ENDS).decode("latin-1")


def _begins_message(line: bytes) -> bool:
    return is_request_line(_text(line)) or is_status_line(_text(line))


def _may_begin_message(line: bytes) -> bool:
    """Whether ``line`` begins a message, at a place where one is expected: its method may be unknown."""
    words = line.rstrip(_LINE_ENDS).split(b" ")
    return is_status_line(_text(line)) or (len(words) > 2 and words[-1].startswith(b"HTTP/"))


def _lines(head: bytes) -> list[str]:
    return text_of(head).rstrip("\n").split("\n")


def _printed(body: bytes) -> bytes:
    """A printed body with the line ends that it had before it was printed, without final blank lines."""
    return body.replace(b"\r\n", b"\n").strip(b"\n")


def _parsed(message: _Message, before: _Message | None) -> Request:
    try:
        return Request.parse(message.head, unfold=True)
    except SigningError as error:
        fault = f"a request should begin at byte {message.at}: {without_password(str(error))}"
    said = (
        f"; expected {KINDS}"
        if before is None
        else "; the body of a request before it needs its Content-Length"
    )
    raise SigningError(fault + said)


def _check_length(message: _Message, request: Request) -> None:
    """Raises SigningError if a request that is one of several does not declare the length of its body."""
    fault = f"the request at byte {message.at} has "
    if not message.lengths and request.has_header("transfer-encoding"):
        raise SigningError(f"{fault}a Transfer-Encoding: save its body with a Content-Length")
    if message.lengths and message.length is None:
        raise SigningError(f"{fault}no plain Content-Length")
    if message.length is not None and message.length > len(message.body):
        raise SigningError(f"{fault}Content-Length {message.length}: the file ends earlier")


def _unknown_end(message: _Message, source: Source) -> SigningError:
    at = message.start + (message.length or 0)
    at += len(message.body) - len(message.body.lstrip(_LINE_ENDS))
    return SigningError(
        f"a request, an answer or the end should be at byte {at}; the body of the request before it "
        f"needs its Content-Length"
    )
