"""Tests which mutants are made from a line, and which parts are not changed."""

from __future__ import annotations

import pytest

from tests.mutation.__main__ import ROOT
from tests.mutation.operators import mutants
from tests.mutation.sample import ROOMS


def changed(line: str) -> set[str]:
    """The mutants of a line in a function."""
    source = f"def f(a, b):\n    {line}\n"
    made = {mutant.applied(source) for mutant in mutants("m.py", source) if mutant.is_python(source)}
    return {"; ".join(each.strip() for each in text.splitlines()[1:]) for text in made}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("x = a < b", {"x = a <= b"}),
        ("x = a is not b", {"x = a is b"}),
        ("x = a not in b", {"x = a in b"}),
        ("x = not a", {"x = (a)"}),
        ("x = -a", {"x = (a)"}),
        ("x = a and b", {"x = a or b"}),
        ("x = a + b", {"x = a - b"}),
        ("x = 5", {"x = 6", "x = 4"}),
        ("x = 0", {"x = 1", "x = (-1)"}),
        ("x = True", {"x = False"}),
        ("x = 'ab'", {"x = 'XXabXX'"}),
        ("x = b''", {"x = b'XXXX'"}),
        ("return a", {"return None"}),
        ("return", {"pass"}),
        ("a.b()", {"pass"}),
        ("a.b = b", {"pass"}),
        ("a += b", {"pass"}),
        ("raise a", {"pass"}),
        ("f(a)", {"f()", "f(None)", "pass"}),
        ("f(*a)", {"f()", "pass"}),
        ("f(a, b=b)", {"f(None, b=b)", "f(b=b)", "f(a, b=None)", "f(a, )", "pass"}),
        ("return a if b else a", {"return None", "return a if not (b) else a"}),
        ("x = [a for a in b if a]", {"x = [a for a in b if not (a)]"}),
        ("if a: b()", {"if not (a): b()", "if a: pass"}),
        ("raise E(f'{a} is wrong')", {"pass"}),
        ("raise E('CODE', f'{a}')", {"pass", "raise E('XXCODEXX', f'{a}')"}),
    ],
)
def test_the_mutants_of_a_line(line: str, expected: set[str]) -> None:
    assert changed(line) == expected


@pytest.mark.parametrize(
    "line",
    [
        "'a docstring'",
        "x = 'a sentence for people'",
        "x: int",
        "from a import b",
        "__slots__ = ('a',)",
        "X: TypeAlias = 'a'",
        "if TYPE_CHECKING: import a",
        "x = a(help=b, metavar='N', description='a', epilog=f'{a}')",
        "...",
    ],
)
def test_a_line_that_has_no_mutant(line: str) -> None:
    assert changed(line) == set()


def test_a_mutant_names_the_lines_of_its_statement() -> None:
    source = "A = 1\n\n\ndef f(a):\n    if a:\n        g(\n            a,\n            2,\n        )\n"
    places = {(each.first, each.last, each.in_function) for each in mutants("m.py", source)}
    assert places == {(1, 1, False), (5, 5, True), (6, 9, True)}
    (first, *_) = mutants("m.py", source)
    assert first.diff(source) == "- A = 1\n+ A = 0"


def test_every_module_and_test_file_of_the_samples_is_there() -> None:
    for room in ROOMS.values():
        assert [name for name in room.modules.split() if not (ROOT / name).exists()] == []
        assert [name for name in room.tests.split() if not (ROOT / "tests" / name).exists()] == []
