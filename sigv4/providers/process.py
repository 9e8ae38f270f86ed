"""``credential_process``: a program that prints credentials.

Source: AWS SDKs and Tools Reference Guide, "Process credential provider".
"""

from __future__ import annotations

import shlex
import subprocess

from ..errors import ConfigError, CredentialsError
from .answers import credentials_in, json_object, printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from ..credentials import Credentials

    # A command's words -> exit code, standard output, standard error.
    Run: TypeAlias = Callable[[list[str]], tuple[int, bytes, bytes]]

SECONDS = 60


def run(words: list[str]) -> tuple[int, bytes, bytes]:
    """Runs the program without a shell; it may ask on the terminal. Raises CredentialsError."""
    try:
        done = subprocess.run(words, capture_output=True, timeout=SECONDS, check=False)  # noqa: S603
    except subprocess.TimeoutExpired:
        fault = f"credential_process: {words[0]!r} took more than {SECONDS} s"
    except OSError as error:
        fault = f"credential_process: {words[0]!r}: {error.strerror}"
    else:
        return done.returncode, done.stdout, done.stderr
    raise CredentialsError(fault)


def find(command: str, origin: str, run: Run = run) -> Credentials:
    """What the program prints: JSON of Version 1. Its output stands in no error. Raises CredentialsError."""
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise ConfigError(f"{origin}: credential_process: {error}") from None
    if not words:
        raise ConfigError(f"{origin}: credential_process is empty")
    code, output, errors = run(words)
    if code:
        output = b""
        said = printable(errors[-300:].decode("utf-8", "replace"))
        raise CredentialsError(f"Error when retrieving credentials from custom-process: {said}")
    try:
        found = json_object(output, "credential_process")
    finally:
        output = b""  # it holds the secret: not in the locals of a raised error
    version = found.get("Version", "<Version key not provided>")
    if version != 1:
        found = {}
        raise CredentialsError(
            f"Unsupported version '{str(version)[:40]}' for credential process provider, "
            "supported versions: 1"
        )
    try:
        return credentials_in(found, "credential_process", "SessionToken")
    finally:
        found = {}
