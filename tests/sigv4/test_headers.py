"""``HeaderSet``: keeps values as sent and in canonical form, made in one pass over text or bytes."""

from __future__ import annotations

import re
from typing import Any

import pytest

from sigv4 import Credentials, Request, Response, Signer, SigningError, headers
from sigv4.headers import (
    HeaderSet,
    canonical_value,
    length_of,
    names_of,
    shown_value,
    text_pairs,
    utf8_text,
    values_of,
    without,
)

PLAIN = [("Host", "h.example"), ("X-Amz-Date", "20150830T123600Z"), ("X-Odd", "a b")]


@pytest.mark.parametrize("kind", ["str", "bytes", "mixed"])
def test_values_of_either_type_have_the_same_canonical_form(kind: str) -> None:
    pairs: list[tuple[str | bytes, str | bytes]] = [
        (name.encode(), value.encode()) if kind == "bytes" or (kind == "mixed" and at) else (name, value)
        for at, (name, value) in enumerate(PLAIN)
    ]
    found = HeaderSet(pairs)
    assert found.canonical == {name.lower(): value for name, value in PLAIN}
    assert found.sent == dict(PLAIN)
    assert (found.repeated, found.get("x-odd"), found.get("x-other")) == ((), "a b", None)
    assert found.as_sent is True
    mapping: Any = dict(pairs)  # the names of a mapping may be bytes, too
    assert HeaderSet(mapping).canonical == found.canonical
    assert (HeaderSet(mapping).repeated, HeaderSet(dict(PLAIN)).as_sent) == ((), True)


@pytest.mark.parametrize("odd", ["a  b", " a b", "a b ", "a\tb", "a b\t"])
@pytest.mark.parametrize("place", range(3))
@pytest.mark.parametrize("as_bytes", [False, True])
def test_one_value_that_is_not_canonical_changes_no_other(odd: str, place: int, as_bytes: bool) -> None:
    pairs: list[tuple[str, str | bytes]] = [("a", "1"), ("b", "2")]
    pairs.insert(place, ("odd", odd.encode() if as_bytes else odd))
    for found in (HeaderSet(pairs), HeaderSet(dict(pairs))):
        assert found.canonical == {"a": "1", "b": "2", "odd": "a b"}
        assert found.sent == {"a": "1", "b": "2", "odd": odd}
        assert list(found.canonical) == [name for name, _ in pairs]
        assert found.as_sent is False


def test_repeated_headers_are_joined_in_arrival_order_under_the_first_spelling() -> None:
    found = HeaderSet([("A", " x "), ("b", "1"), (b"a", b"y  z"), ("a", "\xfc".encode())])
    assert found.canonical == {"a": "x,y z,\xc3\xbc", "b": "1"}
    assert found.sent == {"A": "x,y  z,\xfc".encode(), "b": "1"}
    assert set(found.repeated) == {"a"}
    assert found.as_sent is HeaderSet([("a", "1"), ("A", "2")]).as_sent is False


def test_many_repeated_headers_are_joined_in_linear_work() -> None:
    looks = 0

    class Counted(str):
        def lower(self) -> str:
            nonlocal looks
            looks += 1
            return super().lower()

    names = [Counted(f"X-{number}") for number in range(5000)]
    found = HeaderSet([(name, "v") for name in (*names, *names)])
    assert len(found.repeated) == 5000
    assert set(found.sent.values()) == {"v,v"}
    assert looks <= 20_000


def test_ignored_headers_are_neither_sent_nor_canonical() -> None:
    found = HeaderSet([("Authorization", "x"), ("A", "b")], frozenset(("authorization",)))
    assert (found.canonical, found.sent) == ({"a": "b"}, {"A": "b"})


def test_an_added_header_is_sent_and_signed() -> None:
    found = HeaderSet({"A": "b"})
    found.add("X-Amz-Date", "d")
    assert found.canonical == {"a": "b", "x-amz-date": "d"}
    assert found.sent == {"A": "b", "X-Amz-Date": "d"}
    assert repr(found) == "HeaderSet(a, x-amz-date)"
    assert repr(object.__new__(HeaderSet)) == "HeaderSet()"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("a\nb", "holds the control character 0x0A at position 1"),
        (b"a\nb", "holds the control character 0x0A at position 1"),
        ("\x7f", "holds the control character 0x7F at position 0"),
        ("\xe9", "holds the non-ASCII character U+00E9 as str"),
        (5, "is int: expected str or bytes"),
        (bytearray(b"x"), "is bytearray: expected str or bytes"),
    ],
)
@pytest.mark.parametrize("beside", [("b", "1"), ("b", b"1")])
def test_requests_that_cannot_be_sent_are_refused(
    value: str, words: str, beside: tuple[str, str | bytes]
) -> None:
    with pytest.raises(SigningError, match=re.escape(words)):
        HeaderSet([("x", value), beside])


def test_headers_are_looked_up_by_their_name_in_any_case() -> None:
    pairs = ((b"a", b"\xff"), ("A", "2"), ("B", "3"))
    assert (values_of(pairs, "A"), values_of(pairs, "b"), values_of(pairs, "c")) == (["\xff", "2"], ["3"], [])
    assert names_of(pairs) == {"a", "b"}
    assert without([("A", "1"), ("b", "2"), ("a", "3")], "a") == [("b", "2")]
    assert Request("GET", "/", {"Host": "h"}).header("host") == "h"
    assert Response(200, {"Location": "l"}).header("location") == "l"
    assert Response(200).header("location", "none") == "none"
    request = Request("GET", "/", [("Cookie", "a"), ("cookie", b"\xff")])
    assert request.header_values("COOKIE") == ["a", "\xff"]
    assert (request.has_header("host", "cookie"), request.has_header("host")) == (True, False)


