"""``sigv4 conformance``: our vectors, AWS's suite layout, and another program that signs, right or wrong."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from sigv4.cli import main

VECTORS = Path(__file__).parents[3] / "fixtures" / "vectors"
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


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(("conformance", *arguments))
    return code, *capsys.readouterr()


def vectors(tmp_path: Path, *ids: str) -> Path:
    found = [
        vector
        for file in sorted(VECTORS.glob("*.json"))
        for vector in json.loads(file.read_text("utf-8"))["vectors"]
        if vector["id"] in ids
    ]
    file = tmp_path / "some.json"
    file.write_text(json.dumps({"schema": 1, "vectors": found}))
    return file


def suite(tmp_path: Path, change: str = "") -> Path:
    """AWS's own example in the layout of its suite: every file of the header form."""
    vector: dict[str, Any] = json.loads(vectors(tmp_path, "EX-IAM-1").read_text())["vectors"][0]
    expect = vector["expect"]
    folder = tmp_path / "suite" / "get-vanilla-query"
    folder.mkdir(parents=True)
    target = "/?Action=ListUsers&Version=2010-05-08"
    head = "Host:iam.amazonaws.com\nContent-Type:application/x-www-form-urlencoded; charset=utf-8\nX-Amz-Date:20150830T123600Z\n"
    context = {
        "credentials": {"access_key_id": "AKIDEXAMPLE", "secret_access_key": vector["input"]["secret_access_key"]},
        "expiration_in_seconds": 3600, "normalize": True, "region": "us-east-1", "service": "iam",
        "sign_body": False, "timestamp": "2015-08-30T12:36:00Z",
    }  # fmt: skip
    files = {
        "context.json": json.dumps(context),
        "request.txt": f"GET {target} HTTP/1.1\n{head}",
        "header-canonical-request.txt": expect["canonical_request"] + change,
        "header-string-to-sign.txt": expect["string_to_sign"],
        "header-signature.txt": expect["signature"] + "\n",
    }
    for name, text in files.items():
        (folder / name).write_text(text)
    return tmp_path / "suite"


def test_every_vector_of_a_request_passes(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, str(VECTORS))
    assert code == 0, out
    assert out.endswith("cases passed\n")
    assert "CR-PATH-2 " in out
    code, out, _ = run(capsys, str(VECTORS), "--json")
    report = json.loads(out)
    assert report["passed"] == report["cases"] > 250
    assert report["failed"] == []


def test_the_layout_of_awss_suite_is_read(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, out, _ = run(capsys, str(suite(tmp_path)))
    assert (code, out) == (0, "CR-QUERY-1   1 of 1\n1 of 1 cases passed\n")


def test_a_case_that_differs_says_where(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, out, _ = run(capsys, str(suite(tmp_path, "0")))
    assert code == 1
    assert "FAILED get-vanilla-query/header [CR-QUERY-1]" in out
    assert "the canonical request differs: line 9 is" in out


def program(tmp_path: Path, change: str = "") -> str:
    file = tmp_path / "program.py"
    file.write_text(PROGRAM.format(change=change))
    return f"{sys.executable} {file} {{request}}"


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
        ("echo nonsense", "no HTTP request line"),
    ],
)
def test_a_program_that_fails_is_a_failed_case(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, command: str, words: str
) -> None:
    code, out, _ = run(capsys, str(vectors(tmp_path, "GET-WITH-BODY")), "--cmd", command)
    assert code == 1
    assert words in out


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, "no vectors"),
        ({"a": "x"}, "no vectors"),
        ({"a.json": "{}"}, "no vectors: expected"),
        ({"a.json": "{"}, "not JSON"),
        ({"context.json": "{}", "request.txt": "GET / HTTP/1.1\n"}, "expected credentials"),
        ({"context.json": "{}"}, "no vectors"),
    ],
)
def test_what_is_no_vector_is_refused_by_name(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, files: dict[str, str], words: str
) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    code, _, err = run(capsys, str(tmp_path))
    assert code == 2
    assert words in err
