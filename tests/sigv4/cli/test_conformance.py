"""``sigv4 conformance`` with this package: its vectors, their archive, and files in the layout of AWS's test suite."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.sigv4.cli.conforming import VECTORS, run, vectors


def suite(tmp_path: Path, change: str = "") -> Path:
    """AWS's own example, as the files of a header signature in AWS's test suite."""
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


@pytest.mark.slow
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


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, "no vectors"),
        ({"a": "x"}, "no vectors"),
        ({"a.json": "{}"}, "no vectors: expected"),
        ({"a.json": "{"}, "a.json: the file of vectors is not JSON"),
        ({"context.json": "{}", "request.txt": "GET / HTTP/1.1\n"}, "expected credentials"),
        ({"context.json": "{}"}, "no vectors"),
    ],
)
def test_a_file_that_is_not_a_vector_is_named(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, files: dict[str, str], words: str
) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    code, _, err = run(capsys, str(tmp_path))
    assert code == 2
    assert words in err


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
