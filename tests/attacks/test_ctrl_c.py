"""Ctrl-C and SIGTERM end both programs cleanly, without a traceback, whichever module is being loaded."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sigv4.__main__ import run_program

ROOT = Path(__file__).parents[2]

# The program sends SIGINT to itself at the import with this number, counted from the first line of the package's __main__.
# A console script imports the program and calls a function of it; `python -m` runs its __main__.
PROGRAM = """
import runpy, sys
form, package, moment, *arguments = sys.argv[1:]
count = 0
def hook(event, found):
    global count
    if event == "import" and (count or found[0] == "signal"):
        count += 1
        if count == int(moment):
            import signal as loaded
            loaded.raise_signal(loaded.SIGINT)
sys.modules.pop("signal", None)
sys.argv = [package, *arguments]
if form == "module":
    import importlib
    importlib.import_module(package)
    sys.addaudithook(hook)
    runpy.run_module(package, run_name="__main__", alter_sys=True)
else:
    from importlib import import_module
    main = import_module(package + ".__main__").run
    sys.addaudithook(hook)
    sys.exit(main())
"""
COMMANDS = (
    ("sigv4", "rule", "CR-PATH-2"),
    ("sagemaker_api", "configure", "list"),
    ("sagemaker_api", "describe-notebook-instance", "--notebook-instance-name", "n", "--no-sign-request"),
)
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
LAST = 10_000  # more than either program imports


def interrupted(form: str, command: tuple[str, ...], moment: int, home: Path) -> tuple[int, str]:
    package, *arguments = command
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "PYTHONPATH": str(ROOT),
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_MAX_ATTEMPTS": "1",
    }
    program = [sys.executable, "-c", PROGRAM, form, package, str(moment), *arguments]
    done = subprocess.run(program, capture_output=True, text=True, timeout=60, env=environ, check=False)
    return done.returncode, done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("form", ["module", "script"])
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[1])
@pytest.mark.parametrize("moment", [1, 60])
def test_ctrl_c_while_modules_are_loaded_prints_nothing(
    form: str, command: tuple[str, ...], moment: int, tmp_path: Path
) -> None:
    assert interrupted(form, command, moment, tmp_path) == (130, "")


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[1])
def test_ctrl_c_at_any_import_of_a_verb_prints_nothing(command: tuple[str, ...], tmp_path: Path) -> None:
    undisturbed = interrupted("module", command, LAST, tmp_path)
    moment, found = 1, (130, "")
    while found == (130, ""):
        moment += 13
        found = interrupted("module", command, moment, tmp_path)
    assert found == undisturbed, moment
    assert moment > 80


def ended(program: str) -> tuple[int, str]:
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=60, check=False)
    return done.returncode, done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_a_signal_that_was_ignored_at_the_start_of_a_program_stays_ignored(number: signal.Signals) -> None:
    """``nohup`` and ``&`` of a shell start programs in this way."""
    program = (
        f"import signal; signal.signal({number:d}, signal.SIG_IGN)\n"
        "from sigv4.__main__ import run_program\n"
        f"main = lambda: (signal.raise_signal({number:d}), 7)[1]\n"
        f"def load():\n    signal.raise_signal({number:d})\n    return main\n"
        "raise SystemExit(run_program(load))"
    )
    assert ended(program) == (7, "")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_python_ends_prints_nothing(number: signal.Signals) -> None:
    program = (
        "import atexit, signal\n"
        "from sigv4.__main__ import run_program\n"
        f"atexit.register(lambda: signal.raise_signal({number:d}))\n"
        "raise SystemExit(run_program(lambda: lambda: 0))"
    )
    assert ended(program) == (128 + number, "")


@pytest.fixture
def handlers() -> Iterator[None]:
    """Restores those of the test run."""
    before = {number: signal.getsignal(number) for number in ENDING}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", ENDING)
@pytest.mark.usefixtures("handlers")
def test_a_signal_in_the_middle_of_the_work_lets_the_program_clean_up(number: signal.Signals) -> None:
    done = []

    def main() -> int:
        try:
            signal.raise_signal(number)
        finally:
            done.append("removed")
        return 7

    try:
        code: object = run_program(lambda: main)
    except SystemExit as end:
        code = end.code
    assert (code, done) == (128 + number, ["removed"])
