"""Ids of the protocol's rules are found in prose, and no other words."""

from __future__ import annotations

import pytest

from sigv4.auditing.rule_ids import cited


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("see CR-PATH-2.", ["CR-PATH-2"]),
        ("CR-FORMAT and CR-METHOD", ["CR-FORMAT", "CR-METHOD"]),
        ("STS-4, then KEY-1, then STS-4 again", ["STS-4", "KEY-1"]),
        ("CHUNK-V4A-1 is not CHUNK-1", ["CHUNK-V4A-1", "CHUNK-1"]),
        ("a letter that no rule has: VERIFY-6e", ["VERIFY-6e"]),
    ],
)
def test_each_id_is_given_once_in_the_order_of_the_text(text: str, ids: list[str]) -> None:
    assert cited(text) == ids


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("CR-PATH-1…4, x", ["CR-PATH-1", "CR-PATH-2", "CR-PATH-3", "CR-PATH-4"]),
        ("(CR-HDR-1, 2, 3; STS-2)", ["CR-HDR-1", "CR-HDR-2", "CR-HDR-3", "STS-2"]),
        ("VERIFY-6a…d", ["VERIFY-6a", "VERIFY-6b", "VERIFY-6c", "VERIFY-6d"]),
        ("CR-FORMAT, FAIL-01…03", ["CR-FORMAT", "FAIL-01", "FAIL-02", "FAIL-03"]),
        ("URL-1, 3…5, 8", ["URL-1", "URL-3", "URL-4", "URL-5", "URL-8"]),
    ],
)
def test_ranges_and_lists_are_spelled_out(text: str, ids: list[str]) -> None:
    assert cited(text) == ids


@pytest.mark.parametrize("text", ["", "URL", "URL-", "MY-URL-1", "AURL-1", "URL-1-x", "URL-1x", "url-1"])
def test_a_text_that_only_looks_like_an_id_is_not_found(text: str) -> None:
    assert cited(text) == []
