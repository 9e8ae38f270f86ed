"""``sigv4 presign``: a URL that carries its own signature."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace

from . import credentials, request_flags

NAME = "presign"
SUMMARY = "print a URL that carries its own signature"
DESCRIPTION = """\
Prints the URL with its signature in the query string. Whoever holds it can make the request until it
expires. Every -H is signed too, and must be sent with the URL: those are listed on standard error."""
EXAMPLE = """\
example:
  sigv4 presign https://examplebucket.s3.amazonaws.com/test.txt \\
    --service s3 --region us-east-1 --expires 900"""


def add_arguments(parser: ArgumentParser) -> None:
    request_flags.add_arguments(parser)
    parser.add_argument(
        "--expires", type=int, default=3600, metavar="SECONDS", help="1 to 604800 (7 days), by default 3600"
    )
    credentials.add_arguments(parser)


def run(options: Namespace) -> int:
    signer = request_flags.signer(options)
    url = signer.presign(
        request_flags.method(options),
        options.url,
        request_flags.headers(options),
        request_flags.body(options),
        expires=options.expires,
        at=request_flags.at(options),
    )
    for name, value in url.headers_to_send.items():
        shown = value if isinstance(value, str) else value.decode("utf-8", "backslashreplace")
        print(f"to be sent with it: {name}: {shown}", file=sys.stderr)
    print(str(url))
    return 0
