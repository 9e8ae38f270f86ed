"""No text of the tree tells anyone to install the distribution named ``sigv4``, which belongs to another project."""

from __future__ import annotations

import re
from pathlib import Path

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
# An installer's name for it: "sigv4" alone or with extras, after pip, uv, pipx or poetry, or as a requirement.
INSTALLS = re.compile(
    r"""\b(?:pip3?|uv|pipx|poetry|pdm)\b[^\n|`]{0,60}?\b(?:install|add|run|download|wheel)\b[^\n|`]{0,60}?['" ]sigv4(?![\w-])"""
    r"""|['"]sigv4(?:\[[^\]\n]*\])?(?:[<>=~!]=[^'"\n]*)['"]|['" ]sigv4\[\w[^\]\n]*\]"""
)  # fmt: skip


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


def test_the_pattern_finds_what_it_is_for() -> None:
    wrong = (
        "pip install sigv4",
        "pip install 'sigv4[httpx]'",
        "uv add sigv4",
        'python -m pip install --quiet "sigv4"',
    )
    wrong += ('"sigv4[test]",', "'sigv4>=0.1'", "pip install -U sigv4==0.1.0")
    right = (
        "pip install sigv4-reference",
        "pip install 'sigv4-reference[httpx]'",
        "from sigv4 import Signer",
        "python -m sigv4",
    )
    assert [each for each in wrong if not INSTALLS.search(each)] == []
    assert [each for each in right if INSTALLS.search(each)] == []


def test_no_line_installs_another_project() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:120]}"
        for path in texts()
        for number, line in enumerate(path.read_bytes().decode("utf-8", "replace").split("\n"), 1)
        if INSTALLS.search(line)
    ]
    assert found == []
