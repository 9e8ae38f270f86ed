"""Reads the flags whose value is a time in seconds."""

from __future__ import annotations

from argparse import ArgumentTypeError

from ..config.numbers import plain_number


def seconds(text: str, least: float, greatest: float) -> float:
    """The seconds that a flag gives. Raises ArgumentTypeError."""
    try:
        found = plain_number(text)
    except ValueError:
        found = -1.0
    if not least <= found <= greatest:
        raise ArgumentTypeError(f"{text!r}: expected seconds, {least:.9g} to {greatest:.9g}")
    return found
