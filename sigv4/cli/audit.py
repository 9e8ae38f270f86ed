"""``sigv4 audit``: what is weak or ambiguous in many signed requests."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from ..auditing.audit import audit
from ..auditing.captures import read_captures
from ..auditing.url_rules import ERROR, WARNING, AuditFinding
from ..errors import SigningError
from ..scope import parse_timestamp
from . import credentials

NAME = "audit"
SUMMARY = "say what is weak or ambiguous in a file of signed requests"
DESCRIPTION = """\
Reads HAR, JSON lines (method, url, headers, body) or raw requests one behind the other, and prints what is
weak, ambiguous or wrong in each. With credentials the signatures made with them are checked.
Exit code: 0 for notes at most, 1 for warnings, 3 for errors; 2 for input that cannot be read."""
EXAMPLE = """\
example:
  sigv4 audit capture.har
  sigv4 audit requests.http --json"""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="the capture; - for standard input")
    parser.add_argument("--now", metavar="TIME", help="compare clocks with this time, YYYYMMDDTHHMMSSZ")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    credentials.add_arguments(parser)


def run(options: Namespace) -> int:
    if options.file == "-" and options.secret_file == "-":  # noqa: S105 (a file name)
        raise SigningError("the capture and the secret cannot both come from standard input: give one a file")
    raw = sys.stdin.buffer.read() if options.file == "-" else Path(options.file).read_bytes()
    exchanges = read_captures(raw)
    now = None if options.now is None else parse_timestamp(options.now)
    found = audit(exchanges, credentials=credentials.read_if_any(options), now=now)
    shown = [(request.method, request.url.partition("?")[0]) for request, _ in exchanges]
    if options.json:
        print(
            json.dumps(
                {
                    "requests": [
                        {"method": method, "url": url, "findings": [each.as_dict() for each in findings]}
                        for (method, url), findings in zip(shown, found, strict=True)
                    ]
                },
                indent=2,
            )
        )
    else:
        for number, ((method, url), findings) in enumerate(zip(shown, found, strict=True)):
            print(f"{number}: {method} {url}: {len(findings) or 'nothing'} found")
            for each in findings:
                print("  " + str(each).replace("\n", "\n  "))
    return exit_code([each for findings in found for each in findings])


def exit_code(findings: list[AuditFinding]) -> int:
    """0 for notes at most, 1 for warnings, 3 for errors."""
    severities = {each.severity for each in findings}
    return 3 if ERROR in severities else 1 if WARNING in severities else 0
