"""Checks whether a copy can be written to a place, and imported from it."""

from __future__ import annotations

import sys
from keyword import iskeyword
from unicodedata import normalize

from ..errors import SigningError
from .package_files import ADAPTERS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

_LIBRARIES = frozenset((*ADAPTERS, "cryptography", "redis"))  # that a copy may import


def check_destination(target: Path, *, single: bool) -> None:
    """Raises SigningError if no program could import a copy from ``target``, or a copy cannot replace it."""
    name = target.name or str(target)
    if single and not name.endswith(".py"):
        raise SigningError(f"{name!r} cannot be imported: a single file is named NAME.py")
    module = name.removesuffix(".py") if single else name
    # Python normalizes the names in a program, but not the names of files.
    if not module.isidentifier() or iskeyword(module) or normalize("NFKC", module) != module:
        raise SigningError(
            f"{name!r} cannot be imported: give a name of letters, digits and underscores that is not "
            "a word of Python, such as '_sigv4'"
        )
    if not target.parent.is_dir():
        raise SigningError(f"{target.parent} is not a folder: make it first")
    if (module in sys.stdlib_module_names or module in _LIBRARIES) and not _is_package(target.parent):
        raise SigningError(
            f"{name!r} is the name of a module of Python, or of a library that a copy imports, and would "
            "hide it: give another name, such as '_sigv4', or put it into a package (beside an __init__.py)"
        )
    if target.exists() and not (target.is_file() if single else target.is_dir()):
        expected = "a plain file" if single else "a folder"
        raise SigningError(f"{target} exists and is not {expected}: give another name")


def _is_package(folder: Path) -> bool:
    return (folder / "__init__.py").is_file()
