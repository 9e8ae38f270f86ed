"""Tells which code can have an effect and which names are read; such code must not be removed."""

from __future__ import annotations

import ast
from collections import Counter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

# Functions of Python, and methods of str, bytes and dict, that have no side effects.
_PURE = frozenset(
    "bytes count dict frozenset fromkeys isalnum isascii isdigit islower items len maketrans map range split "
    "tuple zip".split()
)
_EFFECTS = (ast.Await, ast.NamedExpr, ast.Yield, ast.YieldFrom)
# Decorators that only change how an attribute is read.
_READERS = ("property", "classmethod", "staticmethod")


def blocks(tree: ast.Module) -> Iterator[list[ast.stmt]]:
    """Every list of statements."""
    for node in ast.walk(tree):
        for name in ("body", "orelse", "finalbody"):
            if isinstance(getattr(node, name, None), list):
                yield getattr(node, name)


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def is_pure(*nodes: ast.AST) -> bool:
    """Whether ``nodes`` only call functions without side effects, and no expression in them binds a name."""
    each = [found for node in nodes for found in ast.walk(node)]
    names = [
        getattr(call.func, "attr", getattr(call.func, "id", ""))
        for call in each
        if isinstance(call, ast.Call)
    ]
    return _PURE.issuperset(names) and not any(isinstance(found, _EFFECTS) for found in each)


def arguments(call: ast.Call) -> list[ast.expr]:
    return [*call.args, *(each.value for each in call.keywords)]


def is_pass(node: ast.FunctionDef | ast.If) -> bool:
    return len(node.body) == 1 and isinstance(node.body[0], ast.Pass)


def is_slots(node: ast.AST) -> bool:
    return isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__slots__"


def is_unread(node: ast.stmt, read: Collection[str]) -> bool:
    """Whether ``node`` is a property, class method or static method whose name is not in ``read``."""
    if not isinstance(node, ast.FunctionDef) or node.name in read or node.name.startswith("__"):
        return False
    decorators = [ast.unparse(each) for each in node.decorator_list]
    return bool(decorators) and {*_READERS, f"{node.name}.setter", f"{node.name}.deleter"}.issuperset(
        decorators
    )


def name_of(node: ast.stmt) -> str:
    """The name that a definition or an assignment binds, or ``""`` if it binds several or none."""
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return node.name
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    named = isinstance(node, (ast.Assign, ast.AnnAssign)) and len(targets) == 1
    target = targets[0]
    return target.id if named and isinstance(target, ast.Name) else ""


def plain_functions(tree: ast.Module) -> dict[str, ast.FunctionDef]:
    """The functions without decorators whose name is bound only once in the whole file."""
    bound = Counter(_bound(tree))
    return {
        node.name: node
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and not node.decorator_list and bound[node.name] == 1
    }


def _bound(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.alias):
            yield node.asname or node.name
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id


class Facts:
    """The calls in a file, and the names and attributes that it reads."""

    def __init__(self, tree: ast.Module) -> None:
        self.tree: ast.Module = tree
        nodes = list(ast.walk(tree))
        self._nodes = nodes
        self.calls: list[tuple[str, ast.Call]] = [
            (ast.unparse(node.func), node) for node in nodes if isinstance(node, ast.Call)
        ]
        self.classes: list[ast.ClassDef] = [node for node in nodes if isinstance(node, ast.ClassDef)]
        self.bases: set[str] = {ast.unparse(base) for node in self.classes for base in node.bases}
        self.in_texts: set[str] = set(_named_in_texts(tree))
        texts = [node for node in nodes if isinstance(node, ast.JoinedStr)]
        # Code inside f-strings is not edited: a quote in the new text could end the f-string, and Python
        # before 3.12 gives wrong positions there.
        self.in_f_strings: set[int] = {id(each) for node in texts for each in ast.walk(node)}
        self._read = [
            node for node in nodes if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load)
        ]

    def calls_of(self, name: str) -> list[ast.Call]:
        return [call for called, call in self.calls if called == name]

    def names_read(self) -> set[str]:
        """The names that are read, changed in place or deleted, and those in string literals."""
        found = set(self.in_texts)
        for node in self._nodes:
            if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Store):
                found.add(node.id)
            elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
                found.add(node.target.id)
        return found

    def attributes_read(self) -> set[str]:
        """The attributes that are read, and the names in string literals: ``getattr`` may get them."""
        return {node.attr for node in self._read} | self.in_texts

    def attributes_read_of(self, node: ast.ClassDef) -> set[str]:
        """The attributes that may be read of the class ``node``, which has no base.

        ``self._x`` in another class reads an attribute of that class, unless it derives from ``node``.
        """
        if node.name in self.bases:
            return self.attributes_read()
        inside = {id(each) for each in ast.walk(node)}
        return self.in_texts | {
            each.attr
            for each in self._read
            if id(each) in inside or each.attr[:1] != "_" or not _is_self(each.value)
        }


def _is_self(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id in ("self", "cls")


def _named_in_texts(tree: ast.AST) -> Iterator[str]:
    """The names in string literals that are expressions: quoted types, ``__all__``, names for ``getattr``.

    Those in ``__slots__`` are left out, since it reads no attribute.
    """
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if node.value.isidentifier():
                yield node.value
                continue
            try:
                inner = ast.parse(node.value, mode="eval")
            except (SyntaxError, ValueError):
                continue
            for each in ast.walk(inner):
                if isinstance(each, (ast.Name, ast.Attribute)):
                    yield each.id if isinstance(each, ast.Name) else each.attr
        elif not is_slots(node):
            waiting += ast.iter_child_nodes(node)
