"""``--query``: the paths of JMESPath that are spoken, and a plain no to the rest."""

from __future__ import annotations

import random
from typing import Any

import pytest

from sagemaker_api import ParamValidationError
from sagemaker_api.cli.query import compiled

DATA: dict[str, Any] = {
    "A": {"B": {"C": 1}, "Null": None, "Zero": 0},
    "L": [{"N": "a", "T": ["x", "y"]}, {"N": "b", "T": []}, {"M": 1}, None, 5],
    "M": [[1, 2], [3, [4, None]], 5, {"B": [6]}],
    "E": [],
    "S": "text",
    "a-b": {"c d": [True]},
}
CASES: list[tuple[str, Any]] = [
    ("A", DATA["A"]),
    ("A.B.C", 1),
    ("A.X", None),
    ("A.B.C.D", None),
    ("S.X", None),
    ("L[0].N", "a"),
    ("L[-1]", 5),
    ("L[9]", None),
    ("L[-9]", None),
    ("S[0]", None),
    ("L[].N", ["a", "b"]),
    ("L[*].N", ["a", "b"]),
    ("L[].T", [["x", "y"], []]),
    ("L[].T[]", ["x", "y"]),
    ("L[*].T[0]", ["x"]),
    ("M[]", [1, 2, 3, [4, None], 5, {"B": [6]}]),
    ("M[][]", [1, 2, 3, 4, 5, {"B": [6]}]),
    ("M[*][*]", [[1, 2], [3, [4, None]]]),
    ("M[*].B[]", [6]),
    ("E[].N", []),
    ("A[].N", None),
    ("X[*].N", None),
    ("[A.B.C, S]", [1, "text"]),
    ("L[].[N, T[0]]", [["a", "x"], ["b", None], [None, None], [None, None]]),
    ("L[*].{name: N, first: T[0]}", [{"name": "a", "first": "x"}, {"name": "b", "first": None}, {"name": None, "first": None}, {"name": None, "first": None}]),
    ("{x: A.B.C, y: {z: S}}", {"x": 1, "y": {"z": "text"}}),
    ("A.[B.C, Zero]", [1, 0]),
    ("A.{c: B.C}", {"c": 1}),
    ("X.[A]", None),
    ('"a-b"."c d"[0]', True),
    ("  A . B .C ", 1),
    ("L [0] . N", "a"),
    ("L[*].{x: N}.x", None),
    ("[0]", None),
    ("[]", None),
    ("[*].N", None),
]  # fmt: skip
REFUSED = [
    "",
    "  ",
    ".",
    "A.",
    ".A",
    "A..B",
    "A B",
    "A[",
    "A[0",
    "A[x]",
    "A[?N=='a']",
    "A[0:2]",
    "A.*",
    "A | B",
    "A || B",
    "length(A)",
    "sort_by(L, &N)",
    "@",
    "`1`",
    "'raw'",
    "A[1.5]",
    "A[99999999999]",
    "a-b",
    "{A}",
    "{a: }",
    "[A, ]",
    "[A",
    "{a: A",
    "A[0]]",
    '"a',
    '"\\x"',
    "Ä",
    "A\x1b[2J",
    "[" * 100,
    "A" + ".A" * 400,
    "[A," * 30,
]


@pytest.mark.parametrize(("expression", "found"), CASES)
def test_a_path_finds(expression: str, found: Any) -> None:
    assert compiled(expression)(DATA) == found


@pytest.mark.parametrize("expression", REFUSED)
def test_what_is_not_spoken_is_refused_with_its_place(expression: str) -> None:
    with pytest.raises(ParamValidationError) as raised:
        compiled(expression)
    assert "cannot be read at" in str(raised.value)
    assert "Expected a path such as A.B, A[0]" in str(raised.value)
    assert str(raised.value).replace("\n", "").isprintable()


@pytest.mark.interop
def test_jmespath_finds_the_same_and_refuses_no_less() -> None:
    jmespath = pytest.importorskip("jmespath", reason="jmespath is not installed (extra `interop`)")
    for expression, found in CASES:
        assert jmespath.search(expression, DATA) == found, expression
    rng = random.Random(5)
    pieces = ["A", "B", "C", "L", "M", "N", "T", "S", '"a-b"', ".", ".", "[0]", "[-1]", "[]", "[*]", "[", "]", ",", "{", "}", "x:", " "]  # fmt: skip
    agreed = 0
    for _ in range(40_000):
        expression = "".join(rng.choices(pieces, k=rng.randrange(1, 9)))
        try:
            ours = compiled(expression)(DATA)
        except ParamValidationError:
            continue
        assert jmespath.search(expression, DATA) == ours, expression
        agreed += 1
    assert agreed > 3000


@pytest.mark.interop
def test_what_jmespath_reads_of_these_pieces_is_read() -> None:
    jmespath = pytest.importorskip("jmespath", reason="jmespath is not installed (extra `interop`)")
    rng = random.Random(6)
    pieces = ["A", "L", "M", "N", ".B", ".T", ".N", "[0]", "[]", "[*]", ".[N, T]", ".{x: N, y: T[0]}"]
    read = 0
    for _ in range(10_000):
        expression = "".join(rng.choices(pieces, k=rng.randrange(1, 6)))
        try:
            theirs = jmespath.search(expression, DATA)
        except jmespath.exceptions.JMESPathError:
            with pytest.raises(ParamValidationError):
                compiled(expression)
            continue
        assert compiled(expression)(DATA) == theirs, expression
        read += 1
    assert read > 2000
