"""Canonical paths (CR-PATH-3, 4) and queries (CR-QUERY-1, 2), and the memory of the last call."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from sigv4 import canonical
from sigv4.canonical import LastCall, canonical_query, check_plus, climbs, query_pairs
from sigv4.dialects import dialect_of
from sigv4.errors import SigningError
from sigv4.percent import is_canonical_query

NAMES = ("a", "a-b", "A", "a.", "", "a%2F", "a%2f", "a%41", "a+b", "a~")
VALUES = ("=", "=1", "=1=2", "", "=%20", "=~", "=%", "=é")


@pytest.mark.parametrize(
    "second", ["a=1", "a-b=2", "a", "", "b=%2F", "%=1", "b&c=1=2", "c=1=2&b", "&=", "=&="]
)
def test_the_fast_path_and_the_full_path_give_the_same_result(second: str) -> None:
    for name, value in product(NAMES, VALUES):
        query = f"{name}{value}&{second}&a=0"
        try:
            expected = "&".join(f"{name}={value}" for name, value in sorted(query_pairs(query)))
        except ValueError:
            assert not is_canonical_query(query)
            continue
        assert canonical_query(query) == expected


def test_names_are_compared_before_values() -> None:
    assert is_canonical_query("a-b=2&a=1&a.=3")
    assert canonical_query("a-b=2&a=1&a.=3") == "a=1&a-b=2&a.=3"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/", False),
        ("/..", True),
        ("/../a", True),
        ("/./../a", True),
        ("//../a", True),
        ("/a/..", False),
        ("/a/../..", True),
        ("/a/b/../..", False),
        ("/a/b/../../..", True),
        ("/a/../../b", True),
        ("/..a", False),
        ("/%2e%2e", True),
        ("/%2E.", True),
        ("/.%2e", True),
        ("/%2e/%2E/a/..", False),
        ("/a/%2e/%2E%2e/%2e%2E", True),
        ("/%252e%252e", False),
    ],
)
def test_a_path_that_leads_above_the_root_at_any_point_is_recognised(path: str, expected: bool) -> None:
    assert climbs(path) is expected


def test_a_raw_plus_in_a_key_of_s3_is_refused_with_the_first_position_and_what_to_write() -> None:
    check_plus("/a+b", dialect_of("lambda"))
    with pytest.raises(SigningError) as caught:
        check_plus("/a+b+c", dialect_of("s3"))
    assert str(caught.value) == (
        "the path holds a raw '+' at position 2, which S3 reads as a space and other stores as a plus sign: "
        "write '%2B' for a plus sign, or '%20' for a space (CR-PATH-4)"
    )


@pytest.mark.parametrize(
    "query", ["X-Amz-Signature=1", "a=b&X-Amz-Date=1", "A=b&X-Amz-Date=1", "1&X-Amz-Signature=&a"]
)
def test_a_url_that_is_signed_already_is_refused_wherever_the_parameter_is(query: str) -> None:
    with pytest.raises(SigningError, match="presigned already"):
        LastCall().target_of(f"https://h/?{query}", dialect_of("lambda"))


class Equal:
    """Equal to a URL, as ``httpx.URL`` is, and not a ``str``."""

    def __eq__(self, other: object) -> bool:
        return other == "https://h/"

    def __hash__(self) -> int:
        return hash("https://h/")


def test_what_is_only_equal_to_the_last_url_is_read_again() -> None:
    last = LastCall()
    equal: Any = Equal()
    assert last.target_of("https://h/", dialect_of("lambda")) == ("h", "/", "")
    with pytest.raises(SigningError, match="the URL is Equal: expected str"):
        last.target_of(equal, dialect_of("lambda"))


def test_the_first_call_remembers_nothing_of_another() -> None:
    assert LastCall().moment_of(1.5) == (1.0, "19700101T000001Z")
    assert LastCall().moment_of(0.5) == (0.0, "19700101T000000Z")
    assert LastCall().target_of("/", dialect_of("lambda")) == ("", "/", "")
    assert LastCall().names_of((), dialect_of("lambda")) == ([], "")


@pytest.mark.parametrize("parameter", ["a", "+", "%41", "a=b=c", "!=!", "%e2%82%ac=a"])
def test_a_part_that_occurs_thousands_of_times_is_escaped_once(
    parameter: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server does this before it knows who sent the request."""
    asked: list[str] = []

    def recode(text: str) -> str:
        asked.append(text)
        return text

    monkeypatch.setattr(canonical, "_recode", recode)
    assert canonical_query("&".join([parameter] * 2000)).count("&") == 1999
    assert len(asked) == 2
