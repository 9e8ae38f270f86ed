"""Reads requests in whatever form people have them: from a file, or from standard input as ``-``."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from ..auditing.captures import read_captures
from ..auditing.text_captures import in_utf8
from ..errors import SigningError
from ..request import Request, Response

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..auditing.text_captures import Exchange


def read_bytes(name: str) -> bytes:
    """The bytes of a file, or of standard input for ``-``. Raises OSError."""
    return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()


def read_exchanges(name: str) -> list[Exchange]:
    """The requests of a file, each with its answer where the file has it. Raises SigningError, OSError."""
    return parsed(read_bytes(name), name)


def parsed(raw: bytes, name: str) -> list[Exchange]:
    """The same of bytes that were read from ``name``. Raises SigningError."""
    try:
        found = read_captures(raw)
    except SigningError as error:
        fault = str(error)
    else:
        if found:
            return found
        fault = "the file holds no request: its list of entries is empty"
    raise SigningError(
        _named(name) + fault.removeprefix("the file") if fault.startswith("the file") else fault
    )


def _named(name: str) -> str:
    return "standard input" if name == "-" else name


def add_entry(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--entry",
        type=int,
        metavar="N",
        help="which of many, counted from 0; by default the first signed one",
    )


def chosen(exchanges: list[Exchange], number: int | None) -> Exchange:
    """The exchange of ``number``, or the first signed one, or the first. Raises SigningError."""
    if number is None:
        return next((each for each in exchanges if is_signed(each[0])), exchanges[0])
    if not 0 <= number < len(exchanges):
        raise SigningError(f"--entry {number}: there are {len(exchanges)} requests, counted from 0")
    return exchanges[number]


def is_signed(request: Request) -> bool:
    return "X-Amz-Signature=" in request.url or request.has_header("authorization")


def read_response(name: str) -> Response:
    """An answer; one without a status line counts as 403. Raises SigningError, OSError."""
    raw = in_utf8(read_bytes(name))
    if raw.startswith(b"HTTP/"):
        return Response.parse(raw)
    if raw.lstrip()[:1] in (b"{", b"<"):
        return Response(403, (), raw)
    head, blank, body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
    if blank and b":" in head.partition(b"\n")[0]:
        return Response.parse(b"HTTP/1.1 403 Forbidden\n" + head + b"\n\n" + body)
    return Response.parse(raw)


def one_from_stdin(options: Namespace, *names: str | None) -> None:
    """Raises SigningError where standard input is to be two things."""
    if [*names, options.secret_file].count("-") > 1:
        raise SigningError("the request and the secret cannot both come from standard input: give one a file")
