"""Counts lines of code, without comments, docstrings and blank lines: ``python -m tests.lines [FOLDER …]``."""

from __future__ import annotations

import ast
import io
import sys
import tokenize
from pathlib import Path

ROOT = Path(__file__).parents[1]
_NOT_CODE = (
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
    tokenize.ENCODING,
)


def lines_of_code(source: str) -> int:
    """The number of lines of ``source`` that contain code."""
    code: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in _NOT_CODE:
            code.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and ast.get_docstring(node, clean=False) is not None:
                code.difference_update(range(first.lineno, (first.end_lineno or first.lineno) + 1))
    return len(code)


def main(folders: list[str]) -> None:
    total = 0
    for folder in folders:
        files = sorted((ROOT / folder).rglob("*.py"))
        count = sum(lines_of_code(path.read_text("utf-8")) for path in files)
        sys.stdout.write(f"{count:7,} lines in {len(files):4} files of {folder}\n")
        total += count
    sys.stdout.write(f"{total:7,} lines in all\n")


if __name__ == "__main__":
    main(sys.argv[1:] or ["sigv4", "sagemaker_api"])
