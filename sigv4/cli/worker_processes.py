"""Calls a function for many items in several processes, in order."""

from __future__ import annotations

from collections import deque

from ..errors import SigningError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess
    from typing import Any, TypeVar

    Item = TypeVar("Item")
    Result = TypeVar("Result")

_AHEAD = 16  # items for each process that may be given before the first one's result is taken


def in_processes(
    function: Callable[[Item], Result], items: Iterable[Item], jobs: int
) -> Generator[tuple[Item, Result]]:
    """Yields each item with the result of ``function``; only a few items are in memory at once.

    The processes end with the iterator, also at an error or a signal, and if this process is killed. Raises
    SigningError if one of them is killed, for example when memory is short. An error of ``function``
    is raised here.
    """
    waiting: deque[tuple[int, Item]] = deque()
    workers = _Workers(function, jobs)
    done = 0
    try:
        for number, item in enumerate(items):
            workers.give(number, item)
            waiting.append((number, item))
            if len(waiting) >= jobs * _AHEAD:
                yield workers.first_of(waiting)
                done += 1
        while waiting:
            yield workers.first_of(waiting)
            done += 1
    except _Killed:
        while waiting and workers.has_result(waiting[0][0]):
            yield workers.first_of(waiting)
            done += 1
        raise SigningError(
            f"one of the {jobs} processes was killed, perhaps because memory was short "
            f"(entries examined before that: {done}): run it again with fewer --jobs"
        ) from None
    finally:
        workers.end()


class _Killed(Exception):
    """One of the processes is gone."""


class _Workers:
    """Up to ``jobs`` processes, each with a connection of its own, over which it gets one item at a time.

    ``concurrent.futures`` has one pipe for all of them, which this process can read, too. So in Python 3.10
    it waits for ever if a process is killed while a large item is written to the pipe.
    """

    def __init__(self, function: Callable[[Any], Any], jobs: int) -> None:
        self._function = function
        self._jobs = jobs
        self._processes: list[BaseProcess] = []
        self._idle: list[Connection] = []
        self._busy: list[Connection] = []
        self._results: dict[int, tuple[bool, Any]] = {}

    def give(self, number: int, item: object) -> None:
        """Gives the item to a process that has nothing to do; waits until there is one."""
        if not self._idle and len(self._processes) < self._jobs:
            self._start()
        while not self._idle:
            self._receive()
        connection = self._idle.pop()
        self._busy.append(connection)
        try:
            connection.send((number, item))
        except OSError as error:
            raise _Killed from error

    def first_of(self, waiting: deque[tuple[int, Item]]) -> tuple[Item, Any]:
        """Takes the first item out of ``waiting`` when it has its result, and returns both."""
        number, item = waiting[0]
        while number not in self._results:
            self._receive()
        waiting.popleft()
        failed, result = self._results.pop(number)
        if failed:
            raise result
        return item, result

    def has_result(self, number: int) -> bool:
        return number in self._results

    def end(self) -> None:
        """Ends the processes at once, in the middle of their work."""
        for process in self._processes:
            process.kill()
        for process in self._processes:
            process.join()
        for connection in (*self._idle, *self._busy):
            connection.close()

    def _start(self) -> None:
        from multiprocessing import Pipe, Process

        ours, theirs = Pipe()
        process = Process(target=_work, args=(self._function, theirs), daemon=True)
        process.start()
        theirs.close()  # no other process may have it: it is closed when this one is killed
        self._processes.append(process)
        self._idle.append(ours)

    def _receive(self) -> None:
        """Waits for one or more results."""
        from multiprocessing.connection import wait

        ready: list[Any] = wait(self._busy)
        for connection in ready:
            try:
                number, failed, result = connection.recv()
            except (EOFError, OSError) as error:
                raise _Killed from error
            self._results[number] = failed, result
            self._busy.remove(connection)
            self._idle.append(connection)


def _work(function: Callable[[Any], Any], connection: Connection) -> None:
    """In a new process: sends the result for each item that comes."""
    from contextlib import suppress

    _begin()
    with suppress(EOFError, OSError):  # the process that gives the items is gone
        while True:
            number, item = connection.recv()
            try:
                answer = number, False, function(item)
            except Exception as error:  # noqa: BLE001 (it is raised in the process that gave the item)
                answer = number, True, error
            connection.send(answer)


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
