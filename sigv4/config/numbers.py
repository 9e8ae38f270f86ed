"""Reads the numbers that people write in flags and forms."""

from __future__ import annotations

from math import isfinite

_LONGEST_WHOLE = 19  # characters; Python refuses to read thousands of digits


def plain_number(text: str) -> float:
    """The number that ``text`` writes with the digits 0 to 9, such as ``2``, ``-0.5`` or ``1e3``.

    Raises ValueError, also for texts that only ``float`` accepts: ``nan``, ``inf``, ``1_0``, ``+5``, other
    digits, and blanks around the number.
    """
    found = float(text)
    if text.strip("0123456789.eE+-") or text[0] == "+" or not isfinite(found):
        raise ValueError("not a plain number")
    return found


def signed_number(text: str) -> float:
    """``plain_number`` for a difference, which may begin with ``+``, such as ``+400``. Raises ValueError."""
    return plain_number(text[1:] if text[:1] == "+" and text[1:2] != "-" else text)


def whole_number(text: str) -> int:
    """The whole number that ``text`` writes with at most 19 of the digits 0 to 9, such as ``2`` or ``-1``.

    Raises ValueError, also for texts that only ``int`` accepts: ``1_0``, ``+5``, other digits, and blanks
    around the number.
    """
    if not (text.isascii() and text.removeprefix("-").isdigit() and len(text) <= _LONGEST_WHOLE):
        raise ValueError("not a whole number in plain digits")
    return int(text)
