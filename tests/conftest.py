"""No test reads this machine's AWS files or asks its metadata service, unless it says so."""

from __future__ import annotations

import os
import signal

import pytest

# A shell starts what it puts in the background with SIGINT ignored, and every process below inherits that: those
# that a test ends by Ctrl-C would never end.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def _no_files_and_no_metadata(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
