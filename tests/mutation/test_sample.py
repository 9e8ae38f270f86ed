"""Which tests a sampled mutant is tried against, and in which order."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tests.mutation.__main__ import ROOT
from tests.mutation.operators import Mutant
from tests.mutation.sample import Sample, _Only


@pytest.mark.parametrize(
    ("lines", "in_function", "expected"),
    [
        ((5, 5), True, ["quick", "slow"]),
        ((4, 6), True, ["quick", "other", "slow"]),
        ((9, 9), True, ["quick", "other", "slow", "elsewhere"]),  # no test of this process runs it
        ((2, 2), True, ["quick", "other", "slow", "elsewhere"]),  # an import runs it
        (
            (5, 5),
            False,
            ["quick", "other", "slow", "elsewhere"],
        ),  # a constant: no line shows which tests read it
    ],
)
def test_the_tests_of_a_mutant(lines: tuple[int, int], in_function: bool, expected: list[str]) -> None:
    sample: Any = Sample("sigv4/cli", ROOT)
    sample._seconds = {"elsewhere": 0.5, "slow": 3.0, "other": 2.0, "quick": 1.0}
    sample._by_line = {"m.py": {2: {"", "quick"}, 5: {"quick", "slow"}, 6: {"other", "deselected"}}}
    assert sample.tests_of(Mutant("m.py", 0, 0, "", *lines, in_function)) == expected


def test_a_test_whose_parameters_the_mutant_changed_is_run_first() -> None:
    items: list[Any] = [SimpleNamespace(nodeid=name) for name in ("other", "slow", "quick", "f[changed]")]
    _Only(
        ["quick", "slow"], {"quick": 1.0, "slow": 3.0, "other": 2.0, "f[as it was]": 1.0}
    ).pytest_collection_modifyitems(items)
    assert [item.nodeid for item in items] == ["f[changed]", "quick", "slow"]
