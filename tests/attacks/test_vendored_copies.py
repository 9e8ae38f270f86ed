"""Attacks on a vendored copy: the listed files are unchanged, but Python would run other files."""

from __future__ import annotations

import importlib.util
import marshal
import os
import py_compile
import sys
from pathlib import Path

import pytest

from sigv4.cli import main
from sigv4.vendoring.vendored import check, vendor

# .ci/run runs these: together they take some seconds
pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("merged_once")]

TAG = sys.implementation.cache_tag
EVIL = "def escape(text):\n    return 'evil'\n"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    vendor(tmp_path / "signing", only="sign")
    return tmp_path / "signing"


@pytest.fixture
def single(tmp_path: Path) -> Path:
    vendor(tmp_path / "signing.py", single=True)
    return tmp_path / "signing.py"


def changed(target: Path) -> list[str]:
    return check(target)[0]


def unchecked(source: Path, target: Path) -> None:
    target.parent.mkdir(exist_ok=True)
    py_compile.compile(
        str(source), str(target), invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH
    )


def timestamped(code: str, source: Path, target: Path) -> None:
    """A compiled file that Python accepts for ``source``, because its time and size are right."""
    target.parent.mkdir(exist_ok=True)
    stat = source.stat()
    header = (
        importlib.util.MAGIC_NUMBER
        + bytes(4)
        + int(stat.st_mtime).to_bytes(4, "little")
        + stat.st_size.to_bytes(4, "little")
    )
    target.write_bytes(header + marshal.dumps(compile(code, "", "exec")))


def test_a_compiled_file_that_python_never_compares_with_its_source(copy: Path, tmp_path: Path) -> None:
    evil = tmp_path / "percent.py"
    evil.write_text(EVIL)
    unchecked(evil, copy / "__pycache__" / f"percent.{TAG}.pyc")
    (found,) = changed(copy)
    assert found.startswith(f"__pycache__/percent.{TAG}.pyc (compiled")


def test_a_compiled_file_with_the_time_and_size_of_its_source(copy: Path) -> None:
    timestamped(EVIL, copy / "percent.py", copy / "__pycache__" / f"percent.{TAG}.pyc")
    (found,) = changed(copy)
    assert found.startswith(f"__pycache__/percent.{TAG}.pyc (compiled")


@pytest.mark.parametrize(
    "content", [b"", b"not compiled", importlib.util.MAGIC_NUMBER + bytes(12), b"\x01\x02\r\n" + bytes(12)]
)
def test_a_compiled_file_that_cannot_be_read(copy: Path, content: bytes) -> None:
    cache = copy / "__pycache__"
    cache.mkdir()
    (cache / f"percent.{TAG}.pyc").write_bytes(content)
    runs = content[2:4] == b"\r\n"
    assert bool(changed(copy)) is runs, "a change is reported if and only if Python would run it"


def test_a_compiled_file_without_a_source(copy: Path) -> None:
    timestamped(EVIL, copy / "percent.py", copy / "__pycache__" / f"intruder.{TAG}.pyc")
    assert [found.partition(" ")[0] for found in changed(copy)] == [f"__pycache__/intruder.{TAG}.pyc"]
    timestamped(EVIL, copy / "percent.py", copy / "percent.pyc")
    assert "percent.pyc" in changed(copy), "beside the source, too"


def test_files_that_python_compiled_are_accepted(copy: Path) -> None:
    for source in copy.rglob("*.py"):
        for optimize in (0, 1, 2):
            py_compile.compile(str(source), optimize=optimize, doraise=True)
    checked = copy / "__pycache__" / f"v4.{TAG}.pyc"
    py_compile.compile(
        str(copy / "v4.py"), str(checked), invalidation_mode=py_compile.PycInvalidationMode.CHECKED_HASH
    )
    assert changed(copy) == []


@pytest.mark.parametrize("name", ["percent", "__pycache__", "streaming2", "percent.py", "readme.txt"])
def test_a_link_that_python_follows(copy: Path, tmp_path: Path, name: str) -> None:
    evil = tmp_path / "evil"
    evil.mkdir()
    (evil / "__init__.py").write_text(EVIL)
    (evil / "percent.py").write_bytes((copy / "percent.py").read_bytes())
    if name == "percent.py":
        (copy / name).unlink()
    (copy / name).symlink_to(evil / "percent.py" if "." in name else evil)
    assert changed(copy) == [f"{name} (a link)"]


def test_a_folder_that_python_prefers_to_a_module(copy: Path) -> None:
    (copy / "percent").mkdir()
    assert changed(copy) == ["percent (a folder)"]
    (copy / "percent" / "__init__.py").write_text(EVIL)
    assert changed(copy) == ["percent (a folder)", "percent/__init__.py"]


def test_a_compiled_module_that_python_prefers_to_a_module(copy: Path) -> None:
    (copy / "percent.abi3.so").write_bytes(b"ELF")
    (copy / "__pycache__").mkdir()
    (copy / "__pycache__" / "helper.py").write_text(EVIL)
    assert changed(copy) == ["__pycache__/helper.py", "percent.abi3.so"]


def test_a_pipe_in_place_of_a_file_is_not_read(copy: Path) -> None:
    (copy / "percent.py").unlink()
    os.mkfifo(copy / "percent.py")
    assert changed(copy) == ["percent.py (not a plain file)"]


def test_what_python_prefers_to_the_single_file(single: Path, tmp_path: Path) -> None:
    package = tmp_path / "signing"
    package.mkdir()
    assert changed(single) == [], "a folder without __init__ is not preferred"
    (package / "__init__.py").write_text(EVIL)
    (tmp_path / "signing.cpython-311-x86_64-linux-gnu.so").write_bytes(b"ELF")
    (tmp_path / "other.so").write_bytes(b"ELF")
    evil = tmp_path / "evil.py"
    evil.write_text(EVIL)
    unchecked(evil, tmp_path / "__pycache__" / f"signing.{TAG}.pyc")
    unchecked(evil, tmp_path / "__pycache__" / f"other.{TAG}.pyc")
    assert [found.partition(" ")[0] for found in changed(single)] == [
        "signing", "signing.cpython-311-x86_64-linux-gnu.so", f"__pycache__/signing.{TAG}.pyc",
    ]  # fmt: skip


def test_the_command_reports_a_changed_copy_and_ends_with_1(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (copy / "percent").symlink_to(copy)
    assert main(["vendor", "--check", str(copy)]) == 1
    assert capsys.readouterr().out == "changed since it was vendored: percent (a link)\n"
