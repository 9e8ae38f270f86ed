"""Requests as people have them in text: ``curl -v``, "Copy as cURL", debug logs, dumps, a bare URL."""

from __future__ import annotations

from itertools import pairwise

from ..errors import SigningError
from ..headers import names_of
from ..request import Request, Response
from ..target import split_target
from .curl_command import is_curl_command, request_of_command
from .pasted_urls import urls_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias

    Exchange: TypeAlias = tuple[Request, Response | None]
    Pairs: TypeAlias = list[tuple[str, str | bytes]]

_SENDING = "Sending http request: <AWSPreparedRequest "


def in_utf8(raw: bytes) -> bytes:
    """``raw`` without its byte order mark; UTF-16, which Windows writes, as UTF-8."""
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if raw.startswith(mark):
            return raw[2:].decode(encoding, "replace").encode("utf-8")
    if len(raw) > 3 and raw[1:2] == b"\0" == raw[3:4]:
        return raw.decode("utf-16-le", "replace").encode("utf-8")
    return raw.removeprefix(b"\xef\xbb\xbf")


def unquoted(raw: bytes) -> bytes:
    """``raw`` without what a page puts around it: a fence of Markdown, or an indent below its first line."""
    lines = raw.split(b"\n")
    if lines[0].startswith(b"```"):
        end = next((number for number, line in enumerate(lines) if number and line.startswith(b"```")), None)
        lines = lines[1:end]
    head = [line for line in lines[1 : lines.index(b"", 1) if b"" in lines[1:] else None] if line.strip()]
    indent = min((len(line) - len(line.lstrip(b" \t")) for line in head), default=0)
    if not indent or not lines[0].rstrip(b"\r").split(b" ")[-1].startswith(b"HTTP/"):
        return b"\n".join(lines)
    return b"\n".join([lines[0], *(line[indent:] for line in lines[1:])])


def read_text(raw: bytes) -> list[Exchange] | None:
    """The exchanges of a text of one of these kinds, by its looks; None for any other.

    Raises SigningError for a text of one of these kinds that holds no request.
    """
    text = raw.decode("utf-8", "surrogateescape").replace("\r\n", "\n")
    start = text.lstrip()
    if is_curl_command(start):
        return [(request_of_command(start), None)]
    if urls := urls_of(start):
        return [(_of_url(url), None) for url in urls]
    lines = text.split("\n")
    if _SENDING in text:
        return list(_of_debug_log(text))
    if any(line.startswith("send: b") for line in lines):
        return list(_of_http_client(lines))
    if any(_is_request_line(line[2:]) for line in lines if line.startswith("> ")):
        return list(_of_marked(lines, ">", "<"))
    if any(_is_request_line(line[2:]) for line in lines if line.startswith("< ")):
        return list(_of_marked(lines, "<", ">"))  # requests_toolbelt marks them the other way round
    if start.startswith(":") and ":authority:" in text:
        return [(_of_pseudo_headers(lines), None)]
    if "\nHTTP/" in text or start.startswith("* "):
        return _of_dump(lines)
    return None


def _of_pseudo_headers(lines: list[str]) -> Request:
    """A request of HTTP/2 or HTTP/3 as lines, its pseudo-headers first (RFC 9113 §8.3.1)."""
    head, body = _split([line for number, line in enumerate(lines) if line or number])
    given = {}
    headers: Pairs = []
    for line in head:
        if line.startswith(":"):
            name, _, value = line[1:].partition(":")
            given[name.strip()] = value.strip()
        elif ":" in line:
            headers.append(_pair(line))
    if "host" not in names_of(headers):
        headers.insert(0, ("Host", given.get("authority", "")))
    if not (given.get("method") and given.get("path")):
        raise SigningError("the pseudo-headers name no :method and :path: expected both")
    return Request(given["method"], given["path"], headers, _bytes(body))


def _is_request_line(line: str) -> bool:
    words = line.split(" ")
    return len(words) > 2 and words[0].isalpha() and words[0].isupper() and words[-1].startswith("HTTP/")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _pair(line: str) -> tuple[str, str | bytes]:
    name, _, value = line.partition(":")
    value = value.strip(" \t")
    return name.strip(), value if value.isascii() else _bytes(value)


def _of_url(url: str) -> Request:
    return Request("GET", url, [("Host", split_target(url)[0])])


# --- curl -v


