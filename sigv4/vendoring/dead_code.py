"""Removes code without effect from a merged file: dead branches, empty functions, unread values."""

from __future__ import annotations

import ast
import re
from abc import ABC, abstractmethod
from collections import Counter
from itertools import chain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from typing import TypeAlias

    Edit: TypeAlias = tuple[int, int, str]  # from, to, the new text

# Names without side effects: methods of str and of dict, functions of Python.
_PURE = frozenset("count frozenset isalnum isascii isdigit islower items len".split())


def without_dead_code(code: str, public: Collection[str], false: Collection[str]) -> str:
    """``code`` without parts that have no effect.

    These are the branches of conditions that are ``false`` (as source text); functions that do nothing, and
    their calls; fields of records that have a default and are never read; and, in classes that are not
    ``public``, attributes, arguments and slots that are not used.
    """
    passes = [
        _Folding(false),
        _Fields(),
        _Empty(),
        _Constants(),
        _Unused(public),
        _Attributes(public),
        _Arguments(public),
        _Imports(),
        _Inferred(),
    ]
    before = ""
    while code != before:
        before = code
        for each in passes:
            code = each.applied(code)
    return code


class _Pass(ABC):
    """One kind of removal. ``edits`` finds the places; if two overlap, the later waits for the next round."""

    def applied(self, code: str) -> str:
        self._text = code.encode()
        self._starts = [0, *(i + 1 for i, byte in enumerate(self._text) if byte == 0x0A)]
        text, above = self._text, len(self._text)
        for start, end, new in sorted(set(self.edits(ast.parse(code))), reverse=True):
            if end <= above:
                text = text[:start] + new.encode() + text[end:]
                above = start
        return text.decode()

    @abstractmethod
    def edits(self, tree: ast.Module) -> Iterable[Edit]: ...

    def begin(self, node: ast.expr | ast.stmt | ast.arg | ast.keyword) -> int:
        return self._starts[node.lineno - 1] + node.col_offset

    def end(self, node: ast.expr | ast.stmt | ast.arg | ast.keyword) -> int:
        return self._starts[(node.end_lineno or 0) - 1] + (node.end_col_offset or 0)

    def source(self, node: ast.expr) -> str:
        return self._text[self.begin(node) : self.end(node)].decode()

    def without(self, block: list[ast.stmt], statement: ast.stmt) -> Edit:
        """Removes a statement and its decorators; writes ``pass`` if the block has no other statement."""
        lines = [statement.lineno, *(each.lineno for each in getattr(statement, "decorator_list", ()))]
        new = f"{' ' * statement.col_offset}pass\n" if len(block) == 1 else ""
        return self._starts[min(lines) - 1], self._starts[statement.end_lineno or 0], new

    def without_item(self, item: ast.arg | ast.expr | ast.keyword) -> Edit:
        """Removes an argument with the comma and space after it, or before it if it is the last one."""
        start, end = self.begin(item), self.end(item)
        while self._text[end : end + 1] in b", \n" and self._text[end : end + 1]:
            end += 1
        if self._text[end : end + 1] == b")":
            start = len(self._text[:start].rstrip(b", \n"))
            end = self.end(item)
            end += self._text[end : end + 1] == b","
        return start, end, ""


class _Folding(_Pass):
    def __init__(self, false: Collection[str]) -> None:
        self._false = false

    def edits(self, tree: ast.Module) -> Iterator[Edit]:
        for block in _blocks(tree):
            for each in block:
                if isinstance(each, ast.If) and self._is_false(each.test) and not each.orelse:
                    yield self.without(block, each)
        for node in ast.walk(tree):
            if isinstance(node, ast.IfExp) and self._is_false(node.test):
                yield self.begin(node), self.end(node), self.source(node.orelse)

    def _is_false(self, test: ast.expr) -> bool:
        return ast.unparse(test) in self._false


class _Fields(_Pass):
    """Removes fields of records that are never read, and the arguments for them."""

    def edits(self, tree: ast.Module) -> Iterator[Edit]:
        read = _read(tree)
        given = {each.arg: each for call in _calls(tree) for each in call.keywords}
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and "Record" in map(ast.unparse, node.bases):
                for each in node.body:
                    name = ast.unparse(each.target) if isinstance(each, ast.AnnAssign) and each.value else ""
                    if name in given and name not in read:
                        yield self.without_item(given[name])
                    elif name and name not in read:
                        yield self.without(node.body, each)


class _Empty(_Pass):
    """Removes functions that do nothing, their calls, and conditions without a body."""

    def edits(self, tree: ast.Module) -> Iterator[Edit]:
        nothing = {each.name for each in tree.body if isinstance(each, ast.FunctionDef) and _is_pass(each)}
        for block in _blocks(tree):
            yield from (self.without(block, each) for each in block if _does_nothing(each, nothing))


class _Constants(_Pass):
    """Replaces calls of private functions that return one constant by the constant."""

    def edits(self, tree: ast.Module) -> Iterator[Edit]:
        constant: dict[str, ast.Constant] = {}
        for node in tree.body:
            first = node.body[0] if isinstance(node, ast.FunctionDef) else None
            value = first.value if isinstance(first, ast.Return) else None
            if isinstance(value, ast.Constant):
                constant[_name_of(node)] = value
        for call in _calls(tree):
            name = ast.unparse(call.func)
            if name[:1] == "_" and name in constant:
                yield self.begin(call), self.end(call), self.source(constant[name])


