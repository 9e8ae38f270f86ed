"""Decides which request bodies the local servers read, and limits their bytes over all connections."""

from __future__ import annotations

from sigv4.network.forks import ProcessLock
from sigv4.request import Request

MAX_BODIES = 16 * 1024 * 1024


class BodyRoom:
    """Counts the bytes of all bodies that are being received. Safe to share between threads."""

    def __init__(self, size: int = MAX_BODIES) -> None:
        self._left = size
        self._lock = ProcessLock()

    def take(self, size: int) -> bool:
        """Reserves ``size`` bytes and returns True, or returns False if that is too much."""
        with self._lock:
            if size > self._left:
                return False
            self._left -= size
            return True

    def give_back(self, size: int) -> None:
        with self._lock:
            self._left += size


def is_read(request: Request) -> bool:
    """Whether ``request`` only reads a page: the API is called with POST."""
    return request.method in ("GET", "HEAD")


def is_unsigned_call(request: Request) -> bool:
    """Whether ``request`` is an API call without any signature: then its body is not read."""
    path, _, query = request.url.partition("?")
    if path != "/" or is_read(request) or "X-Amz-Signature=" in query:
        return False
    return not request.has_header("authorization")
