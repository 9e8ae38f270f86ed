"""Runs ``python -m sigv4``; ends both programs of this distribution cleanly at Ctrl-C and other signals."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Main = Callable[[], int]


def run() -> int:
    """The console script ``sigv4``."""
    return run_program(_load)


def run_program(load: Callable[[], Main]) -> int:
    """Loads a program, calls it and returns its exit code.

    At SIGINT (Ctrl-C), SIGTERM and SIGHUP, the program removes its temporary files, ends the processes that
    it started, and exits without a traceback. The exit code is then 128 plus the number of the signal, as in
    a shell. ``load`` imports the program and returns its main function. A signal while modules are loaded, or
    while Python shuts down, ends the process at once, because an exception raised during an import may be
    swallowed by other code. If the process was started with a signal ignored, that stays ignored.
    """
    try:
        import signal

        names = ("SIGINT", "SIGTERM", "SIGHUP")  # Windows has no SIGHUP
        numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
        default = (signal.SIG_DFL, signal.default_int_handler)
        numbers = [number for number in numbers if signal.getsignal(number) in default]
        for number in numbers:
            signal.signal(number, _end)
        main = load()
        for number in numbers:
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else _stop)
        try:
            return main()
        finally:
            for number in numbers:
                signal.signal(number, _end)
    except KeyboardInterrupt:
        return 130  # 128 + SIGINT: the interrupt may have come while the module signal was loaded


def _load() -> Main:
    from .cli import main

    return main


def _stop(number: int, frame: object) -> None:
    """Ends the program as ``sys.exit`` does; the same signal, if it comes again, ends the process at once."""
    import signal

    signal.signal(number, _end)
    raise SystemExit(128 + number)


def _end(number: int, frame: object) -> None:
    os._exit(128 + number)


if __name__ == "__main__":
    raise SystemExit(run())
