"""Waits for a condition, with a limit that only a hanging test reaches."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

_Found = TypeVar("_Found")
_PAUSE = 0.01
_ATTEMPTS = 6000  # takes at least a minute, on any machine


def wait_until(condition: Callable[[], _Found], pause: float = _PAUSE) -> _Found:
    """Calls ``condition`` until it returns a true value, and returns that. Fails if it never does."""
    for _ in range(_ATTEMPTS):
        if found := condition():
            return found
        time.sleep(pause)
    raise AssertionError("what was waited for did not happen")
