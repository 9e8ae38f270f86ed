"""Runs every code block of README and docs: Python in a new namespace, shell in a new process.

If the text between two blocks of one language contains "then", the second block continues the first.

A ``text`` block after a shell block shows its output: each line must be there, in order; ``…`` matches
any text, and any lines if it is alone on a line. ``# exits with 1`` after a command is checked.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, NamedTuple

import pytest

import sagemaker_api.local
import sigv4
from sagemaker_api.local import LocalSageMaker
from tests.shell import bash, environment

ROOT = Path(__file__).parents[1]
PAGES = ["README.md", *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))]

# Commands that other tests run, or that do not end by themselves.
NOT_RUN = {
    "python3 -m venv .venv": ".ci/run runs this command on a fresh clone",
    "sagemaker-api local": "serves until Ctrl-C: tests/sagemaker_api/cli/test_sagemaker_api.py",
    "python -m tests.": "makes pages of measurements, which are not remade by a test",
    "pip install": "installs from the package index",
    "from aws_cdk import": "needs node and aws-cdk-lib: docs/lambda.md says which versions it was run with",
    "from js import": "runs in WebAssembly: tests/interop/test_pyodide.py",
    "redis-server": "needs Redis: tests/interop/test_replay_redis.py",
}


class Block(NamedTuple):
    line: int
    language: str
    text: str
    continues: bool  # the block before it of the same language, since the words between them say "then"

    @property
    def is_run(self) -> bool:
        return not self.text.startswith(tuple(NOT_RUN))


def blocks(page: str) -> list[Block]:
    text = (ROOT / page).read_text("utf-8")
    found: list[Block] = []
    ends: dict[str, int] = {}
    for match in re.finditer(r"^```(\w*)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE):
        between = text[ends.get(match[1], match.start()) : match.start()]
        then = bool(re.search(r"\bthen\b", between, re.IGNORECASE))
        found.append(Block(text[: match.start()].count("\n") + 1, match[1], match[2], then))
        ends[match[1]] = match.end()
    return found


ALL = {page: blocks(page) for page in PAGES}


def sessions(page: str, language: str) -> list[list[Block]]:
    """The blocks to run; blocks that continue each other are in one list."""
    found: list[list[Block]] = []
    for block in ALL[page]:
        if block.language == language and block.is_run:
            if block.continues and found:
                found[-1].append(block)
            else:
                found.append([block])
    return found


def pages_with(language: str) -> list[str]:
    return [page for page in PAGES if any(block.language == language for block in ALL[page])]


@pytest.fixture
def local() -> Iterator[LocalSageMaker]:
    with LocalSageMaker({"my-notebook": "InService"}, region="us-west-2") as running:
        yield running


@pytest.mark.parametrize("page", PAGES)
def test_each_block_names_its_language(page: str) -> None:
    known = ("python", "sh", "text", "json", "http", "yaml", "toml", "hcl", "r", "js")
    assert [block for block in ALL[page] if block.language not in known] == []


@pytest.mark.parametrize("page", [*PAGES, "CHANGELOG.md", "fixtures/vectors/README.md"])
def test_each_row_of_a_table_is_one_line_with_as_many_cells_as_its_head(page: str) -> None:
    text = re.sub(r"^```.*?^```$", "", (ROOT / page).read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    for table in re.findall(r"(?:^\|.*\n)+.*", text, re.MULTILINE):
        *rows, behind = re.sub(r"`[^`\n]*`|\\\|", "", table).split("\n")
        assert {(row[-1], row.count("|")) for row in rows} == {("|", rows[0].count("|"))}, table[:500]
        assert behind == "", f"a table ends in an empty line: {behind}"


@pytest.mark.parametrize("page", pages_with("python"))
def test_python(page: str, local: LocalSageMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in local.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(ROOT)
    for session in sessions(page, "python"):
        namespace: dict[str, Any] = {"__name__": "page"}
        for block in session:
            code = "\n" * block.line + block.text  # so that a traceback names the line of the page
            try:
                exec(compile(code, str(ROOT / page), "exec"), namespace)
            except ModuleNotFoundError as error:
                if str(error.name).partition(".")[0] in ("sigv4", "sagemaker_api"):
                    raise
                pytest.skip(f"{error.name} is not installed (extra `interop`)")


@pytest.mark.skipif(sys.platform == "win32", reason="the blocks are of a POSIX shell")
@pytest.mark.slow
@pytest.mark.parametrize("page", pages_with("sh"))
def test_shell(page: str, local: LocalSageMaker, tmp_path: Path) -> None:
    run = sessions(page, "sh")
    of_the_client = any(
        "sagemaker-api" in block.text or "sagemaker_api open" in block.text
        for session in run
        for block in session
    )
    if of_the_client and not (Path(sys.executable).parent / "sagemaker-api").exists():
        pytest.skip("the console scripts are not installed")
    for name in ("fixtures", "docs"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "src" / "mytool").mkdir(parents=True)  # a project of the reader
    variables = {**environment(tmp_path), **(local.environment if of_the_client else {})}
    printed: dict[int, str] = {}
    for session in run:
        script = "".join(f"echo; echo '== {block.line}'\n{_checked(block.text)}" for block in session)
        done = bash(script, tmp_path, variables)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
        for part in done.stdout.split("\n== ")[1:]:
            line, _, text = part.partition("\n")
            printed[int(line)] = text
    for before, block in zip(ALL[page], ALL[page][1:], strict=False):
        if block.language == "text" and before.line in printed:
            _assert_printed(block.text, printed[before.line])


def test_the_readme_has_no_relative_links() -> None:
    links = re.findall(r"\]\(([^)]*)\)|^\[[^\]]+\]: (\S+)", (ROOT / "README.md").read_text("utf-8"), re.M)
    assert [link for pair in links for link in pair if link and not link.startswith(("https://", "#"))] == []


def test_the_readme_has_at_most_150_lines() -> None:
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 150


def _checked(commands: str) -> str:
    return re.sub(
        r"^(.+?)  # exits with (\d+)$", r"code=0; \1 || code=$?; test $code = \2", commands, flags=re.M
    )


def _assert_printed(expected: str, printed: str) -> None:
    position = 0
    for line in expected.splitlines():
        if line.strip() in ("", "…"):
            continue
        pattern = ".*?".join(re.escape(part) for part in line.strip().split("…"))
        found = re.compile(pattern).search(printed, position)
        assert found is not None, f"{line!r} is not printed after this:\n{printed[:position][-500:]}"
        position = found.end()


def test_every_name_that_a_page_imports_is_in_the_api_page() -> None:
    """The page of the API says which names do not change: users import what README and docs import."""
    shown: dict[str, set[str]] = {}
    for section in re.split(r"^## ", (ROOT / "docs/api.md").read_text("utf-8"), flags=re.MULTILINE)[1:]:
        shown[section.partition("\n")[0]] = set(re.findall(r"^### (\w+)$", section, re.MULTILINE))
    missing = [
        f"{page}: {node.module}.{alias.name}"
        for page in PAGES
        for block in ALL[page]
        if block.language == "python"
        for node in ast.walk(ast.parse(block.text))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(("sigv4", "sagemaker_api"))
        for alias in node.names
        if alias.name not in shown.get(node.module or "", ())
    ]
    assert missing == []


@pytest.mark.parametrize(
    "package", [sigv4, sagemaker_api, sagemaker_api.local], ids=lambda each: each.__name__
)
def test_every_method_of_a_public_class_has_a_docstring(package: ModuleType) -> None:
    """docs/api.md shows those that have one."""
    found = [
        f"{name}.{inner}"
        for name in package.__all__
        if inspect.isclass(shown := getattr(package, name))
        for base in shown.__mro__
        if base.__module__.startswith(("sigv4.", "sagemaker_api."))
        for inner, member in vars(base).items()
        if inner[0] != "_" and isinstance(member, (FunctionType, property, classmethod, staticmethod))
        if not inspect.getdoc(getattr(shown, inner)) and not inspect.getdoc(member)
    ]
    assert (
        sorted({*found} - {f"Signer.{each}" for each in ("service", "region", "dialect", "algorithm")}) == []
    )
