"""Shortens source text and keeps it readable: fills lines, removes comments, indents by one tab."""

from __future__ import annotations

import ast
import io
import re
import textwrap
import tokenize

from ..errors import SigningError
from .dead_code import without_dead_code

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

_WIDTH = 110
_MANY = 3  # so many keys with the same value take less space as one list of keys
_LITERAL = re.compile(r"""(?<!\w)([fb]?)("(?:[^"\\]|\\.)*")|(?<!\w)[fb]?'(?:[^'\\]|\\.)*'""")
_READ_BY_CHECKERS = re.compile(r"^# (?:type|pyright): ignore\[[\w, -]+\]")


def condense(code: str, public: Collection[str], tables: Collection[str], false: Collection[str]) -> str:
    """A shorter but readable form of ``code``.

    The docstrings of ``public`` names are kept. Comments, code without effect and the branches of the
    conditions in ``false`` are removed. ``tables`` are the names of dictionaries from a name to a value or a
    note: names with the same value are written together, and notes are removed.
    """
    lines = _without_comments(code.splitlines())
    tree = ast.parse("\n".join(lines))
    for start, end, new in sorted(_replaced(tree, public, tables), reverse=True):
        lines[start:end] = new
    lines = without_dead_code("\n".join(lines), public, false).split("\n")
    tree = ast.parse("\n".join(lines))
    for start, end in sorted(_simple(tree), reverse=True):
        lines[start:end] = _filled(lines[start:end])
    text = "\n".join(map(_joined, _spaced(lines))) + "\n"
    if ast.dump(ast.parse(text)) != ast.dump(tree):
        raise SigningError("the single file would not mean what its sources mean: report it")
    return text


def _without_comments(lines: list[str]) -> list[str]:
    text = "\n".join(lines) + "\n"
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            ignored = _READ_BY_CHECKERS.match(token.string)
            lines[row - 1] = (lines[row - 1][:column] + (ignored[0] if ignored else "")).rstrip()
    return [line for line in lines if line]


def _replaced(
    tree: ast.Module, public: Collection[str], tables: Collection[str]
) -> Iterator[tuple[int, int, list[str]]]:
    shown: set[ast.ClassDef] = {
        node for node in tree.body if isinstance(node, ast.ClassDef) and node.name in public
    }
    known: set[ast.AST] = {*shown, *(node for node in tree.body if getattr(node, "name", "") in public)}
    known |= {each for node in shown for each in node.body if not getattr(each, "name", "_").startswith("_")}
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and ast.get_docstring(
            node
        ):
            first = node.body[0]
            if node not in known:
                kept = [f"{' ' * first.col_offset}pass"] if len(node.body) == 1 else []
                yield first.lineno - 1, first.end_lineno or 0, kept
        elif isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Dict):
            name = node.target
            if isinstance(name, ast.Name) and name.id in tables:
                annotated = f"{name.id}: {ast.unparse(node.annotation)}"
                yield node.lineno - 1, node.end_lineno or 0, _table(annotated, node.value)


def _table(annotated: str, table: ast.Dict) -> list[str]:
    """The lines of a table without notes; keys with the same value are together."""
    notes = annotated.endswith("Mapping[str, str]")
    keys: dict[str, list[str]] = {}
    for key, value in zip(table.keys, table.values, strict=True):
        shown = '""' if notes else ast.unparse(value)
        keys.setdefault(shown, []).append(str(ast.literal_eval(key or value)))
    rows = [f"{annotated} = {{"]
    for shown, names in keys.items():
        if len(names) < _MANY:
            rows += [f'    "{name}": {shown},' for name in names]
            continue
        words = textwrap.wrap(" ".join(names), _WIDTH - 12, break_on_hyphens=False, break_long_words=False)
        left, right = ("(", ")") if words[1:] else ("", "")
        rows += [f"    **dict.fromkeys({left}", *(f'        "{row} "' for row in words[:-1])]
        rows += [f'        "{words[-1]}"{right}.split(), {shown}),']
    return [*rows, "}"]


def _simple(tree: ast.Module) -> Iterator[tuple[int, int]]:
    """The range of lines of each statement, or of its head (``if …:``), that has more than one line."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.stmt):
            continue
        body = getattr(node, "body", None)
        start, end = node.lineno, node.end_lineno or 0
        if isinstance(body, list):
            inner = body[0]
            end = min([inner.lineno, *(each.lineno for each in getattr(inner, "decorator_list", []))]) - 1
        if end > start:
            yield start - 1, end


def _filled(lines: list[str]) -> list[str]:
    """The lines of one statement, joined where two fit in one line. No line is split at a new place.

    A comment after the first line stays at the end of that line.
    """
    if any("# " in line for line in lines[1:]):
        return lines
    first, mark, comment = lines[0].partition("  # ")
    indent = lines[0][: len(lines[0]) - len(lines[0].lstrip())]
    limit = _WIDTH
    filled = [first.rstrip()]
    for line in map(str.strip, lines[1:]):
        last = filled[-1]
        glue = "" if last[-1] in "([{" or line[0] in ")]}" else " "
        if line[0] in ")]}" and last[-1] == ",":
            last = last[:-1]
        if len(last) + len(glue) + len(line) <= limit:
            filled[-1] = last + glue + line
        else:
            filled.append(f"{indent}    {line}")
    filled[0] += mark + comment
    return filled


def _joined(line: str) -> str:
    """``line`` with adjacent string literals joined."""
    if '"""' in line:
        return line
    found, end = "", 0
    last: re.Match[str] | None = None
    for each in _LITERAL.finditer(line):
        if last and last[1] == each[1] and line[last.end() : each.start()] == " ":
            found = found[:-1] + each[2][1:]
        else:
            found += line[end : each.end()]
        last, end = each, each.end()
    return found + line[end:]


def _spaced(lines: list[str]) -> Iterator[str]:
    """Indents by tabs, and puts a blank line before each top-level definition and the comment above it."""
    held: list[str] = []
    inside = False
    for line in lines:
        text = line.lstrip()
        indent = "\t" * ((len(line) - len(text)) // 4)
        if text.startswith(("#", "@")):
            held.append(indent + text)
            continue
        begins = text.startswith(("def ", "async def ", "class "))
        closes = text[0] in ")]}"
        if not indent and (begins or (inside and not closes)):
            yield ""
            inside = begins
        yield from held
        held = []
        yield indent + text
    yield from held
