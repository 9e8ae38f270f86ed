"""Finds the definitions that given names need, directly or indirectly; the merged file has these."""

from __future__ import annotations

import ast
from pathlib import PurePosixPath

from ..errors import SigningError
from .package_files import is_for_type_checkers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


class Module:
    """One parsed module: its definitions by name, and what its imported names refer to."""

    def __init__(self, path: str, source: bytes, files: Mapping[str, bytes]) -> None:
        self.path = path
        self.name: str = PurePosixPath(path).stem
        self.source = source
        self.tree: ast.Module = ast.parse(source)
        self.tree.body = [each for node in self.tree.body for each in _without_try(node)]
        self.definitions: dict[str, ast.stmt] = {}
        # Local name -> its module and its name there, or "" if it is the module itself.
        self.imported: dict[str, tuple[str, str]] = {}
        for node in self.tree.body:
            self.definitions.update(dict.fromkeys(_defined(node, path), node))
        for found in walk(self.tree):
            if isinstance(found, ast.ImportFrom) and found.level:
                self._read_import(found, files)

    def _read_import(self, statement: ast.ImportFrom, files: Mapping[str, bytes]) -> None:
        start = PurePosixPath(self.path).parents[statement.level - 1]
        for alias in statement.names:
            if alias.asname:
                raise SigningError(
                    f"{self.path}:{statement.lineno} imports under another name: cannot be merged"
                )
            module = start / (statement.module or alias.name).replace(".", "/")
            if f"{module}.py" not in files:
                raise SigningError(f"{self.path}:{statement.lineno} imports a package: cannot be merged")
            self.imported[alias.name] = f"{module}.py", alias.name if statement.module else ""


class Reach:
    """The definitions that ``roots`` need; a root is a pair of path and name (``Signer``, ``Signer.sign``).

    ``kept`` has the definitions, as such pairs; ``as_values`` the paths of modules that are passed on as
    values; ``attributes`` the names that follow a dot in kept code. A method is kept if its class is kept and
    its name is in ``attributes``. Definitions in ``without`` (paths and names) are not kept.
    """

    def __init__(
        self, files: Mapping[str, bytes], roots: Iterable[tuple[str, str]], without: frozenset[str]
    ) -> None:
        self.files = files
        self.without = without
        self.modules: dict[str, Module] = {}
        self.kept: set[tuple[str, str]] = set()
        self.as_values: set[str] = set()
        self.attributes: set[str] = set()
        self._waiting = list(roots)
        while self._waiting:
            while self._waiting:
                self._keep(*self._waiting.pop())
            named = (each for each in self._called_by_name() if each not in self.kept)
            self._waiting = [each for each in named if self.without.isdisjoint(each)]

    def module(self, path: str) -> Module:
        if path not in self.modules:
            self.modules[path] = Module(path, self.files[path], self.files)
        return self.modules[path]

    def _keep(self, path: str, name: str) -> None:
        if (path, name) in self.kept or not self.without.isdisjoint((path, name)):
            return
        self.kept.add((path, name))
        top, _, method = name.partition(".")
        node: ast.AST = self.module(path).definitions[top]
        if method:
            self._waiting.append((path, top))
            assert isinstance(node, ast.ClassDef)  # noqa: S101 (roots are classes)
            node = next(each for each in methods(node) if each.name == method)
        module = self.module(path)
        owners = set()  # each module x in `x.name`: this needs the definition `name`, not the module
        for found in walk(node, into_methods=not isinstance(node, ast.ClassDef)):
            if isinstance(found, ast.Attribute):
                self.attributes.add(found.attr)
                if isinstance(found.value, ast.Name):
                    other, name = module.imported.get(found.value.id, ("", "-"))
                    if not name:
                        owners.add(found.value)
                        self._waiting.append((other, found.attr))
            elif isinstance(found, ast.Name) and found not in owners:
                self._follow(module, found.id)

    def _follow(self, module: Module, local: str) -> None:
        if local in module.definitions:
            self._waiting.append((module.path, local))
        elif local in module.imported:
            other, name = module.imported[local]
            if name:
                self._waiting.append((other, name))
            elif other not in self.without:
                self.as_values.add(other)

    def _called_by_name(self) -> Iterator[tuple[str, str]]:
        for path, name in sorted(self.kept):
            node = self.module(path).definitions[name.partition(".")[0]]
            if isinstance(node, ast.ClassDef):
                for method in methods(node):
                    if method.name.startswith("__") or method.name in self.attributes:
                        yield path, f"{node.name}.{method.name}"
        for path in sorted(self.as_values):
            for name in self.module(path).definitions:
                if name in self.attributes:
                    yield path, name


def methods(node: ast.ClassDef) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [each for each in node.body if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef))]


def definitions_in(files: Mapping[str, bytes], path: str) -> Iterator[str]:
    """The names that a module defines, with every method of its classes: ``Signer``, ``Signer.sign``."""
    for name, node in Module(path, files[path], files).definitions.items():
        if name != "TYPE_CHECKING":
            yield name
        if isinstance(node, ast.ClassDef):
            yield from (f"{name}.{method.name}" for method in methods(node))


def _without_try(node: ast.stmt) -> list[ast.stmt]:
    """``node``, or the imports in it if it is a ``try:`` around imports, which explains a missing package."""
    if isinstance(node, ast.Try) and all(
        isinstance(each, (ast.Import, ast.ImportFrom)) for each in node.body
    ):
        return node.body
    return [node]


def walk(node: ast.AST, *, into_methods: bool = True) -> Iterator[ast.AST]:
    """``node`` and the nodes in it, except annotations and blocks for type checkers, which never run."""
    yield node
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if not isinstance(child, ast.AST) or is_for_type_checkers(child):
                continue
            if into_methods or not isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
                yield from walk(child)


def _defined(node: ast.stmt, path: str) -> Iterator[str]:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield node.name
    elif isinstance(node, (ast.Assign, ast.AnnAssign)):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            yield from (each.id for each in ast.walk(target) if isinstance(each, ast.Name))
    elif isinstance(node, ast.If) and is_for_type_checkers(node):
        for other in node.orelse:
            yield from _defined(other, path)
    elif not (isinstance(node, (ast.Import, ast.ImportFrom, ast.Expr))):
        raise SigningError(f"{path}:{node.lineno} is not a definition: cannot be merged")
