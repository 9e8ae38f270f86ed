"""Patterns: wildcards compared with regular expressions of the standard library, and the places of variables."""

from __future__ import annotations

import re
from itertools import product

import pytest

from sagemaker_api.local.iam.patterns import Pattern, Variable


def words(letters: str, longest: int) -> list[str]:
    return ["".join(word) for size in range(longest + 1) for word in product(letters, repeat=size)]


def check(pattern: str, texts: list[str]) -> None:
    """Asserts that the pattern matches the same texts as ``re``, with ``.`` for ``?`` and ``.*`` for ``*``."""
    ours = Pattern.parse(pattern, wildcards=True, variables=True)
    theirs = re.compile(pattern.replace("?", ".").replace("*", ".*"))
    for text in texts:
        assert ours.like(text, {}) is (theirs.fullmatch(text) is not None), (pattern, text)


def test_every_short_pattern_matches_what_a_regular_expression_matches() -> None:
    texts = words("ab", 4)
    for pattern in words("ab?*", 3):
        check(pattern, texts)


def test_parts_between_stars_are_found_at_their_first_place() -> None:
    texts = words("ab", 4)
    for part in words("ab?", 3):
        check(f"*{part}*", texts)
        check(f"*{part}*a", texts)
        check(f"a*{part}*?b*", texts)
        check(f"a*{part}*b", texts)


def test_a_frequent_character_is_found_in_each_part() -> None:
    check("*a?c*a?c*", ["abc" * 400, "abc" * 400 + "d", "ab" * 600])


def test_a_pattern_keeps_its_text_and_each_variable_ends_at_the_next_brace() -> None:
    found = Pattern.parse("}${aws:userid}b${ aws:username , 'x}", wildcards=True, variables=False)
    assert (found.source, found.variables) == ("}${aws:userid}b${ aws:username , 'x}", ())
    found = Pattern.parse("}${aws:userid}b${aws:username, 'x'}}${*}", wildcards=True, variables=True)
    assert found.source == "}${aws:userid}b${aws:username, 'x'}}${*}"
    assert found.variables == (Variable("aws:userid", None), Variable("aws:username", "x"))
    assert found.equals("}Ab" + "x" + "}*", {"aws:userid": ("A",)})
    with pytest.raises(ValueError, match="expected a } to end the policy variable"):
        Pattern.parse("}${aws:userid", wildcards=True, variables=True)


def test_an_unknown_variable_may_have_any_value() -> None:
    found = Pattern.parse("a${aws:UserId}b", wildcards=True, variables=True)
    assert found.unknown_in(frozenset(("aws:userid",))) == ["aws:UserId"]
    assert found.like("a---b", {}, frozenset(("aws:userid",)))
    assert not found.like("a---c", {}, frozenset(("aws:userid",)))
    assert not found.like("a---b", {})
