"""Signer: how headers and Host are signed, and which are refused."""

from __future__ import annotations

from typing import Any

import pytest

from sigv4 import (
    Signer,
    SigningError,
    Verifier,
)
from sigv4.authorization import QUERY_PARTS
from tests.sigv4.signed import CREDENTIALS, KEY_ID, NOW, URL
from tests.sigv4.signers import SIGNER, refused


@pytest.mark.parametrize(
    "headers",
    [
        {"A": "b", "C": "d"},
        [("A", "b"), ("C", "d")],
        [(b"A", b"b"), ("C", b"d")],
        lambda: (pair for pair in (("A", "b"), ("C", "d"))),
    ],
)
def test_headers_are_a_mapping_or_pairs_of_str_or_bytes(headers: Any) -> None:
    headers = headers() if callable(headers) else headers
    explanation = SIGNER.explain("GET", URL, headers, at=NOW)
    assert explanation.canonical_request.split("\n")[3:5] == ["a:b", "c:d"]
    assert list(explanation.headers)[:2] == ["A", "C"]


@pytest.mark.parametrize(
    "headers", ["X-A: secret", None, 5, [("X-A",)], [("X-A", "secret", "x")], [([], "secret")]]
)
def test_malformed_headers_are_named_without_their_values(headers: Any) -> None:
    signer = Signer("sagemaker", "us-east-1", CREDENTIALS)
    for verb in (signer.sign, lambda *request: signer.presign(*request, expires=60)):
        with pytest.raises(SigningError, match="neither a mapping nor pairs") as caught:
            verb("GET", URL, headers)
        assert "secret" not in str(caught.value)


def test_cr_hdr_2_repeated_headers_are_joined_in_arrival_order_and_sent_as_signed() -> None:
    headers: list[tuple[str | bytes, str | bytes]] = [("X-A", "3"), ("x-a", " 1 "), (b"X-a", b"2")]
    explanation = SIGNER.explain("GET", URL, headers, at=NOW)
    assert "x-a:3,1,2" in explanation.canonical_request.split("\n")
    verifier = Verifier("service", "us-east-1", lambda claim: CREDENTIALS, clock=lambda: NOW)
    assert verifier.verify("GET", "/", explanation.headers).access_key_id == KEY_ID
    assert str(explanation.headers["X-A"]).replace(" ", "") == "3,1,2"


@pytest.mark.parametrize(
    ("value", "canonical"),
    [
        ("a", "a"),
        ("", ""),
        (" ", ""),
        ("  a  b  ", "a b"),
        ("a\tb", "a b"),
        ("\ta \t b\t", "a b"),
        ('"a   b"', '"a b"'),
        ("a, b,  c", "a, b, c"),
        ("a:b", "a:b"),
    ],
)
def test_cr_hdr_3_white_space_is_trimmed_and_collapsed(value: str, canonical: str) -> None:
    for form in (value, value.encode()):
        explanation = SIGNER.explain("GET", URL, {"A": form}, at=NOW)
        assert explanation.canonical_request.split("\n")[3] == f"a:{canonical}"
        assert explanation.headers["A"] == value, "sent as given"


@pytest.mark.parametrize("byte", [0x85, 0xA0, 0xFF])
def test_cr_hdr_4_only_space_and_tab_are_white_space(byte: int) -> None:
    value = bytes([byte]) + b"a" + bytes([byte])
    explanation = SIGNER.explain("GET", URL, {"A": value}, at=NOW)
    assert b"\na:" + value + b"\n" in explanation.canonical_request_bytes
    assert explanation.headers["A"] == value


def test_cr_hdr_1_names_are_lower_case_and_sorted_by_bytes() -> None:
    explanation = SIGNER.explain("GET", URL, {"b": "", "A-b": "", "A": "", "a_b": "", "Z": ""}, at=NOW)
    assert explanation.signed_headers == "a;a-b;a_b;b;host;x-amz-date;z"


@pytest.mark.parametrize(
    ("headers", "text"),
    [
        ({"a b": "c"}, "header name 'a b' is not a token"),
        ({"": "c"}, "header name '' is not a token"),
        ({"a:": "c"}, "header name 'a:' is not a token"),
        ({"ä": "c"}, "header name 'ä' is not a token"),
        ({b"\xff": "c"}, "header name 'ÿ' is not a token"),
        ({1: "c"}, "a header name is str or bytes, not int"),
        ({"a": "b\r\nc: d"}, "header 'a' holds the control character 0x0D at position 1"),
        ({"a": "\x7f"}, "header 'a' holds the control character 0x7F at position 0"),
        ({"a": b"b\x00"}, "header 'a' holds the control character 0x00 at position 1"),
        ({"a": "ü"}, "header 'a' holds the non-ASCII character U+00FC as str"),
        ({"a": "ü"}, "pass the bytes to send (value.encode('utf-8'))"),
        ({"a": 1}, "header 'a' is int: expected str or bytes"),
        ({"a": None}, "header 'a' is NoneType: expected str or bytes"),
    ],
)
def test_refused_headers_are_named_with_the_position_and_the_fix(headers: Any, text: str) -> None:
    assert text in refused("GET", URL, headers)


