"""Compares percent-encoding with that of the standard library."""

from __future__ import annotations

from itertools import product
from urllib.parse import quote, unquote_to_bytes

import pytest

from sigv4.errors import SigningError
from sigv4.percent import (
    byte_text,
    escape,
    escape_path,
    has_needed_escapes,
    is_escaped,
    unescape,
    unescape_where_valid,
)

EVERY_BYTE = "".join(map(chr, range(256)))


def test_every_pair_of_hex_digits_is_an_escape_and_no_other_text_is() -> None:
    digits = "0123456789ABCDEFabcdef"
    for high, low in product(digits, digits):
        assert is_escaped(f"%{high}{low}")
        assert unescape(f"%{high}{low}!") == chr(int(high + low, 16)) + "!"
    for wrong in ("", "4", "4G", "G4", " 4", "4 ", "+4", "0x", "\xb2\xb2", "\ufb00", "\uff11\uff11"):
        assert not is_escaped(f"%{wrong}")
        with pytest.raises(SigningError, match="broken percent escape"):
            unescape(f"a%{wrong}")


@pytest.mark.parametrize("text", [EVERY_BYTE, "", "aZ09", "a/b", "/a%2Fb/~", "a%b", *EVERY_BYTE])
def test_what_is_escaped_is_what_the_standard_library_escapes(text: str) -> None:
    raw = text.encode("latin-1")
    assert escape(text) == quote(raw, safe="")
    assert escape_path(text) == quote(raw, safe="/")
    assert unescape(escape(text)) == text
    assert has_needed_escapes(escape(text))


@pytest.mark.parametrize("text", ["a%2fb", "%7e", "%41", "%2", "%", "%20%zz", "a%20%7Eb"])
def test_an_escape_that_would_not_be_written_is_not_needed(text: str) -> None:
    assert not has_needed_escapes(text)


@pytest.mark.parametrize("text", ["%20b%2Fc", "ab", "", "%C3%A4%25"])
def test_escapes_as_they_are_written_are_needed(text: str) -> None:
    assert has_needed_escapes(text)


@pytest.mark.parametrize("text", ["%20bc", "a%2fb%2F", "%zz", "a%2", "%", "a%20%"])
def test_only_a_text_without_broken_escapes_is_unescaped(text: str) -> None:
    broken = any(len(piece) < 2 or "z" in piece for piece in text.split("%")[1:])
    assert is_escaped(text) is not broken
    assert unescape_where_valid(text) == (text if broken else unquote_to_bytes(text).decode("latin-1"))


def test_a_broken_escape_is_shown_with_its_two_characters() -> None:
    with pytest.raises(SigningError) as caught:
        unescape("a%20%4xyz")
    assert str(caught.value) == (
        "broken percent escape '%4x': expected two hex digits after '%'; a literal percent sign is written '%25'"
    )


def test_text_is_the_bytes_of_its_utf_8_form_each_as_a_character() -> None:
    assert byte_text("a\xe4\u20ac") == "a\xc3\xa4\xe2\x82\xac"
    with pytest.raises(SigningError) as caught:
        byte_text("a\udcffb")
    assert str(caught.value) == "'\\udcff' has no UTF-8 form: decode the text as UTF-8"
