"""Counts work instead of time, so that the result does not depend on the machine."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Any

from sigv4 import SigV4Error


def lines_run(call: Callable[[], object]) -> int:
    """How many lines of Python ``call`` runs, including functions that it calls; documented errors are ignored."""
    count = 0

    def trace(_frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()  # coverage has set its own trace function
    sys.settrace(trace)
    try:
        with suppress(SigV4Error):
            call()
    finally:
        sys.settrace(before)
    return count
