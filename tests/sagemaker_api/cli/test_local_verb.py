"""``sagemaker-api local``: what it prints, refuses and repeats."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from sagemaker_api import SageMaker
from sagemaker_api.cli import serving
from sigv4 import VerificationError
from tests.sagemaker_api.cli.called import ROOT, VERB, run


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


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--access-key-id", "A"], "go together"),
        (["--session-token", "T"], "go together"),
        (["--access-key-id", "A", "--secret-file", "/nothing/here"], "/nothing/here: No such file"),
        (["--access-key-id", "A", "--secret-file", sys.executable], "is not UTF-8 text"),
        (["--access-key-id", "A", "--secret-access-key", "two words"], "contains a space"),
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
