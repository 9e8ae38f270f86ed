"""Merges the modules that sign and presign into one file.

The code in the file does the same as in its module. The file does not have definitions that neither ``sign``
nor ``presign`` needs, comments, notes in tables, docstrings of private names, and lines of other docstrings
after the first.
"""

from __future__ import annotations

import ast
import builtins
import re

from ..errors import SigningError
from .package_files import OWN, is_for_type_checkers
from .reachability import Module, Reach, definitions_in, methods, walk
from .shorter_forms import FALSE, NOT_OFFERED, STUBS, TABLES, TYPES, WITHOUT
from .trimming import condense
from .type_names import type_block

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Mapping

ROOTS: Mapping[str, tuple[str, ...]] = {
    "sigv4/signer.py": ("Signer.sign", "Signer.presign"),
    "sigv4/credentials.py": ("Credentials",),
    "sigv4/payload.py": ("Payload.sha256", "UNSIGNED_PAYLOAD"),
    "sigv4/dialects.py": ("Dialect", "DEFAULT", "S3"),
    "sigv4/errors.py": ("SigV4Error", "SigningError", "CredentialsError"),
    "sigv4/presigning.py": ("PresignedUrl",),
    "sigv4/target.py": ("encode_path", "encode_query"),
}
# Methods that only users call, left out of private classes; and methods for providers and explanations.
_OF_A_READER = ("__repr__", "__reduce__")
_LEFT_OUT = ("CredentialsError.__init__", "CredentialsError.__str__", "Signature.scope")
_FLAG = "TYPE_CHECKING = False"
_FOR_LINTERS = re.compile(rb"  # noqa: .*$", re.MULTILINE)


def merge(files: Mapping[str, bytes], adapter: str = "") -> str:
    """The code of the single file, without its header; with the ``adapter`` for a library, if one is named.

    Raises SigningError if it cannot be made.
    """
    roots = [(path, name) for path, names in ROOTS.items() for name in names]
    named = {name.partition(".")[0] for _, name in roots}
    if adapter:
        path = f"{OWN}/adapters/{adapter}.py"
        of_adapter = list(definitions_in(files, path))  # all of them: the library calls some methods
        roots += [(path, name) for name in of_adapter]
        named |= {name.partition(".")[0] for name in of_adapter if "." in name and name[0] != "_"}
    reach = Reach(files, roots, NOT_OFFERED.union(WITHOUT))
    order = _order(reach)
    _check_names(reach, order)
    parts: list[str] = []
    for module in order:
        parts += _Cut(module, reach, named).parts()
        if module.path in reach.as_values:
            parts.append(_namespace(module, reach))
    public = sorted(named, key=_as_linters_sort)
    parts.append("__all__ = (\n" + "".join(f'    "{name}",\n' for name in public) + ")")
    text = "\n".join(parts)
    types = type_block(order, text, TYPES)
    text = text.replace(_FLAG, "").strip().removeprefix(types.partition("\n")[0])
    code = condense(f"{_FLAG}\n{types}\n{text}", public, TABLES, FALSE)
    used = {node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)}
    return f"from __future__ import annotations\n\n{_standard_imports(order, used)}\n\n{code}"


def _order(reach: Reach) -> list[Module]:
    """The modules with kept definitions, each after the modules that it imports when it is loaded."""
    kept = sorted({path for path, _ in reach.kept})
    order: list[Module] = []

    def visit(path: str) -> None:
        module = reach.module(path)
        if module in order or path not in kept:
            return
        for statement in module.tree.body:
            if isinstance(statement, ast.ImportFrom) and statement.level:
                for alias in statement.names:
                    visit(module.imported[alias.name][0])
        order.append(module)

    for path in kept:
        visit(path)
    return order


