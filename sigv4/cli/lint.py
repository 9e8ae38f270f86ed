"""``sigv4 lint``: finds what is ambiguous in a URL, and rewrites it."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from io import BytesIO
from pathlib import Path

from ..auditing.capture_source import in_utf8
from ..auditing.lint import lint
from ..auditing.pasted_urls import urls_of
from ..errors import SigningError
from ..target import cut_url
from . import inputs
from .audit import exit_code
from .standard_streams import read_bytes

NAME = "lint"
SUMMARY = "find what is ambiguous in a URL, and rewrite it"
DESCRIPTION = """\
Finds the forms in a URL, presigned or not, that libraries, proxies and signers read differently, and prints
an unambiguous URL. Exit code: 0 for notes at most, 1 for warnings, 3 for errors; 2 if it is not a URL."""
EXAMPLE = """\
example:
  sigv4 lint 'https://examplebucket.s3.amazonaws.com/a+b//c?prefix=%2f'"""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("url", metavar="URL", help="the URL, or a file that holds it; - for standard input")
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(options: Namespace) -> int:
    url = _url(options.url)
    findings, safe, kept = lint(url)
    if options.json:
        print(
            json.dumps(
                {"findings": [each.as_dict() for each in findings], "url": safe, "same_signature": kept},
                indent=2,
            )
        )
        return exit_code(list(findings))
    for each in findings:
        print(each)
    if safe == url:
        print("The URL is safe in this form." if not findings else "No other form of the URL is safer.")
    else:
        print(f"Safe form: {safe}")
        print(
            "  a signature stays valid"
            if kept
            else "  sign it again: the present signature is not valid for this form"
        )
    return exit_code(list(findings))


def _url(given: str) -> str:
    """The URL itself, or that of the request in a file, which keeps a secret URL out of process lists."""
    if given != "-" and (cut_url(given)[0] or (given.startswith("/") and not Path(given).is_file())):
        return given
    if given != "-" and not Path(given).is_file():
        return given
    raw = read_bytes(given)
    text = in_utf8(raw).decode("utf-8", "replace").strip()
    urls = urls_of(text)
    if len(urls) > 1:
        raise SigningError(f"there are {len(urls)} URLs: expected one, or give them to 'sigv4 audit'")
    if "HTTP/" not in text and cut_url(text.lstrip("<\"'`("))[0] in ("http", "https"):
        return text
    if urls:
        return urls[0]
    request = inputs.exchange_of(BytesIO(raw), given, None)[0]
    host = request.header("host")
    return request.url if cut_url(request.url)[0] or not host else f"https://{host}{request.url}"