class _Unused(_Pass):
    """Removes functions and private constants that are not used."""

    def __init__(self, public: Collection[str]) -> None:
        self._public = public

    def edits(self, tree: ast.Module) -> Iterator[Edit]:
        names = (node for node in ast.walk(tree) if isinstance(node, ast.Name))
        used = {node.id for node in names if isinstance(node.ctx, ast.Load)} | {*self._public}
        for node in tree.body:
            name = _name_of(node)
            if name not in used and (isinstance(node, ast.FunctionDef) or name[:1] == "_" != name[1:2]):
                yield self.without(tree.body, node)


class _Imports(_Pass):
    """Removes imports for type checkers whose names are no longer used."""

    def edits(self, tree: ast.Module) -> Iterator[Edit]:
        words = Counter(re.findall(r"\w+", self._text.decode()))
        for block in _blocks(tree):
            for each in block:
                if isinstance(each, ast.ImportFrom) and each.module != "__future__":
                    kept = [alias.name for alias in each.names if words[alias.asname or alias.name] > 1]
                    if not kept:
                        yield self.without(block, each)
                    elif len(kept) < len(each.names):
                        yield self.begin(each), self.end(each), f"from {each.module} import {', '.join(kept)}"


class _Attributes(_Pass):
    """Removes attributes that are never read, and in private classes such properties and slots."""

    def __init__(self, public: Collection[str]) -> None:
        self._public = public

    def edits(self, tree: ast.Module) -> Iterator[Edit]:
        everywhere = _read(tree)
        for node in tree.body:
            if not isinstance(node, ast.ClassDef) or node.bases or node.keywords:
                continue
            inside = _read(node)
            read = {name for name in everywhere if name[:1] != "_" or name in inside}
            for each in node.body:
                if isinstance(each, ast.FunctionDef):
                    yield from self._stored(each, read)
                if node.name not in self._public and (_is_unread(each, read) or _is_slots(each)):
                    yield self.without(node.body, each)

    def _stored(self, method: ast.FunctionDef, read: set[str]) -> Iterator[Edit]:
        for statement in method.body:
            target = (
                statement.targets[0]
                if isinstance(statement, ast.Assign)
                else getattr(statement, "target", None)
            )
            if isinstance(target, ast.Attribute) and target.attr not in read and _is_pure(statement):
                yield self.without(method.body, statement)


class _Arguments(_Pass):
    """Removes arguments that the ``__init__`` of a private class does not use, also from every call."""

    def __init__(self, public: Collection[str]) -> None:
        self._public = public

    def edits(self, tree: ast.Module) -> Iterator[Edit]:
        unused: dict[str, int] = {}
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and node.name not in self._public and not node.bases:
                for each in node.body:
                    if isinstance(each, ast.FunctionDef) and each.name == "__init__":
                        names = {found.id for found in ast.walk(each) if isinstance(found, ast.Name)}
                        for place, argument in enumerate(each.args.args[1:]):
                            if argument.arg not in names:
                                unused[node.name] = place
                                yield self.without_item(argument)
                                break  # one per round
        for call in _calls(tree):
            place = unused.get(ast.unparse(call.func), -1)
            if place >= 0:
                yield self.without_item(call.args[place])


class _Inferred(_Pass):
    """The types of attributes that are given an argument, whose type they have."""

    def edits(self, tree: ast.Module) -> Iterator[Edit]:
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and node.name == "__init__":
                types = {each.arg: each.annotation for each in [*node.args.args, *node.args.kwonlyargs]}
                for each in node.body:
                    if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Attribute):
                        given = types.get(each.value.id) if isinstance(each.value, ast.Name) else None
                        if given and ast.dump(given) == ast.dump(each.annotation):
                            yield self.end(each.target), self.end(each.annotation), ""


def _blocks(tree: ast.Module) -> Iterator[list[ast.stmt]]:
    for node in ast.walk(tree):
        for name in ("body", "orelse"):
            if isinstance(getattr(node, name, None), list):
                yield getattr(node, name)


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def _read(tree: ast.AST) -> set[str]:
    """The attributes that are read, or whose names occur in a string, which may be passed to ``getattr``."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
            found.add(node.attr)
    texts = chain(*(node.elts for node in ast.walk(tree) if isinstance(node, ast.Tuple)))
    texts = chain(texts, *(call.args for call in _calls(tree)))
    slots = {
        id(each)
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and _is_slots(node)
        for each in ast.walk(node)
    }
    return found | {
        each.value
        for each in texts
        if isinstance(each, ast.Constant) and isinstance(each.value, str) and id(each) not in slots
    }


def _is_slots(node: ast.AST) -> bool:
    return isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__slots__"


def _is_unread(node: ast.stmt, read: set[str]) -> bool:
    """Whether ``node`` is a property that is never read."""
    return isinstance(node, ast.FunctionDef) and bool(node.decorator_list) and node.name not in read


def _does_nothing(statement: ast.stmt, nothing: Collection[str]) -> bool:
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        return ast.unparse(statement.value.func) in nothing
    return (
        isinstance(statement, ast.If)
        and _is_pass(statement)
        and not statement.orelse
        and _is_pure(statement.test)
    )


def _is_pass(node: ast.FunctionDef | ast.If) -> bool:
    return len(node.body) == 1 and isinstance(node.body[0], ast.Pass)


def _is_pure(node: ast.AST) -> bool:
    """Whether ``node`` only calls functions without side effects."""
    calls = [each.func for each in ast.walk(node) if isinstance(each, ast.Call)]
    return all(getattr(each, "attr", getattr(each, "id", "")) in _PURE for each in calls)


def _name_of(node: ast.stmt) -> str:
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return node.name
    target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
    return target.id if isinstance(node, (ast.Assign, ast.AnnAssign)) and isinstance(target, ast.Name) else ""
