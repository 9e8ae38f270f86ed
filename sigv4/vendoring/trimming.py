"""Source text made shorter and kept readable: statements as full lines, few comments, two spaces a level."""

from __future__ import annotations

import ast
import io
import re
import tokenize

from ..errors import SigningError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

_WIDTH = 110
# A rule of docs/protocol.md, or an RFC or standard: what a comment is kept for.
_RULE = re.compile(r"\b[A-Z]{2,}[A-Z0-9]*-[A-Z0-9]|\b(RFC|FIPS) [0-9]")
_KEPT = re.compile(rf"{_RULE.pattern}|^# type: ")  # an ignored type is part of what a type checker reads


def condense(code: str, public: Collection[str], tables: Collection[str]) -> str:
    """``code`` with the docstrings of ``public`` names, the comments that cite a rule, and no blank lines
    inside definitions. Of the ``tables``, dictionaries from a name to a note, the names alone are kept.
    """
    lines = _without_comments(code.splitlines())
    tree = ast.parse("\n".join(lines))
    for start, end, new in sorted(_replaced(tree, public, tables), reverse=True):
        lines[start:end] = new
    lines = _without_unused("\n".join(lines))
    tree = ast.parse("\n".join(lines))
    for start, end in sorted(_simple(tree), reverse=True):
        lines[start:end] = _filled(lines[start:end])
    text = "\n".join(_spaced(lines)) + "\n"
    if ast.dump(ast.parse(text)) != ast.dump(tree):
        raise SigningError("the single file would not mean what its sources mean: report it")
    return text


def _without_comments(lines: list[str]) -> list[str]:
    text = "\n".join(lines) + "\n"
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT and not _KEPT.search(token.string):
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column].rstrip()
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
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and ast.get_docstring(node):
            first = node.body[0]
            if node not in known:
                kept = [f"{' ' * first.col_offset}pass"] if len(node.body) == 1 else []
                yield first.lineno - 1, first.end_lineno or 0, kept
        elif isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Dict):
            name = node.target
            if isinstance(name, ast.Name) and name.id in tables:
                names = " ".join(str(ast.literal_eval(key)) for key in node.value.keys if key)
                annotated = f"{name.id}: {ast.unparse(node.annotation)}"
                yield node.lineno - 1, node.end_lineno or 0, _names(annotated, names)


def _names(table: str, names: str) -> list[str]:
    words, rows = names.split(" "), [""]
    for word in words:
        if len(rows[-1]) + len(word) > _WIDTH - 12:
            rows.append("")
        rows[-1] += f"{word} "
    rows[-1] = rows[-1].rstrip()
    return [f"{table} = dict.fromkeys(", "    (", *(f'        "{row}"' for row in rows), '    ).split(), "")']


def _without_unused(text: str) -> list[str]:
    """The lines without the private constants that only a note used."""
    tree, lines = ast.parse(text), text.split("\n")
    used = {
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
    for node in reversed(tree.body):
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and isinstance(target, ast.Name):
            name = target.id
            if name.startswith("_") and not name.startswith("__") and name not in used:
                del lines[node.lineno - 1 : node.end_lineno]
    return lines


def _simple(tree: ast.Module) -> Iterator[tuple[int, int]]:
    """The lines of each statement of several lines, and of each head (``if …:``) of several lines."""
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
    """One statement, its lines joined as far as they fit; they are broken only where they were."""
    if any("#" in line and (_RULE.search(line) or "# type: " in line) for line in lines):
        return lines
    indent = lines[0][: len(lines[0]) - len(lines[0].lstrip())]
    limit = _WIDTH + len(indent) // 2  # half of the indent goes
    filled = [lines[0].rstrip()]
    for line in map(str.strip, lines[1:]):
        last = filled[-1]
        glue = "" if last[-1] in "([{" or line[0] in ")]}" else " "
        if line[0] in ")]}" and last[-1] == ",":
            last = last[:-1]
        if len(last) + len(glue) + len(line) <= limit:
            filled[-1] = last + glue + line
        else:
            filled.append(f"{indent}    {line}")
    return filled


def _spaced(lines: list[str]) -> Iterator[str]:
    """Two spaces a level, and a blank line before each definition and its comment."""
    held: list[str] = []
    inside = False
    for line in lines:
        text = line.lstrip()
        indent = " " * ((len(line) - len(text)) // 2)
        if text.startswith(("#", "@")):
            held.append(indent + text)
            continue
        begins = text.startswith(("def ", "class "))
        closes = text[0] in ")]}"
        if begins or (inside and not indent and not closes):
            yield ""
            inside = begins
        yield from held
        held = []
        yield indent + text
    yield from held
