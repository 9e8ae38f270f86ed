"""``sagemaker-api demo``."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sagemaker_api import ProtocolError
from sagemaker_api.cli import demo
from sagemaker_api.local import EXAMPLE
from sigv4 import Request, Signer
from tests.sagemaker_api.cli.called import ROOT


def test_the_demo_shows_no_steps_that_do_not_lead_to_the_request_that_was_sent() -> None:
    headers = Signer("sagemaker", "us-east-1", EXAMPLE).sign("POST", "http://127.0.0.1/", {}, b"{}")
    assert (
        demo._explain(Request("POST", "http://127.0.0.1/", headers, b"{}")).signature
        in headers["Authorization"]
    )
    with pytest.raises(ProtocolError):
        demo._explain(Request("POST", "http://127.0.0.1/", headers, b"{} "))


@pytest.mark.slow
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
