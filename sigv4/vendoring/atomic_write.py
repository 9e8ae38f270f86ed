"""Writes files and folders completely, or not at all."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def place_file(path: Path, content: bytes) -> None:
    """Writes ``path``, and replaces an existing file. Raises OSError, which names ``path``."""
    if path.is_dir() or not path.parent.is_dir():
        number = errno.EISDIR if path.is_dir() else errno.ENOENT
        raise OSError(number, os.strerror(number), str(path if path.is_dir() else path.parent))
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def place_folder(path: Path, files: Mapping[str, bytes]) -> None:
    """Writes a folder of ``files`` (paths within it), and replaces an existing one. Raises OSError."""
    fresh = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}."))
    try:
        for name, content in files.items():
            target = fresh / "new" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        if path.exists():
            path.rename(fresh / "old")
        try:
            (fresh / "new").rename(path)
        except OSError:
            if (fresh / "old").exists():
                (fresh / "old").rename(path)
            raise
    finally:
        shutil.rmtree(fresh)
