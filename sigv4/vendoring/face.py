"""Removes from a copy's ``__init__.py`` the public names that the copy does not have."""

from __future__ import annotations

import ast
import re

from .package_files import OWN, is_for_type_checkers

_NAMED = re.compile(r"``([A-Za-z_0-9]+)``")  # in the docstring
_QUALIFIED = re.compile(rf"``{OWN}\.")
_MODULE = re.compile(rf"``(?:{OWN})?\.([\w.]+)``")  # without the name in a copy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container


def face_of(source: bytes, files: Container[str]) -> bytes:
    """The package's ``__init__.py`` without the public names whose modules are not among ``files``."""
    text = source.decode("utf-8")
    absent: set[str] = set()  # public names
    entries: set[str] = set()  # keys of the table that loads names lazily
    gone: set[int] = set()
    for block in ast.parse(text).body:
        for statement in block.body if isinstance(block, ast.If) and is_for_type_checkers(block) else ():
            if isinstance(statement, ast.ImportFrom) and statement.level:
                module = statement.module or ""
                if f"{OWN}/{module.replace('.', '/')}.py" not in files:
                    absent |= {alias.name for alias in statement.names}
                    entries.add(f'"{module}":')
                    gone |= set(range(statement.lineno, (statement.end_lineno or 0) + 1))
    lines = text.split("\n")
    kept = [
        line
        for number, line in enumerate(lines, 1)
        if number not in gone
        and not entries & set(line.split())
        and not absent & set(_NAMED.findall(line))
        and _is_here(line, files)
    ]
    return _QUALIFIED.sub("``.", "\n".join(kept)).encode()  # the copy has another name


def _is_here(line: str, files: Container[str]) -> bool:
    """Whether the module that ``line`` names (``sigv4.streaming``) is in ``files``; True without a name."""
    found = _MODULE.search(line)
    path = found[1].replace(".", "/") if found else ""
    places = (f"{path}.py", f"{path.rpartition('/')[0]}.py", f"{path}/__init__.py")
    return not path or any(f"{OWN}/{place}" in files for place in places)
