"""The fast path of the canonical query: one check that only the order changes (CR-QUERY-1, 2)."""

from __future__ import annotations

from itertools import product

import pytest

from sigv4.canonical import canonical_query, query_pairs
from sigv4.errors import SigningError
from sigv4.percent import is_canonical_query, is_escaped, unescape

NAMES = ("a", "a-b", "A", "a.", "", "a%2F", "a%2f", "a%41", "a+b", "a~")
VALUES = ("=", "=1", "=1=2", "", "=%20", "=~", "=%", "=é")


@pytest.mark.parametrize(
    "second", ["a=1", "a-b=2", "a", "", "b=%2F", "%=1", "b&c=1=2", "c=1=2&b", "&=", "=&="]
)
def test_the_short_way_and_the_long_way_are_one(second: str) -> None:
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


def test_every_pair_of_hex_digits_is_an_escape_and_no_other_text_is() -> None:
    digits = "0123456789ABCDEFabcdef"
    for high, low in product(digits, digits):
        assert is_escaped(f"%{high}{low}")
        assert unescape(f"%{high}{low}!") == chr(int(high + low, 16)) + "!"
    for wrong in ("", "4", "4G", "G4", " 4", "4 ", "+4", "0x", "\xb2\xb2", "\ufb00", "\uff11\uff11"):
        assert not is_escaped(f"%{wrong}")
        with pytest.raises(SigningError, match="broken percent escape"):
            unescape(f"a%{wrong}")
