"""Signer: paths and queries in the canonical request."""

from __future__ import annotations

from typing import Any

import pytest

from sigv4 import (
    SigningError,
    VerificationError,
    Verifier,
    encode_path,
    encode_query,
)
from tests.sigv4.signed import CREDENTIALS, NOW, URL
from tests.sigv4.signers import S3_SIGNER, SIGNER, refused


def lines(url: str = URL, headers: Any = (), body: Any = None, **options: Any) -> list[str]:
    """The lines of the canonical request."""
    return SIGNER.explain("GET", url, headers, body, at=NOW, **options).canonical_request.split("\n")


@pytest.mark.parametrize(
    ("path", "default", "s3"),
    [
        ("", "/", "/"),  # CR-PATH-1
        ("/", "/", "/"),
        ("/a#fragment", "/a", "/a"),
        ("/a%20b", "/a%2520b", "/a%20b"),  # CR-PATH-2, 4
        ("/a%2fb", "/a%252fb", None),
        ("/%c3%bc", "/%25c3%25bc", "/%C3%BC"),
        ("/%7e", "/%257e", "/~"),
        ("/%41", "/%2541", "/A"),
        ("/%ff", "/%25ff", "/%FF"),
        (
            "/$:=@()!'*+,;&",
            "/%24%3A%3D%40%28%29%21%27%2A%2B%2C%3B%26",
            None,
        ),
        ("/-._~", "/-._~", "/-._~"),  # CR-PATH-6
        ("//", "/", "//"),  # CR-PATH-3
        ("/a//b", "/a/b", "/a//b"),
        ("/a/./b", "/a/b", "/a/./b"),
        ("/a/../b", "/b", "/a/../b"),
        ("/a/b/", "/a/b/", "/a/b/"),
        ("/a/b/.", "/a/b", "/a/b/."),
        ("/a/b/..", "/a", "/a/b/.."),
        ("/a/b/../", "/a/", "/a/b/../"),
        ("/..", "/", "/.."),
        ("/../../a", "/a", "/../../a"),
        ("/./", "/", "/./"),
        ("/a/...", "/a/...", "/a/..."),
        ("/.well-known", "/.well-known", "/.well-known"),
        ("/a/%2e%2e/b", "/a/%252e%252e/b", "/a/../b"),
    ],
)
def test_cr_path_1_to_6(path: str, default: str, s3: str | None) -> None:
    url = f"https://h.example{path}"
    assert lines(url)[1] == default
    if s3 is not None:
        assert S3_SIGNER.explain("GET", url, at=NOW).canonical_request.split("\n")[1] == s3


@pytest.mark.parametrize("path", ["/libstdc++", "/+", "/a%20b+c", "/a+b?x=y"])
def test_cr_path_4_a_raw_plus_sign_is_not_signed_for_s3(path: str) -> None:
    for act in (S3_SIGNER.sign, S3_SIGNER.explain, lambda *a, **k: S3_SIGNER.presign(*a, **k, expires=60)):
        with pytest.raises(SigningError, match="write '%2B' for a plus sign, or '%20' for a space"):
            act("GET", f"https://h.example{path}", at=NOW)
    assert lines("https://h.example/a+b")[1] == "/a%2Bb"
    assert S3_SIGNER.explain("GET", "https://h.example/?a+b", at=NOW)


def test_cr_path_4_the_verifier_reads_a_raw_plus_sign_as_s3_does() -> None:
    headers = S3_SIGNER.sign("GET", "https://h.example/a%20b", at=NOW)
    keys = CREDENTIALS
    for strict in (False, True):
        checker = Verifier("s3", "us-east-1", lambda claim: keys, clock=lambda: NOW, strict=strict)
        assert checker.verify("GET", "/a%20b", headers)
        with pytest.raises(VerificationError):
            checker.verify("GET", "/a%2Bb", headers)
        if strict:
            with pytest.raises(VerificationError):
                checker.verify("GET", "/a+b", headers)
        else:
            assert checker.verify("GET", "/a+b", headers)


@pytest.mark.parametrize("end", ["%", "%4", "%4g", "%%41", "a%", "%zz/b", "% 1", "%+1", "%-1"])
def test_a_broken_escape_is_refused(end: str) -> None:
    for url in (f"https://h.example/{end}", f"https://h.example/?a={end}", f"https://h.example/?{end}=a"):
        if " " not in url:
            assert "expected two hex digits after '%'; a literal percent sign is written '%25'" in refused(
                "GET", url
            )


def test_cr_path_5_a_raw_target_keeps_its_bytes() -> None:
    raw = "/ሴ a?ሴ=b c".encode().decode("latin-1")
    found = lines(raw, {"Host": "h"}, raw_target=True)
    assert found[1:3] == ["/%E1%88%B4%20a", "%E1%88%B4=b%20c"]
    with pytest.raises(SigningError, match="decode the bytes as Latin-1"):
        S3_SIGNER.explain("GET", "/ሴ", {"Host": "h"}, raw_target=True)


@pytest.mark.parametrize(
    ("query", "canonical"),
    [
        ("", ""),
        ("a", "a="),  # CR-QUERY-1
        ("a=", "a="),
        ("a=b=c", "a=b%3Dc"),
        ("a=/", "a=%2F"),
        ("a=%7e%2d", "a=~-"),
        ("a=%2f", "a=%2F"),
        ("b=1&a=2", "a=2&b=1"),  # CR-QUERY-2
        ("a=2&a=1&A=3", "A=3&a=1&a=2"),
        ("a=b&a=B", "a=B&a=b"),
        ("Param-3=Value3&Param=Value2&%E1%88%B4=Value1", "%E1%88%B4=Value1&Param=Value2&Param-3=Value3"),
        ("a1=x&a=z", "a=z&a1=x"),
        ("a=1+2", "a=1%202"),  # CR-QUERY-3
        ("a=1%2B2", "a=1%2B2"),
        ("a=1&&b=2&", "a=1&b=2"),  # CR-QUERY-4
        ("&", ""),
        ("=v", "=v"),
        ("=", "="),
        ("a=1;b=2", "a=1%3Bb%3D2"),  # CR-QUERY-5
        ("a=?", "a=%3F"),
        ("?a=b", "%3Fa=b"),
        ("a=%3D", "a=%3D"),  # CR-QUERY-1: once, not twice
        ("a=%ff", "a=%FF"),
        ("a=1#b=2", "a=1"),
    ],
)
def test_cr_query_1_to_8(query: str, canonical: str) -> None:
    for url in (f"https://h.example/?{query}", f"https://h.example?{query}"):
        assert lines(url)[2] == canonical


def test_the_output_of_the_encoders_is_signed_unchanged() -> None:
    path, query = encode_path("/a b/ü+%~"), encode_query([("k y", "v/+&="), ("a", "")])
    assert (path, query) == ("/a%20b/%C3%BC%2B%25~", "k%20y=v%2F%2B%26%3D&a=")
    assert encode_query({"a": "b"}) == "a=b"
    explanation = S3_SIGNER.explain("GET", f"https://h.example{path}?{query}", at=NOW)
    assert explanation.canonical_request.split("\n")[1:3] == [path, "a=&k%20y=v%2F%2B%26%3D"]
