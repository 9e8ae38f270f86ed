"""``sigv4 conformance``: vectors against this signer, or against any program that signs."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from ..auditing import conformance
from ..auditing.conformance import HEADER, Case, Outcome, as_json, by_rule, suite_cases, vector_cases
from ..authorization import V4A
from ..errors import SigningError
from ..scope import format_timestamp
from . import reference_data

NAME = "conformance"
SUMMARY = "run vectors against this signer, or against any program that signs"
DESCRIPTION = """\
PATH is a file or folder of vectors, or of AWS's signing test suite: a folder a case, with request.txt and
context.json. Without PATH the vectors that this package brings along are run. With --cmd, --presign-cmd or
both another program signs: it finds the raw request in the file {request}, X-Amz-Date included, and prints it
signed, in headers or in the query. In the command {service}, {region}, {time} and {expires} are filled in;
credentials and the same values stand in its environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY,
AWS_SESSION_TOKEN, AWS_REGION, SIGV4_SERVICE, SIGV4_TIME, SIGV4_EXPIRES. What fails is diagnosed.
Exit code: 0 where every case passed, 1 where one failed, 2 for input that cannot be read."""
EXAMPLE = """\
example:
  sigv4 conformance
  sigv4 conformance fixtures/vectors/signing.json --cmd './my-signer {request}'"""
_SECONDS = 30


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("path", metavar="PATH", type=Path, nargs="?")
    parser.add_argument("--cmd", metavar="'PROGRAM {request}'", help="signs in the Authorization header")
    parser.add_argument("--presign-cmd", metavar="'PROGRAM {request}'", help="signs in the query")
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(options: Namespace) -> int:
    cases = list(_cases(options.path or reference_data.vectors()))
    if not cases:
        raise SigningError(
            f"{options.path}: no vectors (*.json) and no folder with request.txt and context.json"
        )
    skipped = 0
    if options.cmd is None and options.presign_cmd is None:
        if find_spec("cryptography") is None:
            every, cases = len(cases), [case for case in cases if case.algorithm != V4A]
            skipped = every - len(cases)
        outcomes = list(conformance.run(cases))
    else:
        outcomes = _with_program(cases, options.cmd, options.presign_cmd)
    if options.json:
        print(as_json(outcomes))
    else:
        _print(outcomes)
    if skipped:
        said = f"SKIPPED {skipped} cases: they need cryptography (pip install cryptography)"
        print(said, file=sys.stderr if options.json else sys.stdout)
    return int(not all(outcome.passed for outcome in outcomes))


def _cases(path: Path) -> Iterator[Case]:
    if not path.exists():
        raise FileNotFoundError(f"{path}: no such file or folder")
    if path.is_file():
        yield from vector_cases(path.read_bytes())
        return
    for folder in sorted({each.parent for each in path.rglob("context.json")}):
        files = {file.name: file.read_bytes() for file in folder.iterdir() if file.is_file()}
        if "request.txt" in files:
            yield from suite_cases(folder.relative_to(path).as_posix(), files)
    for file in sorted(path.glob("*.json")):
        if file.name != "context.json":
            yield from vector_cases(file.read_bytes())


def _with_program(cases: list[Case], cmd: str | None, presign_cmd: str | None) -> list[Outcome]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "request.http"

        def sign(case: Case) -> bytes:
            file.write_bytes(case.raw())
            return _output((cmd if case.kind == HEADER else presign_cmd) or "", case, file)

        asked = [case for case in cases if (cmd if case.kind == HEADER else presign_cmd) is not None]
        return list(conformance.run(asked, sign))


def _output(command: str, case: Case, file: Path) -> bytes:
    """What the program prints. Raises SigningError where it fails."""
    values = {
        "service": case.service,
        "region": case.region,
        "time": format_timestamp(case.at),
        "expires": str(case.expires or ""),
    }
    words = [word.replace("{request}", str(file)) for word in shlex.split(command)]
    for name, value in values.items():
        words = [word.replace(f"{{{name}}}", value) for word in words]
    keys = case.credentials
    environment = {
        **os.environ,
        "AWS_ACCESS_KEY_ID": keys.access_key_id,
        "AWS_SECRET_ACCESS_KEY": keys.secret_access_key,
        "AWS_SESSION_TOKEN": keys.session_token or "",
        "SIGV4_TOKEN_NAME": keys.token_name,
        "AWS_REGION": case.region,
        **{f"SIGV4_{name.upper()}": value for name, value in values.items()},
    }
    try:
        done = subprocess.run(words, env=environment, capture_output=True, timeout=_SECONDS, check=False)  # noqa: S603
    except subprocess.TimeoutExpired:
        raise SigningError(f"the program took more than {_SECONDS} s") from None
    if done.returncode:
        raise SigningError(
            f"the program ended with {done.returncode}: {done.stderr[-200:].decode(errors='replace')}"
        )
    return done.stdout


def _print(outcomes: list[Outcome]) -> None:
    for outcome in outcomes:
        if not outcome.passed:
            print(f"FAILED {outcome.case.id} [{', '.join(outcome.case.rules)}]\n  {outcome.detail}")
    for rule, (passed, cases) in by_rule(outcomes).items():
        print(f"{rule:<12} {passed} of {cases}")
    print(f"{sum(outcome.passed for outcome in outcomes)} of {len(outcomes)} cases passed")
