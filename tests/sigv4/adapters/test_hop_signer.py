"""The headers and bodies that every adapter signs, and the headers that it removes for another origin."""

from __future__ import annotations

import io
from typing import Any

import pytest

from sigv4 import UNSIGNED_PAYLOAD, Credentials, Signer, SigningError
from sigv4.adapters.hop_signer import (
    HopSigner,
    body_to_hash,
    is_of_signature,
    origin_of,
    parse_origins,
    remaining_length,
    several,
    with_escaped_spaces,
)
from sigv4.dialects import dialect_of

CREDENTIALS = Credentials("AKIDEXAMPLE", "secret")
SIGNER = Signer("sagemaker", "us-east-1", CREDENTIALS)
AT = 1_800_000_000.0


@pytest.mark.parametrize(
    ("name", "signed"),
    [("Host", True), ("CONTENT-TYPE", True), ("content-md5", True), ("Date", True), ("X-Amz-Any", True), ("x-own", True), ("X-Own2", True)]
    + [(name, False) for name in ("x-amz", "accept", "content-length", "user-agent", "ax-amz-date", "contents")],
)  # fmt: skip
def test_which_headers_are_signed(name: str, signed: bool) -> None:
    assert HopSigner(SIGNER, ("X-Own", "x-own2")).signs(name) is signed


@pytest.mark.parametrize("name", ["User-Agent", "authorization", "connection"])
def test_a_header_that_is_never_signed_is_refused_by_name(name: str) -> None:
    assert name.lower() in SIGNER.dialect.never_signed
    with pytest.raises(
        SigningError, match=rf"^sign_headers names '{name.lower()}', which is never signed \("
    ):
        HopSigner(SIGNER, (name,))


def test_the_signed_headers_come_first_and_an_old_signature_is_dropped() -> None:
    signer = Signer("sagemaker", "us-east-1", CREDENTIALS, clock=lambda: AT)
    given = [("Accept", "a"), ("X-Amz-B", "b"), ("authorization", "old"), ("Content-Type", "c")]
    sent = HopSigner(signer).sign("POST", "http://h/", "h", given, b"{}")
    names = [name.lower() for name, _ in sent]
    assert names[-1] == "accept"
    assert names.count("authorization") == 1
    assert dict(sent) == {
        "Accept": "a",
        **signer.sign("POST", "http://h/", {"Host": "h", "X-Amz-B": "b", "Content-Type": "c"}, b"{}"),
    }
    other = HopSigner(signer).sign("POST", "http://h/", "other", [("HOST", "h")], b"")
    assert [value for name, value in other if name.lower() == "host"] == ["h"]


def test_no_payload_hash_is_sent_to_a_service_that_accepts_none() -> None:
    assert HopSigner(SIGNER).body(b"x") == b"x"
    unsigned = [each for each in ("s3", "sagemaker", "vpc-lattice-svcs") if dialect_of(each).unsigned_payload]
    for service in unsigned:
        assert HopSigner(Signer(service, "us-east-1", CREDENTIALS)).body(b"x") is UNSIGNED_PAYLOAD
    assert unsigned == ["vpc-lattice-svcs"]


def test_a_single_text_is_not_several() -> None:
    assert several("o", iter(["a", "b"])) == ("a", "b")
    with pytest.raises(SigningError, match=r"^o is the str 'ab': expected several, such as \('ab',\)$"):
        several("o", "ab")


class OnlyReads:
    def __init__(self, seekable: Any) -> None:
        self.seekable = seekable

    def read(self) -> bytes:
        return b""


def test_what_can_be_hashed() -> None:
    for body in (None, b"x", "x"):
        assert body_to_hash(body) is body
    for buffer in (bytearray(b"x"), memoryview(b"x")):
        assert body_to_hash(buffer) == b"x"
        assert type(body_to_hash(buffer)) is bytes
    file = io.BytesIO(b"x")
    assert body_to_hash(file) is file
    for wrong in (
        5,
        [b"x"],
        iter([b"x"]),
        OnlyReads(lambda: False),
        type("Seeks", (), {"seekable": lambda self: True})(),
    ):
        with pytest.raises(
            SigningError, match=f"^the body is {type(wrong).__name__}, which hashing would use up"
        ):
            body_to_hash(wrong)


def test_how_much_of_a_file_is_left() -> None:
    file = io.BytesIO(b"0123456789")
    for position, left in ((0, 10), (4, 6), (10, 0), (12, 0)):
        file.seek(position)
        assert remaining_length(file) == left
        assert file.tell() == position
    assert remaining_length(OnlyReads(lambda: False)) is None
    assert remaining_length(b"x") is None


@pytest.mark.parametrize(
    ("url", "escaped"),
    [
        ("http://h/a+b?c+d=e+f#g+h", "http://h/a+b?c%20d=e%20f#g+h"),
        ("http://h/a?b", "http://h/a?b"),
        ("http://h/a+b", "http://h/a+b"),
        ("http://h/a#b?c+d", "http://h/a#b?c+d"),
        ("/a?b+c", "/a?b%20c"),
        ("/a?b+c?d+e", "/a?b%20c?d%20e"),
        ("/a?b#c+d", "/a?b#c+d"),
    ],
)
def test_a_raw_plus_of_a_query_is_written_as_a_space(url: str, escaped: str) -> None:
    assert with_escaped_spaces(url) == escaped


def test_what_is_removed_for_another_origin() -> None:
    names = ("Authorization", "X-AMZ-Date", "x-amz-", "x-amz", "Authorizations", "Date", "Cookie")
    assert [name for name in names if is_of_signature(name)] == ["Authorization", "X-AMZ-Date", "x-amz-"]


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://H/a", ("https", "h", 443)),
        ("http://h:80", ("http", "h", 80)),
        ("HTTPS://h:8443/a?b", ("https", "h", 8443)),
        ("http://[::1]/", ("http", "::1", 80)),
    ],
)
def test_the_origin_of_a_url(url: str, origin: tuple[str, str, int]) -> None:
    assert origin_of(url) == origin


def test_a_path_alone_has_no_origin() -> None:
    with pytest.raises(
        SigningError, match=f"^expected a URL such as 'https://host/path', got '/{'x' * 79}'$"
    ):
        origin_of("/" + "x" * 100)


@pytest.mark.parametrize("url", ["https://u:p/w@h", "https://u:p?w@h", "https://u:p#w@h", "https://u:1/w@h"])
def test_no_error_shows_a_password_with_a_delimiter_in_it(url: str) -> None:
    with pytest.raises(SigningError, match="with an '@', which is not shown"):
        parse_origins(url)
    if ":p" in url:  # ":1" is a port
        with pytest.raises(SigningError, match="with an '@', which is not shown"):
            origin_of(url)


def test_origins_are_parsed() -> None:
    both = frozenset({("https", "h", 443), ("http", "i", 8)})
    assert parse_origins(["https://h", "http://I:8/"]) == both
    assert parse_origins("https://h") == frozenset({("https", "h", 443)})
    for wrong in ("https://u@h", "https://h/a", "https://h/?a", "https://h/#a", "https://h#a"):
        with pytest.raises(SigningError, match="expected scheme, host and port as"):
            parse_origins([wrong])
    with pytest.raises(SigningError, match="no origin: expected at least one"):
        parse_origins([])
