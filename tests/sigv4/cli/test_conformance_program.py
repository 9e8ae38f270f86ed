"""``sigv4 conformance`` with another program that signs: right, wrong, silent or broken."""

from __future__ import annotations

import io
import json
import shlex
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sigv4 import SigningError
from sigv4.auditing.conformance import vector_cases
from sigv4.cli import conformance_program
from sigv4.cli.conformance_program import AllCases, EachCase
from tests.sigv4.cli.conforming import VECTORS, run, vectors

PROGRAM = """
import os, sys
from sigv4 import Credentials, Request, Signer
from sigv4.dialects import dialect_of
from sigv4.scope import parse_timestamp
given = [os.environ["AWS_" + name] for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN")]
keys = Credentials(*given, token_name=os.environ["SIGV4_TOKEN_NAME"])
request = Request.parse(open(sys.argv[1], "rb").read(), unfold=True)
service = os.environ["SIGV4_SERVICE"]
dialect = dialect_of(service){change}
signer = Signer(service, os.environ["AWS_REGION"], keys, dialect=dialect)
at = parse_timestamp(os.environ["SIGV4_TIME"])
signed = signer.explain(*request.replace(body=request.body or None), at=at, raw_target=True).headers
out = "".join(f"{{name}}: {{value}}\\n" for name, value in signed.items() if isinstance(value, str))
sys.stdout.write(f"{{request.method}} {{request.url}} HTTP/1.1\\n{{out}}\\n")
"""


def each_case(tmp_path: Path, source: str, *words: str) -> str:
    """The command that runs ``source`` for each case, with ``words`` as its arguments."""
    file = tmp_path / "each.py"
    file.write_text(source)
    return " ".join((sys.executable, str(file), *words))


def program(tmp_path: Path, change: str = "") -> str:
    return each_case(tmp_path, PROGRAM.format(change=change), "{request}")


def test_another_program_that_is_right_passes(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = vectors(tmp_path, "EX-RS-1", "PATH-SPACE", "GET-WITH-BODY")
    code, out, err = run(capsys, str(file), "--cmd", program(tmp_path))
    assert (code, out.splitlines()[-1], err) == (0, "3 of 3 cases passed", "")


def test_another_program_that_is_wrong_is_diagnosed(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = vectors(tmp_path, "EX-RS-1", "GET-WITH-BODY")
    code, out, _ = run(capsys, str(file), "--cmd", program(tmp_path, ".replace(encode_path_again=False)"))
    assert code == 1
    assert "FAILED EX-RS-1" in out
    assert "FAIL-01: this signature is what you get if the path is encoded once" in out
    assert "1 of 2 cases passed" in out


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("sh -c 'echo no >&2; exit 3'", "the program ended with 3: no"),
        ("echo nonsense", "not an HTTP request line"),
    ],
)
def test_a_program_that_fails_is_a_failed_case(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, command: str, words: str
) -> None:
    code, out, _ = run(capsys, str(vectors(tmp_path, "GET-WITH-BODY")), "--cmd", command)
    assert code == 1
    assert words in out


LINES = """
import json, sys
sys.path.insert(0, {root!r})
from pathlib import Path
from sigv4.auditing.conformance import vector_cases, verifications
from sigv4.auditing.conformance_answer import own_answer
cases = [case for file in Path({vectors!r}).glob("*.json") for case in vector_cases(file.read_bytes())]
by_id = {{case.id: case for case in [*cases, *verifications(cases)]}}
for line in sys.stdin:
    {action}
    print(json.dumps(own_answer(by_id[json.loads(line)["id"]])), flush=True)
"""


def lines_program(tmp_path: Path, action: str = "pass") -> str:
    file = tmp_path / "lines.py"
    root = str(Path(__file__).parents[3])
    file.write_text(LINES.format(root=root, vectors=str(VECTORS), action=action))
    return f"{sys.executable} {file}"


