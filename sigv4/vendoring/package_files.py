"""Lists the files of a package, and follows their imports."""

from __future__ import annotations

import ast
import os
from importlib.util import find_spec
from pathlib import Path, PurePosixPath

from ..errors import SigningError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

OWN = "sigv4"
LIST = "VENDORED"  # a copy's list of its files
MARK = f"# Vendored from {OWN} "
_HERE = Path(__file__).resolve().parent.parent
# The modules that users of a copy call; their imports give the other files.
SIGNING = ("sigv4/__init__.py", "sigv4/signer.py")
ADAPTERS = ("aiohttp", "httpx", "requests", "urllib")  # the adapters that sign
VERIFYING = ("sigv4/verifier.py", "sigv4/replay.py", "sigv4/adapters/redis_replay.py")


def own_files() -> dict[str, bytes]:
    """The files of this package, by path; the paths begin with ``sigv4`` even if the folder is renamed."""
    found = _files(_HERE, OWN)
    if f"{OWN}/{LIST}" in found:  # this is a copy itself
        del found[f"{OWN}/{LIST}"], found[f"{OWN}/LICENSE"]
        found = {path: _without_mark(content) for path, content in found.items()}
    return found


def is_in_package(path: Path) -> bool:
    """Whether ``path`` is inside the folder of this package, whose files are copied."""
    return _HERE in Path(os.path.realpath(path)).parents


def files_of(package: str) -> dict[str, bytes]:
    """The files of a package that is installed next to this one, by path. Raises SigningError."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise SigningError(
            f"{package} is not beside {OWN}: install the distribution sigv4-reference, which has both"
        )
    return _files(Path(spec.submodule_search_locations[0]), package)


def _files(folder: Path, name: str) -> dict[str, bytes]:
    found = {
        f"{name}/{path.relative_to(folder).as_posix()}": with_plain_line_ends(path.read_bytes())
        for path in folder.rglob("*")
        # Nothing else, such as an editor's backup or the data of the command line.
        if path.is_file() and (path.suffix == ".py" or path.name in ("py.typed", LIST, "LICENSE"))
    }
    if not any(path.endswith(".py") for path in found):
        raise SigningError(f"{folder} holds no source files: expected {name} installed as files, not zipped")
    return dict(sorted(found.items()))


def _without_mark(content: bytes) -> bytes:
    """A copied file without the comments that ``sigv4 vendor`` put before it."""
    if content.startswith(MARK.encode()):
        while content.startswith(b"#"):
            content = content.partition(b"\n")[2]
    return content


def with_plain_line_ends(content: bytes) -> bytes:
    """``content`` with LF for each CRLF, which git may write in a checkout on Windows.

    Python reads both in the same way.
    """
    return content.replace(b"\r\n", b"\n")


def reached(files: Mapping[str, bytes], roots: Iterable[str]) -> dict[str, bytes]:
    """The files that ``roots`` import, directly or indirectly, with each package's ``__init__``.

    Imports inside functions are followed. Imports only for type checkers, and names that an ``__init__``
    loads lazily, are not.
    """
    waiting, found = list(roots), set()
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += [face for face in faces(path) if face in files]
            waiting += imports(files, path)
    typed = {path for path in files if path.endswith("/py.typed")}
    return {path: content for path, content in files.items() if path in found | typed}


def faces(path: str) -> list[str]:
    return [f"{folder}/__init__.py" for folder in PurePosixPath(path).parents if folder.name]


def imports(files: Mapping[str, bytes], path: str) -> list[str]:
    """The files among ``files`` that the module at ``path`` imports."""
    found = []
    for statement in _statements(ast.parse(files[path])):
        for name in _names(statement, PurePosixPath(path)):
            found += [file for file in (f"{name}.py", f"{name}/__init__.py") if file in files]
    return found


def _names(statement: ast.Import | ast.ImportFrom, path: PurePosixPath) -> list[str]:
    """The modules that ``statement`` may load: for ``from .a import b`` the paths ``a`` and ``a/b``."""
    if isinstance(statement, ast.Import):
        return [alias.name.replace(".", "/") for alias in statement.names]
    start = path.parents[statement.level - 1] if statement.level else PurePosixPath()
    module = start / (statement.module or "").replace(".", "/")
    return [str(module), *(str(module / alias.name) for alias in statement.names)]


def _statements(node: ast.AST) -> Iterator[ast.Import | ast.ImportFrom]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.Import, ast.ImportFrom)):
            yield child
        elif not is_for_type_checkers(child):
            yield from _statements(child)


def is_for_type_checkers(node: ast.AST) -> bool:
    """Whether ``node`` is ``if TYPE_CHECKING:``."""
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
