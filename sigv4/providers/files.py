"""Reads small files with tokens without blocking, and replaces them atomically."""

from __future__ import annotations

import os
import stat
import time
from contextlib import suppress

from ..errors import CredentialsError

_LONGEST = 1 << 16
_ABANDONED = 60.0  # seconds after which an incomplete file counts as abandoned, if locks are not available


def read_file(path: str) -> bytes:
    """The content of a regular file; a pipe or device is refused. Raises CredentialsError naming the path."""
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
        with os.fdopen(handle, "rb") as file:
            if stat.S_ISREG(os.fstat(handle).st_mode):
                return file.read(_LONGEST)
        fault = f"{path}: it is not a regular file"
    except OSError as error:
        fault = f"{path}: {error.strerror}"
    raise CredentialsError(fault)


def write_file(path: str, data: bytes) -> None:
    """Replaces the file in one step, readable only by its owner; on failure the old file is unchanged.

    Temporary files of earlier, killed writes are removed.
    """
    folder, name = os.path.split(path)
    with suppress(OSError):
        os.makedirs(folder, mode=0o700, exist_ok=True)
        _remove_abandoned(folder, f".{name}.")
        _replace(path, data, folder, f".{name}.")


def _replace(path: str, data: bytes, folder: str, prefix: str) -> None:
    import tempfile

    handle, temporary = tempfile.mkstemp(prefix=prefix, dir=folder)  # mode 0600
    try:
        with os.fdopen(handle, "wb") as file:
            _lock(handle)  # shows other processes that this file is being written, until it is closed
            file.write(data)
            file.flush()
            os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise


def _remove_abandoned(folder: str, prefix: str) -> None:
    """Removes the temporary files of processes that ended, since they hold a secret."""
    for name in os.listdir(folder):
        if name.startswith(prefix):
            with suppress(OSError):
                temporary = os.path.join(folder, name)
                handle = os.open(temporary, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
                try:
                    _lock(handle)  # raises OSError while another process writes the file
                    age = time.time() - os.fstat(handle).st_mtime
                finally:
                    os.close(handle)
                if _can_lock() or age > _ABANDONED:
                    os.unlink(temporary)


def _can_lock() -> bool:
    return os.name == "posix"


def _lock(handle: int) -> None:
    """Takes the file's lock. Raises OSError if another process has it."""
    if _can_lock():
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
