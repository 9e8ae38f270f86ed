"""Makes the mutants of a module: small changes to its source, each a fault that a person could have written.

Annotations, docstrings, imports, type aliases, ``__slots__`` and texts for people are not changed. Such texts are the
parts of f-strings, every string with a space in it, and arguments such as ``help`` and ``metavar``.
"""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

_COMPARISONS = {
    "==": "!=",
    "!=": "==",
    "<": "<=",
    "<=": "<",
    ">": ">=",
    ">=": ">",
    "is not": "is",
    "is": "is not",
    "not in": "in",
    "in": "not in",
}
_COMPARISON = re.compile(r"(==|!=|<=|>=|<|>|\bis\s+not\b|\bnot\s+in\b|\bis\b|\bin\b)")
_ARITHMETIC = {"+": "-", "-": "+", "*": "+", "//": "*", "/": "*", "%": "*", "|": "&", "&": "|", "<<": ">>"}
_FOR_PEOPLE = ("help", "description", "epilog", "metavar", "match")
_REMOVED = (ast.AugAssign, ast.Raise, ast.Continue, ast.Break, ast.Delete)


class Mutant(NamedTuple):
    """A module with the bytes from ``start`` to ``end`` replaced.

    ``first`` to ``last`` are the lines of the statement, or of its head if it has a body.
    """

    path: str
    start: int
    end: int
    text: str
    first: int
    last: int
    in_function: bool

    def applied(self, source: str) -> str:
        raw = source.encode()
        return (raw[: self.start] + self.text.encode() + raw[self.end :]).decode()

    def is_python(self, source: str) -> bool:
        """Whether the changed source can be compiled, and does not compile to the same program."""
        try:
            return ast.dump(ast.parse(self.applied(source))) != ast.dump(ast.parse(source))
        except SyntaxError:
            return False

    def diff(self, source: str) -> str:
        """The lines that the mutant removes and adds."""
        changed = self.applied(source)
        lines = difflib.unified_diff(source.splitlines(), changed.splitlines(), n=0, lineterm="")
        return "\n".join(f"{line[0]} {line[1:].strip()}" for line in list(lines)[2:] if line[0] in "+-")


def mutants(path: str, source: str) -> list[Mutant]:
    """All mutants of a module, in the order of the source."""
    found = _Walk(path, source).of(ast.parse(source), (1, 1), in_function=False)
    return sorted(set(found), key=lambda each: (each.start, each.end, each.text))


