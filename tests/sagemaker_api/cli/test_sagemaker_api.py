"""``sagemaker-api``: calls, refusals, exit codes and texts."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sagemaker_api.local import LocalSageMaker
from tests.sagemaker_api.cli.called import ROOT, VERB, run


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
        (["--notebook-instance-name", "nb", "--query", "a[?b"], 252, "--query 'a[?b'"),
        (["--notebook-instance-name", "nb", "--output", "xml"], 252, "invalid choice: 'xml'"),
        (["--notebook-instance-nam"], 252, "expected one argument"),
        (["--nonsense"], 252, "unrecognized arguments: --nonsense"),
        (["--cli-input-json", "{"], 252, "--cli-input-json is not JSON"),
        (["--cli-input-json", "[]"], 252, "not an object"),
        (["--cli-input-json", "file:///nothing/here"], 252, "Unable to load paramfile file:///nothing/here"),
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
@pytest.mark.slow
def test_errors_have_the_aws_clis_exit_code_and_a_reason(
    local: LocalSageMaker, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, words: str
) -> None:
    assert run(VERB, *arguments) == code
    out, err = capsys.readouterr()
    assert words in err
    assert out == ""
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--session-expiration-duration-in-seconds", "9" * 5000], "expected seconds, 1800 to 43200"),
        (["--cli-input-json", "[" * 100_000], "--cli-input-json is not JSON"),
        (
            ["--cli-input-json", f"file://{sys.executable}"],
            "--cli-input-json: Unable to load paramfile file://",
        ),
        (["--cli-read-timeout", "inf"], "'inf': expected seconds, 0 to 86400"),
        (["--cli-connect-timeout", "-1"], "'-1': expected seconds, 0 to 86400"),
        (["--cli-connect-timeout", "soon"], "'soon': expected seconds, 0 to 86400"),
    ],
)
def test_a_wrong_argument_of_any_kind_is_a_wrong_call(
    local: LocalSageMaker, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    assert run(VERB, "--notebook-instance-name", "nb", *arguments) == 252
    out, err = capsys.readouterr()
    assert (words in err, out) == (True, "")


@pytest.mark.parametrize(
    ("change", "code", "advice"),
    [
        ({"AWS_SECRET_ACCESS_KEY": "wrong"}, "InvalidSignatureException", "Check that AWS_SECRET_ACCESS_KEY"),
        ({"AWS_ACCESS_KEY_ID": "AKIDOTHER"}, "UnrecognizedClientException", "Check AWS_ACCESS_KEY_ID"),
        ({"AWS_SESSION_TOKEN": "old"}, "UnrecognizedClientException", "if it is an old one, unset it"),
        ({"AWS_REGION": "eu-west-1"}, "InvalidSignatureException", "Give the endpoint's own region"),
    ],
)
@pytest.mark.slow
def test_a_refusal_says_what_to_do_next(
    local: LocalSageMaker,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    change: dict[str, str],
    code: str,
    advice: str,
) -> None:
    for name, value in change.items():
        monkeypatch.setenv(name, value)
    assert run(VERB, "--notebook-instance-name", "nb") == 254
    err = capsys.readouterr().err
    assert err.startswith(
        f"\nAn error occurred ({code}) when calling the CreatePresignedNotebookInstanceUrl operation: "
    )
    assert advice in err


@pytest.fixture
def six_minutes_ahead(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A service whose clock differs from this machine's by more than the age that a signature may have."""
    # The client signs with this machine's time.
    with LocalSageMaker(clock=lambda: time.time() + 360) as ahead:
        for name, value in ahead.environment.items():
            monkeypatch.setenv(name, value)
        yield


@pytest.mark.usefixtures("six_minutes_ahead")
def test_a_clock_that_is_wrong_is_corrected() -> None:
    assert run(VERB, "--notebook-instance-name", "my-notebook") == 0


@pytest.mark.usefixtures("six_minutes_ahead")
def test_a_clock_that_cannot_be_corrected_is_reported(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        "sagemaker_api.clock_skew.ClockSkew.measure", lambda *_: None
    )  # the client ignores Date
    assert run(VERB, "--notebook-instance-name", "my-notebook") == 254
    assert "Set this machine's clock" in capsys.readouterr().err


def test_ctrl_c_is_130_and_silent(
    local: LocalSageMaker, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("sagemaker_api.transports.stdlib.StdlibTransport.send", interrupted)
    monkeypatch.setattr("sagemaker_api.transports.httpx.HttpxTransport.send", interrupted)
    assert run(VERB, "--notebook-instance-name", "nb") == 130
    assert capsys.readouterr() == ("", "")


@pytest.mark.slow
def test_no_error_is_printed_if_the_reader_of_the_output_closes_it_early(local: LocalSageMaker) -> None:
    command = [sys.executable, "-m", "sagemaker_api", VERB, "--notebook-instance-name", "nb"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as done:
        assert done.stdout is not None
        assert done.stderr is not None
        done.stdout.close()
        assert (done.stderr.read(), done.wait(60)) == (b"", 255)


@pytest.mark.parametrize(
    "flags",
    [
        ["--region", "us-east-1"],
        ["--region=us-east-1", "--output", "text", "--no-cli-pager"],
        ["--no-paginate", "--color", "off", "--cli-binary-format", "raw-in-base64-out", "--profile", ""],
    ],
)
@pytest.mark.slow
def test_the_aws_clis_global_flags_may_come_before_the_verb(
    local: LocalSageMaker, capsys: pytest.CaptureFixture[str], flags: list[str]
) -> None:
    for order in ([*flags, VERB], [VERB, *flags]):
        assert run(*order, "--notebook-instance-name", "nb", "--query", "AuthorizedUrl") == 0
        assert "authToken=" in capsys.readouterr().out
    assert run(*flags, "no-such-verb") == 252


def test_no_sign_request_sends_no_signature_and_needs_no_credentials(
    local: LocalSageMaker, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    assert run(VERB, "--notebook-instance-name", "nb", "--no-sign-request") == 254
    assert "MissingAuthenticationToken" in capsys.readouterr().err


def test_the_error_for_missing_credentials_says_what_to_set(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(VERB, "--notebook-instance-name", "nb", "--region", "us-east-1") == 253
    assert "Unable to locate credentials" in (err := capsys.readouterr().err)
    assert "AWS_ACCESS_KEY_ID" in err


def test_the_error_for_a_missing_region_says_what_to_set(
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


@pytest.mark.parametrize(
    "arguments", [[], ["--help"], [VERB, "--help"], ["local", "--help"], ["demo", "--help"]]
)
def test_help_is_printed_for_every_way_to_ask_for_it(
    capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert run(*arguments) == 0
    out = capsys.readouterr().out
    assert out.startswith("usage: sagemaker-api")
    assert len(arguments) < 2 or "example:" in out


def test_an_error_for_missing_settings_names_the_file_that_could_not_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path))
    assert run(VERB, "--notebook-instance-name", "nb") == 253
    assert f"You must specify a region.; {tmp_path} cannot be read: Is a directory" in capsys.readouterr().err
    assert run(VERB, "--notebook-instance-name", "nb", "--region", "us-east-1") == 253
    err = capsys.readouterr().err
    assert "Unable to locate credentials" in err
    assert f"shared files: {tmp_path} cannot be read: Is a directory" in err
