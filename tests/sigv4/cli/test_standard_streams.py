"""Standard input and output: closed ones are named, and the bytes that were signed are the bytes that are printed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sagemaker_api.cli import main as sagemaker_api
from sigv4 import Credentials, Signer
from sigv4.cli import main

ROOT = Path(__file__).parents[3]
URL = "https://b.s3.us-east-1.amazonaws.com/k"
ENVIRONMENT = {
    **os.environ,
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_EC2_METADATA_DISABLED": "true",
}


@pytest.mark.parametrize(
    "words",
    ["explain -", "audit -", "lint -", "diagnose -", "diagnose f --response -", f"sign {URL} -d @-", f"sign {URL} --secret-file -"],
)  # fmt: skip
def test_a_closed_standard_input_is_named(
    words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "f").write_text("GET / HTTP/1.1\nHost: h\n\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    if "--secret-file" not in words:
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setattr("sys.stdin", None)
    assert main(words.split()) == 2
    assert "standard input is closed: give a file, or redirect the input" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words", [f"sign {URL}", "rule", "explain f", "audit f", "lint f", "vendor f", "completion bash"]
)
def test_a_closed_standard_output_is_named(
    words: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setattr("sys.stdout", None)
    assert main(words.split()) == 2
    assert "standard output is closed: redirect it" in capfd.readouterr().err


@pytest.mark.parametrize("words", ["list-notebook-instances", "configure list", "completion bash", "demo"])
def test_the_client_names_a_closed_standard_output_before_anything_is_sent(
    words: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdout", None)
    assert sagemaker_api(words.split()) == 255
    assert "standard output is closed: redirect it" in capfd.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "latin-1"])
@pytest.mark.parametrize("more", [[], ["--curl"]])
def test_sign_prints_the_bytes_that_it_signed(encoding: str, more: list[str]) -> None:
    value = b"\xff\xc3\xa9"
    command: list[str | bytes] = [
        sys.executable,
        "-m",
        "sigv4",
        "sign",
        URL,
        "-H",
        b"X-A: " + value,
        "--at",
        "20260101T000000Z",
    ]
    done = subprocess.run(
        [*command, *more],
        capture_output=True,
        check=True,
        cwd=ROOT,
        env={**ENVIRONMENT, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "1"},
        stdin=subprocess.DEVNULL,
    )
    signer = Signer("s3", "us-east-1", Credentials("AKIDEXAMPLE", "secret"))
    signature = str(signer.sign("GET", URL, {"X-A": value}, at=1767225600)["Authorization"])[-64:]
    assert b"X-A: " + value in done.stdout
    assert signature.encode() in done.stdout


def test_a_name_that_is_not_utf_8_is_refused_with_a_reason(capsys: pytest.CaptureFixture[str]) -> None:
    keys = ["--region", "us-east-1"]
    assert main(["presign", "s3://bucket/\udcff", *keys, "--service", "s3", "--profile", "x"]) == 2
    assert "'\\udcff' has no UTF-8 form" in capsys.readouterr().err
    assert main(["sign", "https://h/\udcff", *keys, "--service", "s3", "--access-key-id", "A", "--secret-access-key", "s"]) == 2  # fmt: skip
    assert "the URL holds '\\udcff' at position 10" in capsys.readouterr().err
