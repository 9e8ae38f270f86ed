"""Several processes for one verb: none is left over, and one that is killed causes an error, not a traceback."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import closing
from multiprocessing import Process, active_children
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sigv4.cli import worker_processes
from sigv4.cli.worker_processes import in_processes
from sigv4.errors import SigningError

ROOT = Path(__file__).parents[3]


def test_a_few_items_are_given_ahead_and_come_back_in_their_order() -> None:
    assert list(in_processes(str, range(40), 2)) == [(number, str(number)) for number in range(40)]
    items = iter(range(100))
    with closing(in_processes(str, items, 2)) as results:
        assert next(results) == (0, "0")
        assert next(items) == 32
    assert list(in_processes(str, [], 2)) == []


def test_no_more_processes_are_started_than_there_are_items() -> None:
    with closing(in_processes(_square, [1, 2], 8)) as results:
        assert next(results) == (1, 1)
        assert len(active_children()) == 2


def test_a_process_leaves_ctrl_c_to_its_parent_and_ends_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[object] = []
    told: list[tuple[int, Any]] = []
    parent = SimpleNamespace(join=lambda: done.append("the parent has ended"))

    def thread(target: Any, args: tuple[Any], daemon: bool) -> Any:
        assert daemon
        return SimpleNamespace(start=lambda: target(*args))

    monkeypatch.setattr("multiprocessing.parent_process", lambda: parent)
    monkeypatch.setattr(os, "_exit", done.append)
    monkeypatch.setattr("threading.Thread", thread)
    monkeypatch.setattr(signal, "signal", lambda *each: told.append(each))
    worker_processes._begin()
    assert told == [
        (signal.SIGINT, signal.SIG_IGN),
        (signal.SIGTERM, signal.SIG_DFL),
        (signal.SIGHUP, signal.SIG_DFL),
    ]
    assert done == ["the parent has ended", 1]


def _killed_at_three(item: int) -> int:
    if item == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return item * item


def _square(item: int) -> int:
    return item * item


def _killed_at_large(item: bytes) -> int:
    if len(item) > 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return len(item)


def _refused(item: int) -> int:
    if item == 2:
        raise SigningError("the item is 2")
    return item


def _forever_from_one(item: int) -> int:
    while item:
        signal.pause()
    return item


def test_a_process_that_is_killed_is_an_error_that_says_what_was_done() -> None:
    found: list[tuple[int, int]] = []
    with pytest.raises(SigningError, match=r"one of the 1 processes was killed.*examined before that: 3"):
        found.extend(in_processes(_killed_at_three, range(100), 1))
    assert found == [(0, 0), (1, 1), (2, 4)]
    assert not active_children()


def _first_killed_after_last(item: tuple[int, Path]) -> int:
    """The first item's process kills itself when the last item has been examined."""
    number, ended = item
    if number == 4:
        ended.touch()
    while number == 0:
        if ended.exists():
            os.kill(os.getpid(), signal.SIGKILL)
    return number


def test_no_item_comes_after_one_that_was_not_examined(tmp_path: Path) -> None:
    items = [(number, tmp_path / "ended") for number in range(5)]
    found: list[object] = []
    with pytest.raises(SigningError, match=r"one of the 2 processes was killed.*examined before that: 0\)"):
        found.extend(in_processes(_first_killed_after_last, items, 2))
    assert found == []


def test_a_process_may_be_killed_while_a_large_item_is_sent() -> None:
    """The item is larger than the buffer of a pipe, so that it cannot be written to a process that is gone."""
    for at in (0, 1, 40):
        items = [b"x"] * at + [b"x" * 5_000_000] * 40
        with pytest.raises(SigningError, match=r"one of the 2 processes was killed"):
            list(in_processes(_killed_at_large, items, 2))
    assert not active_children()


def test_an_error_of_the_function_is_raised_in_its_turn() -> None:
    results = in_processes(_refused, range(9), 2)
    assert [next(results), next(results)] == [(0, 0), (1, 1)]
    with pytest.raises(SigningError, match="the item is 2"):
        next(results)
    assert not active_children()


def test_the_processes_end_with_the_iterator_in_the_middle_of_their_work() -> None:
    results = in_processes(_forever_from_one, [0, 1, 2], 2)
    with closing(results):
        assert next(results) == (0, 0)
        assert active_children()
    assert not active_children()


def test_processes_of_the_caller_continue_to_run() -> None:
    own = Process(target=signal.pause)
    own.start()
    try:
        with closing(in_processes(_forever_from_one, [0, 1, 2], 2)) as results:
            assert next(results) == (0, 0)
        assert active_children() == [own]
    finally:
        own.kill()
        own.join()


@pytest.mark.slow
@pytest.mark.parametrize("start", ["fork", "forkserver"])
def test_the_processes_end_when_the_one_that_started_them_is_killed(start: str) -> None:
    """They share its standard output, which closes when the last of them ends. Python 3.14 has a fork server."""
    program = (
        "import multiprocessing, os, signal\n"
        f"multiprocessing.set_start_method({start!r})\n"
        "from sigv4.cli.worker_processes import in_processes\n"
        "from tests.sigv4.cli.test_worker_processes import _forever_from_one\n"
        "for item, _ in in_processes(_forever_from_one, [0, 1, 2], 2):\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (-signal.SIGKILL, b"")
