"""Shows on a terminal how far a long run is: entries, elapsed and remaining time."""

from __future__ import annotations

import sys
from time import monotonic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import TextIO, TypeVar

    Item = TypeVar("Item")

_EVERY = 0.5  # seconds


class Progress:
    """``step`` after each entry, ``close`` at the end; nothing is shown where stderr is not a terminal.

    ``fraction`` says how much is done, from 0 to 1, or None where that is not known.
    """

    def __init__(
        self,
        fraction: Callable[[], float | None] = lambda: None,
        *,
        terminal: TextIO | None = None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._fraction = fraction
        self._terminal = sys.stderr if terminal is None else terminal
        self._clock = clock
        self._start = self._shown = clock()
        self._count = 0
        self._width = 0

    def step(self) -> None:
        self._count += 1
        now = self._clock()
        if now - self._shown < _EVERY or not self._terminal.isatty():
            return
        self._shown = now
        elapsed = now - self._start
        text = f"{self._count} entries, {_duration(elapsed)} elapsed"
        done = self._fraction()
        if done:
            text += f", about {_duration(elapsed * (1 - done) / done)} remaining"
        self._write(text)

    def close(self) -> None:
        """Removes the line."""
        if self._width:
            self._write("")
            self._terminal.write("\r")
            self._terminal.flush()

    def _write(self, text: str) -> None:
        self._terminal.write("\r" + text.ljust(self._width))
        self._terminal.flush()
        self._width = len(text)


def followed(items: Iterable[Item], count: int, progress: Progress | None = None) -> Iterator[Item]:
    """``items`` as they come, of which there are at most ``count``; how far that is, is shown meanwhile."""
    done = 0
    shown = Progress(lambda: done / count) if progress is None else progress
    try:
        for item in items:
            done += 1
            shown.step()
            yield item
    finally:
        shown.close()


def _duration(seconds: float) -> str:
    whole = int(seconds)
    return f"{whole // 60} min {whole % 60:02} s" if whole >= 60 else f"{whole} s"
