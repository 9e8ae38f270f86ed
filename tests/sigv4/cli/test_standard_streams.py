"""Standard input and output: closed ones are named, and the bytes that were signed are the bytes that are printed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest

from sagemaker_api.cli import _parser as sagemaker_parser, main as sagemaker_api
from sigv4 import Credentials, Signer
from sigv4.cli import _parser as sigv4_parser, main
from tests.pythons import pythons

ROOT = Path(__file__).parents[3]
URL = "https://b.s3.us-east-1.amazonaws.com/k"
ENVIRONMENT = {
    **os.environ,
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_EC2_METADATA_DISABLED": "true",
}


class Full(TextIOWrapper):
    """A standard output on a full disk: what is written is kept until it is flushed, which fails."""

    def __init__(self) -> None:
        super().__init__(os.fdopen(os.open("/dev/full", os.O_WRONLY), "wb"))

    def __exit__(self, *raised: object) -> None:
        with suppress(OSError):
            self.close()


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


def _calls() -> list[tuple[Callable[[list[str]], int], list[str], int]]:
    """Every verb of both programs with --help, and the programs without a verb: with the code of an error."""
    return [
        (program, words, code)
        for program, parser, code in ((main, sigv4_parser(), 2), (sagemaker_api, sagemaker_parser(), 255))
        for words in (
            [],
            ["--help"],
            ["--version"],
            *([verb, "--help"] for verb in parser.get_default("verbs")),
        )
    ]


def test_a_help_that_cannot_be_written_is_an_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for program, words, code in _calls():
        with Full() as full:
            monkeypatch.setattr("sys.stdout", full)
            assert (program(words), words) == (code, words)
        assert "'standard output': No space left on device\n" in capsys.readouterr().err


def test_a_help_without_a_standard_output_is_an_error(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdout", None)
    for program, words, code in _calls():
        assert (program(words), words) == (code, words)
        printed = capfd.readouterr()
        assert (printed.out, printed.err.count("\n")) == ("", 1 if program is main else 2)
        assert "standard output is closed: redirect it" in printed.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["sign", URL], "'standard output': No space left on device"),
        (["rule", "CR-PATH-1"], "'standard output': No space left on device"),
        (["rule", "CR-PATH-1", "no such rule"], "unrecognized arguments"),
        (["presign", URL, "--expires", "8d"], "expires is 691200"),
    ],
)
def test_the_reason_is_the_first_error(
    words: list[str], said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    with Full() as full:
        monkeypatch.setattr("sys.stdout", full)
        with suppress(SystemExit):
            assert main(words) == 2
    assert said in capsys.readouterr().err


def test_ctrl_c_while_the_output_cannot_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(options: object) -> int:
        sys.stdout.write("a part")
        raise KeyboardInterrupt

    monkeypatch.setitem(sigv4_parser().get_default("verbs")["rule"].parser._defaults, "run", interrupted)
    with Full() as full:
        monkeypatch.setattr("sys.stdout", full)
        assert main(["rule"]) == 130


@pytest.mark.slow
@pytest.mark.parametrize("python", pythons().values(), ids=pythons())
@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("sigv4 --help", 2),
        ("sigv4 rule", 2),
        ("sigv4 completion bash", 2),
        ("sagemaker_api local --help", 255),
    ],
)
def test_a_full_disk_on_every_python(python: str, words: str, code: int) -> None:
    environment = {name: value for name, value in ENVIRONMENT.items() if name != "PYTHONUNBUFFERED"}
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [python, "-m", *words.split()],
            stdout=full,
            stderr=subprocess.PIPE,
            cwd=ROOT,
            env=environment,
            check=False,
        )
    assert (done.returncode, done.stderr.count(b"\n")) == (code, 1 if code == 2 else 2)
    assert done.stderr.endswith(b"No space left on device\n")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp437"])
def test_a_character_that_the_encoding_does_not_have_is_escaped(
    encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for program, words, _ in _calls():
        written = BytesIO()
        monkeypatch.setattr("sys.stdout", TextIOWrapper(written, encoding=encoding, errors="strict"))
        with suppress(SystemExit):
            program(words)
        assert written.getvalue(), words
    monkeypatch.setattr("sys.stdout", TextIOWrapper(written, encoding=encoding, errors="strict"))
    assert sagemaker_api(["simulate", "--policy", "\u2603"]) == 253
