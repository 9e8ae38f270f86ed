"""``sigv4 explain``: shows step by step how a request is signed, or was signed."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from html import escape as html
from textwrap import fill

from ..auditing.foreign_files import KINDS
from ..credentials import Credentials
from ..diagnosis.captured_explanation import CapturedExplanation, explain_captured
from ..dialects import dialect_of
from ..errors import SigningError
from ..request import Request
from ..target import cut_url, without_user_info
from . import credentials, inputs, request_flags, scope_flags
from .explanation_page import page
from .presign import duration, life
from .standard_streams import one_from_stdin

NAME = "explain"
SUMMARY = "show step by step how a request is signed, or was signed"
DESCRIPTION = f"""\
Prints canonical request, string to sign, signature and Authorization header of a request. A signed request is
explained with its own SignedHeaders and scope; with the credentials its signature is compared, and --resign
signs it again. An unsigned request needs --service and --region. The target is used as given, byte for byte.
{fill(f"FILE is {KINDS}.", 110)}
Exit code: 0; 1 if the signature in the request is not the one of the credentials; 2 for wrong input."""
EXAMPLE = """\
example:
  printf 'GET /?Action=ListUsers&Version=2010-05-08 HTTP/1.1\\nHost: iam.amazonaws.com\\n\\n' |
    sigv4 explain - --service iam --region us-east-1 --at 20150830T123600Z
  sigv4 explain captured.http"""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="the request; - for standard input")
    inputs.add_entry(parser)
    parser.add_argument("--resign", action="store_true", help="sign it again, and ignore its signature")
    scope_flags.add_arguments(parser)
    parser.add_argument(
        "--at", metavar="TIME", help="YYYYMMDDTHHMMSSZ; by default the request's X-Amz-Date, or else now"
    )
    parser.add_argument(
        "--no-normalize", action="store_true", help="keep empty and dot segments of the path (CR-PATH-3)"
    )
    parser.add_argument("--presign", action="store_true", help="put the signature in the query string")
    parser.add_argument(
        "--expires", type=duration, metavar="TIME", help="with --presign: seconds, or 15m; by default 1h"
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="one JSON object")
    form.add_argument("--html", action="store_true", help="one self-contained page")
    parser.add_argument(
        "--show-secrets", action="store_true", help="show the session token and the derived keys, not ***"
    )
    credentials.add_arguments(parser)


def run(options: Namespace) -> int:
    one_from_stdin("the request", options.secret_file, options.file)
    if options.expires is not None and not options.presign:
        raise SigningError("--expires goes with --presign: only a presigned URL expires")
    request = inputs.read_exchange(options.file, options.entry)[0]
    if options.resign or options.presign:
        return _show_signing(options, request)
    captured = explain_captured(request)
    if captured is not None:
        _check_not_ignored(options)
        keys = credentials.read_if_any(options)
        return _show_captured(options, explain_captured(request, keys) or captured, keys)
    if options.service or options.region:
        return _show_signing(options, request)
    if inputs.is_signed(request):
        raise SigningError("its signature cannot be parsed: 'sigv4 diagnose' says why")
    raise SigningError(
        "the request has no Version 4 signature: to see how it is signed, give --service and --region"
    )


def _check_not_ignored(options: Namespace) -> None:
    """Raises SigningError if a flag is given that has no effect on the explanation of a signed request."""
    given = {
        "--service": options.service,
        "--region": options.region,
        "--algorithm v4a": options.algorithm != "v4",
        "--at": options.at,
        "--no-normalize": options.no_normalize,
    }
    for flag, value in given.items():
        if value:
            raise SigningError(
                f"the request is signed, and is explained with its own scope and time: leave {flag} out, or "
                "give --resign to sign it again"
            )


def _show_captured(options: Namespace, captured: CapturedExplanation, keys: Credentials | None) -> int:
    secrets = keys if options.show_secrets else None
    explanation, summary = captured.explanation, captured.summary()
    if options.html:
        lines = "".join(f"<p><code>{html(line)}</code></p>" for line in summary.split("\n"))
        print(page(explanation, secrets, [lines]), end="")
    elif options.json:
        both = {"sent_signature": captured.sent, "agrees": captured.agrees}
        print(json.dumps({**both, **explanation.as_dict(secrets)}, indent=2))
    else:
        print(f"{summary}\n\n{explanation.text(secrets)}")
    return int(captured.agrees is False)


def _show_signing(options: Namespace, request: Request) -> int:
    scope_flags.resolve(options, _host(request))
    dialect = dialect_of(options.service)
    if options.no_normalize:
        dialect = dialect.replace(normalize_path=False)
    keys = credentials.read(options)
    signer = request_flags.signer(options, dialect=dialect, keys=keys)
    expires = life(options, dialect) if options.presign else None
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


def _host(request: Request) -> str:
    """The Host header, or the host of the target if that is a URL."""
    if request.has_header("host"):
        return request.header("host")
    return without_user_info(cut_url(request.url)[1])


def _at(given: str | None, request: Request) -> int | None:
    """The time to sign at: the given one, or that of the request, or None for now."""
    if given is None:
        given = request.header("x-amz-date") if request.has_header("x-amz-date") else None
    return request_flags.moment(given)
