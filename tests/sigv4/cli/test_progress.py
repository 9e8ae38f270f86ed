"""The progress that the command line shows on a terminal."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path

import pytest

from sigv4 import diagnose
from sigv4.cli import main
from sigv4.cli.progress import Progress, SearchProgress, StatusLine, followed
from tests.sigv4.auditing.entries import KEYS, WRONG, line, signed


class Terminal(io.StringIO):
    def __init__(self, is_terminal: bool = True) -> None:
        super().__init__()
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal


def test_progress_says_entries_elapsed_and_remaining_time() -> None:
    now, terminal = [0.0], Terminal()
    done: list[float | None] = [None]
    progress = Progress(lambda: done[0], terminal=terminal, clock=lambda: now[0])
    progress.step()
    assert terminal.getvalue() == ""
    now[0] = 30
    progress.step()
    assert terminal.getvalue() == "\r2 entries, 30 s elapsed"
    now[0], done[0] = 90, 0.25
    progress.step()
    assert terminal.getvalue().endswith("\r3 entries, 1 min 30 s elapsed, about 4 min 30 s remaining")
    progress.close()
    assert terminal.getvalue().endswith(" \r")
    silent = Terminal(False)
    other = Progress(terminal=silent, clock=lambda: now[0])
    now[0] = 1000
    other.step()
    other.close()
    assert silent.getvalue() == ""


@pytest.mark.parametrize("columns", [10, 30, 0])
def test_no_line_is_wider_than_the_terminal(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest of a wider line would be on the next line, and would not be removed."""
    terminal = Terminal()
    monkeypatch.setattr(terminal, "fileno", lambda: 2)
    monkeypatch.setattr("os.get_terminal_size", lambda _: os.terminal_size((columns, 24)))
    line = StatusLine(terminal)
    for text in ("a" * 20, "b" * 100, "c"):
        line.write(text)
    line.clear()
    shown = terminal.getvalue().split("\r")
    assert max(map(len, shown)) == (columns - 1 if columns else 100)
    assert shown[-1] == "" == shown[-2].strip()


@pytest.mark.parametrize("stream", [None, Terminal(False), Terminal()], ids=["closed", "a file", "dumb"])
def test_nothing_is_shown_where_a_line_cannot_be_removed(
    stream: Terminal | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "dumb")
    line = StatusLine(stream)
    line.write("a")
    line.clear()
    assert stream is None or stream.getvalue() == ""


def test_the_progress_of_cases_is_shown_and_removed() -> None:
    now, terminal = [0.0], Terminal()
    progress = Progress(terminal=terminal, clock=lambda: now[0])
    for number in followed(range(3), 3, progress):
        now[0] += 1 + number
    assert terminal.getvalue().count("entries") == 2
    assert terminal.getvalue().endswith("\r")
    assert list(followed("ab", 2)) == ["a", "b"]


def test_a_long_search_says_what_is_tried_and_how_far_it_is() -> None:
    told: list[tuple[str, int, int]] = []
    diagnose(*signed(1), credentials=WRONG, progress=lambda *each: told.append(each))
    assert len(told) > 50
    assert all(what.startswith("two faults at once, ") for what, _, _ in told)
    assert [tried for _, tried, _ in told] == sorted(tried for _, tried, _ in told)
    assert all(0 <= tried <= total for _, tried, total in told)
    first, last = told[0][2], told[-1]
    assert last[1] == last[2] > 0, "at the end everything was tried"
    assert first / 2 < last[2] < first * 2, "and the estimate was near"
    told.clear()
    diagnose(*signed(1), credentials=KEYS, progress=lambda *each: told.append(each))
    assert told == [], "nothing had to be searched for"


def test_the_search_is_shown_only_on_a_terminal() -> None:
    now = [0.0]
    for terminal in (Terminal(), Terminal(False)):
        now[0] = 0
        search = SearchProgress(Progress(terminal=terminal, clock=lambda: now[0]))
        search.told("pairs", 1000, 4000)
        assert terminal.getvalue() == ""
        now[0] = 3
        search.told("pairs", 2000, 4000)
        shown = "\rpairs: 2,000 of about 4,000 tried, 3 s elapsed" if terminal.isatty() else ""
        assert terminal.getvalue() == shown
    search = SearchProgress()
    for tried, total, part in ((1, 4, 0.25), (1, 1, 1.0), (0, 0, 0.0)):
        search.told("pairs", tried, total)
        assert search.progress.fraction() == part


@pytest.mark.slow
def test_diagnose_shows_its_search_on_the_terminal_and_not_in_its_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    capture = tmp_path / "capture.jsonl"
    capture.write_text("\n".join(line(signed(number)) for number in range(3)))
    (tmp_path / "secret").write_text("another-secret")
    flags = ["--access-key-id", KEYS.access_key_id, "--secret-file", str(tmp_path / "secret"), "--json"]
    monkeypatch.setattr("sigv4.cli.progress._EVERY", 0)  # every step is shown
    for is_terminal in (True, False):
        terminal = Terminal(is_terminal)
        monkeypatch.setattr("sys.stderr", terminal)
        assert main(["diagnose", str(capture), "--entry", "2", *flags]) == 1
        assert json.loads(capsys.readouterr().out)["verdict"] == "wrong"
        shown = terminal.getvalue()
        assert ("2 entries, 0 s elapsed" in shown) is is_terminal
        assert ("two faults at once, FAIL-" in shown) is is_terminal
        assert ("remaining" in shown) is is_terminal
        assert shown.endswith("\r") is is_terminal
