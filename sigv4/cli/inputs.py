"""Reads requests in all supported forms, from a file or from standard input (``-``)."""

from __future__ import annotations

from argparse import ArgumentParser

from ..auditing.capture_source import in_utf8
from ..auditing.captures import captures
from ..errors import SigningError
from ..request import Request, Response
from .progress import Progress, part_read
from .standard_streams import opened, read_bytes
from .whole_number_flag import integer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO

    from ..auditing.har import Exchange


def read_exchange(name: str, number: int | None) -> Exchange:
    """The request with this ``number`` in a file; by default the first signed one, or else the first.

    It comes with its answer if the file has one. The file is read only up to there. Raises SigningError,
    OSError.
    """
    with opened(name) as file:
        return exchange_of(file, name, number)


def exchange_of(file: IO[bytes], name: str, number: int | None) -> Exchange:
    """``read_exchange`` for an open file, called ``name`` in errors. Raises SigningError."""
    progress = Progress(lambda: part_read(file))
    try:
        return _chosen(captures(file), number, progress)
    except SigningError as error:
        fault = str(error)
    finally:
        progress.close()
    raise SigningError(
        _named(name) + fault.removeprefix("the file") if fault.startswith("the file") else fault
    )


def _chosen(exchanges: Iterator[Exchange], number: int | None, progress: Progress) -> Exchange:
    first: Exchange | None = None
    count = 0
    for exchange in exchanges:
        if is_signed(exchange[0]) if number is None else count == number:
            return exchange
        first = first or exchange
        count += 1
        progress.step()
    if first is None:
        raise SigningError("the file holds no request: its list of entries is empty")
    if number is None:
        return first
    requests = "1 request" if count == 1 else f"{count} requests"
    raise SigningError(f"--entry is {number}: the file has {requests}, counted from 0")


def _named(name: str) -> str:
    return "standard input" if name == "-" else name


def add_entry(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--entry",
        type=integer,
        metavar="N",
        help="which one of several, counted from 0; by default the first signed one",
    )


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
