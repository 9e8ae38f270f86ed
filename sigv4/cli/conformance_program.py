"""Runs another signer for ``sigv4 conformance``: one process for each case, or one for all cases."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import shlex
import subprocess
import threading
from pathlib import Path
from typing import IO

from ..auditing.conformance_case import Case
from ..errors import SigningError
from ..scope import format_timestamp

_SECONDS = 30


class EachCase:
    """Starts ``command`` once per case, with the case in files, placeholders and the environment."""

    def __init__(self, command: str, folder: Path) -> None:
        self._words = _words(command)
        self._folder = folder

    def __call__(self, case: Case) -> bytes:
        """The program's output. Raises SigningError if it fails."""
        request, question = self._folder / "request.http", self._folder / "case.json"
        if any("{request}" in word for word in self._words):
            request.write_bytes(case.raw())
        question.write_text(json.dumps(case.question()), "utf-8")
        values = _values(case)
        words = self._words
        for name, value in {**values, "request": str(request), "case": str(question)}.items():
            words = [word.replace(f"{{{name}}}", value) for word in words]
        try:
            done = subprocess.run(  # noqa: S603 (the words of the user, no shell)
                words, env=_environment(case, values), capture_output=True, timeout=_SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            raise SigningError(f"the program took more than {_SECONDS} s") from None
        if done.returncode:
            said = done.stderr[-200:].decode(errors="replace")
            raise SigningError(f"the program ended with {done.returncode}: {said}")
        return done.stdout


def _words(command: str) -> list[str]:
    """The words of ``command``, as a shell splits them. Raises SigningError."""
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise SigningError(f"the program {command[:80]!r} cannot be split into words: {error}") from None
    if not words:
        raise SigningError("the program is empty: expected a command, such as 'node my-signer.mjs'")
    return words


def _values(case: Case) -> dict[str, str]:
    return {
        "service": case.service,
        "region": case.region,
        "region_set": case.region_set,
        "algorithm": case.algorithm,
        "operation": case.operation,
        "url": case.request.url,
        "time": format_timestamp(case.at),
        "expires": str(case.expires or ""),
    }


def _environment(case: Case, values: dict[str, str]) -> dict[str, str]:
    keys = case.credentials
    return {
        **os.environ,
        "AWS_ACCESS_KEY_ID": keys.access_key_id,
        "AWS_SECRET_ACCESS_KEY": keys.secret_access_key,
        "AWS_SESSION_TOKEN": keys.session_token or "",
        "SIGV4_TOKEN_NAME": keys.token_name,
        "AWS_REGION": case.region,
        **{f"SIGV4_{name.upper()}": value for name, value in values.items()},
    }


class AllCases:
    """Starts ``command`` once, writes one question per line and reads one answer per line (JSON).

    A program that ends is started again for the next case, at most three times.
    """

    def __init__(self, command: str) -> None:
        self._words = _words(command)
        self._process: subprocess.Popen[bytes] | None = None
        self._lines: queue.Queue[bytes] = queue.Queue()
        self._reader = threading.Thread()
        self._starts = 0

    def __enter__(self) -> AllCases:
        return self

    def __exit__(self, *error: object) -> None:
        self._end()

    def __call__(self, case: Case) -> bytes:
        """The program's answer. Raises SigningError if there is none."""
        process = self._process or self._start()
        self._check_silent()
        question = json.dumps(case.question()).encode("ascii") + b"\n"
        try:
            _pipe(process.stdin).write(question)
            _pipe(process.stdin).flush()
            line = self._lines.get(timeout=_SECONDS)
        except OSError:
            line = b""
        except queue.Empty:
            self._end()
            raise SigningError(f"the program took more than {_SECONDS} s") from None
        if not line:
            self._end()
            raise SigningError("the program ended without an answer")
        return line

    def _check_silent(self) -> None:
        """Raises SigningError if the program printed a line too many: it would shift all later answers."""
        try:
            line = self._lines.get_nowait()
        except queue.Empty:
            return
        if not line:
            self._lines.put(line)  # it has ended
            return
        self._end()
        shown = line[:60].decode(errors="replace").rstrip("\n")
        raise SigningError(f"the program printed a line before it was asked: {shown!r}")

    def _start(self) -> subprocess.Popen[bytes]:
        if self._starts == 3:
            raise SigningError("the program has ended three times: it is not started again")
        self._starts += 1
        process = subprocess.Popen(self._words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603 (as above)
        lines = self._lines = queue.Queue()

        def read() -> None:
            for line in _pipe(process.stdout):
                lines.put(line)
            lines.put(b"")

        self._reader = threading.Thread(target=read, daemon=True)
        self._reader.start()
        self._process = process
        return process

    def _end(self) -> None:
        """Closes the program's input, and ends the program if it does not end by itself."""
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(OSError):
            _pipe(process.stdin).close()
        try:
            process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self._reader.join()
        _pipe(process.stdout).close()


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    """The stream, which is None only if Popen was called without a pipe."""
    if stream is None:
        raise ValueError("the program was started without this pipe")
    return stream
