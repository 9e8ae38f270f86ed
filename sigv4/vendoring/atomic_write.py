"""Files put in their place whole, or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def place_file(path: Path, content: bytes) -> None:
    """Write ``path``, in place of one that is there. Raises OSError."""
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
    """Write a folder of ``files`` (paths within it), in place of one that is there. Raises OSError."""
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