def test_a_signature_shows_its_scope_and_no_header_value() -> None:
    signer = Signer("iam", "us-east-1", Credentials("AKIDEXAMPLE", "secret", "token"))
    signed = signer._sign("GET", ("h", "/", ""), HeaderSet(), None, 0)
    assert repr(signed) == (
        "Signature('19700101/us-east-1/iam/aws4_request', "
        "signed_headers='host;x-amz-date;x-amz-security-token')"
    )


def test_refusals_say_what_was_found_and_what_to_pass() -> None:
    number: Any = 7
    with pytest.raises(SigningError) as caught:
        HeaderSet(number)
    assert str(caught.value) == (
        "the headers (int) are neither a mapping nor pairs: expected {name: value}, pairs of the two, or () for none"
    )
    with pytest.raises(SigningError) as caught:
        HeaderSet({"x": "\x7f\xfc"})
    assert str(caught.value) == (
        "header 'x' holds the non-ASCII character U+00FC as str: HTTP libraries disagree on its bytes; "
        "pass the bytes to send (value.encode('utf-8'))"
    )
    with pytest.raises(SigningError) as caught:
        HeaderSet({f"{'x' * 60} y": "1"})
    assert f"header name '{'x' * 60}' is not a token" in str(caught.value)


def test_cr_hdr_2_each_of_repeated_values_loses_spaces_and_tabs_and_no_letters() -> None:
    found = HeaderSet([("a", "X x\t"), ("A", b"\tY\xa0"), ("b", " only ")])
    assert found.sent == {"a": "X x,Y\xa0".encode("latin-1"), "b": " only "}


def test_cr_hdr_3_only_spaces_and_tabs_are_white_space() -> None:
    assert HeaderSet([("a", b"\xa0 x  \x85y")]).canonical == {"a": "\xa0 x \x85y"}
    assert HeaderSet([("a", b"\xa0x")]).canonical == {"a": "\xa0x"}
    assert canonical_value("X") == "X"


def test_a_value_as_text_of_utf_8() -> None:
    assert utf8_text("ü") == utf8_text("ü".encode()) == "ü"
    assert utf8_text(b"a\xff") == "a\udcff"
    assert utf8_text(b"a\xff", "backslashreplace") == r"a\xff"


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("Accept", "Signature=a", "Signature=a"),
        ("Accept", b"\xff", "\xff"),
        ("Cookie", "", ""),
        ("Cookie", "a=Signature=b", "***"),
        ("authorization", "Basic eDp5", "***"),
        ("Authorization", "AWS4-HMAC-SHA256 Signature=ab, Signature=cd", "AWS4-HMAC-SHA256 Signature=***"),
        ("AUTHORIZATION", b"Credential=a, Signature=ab", "Credential=a, Signature=***"),
        ("Authorization", "AWS4-HMAC-SHA256 signature=1", "***"),
    ],
)
def test_a_secret_header_is_masked_and_in_authorization_only_the_signature(
    name: str, value: str | bytes, shown: str
) -> None:
    assert shown_value(name, value) == shown


def test_canonical_input_is_not_processed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Most signers pass a dict of text; servers pass pairs of bytes."""

    def work(*given: object) -> object:
        raise AssertionError(given)

    monkeypatch.setattr(headers, "canonical_value", work)
    monkeypatch.setattr(headers, "header_text", work)
    monkeypatch.setattr(headers, "lower_name", work)
    assert HeaderSet([(b"Host", b"h"), (b"Range", b"a b")]).canonical == {"host": "h", "range": "a b"}
    assert HeaderSet([("Host", "h"), ("Range", b"a b")]).canonical == {"host": "h", "range": "a b"}
    monkeypatch.setattr(HeaderSet, "_is_received", work)
    assert HeaderSet({"Host": "h", "Range": "a b"}).canonical == {"host": "h", "range": "a b"}


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("0", 0), ("000", 0), ("7", 7), ("0070", 70), ("1" * 18, int("1" * 18)), ("1" * 19, int("1" * 18)), ("0" * 30 + "5", 5),
        ("", None), (" 1", None), ("1 ", None), ("+1", None), ("-1", None), ("1_0", None), ("1x", None), ("X1", None), ("\xb2", None), ("\u0663", None),
    ],
)  # fmt: skip
def test_a_declared_length_is_digits(text: str, length: int | None) -> None:
    assert length_of(text) == length


@pytest.mark.parametrize("read", [text_pairs, HeaderSet])
@pytest.mark.parametrize(
    ("given", "kind"), [(5, "int"), ([1], "list"), ([("a", "b", "c")], "list"), ({1}, "set")]
)
def test_what_holds_no_pairs_is_named(read: Any, given: Any, kind: str) -> None:
    with pytest.raises(SigningError) as caught:
        read(given)
    assert str(caught.value) == (
        f"the headers ({kind}) are neither a mapping nor pairs: expected {{name: value}}, pairs of the two, or () for none"
    )


@pytest.mark.parametrize("given", [{"a": 1}, {1: "a"}, [("a", None)]])
def test_pairs_of_something_else_are_refused(given: Any) -> None:
    with pytest.raises(SigningError) as caught:
        text_pairs(given)
    assert str(caught.value) == "the headers are not pairs of name and value, each str or bytes"
