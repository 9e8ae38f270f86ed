"""Parses requests and answers that programs printed as text, with wrapped header lines."""

from __future__ import annotations

from ..request import Request, Response, utf8_bytes, utf8_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    Pairs: TypeAlias = list[tuple[str, str | bytes]]


BLANKS = " \t"  # white space in HTTP (RFC 9110 §5.6.3); str.strip() removes U+00A0 and others as well


def text_of(raw: bytes) -> str:
    """``raw`` as text with LF line ends; bytes that are not UTF-8 are escaped."""
    return raw.decode("utf-8", "surrogateescape").replace("\r\n", "\n")


def is_request_line(line: str) -> bool:
    words = line.split(" ")
    method = words[0]
    is_method = method.isascii() and method.isalpha() and method.isupper()
    return len(words) > 2 and is_method and words[-1].startswith("HTTP/")


def is_status_line(line: str) -> bool:
    version, _, rest = line.partition(" ")
    return version.startswith("HTTP/") and rest[:1].isascii() and rest[:1].isdigit()


def pair_of(line: str) -> tuple[str, str | bytes]:
    name, _, value = line.partition(":")
    return name.strip(BLANKS), utf8_value(value.strip(BLANKS))


def head_and_body(block: list[str]) -> tuple[list[str], str]:
    blank = block.index("") if "" in block else len(block)
    return block[:blank], "\n".join(block[blank + 1 :])


def request_of(block: list[str], body: bytes | None = None) -> Request:
    """The request in ``block``; ``body``, if given, is its body."""
    head, text = head_and_body(block)
    head = [head[0], *_unwrapped(head[1:])]
    method, _, rest = head[0].partition(" ")
    headers = [pair_of(line) for line in head[1:] if ":" in line]
    return Request(method, rest.rpartition(" ")[0], headers, utf8_bytes(text) if body is None else body)


def answer_of(block: list[str], body: bytes | None = None) -> Response:
    """The answer in ``block``; ``body``, if given, is its body."""
    head, text = head_and_body(block)
    status = head[0].split(" ")[1] if " " in head[0] else ""
    code = int(status) if status.isascii() and status.isdigit() and len(status) < 10 else 0
    headers = [pair_of(line) for line in head[1:] if ":" in line]
    return Response(code, headers, utf8_bytes(text.strip("\n")) if body is None else body)


def _unwrapped(head: list[str]) -> list[str]:
    """Header lines, joined where a terminal program such as httpx wrapped them."""
    found: list[list[str]] = []  # each header as a list of pieces, joined once
    for line in head:
        name = line.partition(":")[0]
        if found and (":" not in line or not all(char.isalnum() or char in "-_." for char in name)):
            pieces = found[-1]
            if pieces[-1][-1:] == " ":
                pieces[-1] = f"{pieces[-1].rstrip()} "
            pieces.append(line)
        else:
            found.append([line])
    return ["".join(pieces) for pieces in found]
