"""Small files that hold a token."""

from __future__ import annotations

import os
from contextlib import suppress

from ..errors import CredentialsError

_LONGEST = 1 << 16


def read_file(path: str) -> bytes:
    """What the file holds. Raises CredentialsError naming it."""
    try:
        with open(path, "rb") as file:
            return file.read(_LONGEST)
    except OSError as error:
        fault = f"{path}: {error.strerror}"
    raise CredentialsError(fault)


def write_file(path: str, data: bytes) -> None:
    """Replaces the file whole, readable by its owner alone; where that fails the old one stays as it was."""
    import tempfile

    folder, name = os.path.split(path)
    temporary = ""
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=f".{name}.", dir=folder)  # mode 0600
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.replace(temporary, path)
    except BaseException as error:
        with suppress(OSError):
            os.unlink(temporary)
        if not isinstance(error, OSError):
            raise
