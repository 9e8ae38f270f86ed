"""Calls a function for many items in several processes, in order."""

from __future__ import annotations

from collections import deque

from ..errors import SigningError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable
    from concurrent.futures import Future
    from multiprocessing.process import BaseProcess
    from typing import TypeVar

    Item = TypeVar("Item")
    Result = TypeVar("Result")

_AHEAD = 16  # items that may wait for each process


def in_processes(
    function: Callable[[Item], Result], items: Iterable[Item], jobs: int
) -> Generator[tuple[Item, Result]]:
    """Yields each item with the result of ``function``; only a few items are in memory at once.

    The processes end with the iterator, also at an error or a signal, and if this process is killed. Raises
    SigningError if one of them is killed, as the system does when memory is short.
    """
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import active_children

    others = active_children()
    waiting: deque[tuple[Item, Future[Result]]] = deque()
    pool = ProcessPoolExecutor(jobs, initializer=_begin)
    done = 0
    try:
        for item in items:
            waiting.append((item, pool.submit(function, item)))
            if len(waiting) >= jobs * _AHEAD:
                first, result = waiting.popleft()
                yield first, result.result()
                done += 1
        while waiting:
            first, result = waiting.popleft()
            yield first, result.result()
            done += 1
    except BrokenProcessPool:
        raise SigningError(
            f"one of the {jobs} processes was killed, perhaps because memory was short "
            f"(entries examined before that: {done}): run it again with fewer --jobs"
        ) from None
    finally:
        if waiting:
            _end_all(set(active_children()).difference(others))
        pool.shutdown(cancel_futures=True)


def _end_all(processes: Iterable[BaseProcess]) -> None:
    """Ends the processes at once, in the middle of their work."""
    for process in processes:
        process.terminate()


def _begin() -> None:
    """In a new process: leaves Ctrl-C to the process that started it, and ends when that one is gone."""
    import signal
    from multiprocessing import parent_process
    from threading import Thread

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_DFL)
    Thread(target=_end_with, args=(parent_process(),), daemon=True).start()


def _end_with(parent: BaseProcess) -> None:
    """Ends this process when ``parent`` ends.

    The parent of the operating system may be another one: Python 3.14 starts processes by a fork server.
    """
    import os

    parent.join()
    os._exit(1)