@pytest.mark.parametrize(
    ("authority", "host"),
    [
        ("https://example.com", "example.com"),
        ("https://EXAMPLE.com", "example.com"),
        ("https://example.com:443", "example.com"),
        ("http://example.com:80", "example.com"),
        ("HTTP://example.com:80", "example.com"),
        ("http://example.com:443", "example.com:443"),
        ("https://example.com:80", "example.com:80"),
        ("https://example.com:8443", "example.com:8443"),
        ("https://example.com:", "example.com"),
        ("https://user:pass@example.com", "example.com"),
        ("https://user@example.com:8443", "example.com:8443"),
        ("https://[::1]", "[::1]"),
        ("https://[::1]:443", "[::1]"),
        ("https://[FE80::1]:8443", "[fe80::1]:8443"),
        ("https://127.0.0.1:9000", "127.0.0.1:9000"),
    ],
)
def test_cr_hdr_6_the_host_is_what_an_http_client_sends(authority: str, host: str) -> None:
    for url in (authority + "/", authority, authority + "?x"):
        explanation = SIGNER.explain("GET", url, at=NOW)
        assert explanation.headers["Host"] == host
        assert f"host:{host}" in explanation.canonical_request.split("\n")


def test_cr_hdr_6_a_host_header_of_the_caller_is_not_changed() -> None:
    explanation = SIGNER.explain("GET", "https://127.0.0.1/", {"host": "Other.Example:443"}, at=NOW)
    assert "host:Other.Example:443" in explanation.canonical_request.split("\n")
    assert explanation.headers["host"] == "Other.Example:443"
    assert "Host" not in explanation.headers


@pytest.mark.parametrize("host", ["", " ", b""])
def test_an_empty_host_header_is_refused(host: Any) -> None:
    assert refused("GET", URL, {"host": host}) == (
        "the Host header is empty: leave it out, or give the host of the request"
    )


@pytest.mark.parametrize("second", ["example.com", "other.example", ""])
def test_cr_hdr_6_more_than_one_host_header_is_refused(second: str) -> None:
    headers = [("Host", "example.com"), ("hOST", second)]
    assert (
        refused("GET", URL, headers)
        == "there is more than one Host header: every server refuses that, give one"
    )
    with pytest.raises(SigningError, match="Host header"):
        SIGNER.presign("GET", "https://example.com/", headers, expires=60, at=NOW)


@pytest.mark.parametrize("name", [*QUERY_PARTS, "X%2DAmz%2DDate", "%58-Amz-Signature"])
def test_cr_hdr_9_a_url_that_is_signed_already_is_refused(name: str) -> None:
    for query in (f"{name}=1", f"a=b&{name}", f"a&&{name}=&c"):
        assert refused("GET", f"https://example.com/?{query}").startswith("the URL is presigned already")
        with pytest.raises(SigningError, match="presigned already"):
            SIGNER.presign("GET", f"https://example.com/?{query}", expires=60, at=NOW)
    signed = SIGNER.explain("GET", f"https://example.com/?{name.lower()}=1&b={name}", at=NOW)
    assert "b=X-Amz" in signed.canonical_request.split("\n")[2]


def test_a_target_with_a_host_header_signs_like_its_url() -> None:
    by_target = SIGNER.explain("GET", "/a?b", {"Host": "example.com"}, at=NOW)
    by_url = SIGNER.explain("GET", "https://example.com/a?b", at=NOW)
    assert (by_target.canonical_request, by_target.headers) == (by_url.canonical_request, by_url.headers)


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("/", "no Host: give an absolute URL, or a Host header with the target"),
        ("https:///a", "the URL names no valid host and port: found ''"),
        ("https://:443/", "the URL names no valid host and port: found ':443'"),
        ("https://h:x/", "the URL names no valid host and port: found 'h:x'"),
        ("https://user@/", "the URL names no valid host and port: found ''"),
        (
            "example.com",
            "expected a URL such as 'https://host/path' or a target such as '/path', got 'example.com'",
        ),
        ("", "expected a URL such as"),
        ("://h/", "expected a URL such as"),
        ("?a", "expected a URL such as"),
        (None, "the URL is NoneType: expected str"),
        (b"https://h/", "the URL is bytes: expected str"),
    ],
)
def test_refused_hosts_and_urls(url: Any, text: str) -> None:
    assert text in refused("GET", url)


@pytest.mark.parametrize(
    ("url", "char", "position", "fix"),
    [
        ("https://h/a b", "' '", 11, "'%20'"),
        ("https://h/?a=\n", "'\\n'", 13, "'%0A'"),
        ("https://h/ü", "'ü'", 10, "'%C3%BC'"),
        ("https://h/\ud800", "'\\ud800'", 10, "it has no UTF-8 form: decode the text as UTF-8"),
        *((f"https://h/{c}", repr(c), 10, f"'%{ord(c):02X}'") for c in '"<>\\^`{|}'),
        ("/a b", "' '", 2, "'%20'"),
        ("https://ü.example/", "'ü'", 8, "its 'xn--' form"),
    ],
)
def test_a_url_that_a_request_line_cannot_contain_is_refused(
    url: str, char: str, position: int, fix: str
) -> None:
    text = refused("GET", url)
    assert f"the URL holds {char} at position {position}, which a request line cannot carry" in text
    assert fix in text
