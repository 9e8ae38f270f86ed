"""Locks in a process that may be forked: a child has only the thread that forked."""

from __future__ import annotations

import os
import sys
import threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType


class ProcessLock:
    """A lock that every process has for itself: what another thread held when it was forked is free there."""

    __slots__ = ("_locks",)

    def __init__(self) -> None:
        self._locks: dict[int, threading.Lock] = {}

    def _own(self) -> threading.Lock:
        process = os.getpid()
        return self._locks.get(process) or self._locks.setdefault(process, threading.Lock())

    def try_acquire(self) -> bool:
        """Takes the lock where it is free."""
        return self._own().acquire(blocking=False)

    def release(self) -> None:
        lock = self._own()
        if lock.locked():  # not in a child that was forked while its thread held the parent's
            lock.release()

    def __enter__(self) -> None:
        self._own().acquire()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def __reduce__(self) -> tuple[type[ProcessLock], tuple[()]]:
        return ProcessLock, ()


# Held while modules are loaded. A fork waits for it: a child would wait for ever for a module that a thread
# of its parent was loading. Re-entrant, so that a thread that forks while it loads does not wait for itself.
loading = threading.RLock()

# Modules that take a lock of theirs before a fork and let it go after it.
_FORK_LOCKS = (("logging", "_lock"), ("concurrent.futures.thread", "_global_shutdown_lock"))


def _wait() -> None:
    """Before a fork. Python asks no module for its lock that came while this waited, yet lets it go later."""
    known = [name in sys.modules for name, _ in _FORK_LOCKS]
    loading.acquire()
    for (name, lock), was_known in zip(_FORK_LOCKS, known, strict=True):
        if not was_known and name in sys.modules:
            getattr(sys.modules[name], lock).acquire()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_wait, after_in_parent=loading.release, after_in_child=loading.release)
