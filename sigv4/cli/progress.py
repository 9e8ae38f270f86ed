"""Shows the progress of a long run on a terminal: what is done, elapsed and remaining time."""

from __future__ import annotations

import os
import sys
from time import monotonic

from ..errors import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import IO, TextIO, TypeVar

    Item = TypeVar("Item")

_EVERY = 0.5  # seconds
_UNKNOWN = 200  # columns: wider than any text here


class StatusLine:
    """One line on a terminal that is written again and again, and removed by ``clear``.

    Nothing is written if the stream is closed, is not a terminal, or is one that cannot go back to the start
    of a line (``TERM=dumb``). The text is cut to the width of the terminal: the rest of a longer one would
    stay on it.
    """

    def __init__(self, stream: TextIO | None) -> None:
        shown = stream is not None and stream.isatty() and os.environ.get("TERM") != "dumb"
        self._stream = stream if shown else None
        self._used = 0  # characters

    def write(self, text: str) -> None:
        if self._stream is None:
            return
        columns = _columns(self._stream)
        text = printable(text)[: columns - 1]
        self._stream.write("\r" + text.ljust(min(self._used, columns - 1)))
        self._stream.flush()
        self._used = len(text)

    def clear(self) -> None:
        if self._stream is not None and self._used:
            self.write("")
            self._stream.write("\r")
            self._stream.flush()


def _columns(terminal: TextIO) -> int:
    """How many characters fit in a line, as far as is known."""
    try:
        return os.get_terminal_size(terminal.fileno()).columns or _UNKNOWN
    except (OSError, ValueError):
        return _UNKNOWN


class Progress:
    """A progress line on stderr: call ``step`` after each entry, ``close`` at the end.

    ``fraction`` returns how much is done, from 0 to 1, or None if unknown.
    """

    def __init__(
        self,
        fraction: Callable[[], float | None] = lambda: None,
        *,
        terminal: TextIO | None = None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self.fraction = fraction
        self._line = StatusLine(sys.stderr if terminal is None else terminal)
        self._clock = clock
        self._start = self._shown = clock()
        self._count = 0

    def step(self, told: str = "") -> None:
        """Shows ``told``, by default the number of entries."""
        self._count += 1
        now = self._clock()
        if now - self._shown < _EVERY:
            return
        self._shown = now
        elapsed = now - self._start
        text = f"{told or f'{self._count} entries'}, {shown_time(elapsed)} elapsed"
        done = self.fraction()
        if done:
            text += f", about {shown_time(elapsed * (1 - done) / done)} remaining"
        self._line.write(text)

    def close(self) -> None:
        """Removes the line."""
        self._line.clear()


def followed(items: Iterable[Item], count: int, progress: Progress | None = None) -> Iterator[Item]:
    """Yields ``items``, of which there are at most ``count``, and shows the progress."""
    done = 0
    shown = Progress(lambda: done / count) if progress is None else progress
    try:
        for item in items:
            done += 1
            shown.step()
            yield item
    finally:
        shown.close()


class SearchProgress:
    """Shows the progress of a search: pass ``told`` as its argument ``progress``."""

    def __init__(self, progress: Progress | None = None) -> None:
        self._part = 0.0
        self.progress: Progress = Progress(lambda: self._part) if progress is None else progress

    def told(self, what: str, tried: int, total: int) -> None:
        self._part = tried / max(total, 1)
        self.progress.step(f"{what}: {tried:,} of about {total:,} tried")


def part_read(file: IO[bytes]) -> float | None:
    """How much of ``file`` is read, from 0 to 1; None if unknown, as for a pipe."""
    try:
        size = os.fstat(file.fileno()).st_size
        return file.tell() / size if size else None
    except OSError:
        return None


def shown_time(seconds: float) -> str:
    """``59 s`` or ``2 min 05 s``."""
    whole = int(seconds)
    return f"{whole // 60} min {whole % 60:02} s" if whole >= 60 else f"{whole} s"
