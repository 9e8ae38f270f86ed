"""The other implementations still give the expected values of the vectors."""

from __future__ import annotations

import pytest

from tests.interop import regenerate
from tests.vectors import FOLDER

pytestmark = pytest.mark.interop


@pytest.mark.parametrize("file", regenerate.FILES)
def test_the_referees_give_the_values_of_the_vectors(file: str) -> None:
    pytest.importorskip("awscrt", reason="awscrt is not installed")
    pytest.importorskip("botocore", reason="botocore is not installed")
    text, faults = regenerate.regenerated(file)
    assert faults == []
    assert text == (FOLDER / file).read_text("utf-8")
