"""Checks whether a copy can be written to a place, and imported from it."""

from __future__ import annotations

import os
import sys
from keyword import iskeyword
from pathlib import Path
from unicodedata import normalize

from ..errors import SigningError
from .package_files import ADAPTERS, is_in_package

_LIBRARIES = frozenset((*ADAPTERS, "cryptography", "redis"))  # a copy may import these
# Modules that sys.stdlib_module_names may lack: Python runs the first two at each start, and the others are
# modules of Python in some of the versions 3.10 to 3.14.
_UNLISTED = frozenset(
    """sitecustomize usercustomize
    aifc annotationlib asynchat asyncore audioop binhex cgi cgitb chunk compression crypt distutils imghdr imp
    lib2to3 mailcap msilib nis nntplib ossaudiodev pipes smtpd sndhdr spwd sunau telnetlib test tomllib uu
    xdrlib""".split()
)


def check_destination(target: Path, *, single: bool) -> None:
    """Raises SigningError if no program could import a copy from ``target``, or a copy cannot replace it."""
    name = target.name or str(target)
    if single and not name.endswith(".py"):
        raise SigningError(f"{name!r} cannot be imported: a single file is named NAME.py")
    place, module = target, name.removesuffix(".py") if single else name
    if single and module == "__init__":  # such a file is imported under the name of its folder
        place = Path(os.path.abspath(target.parent))
        name = module = place.name
    if not _is_importable(module):
        raise SigningError(
            f"{name!r} cannot be imported: give a name of letters, digits and underscores that is not "
            "a word of Python or a name such as __main__; for example '_sigv4'"
        )
    if not target.parent.is_dir():
        raise SigningError(f"{target.parent} is not a folder: make it first")
    if is_in_package(target):
        raise SigningError(f"{target} is inside the package that is copied: give a place outside it")
    if _is_taken(module) and not _is_package(place.parent):
        raise SigningError(
            f"{name!r} is the name of a module of Python, or of a library that a copy imports, and would "
            "hide it: give another name, such as '_sigv4', or put it into a package (beside an __init__.py)"
        )
    if target.exists() and not (target.is_file() if single else target.is_dir()):
        expected = "a plain file" if single else "a folder"
        raise SigningError(f"{target} exists and is not {expected}: give another name")


def _is_importable(module: str) -> bool:
    if not module.isidentifier() or iskeyword(module):
        return False
    if module.startswith("__") and module.endswith("__"):  # __main__ and __pycache__ have other meanings
        return False
    # Python normalizes the names in a program, but not the names of files.
    return normalize("NFKC", module) == module


def _is_taken(module: str) -> bool:
    return module in sys.stdlib_module_names or module in _UNLISTED or module in _LIBRARIES


def _is_package(folder: Path) -> bool:
    return (folder / "__init__.py").is_file()
