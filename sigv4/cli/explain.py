"""``sigv4 explain``: how a raw HTTP request is signed, step by step."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from ..dialects import dialect_of
from ..errors import SigningError
from ..request import Request
from ..scope import parse_timestamp
from . import credentials, request_flags
from .explanation_page import page

NAME = "explain"
SUMMARY = "show how a raw HTTP request is signed, step by step"
DESCRIPTION = """\
Reads a raw HTTP request (start line, headers, blank line, body; LF or CRLF) and prints its canonical
request, string to sign, signature and Authorization header. The target is taken as the bytes given."""
EXAMPLE = """\
example:
  printf 'GET /?Action=ListUsers&Version=2010-05-08 HTTP/1.1\\nHost: iam.amazonaws.com\\n\\n' |
    sigv4 explain - --service iam --region us-east-1 --at 20150830T123600Z"""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="the raw request; - for standard input")
    request_flags.add_scope(parser)
    parser.add_argument(
        "--at", metavar="TIME", help="YYYYMMDDTHHMMSSZ; by default the request's X-Amz-Date, or else now"
    )
    parser.add_argument(
        "--no-normalize", action="store_true", help="keep empty and dot segments of the path (CR-PATH-3)"
    )
    parser.add_argument("--presign", action="store_true", help="put the signature in the query string")
    parser.add_argument("--expires", type=int, metavar="SECONDS", help="with --presign: by default 3600")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="one JSON object")
    form.add_argument("--html", action="store_true", help="one self-contained page")
    parser.add_argument(
        "--show-secrets", action="store_true", help="with the session token and the derived keys; else ***"
    )
    credentials.add_arguments(parser)


def run(options: Namespace) -> int:
    if options.file == "-" and options.secret_file == "-":  # noqa: S105 (a file name)
        raise SigningError("the request and the secret cannot both come from standard input: give one a file")
    raw = sys.stdin.buffer.read() if options.file == "-" else Path(options.file).read_bytes()
    request = Request.parse(raw, unfold=True)
    dialect = dialect_of(options.service)
    if options.no_normalize:
        dialect = dialect.replace(normalize_path=False)
    keys = credentials.read(options)
    signer = request_flags.signer(options, dialect=dialect, keys=keys)
    if options.expires is not None and not options.presign:
        raise SigningError("--expires goes with --presign: only a presigned URL expires")
    expires = (options.expires or 3600) if options.presign else None
    at = _at(options.at, request)
    method, url, headers, body = request
    explanation = signer.explain(method, url, headers, body or None, at=at, raw_target=True, expires=expires)
    secrets = keys if options.show_secrets else None
    if options.html:
        print(page(explanation, secrets), end="")
    else:
        shown = explanation.as_dict(secrets) if options.json else explanation.text(secrets)
        print(json.dumps(shown, indent=2) if options.json else shown)
    return 0


def _at(given: str | None, request: Request) -> int | None:
    """The time to sign at: the one given, or the one that the request carries, or None for now."""
    if given is None:
        dates = [value for name, value in request.headers if name.lower() == "x-amz-date"]
        given = dates[0] if dates and isinstance(dates[0], str) else None
    return None if given is None else parse_timestamp(given)
