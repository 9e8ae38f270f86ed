"""Reads requests from text: ``curl -v``, "Copy as cURL", debug logs, dumps, a bare URL.

The beginning of a text decides its form. Then the text is read exchange by exchange, so that it can have any
size.
"""

from __future__ import annotations

from functools import partial
from itertools import pairwise

from ..errors import SigningError
from ..headers import header_value, names_of
from ..request import Request, Response, utf8_bytes
from ..target import split_target
from .curl_command import is_curl_command, requests_of_commands
from .go_logs import exchanges_of_go_log, is_go_log
from .http_files import exchanges_of_http_file, is_http_file
from .pasted_urls import is_url, urls_of
from .raw_requests import exchanges_of_dump, raw_exchanges
from .text_messages import BLANKS, answer_of, head_and_body, is_request_line, pair_of, request_of, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import TypeAlias

    from .capture_source import Source
    from .har import Exchange
    from .text_messages import Pairs

    Reader: TypeAlias = Callable[[Source], Iterator[Exchange]]

_SENDING = "Sending http request: <AWSPreparedRequest "
_WINDOW = 1 << 20  # the form of a text is recognised by these first bytes, or more if they are not enough


def is_quoted(start: bytes) -> bool:
    """Whether ``unquoted`` changes a text with this beginning."""
    return start.startswith(b"```") or _indent(start.split(b"\n")) > 0


def unquoted(raw: bytes) -> bytes:
    """``raw`` without a Markdown fence around it, and without an indent after its first line."""
    lines = raw.split(b"\n")
    if lines[0].startswith(b"```"):
        end = next((number for number, line in enumerate(lines) if number and line.startswith(b"```")), None)
        lines = lines[1:end]
    indent = _indent(lines)
    return b"\n".join([*lines[:1], *(line[indent:] for line in lines[1:])])


def _indent(lines: list[bytes]) -> int:
    """The common indent of the lines of a head, after the request line."""
    if not lines or not is_request_line(lines[0].rstrip(b"\r").decode("latin-1")):
        return 0
    head = [line for line in lines[1 : lines.index(b"", 1) if b"" in lines[1:] else None] if line.strip()]
    return min((len(line) - len(line.lstrip(b" \t")) for line in head), default=0)


def text_exchanges(source: Source) -> Iterator[Exchange]:
    """The exchanges of a text of any kind. Raises SigningError if it holds no request."""
    size = _WINDOW
    while True:
        start = source.peek(size + 1)
        reader = reader_of(start[:size])
        if reader is not None or len(start) <= size:
            return (reader or raw_exchanges)(source)
        size *= 2


def reader_of(start: bytes) -> Reader | None:
    """The reader for a text that begins with ``start``; None if it is not recognised."""
    text = text_of(start)
    begins = text.lstrip()
    if is_curl_command(begins):
        return _of_command
    if urls_of(begins):
        return _of_urls
    if is_request_line(begins.partition("\n")[0]):
        return raw_exchanges
    if is_http_file(begins):
        return exchanges_of_http_file
    if _SENDING in text:
        return _of_debug_log
    if is_go_log(text):
        return exchanges_of_go_log
    lines = text.split("\n")
    if any(line.startswith("send: b") for line in lines):
        return _of_http_client
    for ours, theirs in ((">", "<"), ("<", ">")):  # requests_toolbelt uses the opposite marks
        if any(is_request_line(line[2:]) for line in lines if line.startswith(f"{ours} ")):
            return partial(_of_marked, ours=ours, theirs=theirs)
    if begins.startswith(":") and ":authority:" in text:
        return _of_pseudo_headers
    if ("\nHTTP/" in text or begins.startswith("* ")) and any(map(is_request_line, lines)):
        return exchanges_of_dump
    return None


def _of_command(source: Source) -> Iterator[Exchange]:
    for request in requests_of_commands(text_of(source.rest()).lstrip()):
        yield request, None


def _of_urls(source: Source) -> Iterator[Exchange]:
    start = source.peek(_WINDOW + 1)
    if len(start) <= _WINDOW:
        yield from ((_of_url(url), None) for url in urls_of(text_of(start).lstrip()))
        return
    for number, line in enumerate(source.lines(), 1):
        for word in line.split():
            if not is_url(word):
                raise SigningError(f"line {number} holds more than URLs: expected one URL a line")
            yield _of_url(word), None


def _of_pseudo_headers(source: Source) -> Iterator[Exchange]:
    """A request of HTTP/2 or HTTP/3 as lines, its pseudo-headers first (RFC 9113 §8.3.1)."""
    lines = text_of(source.rest()).split("\n")
    head, body = head_and_body([line for number, line in enumerate(lines) if line or number])
    given = {}
    headers: Pairs = []
    for line in head:
        if line.startswith(":"):
            name, _, value = line[1:].partition(":")
            given[name.strip(BLANKS)] = value.strip(BLANKS)
        elif ":" in line:
            headers.append(pair_of(line))
    if "host" not in names_of(headers):
        headers.insert(0, ("Host", given.get("authority", "")))
    if not (given.get("method") and given.get("path")):
        raise SigningError("the pseudo-headers name no :method and :path: expected both")
    yield Request(given["method"], given["path"], headers, utf8_bytes(body)), None


