"""Vendored copies in another source tree, checked by mypy, ruff and pyright in their strict modes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from sigv4.cli import main
from sigv4.vendoring.package_files import ADAPTERS
from tests.interop import node

pytestmark = [pytest.mark.interop, pytest.mark.usefixtures("merged_once")]

FORMS = {
    "whole": [],
    "sign": ["--only", "sign"],
    "sign with every adapter": ["--only", "sign", *(word for each in ADAPTERS for word in ("--with", each))],
    "single": ["--single-file"],
    **{f"single with {each}": ["--single-file", "--with", each] for each in ADAPTERS},
}
USER = """
from signing import Credentials, Signer

signer = Signer("iam", "us-east-1", Credentials("AKIDEXAMPLE", "secret"))
headers: dict[str, str] = signer.sign("GET", "https://h.example/")
"""


@pytest.fixture(scope="module")
def trees(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a folder for each form: a vendored copy beside a file that uses it."""
    root = tmp_path_factory.mktemp("trees")
    for form, flags in FORMS.items():
        (root / form).mkdir()
        assert main(["vendor", str(root / form / name(form)), *flags]) == 0
        (root / form / "user.py").write_text(USER)
    return root


def name(form: str) -> str:
    return "signing.py" if form.startswith("single") else "signing"


def complaints(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


@pytest.mark.parametrize("form", FORMS)
def test_mypy_strict(trees: Path, form: str) -> None:
    pytest.importorskip("mypy")
    # The types of the libraries are the same for all: they are read once.
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(trees / "cache")]
    assert complaints([*command, name(form), "user.py"], trees / form) == ""


@pytest.mark.parametrize("form", FORMS)
def test_ruff(trees: Path, form: str) -> None:
    ruff = Path(sys.executable).parent / "ruff"
    if not ruff.exists():
        pytest.skip("ruff is not installed (extra `dev`)")
    for command in (["check"], ["check", "--select", "ALL"], ["format", "--check"]):
        assert complaints([str(ruff), *command, "--isolated", "--no-cache", name(form)], trees / form) == ""


def test_pyright(trees: Path) -> None:
    """All forms in one process; in each, ``signing`` is the copy beside the file."""
    pyright = node.modules() / ".bin" / "pyright"
    if not pyright.exists():
        pytest.skip("the npm package pyright is not installed (see .ci/run)")
    roots = [{"root": form} for form in FORMS]
    settings = {"include": [*FORMS], "typeCheckingMode": "strict", "executionEnvironments": roots}
    (trees / "pyrightconfig.json").write_text(json.dumps(settings))
    done = subprocess.run(
        [str(pyright), "--pythonpath", sys.executable, "--stats"],
        cwd=trees,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    files = sum(1 for path in trees.rglob("*.py"))
    assert f"Found {files} source files" in done.stdout, "none is left out"
