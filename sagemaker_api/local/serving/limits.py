"""Holds the limits on time and size for the proxy to a notebook."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sigv4.config.numbers import plain_number, whole_number
from sigv4.errors import expect, repr_of
from sigv4.record import Record

from ...errors import ConfigError


class Limits(Record):
    """The limits of the proxy to a notebook's server: times in seconds, and one size.

    - ``start``: a kernel or a terminal must open its WebSocket in this time; else the answer is 504.
    - ``answer``: the head of an answer, and each block of it, must arrive in this time; else the answer is
      504, or is cut off if it has begun.
    - ``upload``: a client may pause for this time within a body; else the answer is 408.
    - ``stall``: a client may read nothing for this time; then the connection is closed.
    - ``message``: the largest WebSocket message in bytes; a larger one closes the WebSocket with 1009.

    Raises ConfigError for a number that is not positive.
    """

    start: float = 300.0
    answer: float = 300.0
    upload: float = 600.0
    stall: float = 300.0
    message: int = 64 * 1024 * 1024

    def _check(self) -> None:
        for name in type(self).field_names:
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < 1e12:
                raise ConfigError(f"the limit {name} is {repr_of(value)[:40]}: expected a number above 0")

    @classmethod
    def parse(cls, entries: Iterable[str]) -> Limits:
        """Reads texts such as ``["start=600", "message=1000000"]``. Raises ConfigError."""
        fits = isinstance(entries, Iterable) and not isinstance(entries, (str, bytes))
        expect(fits, "the limits", entries, "a list of texts, such as start=600", ConfigError)
        found: dict[str, Any] = {}
        for entry in entries:
            expect(isinstance(entry, str), "a limit", entry, "a text, such as start=600", ConfigError)
            name, _, text = entry.partition("=")
            try:
                if name not in cls.field_names or name in found:
                    raise ValueError
                found[name] = whole_number(text) if name == "message" else plain_number(text)
            except ValueError:
                expected = ", ".join(f"{each}=NUMBER" for each in cls.field_names)
                raise ConfigError(
                    f"the limit is {entry[:100]!r}: expected one of {expected}, each once"
                ) from None
        return cls(**found)
