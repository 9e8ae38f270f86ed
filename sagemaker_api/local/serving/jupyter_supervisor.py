"""Runs a command, and ends it and all its processes when this program's standard input closes.

Started as ``python -I -S jupyter_supervisor.py HOME COMMAND...``. Its standard input is a pipe from the
process that starts it, and closes when that process ends for any reason. Then the directory HOME is removed,
too.

Kernels and terminals are in process groups of their own, so that a signal to the group of COMMAND does not
reach them. On Linux they become children of this program when their parents end.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

# The time for Jupyter to end its kernels: it waits 5 s for each, then kills it.
_PARTING_SECONDS = 8.0
_LET_GO, _ENDED = b"l", b"e"
_PR_SET_CHILD_SUBREAPER = 36  # prctl(2)


def main(home: str, command: list[str]) -> int:
    """Runs ``command`` until it ends or standard input closes; the exit code is 0."""
    _adopt_orphans()
    reading, writing = os.pipe()

    def over(*_: object) -> None:
        os.write(writing, _LET_GO)

    for name in ("SIGTERM", "SIGINT", "SIGHUP"):
        signal.signal(getattr(signal, name), over)
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)  # noqa: S603 (no shell)
    gone = threading.Event()
    threading.Thread(target=_reap, args=(child.pid, gone, writing), daemon=True).start()
    threading.Thread(target=_hold, args=(over,), daemon=True).start()
    why = os.read(reading, 1)
    _signal_group(child.pid, signal.SIGTERM)
    gone.wait(_PARTING_SECONDS)
    _signal_group(child.pid, signal.SIGKILL)
    gone.wait(2)
    _end_orphans()
    if why == _LET_GO:
        shutil.rmtree(home, ignore_errors=True)
        with contextlib.suppress(OSError):
            Path(home).parent.rmdir()  # fails while other servers have their directories there
    return 0


def _adopt_orphans() -> None:
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _reap(child: int, gone: threading.Event, writing: int) -> None:
    """Waits for ``child``, and for processes that it started and left, so that no zombies remain."""
    while True:
        try:
            ended, _ = os.waitpid(-1, 0)
        except ChildProcessError:
            return
        if ended == child:
            gone.set()
            os.write(writing, _ENDED)


def _hold(over: Callable[[], None]) -> None:
    while os.read(0, 4096):
        pass
    over()


def _signal_group(group: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def _end_orphans() -> None:
    """Kills the remaining processes, and then the processes that those had started."""
    for _ in range(100):
        orphans = _children()
        if not orphans:
            return
        for orphan in orphans:
            with contextlib.suppress(ProcessLookupError):
                os.kill(orphan, signal.SIGKILL)
        threading.Event().wait(0.02)


def _children() -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            # proc(5): the state and the parent follow the name, which is in parentheses and may itself
            # contain parentheses.
            state, parent = stat.read_text("utf-8", "replace").rpartition(")")[2].split()[:2]
        except (OSError, ValueError):
            continue
        if int(parent) == os.getpid() and state != "Z":
            found.append(int(stat.parent.name))
    return found


if __name__ == "__main__":
    os._exit(main(sys.argv[1], sys.argv[2:]))  # does not wait for the threads
