"""``sigv4 presign``: prints a URL that contains its signature."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace

from ..config.numbers import whole_number
from ..dialects import Dialect
from ..headers import utf8_text
from . import credentials, request_flags, scope_flags

NAME = "presign"
SUMMARY = "print a URL that contains its signature"
DESCRIPTION = """\
Prints the URL with its signature in the query string. Anyone who has it can make the request until it
expires. Every -H is signed too, and must be sent with the URL: they are listed on standard error."""
EXAMPLE = """\
example:
  sigv4 presign https://examplebucket.s3.amazonaws.com/test.txt \\
    --service s3 --region us-east-1 --expires 900"""


_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def add_arguments(parser: ArgumentParser) -> None:
    request_flags.add_arguments(parser)
    parser.add_argument(
        "--expires",
        type=duration,
        metavar="TIME",
        help="seconds, or 15m, 12h, 7d (the longest); by default 1h, or the service's limit if shorter",
    )
    credentials.add_arguments(parser)


def duration(text: str) -> int:
    """Seconds of ``900``, ``900s``, ``15m``, ``12h`` or ``7d``. Raises ArgumentTypeError."""
    number, unit = (text[:-1], text[-1]) if text[-1:] in _UNITS else (text, "s")
    try:
        count = whole_number(number)
    except ValueError:
        count = -1
    if count < 0:
        raise ArgumentTypeError(f"{text[:40]!r}: expected whole seconds, or such as 15m, 12h, 7d")
    return count * _UNITS[unit]


def life(options: Namespace, dialect: Dialect) -> int:
    """The seconds of ``--expires``; by default an hour, or the service's limit if that is shorter."""
    return min(3600, dialect.longest_expires) if options.expires is None else int(options.expires)


def run(options: Namespace) -> int:
    scope_flags.resolve_url(options)
    signer = request_flags.signer(options)
    url = signer.presign(
        request_flags.method(options),
        options.url,
        request_flags.headers(options),
        request_flags.body(options),
        expires=life(options, signer.dialect),
        at=request_flags.at(options),
    )
    for name, value in url.headers_to_send.items():
        print(f"send with it: {name}: {utf8_text(value, 'backslashreplace')}", file=sys.stderr)
    print(str(url))
    return 0
