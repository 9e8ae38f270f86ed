"""Standard input and output; Python has None for one that the shell closed (``<&-``, ``>&-``)."""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import IO

from ..errors import SigningError
from ..target import cut_url

CLOSED = "standard output is closed: redirect it, to /dev/null if the result is not wanted"


def standard_input() -> IO[bytes]:
    """Raises OSError if it is closed."""
    if sys.stdin is None:
        raise OSError("standard input is closed: give a file, or redirect the input")
    return sys.stdin.buffer


@contextmanager
def opened(name: str) -> Iterator[IO[bytes]]:
    """The file, closed at the end, or standard input for ``-``, which stays open. Raises OSError."""
    if name == "-":
        yield standard_input()
    else:
        with file_path(name).open("rb") as file:
            if _is_endless(file):
                raise OSError(errno.EINVAL, "Is a device: expected a file, a pipe or a terminal", name)
            yield file


def file_path(name: str) -> Path:
    """The path of a file that a flag names. Raises OSError for a URL and for an empty name, which Path
    reads as ``.``.
    """
    if cut_url(name)[0] in ("http", "https"):
        raise OSError(
            "a URL is given in place of a file (not shown): put it into a file, or pass it on standard input "
            "with '-', since every user of this machine sees arguments"
        )
    if not name:
        raise FileNotFoundError(errno.ENOENT, "the name of the file is empty", name)
    return Path(name)


def _is_endless(file: IO[bytes]) -> bool:
    """Whether ``file`` is a device that may never end, such as /dev/zero."""
    found = os.fstat(file.fileno())
    is_device = stat.S_ISCHR(found.st_mode) and not file.isatty()
    return is_device and found.st_rdev != os.stat(os.devnull).st_rdev


def read_bytes(name: str) -> bytes:
    """The bytes of a file, or of standard input for ``-``. Raises OSError."""
    with opened(name) as file:
        return file.read()


def one_from_stdin(what: str, secret_file: str | None, *names: str | None) -> None:
    """Raises SigningError if standard input is named twice.

    ``names`` are the files of ``what`` and, if it has one, of its answer.
    """
    if [*names, secret_file].count("-") > 1:
        other = "the secret" if secret_file == "-" else "its answer"  # noqa: S105 (a file name)
        raise SigningError(f"{what} and {other} cannot both come from standard input: give one a file")


def standard_output() -> IO[str]:
    """Raises OSError if it is closed."""
    if sys.stdout is None:
        raise OSError(CLOSED)
    return sys.stdout


def flush_output(text: str = "") -> None:
    """Writes ``text`` and what is buffered.

    Raises OSError that names standard output; the rest is then discarded.
    """
    try:
        if sys.stdout is not None:
            sys.stdout.write(text)
            sys.stdout.flush()
    except OSError as error:
        drop_output()
        raise OSError(error.errno, error.strerror, "standard output") from None


def escape_what_cannot_be_shown() -> None:
    """Makes both outputs escape the characters that their encoding does not have."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def drop_output() -> None:
    """Discards the rest of the output: Python flushes it at the end, and reports that nobody reads it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
