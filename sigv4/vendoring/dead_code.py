"""Removes code without effect from a merged file: dead branches, empty functions, unread values."""

from __future__ import annotations

import ast
import re
from abc import ABC, abstractmethod
from collections import Counter
from functools import lru_cache

from .effects import (
    Facts,
    arguments,
    blocks,
    is_pass,
    is_pure,
    is_slots,
    is_unread,
    name_of,
    plain_functions,
)
from .reachability import walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from typing import TypeAlias

    Edit: TypeAlias = tuple[int, int, str]  # start, end, the new text


def without_dead_code(code: str, public: Collection[str], false: Collection[str]) -> str:
    """``code`` without parts that have no effect.

    These are the branches of conditions that are always false (``false`` lists them as source text);
    functions that do nothing, and their calls; fields of records that have a default and are never read; and,
    in classes that are not ``public``, attributes, arguments and slots that are not used.
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
    """One kind of removal. ``edits`` finds the places; of two that overlap, one waits for the next round."""

    def applied(self, code: str) -> str:
        self._text = code.encode()
        self._starts = [0, *(i + 1 for i, byte in enumerate(self._text) if byte == 0x0A)]
        text, above = self._text, len(self._text)
        for start, end, new in sorted(set(self.edits(_facts_of(code))), reverse=True):
            if end <= above:
                text = text[:start] + new.encode() + text[end:]
                above = start
        return text.decode()

    @abstractmethod
    def edits(self, facts: Facts) -> Iterable[Edit]: ...

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

    def edits(self, facts: Facts) -> Iterator[Edit]:
        for block in blocks(facts.tree):
            for each in block:
                if isinstance(each, ast.If) and self._is_false(each.test) and not each.orelse:
                    yield self.without(block, each)
        within = facts.in_f_strings
        for node in ast.walk(facts.tree):
            if isinstance(node, ast.IfExp) and self._is_false(node.test) and id(node) not in within:
                yield self.begin(node), self.end(node), self.source(node.orelse)

    def _is_false(self, test: ast.expr) -> bool:
        return ast.unparse(test) in self._false


class _Fields(_Pass):
    """Removes fields of records that have a default and are never read, and the arguments for them."""

    def edits(self, facts: Facts) -> Iterator[Edit]:
        read = facts.attributes_read()
        records = [each for each in facts.tree.body if isinstance(each, ast.ClassDef) and _is_record(each)]
        of_records = {each.name for each in records} - facts.bases
        for node in records:
            positions = [name_of(each) for each in node.body if isinstance(each, ast.AnnAssign)]
            most = max((len(call.args) for call in facts.calls_of(node.name)), default=0)
            for each in node.body:
                name = name_of(each) if isinstance(each, ast.AnnAssign) and each.value else ""
                if not name or name in read or node.name not in of_records or name in positions[:most]:
                    continue
                given = [
                    (made, word) for made, call in facts.calls for word in call.keywords if word.arg == name
                ]
                if not given:
                    yield self.without(node.body, each)
                elif all(
                    _is_of(made, of_records) and is_pure(word.value) and id(word) not in facts.in_f_strings
                    for made, word in given
                ):
                    yield from (self.without_item(word) for _, word in given)


class _Empty(_Pass):
    """Removes functions that do nothing, their calls, and conditions without a body."""

    def edits(self, facts: Facts) -> Iterator[Edit]:
        nothing = {name for name, each in plain_functions(facts.tree).items() if is_pass(each)}
        for block in blocks(facts.tree):
            yield from (self.without(block, each) for each in block if _does_nothing(each, nothing))


class _Constants(_Pass):
    """Replaces each call of a private function that only returns a constant by that constant."""

    def edits(self, facts: Facts) -> Iterator[Edit]:
        constant: dict[str, ast.Constant] = {}
        for name, node in plain_functions(facts.tree).items():
            value = node.body[0].value if isinstance(node.body[0], ast.Return) else None
            if isinstance(value, ast.Constant) and name[:1] == "_":
                constant[name] = value
        for name, call in facts.calls:
            if name in constant and is_pure(*arguments(call)) and id(call) not in facts.in_f_strings:
                yield self.begin(call), self.end(call), self.source(constant[name])


class _Unused(_Pass):
    """Removes unused functions, and unused private constants whose definition has no effect."""

    def __init__(self, public: Collection[str]) -> None:
        self._public = public

    def edits(self, facts: Facts) -> Iterator[Edit]:
        used = facts.names_read() | {*self._public}
        for node in facts.tree.body:
            name = name_of(node)
            if not name or name in used or getattr(node, "decorator_list", None):
                continue
            constant = not isinstance(node, (ast.FunctionDef, ast.ClassDef)) and is_pure(node)
            if isinstance(node, ast.FunctionDef) or (constant and name[0] == "_" != name[1:2]):
                yield self.without(facts.tree.body, node)


class _Imports(_Pass):
    """Removes imports for type checkers whose names are no longer used."""

    def edits(self, facts: Facts) -> Iterator[Edit]:
        words = Counter(re.findall(r"\w+", self._text.decode()))
        for block in blocks(facts.tree):
            for each in block:
                if isinstance(each, ast.ImportFrom) and each.module != "__future__":
                    kept = [
                        ast.unparse(alias)
                        for alias in each.names
                        if alias.name == "*" or words[alias.asname or alias.name] > 1
                    ]
                    if not kept:
                        yield self.without(block, each)
                    elif len(kept) < len(each.names):
                        module = f"{'.' * each.level}{each.module or ''}"
                        yield self.begin(each), self.end(each), f"from {module} import {', '.join(kept)}"


class _Attributes(_Pass):
    """Removes attributes that are never read, and slots: of public classes only the private attributes."""

    def __init__(self, public: Collection[str]) -> None:
        self._public = public

    def edits(self, facts: Facts) -> Iterator[Edit]:
        for node in facts.tree.body:
            if not isinstance(node, ast.ClassDef) or node.bases or node.keywords or node.decorator_list:
                continue
            read = facts.attributes_read_of(node)
            public = node.name in self._public
            for each in node.body:
                if isinstance(each, ast.FunctionDef):
                    yield from self._stored(each, read, public)
                if not public and (is_unread(each, read) or is_slots(each)):
                    yield self.without(node.body, each)

    def _stored(self, method: ast.FunctionDef, read: set[str], public: bool) -> Iterator[Edit]:
        for statement in method.body:
            if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
                target: ast.expr = statement.targets[0]
            elif isinstance(statement, (ast.AnnAssign, ast.AugAssign)):
                target = statement.target
            else:
                continue
            if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
                seen = target.attr in read or (public and target.attr[:1] != "_")
                if target.value.id == "self" and not seen and is_pure(statement):
                    yield self.without(method.body, statement)


class _Arguments(_Pass):
    """Removes arguments that the ``__init__`` of a private class does not use, there and in every call."""

    def __init__(self, public: Collection[str]) -> None:
        self._public = public

    def edits(self, facts: Facts) -> Iterator[Edit]:
        running = [each for each in walk(facts.tree) if isinstance(each, ast.Name)]
        for node in facts.tree.body:
            if isinstance(node, ast.ClassDef) and node.name not in self._public and not node.bases:
                for each in node.body:
                    if isinstance(each, ast.FunctionDef) and each.name == "__init__":
                        made = facts.calls_of(node.name)
                        in_texts = any(id(call) in facts.in_f_strings for call in made)
                        yield from self._of(each, None if in_texts else _made(node, made, running))

    def _of(self, method: ast.FunctionDef, made: list[ast.Call] | None) -> Iterator[Edit]:
        names = {found.id for found in ast.walk(method) if isinstance(found, ast.Name)}
        required = method.args.args[: len(method.args.args) - len(method.args.defaults)]
        for place, argument in enumerate(required[1:]):
            if argument.arg not in names and made is not None and not method.args.posonlyargs:
                given = [call.args[place] for call in made if len(call.args) > place]
                if len(given) == len(made) and is_pure(*given):
                    yield self.without_item(argument)
                    yield from map(self.without_item, given)
                    return  # only one in each round: the positions in the calls have changed


class _Inferred(_Pass):
    """Removes the type of an attribute to which ``__init__`` assigns an argument of that same type."""

    def edits(self, facts: Facts) -> Iterator[Edit]:
        for node in ast.walk(facts.tree):
            if isinstance(node, ast.FunctionDef) and node.name == "__init__":
                types = {each.arg: each.annotation for each in [*node.args.args, *node.args.kwonlyargs]}
                for each in node.body:
                    if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Attribute):
                        given = types.get(each.value.id) if isinstance(each.value, ast.Name) else None
                        if given and ast.dump(given) == ast.dump(each.annotation):
                            yield self.end(each.target), self.end(each.annotation), ""


@lru_cache(maxsize=1)
def _facts_of(code: str) -> Facts:
    """Those of one file are kept: most passes change nothing, so that the next one needs the same facts."""
    return Facts(ast.parse(code))


def _is_record(node: ast.ClassDef) -> bool:
    return "Record" in map(ast.unparse, node.bases)


def _is_of(made: str, records: Collection[str]) -> bool:
    """Whether the called name ``made`` makes one of these ``records``, or a changed copy of a record."""
    return made in records or made.endswith(".replace")


def _made(node: ast.ClassDef, made: list[ast.Call], running: list[ast.Name]) -> list[ast.Call] | None:
    """``made``, the calls of a class by name, or None if instances may be made in other ways as well."""
    called = {id(call.func) for call in made}
    passed_on = any(each.id == node.name and id(each) not in called for each in running)
    words = {getattr(each, "id", getattr(each, "attr", "")) for each in ast.walk(node)}
    hidden = any(isinstance(each, ast.Starred) for call in made for each in call.args)
    return None if passed_on or hidden or {"cls", "type", "__class__"} & words else made


def _does_nothing(statement: ast.stmt, nothing: Collection[str]) -> bool:
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        call = statement.value
        return ast.unparse(call.func) in nothing and is_pure(*arguments(call))
    return (
        isinstance(statement, ast.If)
        and is_pass(statement)
        and not statement.orelse
        and is_pure(statement.test)
    )
