"""Ctrl-C ends both programs with exit code 130 and no output, whichever module is being loaded."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# Sends SIGINT to itself at the import of this number, counted from the first line of the package's __main__.
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
        moment += 7
        found = interrupted("module", command, moment, tmp_path)
    assert found == undisturbed, moment
    assert moment > 80


def ended(program: str) -> tuple[int, str]:
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=60, check=False)
    return done.returncode, done.stderr


def test_a_program_that_is_started_to_ignore_ctrl_c_does_so(tmp_path: Path) -> None:
    """``nohup`` and ``&`` of a shell start programs in this way."""
    program = (
        "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "from sigv4.__main__ import run_program\n"
        "main = lambda: (signal.raise_signal(signal.SIGINT), 7)[1]\n"
        "def load():\n    signal.raise_signal(signal.SIGINT)\n    return main\n"
        "raise SystemExit(run_program(load))"
    )
    assert ended(program) == (7, "")


def test_ctrl_c_while_python_ends_prints_nothing() -> None:
    program = (
        "import atexit, signal\n"
        "from sigv4.__main__ import run_program\n"
        "atexit.register(lambda: signal.raise_signal(signal.SIGINT))\n"
        "raise SystemExit(run_program(lambda: lambda: 0))"
    )
    assert ended(program) == (130, "")
