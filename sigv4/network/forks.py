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
    """A lock with one state per process: it is free in a child that was forked while a thread held it."""

    __slots__ = ("_locks",)

    def __init__(self) -> None:
        self._locks: dict[int, threading.Lock] = {}

    def _own(self) -> threading.Lock:
        process = os.getpid()
        return self._locks.get(process) or self._locks.setdefault(process, threading.Lock())

    def try_acquire(self) -> bool:
        """Takes the lock if it is free; returns whether it did."""
        return self._own().acquire(blocking=False)

    def release(self) -> None:
        lock = self._own()
        if lock.locked():  # false in a forked child whose thread held the parent's lock
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
# of its parent was loading. It is re-entrant, so a thread may fork while it loads a module.
loading: threading.RLock = threading.RLock()

# Modules of Python that take a lock before a fork and release it after the fork. The hook that was registered
# last runs first, so hooks of modules that were loaded before this one run after _wait.
_FORK_LOCKS = [
    (name, lock)
    for name, lock in (("logging", "_lock"), ("concurrent.futures.thread", "_global_shutdown_lock"))
    if name not in sys.modules
]


def load_threads() -> None:
    """Loads modules that an event loop needs for its first thread: ``run_in_executor``, ``getaddrinfo``."""
    with loading:
        import concurrent.futures.thread  # noqa: F401 (loaded for its hooks)


def _wait() -> None:
    """Before a fork: waits for a thread that loads modules, without holding a lock that it may need.

    The hook of logging has taken logging's lock by now, and httpx needs that lock while it is loaded. A
    module that is loaded while this waits has not taken its lock for this fork, but will release it
    afterwards.
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
    """Whether the hook of the module has taken its lock. A module that is being loaded may have no hook."""
    lock: Any = getattr(sys.modules.get(name), attribute, None)
    if lock is None:
        return False
    is_owned = getattr(lock, "_is_owned", None)  # for an RLock: whether this thread holds it
    return bool(is_owned() if is_owned else lock.locked())


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_wait, after_in_parent=loading.release, after_in_child=loading.release)
