"""``credential_process``: runs a program that prints credentials.

Source: AWS SDKs and Tools Reference Guide, "Process credential provider".
"""

from __future__ import annotations

import shlex
import subprocess
import threading
import time

from ..config.settings import number, text
from ..errors import ConfigError, CredentialsError, printable
from .answers import credentials_in, json_object

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeAlias

    from ..config.file_grammar import Section
    from ..config.settings import Setting
    from ..credentials import Credentials

    # A command's words -> exit code, standard output, standard error.
    Run: TypeAlias = Callable[[list[str]], tuple[int, bytes, bytes]]

SECONDS = 60.0
_LONGEST = 1 << 20
_WITHIN_PATHS = "/.-_+"
_LIMIT = ": credential_process_timeout in the profile sets the limit"


def seconds_of(section: Section, environ: Mapping[str, str]) -> float:
    """How long a program may take: ``AWS_CREDENTIAL_PROCESS_TIMEOUT``, the profile's
    ``credential_process_timeout``, or 60 seconds. Raises ConfigError.
    """
    return float(limit_setting(section, environ).value)


def limit_setting(section: Section, environ: Mapping[str, str]) -> Setting:
    """The limit of ``seconds_of`` with its origin. Raises ConfigError."""
    found = text("credential_process_timeout", section, environ, "AWS_CREDENTIAL_PROCESS_TIMEOUT")
    expected = "seconds, more than 0 and at most 86400"
    return found.read_as(number(found, "credential_process_timeout", SECONDS, 86400, expected))


def run(words: list[str], seconds: float = SECONDS) -> tuple[int, bytes, bytes]:
    """Runs the program without a shell; it may ask on the terminal. Raises CredentialsError.

    It is killed if it prints more than 1 MiB or takes longer than ``seconds``. Another program that inherited
    its output is not waited for.
    """
    try:
        program = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # noqa: S603 (no shell)
    except OSError as error:
        fault = f"credential_process: {words[0]!r}: {error.strerror}"
        raise CredentialsError(fault) from None
    try:
        output, errors = _Reader(program, "stdout"), _Reader(program, "stderr")
    except RuntimeError:  # no thread can be started: at a limit, or while Python shuts down
        program.kill()
        program.communicate()  # this closes the pipes
        raise CredentialsError(f"credential_process: {words[0]!r}: no thread can be started") from None
    ends = time.monotonic() + seconds
    output.thread.join(seconds)
    errors.thread.join(max(0.0, ends - time.monotonic()))
    try:
        code = program.wait(max(0.0, ends - time.monotonic()))
    except subprocess.TimeoutExpired:
        fault = f"credential_process: {words[0]!r} took more than {seconds:g} s{_LIMIT}"
    else:
        if not (output.is_too_long or errors.is_too_long or output.thread.is_alive()):
            return code, bytes(output.read), bytes(errors.read)
        fault = f"credential_process: {words[0]!r} printed more than {_LONGEST} bytes"
        if output.thread.is_alive():
            fault = f"credential_process: {words[0]!r} took more than {seconds:g} s{_LIMIT}"
    finally:
        program.kill()
        program.wait()
        for reader in (output, errors):  # they end with the program, unless another one inherited its output
            reader.thread.join(1)
    del output, errors, reader  # what the program printed is not in the locals of the raised error
    raise CredentialsError(fault)


class _Reader:
    """Reads one output of a program in a thread; if it is too long, the program is killed."""

    def __init__(self, program: subprocess.Popen[bytes], name: str) -> None:
        self.read = bytearray()
        self.is_too_long = False
        self._program, self._pipe = program, getattr(program, name)
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        with self._pipe:
            while block := self._pipe.read1(65536):
                self.read += block
                if len(self.read) > _LONGEST:
                    self.is_too_long = True
                    self._program.kill()
                    return


def _without_secrets(said: str) -> str:
    """``said`` with ``***`` for each word that holds what looks like a key or a token."""
    return " ".join("***" if _holds_secret(word) else word for word in said.split(" "))


def _holds_secret(word: str) -> bool:
    """Whether a part of ``word`` looks like a secret: 40 characters of Base64, like a secret access key, or
    32 letters and digits in a row.
    """
    parts = "".join([char if char.isalnum() or char in _WITHIN_PATHS else " " for char in word]).split()
    runs = [run for part in parts for run in "".join([c if c.isalnum() else " " for c in part]).split()]
    return any(len(part) == 40 and _is_mixed(part) and part.isascii() for part in parts) or any(
        len(run) >= 32 and not run.isalpha() and not run.isdigit() for run in runs
    )


def _is_mixed(text: str) -> bool:
    return any(map(str.isdigit, text)) and any(map(str.isupper, text)) and any(map(str.islower, text))


def find(command: str, origin: str, run: Run = run) -> Credentials:
    """Parses the program's output, JSON of Version 1. Raises CredentialsError, without the output."""
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise ConfigError(f"{origin}: credential_process: {error}") from None
    if not words:
        raise ConfigError(f"{origin}: credential_process is empty")
    code, output, errors = run(words)
    if code:
        output = b""
        said = _without_secrets(printable(errors.decode("utf-8", "replace"), " ").strip())[-300:]
        errors = b""
        ended = f"ended with {code}" if code > 0 else f"was ended by signal {-code}"
        said = said or f"{words[0]!r} {ended}, and printed no error"
        raise CredentialsError(f"Error when retrieving credentials from custom-process: {said}")
    if not output.strip():
        raise CredentialsError(f"credential_process: {words[0]!r} printed nothing: expected a JSON object")
    try:
        found = json_object(output, "credential_process")
    finally:
        output = b""  # it holds the secret: hidden from tracebacks with locals
    version = found.get("Version", "<Version key not provided>")
    if version != 1:
        found = {}
        raise CredentialsError(
            f"Unsupported version '{str(version)[:40]}' for credential process provider, "
            f"supported versions: 1{', a number, not text' if version == '1' else ''}"
        )
    try:
        return credentials_in(found, "credential_process", "SessionToken")
    finally:
        found = {}