def _check_names(reach: Reach, order: list[Module]) -> None:
    """Raises SigningError if a name has different meanings in two modules."""
    meant: dict[str, str] = dict.fromkeys(dir(builtins), "Python")
    for module in order:
        names = {name: module.path for path, name in reach.kept if path == module.path and "." not in name}
        for node in module.tree.body:
            if isinstance(node, (ast.Import, ast.ImportFrom)) and not getattr(node, "level", 0):
                names.update({alias.asname or alias.name: "the standard library" for alias in node.names})
        for name, owner in names.items():
            if meant.setdefault(name, owner) != owner:
                raise SigningError(f"{name} is of {meant[name]} and of {owner}: they cannot be in one file")


def _standard_imports(order: list[Module], used: set[str]) -> str:
    plain: set[str] = set()
    names: dict[str, set[str]] = {}
    for module in order:
        for node in module.tree.body:
            for alias in node.names if isinstance(node, (ast.Import, ast.ImportFrom)) else ():
                if (alias.asname or alias.name) not in used:
                    continue
                if not isinstance(node, ast.ImportFrom):
                    plain.add(ast.unparse(alias))
                elif not node.level:
                    names.setdefault(node.module or "", set()).add(ast.unparse(alias))
    lines = [f"import {name}" for name in sorted(plain)]
    lines += [f"from {module} import {', '.join(sorted(found))}" for module, found in sorted(names.items())]
    return "\n".join(lines)


def _namespace(module: Module, reach: Reach) -> str:
    """A class in place of a module that is passed on as a value, with the names of it that are used."""
    lines = [f"class {module.name}:", f'    """The module {module.name} of the package."""', ""]
    for name, node in module.definitions.items():
        if (module.path, name) in reach.kept and name in reach.attributes:
            wrapped = f"staticmethod({name})" if isinstance(node, ast.FunctionDef) else name
            lines.append(f"    {name} = {wrapped}")
    return "\n".join(lines)


