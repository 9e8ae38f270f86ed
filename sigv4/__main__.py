"""Runs ``python -m sigv4``; ends both command lines of this distribution cleanly at Ctrl-C."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Main = Callable[[], int]

_INTERRUPTED = 130  # what a shell shows for a program that SIGINT has ended


def run() -> int:
    """The console script ``sigv4``."""
    return run_program(_load)


def run_program(load: Callable[[], Main]) -> int:
    """Loads a program, calls it and returns its exit code; Ctrl-C gives 130, without a traceback.

    ``load`` imports the program and returns its main function. Ctrl-C while modules are loaded, or while
    Python shuts down, ends the process at once, because an exception raised during an import may be swallowed
    by other code. If the process was started with SIGINT ignored, SIGINT stays ignored.
    """
    try:
        import signal

        interruptible = signal.getsignal(signal.SIGINT) is signal.default_int_handler
        if interruptible:
            signal.signal(signal.SIGINT, _end)
        main = load()
        if interruptible:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            return main()
        finally:
            if interruptible:
                signal.signal(signal.SIGINT, _end)
    except KeyboardInterrupt:
        return _INTERRUPTED


def _load() -> Main:
    from .cli import main

    return main


def _end(number: int, frame: object) -> None:
    os._exit(_INTERRUPTED)


if __name__ == "__main__":
    raise SystemExit(run())
