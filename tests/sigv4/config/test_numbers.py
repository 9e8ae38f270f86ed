"""Only numbers in plain digits are numbers, wherever a person gives one."""

from __future__ import annotations

import pytest

from sagemaker_api.errors import ConfigError
from sagemaker_api.local import Faults, Limits
from sigv4.config.numbers import plain_number


@pytest.mark.parametrize(
    ("text", "number"), [("2", 2.0), ("-0.5", -0.5), (".5", 0.5), ("1e3", 1000.0), ("+400", 400.0)]
)
def test_plain_numbers(text: str, number: float) -> None:
    assert plain_number(text) == number


@pytest.mark.parametrize("text", ["", "x", "nan", "inf", "-Infinity", "1e999", "1_0", "٥", "５"])
def test_what_is_not_a_plain_number(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 (each caller has its own text)
        plain_number(text)
    with pytest.raises(ConfigError, match="which is not a number"):
        Faults.parse(f"slow:{text}")
    for name in ("start", "message"):
        with pytest.raises(ConfigError, match=f"^the limit is .*{name}="):
            Limits.parse([f"{name}={text}"])
