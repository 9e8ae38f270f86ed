"""The processes of ``sigv4 conformance``: asked, started again, given a time limit and ended."""

from __future__ import annotations

import io
import json
import shlex
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sigv4 import SigningError
from sigv4.auditing.conformance import vector_cases
from sigv4.cli import conformance_program
from sigv4.cli.conformance_program import AllCases, EachCase
from tests.sigv4.cli.conforming import VECTORS

CASE = vector_cases((VECTORS / "signing_key.json").read_bytes())[0]


def test_a_line_before_the_question_is_an_error() -> None:
    program = shlex.join([sys.executable, "-c", "input(); print('an answer'); print('a banner')"])
    with AllCases(program) as ask:
        assert ask(CASE) == b"an answer\n"
        ask._reader.join()  # then the reader has read both lines
        with pytest.raises(SigningError, match="printed a line before it was asked: 'a banner'"):
            ask(CASE)


class Program:
    """Replaces a process: gives ``lines``, one for each question, and ends after them if ``ends``."""

    programs: list[Program]
    lines: tuple[bytes, ...] = ()
    ends = True
    stuck = False

    def __init__(self, words: list[str], **pipes: Any) -> None:
        self.words, self.pipes, self.told = words, pipes, io.BytesIO()
        self.done: list[Any] = []
        self.asked = threading.Event()
        self.stdin = SimpleNamespace(write=self.told.write, flush=self.asked.set, close=self._close)
        self.stdout = Lines(self)
        self.programs.append(self)

    def _close(self) -> None:
        self.done.append("input closed")
        self.ends = True
        self.asked.set()

    def wait(self, timeout: float | None = None) -> int:
        self.done.append(timeout)
        if self.stuck and "killed" not in self.done:
            raise subprocess.TimeoutExpired("", 1)
        return 0

    def kill(self) -> None:
        self.done.append("killed")


class Lines:
    def __init__(self, program: Program) -> None:
        self._program = program

    def __iter__(self) -> Iterator[bytes]:
        self._program.asked.wait()
        yield from self._program.lines
        while not self._program.ends:
            self._program.asked.clear()
            self._program.asked.wait()

    def close(self) -> None:
        self._program.done.append("closed")


@pytest.fixture
def programs(monkeypatch: pytest.MonkeyPatch) -> list[Program]:
    monkeypatch.setattr(Program, "programs", [], raising=False)
    monkeypatch.setattr(subprocess, "Popen", Program)
    return Program.programs


PARTS_OF_AN_END = ["input closed", 2, "closed"]


def test_a_program_is_asked_in_lines_and_started_three_times(
    programs: list[Program], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Program, "lines", (b"an answer\n",))
    with AllCases("name 'a b'") as ask:
        for number in range(3):
            assert ask(CASE) == b"an answer\n"
            ask._reader.join()
            with pytest.raises(SigningError, match="the program ended without an answer"):
                ask(CASE)
            assert len(programs) == number + 1
        with pytest.raises(SigningError, match="has ended three times: it is not started again"):
            ask(CASE)
    question = json.dumps(CASE.question()).encode() + b"\n"
    for each in programs:
        assert (each.words, each.pipes) == (
            ["name", "a b"],
            {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE},
        )
        assert each.told.getvalue() == question * 2
        assert each.done == PARTS_OF_AN_END


@pytest.mark.parametrize("stuck", [False, True])
def test_a_program_that_does_not_answer_is_closed_and_then_killed(
    programs: list[Program], monkeypatch: pytest.MonkeyPatch, stuck: bool
) -> None:
    monkeypatch.setattr(Program, "ends", False)
    monkeypatch.setattr(Program, "stuck", stuck)
    monkeypatch.setattr(conformance_program, "_SECONDS", 0)
    with AllCases("name") as ask, pytest.raises(SigningError, match="took more than 0 s"):
        ask(CASE)
    assert programs[0].done == (["input closed", 2, "killed", None, "closed"] if stuck else PARTS_OF_AN_END)


def test_a_program_that_is_started_for_each_case_has_thirty_seconds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(words: list[str], **options: Any) -> Any:
        assert (words, options["timeout"]) == (["name"], 30)
        raise subprocess.TimeoutExpired(words, 30)

    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(SigningError, match=r"^the program took more than 30 s$"):
        EachCase("name", tmp_path)(CASE)
