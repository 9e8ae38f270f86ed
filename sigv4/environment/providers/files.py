"""Small files that hold a token."""

from __future__ import annotations

from ...errors import CredentialsError

_LONGEST = 1 << 16


def read_file(path: str) -> bytes:
    """What the file holds. Raises CredentialsError naming it."""
    try:
        with open(path, "rb") as file:
            return file.read(_LONGEST)
    except OSError as error:
        fault = f"{path}: {error.strerror}"
    raise CredentialsError(fault)
