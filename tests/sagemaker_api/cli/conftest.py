"""Hides this machine's AWS settings, and runs servers that the environment names."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import pytest

from sagemaker_api.local import LocalSageMaker
from tests.sagemaker_api.cli.served import Serve
from tests.sagemaker_api.scripted import Answer, ScriptedServer


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


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """Starts a server with these answers, and points the environment at it."""
    for name in [name for name in os.environ if name.startswith("AWS_ENDPOINT")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "MARKERsecret")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "MARKERsession")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")  # the variable that the AWS CLI 1 reads
    monkeypatch.setitem(sys.modules, "httpx", None)  # httpx would read all CAs of the system for each client
    running: list[ScriptedServer] = []

    def start(*answers: Answer) -> ScriptedServer:
        server = ScriptedServer(*answers)
        running.append(server.__enter__())
        monkeypatch.setenv("AWS_ENDPOINT_URL_SAGEMAKER", server.url)
        return server

    yield start
    for server in running:
        server.__exit__()
