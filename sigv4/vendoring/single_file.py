"""Merges the modules that sign and presign into one file.

The kept code does the same as in its module. Left out are definitions that neither ``sign`` nor ``presign``
needs, notes, docstrings of private names, all but the first line of other docstrings, and comments that cite
no rule.
"""

from __future__ import annotations

import ast
import builtins
import re

from ..errors import SigningError
from .package_files import is_for_type_checkers
from .reachability import Module, Reach, methods, walk
from .trimming import condense
from .type_names import type_block

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

ROOTS: Mapping[str, tuple[str, ...]] = {
    "sigv4/signer.py": ("Signer.sign", "Signer.presign"),
    "sigv4/credentials.py": ("Credentials",),
    "sigv4/payload.py": ("Payload.sha256", "UNSIGNED_PAYLOAD"),
    "sigv4/dialects.py": ("Dialect", "DEFAULT", "S3"),
    "sigv4/errors.py": ("SigV4Error", "SigningError", "CredentialsError"),
    "sigv4/presigning.py": ("PresignedUrl",),
    "sigv4/target.py": ("encode_path", "encode_query"),
}
PUBLIC: frozenset[str] = frozenset(name.partition(".")[0] for names in ROOTS.values() for name in names)
# Methods that the private classes of the file do not need, and methods for providers and explanations only.
_OF_A_READER = ("__repr__", "__reduce__")
_LEFT_OUT = ("CredentialsError.__init__", "CredentialsError.__str__", "Signature.scope")
# Tables whose notes are left out; they are in the sources.
TABLES = frozenset(("NEVER_SIGNED", "SERVICES"))
# Modules that are not in the file, and the code in their place: 4A, which needs a package, is refused; names
# are not looked up in the table of AWS's names.
WITHOUT: Mapping[str, str] = {
    "sigv4/v4a.py": "raise SigningError("
    '"4A is not in this file: take the whole, sigv4 vendor DEST without --single-file")',
    "sigv4/signing_names.py": "pass",
}
# Shorter functions with the same results: without fast paths for headers that a server receives, and with
# shorter errors.
STUBS: Mapping[str, str] = {
    "_plain_texts": "return None",
    "check_region_name": "pass",
    "DIRECTIONS": "()",
    "check_name": """right = isinstance(name, str) and name and name.isascii()
    if not right or not all(char.isalnum() or char in "-_." for char in name):
        raise SigningError(f"the {kind} is {name!r}: expected letters, digits, '-', '_' and '.' only")
    return name""",
    "_RECEIVED": '""',
    "_fault": """fault = "is not a text, is empty, or holds spaces, control or non-ASCII characters"
    if isinstance(value, str) and value and value.isascii() and value.isprintable() and " " not in value:
        fault = ""
    value = ""
    return fault""",
    "_written_instead": (
        """return f"write {_escaped(url[position])!r} for it, in a host name its 'xn--' form" """
    ),
    "_file_sha256": """if not (hasattr(file, "seekable") and file.seekable()):
        raise SigningError("the body is a file that cannot seek: pass its bytes, or Payload.sha256(...)")
    start, digest = file.tell(), sha256()
    try:
        while block := file.read(_BLOCK):
            if not isinstance(block, bytes):
                raise SigningError("the body is a text file: open it in binary mode ('rb')")
            digest.update(block)
    finally:
        file.seek(start)
    return digest.hexdigest()""",
    "header_text": """text = value.decode("latin-1") if isinstance(value, bytes) else value
    if not isinstance(text, str):
        raise SigningError(f"header {name!r} is {type(value).__name__}: expected str or bytes")
    if isinstance(value, str) and not text.isascii():
        raise SigningError(f"header {name!r} holds a non-ASCII character: pass the bytes to send")
    if len(text.translate(_WITHOUT_CONTROLS)) != len(text):
        position = next(at for at, char in enumerate(text) if ord(char) in _WITHOUT_CONTROLS)
        shown = f"0x{ord(text[position]):02X} at position {position}"
        raise SigningError(f"header {name!r} holds the control character {shown}: remove it")
    return text""",
    "_wrong_scheme": 'return SigningError(f"expected {expected}, with the scheme https, http, wss or ws")',
}
# Conditions that are always false without 4A.
FALSE = frozenset(("self._region_set", "algorithm == V4A"))
# With one algorithm left, the type of its module.
TYPES: Mapping[str, str] = {"Algorithm": 'Algorithm: TypeAlias = "type[v4]"'}
_FLAG = "TYPE_CHECKING = False"
_FOR_LINTERS = re.compile(rb"  # noqa: .*$", re.MULTILINE)


