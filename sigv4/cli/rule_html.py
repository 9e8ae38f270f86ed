"""The text of a rule of docs/protocol.md as HTML: the parts of Markdown that the page uses."""

from __future__ import annotations

import re
from html import escape as html

_CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
_STRONG = re.compile(r"\*\*(\w.*?)\*\*")
_EMPHASIS = re.compile(r"(?<![*\w])\*(\w[^*]*)\*(?![*\w])")


def rule_html(text: str) -> str:
    """The text of a rule, without the lines about its place in the code."""
    return "".join(_block(each) for each in _blocks(text.partition("\n- *Code:*")[0]))


def _blocks(text: str) -> list[list[str]]:
    """The paragraphs, tables and fenced texts, as lines; comments are left out."""
    blocks: list[list[str]] = [[]]
    fenced = False
    for line in text.split("\n"):
        if line.startswith("```"):
            fenced = not fenced
            blocks.append([line] if fenced else [])
        elif fenced or (line.strip() and not line.startswith("<!--")):
            blocks[-1].append(line)
        else:
            blocks.append([])
    return [block for block in blocks if block]


def _block(lines: list[str]) -> str:
    if lines[0].startswith("```"):
        return f"<pre>{html(chr(10).join(lines[1:]))}</pre>"
    if lines[0].startswith("|"):
        rows = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
        rows = [row for row in rows if not set("".join(row)) <= set("-:| ")]
        told = "".join(f"<li>{': '.join(_inline(cell) for cell in row)}</li>" for row in rows[1:])
        return f"<ul>{told}</ul>"
    return f"<p>{_inline(' '.join(lines))}</p>"


def _inline(text: str) -> str:
    out, at = [], 0
    for found in _CODE.finditer(text):
        out += [_emphasized(text[at : found.start()]), f"<code>{html(found[2].strip())}</code>"]
        at = found.end()
    return "".join([*out, _emphasized(text[at:])])


def _emphasized(text: str) -> str:
    return _EMPHASIS.sub(r"<em>\1</em>", _STRONG.sub(r"<strong>\1</strong>", html(text)))
