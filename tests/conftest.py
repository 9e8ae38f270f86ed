"""No test reads this machine's AWS files or asks its metadata service, unless it says so."""

from __future__ import annotations

import os

import pytest


@pytest.fixture(autouse=True)
def _no_files_and_no_metadata(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
