"""docs/ as a site: every link and anchor has a target; and the page of the Python API is up to date."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.api_page import PAGE, written

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.interop


def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    pytest.importorskip("mkdocs")
    command = [
        sys.executable,
        "-m",
        "mkdocs",
        "build",
        "--strict",
        "-f",
        ".ci/mkdocs.yml",
        "-d",
        str(tmp_path / "site"),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_page_of_the_api_matches_the_docstrings() -> None:
    pytest.importorskip("griffe")
    assert PAGE.read_text("utf-8") == written(), "python -m tests.api_page writes it again"
