"""Names of Lambda runtimes that are accepted, and those that are refused."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from sigv4.errors import SigningError
from sigv4.vendoring.compiled import interpreter, minor_of


@pytest.mark.parametrize(
    "runtime",
    [
        "python2.7",
        "python3",
        "python3.1",
        "python3.9",
        "python3.011",
        "python3.11.4",
        "python3.x",
        "python3.\u0661\u0663",
        f"python3.{'1' * 5000}",
        "3.11",
        "3.13",
        "nodejs20.x",
        "nodejs22.x",
        "",
    ],
)
def test_a_runtime_is_python3_and_two_digits(runtime: str) -> None:
    with pytest.raises(SigningError, match=r"expected python3.10 or newer") as error:
        minor_of(runtime)
    assert len(str(error.value)) < 200
    assert minor_of("python3.14") == 14


def launcher(path: Path, printed: str) -> str:
    path.parent.mkdir()
    path.write_text(f"#!/bin/sh\necho {printed}\n")
    path.chmod(0o755)
    return str(path.parent)


def test_the_interpreter_is_the_first_on_the_path_that_starts_the_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A launcher, such as one of pyenv, may be there without the version."""
    minor = sys.version_info[1] + 1
    broken = launcher(tmp_path / "a" / f"python3.{minor}", "not installed")
    other = launcher(tmp_path / "b" / f"python3.{minor}", f"pypy 3.{minor}")
    right = launcher(tmp_path / "c" / f"python3.{minor}", f"cpython 3.{minor}")
    monkeypatch.setenv("PATH", os.pathsep.join([broken, other, right]))
    assert interpreter(f"python3.{minor}") == f"{right}/python3.{minor}"
    monkeypatch.setenv("PATH", os.pathsep.join([broken, other]))
    with pytest.raises(SigningError, match=f"{broken}/python3.{minor}, {other}/.* does not start CPython"):
        interpreter(f"python3.{minor}")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SigningError, match="it is not on the PATH"):
        interpreter(f"python3.{minor}")