class _Walk:
    def __init__(self, path: str, source: str) -> None:
        self._path = path
        self._raw = source.encode()
        self._starts = [0]
        for line in self._raw.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))

    def of(self, node: ast.AST, lines: tuple[int, int], *, in_function: bool) -> Iterator[Mutant]:
        """The mutants of a node and of the nodes in it; ``lines`` are those of the statement around it."""
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            return
        if isinstance(node, ast.stmt):
            body = getattr(node, "body", None)
            lines = node.lineno, max(node.lineno, body[0].lineno - 1) if body else node.end_lineno or 0
        for start, end, text in self._here(node):
            yield Mutant(self._path, start, end, text, *lines, in_function)
        for child in _children(node):
            inside = in_function or (
                isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and child in node.body
            )
            yield from self.of(child, lines, in_function=inside)

    def _here(self, node: ast.AST) -> Iterator[tuple[int, int, str]]:
        if isinstance(node, (ast.If, ast.While, ast.IfExp)):
            yield self._negated(node.test)
        elif isinstance(node, ast.comprehension):
            yield from map(self._negated, node.ifs)
        elif isinstance(node, ast.Compare):
            operands = [node.left, *node.comparators]
            for left, right in pairwise(operands):
                yield self._between(left, right, _COMPARISON, _COMPARISONS)
        elif isinstance(node, ast.BoolOp):
            swapped = {"and": "or", "or": "and"}
            for left, right in pairwise(node.values):
                yield self._between(left, right, re.compile(r"\b(and|or)\b"), swapped)
        elif isinstance(node, ast.BinOp):
            operator = re.compile(r"(//|<<|[-+*/%|&])")
            yield self._between(node.left, node.right, operator, _ARITHMETIC)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.Not, ast.USub)):
            yield *self._span(node), f"({self._text(node.operand)})"
        elif isinstance(node, ast.Constant):
            yield from self._constant(node)
        elif isinstance(node, ast.Call):
            yield from self._arguments(node)
        elif isinstance(node, (ast.Return, ast.Yield)) and node.value is not None:
            yield *self._span(node.value), "None"
        elif isinstance(node, ast.stmt) and _is_removable(node):
            yield *self._span(node), "pass"

    def _negated(self, test: ast.expr) -> tuple[int, int, str]:
        start, end = self._span(test)
        return start, end, f"not ({self._text(test)})"

    def _between(
        self, left: ast.expr, right: ast.expr, pattern: re.Pattern[str], other: dict[str, str]
    ) -> tuple[int, int, str]:
        start, end = self._span(left)[1], self._span(right)[0]
        text = self._raw[start:end].decode()
        return (
            start,
            end,
            pattern.sub(lambda found: other.get(" ".join(found[1].split()), "+"), text, count=1),
        )

    def _constant(self, node: ast.Constant) -> Iterator[tuple[int, int, str]]:
        """Another value; texts get the same XX before and after them as those of mutmut."""
        value, span = node.value, self._span(node)
        if isinstance(value, bool):
            yield *span, str(not value)
        elif isinstance(value, (int, float)):
            yield *span, repr(value + 1)
            yield *span, repr(value - 1) if value >= 1 else f"({value - 1!r})"
        elif isinstance(value, str) and " " not in value:
            yield *span, repr(f"XX{value}XX" if value else "XXXX")
        elif isinstance(value, bytes) and b" " not in value:
            yield *span, repr(b"XX" + value + b"XX" if value else b"XXXX")

    def _arguments(self, node: ast.Call) -> Iterator[tuple[int, int, str]]:
        parts: list[ast.expr | ast.keyword] = [*node.args, *node.keywords]
        for index, part in enumerate(parts):
            value = part.value if isinstance(part, (ast.keyword, ast.Starred)) else part
            if isinstance(value, ast.JoinedStr) or (
                isinstance(part, ast.keyword) and part.arg in (None, *_FOR_PEOPLE)
            ):
                continue
            if isinstance(value, ast.Constant) and (value.value is None or " " in str(value.value)):
                continue
            if not isinstance(part, ast.Starred):
                yield *self._span(value), "None"
            if isinstance(part, ast.keyword) or index == len(node.args) - 1:
                start, end = self._span(part)
                if index + 1 < len(parts):
                    yield start, self._span(parts[index + 1])[0], ""
                else:
                    yield start, end, ""

    def _text(self, node: ast.expr) -> str:
        start, end = self._span(node)
        return self._raw[start:end].decode()

    def _span(self, node: ast.expr | ast.stmt | ast.keyword) -> tuple[int, int]:
        ends = self._starts[(node.end_lineno or 1) - 1] + (node.end_col_offset or 0)
        return self._starts[node.lineno - 1] + node.col_offset, ends


def _is_removable(node: ast.stmt) -> bool:
    if isinstance(node, ast.Expr):
        return not isinstance(node.value, ast.Constant)
    if isinstance(node, (ast.Assign, ast.AnnAssign)):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return node.value is not None and not any(isinstance(each, (ast.Name, ast.Tuple)) for each in targets)
    return isinstance(node, _REMOVED) or (isinstance(node, ast.Return) and node.value is None)


def _children(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes in a node, except those that are not changed."""
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return
    if isinstance(node, ast.JoinedStr):
        yield from (each.value for each in node.values if isinstance(each, ast.FormattedValue))
        return
    if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
        yield from (each for each in node.exc.args if not isinstance(each, ast.JoinedStr))
        return
    if isinstance(node, ast.keyword) and node.arg in _FOR_PEOPLE:
        return
    if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in (
        "__slots__",
        "__all__",
        "TYPE_CHECKING",
    ):
        return
    if isinstance(node, ast.AnnAssign) and ast.unparse(node.annotation).endswith("TypeAlias"):
        return
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "type_params"):
            continue
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant):
                continue  # a docstring, or the body of an abstract method
            if isinstance(each, ast.AST):
                yield each
