"""The supervisor ends its command and all processes of the command, by signal and by end of input."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sagemaker_api.local.serving import jupyter_supervisor
from tests.waiting import wait_until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="orphans are adopted on Linux alone")

FILE = jupyter_supervisor.__file__
# Starts a process in a new session and does not end it, as Jupyter does with jobs of a terminal. Each process
# writes its number into a file, and runs until a signal ends it.
COMMAND = """
import os, signal, sys, time
where, ignored, last = sys.argv[1], sys.argv[2] == "ignored", sys.argv[3] == "ends"
def here(name):
    if ignored:
        for each in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(each, signal.SIG_IGN)
    with open(f"{where}/{name}.new", "w") as file:
        file.write(str(os.getpid()))
    os.rename(f"{where}/{name}.new", f"{where}/{name}")
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        here("orphan")
        time.sleep(600)
    os._exit(0)
os.wait()
while not os.path.exists(f"{where}/orphan"):
    time.sleep(0.01)
here("command")
if not last:
    time.sleep(600)
"""


class Supervised:
    """A supervisor with the home ``root``/private/home, whose command has written its process ids into ``root``."""

    def __init__(self, process: subprocess.Popen[bytes], root: Path) -> None:
        self.process = process
        self.home = root / "private" / "home"
        wait_until(lambda: _text(root / "command"))  # the file that is written last
        self.pids = [int(_text(root / name)) for name in ("orphan", "command")]

    def wait(self) -> int:
        return self.process.wait(60)

    @property
    def left(self) -> list[int]:
        return [pid for pid in self.pids if _runs(pid)]


def _text(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


@contextmanager
def supervised(
    root: Path, *, ignored: bool = False, ends: bool = False, parting: float = 60
) -> Iterator[Supervised]:
    home = root / "private" / "home"
    home.mkdir(parents=True)
    (home / "file").write_text("x")
    given = [str(root), "ignored" if ignored else "", "ends" if ends else ""]
    command = [sys.executable, "-I", "-S", "-c", COMMAND, *given]
    program = (
        f"import runpy, sys; sys.path.insert(0, {str(Path(FILE).parent)!r}); import jupyter_supervisor as own\n"
        f"own._PARTING_SECONDS = {parting}; own.os._exit(own.main(sys.argv[1], sys.argv[2:]))"
    )
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", program, str(home), *command],
        stdin=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        yield Supervised(process, root)
    finally:
        process.kill()
        process.communicate()
        for name in ("orphan", "command"):
            if pid := _text(root / name):
                try:
                    os.kill(int(pid), signal.SIGKILL)
                except ProcessLookupError:
                    pass


def _close(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None
    process.stdin.close()
    process.stdin = None


ENDINGS: dict[str, Callable[[subprocess.Popen[bytes]], None]] = {
    "its input is closed": _close,
    "SIGTERM": lambda process: process.send_signal(signal.SIGTERM),
    "SIGINT": lambda process: process.send_signal(signal.SIGINT),
    "SIGHUP": lambda process: process.send_signal(signal.SIGHUP),
}


@pytest.mark.parametrize(
    "ending", [next(iter(ENDINGS)), *(pytest.param(each, marks=pytest.mark.slow) for each in [*ENDINGS][1:])]
)
def test_nothing_is_left_and_the_home_is_removed(tmp_path: Path, ending: str) -> None:
    with supervised(tmp_path) as running:
        assert running.left == running.pids
        ENDINGS[ending](running.process)
        assert running.wait() == 0
        assert running.left == []
        assert not running.home.parent.exists()


def test_a_process_that_ignores_signals_is_killed(tmp_path: Path) -> None:
    with supervised(tmp_path, ignored=True, parting=0.1) as running:
        _close(running.process)
        assert running.wait() == 0
        assert running.left == []


@pytest.mark.slow
def test_a_command_that_ends_by_itself_leaves_its_home_and_no_process(tmp_path: Path) -> None:
    """The home contains the log, which says why the command ended."""
    with supervised(tmp_path, ends=True) as running:
        assert running.wait() == 0
        assert running.left == []
        assert (running.home / "file").read_text() == "x"


@pytest.mark.slow
def test_bytes_on_its_input_do_not_end_the_supervisor(tmp_path: Path) -> None:
    """Sends more bytes than a pipe can hold, so that the supervisor must read them."""
    with supervised(tmp_path) as running:
        assert running.process.stdin is not None
        running.process.stdin.write(b"x" * 1_000_000)
        running.process.stdin.flush()
        assert running.left == running.pids
        _close(running.process)
        assert running.wait() == 0


@pytest.mark.slow
def test_the_directory_of_several_homes_stays_until_the_last(tmp_path: Path) -> None:
    with supervised(tmp_path) as running:
        other = running.home.parent / "other"
        other.mkdir()
        _close(running.process)
        assert running.wait() == 0
        assert not running.home.exists()
        assert other.exists()


@pytest.mark.slow
def test_the_supervisor_as_a_program_runs_its_arguments(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    command = [
        sys.executable,
        "-I",
        "-S",
        "-c",
        "import sys; print(sys.argv[1:], repr(sys.stdin.read()))",
        "a",
        "b",
    ]
    with subprocess.Popen(
        [sys.executable, "-I", "-S", FILE, str(home), *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.read() == b"['a', 'b'] ''\n"
        assert process.wait(60) == 0
    assert home.exists()
