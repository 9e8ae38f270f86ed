"""curl's flags for a request: -X, -H, -d, --data-binary."""

from __future__ import annotations

from argparse import Action, ArgumentParser, Namespace
from typing import Any

from ..canonical import BODY_METHODS
from ..credentials import Credentials
from ..dialects import Dialect
from ..errors import SigningError
from ..request import utf8_bytes, utf8_value
from ..scope import parse_timestamp
from ..signer import Signer
from . import credentials, scope_flags
from .standard_streams import read_bytes

# Headers of a signature, and the flag to use instead.
_OF_SIGNATURE = {
    "authorization": "the signer makes it: leave it out",
    "x-amz-algorithm": "give --algorithm",
    "x-amz-credential": "give --access-key-id, --region and --service",
    "x-amz-date": "give --at",
    "x-amz-expires": "give --expires to sigv4 presign: only a URL expires",
    "x-amz-region-set": "give --algorithm v4a and --region",
    "x-amz-s3session-token": "it goes with the credentials: give --s3session-token",
    "x-amz-security-token": "it goes with the credentials: give --session-token",
    "x-amz-signature": "the signer makes it: leave it out",
    "x-amz-signedheaders": "every given header is signed: leave it out",
}


class _Once(Action):
    """Refuses a second -d: curl would join it to the first, and argparse would drop the first."""

    def __call__(self, parser: ArgumentParser, namespace: Namespace, values: Any, flag: Any = None) -> None:
        if getattr(namespace, self.dest) is not None:
            parser.error(f"{flag} is given twice: give one, its parts joined with '&'")
        setattr(namespace, self.dest, values)


def signer(options: Namespace, *, dialect: Dialect | None = None, keys: Credentials | None = None) -> Signer:
    """The signer for the flags; ``keys`` are the credentials if already read. Raises SigV4Error, OSError."""
    keys = keys or credentials.read(options)
    algorithm = scope_flags.algorithm(options)
    return Signer(options.service, options.region, keys, dialect=dialect, algorithm=algorithm)


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "url", metavar="URL", help="escaped as it will be sent; or s3://bucket/key, the key in plain text"
    )
    scope_flags.add_arguments(parser)
    parser.add_argument("-X", "--request", metavar="METHOD", help="by default GET, or POST with a body")
    parser.add_argument("-H", "--header", action="append", default=[], metavar="'NAME: VALUE'")
    body = parser.add_mutually_exclusive_group()
    body.add_argument(
        "-d",
        "--data",
        action=_Once,
        metavar="TEXT",
        help="the body; @FILE reads a file, without its line ends",
    )
    body.add_argument(
        "--data-binary",
        action=_Once,
        metavar="TEXT",
        help="the body; @FILE reads a file unchanged, @- standard input",
    )
    parser.add_argument("--at", metavar="TIME", help="YYYYMMDDTHHMMSSZ; by default now")


def method(options: Namespace) -> str:
    default = "POST" if has_body(options) else "GET"
    return default if options.request is None else str(options.request)


def has_body(options: Namespace) -> bool:
    return options.data is not None or options.data_binary is not None


def wants_length(method: str, options: Namespace) -> bool:
    """Whether the request needs a Content-Length of 0: its method allows a body, but it has none."""
    named = any(header.partition(":")[0].strip().lower() == "content-length" for header in options.header)
    return method in BODY_METHODS and not has_body(options) and not named


def headers(options: Namespace) -> list[tuple[str, str | bytes]]:
    """The headers as pairs. Raises SigningError for one without a colon, and for those of a signature."""
    found: list[tuple[str, str | bytes]] = []
    for header in options.header:
        name, colon, value = header.partition(":")
        if not colon:
            raise SigningError(f"the header {name[:40]!r} has no colon: expected 'Name: value'")
        fix = _OF_SIGNATURE.get(name.strip().lower())
        if fix:
            raise SigningError(f"the header {name.strip()!r} is not given with -H: {fix}")
        found.append((name, utf8_value(value.strip(" \t"))))
    return found


def body(options: Namespace) -> bytes | None:
    """The body, read as curl reads it. Raises OSError."""
    if options.data_binary is not None:
        return _read(options.data_binary)
    if options.data is None:
        return None
    data = _read(options.data)
    return data.replace(b"\r", b"").replace(b"\n", b"") if options.data.startswith("@") else data


def at(options: Namespace) -> int | None:
    return moment(options.at)


def moment(text: str | None) -> int | None:
    """The epoch seconds of a flag's time; None if it is not given. Raises SigningError."""
    return None if text is None else parse_timestamp(text)


def _read(text: str) -> bytes:
    return read_bytes(text[1:]) if text.startswith("@") else utf8_bytes(text)
