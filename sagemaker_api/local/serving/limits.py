"""The limits on time and size for the proxy to a notebook."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sigv4.record import Record

from ...errors import ConfigError


class Limits(Record):
    """The limits of the proxy to a notebook's server: times in seconds, and one size.

    ``start`` is the time for a kernel or a terminal to open its WebSocket (then 504). ``answer`` is the time
    for the head of an answer, and between two blocks of it (then 504, or the answer is cut off). ``upload``
    is how long a client may pause within a body (then 408). ``stall`` is how long a client may read nothing
    (then the connection is closed). ``message`` is the largest WebSocket message in bytes (then 1009).

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
                raise ConfigError(f"the limit {name} is {value!r}: expected a number above 0")

    @classmethod
    def parse(cls, entries: Iterable[str]) -> Limits:
        """``["start=600", "message=1000000"]``. Raises ConfigError."""
        found: dict[str, Any] = {}
        for entry in entries:
            name, _, text = entry.partition("=")
            try:
                if name not in cls.field_names or name in found:
                    raise ValueError
                found[name] = int(text) if name == "message" else float(text)
            except ValueError:
                expected = ", ".join(f"{each}=NUMBER" for each in cls.field_names)
                raise ConfigError(
                    f"the limit {entry[:100]!r}: expected one of {expected}, each once"
                ) from None
        return cls(**found)
