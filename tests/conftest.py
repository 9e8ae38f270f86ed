"""No test reads this machine's AWS files, variables or proxies, or asks its metadata service, unless it says so."""

from __future__ import annotations

import gc
import os
import signal
from pathlib import Path

import pytest
from hypothesis import settings

from tests.sagemaker_api.calls import TRANSPORTS, Caller

INTEROP = Path(__file__).parent / "interop"

# A shell starts background processes with SIGINT ignored, and child processes inherit that. Without this,
# processes that a test ends by Ctrl-C would never end.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# No deadlines, because the machines that run the tests are shared. .ci/run uses the long profile.
settings.register_profile("short", deadline=None, max_examples=25)
settings.register_profile("long", deadline=None, max_examples=200)
settings.load_profile("short")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Does not collect tests/interop unless its tests, all marked ``interop``, are selected."""
    is_left_out = "not interop" in config.getoption("markexpr") and collection_path == INTEROP
    return True if is_left_out else None


def pytest_collection_finish() -> None:
    """Excludes the thousands of collected tests from later garbage collections."""
    gc.freeze()


@pytest.fixture(autouse=True)
def _no_files_no_variables_and_no_metadata(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("AWS_") or name == "REQUESTS_CA_BUNDLE" or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("TERM", "xterm")  # a dumb terminal is shown no progress
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    # Environments that tests make have no HOME, so that the user's home directory is not touched.
    monkeypatch.setattr("sigv4.config.home._in_password_database", lambda: "")


@pytest.fixture(params=["httpx", "stdlib", "async-httpx"])
def call(request: pytest.FixtureRequest) -> Caller:
    """Calls the operation over each transport in turn (the fourth is the second one in a thread)."""
    return TRANSPORTS[request.param]
