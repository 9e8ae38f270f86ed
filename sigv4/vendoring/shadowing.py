"""Finds links, folders and compiled files that Python could run instead of the files of a copy."""

from __future__ import annotations

import marshal
import os
from importlib.util import MAGIC_NUMBER
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from types import CodeType

_CACHE = "__pycache__"
_EXTENSIONS = (".so", ".pyd")
_HASHED, _CHECKED = 1, 2  # flags of a compiled file (PEP 552)
_HEADER = 16


def strangers(folder: Path, listed: Collection[str]) -> list[str]:
    """The entries of ``folder`` that are neither plain files, nor folders with ``listed`` files or caches."""
    folders = {parent.as_posix() for path in listed for parent in Path(path).parents}
    found = []
    for path in _within(folder):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            found.append(f"{name} (a link)")
        elif path.is_dir():
            if path.name != _CACHE and name not in folders:
                found.append(f"{name} (a folder)")
        elif not path.is_file():
            found.append(f"{name} (not a plain file)")
    return sorted(found)


def beside(file: Path) -> list[str]:
    """Files and folders that Python would import instead of the single ``file``."""
    found = []
    for path in sorted(file.parent.iterdir()):
        if path.name == file.stem and (path.is_symlink() or any(path.glob("__init__.*"))):
            found.append(f"{path.name} (a package, which Python prefers to {file.name})")
        if path.name.startswith(f"{file.stem}.") and path.suffix in _EXTENSIONS:
            found.append(f"{path.name} (a compiled module, which Python prefers to {file.name})")
    return found


def plain_files(folder: Path) -> Iterator[Path]:
    """The files of ``folder`` that are not links, without the compiled files in __pycache__."""
    for path in _within(folder):
        compiled = path.parent.name == _CACHE and path.suffix == ".pyc"
        if path.is_file() and not path.is_symlink() and not compiled:
            yield path


def unlike_source(folder: Path, stem: str = "") -> list[str]:
    """The compiled files that differ from those that this Python would make from their sources.

    With ``stem``, only those of ``stem``.py. A file with a wrong header is left out: no Python runs it.
    """
    found = []
    for path in _within(folder):
        mine = not stem or (path.name.startswith(f"{stem}.") and path.parent.parent == folder)
        compiled = path.parent.name == _CACHE and path.suffix == ".pyc"
        if mine and compiled and path.is_file() and not path.is_symlink() and not _is_of_source(path):
            name = path.relative_to(folder).as_posix()
            found.append(f"{name} (compiled, and not from the source beside it by this Python: delete it)")
    return sorted(found)


def _within(folder: Path) -> Iterator[Path]:
    for name, folders, files in os.walk(folder):  # follows no links
        yield from (Path(name, each) for each in (*folders, *files))


def _is_of_source(path: Path) -> bool:
    content = path.read_bytes()
    if content[2:4] != b"\r\n":
        return True
    flags = int.from_bytes(content[4:8], "little")
    if content[:4] != MAGIC_NUMBER or (flags & _HASHED and not flags & _CHECKED):
        return False
    name, _, rest = path.name.partition(".")
    source = path.parent.parent / f"{name}.py"
    levels = [int(part[4:]) for part in rest.split(".") if part in ("opt-1", "opt-2")]
    try:
        found = marshal.loads(content[_HEADER:])  # noqa: S302 (only compared, never run)
        expected = compile(source.read_bytes(), "", "exec", dont_inherit=True, optimize=(levels or [0])[0])
    except (OSError, ValueError, SyntaxError, EOFError, TypeError):
        return False
    return _same(found, expected)


def _same(found: object, expected: CodeType) -> bool:
    return type(found) is type(expected) and found == expected
