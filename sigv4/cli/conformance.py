"""``sigv4 conformance``: runs vectors against this package, or any program that signs or verifies."""

from __future__ import annotations

import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from ..auditing import conformance
from ..auditing.conformance import (
    Case,
    Outcome,
    chosen,
    suite_cases,
    vector_cases,
    verifications,
    without_constant_answers,
)
from ..auditing.conformance_case import Kind
from ..auditing.conformance_report import as_json, as_junit, as_text
from ..auditing.conformance_verdict import FAILED
from ..errors import SigningError
from ..vendoring.atomic_write import place_file
from . import reference_data
from .conformance_program import AllCases, EachCase
from .progress import followed
from .standard_streams import file_path

NAME = "conformance"
SUMMARY = "run vectors against this package, or against any program that signs or verifies"
DESCRIPTION = """\
PATH is a file or folder of vectors, or of AWS's signing test suite: one folder per case, with request.txt and
context.json. Without PATH the vectors of this package are used.

There are two ways to run another program. Its answer is compared with the case, part by part (method, target,
headers, body, key id, scope, time, token, expiry), then verified; a 4A signature with the public key.

--lines starts it once for all cases: it reads one question per line (JSON) and prints one answer per line
(JSON). This covers every operation: sign, presign, stream, events, form, key, frame, verify, decode and more.
The questions and answers are documented in fixtures/vectors/README.md.

--cmd and --presign-cmd start it for each case. {request} is a file with the raw request to sign: Host and
X-Amz-Date are in it. If the case is about the Host header itself (a port, user-info), the request line has
the whole URL instead, and the program must add Host. It prints the signed request, in headers (--cmd) or
with a signed target (--presign-cmd). {case} is a file with the question in JSON: a --cmd with {case} gets
every operation. In the command {service}, {region}, {region_set}, {algorithm}, {operation}, {url}, {time} and
{expires} are filled in. The environment has these values as SIGV4_SERVICE, SIGV4_REGION_SET, SIGV4_ALGORITHM,
SIGV4_OPERATION ("sign" is a header signature, "presign" one in the query), SIGV4_URL, SIGV4_TIME and
SIGV4_EXPIRES, and AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, SIGV4_TOKEN_NAME (the header
or parameter of the token) and AWS_REGION. For 4A the region is empty, and the region set is given. Failures
are diagnosed.

A program that gives the same answer to all questions of an operation passes none: a refusal counts only if it
also answered something right, an acceptance only if it also refused something wrong.
Exit code: 0 if no case failed, 1 if one failed or none passed, 2 for input that cannot be read."""
EXAMPLE = """\
example:
  sigv4 conformance
  sigv4 conformance --lines 'node my-signer.mjs' --only CR-PATH-2 --only presign
  sigv4 conformance fixtures/vectors/signing.json --cmd './my-signer {request}' --junit report.xml"""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("path", metavar="PATH", nargs="?")
    parser.add_argument("--lines", metavar="PROGRAM", help="one process; a question and an answer per line")
    parser.add_argument("--cmd", metavar="'PROGRAM {request}'", help="signs in the Authorization header")
    parser.add_argument("--presign-cmd", metavar="'PROGRAM {request}'", help="signs in the query")
    parser.add_argument(
        "--only", metavar="RULE|NAME", action="append", default=[],
        help="a rule (CR-PATH-2), a case (EX-IAM-1) or an operation (presign); can be repeated",
    )  # fmt: skip
    parser.add_argument("--archive", metavar="FILE.zip", help="write the vectors of PATH into it")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--junit", metavar="FILE", help="also write the report as JUnit XML")


def run(options: Namespace) -> int:
    path = reference_data.vectors() if options.path is None else file_path(options.path)
    junit = None if options.junit is None else file_path(options.junit)
    if options.archive is not None:
        return _archive(path, file_path(options.archive))
    cases = list(_cases(path))
    if not cases:
        raise SigningError(f"{path}: no vectors (*.json) and no folder with request.txt and context.json")
    cases = chosen([*cases, *verifications(cases)], options.only)
    if options.lines is not None:
        if options.cmd is not None or options.presign_cmd is not None:
            raise SigningError("give --lines, or --cmd and --presign-cmd: they are two ways to run a program")
        with AllCases(options.lines) as program:
            outcomes = list(followed(conformance.ask(cases, program), len(cases)))
    elif options.cmd is None and options.presign_cmd is None:
        outcomes = list(followed(conformance.run(cases), len(cases)))
    else:
        outcomes = _with_program(cases, options.cmd, options.presign_cmd)
    outcomes = without_constant_answers(outcomes)
    if junit is not None:
        _write(junit, as_junit(outcomes).encode("utf-8"))
    print(as_json(outcomes) if options.json else as_text(outcomes))
    failed = any(outcome.status == FAILED for outcome in outcomes)
    return int(failed or not any(outcome.passed for outcome in outcomes))


def _archive(path: Path, file: Path) -> int:
    """Writes vectors, schema, index and README into one file; the same content gives the same bytes."""
    import zipfile

    names = ["README.md", "meta/schema.json", "meta/index.json", *(each.name for each in path.glob("*.json"))]
    content = BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(names):
            member = zipfile.ZipInfo(f"vectors/{name}", (1980, 1, 1, 0, 0, 0))
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, (path / name).read_bytes())
    _write(file, content.getvalue())
    print(f"{file}: {len(names)} files")
    return 0


def _write(path: Path, content: bytes) -> None:
    """Writes a file completely, or not at all; a device or a pipe, such as /dev/stderr, directly."""
    if path.exists() and not (path.is_file() or path.is_dir()):
        path.write_bytes(content)
    else:
        place_file(path, content)


def _of_file(path: Path) -> list[Case]:
    try:
        return vector_cases(path.read_bytes())
    except SigningError as error:
        fault = f"{path}: {error}"
    raise SigningError(fault)


def _cases(path: Path) -> Iterator[Case]:
    if not path.exists():
        raise FileNotFoundError(f"{path}: no such file or folder")
    if path.is_file():
        yield from _of_file(path)
        return
    for folder in sorted({each.parent for each in path.rglob("context.json")}):
        files = {file.name: file.read_bytes() for file in folder.iterdir() if file.is_file()}
        if "request.txt" in files:
            yield from suite_cases(folder.relative_to(path).as_posix(), files)
    for file in sorted(path.glob("*.json")):
        if file.name != "context.json":
            yield from _of_file(file)


def _with_program(cases: list[Case], cmd: str | None, presign_cmd: str | None) -> list[Outcome]:
    """Runs a program for all cases if ``cmd`` has ``{case}``, otherwise only for those of signatures."""
    with tempfile.TemporaryDirectory() as folder:
        if cmd is not None and "{case}" in cmd:
            return list(followed(conformance.ask(cases, EachCase(cmd, Path(folder))), len(cases)))
        programs = {
            kind: EachCase(command, Path(folder))
            for kind, command in ((Kind.HEADER, cmd), (Kind.QUERY, presign_cmd))
            if command is not None
        }
        asked = [case for case in cases if case.kind in programs]
        outcomes = conformance.run(asked, lambda case: programs[case.kind](case))
        return list(followed(outcomes, len(asked)))
