"""Writes files and folders completely, or not at all."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_TEMPORARY = ".sigv4-"


def place_file(path: Path, content: bytes) -> None:
    """Writes the file ``path``, and replaces an existing one; for a link, the file that it points to.

    Raises OSError, which names ``path``; a device or a pipe is refused, too.
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
        except BaseException:  # among them a signal, which may come after the file was placed
            with suppress(FileNotFoundError):
                os.unlink(name)
            raise


def place_folder(path: Path, files: Mapping[str, bytes]) -> None:
    """Writes the folder ``path``, and replaces an existing one; for a link, the folder that it points to.

    ``files`` has the content of each file by its path in the folder. Raises OSError, which names ``path``.
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
            (fresh / "new").rename(place)
        finally:  # also at a signal, which may come after each of the steps
            if (fresh / "old").exists() and not place.exists():
                (fresh / "old").rename(place)
            shutil.rmtree(fresh)


def _real(path: Path, *, is_folder: bool = False) -> Path:
    """``path`` with links resolved. Raises OSError if a file was expected and this is a folder, and if the
    parent folder is missing.
    """
    place = Path(os.path.realpath(path))
    if place.is_dir() and not is_folder:
        raise OSError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not place.parent.is_dir():
        number = errno.ENOTDIR if place.parent.exists() else errno.ENOENT
        raise OSError(number, os.strerror(number), str(path.parent))
    return place


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Makes an OSError name ``path``, or its parent if that is missing, and never a temporary file."""
    try:
        yield
    except OSError as error:
        missing = error.filename == str(path.parent)
        raise OSError(error.errno, error.strerror, str(path.parent if missing else path)) from error
