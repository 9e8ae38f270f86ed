from __future__ import annotations

import os

import pytest

from tests.client.calls import TRANSPORTS, Caller


@pytest.fixture(autouse=True)
def _no_aws_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = (
        "AWS_CONFIG_FILE",
        "AWS_SHARED_CREDENTIALS_FILE",
        "AWS_EC2_METADATA_DISABLED",
    )  # tests/conftest.py
    for name in list(os.environ):
        if (name.startswith("AWS_") and name not in kept) or name == "REQUESTS_CA_BUNDLE":
            monkeypatch.delenv(name)


@pytest.fixture(params=["httpx", "stdlib", "async-httpx"])
def call(request: pytest.FixtureRequest) -> Caller:
    """Calls the operation over each of the transports in turn (the fourth is the second in a thread)."""
    return TRANSPORTS[request.param]
