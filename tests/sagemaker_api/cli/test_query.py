"""``--query``: paths without a package, the rest of JMESPath with the package, and a clear error without it."""

from __future__ import annotations

import random
import sys
from typing import Any

import pytest

from sagemaker_api import ParamValidationError
from sagemaker_api.cli import query
from sagemaker_api.cli.query import compiled

DATA: dict[str, Any] = {
    "A": {"B": {"C": 1}, "Null": None, "Zero": 0},
    "L": [{"N": "a", "T": ["x", "y"]}, {"N": "b", "T": []}, None, 5],
    "E": [],
    "S": "text",
}
PATHS: list[tuple[str, Any]] = [
    ("A", DATA["A"]),
    ("A.B.C", 1),
    ("A.Zero", 0),
    ("A.X", None),
    ("A.B.C.D", None),
    ("S.X", None),
    ("L[0].N", "a"),
    ("L[0].T[1]", "y"),
    ("L[-1]", 5),
    *((f"L[{at}]", DATA["L"][at] if -4 <= at < 4 else None) for at in (-9, -5, -4, -3, 3, 4, 9)),
    ("S[0]", None),
    ("  A.B.C ", 1),
]
MORE: list[tuple[str, Any]] = [
    ("L[].N", ["a", "b"]),
    ("L[?N=='a'].T[]", ["x", "y"]),
    ("{x: A.B.C, y: S}", {"x": 1, "y": "text"}),
    ("length(L)", 4),
    ('"S"', "text"),
]
REFUSED = [
    "",
    "A[" + "9" * 5000 + "]",
    "A.",
    ".A",
    "A B",
    "A[",
    "A[x",
    "A[?N",
    "{x: }",
    "nothing(A)",
    "length(A.Zero)",
]


@pytest.mark.parametrize(("expression", "value"), PATHS)
def test_a_path_needs_no_package(expression: str, value: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jmespath", None)
    assert compiled(expression)(DATA) == value


@pytest.mark.parametrize("expression", [expression for expression, _ in MORE])
def test_more_than_a_path_names_the_package(expression: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jmespath", None)
    with pytest.raises(ParamValidationError, match="pip install jmespath"):
        compiled(expression)


@pytest.mark.interop
@pytest.mark.parametrize(("expression", "value"), PATHS + MORE)
def test_with_the_package_all_of_jmespath_is_read(expression: str, value: Any) -> None:
    jmespath = pytest.importorskip("jmespath")
    assert compiled(expression)(DATA) == jmespath.search(expression, DATA) == value


@pytest.mark.interop
@pytest.mark.parametrize("expression", REFUSED)
def test_what_jmespath_refuses_is_refused_with_its_words(expression: str) -> None:
    pytest.importorskip("jmespath")
    with pytest.raises(ParamValidationError, match="Bad value for --query"):
        compiled(expression)(DATA)


@pytest.mark.interop
def test_paths_by_hand_are_those_of_jmespath() -> None:
    jmespath = pytest.importorskip("jmespath")
    rng = random.Random(1)
    for _ in range(500):
        expression = rng.choice("ALESX")
        for _ in range(rng.randrange(5)):
            expression += rng.choice([".B", ".C", ".N", ".T", "[0]", "[1]", "[-1]", "[-7]"])
        assert compiled(expression)(DATA) == jmespath.search(expression, DATA), expression


def test_a_long_expression_and_a_long_reason_are_cut() -> None:
    told = str(query._bad("x" * 201, ValueError("y" * 501)))
    assert told == f"Parameter validation failed:\nBad value for --query {'x' * 200!r}: {'y' * 500}"
    assert str(query._bad("a", RecursionError())).endswith("'a': RecursionError")
