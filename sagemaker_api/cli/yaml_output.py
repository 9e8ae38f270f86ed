"""Writes a result as YAML in the form of the AWS CLI: block style, members sorted by name.

A text is written without quotes only if every YAML parser reads it as that text. Long texts are wrapped at
column 80. Source: YAML 1.1 and 1.2, "Scalar styles" and "Core schema".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ..model.timestamps import value_text

_WIDTH = 80
_INDICATORS = frozenset("-?:,[]{}#&*!|>'\"%@`=")
# Texts that some parser reads as a number, a boolean, null, a time or a merge key.
_OTHER = re.compile(
    r"(?:~|null|true|false|yes|no|on|off|y|n|<<|=)?$"
    r"|[-+]?(?:\.inf|\.nan|0b[01_]+|0o?[0-7_]+|0x[0-9a-f_]+|[0-9][0-9_]*(?:\.[0-9_]*)?(?:e[-+]?[0-9]+)?"
    r"|\.[0-9_]+(?:e[-+]?[0-9]+)?|[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?)$"
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:$|[Tt ])",
    re.IGNORECASE,
)


def yaml(result: Any) -> str:
    """``result``, JSON values and datetimes, as a YAML document."""
    if isinstance(result, (dict, list)) and result:
        return "".join(f"{line}\n" for line in _block(result, 0))
    text = _scalar(result, 0, 2)
    return f"{text}\n" if isinstance(result, (dict, list)) or text[:1] in "'\"" else f"{text}\n...\n"


def _block(value: Any, indent: int) -> Iterator[str]:
    """The lines of a list or an object that is not empty."""
    margin = " " * indent
    if isinstance(value, dict):
        for name in sorted(value):
            item = value[name]
            key = _scalar(name, 0, -1)
            if isinstance(item, (dict, list)) and item:
                yield f"{margin}{key}:"
                yield from _block(item, indent + 2 if isinstance(item, dict) else indent)
            else:
                yield f"{margin}{key}: {_scalar(item, indent + len(key) + 2, indent + 2)}"
        return
    for item in value:
        if isinstance(item, (dict, list)) and item:
            first, *others = _block(item, indent + 2)
            yield f"{margin}- {first[indent + 2 :]}"
            yield from others
        else:
            yield f"{margin}- {_scalar(item, indent + 2, indent + 2)}"


def _scalar(value: Any, column: int, indent: int) -> str:
    """A scalar that begins at ``column``; wrapped lines begin at ``indent``, -1 means no wrapping."""
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, (dict, list)):
        return "{}" if isinstance(value, dict) else "[]"
    if isinstance(value, (int, float)):
        return str(value)
    text = value_text(value)
    if not text.isprintable():
        return _double_quoted(text)
    if _is_plain(text):
        return _folded(text, column, indent)
    quoted = text.replace("'", "''")
    return f"'{_folded(quoted, column + 1, indent)}'"


def _is_plain(text: str) -> bool:
    if not text or text != text.strip() or ": " in text or " #" in text or text[-1] == ":":
        return False
    first_is_sign = text[0] in _INDICATORS and not (text[0] in "-?:" and text[1:2] not in ("", " "))
    return not first_is_sign and not text.startswith(("---", "...")) and _OTHER.match(text) is None


def _folded(text: str, column: int, indent: int) -> str:
    """The text, wrapped at single blanks after column 80."""
    if indent < 0 or column + len(text) <= _WIDTH:
        return text
    words = text.split(" ")
    found = words[0]
    column += len(words[0])
    for at, word in enumerate(words[1:], 1):
        single = words[at - 1] and word
        if column > _WIDTH and single:
            found += f"\n{' ' * indent}{word}"
            column = indent + len(word)
        else:
            found += f" {word}"
            column += 1 + len(word)
    return found


def _double_quoted(text: str) -> str:
    escapes = {"\n": "\\n", "\t": "\\t", "\r": "\\r", '"': '\\"', "\\": "\\\\"}
    found = [escapes.get(char) or (char if char.isprintable() else _escaped(ord(char))) for char in text]
    return f'"{"".join(found)}"'


def _escaped(code: int) -> str:
    if code < 0x100:
        return f"\\x{code:02X}"
    return f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"
