"""``sigv4 diagnose``: why a signature is wrong."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from ..auditing.har import read_har
from ..diagnosis.diagnose import RIGHT, UNDECIDED, WRONG, diagnose
from ..errors import SigningError
from ..request import Request, Response
from ..scope import parse_timestamp
from . import credentials

NAME = "diagnose"
SUMMARY = "say which byte of a signature is wrong, and why"
DESCRIPTION = """\
Reads a signed request as it was sent, and the server's answer where you have it, and names the cause. With
the credentials it tries every known fault against the signature itself.
Exit code: 0 where the signature is verified and right, 1 where something is wrong, 2 for input that cannot be
read, 3 where it could not be decided, with the reason."""
EXAMPLE = """\
example:
  sigv4 diagnose request.http --response answer.http
  sigv4 diagnose --har capture.har --entry 3 --access-key-id AKIDEXAMPLE --secret-file secret.txt"""

_EXIT_CODES = {RIGHT: 0, WRONG: 1, UNDECIDED: 3}


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", nargs="?", metavar="REQUEST", help="the raw request; - for standard input")
    parser.add_argument("--response", metavar="FILE", help="the raw answer of the server")
    parser.add_argument("--har", metavar="FILE", help="a HAR file, in place of REQUEST")
    parser.add_argument("--entry", type=int, metavar="N", help="its entry, counted from 0; by default 0")
    parser.add_argument("--now", metavar="TIME", help="the server's clock, YYYYMMDDTHHMMSSZ")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    credentials.add_arguments(parser)


def run(options: Namespace) -> int:
    request, response = _exchange(options)
    found = diagnose(
        *request,
        credentials=credentials.read_if_any(options),
        response=response,
        now=None if options.now is None else parse_timestamp(options.now),
    )
    print(json.dumps(found.as_dict(), indent=2) if options.json else found)
    return _EXIT_CODES[found.verdict]


def _exchange(options: Namespace) -> tuple[Request, Response | None]:
    if (options.file is None) == (options.har is None):
        raise SigningError("give REQUEST or --har FILE, one of them")
    if options.entry is not None and options.har is None:
        raise SigningError("--entry goes with --har")
    if options.file == "-" and options.secret_file == "-":  # noqa: S105 (a file name)
        raise SigningError("the request and the secret cannot both come from standard input: give one a file")
    response = None
    if options.har is None:
        raw = sys.stdin.buffer.read() if options.file == "-" else Path(options.file).read_bytes()
        request = Request.parse(raw, unfold=True)
    else:
        entries = read_har(Path(options.har).read_bytes())
        number = options.entry or 0
        if not 0 <= number < len(entries):
            raise SigningError(f"--entry {number}: the HAR file has {len(entries)} entries, counted from 0")
        request, response = entries[number]
    if options.response is not None:
        response = Response.parse(Path(options.response).read_bytes())
    return request, response
