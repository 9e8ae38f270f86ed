"""Waits for an event itself; the limit is one that only a hang reaches."""

from __future__ import annotations

import time
from collections.abc import Callable

_PAUSE = 0.01
_ATTEMPTS = 6000  # a minute and more, on any machine


def wait_until(condition: Callable[[], object]) -> None:
    """Returns when ``condition()`` is true. Fails where it never becomes so."""
    for _ in range(_ATTEMPTS):
        if condition():
            return
        time.sleep(_PAUSE)
    raise AssertionError("what was waited for did not happen")
