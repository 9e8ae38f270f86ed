"""Reads standard input. Python has none, or no standard output, if the shell closed it (``<&-``, ``>&-``)."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import IO

CLOSED = "standard output is closed: redirect it, to /dev/null if the result is not wanted"


def standard_input() -> IO[bytes]:
    """Raises OSError if it is closed."""
    if sys.stdin is None:
        raise OSError("standard input is closed: give a file, or redirect the input")
    return sys.stdin.buffer


def read_bytes(name: str) -> bytes:
    """The bytes of a file, or of standard input for ``-``. Raises OSError."""
    return standard_input().read() if name == "-" else Path(name).read_bytes()
