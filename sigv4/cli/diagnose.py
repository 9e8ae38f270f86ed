"""``sigv4 diagnose``: finds out why a signature is wrong."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from textwrap import fill

from ..auditing.foreign_files import KINDS
from ..diagnosis.diagnose import RIGHT, UNDECIDED, WRONG, diagnose
from ..diagnosis.masking import without_password
from ..errors import SigningError
from ..request import Request, Response
from ..target import cut_url
from . import credentials, inputs
from .colours import add_colour, wants_colour
from .diagnosis_page import page
from .diagnosis_text import text
from .progress import SearchProgress
from .request_flags import moment
from .standard_streams import one_from_stdin

NAME = "diagnose"
SUMMARY = "find out why a signature is wrong"
DESCRIPTION = f"""\
Reads a signed request as it was sent, and the server's answer if you have it, and names the cause. With the
credentials it tries every known fault against the signature itself.
{fill(f"REQUEST is {KINDS}.", 110)}
Exit code: 0 if the signature is verified and right, 1 if something is wrong, 2 for input that cannot be read,
3 if it could not be decided; the reason is printed."""
EXAMPLE = """\
example:
  sigv4 diagnose request.http --response answer.http
  sigv4 diagnose capture.har --entry 3 --access-key-id AKIDEXAMPLE --secret-file secret.txt
  curl -v … 2>&1 | sigv4 diagnose -"""

_EXIT_CODES = {RIGHT: 0, WRONG: 1, UNDECIDED: 3}


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", nargs="?", metavar="REQUEST", help="the request; - for standard input")
    parser.add_argument("--response", metavar="FILE", help="the answer of the server")
    parser.add_argument("--har", metavar="FILE", help="the same as REQUEST")
    inputs.add_entry(parser)
    parser.add_argument("--url", metavar="URL", help="the URL that the client called, if another one arrived")
    parser.add_argument("--now", metavar="TIME", help="the server's clock, YYYYMMDDTHHMMSSZ")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="one JSON object")
    form.add_argument("--html", action="store_true", help="one self-contained page")
    add_colour(parser)
    credentials.add_arguments(parser)


def run(options: Namespace) -> int:
    if options.url is not None:
        _check_called(options.url)
    request, response = _exchange(options)
    keys = credentials.read_if_any(options)
    now = moment(options.now)
    search = SearchProgress()
    try:
        found = diagnose(
            *request,
            credentials=keys,
            response=response,
            now=now,
            called=options.url or "",
            progress=search.told,
        )
    finally:
        search.progress.close()
    if options.html:
        print(page(found, request), end="")
    elif options.json:
        print(json.dumps(found.as_dict(), indent=2))
    else:
        print(text(found, colour=wants_colour(options)))
    return _EXIT_CODES[found.verdict]


def _check_called(url: str) -> None:
    scheme, authority, _ = cut_url(url)
    if not (scheme in ("https", "http", "wss", "ws") and authority):
        raise SigningError(
            f"--url is {without_password(url)[:80]!r}: expected the URL that was called, such as 'https://host/path'"
        )


def _exchange(options: Namespace) -> tuple[Request, Response | None]:
    if (options.file is None) == (options.har is None):
        raise SigningError("give REQUEST or --har FILE, one of them")
    name = options.har if options.file is None else options.file
    one_from_stdin("the request", options.secret_file, name, options.response)
    request, response = inputs.read_exchange(name, options.entry)
    if options.response is not None:
        response = inputs.read_response(options.response)
    return request, response
