"""Runs ``python -m sigv4``, and gives both command lines of this distribution their way to end at Ctrl-C."""

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
    """Calls what ``load`` imports, and returns its exit code; at Ctrl-C that is 130, without a traceback.

    That holds while modules are loaded and while Python ends, too. Then nothing is half done, so that the
    process ends on the spot: an exception in the middle of an import may be lost in code of others. A signal
    that the process was started to ignore stays ignored.
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
