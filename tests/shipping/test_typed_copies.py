"""Vendored copies in another source tree, checked by mypy, ruff and pyright in their strict modes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sigv4.cli import main
from sigv4.vendoring.package_files import ADAPTERS
from tests.interop import node

pytestmark = pytest.mark.interop

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


@pytest.fixture(scope="module", params=FORMS)
def copy(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A vendored copy beside a file that uses it."""
    folder = tmp_path_factory.mktemp("tree")
    target = folder / ("signing.py" if request.param.startswith("single") else "signing")
    assert main(["vendor", str(target), *FORMS[request.param]]) == 0
    (folder / "user.py").write_text(USER)
    return target


def complaints(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_mypy_strict(copy: Path) -> None:
    pytest.importorskip("mypy")
    command = [sys.executable, "-m", "mypy", "--strict", copy.name, "user.py"]
    assert complaints(command, copy.parent) == ""


def test_ruff(copy: Path) -> None:
    ruff = Path(sys.executable).parent / "ruff"
    if not ruff.exists():
        pytest.skip("ruff is not installed (extra `dev`)")
    for command in (["check"], ["check", "--select", "ALL"], ["format", "--check"]):
        assert complaints([str(ruff), *command, "--isolated", "--no-cache", copy.name], copy.parent) == ""


def test_pyright(copy: Path) -> None:
    pyright = node.modules() / ".bin" / "pyright"
    if not pyright.exists():
        pytest.skip("the npm package pyright is not installed (see .ci/run)")
    (copy.parent / "pyrightconfig.json").write_text('{"typeCheckingMode": "strict"}')
    command = [str(pyright), "--pythonpath", sys.executable, copy.name, "user.py"]
    assert complaints(command, copy.parent) == ""
