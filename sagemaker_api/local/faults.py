"""Deliberate faults of the local endpoint, to test how a client handles them."""

from __future__ import annotations

from collections.abc import Callable

from sigv4.config.numbers import plain_number, signed_number
from sigv4.errors import expect, is_number, repr_of
from sigv4.record import Record

from ..errors import ConfigError
from .service_errors import Refusal

_KINDS = (
    "throttle:P (ThrottlingException for this share of the calls, 0 to 1), fail:P (InternalFailure, 500), "
    "unavailable:P (ServiceUnavailable, 503), skew:SECONDS (the endpoint's clock is off), "
    "slow:SECONDS (before each answer of the API)"
)


class Faults(Record):
    """The faults to cause.

    ``throttle``, ``fail`` and ``unavailable`` are the probabilities (0 to 1) that an API call gets a
    ThrottlingException, an InternalFailure (500) or a ServiceUnavailable (503); ``skew`` is how many seconds
    the endpoint's clock is ahead; ``slow`` is a delay in seconds before each answer of the API. Raises
    ConfigError for numbers outside these ranges.
    """

    throttle: float = 0.0
    fail: float = 0.0
    unavailable: float = 0.0
    skew: float = 0.0
    slow: float = 0.0

    def _check(self) -> None:
        for name, least, greatest in (
            ("throttle", 0, 1),
            ("fail", 0, 1),
            ("unavailable", 0, 1),
            ("skew", -1e9, 1e9),
            ("slow", 0, 600),
        ):
            number = getattr(self, name)
            if not is_number(number) or not least <= number <= greatest:  # also refuses NaN
                found = repr_of(number)[:40]
                raise ConfigError(
                    f"the fault {name} is {found}: expected a number from {least:g} to {greatest:g}"
                )

    @classmethod
    def parse(cls, text: str) -> Faults:
        """Parses a text such as ``"throttle:0.2,skew:+400,slow:2"``. Raises ConfigError."""
        expect(isinstance(text, str), "the fault", text, f"a text: {_KINDS}", ConfigError)
        found: dict[str, float] = {}
        for part in text.split(","):
            name, _, number = part.strip().partition(":")
            if name not in cls.field_names or name in found:
                twice = "is given twice" if name in found else "is unknown"
                raise ConfigError(f"the fault {name!r} in {text!r} {twice}: expected {_KINDS}")
            try:
                found[name] = signed_number(number) if name == "skew" else plain_number(number)
            except ValueError:
                raise ConfigError(
                    f"the fault {name!r} in {text!r} has {number!r}, which is not a number: expected {_KINDS}"
                ) from None
        return cls(**found)

    def strike(self, random: Callable[[], float]) -> None:
        """Raises a Refusal with the given probabilities; ``random`` returns numbers from 0 up to 1."""
        if random() < self.throttle:
            raise Refusal("ThrottlingException", "Rate exceeded")
        if random() < self.fail:
            raise Refusal("InternalFailure", "", 500)
        if random() < self.unavailable:
            raise Refusal("ServiceUnavailable", "", 503)
