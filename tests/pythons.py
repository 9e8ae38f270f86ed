"""The Pythons of this machine that the project supports, and environments of them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

OLDEST, NEWEST = 10, 20


def pythons() -> dict[str, str]:
    """``"3.13"`` → an interpreter of that version: this one, on the PATH, or installed by pyenv."""
    found = {f"3.{sys.version_info[1]}": sys.executable}
    for minor in range(OLDEST, NEWEST):
        installed = Path.home().glob(f".pyenv/versions/3.{minor}.*/bin/python")
        on_path = shutil.which(f"python3.{minor}")
        for candidate in [*map(str, sorted(installed)), *([on_path] if on_path else [])]:
            if version(candidate) == f"3.{minor}":
                found.setdefault(f"3.{minor}", candidate)
    return dict(sorted(found.items(), key=lambda pair: int(pair[0][2:])))


def version(python: str) -> str:
    """The version, such as ``3.13``, or "" if the launcher does not start a Python."""
    show = "import sys; print('%d.%d' % sys.version_info[:2])"
    done = subprocess.run([python, "-I", "-S", "-c", show], capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def bare_environment(folder: Path, python: str) -> Path:
    """The interpreter of a new virtual environment; it has no pip, because ``pip_for`` uses this Python's."""
    subprocess.run([python, "-m", "venv", "--without-pip", folder], check=True, timeout=120)
    return folder / "bin" / "python"


def pip_for(python: Path) -> list[str]:
    """The start of a command that installs packages into another environment."""
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install"]
    return [*pip, "--quiet", "--disable-pip-version-check", "--no-compile"]
