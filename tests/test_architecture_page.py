"""docs/architecture.md names files that exist, and its ten answers name text that is in those files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/architecture.md").read_text("utf-8")
QUESTIONS = re.findall(r"^\| (.+\?) \| `([\w/.]+)` \| `([^`]+)` \|$", PAGE, re.M)
PLACES = ("", "sigv4/", "sagemaker_api/", "sigv4/diagnosis/", "sigv4/providers/")


def test_there_are_ten_questions() -> None:
    assert len(QUESTIONS) == 10


@pytest.mark.parametrize(("question", "file", "symbol"), QUESTIONS)
def test_a_question_is_answered_by_its_file(question: str, file: str, symbol: str) -> None:
    assert symbol in (ROOT / file).read_text("utf-8"), question


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`([\w/]+(?:\.py|/))`", PAGE))))
def test_a_file_that_the_page_names_exists(name: str) -> None:
    assert [place for place in PLACES if (ROOT / place / name).exists()], name


@pytest.mark.parametrize("package", ["sigv4", "sagemaker_api"])
def test_the_tree_of_the_page_has_every_folder(package: str) -> None:
    tree = PAGE.partition("```text")[2].partition("```")[0]
    part = tree.partition(f"{package}/")[2].partition("\nsagemaker_api/")[0].partition("\ntests/")[0]
    folders = {path.name for path in (ROOT / package).iterdir() if (path / "__init__.py").is_file()}
    assert set(re.findall(r"^  (\w+)/", part, re.M)) == folders
