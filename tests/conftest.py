"""No test reads this machine's AWS files, variables or proxies, or asks its metadata service, unless it says so."""

from __future__ import annotations

import gc
import os
import re
import signal
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings

from sigv4.config import home
from sigv4.vendoring import single_file, vendored
from tests.sagemaker_api.calls import TRANSPORTS, Caller

INTEROP = Path(__file__).parent / "interop"
MARK_OF_ALL = re.compile(r"^pytestmark = \[?\s*pytest\.mark\.(slow|interop)\b", re.MULTILINE)

# A shell starts background processes with SIGINT ignored, and child processes inherit that. Without this,
# processes that a test ends by Ctrl-C would never end.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Until the tests are collected, nearly every object is kept: garbage collections take a quarter of that time.
gc.disable()

# No deadlines, because the machines that run the tests are shared. .ci/run uses the long profile.
settings.register_profile("short", deadline=None, max_examples=25)
settings.register_profile("long", deadline=None, max_examples=200)
settings.load_profile("short")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Does not read files, and tests/interop, whose tests are all marked ``slow`` or ``interop`` and not selected."""
    selected = config.getoption("markexpr")
    if collection_path == INTEROP:
        return True if "not interop" in selected else None
    if "not " in selected and collection_path.suffix == ".py":
        mark = MARK_OF_ALL.search(collection_path.read_text("utf-8"))
        if mark and f"not {mark[1]}" in selected:
            return True
    return None


def pytest_collection_finish() -> None:
    # Environments that tests make have no HOME, so that the user's home directory is not touched.
    pytest.MonkeyPatch().setattr(home, "_in_password_database", str)
    gc.freeze()  # excludes the thousands of collected tests from later garbage collections
    gc.enable()


VARIABLES = {
    "TERM": "xterm",  # a dumb terminal is shown no progress
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}


# A hook, because a fixture for each of ten thousand tests takes seconds.
@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Removes what this machine, or a test before, has left in the environment."""
    for name in list(os.environ):
        if name.startswith("AWS_") or name == "REQUESTS_CA_BUNDLE" or name.lower().endswith("_proxy"):
            del os.environ[name]
    os.environ.update(VARIABLES)


@pytest.fixture(scope="module")
def merged_once() -> Iterator[None]:
    """A single file takes a second to merge: here, one of the same sources with the same adapter is merged once."""

    def merge(files: dict[str, bytes], adapter: str = "") -> str:
        return _merged(tuple(files.items()), adapter)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vendored, "merge", merge)
        yield


@cache
def _merged(files: tuple[tuple[str, bytes], ...], adapter: str) -> str:
    return single_file.merge(dict(files), adapter)


@pytest.fixture(params=["httpx", "stdlib", "async-httpx"])
def call(request: pytest.FixtureRequest) -> Caller:
    """Calls the operation over each transport in turn (the fourth is the second one in a thread)."""
    return TRANSPORTS[request.param]
