"""Reads requests in whatever form people have them: from a file, or from standard input as ``-``."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from ..auditing.captures import read_captures
from ..auditing.text_captures import in_utf8, read_text
from ..errors import SigningError
from ..request import Request, Response

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..auditing.text_captures import Exchange

KINDS = (
    "a raw request, a HAR file, JSON lines, curl -v's output, a browser's 'Copy as cURL', a debug log of "
    "boto3 or the AWS CLI, a dump of requests or httpx, or a presigned URL"
)
# How files begin that people give by mistake.
_LOOKS = {
    b"%PDF": "a PDF file",
    b"PK\x03\x04": "a ZIP file",
    b"\x1f\x8b": "a gzip file",
    b"\xd4\xc3\xb2\xa1": "a pcap file",
    b"\x0a\x0d\x0d\x0a": "a pcapng file",
    b"HTTP/": "an answer without its request",
    b"<!DOCTYPE": "an HTML page",
    b"<html": "an HTML page",
    b"<?xml": "an XML document",
    b"<Error": "an answer of S3 without its head",
    b"-----BEGIN": "a key or certificate",
    b"[default]": "an AWS configuration file",
}


def read_bytes(name: str) -> bytes:
    """The bytes of a file, or of standard input for ``-``. Raises OSError."""
    return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()


def read_exchanges(name: str) -> list[Exchange]:
    """The requests of a file, each with its answer where the file has it. Raises SigningError, OSError."""
    raw = in_utf8(read_bytes(name))
    start = raw.lstrip()
    if not start:
        raise SigningError(f"{_named(name)} is empty: expected {KINDS}")
    for mark, what in _LOOKS.items():
        if start.startswith(mark):
            raise SigningError(f"{_named(name)} looks like {what}: expected {KINDS}")
    if start[:1] == b"{":
        return read_captures(raw)
    found = read_text(raw)
    if found is not None:
        return found
    try:
        return [(Request.parse(start, unfold=True), None)]
    except SigningError as error:
        fault = str(error)
    raise SigningError(f"{fault}; expected {KINDS}")


def _named(name: str) -> str:
    return "standard input" if name == "-" else name


def add_entry(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--entry",
        type=int,
        metavar="N",
        help="which of many, counted from 0; by default the first signed one",
    )


def chosen(exchanges: list[Exchange], options: Namespace) -> Exchange:
    """The exchange that ``--entry`` names, or the first signed one, or the first. Raises SigningError."""
    if options.entry is None:
        return next((each for each in exchanges if _is_signed(each[0])), exchanges[0])
    if not 0 <= options.entry < len(exchanges):
        raise SigningError(f"--entry {options.entry}: there are {len(exchanges)} requests, counted from 0")
    number: int = options.entry
    return exchanges[number]


def _is_signed(request: Request) -> bool:
    return "X-Amz-Signature=" in request.url or any(
        name.lower() == "authorization" for name, _ in request.headers
    )


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
