"""``sigv4 conformance`` with another program that signs: right, wrong, silent or broken."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

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
