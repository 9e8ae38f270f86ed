"""Reads the numbers that people write in flags and forms."""

from __future__ import annotations

from math import isfinite


def plain_number(text: str) -> float:
    """The number that ``text`` writes with the digits 0 to 9, such as ``2``, ``0.5`` or ``1e3``.

    Raises ValueError, also for texts that only ``float`` takes: ``nan``, ``inf``, ``1_0``, other digits.
    """
    found = float(text)
    if not text.isascii() or "_" in text or not isfinite(found):
        raise ValueError("not a plain number")
    return found
