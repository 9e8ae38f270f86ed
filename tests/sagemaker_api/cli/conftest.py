"""No settings of this machine, and a local SageMaker that the environment names."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from sagemaker_api.local import LocalSageMaker


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
