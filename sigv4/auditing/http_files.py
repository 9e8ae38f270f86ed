"""Reads ``.http`` and ``.rest`` files of JetBrains and of VS Code's REST Client.

A request begins with ``METHOD target``; the version of HTTP may be missing. A line ``###`` separates
requests.

Source: https://www.jetbrains.com/help/idea/exploring-http-syntax.html
"""

from __future__ import annotations

from itertools import dropwhile, takewhile

from ..canonical import USUAL_METHODS
from ..diagnosis.masking import without_password
from ..errors import SigningError
from ..headers import is_token, names_of
from ..request import Request, utf8_bytes
from ..target import split_target
from .pasted_urls import is_url
from .text_messages import BLANKS, pair_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .capture_source import Source
    from .har import Exchange
    from .text_messages import Pairs

_SEPARATOR = "###"
_COMMENTS = ("#", "//")


def is_http_file(text: str) -> bool:
    """Whether ``text`` begins like such a file, and not like a raw request."""
    first, at = "", 0
    while at < len(text) and _is_before_request(first):
        end = text.find("\n", at)
        first = text[at : end if end >= 0 else None]
        at += len(first) + 1
    begins = text.lstrip()[:3] == _SEPARATOR or not first.rstrip().rpartition(" ")[2].startswith("HTTP/")
    return begins and _request_line(first) is not None


def exchanges_of_http_file(source: Source) -> Iterator[Exchange]:
    """The requests of the file. Raises SigningError for a variable or another file."""
    for block in _blocks(source):
        if given := list(dropwhile(_is_before_request, block)):
            yield _request(given), None


def _blocks(source: Source) -> Iterator[list[str]]:
    """The lines between two separators."""
    block: list[str] = []
    for line in source.lines():
        if line.startswith(_SEPARATOR):
            yield block
            block = []
        else:
            block.append(line)
    yield block


def _is_comment(line: str) -> bool:
    return line.startswith(_COMMENTS) or (line.startswith("@") and "=" in line)


def _is_before_request(line: str) -> bool:
    return not line.strip() or _is_comment(line)


def _request_line(line: str) -> tuple[str, str] | None:
    """Method and target; None if ``line`` is not a request line."""
    method, _, target = line.strip(BLANKS).partition(" ")
    before, _, version = target.rpartition(" ")
    if version.startswith("HTTP/"):
        target = before
    target = target.strip(BLANKS)
    names_target = (target.startswith(("/", "{{")) or is_url(target)) and " " not in target
    return (method, target) if method in USUAL_METHODS and names_target else None


def _request(block: list[str]) -> Request:
    line = _request_line(block[0])
    if line is None:
        raise SigningError(
            f"{without_password(block[0])[:60]!r} is not the first line of a request: expected METHOD and "
            "a URL"
        )
    method, target = line
    end = block.index("") if "" in block else len(block)
    head = [each for each in block[1:end] if not _is_comment(each)]
    # The query may continue, with one parameter on each line.
    wrapped = list(takewhile(lambda each: each.startswith((" ", "\t")), head))
    target, head = "".join([target, *(each.strip(BLANKS) for each in wrapped)]), head[len(wrapped) :]
    body = _body(block[end + 1 :])
    for text in (target, *head, body):
        if "{{" in text:
            name = text.partition("{{")[2].partition("}}")[0].strip()
            raise SigningError(f"the file has the variable {name[:40]!r}: give the request as it was sent")
    headers: Pairs = []
    for each in head:
        pair = pair_of(each)
        if ":" not in each or not is_token(pair[0]):
            before = headers[-1][0] if headers else method
            raise SigningError(f"the line after {before!r} is not a header: expected 'Name: value'")
        headers.append(pair)
    if "host" not in names_of(headers) and not target.startswith("/"):
        headers.insert(0, ("Host", split_target(target)[0]))
    return Request(method, target, headers, utf8_bytes(body))


def _body(lines: list[str]) -> str:
    """The body that is sent: without scripts, names of saved answers, and final blank lines."""
    kept: list[str] = []
    for line in lines:
        if line.startswith(("> ", ">>", "<> ")):
            break  # a script for the answer
        if line.startswith(("< ", "<@ ")):
            raise SigningError("the body is in another file: give the request as it was sent")
        kept.append(line)
    while kept and not kept[-1].strip(BLANKS):
        del kept[-1]
    return "\n".join(kept)
