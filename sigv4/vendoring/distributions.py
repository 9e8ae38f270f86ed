"""Collects the files of installed distributions and of their requirements, for a layer."""

from __future__ import annotations

from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path, PurePosixPath

from ..errors import MissingDependency, SigningError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_COMPILED = (".so", ".pyd", ".dll", ".dylib")
# Files that the installer wrote, which describe this machine only.
_OF_THE_INSTALLER = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json")


def with_requirements(name: str, minor: int) -> dict[str, bytes]:
    """The files of distribution ``name`` and its requirements for Python 3.``minor``, with licences.

    Raises MissingDependency if one is not installed, SigningError if one is not pure Python.
    """
    files: dict[str, bytes] = {}
    waiting, seen = [name], set()
    while waiting:
        each = waiting.pop()
        if each in seen:
            continue
        seen.add(each)
        try:
            found = distribution(each)
        except PackageNotFoundError:
            raise MissingDependency(each, name) from None
        files.update(_files(found, each))
        waiting += _required(found, minor)
    return dict(sorted(files.items()))


def _files(found: Distribution, name: str) -> Iterator[tuple[str, bytes]]:
    if found.files is None:
        raise SigningError(f"{name} does not say which files are its own: install it with pip")
    for file in found.files:
        path = PurePosixPath(file)
        if path.suffix in _COMPILED:
            raise SigningError(
                f"{name} {found.version} holds the compiled extension {path}, which fits one platform: "
                "a layer may hold only pure Python; install a version without it"
            )
        # Scripts are outside site-packages: their paths begin with "..".
        if path.is_absolute() or ".." in path.parts or path.suffix == ".pyc":
            continue
        if path.parts[0].endswith(".dist-info") and path.name in _OF_THE_INSTALLER:
            continue
        yield str(path), Path(str(found.locate_file(file))).read_bytes()


def _required(found: Distribution, minor: int) -> Iterator[str]:
    for line in found.requires or ():
        requirement, _, marker = line.partition(";")
        if _holds(marker.strip(), minor, line):
            end = next(
                (i for i, char in enumerate(requirement) if not (char.isalnum() or char in "-_.")), None
            )
            yield requirement[:end].strip()


def _holds(marker: str, minor: int, line: str) -> bool:
    """Whether the PEP 508 ``marker`` of a requirement is true, for Python 3.``minor`` and without extras.

    Raises SigningError for a marker that asks for anything else, and shows ``line``.
    """
    if not marker:
        return True
    words = marker.replace("(", " ").replace(")", " ").replace('"', "'").split()
    if "extra" in words and " or " not in marker:
        return False
    bound = words[2].strip("'") if len(words) == 3 else ""
    if words[0] == "python_version" and bound.startswith("3.") and bound[2:].isdigit():
        difference = minor - int(bound[2:])
        judged = {
            "<": difference < 0, "<=": difference <= 0, ">": difference > 0, ">=": difference >= 0,
            "==": difference == 0, "!=": difference != 0,
        }  # fmt: skip
        if words[1] in judged:
            return judged[words[1]]
    raise SigningError(f"{line!r} is a requirement with a condition that is not understood here: report it")
