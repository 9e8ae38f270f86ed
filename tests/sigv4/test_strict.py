"""The requests that ``strict`` accepts as canonical on the wire."""

from __future__ import annotations

import pytest

from sigv4 import DEFAULT, S3, Dialect
from sigv4.headers import HeaderSet
from sigv4.strict import are_canonical_headers, is_canonical_target


@pytest.mark.parametrize(
    ("url", "dialect", "canonical"),
    [
        ("/", DEFAULT, True),
        ("/a%20b/c", DEFAULT, True),
        ("/tags/arn%3Aaws%3Ax%2Fy", DEFAULT, True),
        ("/tags/arn%3Aaws%3Ax%2Fy", S3, False),
        ("/a:b", DEFAULT, False),
        ("/%61", DEFAULT, False),
        ("/%2f", DEFAULT, False),
        ("/a//b", DEFAULT, False),
        ("/a//b", S3, True),
        ("/a/../b", DEFAULT, False),
        ("/a/../b", S3, True),
        ("/?", DEFAULT, False),
        ("/?a", DEFAULT, False),
        ("/?a=", DEFAULT, True),
        ("/?b=1&a=2", DEFAULT, True),
        ("/?a=1&a=2", DEFAULT, True),
        ("/?a=2&a=1", DEFAULT, False),
        ("/?a=+", DEFAULT, False),
        ("/?a=1&&b=2", DEFAULT, False),
        ("https://h.example/", DEFAULT, True),
        ("https://user@h.example/", DEFAULT, False),
        ("https://h.example/?a=%40", DEFAULT, True),
    ],
)
def test_targets(url: str, dialect: Dialect, canonical: bool) -> None:
    assert is_canonical_target(url, dialect) is canonical


@pytest.mark.parametrize(
    ("pairs", "canonical"),
    [
        ([("Host", "h"), ("X", " padded, but not signed ")], True),
        ([(b"HOST", b"h")], True),
        ([("Host", " h")], False),
        ([("Host", "a  b")], False),
        ([("Host", "a\tb")], False),
        ([("Host", "h"), ("host", "h")], False),
    ],
)
def test_headers(pairs: list[tuple[str | bytes, str | bytes]], canonical: bool) -> None:
    assert are_canonical_headers(HeaderSet(pairs), frozenset(("host",))) is canonical
