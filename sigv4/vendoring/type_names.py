"""Finds the imports, aliases and protocols that the annotations of a merged file need."""

from __future__ import annotations

import ast
import builtins
import re

from ..errors import SigningError
from .package_files import is_for_type_checkers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from .reachability import Module


def type_block(modules: Iterable[Module], code: str, narrowed: Mapping[str, str]) -> str:
    """The ``if TYPE_CHECKING:`` block that the annotations of ``code`` need, or ``""``.

    ``narrowed`` replaces the definitions of some names. Raises SigningError for a name that is not found, and
    for one that two modules define differently.
    """
    trees = [module.tree for module in modules]
    known, differing = _definitions(trees, narrowed)
    tree = ast.parse(code)
    defined = _defined(tree) | {name for each in trees for name in _imported(each)}
    waiting = sorted(set(_used(tree)) - defined)
    imports: dict[str, list[str]] = {}
    definitions: dict[str, str] = {}
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in seen or name in defined:
            continue
        seen.add(name)
        found = known.get(name)
        if found is None:
            if not hasattr(builtins, name):
                raise SigningError(f"no module of the single file defines the type {name!r}: report it")
            continue
        if isinstance(found, ast.ImportFrom):
            imports.setdefault(found.module or "", []).append(name)
            continue
        if name in differing:
            raise SigningError(
                f"two modules of the single file define the type {name!r} differently: report it"
            )
        definitions[name] = _shortened(found)
        waiting += sorted(_names_in(found))
    lines = [f"from {module} import {', '.join(sorted(names))}" for module, names in sorted(imports.items())]
    lines = [*lines, *(definitions[name] for name in known if name in definitions)]
    indented = "\n".join(f"    {line}" for text in lines for line in text.split("\n") if line)
    return f"if TYPE_CHECKING:\n{indented}\n" if lines else ""


def _definitions(
    trees: Iterable[ast.Module], narrowed: Mapping[str, str]
) -> tuple[dict[str, ast.stmt], set[str]]:
    """The definitions for type checkers, and the names that two modules define differently."""
    known: dict[str, ast.stmt] = {name: ast.parse(text).body[0] for name, text in narrowed.items()}
    differing: set[str] = set()
    for tree in trees:
        for statement in _statements(tree):
            for name in _named(statement):
                same = _says_the_same(known.setdefault(name, statement), statement)
                differing |= set() if same or name in narrowed else {name}
    return known, differing


def _imported(tree: ast.Module) -> Iterator[str]:
    """The names that a module imports from elsewhere when it runs."""
    for node in tree.body:
        if isinstance(node, ast.Import) or (isinstance(node, ast.ImportFrom) and not node.level):
            yield from (alias.asname or alias.name for alias in node.names)


def _statements(tree: ast.Module) -> Iterator[ast.stmt]:
    """The statements in a module's blocks for type checkers, except imports from the same package."""
    for block in tree.body:
        if is_for_type_checkers(block) and isinstance(block, ast.If):
            for statement in block.body:
                if not (isinstance(statement, ast.ImportFrom) and statement.level):
                    yield statement


def _named(statement: ast.stmt) -> list[str]:
    if isinstance(statement, ast.ImportFrom):
        return [alias.name for alias in statement.names]
    if isinstance(statement, ast.ClassDef):
        return [statement.name]
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        return [statement.target.id]
    if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
        return [statement.targets[0].id]
    return []


def _says_the_same(one: ast.stmt, other: ast.stmt) -> bool:
    """Whether two statements define a name in the same way; two imports of a name always do."""
    imports = isinstance(one, ast.ImportFrom) and isinstance(other, ast.ImportFrom)
    return imports or ast.dump(one) == ast.dump(other)


def _used(tree: ast.AST) -> Iterator[str]:
    """The names in the annotations below ``tree``, and in its blocks for type checkers."""
    for node in ast.walk(tree):
        if isinstance(node, ast.arg) and node.annotation:
            yield from _names_in(node.annotation)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.returns:
            yield from _names_in(node.returns)
        elif isinstance(node, ast.AnnAssign):
            yield from _names_in(node.annotation)
        elif is_for_type_checkers(node):
            yield from _names_in(node)


def _names_in(node: ast.AST) -> Iterator[str]:
    for each in ast.walk(node):
        if isinstance(each, ast.Name) and each.id != "TYPE_CHECKING":
            yield each.id
        elif isinstance(each, ast.Constant) and isinstance(each.value, str):
            try:
                yield from _names_in(ast.parse(each.value, mode="eval"))
            except SyntaxError:
                continue  # a docstring or a literal contains no names


def _defined(tree: ast.Module) -> set[str]:
    """The names that the file defines, imports or assigns, and the arguments of its functions."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            found |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
    return found


def _shortened(statement: ast.stmt) -> str:
    """A definition without its docstrings."""
    if isinstance(statement, ast.ClassDef):
        statement.body = [each for each in statement.body if not isinstance(each, ast.Expr)]
    return re.sub(r":\n\s+\.\.\.", ": ...", ast.unparse(statement))
