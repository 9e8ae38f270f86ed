"""Reads the flags whose value is a whole number."""

from __future__ import annotations

from argparse import ArgumentTypeError

from ..config.numbers import whole_number


def integer(text: str) -> int:
    """The whole number that a flag gives. Raises ArgumentTypeError."""
    try:
        return whole_number(text)
    except ValueError:
        found = repr(text if len(text) <= 40 else text[:40] + "…")
        raise ArgumentTypeError(f"{found}: expected a whole number in the digits 0 to 9") from None
