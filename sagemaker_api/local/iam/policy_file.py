"""Reads a policy from a file."""

from __future__ import annotations

from pathlib import Path

from sigv4.errors import printable

from ...errors import ConfigError
from .policy import Policy

_LONGEST = (1 << 20) + 1


def read_policy(name: str | Path, kind: str = "") -> Policy:
    """The identity policy in the JSON file ``name``, which is also its name in decisions and errors.

    ``kind`` limits its size as in ``Policy.parse``. Raises ConfigError for a file that cannot be read or
    holds no policy.
    """
    return Policy.parse(read_file(name), shown(name), kind)


def read_file(name: str | Path) -> bytes:
    """The beginning of a file, up to more than the size limit. Raises ConfigError."""
    if name == "":  # Path would read "" as "."
        raise ConfigError("the name of a file is empty: expected that of a JSON file")
    try:
        with Path(name).open("rb") as file:
            return file.read(_LONGEST)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise ConfigError(f"{shown(name)}: {reason}") from None


def shown(name: str | Path) -> str:
    """The name of a file, safe for a terminal."""
    return printable(str(name), "?")
