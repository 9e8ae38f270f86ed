"""Writes files and folders completely, or not at all."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_TEMPORARY = ".sigv4-"


def place_file(path: Path, content: bytes) -> None:
    """Writes ``path``, and replaces an existing file; a link stays, and what it leads to is replaced.

    Raises OSError, which names ``path``; also for a device or a pipe.
    """
    with _named(path):
        place = _real(path)
        if place.exists() and not place.is_file():
            raise OSError(errno.EINVAL, "Not a plain file")
        handle, name = tempfile.mkstemp(dir=place.parent, prefix=_TEMPORARY)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            os.chmod(name, 0o644)
            os.replace(name, place)
        except BaseException:
            os.unlink(name)
            raise


def place_folder(path: Path, files: Mapping[str, bytes]) -> None:
    """Writes a folder of ``files`` (paths within it), and replaces an existing one; a link stays.

    Raises OSError, which names ``path``.
    """
    with _named(path):
        place = _real(path, is_folder=True)
        fresh = Path(tempfile.mkdtemp(dir=place.parent, prefix=_TEMPORARY))
        try:
            for name, content in files.items():
                target = fresh / "new" / name
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
            if place.exists():
                place.rename(fresh / "old")
            try:
                (fresh / "new").rename(place)
            except BaseException:
                if (fresh / "old").exists():
                    (fresh / "old").rename(place)
                raise
        finally:
            shutil.rmtree(fresh)


def _real(path: Path, *, is_folder: bool = False) -> Path:
    """Where ``path`` leads. Raises OSError for a folder in place of a file, and without a parent."""
    place = Path(os.path.realpath(path))
    if place.is_dir() and not is_folder:
        raise OSError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not place.parent.is_dir():
        number = errno.ENOTDIR if place.parent.exists() else errno.ENOENT
        raise OSError(number, os.strerror(number), str(path.parent))
    return place


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Errors name ``path``, or its parent if that does not exist, in place of a temporary file."""
    try:
        yield
    except OSError as error:
        missing = error.filename == str(path.parent)
        raise OSError(error.errno, error.strerror, str(path.parent if missing else path)) from error