@pytest.mark.slow
def test_one_process_answers_every_case_a_line_each(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    report = tmp_path / "report.xml"
    code, out, _ = run(
        capsys, str(VECTORS), "--lines", lines_program(tmp_path), "--junit", str(report), "--json"
    )
    assert code == 0, out
    assert json.loads(out)["passed"] > 500
    assert '<testsuite name="sigv4 conformance"' in report.read_text("utf-8")


@pytest.mark.slow
def test_a_process_that_ends_is_started_three_times(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    command = lines_program(tmp_path, "sys.exit(1)")
    code, out, _ = run(capsys, str(VECTORS), "--lines", command, "--only", "key", "--only", "form")
    assert code == 1
    assert out.count("the program ended without an answer") == 3
    assert "the program has ended three times" in out


@pytest.mark.parametrize(
    ("action", "words"),
    [
        ('print("garbage", flush=True); sys.exit()', "HTTP request line"),
        ('sys.stdout.buffer.write(b"{\\xff}\\n"); sys.stdout.flush(); continue', "the answer is not JSON"),
        ('sys.stdout.write("{\\"k_date\\": "); sys.exit()', "the answer is not JSON"),
        (
            'print("{\\"id\\": \\"ANOTHER\\"}", flush=True); continue',
            "the answer is to the question 'ANOTHER'",
        ),
        ("os.kill(os.getpid(), 9)", "the program ended without an answer"),
    ],
)
@pytest.mark.slow
def test_a_program_that_answers_badly_fails_with_the_reason(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, action: str, words: str
) -> None:
    command = lines_program(tmp_path, action)
    code, out, _ = run(capsys, str(VECTORS), "--lines", command, "--only", "key")
    assert code == 1
    assert words in out
    assert " 0 of " in out or "\n0 of " in out


def test_a_line_before_the_question_is_an_error() -> None:
    case = vector_cases((VECTORS / "signing_key.json").read_bytes())[0]
    program = shlex.join([sys.executable, "-c", "input(); print('an answer'); print('a banner')"])
    with AllCases(program) as ask:
        assert ask(case) == b"an answer\n"
        ask._reader.join()  # then the reader has read both lines
        with pytest.raises(SigningError, match="printed a line before it was asked: 'a banner'"):
            ask(case)


class Program:
    """In place of a process: gives ``lines``, one for each question, and ends after them if ``ends``."""

    programs: list[Program]
    lines: tuple[bytes, ...] = ()
    ends = True
    stuck = False

    def __init__(self, words: list[str], **pipes: Any) -> None:
        self.words, self.pipes, self.told = words, pipes, io.BytesIO()
        self.done: list[Any] = []
        self.asked = threading.Event()
        self.stdin = SimpleNamespace(write=self.told.write, flush=self.asked.set, close=self._close)
        self.stdout = Lines(self)
        self.programs.append(self)

    def _close(self) -> None:
        self.done.append("input closed")
        self.ends = True
        self.asked.set()

    def wait(self, timeout: float | None = None) -> int:
        self.done.append(timeout)
        if self.stuck and "killed" not in self.done:
            raise subprocess.TimeoutExpired("", 1)
        return 0

    def kill(self) -> None:
        self.done.append("killed")


class Lines:
    def __init__(self, program: Program) -> None:
        self._program = program

    def __iter__(self) -> Iterator[bytes]:
        self._program.asked.wait()
        yield from self._program.lines
        while not self._program.ends:
            self._program.asked.clear()
            self._program.asked.wait()

    def close(self) -> None:
        self._program.done.append("closed")


@pytest.fixture
def programs(monkeypatch: pytest.MonkeyPatch) -> list[Program]:
    monkeypatch.setattr(Program, "programs", [], raising=False)
    monkeypatch.setattr(subprocess, "Popen", Program)
    return Program.programs


CASE = vector_cases((VECTORS / "signing_key.json").read_bytes())[0]
PARTS_OF_AN_END = ["input closed", 2, "closed"]


def test_a_program_is_asked_in_lines_and_started_three_times(
    programs: list[Program], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Program, "lines", (b"an answer\n",))
    with AllCases("name 'a b'") as ask:
        for number in range(3):
            assert ask(CASE) == b"an answer\n"
            ask._reader.join()
            with pytest.raises(SigningError, match="the program ended without an answer"):
                ask(CASE)
            assert len(programs) == number + 1
        with pytest.raises(SigningError, match="has ended three times: it is not started again"):
            ask(CASE)
    question = json.dumps(CASE.question()).encode() + b"\n"
    for each in programs:
        assert (each.words, each.pipes) == (
            ["name", "a b"],
            {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE},
        )
        assert each.told.getvalue() == question * 2
        assert each.done == PARTS_OF_AN_END


@pytest.mark.parametrize("stuck", [False, True])
def test_a_program_that_does_not_answer_is_closed_and_then_killed(
    programs: list[Program], monkeypatch: pytest.MonkeyPatch, stuck: bool
) -> None:
    monkeypatch.setattr(Program, "ends", False)
    monkeypatch.setattr(Program, "stuck", stuck)
    monkeypatch.setattr(conformance_program, "_SECONDS", 0)
    with AllCases("name") as ask, pytest.raises(SigningError, match="took more than 0 s"):
        ask(CASE)
    assert programs[0].done == (["input closed", 2, "killed", None, "closed"] if stuck else PARTS_OF_AN_END)


def test_a_program_that_is_started_for_each_case_has_thirty_seconds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(words: list[str], **options: Any) -> Any:
        assert (words, options["timeout"]) == (["name"], 30)
        raise subprocess.TimeoutExpired(words, 30)

    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(SigningError, match=r"^the program took more than 30 s$"):
        EachCase("name", tmp_path)(CASE)


def test_the_same_answer_to_every_question_passes_nothing(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for answer in ('{"error": "no"}', '{"refused": true}', '{"accepted": true, "valid": true}'):
        command = f"{sys.executable} -c 'import sys; [print(sys.argv[1], flush=True) for _ in sys.stdin]' '{answer}'"
        code, out, _ = run(capsys, str(VECTORS), "--lines", command, "--json")
        assert (code, json.loads(out)["passed"]) == (1, 0), answer


@pytest.mark.slow
def test_a_program_is_asked_with_the_question_in_a_file(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    source = (
        "import json, os, sys\nquestion = json.load(open(sys.argv[1]))\n"
        'assert question["operation"] == sys.argv[2] == os.environ["SIGV4_OPERATION"]\n'
        'print(json.dumps({"skip": "asked " + question["id"]}))\n'
    )
    command = each_case(tmp_path, source, "{case}", "{operation}")
    code, out, _ = run(capsys, str(VECTORS), "--cmd", command, "--only", "EX-KEY-1", "--only", "EX-IAM-1")
    assert code == 1, "where all is skipped, nothing is shown"
    assert "0 of 0 cases passed, 3 skipped" in out
    for id in ("EX-KEY-1", "EX-IAM-1", "EX-IAM-1/verify"):
        assert f"asked {id}" in out


def test_a_program_is_told_algorithm_region_set_and_operation(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    source = (
        'import os, sys\nnames = ("ALGORITHM", "REGION_SET", "OPERATION", "URL")\n'
        'sys.exit(" ".join([os.environ["SIGV4_" + name] for name in names] + sys.argv[1:]))\n'
    )
    command = each_case(tmp_path, source, "{algorithm}", "{region_set}", "{request}")
    given = ("--cmd", command, "--presign-cmd", command)
    _, out, _ = run(capsys, str(VECTORS), *given, "--only", "V4A-SAGEMAKER-1", "--only", "PRESIGN-GET")
    assert "AWS4-ECDSA-P256-SHA256 us-west-2 sign https://" in out
    assert "AWS4-HMAC-SHA256  presign https://" in out


def test_the_archive_has_vectors_schema_index_and_readme(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    first, second = tmp_path / "1.zip", tmp_path / "2.zip"
    for file in (first, second):
        assert run(capsys, str(VECTORS), "--archive", str(file))[0] == 0
    assert first.read_bytes() == second.read_bytes()
    with zipfile.ZipFile(first) as archive:
        index = json.loads(archive.read("vectors/meta/index.json"))
        assert {f"vectors/{name}" for name in index["files"]} < set(archive.namelist())
        assert {"vectors/README.md", "vectors/meta/schema.json"} < set(archive.namelist())


@pytest.mark.parametrize("way", ["--cmd", "--lines"])
@pytest.mark.slow
def test_a_program_that_does_not_answer_is_ended(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setattr("sigv4.cli.conformance_program._SECONDS", 0.2)
    code, out, _ = run(
        capsys,
        str(VECTORS),
        way,
        "sh -c 'exec sleep 60' {case}" if way == "--cmd" else "sleep 60",
        "--only",
        "EX-KEY-1",
    )
    assert code == 1
    assert "the program took more than 0.2 s" in out


def test_the_two_ways_to_ask_are_not_mixed(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, str(VECTORS), "--lines", "x", "--cmd", "y")
    assert code == 2
    assert "two ways to run a program" in err
    code, _, err = run(capsys, str(VECTORS), "--only", "NOTHING-1")
    assert (code, "no case has the rule" in err) == (2, True)
