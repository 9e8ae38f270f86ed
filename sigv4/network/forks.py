"""Locks in a process that may be forked: a child has only the thread that forked."""

from __future__ import annotations

import os
import sys
import threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any


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
loading: threading.RLock = threading.RLock()

# Modules of Python that take a lock of theirs before a fork and let it go after it. The hook that was
# registered last runs first: those of a module that was loaded before this one run after _wait.
_FORK_LOCKS = [
    (name, lock)
    for name, lock in (("logging", "_lock"), ("concurrent.futures.thread", "_global_shutdown_lock"))
    if name not in sys.modules
]


def load_threads() -> None:
    """Loads what an event loop loads when it first starts a thread: ``run_in_executor``, ``getaddrinfo``."""
    with loading:
        import concurrent.futures.thread  # noqa: F401 (loaded for its hooks)


def _wait() -> None:
    """Before a fork: waits for a thread that loads modules, and holds nothing that this thread may wait for.

    The hook of logging has taken logging's lock by now, and httpx asks for that lock while it is loaded.
    A module that is loaded while this waits has not taken its lock for this fork, yet lets it go afterwards.
    """
    taken = [name for name, attribute in _FORK_LOCKS if _is_held(name, attribute)]
    logging_lock = getattr(sys.modules.get("logging"), "_lock", None)
    state = logging_lock._release_save() if logging_lock is not None and logging_lock._is_owned() else None
    loading.acquire()
    if logging_lock is not None and state is not None:
        logging_lock._acquire_restore(state)
    for name, attribute in _FORK_LOCKS:
        lock = getattr(sys.modules.get(name), attribute, None)
        if lock is not None and name not in taken:
            lock.acquire()


def _is_held(name: str, attribute: str) -> bool:
    """Whether the hook of the module has taken its lock. One that is still being loaded may have no hook."""
    lock: Any = getattr(sys.modules.get(name), attribute, None)
    if lock is None:
        return False
    is_owned = getattr(lock, "_is_owned", None)  # an RLock tells whether this thread holds it
    return bool(is_owned() if is_owned else lock.locked())


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_wait, after_in_parent=loading.release, after_in_child=loading.release)