def merge(files: Mapping[str, bytes]) -> str:
    """The code of the single file, without its header. Raises SigningError if it cannot be made."""
    roots = [(path, name) for path, names in ROOTS.items() for name in names]
    reach = Reach(files, roots, frozenset(WITHOUT))
    order = _order(reach)
    _check_names(reach, order)
    parts: list[str] = []
    for module in order:
        parts += _Cut(module, reach).parts()
        if module.path in reach.as_values:
            parts.append(_namespace(module, reach))
    public = sorted(PUBLIC, key=_as_linters_sort)
    parts.append("__all__ = (\n" + "".join(f'    "{name}",\n' for name in public) + ")")
    text = "\n".join(parts)
    types = type_block(order, text, TYPES)
    text = text.replace(_FLAG, "").strip().removeprefix(types.partition("\n")[0])
    code = condense(f"{_FLAG}\n{types}\n{text}", public, TABLES, FALSE)
    used = {node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)}
    return f"from __future__ import annotations\n\n{_standard_imports(order, used)}\n\n{code}"


def _order(reach: Reach) -> list[Module]:
    """The modules with kept definitions, each after those that it imports at load time."""
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
    """The module as a value: a class with the names that are used."""
    lines = [f"class {module.name}:", f'    """The module {module.name} of the package."""', ""]
    for name, node in module.definitions.items():
        if (module.path, name) in reach.kept and name in reach.attributes:
            wrapped = f"staticmethod({name})" if isinstance(node, ast.FunctionDef) else name
            lines.append(f"    {name} = {wrapped}")
    return "\n".join(lines)


class _Cut:
    """One module's source with the edits that make it part of the single file, in bytes, as ast counts."""

    def __init__(self, module: Module, reach: Reach) -> None:
        self._module = module
        self._reach = reach
        self._lines = module.source.splitlines(keepends=True)
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line))
        self._edits: list[tuple[int, int, bytes]] = []

    def parts(self) -> list[str]:
        """The kept definitions in order; lines of one block stay together."""
        spans: list[tuple[int, int]] = []
        for node in self._module.tree.body:
            names = [name for name, found in self._module.definitions.items() if found is node]
            if any((self._module.path, name) in self._reach.kept for name in names):
                self._trim(node)
                spans.append(self._span(node))
        parts: list[str] = []
        for position, (start, end) in enumerate(spans):
            text = self._edited(start, end)
            if position and self._stand_together(spans[position - 1][1], start):
                parts[-1] += "\n" + text
            else:
                parts.append(text)
        return parts

    def _stand_together(self, end: int, start: int) -> bool:
        """Whether at most one blank line is between them: the same block of constants."""
        return b"\n\n\n" not in self._module.source[end - 1 : start]

    def _span(self, node: ast.stmt) -> tuple[int, int]:
        """The lines of a definition, with its decorators and the comment above it."""
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
            if isinstance(found, (ast.FunctionDef, ast.ClassDef)):
                self._trim_docstring(found)
            if isinstance(found, ast.FunctionDef) and found.name in STUBS:
                self._edits.append((self._begin(found.body[0]), self._end(found), STUBS[found.name].encode()))
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
        shown = node.name in PUBLIC or node.keywords  # of Record; other classes keep theirs
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

    def _trim_docstring(self, node: ast.FunctionDef | ast.ClassDef) -> None:
        text = ast.get_docstring(node)
        if text and "\n" in text:
            first = node.body[0]
            self._edits.append(
                (self._begin(first), self._end(first), f'"""{text.partition(chr(10))[0]}"""'.encode())
            )

    def _trim_imports(self, block: list[ast.stmt]) -> None:
        """Removes imports of names in the same file; imports of modules left out are replaced or removed."""
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
