"""``sagemaker-api``: output, exit codes and words."""

from __future__ import annotations

import json
import logging
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sagemaker_api import ProtocolError, SageMaker
from sagemaker_api.cli import demo, main, serving
from sagemaker_api.local import EXAMPLE, LocalSageMaker
from sigv4 import Request, Signer, VerificationError

ROOT = Path(__file__).resolve().parents[3]
VERB = "create-presigned-notebook-instance-url"


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = (
        "AWS_CONFIG_FILE",
        "AWS_SHARED_CREDENTIALS_FILE",
        "AWS_EC2_METADATA_DISABLED",
    )  # tests/conftest.py
    for name in [name for name in os.environ if name.startswith("AWS_") and name not in kept]:
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
def test_what_goes_wrong_has_the_aws_cli_s_exit_code_and_says_why(
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
    """A service whose clock is further from ours than a signature may be old."""
    with LocalSageMaker(clock=lambda: time.time() + 360) as ahead:
        for name, value in ahead.environment.items():
            monkeypatch.setenv(name, value)
        yield


@pytest.mark.usefixtures("six_minutes_ahead")
def test_a_clock_that_is_wrong_is_put_right() -> None:
    assert run(VERB, "--notebook-instance-name", "my-notebook") == 0


@pytest.mark.usefixtures("six_minutes_ahead")
def test_a_clock_that_cannot_be_put_right_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sagemaker_api.clock_skew.ClockSkew.measure", lambda *_: None)  # no Date to go by
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
def test_a_reader_that_leaves_early_gets_no_complaint(local: LocalSageMaker) -> None:
    command = [sys.executable, "-m", "sagemaker_api", VERB, "--notebook-instance-name", "nb"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as done:
        assert done.stdout is not None
        assert done.stderr is not None
        done.stdout.close()
        assert (done.stderr.read(), done.wait(60)) == (b"", 255)


@pytest.mark.parametrize(("output", "start"), [("text", "http://"), ("json", "{\n")])
def test_the_output_form_comes_from_the_environment_unless_given(
    local: LocalSageMaker,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    output: str,
    start: str,
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_OUTPUT", output)
    assert run(VERB, "--notebook-instance-name", "nb") == 0
    assert capsys.readouterr().out.startswith(start)
    monkeypatch.setenv("AWS_DEFAULT_OUTPUT", "xml")
    assert run(VERB, "--notebook-instance-name", "nb", "--output", output) == 0
    assert run(VERB, "--notebook-instance-name", "nb") == 253
    assert "AWS_DEFAULT_OUTPUT: output is 'xml'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("output", "start"),
    [("text", "http://"), ("yaml", "AuthorizedUrl: http://"), ("yaml-stream", "- Auth"), ("table", "----")],
)
@pytest.mark.slow
def test_the_output_form_of_the_profile_counts_last(
    local: LocalSageMaker,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    output: str,
    start: str,
) -> None:
    (tmp_path / "config").write_text(f"[default]\noutput = {output}\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    assert run(VERB, "--notebook-instance-name", "nb") == 0
    assert capsys.readouterr().out.startswith(start)
    monkeypatch.setenv("AWS_DEFAULT_OUTPUT", "off")
    assert run(VERB, "--notebook-instance-name", "nb") == 0
    assert capsys.readouterr().out == ""
    assert run(VERB, "--notebook-instance-name", "nb", "--output", "json") == 0
    assert capsys.readouterr().out.startswith("{\n")
    monkeypatch.delenv("AWS_DEFAULT_OUTPUT")
    (tmp_path / "config").write_text("[default]\noutput = xml\n")
    assert run(VERB, "--notebook-instance-name", "nb") == 253
    assert f"{tmp_path / 'config'}:2: output is 'xml': expected json, text, table" in capsys.readouterr().err


@pytest.mark.parametrize(
    "flags",
    [
        ["--region", "us-east-1"],
        ["--region=us-east-1", "--output", "text", "--no-cli-pager"],
        ["--no-paginate", "--color", "off", "--cli-binary-format", "raw-in-base64-out", "--profile", ""],
    ],
)
@pytest.mark.slow
def test_the_aws_clis_global_flags_may_stand_before_the_verb(
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


def test_query_for_a_member_that_is_not_there_prints_null_as_the_aws_cli_does(
    local: LocalSageMaker, capsys: pytest.CaptureFixture[str]
) -> None:
    for output, shown in (("json", "null\n"), ("text", "None\n")):
        assert run(VERB, "--notebook-instance-name", "nb", "--query", "Nothing", "--output", output) == 0
        assert capsys.readouterr().out == shown


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


@pytest.mark.slow
def test_debug_shows_attempts_and_no_secret(local: LocalSageMaker) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sagemaker_api", VERB, "--notebook-instance-name", "nb", "--debug"],
        env={**os.environ, **local.environment, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "CreatePresignedNotebookInstanceUrl" in done.stderr
    for secret in (local.credentials.secret_access_key, "authToken"):
        assert secret not in done.stderr
    assert re.findall(r"Signature=(\S+)", done.stderr) == ["***"]


@pytest.mark.parametrize(
    "arguments", [[], ["--help"], [VERB, "--help"], ["local", "--help"], ["demo", "--help"]]
)
def test_help_is_help(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    assert run(*arguments) == 0
    out = capsys.readouterr().out
    assert out.startswith("usage: sagemaker-api")
    assert len(arguments) < 2 or "example:" in out


def test_debug_touches_no_other_logger(local: LocalSageMaker, capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    before = list(root.handlers), root.level
    assert run(VERB, "--notebook-instance-name", "nb", "--debug") == 0
    assert (list(root.handlers), root.level) == before
    assert logging.getLogger("sagemaker_api").handlers == []
    lines = capsys.readouterr().err.splitlines()
    assert lines
    assert all(line.startswith("sagemaker_api: ") for line in lines)


@pytest.mark.slow
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
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
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
        assert server.wait(60) == 0
        assert server.stderr is not None
        verdicts = server.stderr.read().splitlines()
    assert len(verdicts) == 2
    assert all(line.startswith("accepted: signed by AKIDEXAMPLE for ") for line in verdicts)
    assert "/notebook/one/?authToken=" in one.stdout
    assert (two.returncode, "Status (Stopped)" in two.stderr) == (254, True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--access-key-id", "A"], "go together"),
        (["--session-token", "T"], "go together"),
        (["--access-key-id", "A", "--secret-file", "/nothing/here"], "/nothing/here: No such file"),
        (["--access-key-id", "A", "--secret-file", sys.executable], "is not UTF-8 text"),
        (["--access-key-id", "A", "--secret-access-key", "two words"], "holds a space"),
        (["--region", "us east"], "the region is 'us east'"),
        (["--port", "65536"], "a free port from 1 to 65535"),
        (["--notebook", "a_b"], "'a_b' cannot name a notebook"),
        (["--host", "0.0.0.0"], "example credentials are public"),
        (["--notebook", "a=Running"], "expected one of Pending"),
        (["--access-key-id", "A", "--secret-access-key", "S", "--secret-file", "x"], "keep one"),
        (["--policy", "/nothing/here"], "/nothing/here: No such file"),
        (["--policy", os.devnull], f"{os.devnull} is not JSON"),
        (["--identity", "/nothing/here"], "/nothing/here: No such file"),
        (["--identity", "x", "--policy", "y"], "leave the other flags for them out"),
        (["--identity", "x", "--access-key-id", "A"], "leave the other flags for them out"),
        (["--account-id", "1"], "expected its 12 digits"),
        (["--limit", "-1"], "the limit is -1: expected a number of instances, 0 or more"),
        (["--notebook", "nb", "--notebook", "nb=Stopped"], "--notebook nb is given twice: keep one"),
        (["--fail", "nb=a", "--fail", "nb=b"], "--fail nb is given twice: keep one"),
        (["--trust-proxy", "all"], "'all' is not a network to trust"),
        (["--delay", "long"], "--delay 'long': expected seconds"),
        (["--delay", "Running=1"], "'Running' has no delay: expected one of Pending"),
        (["--fault", "trottle:1"], "the fault 'trottle'"),
        (["--fail", "a_b"], "'a_b' cannot name a notebook"),
    ],
)
def test_local_refuses_what_it_cannot_serve(
    capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    assert run("local", *arguments) == 253
    assert words in capsys.readouterr().err


@pytest.mark.slow
def test_local_repeats_no_secret_of_the_user_s_own() -> None:
    command = [
        sys.executable,
        "-m",
        "sagemaker_api",
        "local",
        "--access-key-id",
        "AKIDOWN",
        "--secret-file",
        "-",
    ]
    command += ["--session-token", "MARKERtoken"]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write("MARKERsecret\n")
        server.stdin.close()
        lines = []
        while "Ctrl-C" not in (line := server.stdout.readline()):
            assert line
            lines.append(line)
        settings = dict(
            line.removeprefix("export ").strip().split("=", 1) for line in lines if line.startswith("export")
        )
        with SageMaker(
            region_name=settings["AWS_REGION"],
            endpoint_url=settings["AWS_ENDPOINT_URL_SAGEMAKER"],
            aws_access_key_id="AKIDOWN",
            aws_secret_access_key="MARKERsecret",
            aws_session_token="MARKERtoken",
        ) as client:
            assert client.create_presigned_notebook_instance_url(NotebookInstanceName="my-notebook")
        server.send_signal(signal.SIGINT)
        assert server.wait(60) == 0
        assert server.stderr is not None
        err = server.stderr.read()
    assert "MARKER" not in "".join(lines) + err
    assert "# AWS_SECRET_ACCESS_KEY: the one you gave\n" in lines
    assert "--session-token on the command line shows in process lists" in err


@pytest.mark.parametrize(
    ("verdict", "shown"),
    [
        (
            VerificationError("VERIFY-13", "SignatureDoesNotMatch", "not '\x1b[2J\nfaked'"),
            "refused at VERIFY-13: SignatureDoesNotMatch: not '?[2J?faked'\n",
        ),
        (
            VerificationError("VERIFY-6a", "IncompleteSignature", "Unsupported AWS 'algorithm': 'MARKER'."),
            "refused at VERIFY-6a: IncompleteSignature\n",
        ),
        (
            VerificationError("VERIFY-6b", "IncompleteSignature", "in: 'AWS4-HMAC-SHA256 Signature=abc x'"),
            "refused at VERIFY-6b: IncompleteSignature\n",
        ),
    ],
)
def test_a_refused_request_can_neither_steer_the_terminal_nor_show_its_signature(
    capsys: pytest.CaptureFixture[str], verdict: VerificationError, shown: str
) -> None:
    serving._report(verdict)
    assert capsys.readouterr().err == shown


def test_the_demo_shows_no_steps_that_do_not_lead_to_the_request_that_was_sent() -> None:
    headers = Signer("sagemaker", "us-east-1", EXAMPLE).sign("POST", "http://127.0.0.1/", {}, b"{}")
    assert (
        demo._explain(Request("POST", "http://127.0.0.1/", headers, b"{}")).signature
        in headers["Authorization"]
    )
    with pytest.raises(ProtocolError):
        demo._explain(Request("POST", "http://127.0.0.1/", headers, b"{} "))


def test_the_demo_runs_with_python_alone(tmp_path: Path) -> None:
    for package in ("sigv4", "sagemaker_api"):
        shutil.copytree(ROOT / package, tmp_path / package)
    command = [sys.executable, "-S", "-E", "-s", "-m", "sagemaker_api", "demo"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    for title in (
        "Canonical request",
        "String to sign",
        "accepted: signed by AKIDEXAMPLE",
        "authToken=",
        "Notebook my-notebook",
    ):
        assert title in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 110
    assert done.stderr == ""


def test_configure_list_says_where_everything_comes_from(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "config"
    config.write_text(
        "[profile work]\nregion = eu-west-1\naws_access_key_id = AKIDWORKKEYS\naws_secret_access_key = THE-SECRET\nmax_attempts = 4\n[odd]\n"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_PROFILE", "work")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "5")
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.setenv("AWS_ENDPOINT_URL_SAGEMAKER", "http://127.0.0.1:9")
    assert run("configure", "list") == 0
    out = capsys.readouterr().out
    lines = {
        line.split(" : ")[0].strip(): [part.strip() for part in line.split(" : ")[1:]]
        for line in out.split("\n")
        if " : " in line
    }
    assert lines["profile"] == ["work", "AWS_PROFILE"]
    assert lines["access_key"] == ["****************KEYS", "profile"]
    assert lines["region"] == ["eu-west-1", f"{config}:2"]
    assert lines["max_attempts"] == ["5", f"AWS_MAX_ATTEMPTS (passed over: {config}:5)"]
    assert lines["proxy"] == ["<not set>", "None"]
    assert f"profile: found ****************KEYS: {config}:3 aws_access_key_id\n" in out
    assert "instance metadata: not asked" in out
    assert lines["endpoint_url"] == ["http://127.0.0.1:9", "AWS_ENDPOINT_URL_SAGEMAKER"]
    assert lines["ca_bundle"] == ["<not set>", "None"]
    assert "environment: AWS_ACCESS_KEY_ID is not set" in out
    assert f"{config}:6: [odd] is passed over" in out
    assert "SECRET" not in out
    assert "AKIDWORKKEYS" not in out


def test_configure_list_shows_the_proxy_without_its_password(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("https_proxy", "http://user:MARK@proxy.example:3128")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert run("configure", "list") == 253
    out = capsys.readouterr().out
    assert "http://***:***@proxy.example:3128" in out
    assert "https_proxy" in out
    assert "MARK" not in out


def test_configure_list_without_credentials_is_253_and_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("configure", "list") == 253
    out = capsys.readouterr().out
    assert "access_key" in out
    assert "instance metadata: AWS_EC2_METADATA_DISABLED is true" in out
    assert run("configure", "list", "--profile", "none") == 253
    assert "The config profile (none) could not be found" in capsys.readouterr().out
    assert run("configure") == 252


def test_configure_list_lists_all_whatever_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "config"
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    config.write_text(
        "[default]\nregion = eu-west-1\nretry_mode = often\nmax_attempts = no\nservices = none\n"
        "aws_access_key_id = AKIDCONFIG\naws_secret_access_key = s\nsdk_ua_app_id = me\n[dev]\nregion = r\n"
    )
    assert run("configure", "list") == 253
    out = capsys.readouterr().out
    rows = {line.split(" : ")[0].strip(): line.split(" : ")[1:] for line in out.splitlines() if " : " in line}
    assert [cell.strip() for cell in rows["region"]] == ["eu-west-1", f"{config}:2"]
    assert rows["app_id"][0].strip() == "me"
    assert f"{config}:3: retry_mode is 'often'" in rows["retry_mode"][1]
    assert f"{config}:4: max_attempts is 'no'" in rows["max_attempts"][1]
    assert f"{config}:5: The profile is configured to use the services section" in rows["endpoint_url"][1]
    assert f"{config}:9: [dev] is passed over" in out
    assert run("configure", "list", "--profile", "dev") == 253
    out = capsys.readouterr().out
    assert f"The config profile (dev) could not be found: {config}:9 is [dev]" in out
    assert "\nregion " in out
    config.write_text("nonsense")
    assert run("configure", "list") == 253
    out = capsys.readouterr().out
    assert f"{config}:1: Expected a profile definition" in out
    assert "\nregion " in out
    config.unlink()
    config.mkdir()
    assert run("configure", "list", "--region", "us-east-1") == 253
    out = capsys.readouterr().out
    assert f"{config} cannot be read: Is a directory" in out
    assert "us-east-1" in out


def test_what_is_missing_names_the_file_that_could_not_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path))
    assert run(VERB, "--notebook-instance-name", "nb") == 253
    assert f"You must specify a region.; {tmp_path} cannot be read: Is a directory" in capsys.readouterr().err
    assert run(VERB, "--notebook-instance-name", "nb", "--region", "us-east-1") == 253
    err = capsys.readouterr().err
    assert "Unable to locate credentials" in err
    assert f"shared files: {tmp_path} cannot be read: Is a directory" in err
