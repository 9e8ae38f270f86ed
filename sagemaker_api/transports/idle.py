"""Keeps idle connections for later requests: as many as were used at once, up to a limit.

httpcore's pool checks all of its connections, with a system call for each idle one, at the beginning and the
end of every request: with 256 of them that takes longer than the requests.
"""

from __future__ import annotations

import os
import time

from sigv4.network.forks import ProcessLock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

MOST_IDLE_CONNECTIONS = 256
LONGEST_IDLE_SECONDS = 20.0


class IdleConnections:
    """The idle connections of one transport, in order of last use. Safe to share between threads."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = ProcessLock()
        self._process = os.getpid()
        self._kept: list[tuple[Any, Any, float]] = []  # key, connection, idle since
        self._closed = False

    def __len__(self) -> int:
        return len(self._kept)

    def take(self, key: object = None) -> Any:
        """The connection for ``key`` that was used last, or None if none is recent enough."""
        with self._lock:
            if self._process != os.getpid():  # in a forked child: the parent still uses them
                self._kept, self._process = [], os.getpid()
            for place in range(len(self._kept) - 1, -1, -1):
                kept_for, connection, since = self._kept[place]
                if self._monotonic() - since > LONGEST_IDLE_SECONDS:
                    return None  # all before it are older
                if kept_for == key:
                    del self._kept[place]
                    return connection
        return None

    def give_back(self, connection: Any, key: object = None) -> list[Any]:
        """Keeps a connection; returns those that the caller must close: too old, or above the limit."""
        with self._lock:
            if self._closed or self._process != os.getpid():
                return [connection]
            now = self._monotonic()
            over = [each for _, each, since in self._kept if now - since > LONGEST_IDLE_SECONDS]
            self._kept = self._kept[len(over) :]
            if len(self._kept) >= MOST_IDLE_CONNECTIONS:
                return [*over, connection]
            self._kept.append((key, connection, now))
            return over

    def emptied(self) -> IdleConnections:
        """An empty one for another event loop; closed if this one is."""
        new = IdleConnections(self._monotonic)
        new._closed = self._closed
        return new

    def close(self) -> list[Any]:
        """Returns all connections for the caller to close; none is kept from now on."""
        with self._lock:
            self._closed = True
            kept, self._kept = self._kept, []
            if self._process != os.getpid():  # in a forked child: they belong to the parent
                return []
        return [connection for _, connection, _ in kept]
