"""``sagemaker-api local``: what it prints, refuses and repeats."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from sagemaker_api.cli import serving
from sigv4 import Credentials, VerificationError
from tests.sagemaker_api.cli.called import ROOT, VERB, run
from tests.sagemaker_api.cli.running import running


@pytest.mark.slow
def test_local_prints_export_lines_that_work_and_ends_with_ctrl_c() -> None:
    with running("--notebook", "one", "--notebook", "two=Stopped") as local:
        call = f'"{sys.executable}" -m sagemaker_api {VERB} --query AuthorizedUrl --output text'
        one, two = (
            subprocess.run(
                ["sh", "-c", "\n".join([*local.said, f"{call} --notebook-instance-name {name}"])],
                cwd=ROOT,
                capture_output=True,
                text=True,
                check=False,
            )
            for name in ("one", "two")
        )
        verdicts = local.end().splitlines()
    assert len(verdicts) == 2
    assert all(line.startswith("accepted: signed by AKIDEXAMPLE for ") for line in verdicts)
    assert "/notebook/one/?authToken=" in one.stdout
    assert (two.returncode, "Status (Stopped)" in two.stderr) == (254, True)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--access-key-id", "A", "--secret-file", sys.executable], "is not UTF-8 text"),
        (["--access-key-id", "A", "--secret-access-key", "two words"], "contains a space"),
        (["--region", "us east"], "the region is 'us east'"),
        (["--port", "65536"], "a free port from 1 to 65535"),
        (["--notebook", "a_b"], "'a_b' cannot name a notebook"),
        (["--host", "0.0.0.0"], "example credentials are public"),
        (["--notebook", "a=Running"], "expected one of Pending"),
        (["--policy", os.devnull], f"{os.devnull} is not JSON"),
        (["--identity", "/nothing/here"], "/nothing/here: No such file"),
        (["--account-id", "1"], "expected its 12 digits"),
        (["--limit", "-1"], "the limit is -1: expected a number of instances, 0 or more"),
        (["--trust-proxy", "all"], "'all' is not a network to trust"),
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


def test_a_secret_from_a_closed_standard_input_is_refused_with_the_reason(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert run("local", "--access-key-id", "A", "--secret-file", "-") == 253
    assert "--secret-file -: standard input is closed: give a file" in capsys.readouterr().err


@pytest.mark.slow
def test_local_does_not_print_secrets_that_the_user_gave() -> None:
    own = Credentials("AKIDOWN", "MARKERsecret", "MARKERtoken")
    flags = ["--access-key-id", "AKIDOWN", "--secret-file", "-", "--session-token", "MARKERtoken"]
    with running(*flags, typed="MARKERsecret\n") as local:
        assert local.mint(own)
        err = local.end()
    assert "MARKER" not in "".join(local.said) + err
    assert "# AWS_SECRET_ACCESS_KEY: the one you gave" in local.said
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
def test_a_refused_request_can_neither_control_the_terminal_nor_show_its_signature(
    capsys: pytest.CaptureFixture[str], verdict: VerificationError, shown: str
) -> None:
    serving._report(verdict)
    assert capsys.readouterr().err == shown
