"""curl's familiar flags for a request: -X, -H, -d, --data-binary; and the scope to sign it for."""

from __future__ import annotations

import sys
from argparse import Action, ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from ..authorization import V4, V4A
from ..credentials import Credentials
from ..dialects import Dialect
from ..errors import SigningError
from ..scope import parse_timestamp
from ..signer import Signer
from . import credentials

_ALGORITHMS = {"v4": V4, "v4a": V4A}


class _Once(Action):
    """Refuses the second -d, which curl would join to the first, rather than drop one of them."""

    def __call__(self, parser: ArgumentParser, namespace: Namespace, values: Any, flag: Any = None) -> None:
        if getattr(namespace, self.dest) is not None:
            parser.error(f"{flag} is given twice: give one, its parts joined with '&'")
        setattr(namespace, self.dest, values)


def add_scope(parser: ArgumentParser, *, required: bool = True) -> None:
    """--service, --region, --algorithm."""
    parser.add_argument("--service", required=required, help="the signing name, such as sagemaker")
    parser.add_argument(
        "--region",
        required=required,
        help="the signing region, such as us-east-1; with v4a a region set, such as '*'",
    )
    parser.add_argument("--algorithm", choices=_ALGORITHMS, default="v4", help="by default v4")


def signer(options: Namespace, *, dialect: Dialect | None = None, keys: Credentials | None = None) -> Signer:
    """The signer that the flags ask for, ``keys`` being read already or not. Raises SigV4Error, OSError."""
    algorithm = _ALGORITHMS[options.algorithm]
    keys = keys or credentials.read(options)
    return Signer(options.service, options.region, keys, dialect=dialect, algorithm=algorithm)


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("url", metavar="URL", help="escaped as it will be sent")
    add_scope(parser)
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
        help="the body; @FILE reads a file as it is, @- standard input",
    )
    parser.add_argument("--at", metavar="TIME", help="YYYYMMDDTHHMMSSZ; by default now")


def method(options: Namespace) -> str:
    has_body = options.data is not None or options.data_binary is not None
    return str(options.request or ("POST" if has_body else "GET"))


def headers(options: Namespace) -> list[tuple[str, str | bytes]]:
    """The headers as pairs. Raises SigningError for one without a colon."""
    found: list[tuple[str, str | bytes]] = []
    for header in options.header:
        name, colon, value = header.partition(":")
        if not colon:
            raise SigningError(f"the header {name[:40]!r} has no colon: expected 'Name: value'")
        value = value.strip(" \t")
        found.append((name, value if value.isascii() else value.encode("utf-8", "surrogateescape")))
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
    return None if options.at is None else parse_timestamp(options.at)


def _read(text: str) -> bytes:
    if text == "@-":
        return sys.stdin.buffer.read()
    if text.startswith("@"):
        return Path(text[1:]).read_bytes()
    return text.encode("utf-8", "surrogateescape")