class _Cut:
    """Cuts one module's source down to its part of the single file, in bytes: ast counts columns in bytes."""

    def __init__(self, module: Module, reach: Reach, public: Container[str]) -> None:
        self._module = module
        self._reach = reach
        self._public = public
        self._lines = module.source.splitlines(keepends=True)
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line))
        self._edits: list[tuple[int, int, bytes]] = []

    def parts(self) -> list[str]:
        """The texts of the kept definitions, in order; a block of constants is one text."""
        spans: list[tuple[int, int]] = []
        for node in self._module.tree.body:
            names = [name for name, found in self._module.definitions.items() if found is node]
            if any((self._module.path, name) in self._reach.kept for name in names):
                self._trim(node)
                spans.append(self._span(node))
        parts: list[str] = []
        for position, (start, end) in enumerate(spans):
            text = self._edited(start, end)
            if position and self._are_one_block(spans[position - 1][1], start):
                parts[-1] += "\n" + text
            else:
                parts.append(text)
        return parts

    def _are_one_block(self, end: int, start: int) -> bool:
        """Whether definitions that end and start here have at most one blank line between them."""
        return b"\n\n\n" not in self._module.source[end - 1 : start]

    def _span(self, node: ast.stmt) -> tuple[int, int]:
        """The start and end of a definition in the source, with its decorators and the comment above it."""
        decorators = getattr(node, "decorator_list", [])
        first = min([node.lineno, *(each.lineno for each in decorators)]) - 1
        indent = b" " * node.col_offset
        while first and self._lines[first - 1].startswith(indent + b"#"):
            first -= 1
        assert node.end_lineno is not None  # noqa: S101 (parsed from text)
        return self._starts[first], self._starts[node.end_lineno]

    def _edited(self, start: int, end: int) -> str:
        pieces, position = [], start
        for left, right, new in sorted(self._edits):
            if left < position or right > end:
                continue
            pieces += [self._module.source[position:left], new]
            position = right
        pieces.append(self._module.source[position:end])
        return _FOR_LINTERS.sub(b"", b"".join(pieces)).decode("utf-8").strip("\n")

    def _at(self, line: int, column: int) -> int:
        return self._starts[line - 1] + column

    def _begin(self, node: ast.expr | ast.stmt) -> int:
        return self._at(node.lineno, node.col_offset)

    def _end(self, node: ast.expr | ast.stmt | ast.arg) -> int:
        assert node.end_lineno is not None  # noqa: S101 (parsed from text)
        assert node.end_col_offset is not None  # noqa: S101 (parsed from text)
        return self._at(node.end_lineno, node.end_col_offset)

    def _trim(self, node: ast.stmt) -> None:
        if isinstance(node, ast.ClassDef):
            self._trim_class(node)
        for found in walk(node):
            is_stub = getattr(found, "name", "") in STUBS
            if isinstance(found, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and not is_stub:
                self._trim_docstring(found)
            if isinstance(found, ast.FunctionDef) and found.name in STUBS:
                stub = STUBS[found.name].replace("\n    ", "\n" + " " * found.body[0].col_offset)
                self._edits.append((self._begin(found.body[0]), self._end(found), stub.encode()))
            if isinstance(found, ast.Assign) and ast.unparse(found.targets[0]) in STUBS:
                stub = STUBS[ast.unparse(found.targets[0])]
                self._edits.append((self._begin(found.value), self._end(found.value), stub.encode()))
            for block in ("body", "orelse", "finalbody"):
                if isinstance(found, ast.stmt) and isinstance(getattr(found, block, None), list):
                    self._trim_imports(getattr(found, block))
            if isinstance(found, ast.Attribute) and isinstance(found.value, ast.Name):
                _, name = self._module.imported.get(found.value.id, ("", "-"))
                if not name:
                    self._edits.append((self._begin(found), self._end(found), found.attr.encode()))

    def _trim_class(self, node: ast.ClassDef) -> None:
        kept = self._reach.kept
        shown = node.name in self._public or node.keywords  # only the class Record has keywords
        dropped: list[ast.stmt] = [
            each
            for each in methods(node)
            if (self._module.path, f"{node.name}.{each.name}") not in kept
            or (each.name in _OF_A_READER and not shown)
            or f"{node.name}.{each.name}" in _LEFT_OUT
        ]
        for block in node.body:
            if isinstance(block, ast.If) and is_for_type_checkers(block):  # overloads
                gone = [
                    each
                    for each in block.body
                    if (self._module.path, f"{node.name}.{getattr(each, 'name', '')}") not in kept
                ]
                dropped += [block] if len(gone) == len(block.body) else gone
        for statement in dropped:
            start, end = self._span(statement)
            while self._module.source[:start].endswith(b"\n\n"):
                start -= 1
            self._edits.append((start, end, b""))

    def _trim_docstring(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> None:
        text = ast.get_docstring(node)
        if text and "\n" in text:
            first = node.body[0]
            self._edits.append(
                (self._begin(first), self._end(first), f'"""{text.partition(chr(10))[0]}"""'.encode())
            )

    def _trim_imports(self, block: list[ast.stmt]) -> None:
        """Removes imports from this package; one of a module in ``WITHOUT`` is replaced by the code there."""
        for position, statement in enumerate(block):
            if not (isinstance(statement, ast.ImportFrom) and statement.level):
                continue
            start, end = self._span(statement)
            modules = (self._module.imported[alias.name][0] for alias in statement.names)
            missing = [module for module in modules if module in WITHOUT]
            new = b""
            if missing:
                end = self._span(block[-1])[1]
                new = f"{' ' * statement.col_offset}{WITHOUT[missing[0]]}\n".encode()
            elif self._module.source[end : end + 1] == b"\n" and position == 0:
                end += 1
            self._edits.append((start, end, new))


def _as_linters_sort(name: str) -> tuple[int, str]:
    """Constants, then classes, then functions: the order of ``__all__`` that ruff requires."""
    return 0 if name.isupper() else 1 if name[0].isupper() else 2, name
