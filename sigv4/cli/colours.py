"""Terminal colours, and text that shows differences and invisible characters."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, Namespace
from typing import NamedTuple

BOLD, RED, GREEN, YELLOW, CYAN, DIM = "1", "31", "32", "33", "36", "2"
_INVISIBLE = {
    "\n": "␊",
    "\r": "␍",
    "\t": "␉",
    "\0": "␀",
    "\x7f": "␡",
    "\u00a0": "⍽",
    "\u200b": "⟨200B⟩",
    "\ufeff": "⟨FEFF⟩",
}


def add_colour(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--color",
        choices=("auto", "always", "never"),
        default="auto",
        help="by default on a terminal, unless NO_COLOR is set",
    )


def wants_colour(options: Namespace) -> bool:
    """Whether output is coloured: see https://no-color.org."""
    if options.color != "auto":
        return bool(options.color == "always")
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def visible(text: str) -> str:
    """``text`` with a symbol for each invisible character, including spaces at its ends."""
    shown = "".join(
        _INVISIBLE.get(char) or (char if char.isprintable() else f"⟨{ord(char):02X}⟩") for char in text
    )
    start, end = len(shown) - len(shown.lstrip(" ")), len(shown.rstrip(" "))
    return "·" * start + shown[start:end] + "·" * (len(shown) - max(end, start))


class Difference(NamedTuple):
    """Two texts: their common beginning, the part of each that differs, and their common end."""

    start: str
    one: str
    other: str
    end: str


def split_difference(one: str, other: str) -> Difference:
    most = min(len(one), len(other))
    start = next((at for at in range(most) if one[at] != other[at]), most)
    end = next((at for at in range(most - start) if one[-1 - at] != other[-1 - at]), most - start)
    differing = one[start : len(one) - end], other[start : len(other) - end]
    return Difference(one[:start], *differing, one[len(one) - end :])


class Painter:
    """Colours text, or returns it unchanged."""

    def __init__(self, on: bool) -> None:
        self.on = on

    def paint(self, text: str, *codes: str) -> str:
        return f"\x1b[{';'.join(codes)}m{text}\x1b[0m" if self.on and text else text
