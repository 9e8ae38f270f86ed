"""Names of Lambda runtimes that are accepted, and those that are refused."""

from __future__ import annotations

import pytest

from sigv4.errors import SigningError
from sigv4.vendoring.compiled import minor_of


@pytest.mark.parametrize(
    "runtime",
    [
        "python2.7",
        "python3",
        "python3.1",
        "python3.9",
        "python3.011",
        "python3.11.4",
        "python3.x",
        "python3.\u0661\u0663",
        f"python3.{'1' * 5000}",
        "3.11",
        "3.13",
        "nodejs20.x",
        "nodejs22.x",
        "",
    ],
)
def test_a_runtime_is_python3_and_two_digits(runtime: str) -> None:
    with pytest.raises(SigningError, match=r"expected python3.10 or newer") as error:
        minor_of(runtime)
    assert len(str(error.value)) < 200
    assert minor_of("python3.14") == 14
