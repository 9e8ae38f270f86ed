"""``sigv4 audit``: finds what is weak or ambiguous in many signed requests."""

from __future__ import annotations

import json
import os
from argparse import ArgumentParser, Namespace
from contextlib import closing
from functools import partial

from ..auditing.audit import Auditor, examined_exchange
from ..auditing.captures import captures
from ..auditing.url_rules import ERROR, WARNING, AuditFinding
from ..diagnosis.masking import without_password
from ..errors import SigningError, escaped
from . import credentials
from .progress import Progress, part_read
from .request_flags import moment
from .standard_streams import one_from_stdin, opened
from .whole_number_flag import integer
from .worker_processes import in_processes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator, Iterable
    from typing import IO

    from ..auditing.audit import ExchangeReport
    from ..auditing.har import Exchange
    from ..credentials import Credentials

NAME = "audit"
SUMMARY = "find what is weak or ambiguous in a file of signed requests"
DESCRIPTION = """\
Reads HAR, JSON lines (method, url, headers, body) or raw requests one after the other, and prints what is
weak, ambiguous or wrong in each. With credentials, the signatures made with them are checked. For a wrong
signature every known fault is tried, and pairs of faults for the first such request of each access key and
host. Every form is processed entry by entry, so files may have any size.
Exit code: 0 for notes at most, 1 for warnings, 3 for errors; 2 for input that cannot be read."""
EXAMPLE = """\
example:
  sigv4 audit capture.har
  sigv4 audit requests.http --json"""

_MOST_PER_CORE = 8  # more processes would only wait for each other


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="the capture; - for standard input")
    parser.add_argument("--now", metavar="TIME", help="compare clocks with this time, YYYYMMDDTHHMMSSZ")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.add_argument(
        "--jobs",
        type=integer,
        default=1,
        metavar="N",
        help="examine entries in N processes; 0: one per core",
    )
    credentials.add_arguments(parser)


def run(options: Namespace) -> int:
    one_from_stdin("the capture", options.secret_file, options.file)
    most = _MOST_PER_CORE * (os.cpu_count() or 1)
    if not 0 <= options.jobs <= most:
        raise SigningError(
            f"--jobs is {options.jobs}: expected a number of processes up to {most}, or 0 for one per core"
        )
    keys = credentials.read_if_any(options)
    now = moment(options.now)
    with opened(options.file) as file:
        return _audit(file, options, keys, now)


def _audit(file: IO[bytes], options: Namespace, keys: Credentials | None, now: float | None) -> int:
    progress = Progress(lambda: part_read(file))
    auditor, number, worst = Auditor(keys), 0, 0
    jobs = options.jobs or os.cpu_count() or 1
    try:
        with closing(_reports(captures(file), keys, now, jobs)) as reports:
            for exchange, report in reports:
                findings = auditor.findings(report)
                worst = max(worst, exit_code(findings))
                progress.close()
                _print(number, exchange, findings, as_json=options.json)
                progress.step()
                number += 1
    finally:
        progress.close()
    if options.json:
        print("\n  ]\n}" if number else '{\n  "requests": []\n}')
    return worst


def _print(number: int, exchange: Exchange, findings: tuple[AuditFinding, ...], *, as_json: bool) -> None:
    request = exchange[0]
    method, url = request.method, without_password(request.url.partition("?")[0])
    if as_json:
        told = {"method": method, "url": url, "findings": [each.as_dict() for each in findings]}
        text = json.dumps(told, indent=2).replace("\n", "\n    ")
        print(("," if number else '{\n  "requests": [') + f"\n    {text}", end="")
        return
    print(f"{number}: {escaped(method)} {escaped(url)}: {len(findings) or 'nothing'} found")
    for each in findings:
        print("\n".join("  " + escaped(line) for line in str(each).split("\n")))


def _reports(
    exchanges: Iterable[Exchange], keys: Credentials | None, now: float | None, jobs: int
) -> Generator[tuple[Exchange, ExchangeReport]]:
    examined = partial(_examined, keys, now)
    if jobs == 1:
        yield from ((exchange, examined(exchange)) for exchange in exchanges)
    else:
        yield from in_processes(examined, exchanges, jobs)


def _examined(keys: Credentials | None, now: float | None, exchange: Exchange) -> ExchangeReport:
    return examined_exchange(*exchange, keys, now)


def exit_code(findings: Iterable[AuditFinding]) -> int:
    """0 for notes at most, 1 for warnings, 3 for errors."""
    severities = {each.severity for each in findings}
    return 3 if ERROR in severities else 1 if WARNING in severities else 0