def _of_url(url: str) -> Request:
    return Request("GET", url, [("Host", split_target(url)[0])])


# --- curl -v


def _of_marked(source: Source, *, ours: str, theirs: str) -> Iterator[Exchange]:
    """``curl -v``: sent lines begin with ``>``, received lines with ``<``."""
    found: list[str] = []
    for line in source.lines():
        if line[:1] == ours and is_request_line(line[2:]):
            yield from _marked(found, ours, theirs)
            found = []
        if not line.startswith(("* ", "{ [", "} [", "*\t")):
            found.append(line)
    yield from _marked(found, ours, theirs)


def _marked(lines: Iterable[str], ours: str, theirs: str) -> Iterator[Exchange]:
    """One request, with the final answer to it."""
    blocks: list[tuple[str, list[str]]] = []
    for line in lines:
        mark, text = line[:1], line[2:]
        if mark in (ours, theirs) and line[1:2] in (" ", ""):
            starts = is_request_line(text) if mark == ours else text.startswith("HTTP/")
            if starts or not blocks or blocks[-1][0] != mark:
                blocks.append((mark, []))
            blocks[-1][1].append(text)
        elif blocks:
            blocks[-1][1].append(line)
    request = next(
        (request_of(block) for mark, block in blocks if mark == ours and is_request_line(block[0])), None
    )
    answers = (answer_of(block) for mark, block in blocks if mark == theirs and block[0].startswith("HTTP/"))
    if request is not None:
        yield request, next((answer for answer in answers if answer.status >= 200), None)


# --- logs of Python's libraries


def _of_http_client(source: Source) -> Iterator[Exchange]:
    """The lines send, reply and header that http.client prints with ``debuglevel``; requests uses it."""
    sent: list[bytes] = []
    reply: list[str] = []
    for line in source.lines():
        if line.startswith("send: b"):
            if reply and sent:
                yield Request.parse(b"".join(sent), unfold=True), answer_of(reply)
                sent, reply = [], []
            if block := _literal(line[6:]):
                sent.append(block)
        elif line.startswith("reply: "):
            reply = [str(_value(line[7:])).strip()]
        elif line.startswith("header: ") and reply:
            reply.append(line[8:])
    if sent:
        yield Request.parse(b"".join(sent), unfold=True), answer_of(reply) if reply else None


def _pieces(lines: Iterable[str]) -> Iterator[str]:
    """The text before, between and after the lines about sent requests."""
    piece: list[str] = []
    for line in lines:
        before, sending, after = line.partition(_SENDING)
        piece.append(before)
        if sending:
            yield "\n".join(piece)
            piece = [after]
    yield "\n".join(piece)


def _of_debug_log(source: Source) -> Iterator[Exchange]:
    """The debug log of boto3 and of the AWS CLI."""
    for before, piece in pairwise(_pieces(source.lines())):
        line = piece.partition("\n")[0]
        method = line.partition("method=")[2].partition(",")[0]
        url = line.partition("url=")[2].partition(", headers=")[0]
        given = _value(line.partition("headers=")[2].rpartition(">")[0])
        if not (method and url and isinstance(given, dict)):
            raise SigningError("the debug log cuts its 'Sending http request' short: expected headers={…}>")
        headers: Pairs = []
        for name, value in given.items():
            plain = header_value(value if isinstance(value, bytes) else str(value))
            headers.append((str(name), plain if plain.isascii() else plain.encode("latin-1", "replace")))
        if "host" not in names_of(headers):
            headers.insert(0, ("Host", split_target(url)[0]))
        yield Request(method, url, headers, _logged_body(before)), _logged_answer(piece)


def _logged_body(before: str) -> bytes:
    """The body in the parameters of the call, which precede the line that sends it."""
    found = before.rpartition("'body': ")[2]
    return _literal(found) if found.startswith(("b'", 'b"')) else b""


def _logged_answer(piece: str) -> Response | None:
    after = piece.partition("Response headers: ")[2]
    if not after:
        return None
    given, body = _value(after.partition("\n")[0]), piece.partition("Response body:\n")[2]
    headers = [(str(name), str(value)) for name, value in given.items()] if isinstance(given, dict) else []
    status = piece.partition('HTTP/1.1" ')[2][:3]
    return Response(
        int(status) if status.isascii() and status.isdigit() else 0,
        headers,
        _literal(body) if body[:1] == "b" else b"",
    )


def _literal(text: str) -> bytes:
    """The bytes of the Python literal that ``text`` begins with."""
    quote = text[1:2]
    end = text.find(quote, 2)
    while end > 0 and _backslashes(text, end) % 2:
        end = text.find(quote, end + 1)
    found = _value(text[: end + 1])
    return found if isinstance(found, bytes) else b""


def _backslashes(text: str, end: int) -> int:
    """The number of backslashes directly before ``end``."""
    start = end
    while text[start - 1] == "\\":
        start -= 1
    return end - start


def _value(text: str) -> object:
    from ast import literal_eval

    try:
        return literal_eval(text)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return None
