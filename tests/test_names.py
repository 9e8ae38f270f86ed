"""No text of the tree installs the distribution named ``sigv4``, which belongs to another project; prose keeps to
plain words; every ignored type or lint has its reason beside it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LEFT_OUT = {
    ".git",
    ".venv",
    ".mypy_cache",
    ".ruff_cache",
    ".pytest_cache",
    ".hypothesis",
    "node_modules",
    "dist",
    "build",
}
# The name in an installer's command: "sigv4" alone or with extras, after pip, uv, pipx or poetry, or a requirement.
INSTALLS = re.compile(
    r"""\b(?:pip3?|uv|pipx|poetry|pdm)\b[^\n|`]{0,60}?\b(?:install|add|run|download|wheel)\b[^\n|`]{0,60}?['" ]sigv4(?![\w-])"""
    r"""|['"]sigv4(?:\[[^\]\n]*\])?(?:[<>=~!]=[^'"\n]*)['"]|['" ]sigv4\[\w[^\]\n]*\]"""
)  # fmt: skip


# Words that made a reader ask "meaning what?" (`is not a`, `our`, `occurs`, `drops` say it plainly).
BANNED = re.compile(
    r"\b(?:stands?|stood|makings|of ours|(?:let|lets) go of|as good as"
    r"|whoever|at hand|speaks? of|comes? of it|befalls?|lest|of no use|(?:one|each) behind the other"
    r"|hands on|trickles?|client\.md"
    r"|(?<!here )(?:is|are|was|were|be) no (?!more\b|longer\b|other\b)\w+)\b",
    re.IGNORECASE,
)
IGNORED = re.compile(r"# type: ignore\b(?!\[[\w, -]+\]  # \S)|# noqa\b(?!: [A-Z]+\d+(?:, [A-Z]+\d+)* \(\S)")


def texts() -> list[Path]:
    return [
        path
        for path in sorted(ROOT.rglob("*"))
        if path.is_file()
        and not LEFT_OUT & set(path.relative_to(ROOT).parts)
        and path.suffix
        in {".py", ".md", ".toml", ".yml", ".yaml", ".txt", ".mjs", ".json", ".sh", ".cfg", ""}
        and path != Path(__file__)
    ]


def test_the_pattern_finds_the_names_that_it_must_find() -> None:
    name = "sigv4"  # inserted here, so that this file itself has no such line
    wrong: tuple[str, ...] = (
        f"pip install {name}",
        f"pip install '{name}[httpx]'",
        f"uv add {name}",
        f'python -m pip install --quiet "{name}"',
    )
    wrong += (f'"{name}[test]",', f"'{name}>=0.1'", f"pip install -U {name}==0.1.0")
    right = (
        "pip install sigv4-reference",
        "pip install 'sigv4-reference[httpx]'",
        "from sigv4 import Signer",
        "python -m sigv4",
    )
    assert [each for each in wrong if not INSTALLS.search(each)] == []
    assert [each for each in right if INSTALLS.search(each)] == []


@pytest.mark.slow
def test_no_line_installs_another_project() -> None:
    assert _lines_with(INSTALLS, texts()) == []


def test_the_patterns_of_prose_find_the_words_that_they_must_find() -> None:
    wrong: tuple[str, ...] = (
        "it stands there",
        "is no token",
        "a header of ours",
        "x = 1  # type: ignore[misc]",
        "y  # noqa: S603",
    )
    right = ("there is no token", "it understands", "z  # type: ignore[misc]  # why", "z  # noqa: S603 (why)")
    assert [each for each in wrong if not BANNED.search(each) and not IGNORED.search(each)] == []
    assert [each for each in right if BANNED.search(each) or IGNORED.search(each)] == []


@pytest.mark.slow
def test_prose_keeps_to_plain_words() -> None:
    of_prose = [path for path in texts() if path.suffix in {".py", ".md", ".mjs"}]
    found = _lines_with(BANNED, of_prose)
    assert found == []


def test_every_ignored_type_or_lint_has_its_reason_beside_it() -> None:
    written_by_tools = ROOT / "sigv4" / "vendoring"  # this folder writes such comments into copies
    sources = [path for path in texts() if path.suffix == ".py" and written_by_tools not in path.parents]
    assert _lines_with(IGNORED, sources) == []


def _lines_with(pattern: re.Pattern[str], paths: list[Path]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:120]}"
        for path in paths
        for number, line in enumerate(path.read_bytes().decode("utf-8", "replace").split("\n"), 1)
        if pattern.search(line)
    ]
