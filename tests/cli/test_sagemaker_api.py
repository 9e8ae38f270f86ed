"""``sagemaker-api``: output, exit codes and words."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sagemaker_api.cli import main
from sagemaker_api.local import LocalSageMaker

ROOT = Path(__file__).resolve().parents[2]
VERB = "create-presigned-notebook-instance-url"


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def local(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalSageMaker]:
    with LocalSageMaker({"nb": "InService", "off": "Stopped"}) as running:
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        yield running


def run(*arguments: str) -> int:
    try:
        return main(arguments)
    except SystemExit as exit_:
        return int(exit_.code or 0)


def test_query_and_text_print_the_url_alone(
    local: LocalSageMaker, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(VERB, "--notebook-instance-name", "nb", "--query", "AuthorizedUrl", "--output", "text") == 0
    out, err = capsys.readouterr()
    assert out.startswith(f"{local.url}/notebook/nb/?authToken=")
    assert out.count("\n") == 1
    assert err == ""


def test_json_is_the_result_without_metadata(
    local: LocalSageMaker, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        run(
            VERB,
            "--cli-input-json",
            '{"NotebookInstanceName": "nb"}',
            "--session-expiration-duration-in-seconds",
            "1800",
        )
        == 0
    )
    out = capsys.readouterr().out
    assert list(json.loads(out)) == ["AuthorizedUrl"]
    assert out.startswith('{\n    "AuthorizedUrl": "http')


def test_cli_input_json_reads_a_file(
    local: LocalSageMaker, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "input.json").write_text('{"NotebookInstanceName": "nb"}')
    assert run(VERB, "--cli-input-json", f"file://{tmp_path}/input.json", "--output", "text") == 0
    assert "authToken=" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ([], 252, 'Missing required parameter in input: "NotebookInstanceName"'),
        (
            ["--notebook-instance-name", "nb", "--session-expiration-duration-in-seconds", "12h"],
            252,
            "expected seconds, 1800 to 43200",
        ),
        (
            ["--notebook-instance-name", "nb", "--session-expiration-duration-in-seconds", "1799"],
            252,
            "valid min value: 1800",
        ),
        (["--notebook-instance-name", "nb", "--query", "a[0].b"], 253, "expected AuthorizedUrl"),
        (["--notebook-instance-name", "nb", "--output", "table"], 252, "invalid choice: 'table'"),
        (["--notebook-instance-nam"], 252, "expected one argument"),
        (["--nonsense"], 252, "unrecognized arguments: --nonsense"),
        (["--cli-input-json", "{"], 252, "--cli-input-json is not JSON"),
        (["--cli-input-json", "[]"], 252, "not an object"),
        (["--cli-input-json", "file:///nothing/here"], 255, "No such file"),
        (["--notebook-instance-name", "nb", "--profile", "work"], 253, "profile"),
        (
            ["--notebook-instance-name", "nobody"],
            254,
            "An error occurred (ValidationException) when calling the CreatePresignedNotebookInstanceUrl operation: RecordNotFound",
        ),
        (["--notebook-instance-name", "off"], 254, "Status (Stopped) not in ([InService])."),
        (["--notebook-instance-name", "nb", "--region", "evil.example/"], 253, "evil.example/"),
        (["--notebook-instance-name", "nb", "--endpoint-url", "nonsense"], 253, "nonsense"),
        (["--notebook-instance-name", "nb", "--ca-bundle", "/nothing/here"], 253, "/nothing/here"),
    ],
)
def test_what_goes_wrong_has_the_aws_cli_s_exit_code_and_says_why(
    local: LocalSageMaker, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, words: str
) -> None:
    assert run(VERB, *arguments) == code
    out, err = capsys.readouterr()
    assert words in err
    assert out == ""
    assert "Traceback" not in err


def test_without_credentials_it_says_what_to_set(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(VERB, "--notebook-instance-name", "nb", "--region", "us-east-1") == 253
    assert "Unable to locate credentials" in (err := capsys.readouterr().err)
    assert "AWS_ACCESS_KEY_ID" in err


def test_without_a_region_it_says_what_to_set(
    local: LocalSageMaker, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL_SAGEMAKER"):
        monkeypatch.delenv(name)
    assert run(VERB, "--notebook-instance-name", "nb") == 253
    assert "You must specify a region." in (err := capsys.readouterr().err)
    assert "AWS_REGION" in err


def test_no_connection_is_255_and_names_the_endpoint(
    local: LocalSageMaker, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sagemaker_api.retry.MAX_ATTEMPTS", 1)
    local.stop()
    assert run(VERB, "--notebook-instance-name", "nb") == 255
    assert f'Could not connect to the endpoint URL: "{local.url}' in capsys.readouterr().err


def test_debug_shows_attempts_and_no_secret(local: LocalSageMaker) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sagemaker_api", VERB, "--notebook-instance-name", "nb", "--debug"],
        env={**os.environ, **local.environment, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "CreatePresignedNotebookInstanceUrl" in done.stderr
    for secret in (local.credentials.secret_access_key, "Signature=", "authToken"):
        assert secret not in done.stderr


@pytest.mark.parametrize(
    "arguments", [[], ["--help"], [VERB, "--help"], ["local", "--help"], ["demo", "--help"]]
)
def test_help_is_help(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    assert run(*arguments) == 0
    out = capsys.readouterr().out
    assert out.startswith("usage: sagemaker-api")
    assert len(arguments) < 2 or "example:" in out


def test_local_prints_export_lines_that_work_and_ends_with_ctrl_c(capsys: pytest.CaptureFixture[str]) -> None:
    command = [
        sys.executable,
        "-u",
        "-m",
        "sagemaker_api",
        "local",
        "--notebook",
        "one",
        "--notebook",
        "two=Stopped",
    ]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
    ) as server:
        assert server.stdout is not None
        lines = []
        while "Ctrl-C" not in (line := server.stdout.readline()):
            lines.append(line)
        script = (
            "".join(lines)
            + f'"{sys.executable}" -m sagemaker_api {VERB} --query AuthorizedUrl --output text --notebook-instance-name '
        )
        shell = {**os.environ, "PYTHONPATH": str(ROOT)}
        one = subprocess.run(
            ["sh", "-c", script + "one"], env=shell, capture_output=True, text=True, check=False
        )
        two = subprocess.run(
            ["sh", "-c", script + "two"], env=shell, capture_output=True, text=True, check=False
        )
        server.send_signal(signal.SIGINT)
        assert server.wait(10) == 0
    assert "/notebook/one/?authToken=" in one.stdout
    assert (two.returncode, "Status (Stopped)" in two.stderr) == (254, True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--access-key-id", "A"], "go together"),
        (["--host", "0.0.0.0"], "example credentials are public"),
        (["--notebook", "a=Running"], "expected one of Pending"),
        (["--access-key-id", "A", "--secret-access-key", "S", "--secret-file", "x"], "keep one"),
    ],
)
def test_local_refuses_what_it_cannot_serve(
    capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    assert run("local", *arguments) == 253
    assert words in capsys.readouterr().err


def test_the_demo_runs_with_python_alone_in_under_two_seconds(tmp_path: Path) -> None:
    for package in ("sigv4", "sagemaker_api"):
        shutil.copytree(ROOT / package, tmp_path / package)
    command = [sys.executable, "-S", "-E", "-s", "-m", "sagemaker_api", "demo"]
    subprocess.run(command, cwd=tmp_path, capture_output=True, check=True)  # compiles the files
    start = time.perf_counter()
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert time.perf_counter() - start < 2
    for title in (
        "Canonical request",
        "String to sign",
        "accepted: signed by AKIDEXAMPLE",
        "authToken=",
        "Notebook my-notebook",
    ):
        assert title in done.stdout
    assert done.stderr == ""