def _of_marked(lines: list[str], ours: str, theirs: str) -> Iterator[Exchange]:
    """``curl -v``: lines that were sent begin with ``>``, those that came with ``<``."""
    blocks: list[tuple[str, list[str]]] = []
    for line in lines:
        mark, text = line[:1], line[2:]
        if mark in (ours, theirs) and line[1:2] in (" ", ""):
            starts = _is_request_line(text) if mark == ours else text.startswith("HTTP/")
            if starts or not blocks or blocks[-1][0] not in (mark, f"{mark}+"):
                blocks.append((mark, []))
            blocks[-1][1].append(text)
        elif blocks and not line.startswith(("* ", "{ [", "} [", "*\t")):
            blocks[-1][1].append(line)
    request: Request | None = None
    for mark, block in blocks:
        if mark == ours and block and _is_request_line(block[0]):
            if request is not None:
                yield request, None
            request = _message(block)
        elif mark == theirs and request is not None and block[0].startswith("HTTP/"):
            response = _answer(block)
            if response.status >= 200:
                yield request, response
                request = None
    if request is not None:
        yield request, None


def _of_dump(lines: list[str]) -> list[Exchange] | None:
    """A raw request with its answer behind it, and lines of a log before both."""
    start = next((number for number, line in enumerate(lines) if _is_request_line(line)), None)
    if start is None:
        return None
    end = next((n for n, line in enumerate(lines) if n > start and line.startswith("HTTP/1")), len(lines))
    while end > start and not lines[end - 1]:
        end -= 1
    request = _message(lines[start:end])
    rest = [line for line in lines[end:] if not line.startswith("* ")]
    while rest and not rest[0]:
        del rest[0]
    return [(request, _answer(rest) if rest and rest[0].startswith("HTTP/") else None)]


def _unwrapped(head: list[str]) -> list[str]:
    """Header lines that a terminal program broke at its width, as httpx does, whole again."""
    out: list[str] = []
    for line in head:
        name = line.partition(":")[0]
        if out and (":" not in line or not all(char.isalnum() or char in "-_." for char in name)):
            out[-1] = f"{out[-1].rstrip()} {line}" if out[-1][-1:] == " " else out[-1] + line
        else:
            out.append(line)
    return out


def _message(block: list[str]) -> Request:
    head, body = _split(block)
    head = [head[0], *_unwrapped(head[1:])]
    method, _, rest = head[0].partition(" ")
    return Request(
        method, rest.rpartition(" ")[0], [_pair(line) for line in head[1:] if ":" in line], _bytes(body)
    )


def _answer(block: list[str]) -> Response:
    head, body = _split(block)
    status = head[0].split(" ")[1] if " " in head[0] else ""
    code = int(status) if status.isdigit() else 0
    return Response(code, [_pair(line) for line in head[1:] if ":" in line], _bytes(body.strip("\n")))


def _split(block: list[str]) -> tuple[list[str], str]:
    blank = block.index("") if "" in block else len(block)
    return block[:blank], "\n".join(block[blank + 1 :])


# --- logs of Python's libraries


def _of_http_client(lines: list[str]) -> Iterator[Exchange]:
    """What http.client prints with ``debuglevel``, under requests and urllib3: send, reply, header."""
    sent = b""
    reply: list[str] = []
    for line in [*lines, "send: b''"]:
        if line.startswith("send: b"):
            if reply and sent:
                yield Request.parse(sent, unfold=True), _answer(reply)
                sent, reply = b"", []
            sent += _literal(line[6:])
        elif line.startswith("reply: "):
            reply = [str(_value(line[7:])).strip()]
        elif line.startswith("header: ") and reply:
            reply.append(line[8:])
    if sent:
        yield Request.parse(sent, unfold=True), None


def _of_debug_log(text: str) -> Iterator[Exchange]:
    """The debug log of boto3 and of the AWS CLI."""
    pieces = text.split(_SENDING)
    for before, piece in pairwise(pieces):
        line = piece.partition("\n")[0]
        method = line.partition("method=")[2].partition(",")[0]
        url = line.partition("url=")[2].partition(", headers=")[0]
        given = _value(line.partition("headers=")[2].rpartition(">")[0])
        if not (method and url and isinstance(given, dict)):
            raise SigningError("the debug log cuts its 'Sending http request' short: expected headers={…}>")
        headers: Pairs = []
        for name, value in given.items():
            plain = value.decode("latin-1") if isinstance(value, bytes) else str(value)
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
        int(status) if status.isdigit() else 0, headers, _literal(body) if body[:1] == "b" else b""
    )


def _literal(text: str) -> bytes:
    """The bytes of the Python literal that ``text`` begins with."""
    quote = text[1:2]
    end = 2
    while end < len(text) and text[end] != quote:
        end += 2 if text[end] == "\\" else 1
    found = _value(text[: end + 1])
    return found if isinstance(found, bytes) else b""


def _value(text: str) -> object:
    from ast import literal_eval

    try:
        return literal_eval(text)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return None
