"""The locks that are taken before a fork, and the order of the waits; without a fork. tests/attacks has tests with forks."""

from __future__ import annotations

import os
import pickle
import sys
import threading
from types import SimpleNamespace
from typing import Any

import pytest

from sigv4.network import forks
from sigv4.network.forks import ProcessLock


class Lock:
    """A lock that records its calls; ``held`` says whether it is held."""

    def __init__(self, done: list[str], name: str, held: bool = False) -> None:
        self.done, self.name, self.held = done, name, held

    def locked(self) -> bool:
        return self.held

    def acquire(self) -> None:
        self.done.append(f"{self.name} acquired")


class Reentrant(Lock):
    """A lock like an RLock, which its thread may take twice."""

    def _is_owned(self) -> bool:
        return self.held

    def locked(self) -> bool:
        raise AssertionError("an RLock has it from Python 3.14 on")

    def _release_save(self) -> str:
        self.done.append(f"{self.name} let go")
        return "state"

    def _acquire_restore(self, state: str) -> None:
        self.done.append(f"{self.name} taken back: {state}")


@pytest.mark.parametrize("logging_is_loaded", [True, False])
@pytest.mark.parametrize("owned", [True, False])
@pytest.mark.parametrize("thread_lock_owned", [True, False])
def test_a_fork_waits_for_modules_without_the_lock_of_logging(
    monkeypatch: pytest.MonkeyPatch, logging_is_loaded: bool, owned: bool, thread_lock_owned: bool
) -> None:
    done: list[str] = []
    threads = Lock(done, "threads", thread_lock_owned)
    logging = Reentrant(done, "logging", owned)
    found: dict[str, Any] = {"concurrent.futures.thread": SimpleNamespace(_global_shutdown_lock=threads)}
    if logging_is_loaded:
        found["logging"] = SimpleNamespace(_lock=logging)
    names = [("logging", "_lock"), ("concurrent.futures.thread", "_global_shutdown_lock")]
    monkeypatch.setattr(forks, "_FORK_LOCKS", names)
    monkeypatch.setattr(forks, "sys", SimpleNamespace(modules=found))
    monkeypatch.setattr(forks, "loading", Lock(done, "loading"))
    forks._wait()
    let_go = logging_is_loaded and owned
    expected = [
        *(["logging let go"] if let_go else []),
        "loading acquired",
        *(["logging taken back: state"] if let_go else []),
        *(["logging acquired"] if logging_is_loaded and not owned else []),
        *([] if thread_lock_owned else ["threads acquired"]),
    ]
    assert done == expected


def test_only_modules_that_were_not_loaded_before_have_their_locks_taken_here() -> None:
    assert {name for name, _ in forks._FORK_LOCKS} <= {"logging", "concurrent.futures.thread"}
    assert (
        dict(forks._FORK_LOCKS).items()
        <= {
            "logging": "_lock",
            "concurrent.futures.thread": "_global_shutdown_lock",
        }.items()
    )
    forks.load_threads()
    assert "concurrent.futures.thread" in sys.modules


def test_a_lock_is_taken_once_at_a_time() -> None:
    lock = ProcessLock()
    assert lock.try_acquire()
    assert not lock.try_acquire()
    lock.release()
    lock.release()  # as in a forked child whose parent held the lock
    assert lock.try_acquire()
    lock.release()
    with lock:
        assert not lock.try_acquire()
    assert lock.try_acquire()
    copied = pickle.loads(pickle.dumps(lock))
    assert copied.try_acquire()


def test_another_thread_waits_for_the_lock() -> None:
    lock, order = ProcessLock(), []

    def wait() -> None:
        with lock:
            order.append("thread")

    thread = threading.Thread(target=wait)
    with lock:
        thread.start()
        order.append("main")
    thread.join(60)
    assert order == ["main", "thread"]


def test_each_process_has_its_own_state(monkeypatch: pytest.MonkeyPatch) -> None:
    lock = ProcessLock()
    assert lock.try_acquire()
    monkeypatch.setattr(os, "getpid", lambda: -1)
    assert lock.try_acquire()
    assert not lock.try_acquire()
