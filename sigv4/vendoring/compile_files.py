"""A program, run by the Python that it compiles for: ``python compile_files.py FOLDER SHOWN``.

It reads the paths of sources from standard input, writes a compiled file for each and prints its path. Python
must not compare that file with the time of its source, because a zip rounds times: so the file is of the kind
with an unchecked hash (PEP 552). To be small it has no docstrings (optimization level 2) and no annotations
except in classes with a base: a record reads them to learn its fields.
"""

from __future__ import annotations

import ast
import importlib.util
import marshal
import sys
from pathlib import Path


class _WithoutTypes(ast.NodeTransformer):
    """Removes annotations and blocks ``if TYPE_CHECKING:``, which are not used at run time."""

    def visit_Module(self, node: ast.Module) -> ast.AST:
        self.generic_visit(node)
        node.body = [each for each in node.body if ast.unparse(each) not in ("TYPE_CHECKING = False", "pass")]
        for place, each in enumerate(node.body):
            if isinstance(each, ast.AnnAssign) and each.value:
                node.body[place] = ast.copy_location(ast.Assign([each.target], each.value), each)
        return node

    def visit_If(self, node: ast.If) -> ast.AST | list[ast.stmt]:
        self.generic_visit(node)
        if not (isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"):
            return node
        return node.orelse or ast.copy_location(ast.Pass(), node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        self.generic_visit(node)
        if not (node.bases or node.keywords):  # not a record
            kept = [each for each in node.body if not isinstance(each, ast.AnnAssign) or each.value]
            node.body = kept or [ast.copy_location(ast.Pass(), node)]
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return self._function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        return self._function(node)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.AST:
        node.returns = None
        for each in ast.walk(node.args):
            if isinstance(each, ast.arg):
                each.annotation = None
        return self.generic_visit(node)


def compiled(source: bytes, shown: str) -> bytes:
    """The content of the compiled file for ``source``; tracebacks show ``shown`` as the name of the file."""
    tree = _WithoutTypes().visit(ast.parse(source, shown))
    code = compile(tree, shown, "exec", dont_inherit=True, optimize=2)
    return (
        importlib.util.MAGIC_NUMBER + b"\1\0\0\0" + importlib.util.source_hash(source) + marshal.dumps(code)
    )


def main(folder: Path, shown: str) -> None:
    for path in map(Path, sys.stdin.read().splitlines()):
        target = path.parent / "__pycache__" / f"{path.stem}.{sys.implementation.cache_tag}.pyc"
        (folder / target).parent.mkdir(exist_ok=True)
        (folder / target).write_bytes(compiled((folder / path).read_bytes(), f"{shown}/{path.as_posix()}"))
        sys.stdout.write(f"{target.as_posix()}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
