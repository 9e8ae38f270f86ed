"""A policy in a file of its own."""

from __future__ import annotations

from pathlib import Path

from sigv4.errors import printable

from ...errors import ConfigError
from .policy import Policy

_LONGEST = (1 << 20) + 1


def read_policy(name: str | Path, kind: str = "") -> Policy:
    """The identity policy in the JSON file ``name``, which is what decisions and errors call it.

    ``kind`` bounds its size as ``Policy.parse`` says. Raises ConfigError for a file that cannot be read or
    holds no policy.
    """
    return Policy.parse(read_file(name), shown(name), kind)


def read_file(name: str | Path) -> bytes:
    """The start of a file, enough for what is read here. Raises ConfigError."""
    try:
        with Path(name).open("rb") as file:
            return file.read(_LONGEST)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise ConfigError(f"{shown(name)}: {reason}") from None


def shown(name: str | Path) -> str:
    """The name of a file, as a terminal may show it."""
    return printable(str(name), "?")
