"""Signer: every form of input, what comes back, and the texts of what is refused."""

from __future__ import annotations

import datetime
import hashlib
import io
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, strategies as st

from sigv4 import (
    DEFAULT,
    S3,
    UNSIGNED_PAYLOAD,
    Credentials,
    Payload,
    Request,
    Signer,
    SigningError,
    VerificationError,
    Verifier,
    encode_path,
    encode_query,
)
from sigv4.authorization import QUERY_PARTS
from sigv4.payload import LITERALS
from tests.sigv4.signed import BODY, CREDENTIALS, HEADERS, KEY_ID, NOW, SECRET, TEMPORARY, TOKEN, URL

SIGNER = Signer("service", "us-east-1", CREDENTIALS)
S3_SIGNER = Signer("s3", "us-east-1", CREDENTIALS)


def lines(url: str = URL, headers: Any = (), body: Any = None, **options: Any) -> list[str]:
    """The lines of the canonical request."""
    return SIGNER.explain("GET", url, headers, body, at=NOW, **options).canonical_request.split("\n")


def refused(*arguments: Any, signer: Signer = SIGNER, **options: Any) -> str:
    with pytest.raises(SigningError) as caught:
        signer.sign(*arguments, **options)
    return str(caught.value)


# --- what sign returns


def test_sign_returns_all_the_headers_to_send() -> None:
    signed = Signer("sagemaker", "us-east-1", TEMPORARY).sign("POST", URL, HEADERS, BODY, at=NOW)
    assert list(signed) == [
        *HEADERS,
        "Host",
        "X-Amz-Date",
        "X-Amz-Security-Token",
        "Authorization",
    ]
    assert signed["Host"] == "api.sagemaker.us-east-1.amazonaws.com"
    assert signed["X-Amz-Date"] == "20150830T123600Z"
    assert signed["X-Amz-Security-Token"] == TOKEN
    assert {name: signed[name] for name in HEADERS} == HEADERS


def test_the_callers_headers_are_left_alone() -> None:
    given_headers = {"authorization": "old", "A": "b"}
    SIGNER.sign("GET", URL, given_headers, at=NOW)
    assert given_headers == {"authorization": "old", "A": "b"}


@pytest.mark.parametrize("signer", [SIGNER, S3_SIGNER, Signer("s3", "us-east-1", TEMPORARY)])
def test_signing_its_own_output_again_changes_nothing(signer: Signer) -> None:
    once = signer.sign("PUT", URL, {"A": " b  c ", "User-Agent": "x"}, b"body", at=NOW)
    assert signer.sign("PUT", URL, once, b"body", at=NOW) == once


def test_cr_hdr_9_what_an_older_signature_left_is_replaced_in_any_spelling() -> None:
    old = {"AUTHORIZATION": "old", "x-amz-DATE": "old", "x-amz-security-token": "old"}
    signed = SIGNER.sign("GET", URL, old, at=NOW)
    assert "old" not in signed.values()
    assert sorted(signed) == ["Authorization", "Host", "X-Amz-Date"]


def test_what_sign_returns_is_unique_by_lower_cased_name() -> None:
    for headers in (
        [("a", "1"), ("A", "2"), ("X-Amz-Date", "x"), ("x-amz-date", "y")],
        {"HOST": "h"},
        {"x-amz-content-SHA256": hashlib.sha256(b"").hexdigest()},
    ):
        names = [name.lower() for name in SIGNER.sign("GET", URL, headers, at=NOW)]
        assert sorted(set(names)) == sorted(names)


def test_never_signed_headers_are_sent_unsigned() -> None:
    headers = dict.fromkeys(DEFAULT.never_signed, "x")
    del headers["authorization"]
    signed = SIGNER.sign("GET", URL, headers, at=NOW)
    assert headers.items() <= signed.items()
    assert "SignedHeaders=host;x-amz-date," in str(signed["Authorization"])


def test_a_dialect_of_the_caller_decides_which_headers_are_signed() -> None:
    dialect = DEFAULT.replace(never_signed={"a": "for the test"})
    signer = Signer("service", "us-east-1", CREDENTIALS, dialect=dialect)
    assert signer.explain("GET", URL, {"A": "1", "Via": "2"}, at=NOW).signed_headers == "host;via;x-amz-date"


@pytest.mark.parametrize(
    ("service", "name"), [("s3", "s3"), ("s3-outposts", "s3"), ("s3-object-lambda", "s3"), ("iam", "default")]
)
def test_the_dialect_follows_from_the_service(service: str, name: str) -> None:
    assert Signer(service, "us-east-1", CREDENTIALS).dialect.name == name


def test_a_dialect_has_no_other_fields() -> None:
    with pytest.raises(TypeError, match=r"Dialect takes .*: got normalise after"):
        DEFAULT.replace(normalise=True)


def test_credentials_from_a_callable_are_asked_anew_for_each_signature() -> None:
    answers = iter((CREDENTIALS, TEMPORARY))
    signer = Signer("service", "us-east-1", lambda: next(answers))
    assert "X-Amz-Security-Token" not in signer.sign("GET", URL)
    assert signer.sign("GET", URL)["X-Amz-Security-Token"] == TOKEN


def test_a_kept_key_is_not_used_on_another_day_or_for_another_secret() -> None:
    current = [CREDENTIALS]
    signer = Signer("service", "us-east-1", lambda: current[0])
    for credentials in (CREDENTIALS, Credentials(KEY_ID, SECRET + "x"), CREDENTIALS):
        current[0] = credentials
        for at in (NOW, NOW + 86400, NOW):
            fresh = Signer("service", "us-east-1", credentials).sign("GET", URL, at=at)
            assert signer.sign("GET", URL, at=at) == fresh


def test_a_signer_is_shared_between_threads() -> None:
    signer = Signer("service", "us-east-1", CREDENTIALS)
    cases = [(f"https://h{i}.example/{i}?{i}", {f"a{i}": "b"}, NOW + i * 86400) for i in range(4)]
    expected = [Signer("service", "us-east-1", CREDENTIALS).sign("GET", u, h, at=at) for u, h, at in cases]
    wrong: list[int] = []

    def run(i: int) -> None:
        url, headers, at = cases[i]
        wrong.extend(i for _ in range(300) if signer.sign("GET", url, headers, at=at) != expected[i])

    threads = [threading.Thread(target=run, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_request_unpacks_into_sign() -> None:
    request = Request("POST", URL, HEADERS, BODY)
    assert SIGNER.sign(*request, at=NOW) == SIGNER.sign("POST", URL, HEADERS, BODY, at=NOW)


def test_what_a_new_signer_remembers_is_true() -> None:
    """It starts with a target and a moment in mind: both must be what they would be anew."""
    for dialect in (DEFAULT, S3):
        new = Signer("service", "us-east-1", CREDENTIALS, dialect=dialect)
        used = Signer("service", "us-east-1", CREDENTIALS, dialect=dialect)
        used.sign("GET", URL, at=NOW)
        for at in (0, -1, 1):
            assert new.sign("GET", "/", {"Host": "h"}, at=at) == used.sign("GET", "/", {"Host": "h"}, at=at)
        assert "expected a URL such as" in refused(
            "GET", "", {"Host": "h"}, signer=Signer("iam", "us-east-1", CREDENTIALS)
        )


# --- bodies


def payload(body: Any, signer: Signer = SIGNER) -> str:
    return signer.explain("PUT", URL, (), body, at=NOW).canonical_request.split("\n")[-1]


@pytest.mark.parametrize(
    ("body", "data"),
    [
        (b"abc", b"abc"),
        (b"", b""),
        (None, b""),
        ("", b""),
        ("aü", "aü".encode()),
        (bytearray(b"abc"), b"abc"),
        (memoryview(b"abc"), b"abc"),
        (io.BytesIO(b"abc"), b"abc"),
        (Payload.sha256(hashlib.sha256(b"abc").digest()), b"abc"),
        (Payload.sha256(hashlib.sha256(b"abc").hexdigest()), b"abc"),
    ],
)
def test_payload_1_the_hash_of_each_form_of_body(body: Any, data: bytes) -> None:
    assert payload(body) == hashlib.sha256(data).hexdigest()


def test_payload_6_a_file_is_hashed_from_its_position_which_is_restored(tmp_path: Path) -> None:
    data = bytes(range(256)) * 4096
    path = tmp_path / "body"
    path.write_bytes(data)
    with path.open("rb") as buffered, path.open("rb", buffering=0) as raw:
        for file in (buffered, raw):
            file.seek(1000)
            assert payload(file) == hashlib.sha256(data[1000:]).hexdigest()
            assert file.tell() == 1000


class ReadOnly:
    """A seekable file with the fewest methods."""

    def __init__(self, data: bytes) -> None:
        self._file = io.BytesIO(data)
        self.read, self.seek, self.tell = self._file.read, self._file.seek, self._file.tell

    def seekable(self) -> bool:
        return True


def test_a_file_without_readinto_is_read() -> None:
    file = ReadOnly(b"abc")
    file.read(1)
    assert payload(file) == hashlib.sha256(b"bc").hexdigest()
    assert file.tell() == 1


def test_a_text_file_is_refused_and_its_position_restored() -> None:
    file = io.StringIO("abc")
    assert refused("PUT", URL, (), file) == "the body is a text file: open it in binary mode ('rb')"
    assert file.tell() == 0


def test_a_file_that_cannot_seek_is_refused_unread() -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    pipe = Pipe(b"abc")
    text = refused("PUT", URL, (), pipe)
    assert "cannot seek" in text
    assert "Payload.sha256" in text
    assert pipe.read() == b"abc"


@pytest.mark.parametrize(
    ("body", "kind"),
    [((part for part in (b"a",)), "generator"), ([b"a"], "list"), ({"a": "b"}, "dict"), (1, "int")],
)
def test_what_is_no_body_is_refused_with_the_way_out(body: Any, kind: str) -> None:
    text = refused("PUT", URL, (), body)
    assert text.startswith(
        f"the body is {kind}: expected bytes, str, None, a seekable binary file or a Payload"
    )
    assert "read an iterable into bytes first" in text


def test_a_str_that_utf_8_cannot_carry_is_refused() -> None:
    expected = "the body holds a lone surrogate at position 1: pass the bytes to send"
    assert refused("PUT", URL, (), "a\ud800") == expected


@pytest.mark.parametrize("digest", ["", "e3", "E3B0" * 16, "g" * 64, b"", b"x" * 31])
def test_a_digest_that_is_none_is_refused(digest: str | bytes) -> None:
    with pytest.raises(SigningError, match="expected a SHA-256 as 64 lower-case hex digits or 32 bytes"):
        Payload.sha256(digest)


def test_payload_4_s3_has_the_header_and_others_have_not() -> None:
    assert "X-Amz-Content-SHA256" not in SIGNER.sign("PUT", URL, (), b"x")
    signed = S3_SIGNER.sign("PUT", URL, (), b"x")
    assert signed["X-Amz-Content-SHA256"] == hashlib.sha256(b"x").hexdigest()
    assert "x-amz-content-sha256" in str(signed["Authorization"])


def test_payload_5_an_unsigned_payload_is_the_dialects_choice() -> None:
    signed = S3_SIGNER.sign("PUT", URL, (), UNSIGNED_PAYLOAD)
    assert signed["X-Amz-Content-SHA256"] == "UNSIGNED-PAYLOAD"
    assert refused("PUT", URL, (), UNSIGNED_PAYLOAD) == (
        "UNSIGNED-PAYLOAD is not taken by service (dialect 'default'): sign the body itself, or pass a dialect "
        "with it among its payload_literals"
    )
    dialect = DEFAULT.replace(payload_literals=frozenset(("UNSIGNED-PAYLOAD",)))
    signed = Signer("aoss", "us-east-1", CREDENTIALS, dialect=dialect).sign("PUT", URL, (), UNSIGNED_PAYLOAD)
    assert signed["X-Amz-Content-SHA256"] == "UNSIGNED-PAYLOAD"


def test_a_str_body_is_never_taken_for_a_literal_or_a_hash() -> None:
    for text in (*LITERALS, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"):
        assert payload(text, S3_SIGNER) == hashlib.sha256(text.encode()).hexdigest()


# --- headers


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
def test_headers_that_are_no_pairs_are_named_without_their_values(headers: Any) -> None:
    signer = Signer("sagemaker", "us-east-1", CREDENTIALS)
    for verb in (signer.sign, lambda *request: signer.presign(*request, expires=60)):
        with pytest.raises(SigningError, match="neither a mapping nor pairs") as caught:
            verb("GET", URL, headers)
        assert "secret" not in str(caught.value)


def test_cr_hdr_2_repeated_headers_are_joined_in_arrival_order_as_signed_so_sent() -> None:
    headers = [("X-A", "3"), ("x-a", " 1 "), (b"X-a", b"2")]
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


# --- Host


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


def test_cr_hdr_6_a_host_header_of_the_caller_is_taken_as_it_is() -> None:
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
        ("https://h/\ud800", "'\\ud800'", 10, "'%ED%A0%80'"),
        *((f"https://h/{c}", repr(c), 10, f"'%{ord(c):02X}'") for c in '"<>\\^`{|}'),
        ("/a b", "' '", 2, "'%20'"),
        ("https://ü.example/", "'ü'", 8, "its 'xn--' form"),
    ],
)
def test_a_url_that_cannot_stand_on_a_request_line_is_refused(
    url: str, char: str, position: int, fix: str
) -> None:
    text = refused("GET", url)
    assert f"the URL holds {char} at position {position}, which a request line cannot carry" in text
    assert fix in text


# --- paths


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


def test_cr_path_5_a_raw_target_is_taken_as_the_bytes_given() -> None:
    raw = "/ሴ a?ሴ=b c".encode().decode("latin-1")
    found = lines(raw, {"Host": "h"}, raw_target=True)
    assert found[1:3] == ["/%E1%88%B4%20a", "%E1%88%B4=b%20c"]
    with pytest.raises(SigningError, match="decode them as Latin-1"):
        S3_SIGNER.explain("GET", "/ሴ", {"Host": "h"}, raw_target=True)


# --- queries


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


def test_the_encoders_make_what_is_signed_unchanged() -> None:
    path, query = encode_path("/a b/ü+%~"), encode_query([("k y", "v/+&="), ("a", "")])
    assert (path, query) == ("/a%20b/%C3%BC%2B%25~", "k%20y=v%2F%2B%26%3D&a=")
    assert encode_query({"a": "b"}) == "a=b"
    explanation = S3_SIGNER.explain("GET", f"https://h.example{path}?{query}", at=NOW)
    assert explanation.canonical_request.split("\n")[1:3] == [path, "a=&k%20y=v%2F%2B%26%3D"]


# --- method, time, names


@pytest.mark.parametrize("method", ["", "GE T", "GET\n", "GËT", "GET:", None, b"GET"])
def test_cr_method_a_method_is_a_token(method: Any) -> None:
    assert f"the method is {method!r}: expected an HTTP method such as 'GET'" in refused(method, URL)


@pytest.mark.parametrize("method", ["GET", "get", "PROPFIND", "M-SEARCH"])
def test_cr_method_is_taken_as_sent(method: str) -> None:
    assert SIGNER.explain(method, URL, at=NOW).canonical_request.startswith(f"{method}\n")


UTC = datetime.timezone.utc
EAST = datetime.timezone(datetime.timedelta(hours=5, minutes=30))


@pytest.mark.parametrize(
    ("at", "timestamp"),
    [
        (NOW, "20150830T123600Z"),
        (NOW + 0.999, "20150830T123600Z"),
        (0, "19700101T000000Z"),
        (-1, "19691231T235959Z"),
        (-0.5, "19691231T235959Z"),
        (253402300799, "99991231T235959Z"),
        (-62135596800, "00010101T000000Z"),
        (datetime.datetime(2015, 8, 30, 12, 36, tzinfo=UTC), "20150830T123600Z"),
        (datetime.datetime(2015, 8, 30, 18, 6, 0, 999999, tzinfo=EAST), "20150830T123600Z"),
    ],
)
def test_sts_3_the_time_is_an_aware_datetime_or_epoch_seconds(at: Any, timestamp: str) -> None:
    explanation = SIGNER.explain("GET", URL, at=at)
    assert explanation.headers["X-Amz-Date"] == timestamp
    assert explanation.credential_scope == f"{timestamp[:8]}/us-east-1/service/aws4_request"


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (datetime.datetime(2015, 8, 30), "give it its time zone (tzinfo=timezone.utc)"),
        (datetime.date(2015, 8, 30), "at= is date: expected an aware datetime or epoch seconds"),
        ("20150830T123600Z", "at= is str: expected an aware datetime or epoch seconds"),
        (float("nan"), "outside the years 1 to 9999"),
        (float("inf"), "outside the years 1 to 9999"),
        (-float("inf"), "outside the years 1 to 9999"),
        (253402300800, "outside the years 1 to 9999"),
        (-62135596801, "outside the years 1 to 9999"),
        (1440938160000, "outside the years 1 to 9999"),
    ],
)
def test_refused_times(at: Any, text: str) -> None:
    assert text in refused("GET", URL, at=at)


def test_the_clock_is_asked_where_no_time_is_given() -> None:
    signer = Signer("service", "us-east-1", CREDENTIALS, clock=lambda: NOW + 0.5)
    assert signer.sign("GET", URL) == SIGNER.sign("GET", URL, at=NOW)


@pytest.mark.parametrize("name", ["", "us east", "us/east", "ü", "a\n", None, 1])
def test_sts_2_names_fit_into_a_scope(name: Any) -> None:
    with pytest.raises(SigningError, match="the service is"):
        Signer(name, "us-east-1", CREDENTIALS)
    with pytest.raises(SigningError, match="the region is"):
        Signer("iam", name, CREDENTIALS)


def test_explain_does_what_sign_does() -> None:
    arguments: Any = ("PUT", URL + "a?b", {"A": "c"}, b"d")
    explanation = SIGNER.explain(*arguments, at=NOW)
    assert explanation.headers == SIGNER.sign(*arguments, at=NOW)
    assert explanation.authorization == explanation.headers["Authorization"]
    assert explanation.authorization.endswith(f"Signature={explanation.signature}")
    shown = str(explanation)
    for part in (*explanation.canonical_request.split("\n"), *explanation.string_to_sign.split("\n")):
        assert part in shown


# --- any input

NAMES = st.text(st.characters(max_codepoint=0x17F), max_size=6)
ANY_TEXT = st.text(max_size=20)
ANY_HEADER = st.tuples(
    st.one_of(
        NAMES, st.binary(max_size=6), st.sampled_from(["Host", "host", "X-Amz-Date", "X-Amz-Content-SHA256"])
    ),
    st.one_of(ANY_TEXT, st.binary(max_size=20)),
)
WIRE = st.text(st.sampled_from("aZ09-._~%/?&=+;:@!$'(),*[]#2fF "), max_size=30)
ANY_URL = st.one_of(
    ANY_TEXT,
    WIRE.map(lambda text: f"https://h.example/{text}"),
    WIRE.map(lambda text: f"/{text}"),
    WIRE.map(lambda text: f"http://{text}"),
)
ANY_BODY = st.one_of(st.none(), st.binary(max_size=20), ANY_TEXT)


@given(
    method=st.one_of(st.sampled_from(["GET", "POST", "x"]), ANY_TEXT),
    url=ANY_URL,
    headers=st.lists(ANY_HEADER, max_size=4),
    body=ANY_BODY,
    service=st.sampled_from(["iam", "s3"]),
    at=st.one_of(st.integers(0, 4102444800), st.floats()),
    credentials=st.sampled_from([CREDENTIALS, TEMPORARY]),
)
@example("GET", "https://h.example/", [], None, "iam", -1.0, CREDENTIALS)
@example("GET", "", [("Host", "h")], None, "iam", 0, CREDENTIALS)
@example("GET", "https://h.example/", [], "\ud800", "iam", 0, CREDENTIALS)
@example("GET", "https://h.example/?", [("A", "\t")], b"", "s3", 0, TEMPORARY)
def test_any_input_signs_and_verifies_or_is_refused_by_a_signing_error(
    method: str, url: str, headers: list[Any], body: Any, service: str, at: float, credentials: Credentials
) -> None:
    try:
        signed = Signer(service, "us-east-1", credentials).sign(method, url, headers, body, at=at)
    except SigningError:
        return
    target = url.partition("#")[0]
    if "://" in target.partition("?")[0]:
        rest = target.split("://", 1)[1]
        cut = min((rest.find(char) for char in "/?" if char in rest), default=len(rest))
        target = rest[cut:] if rest[cut : cut + 1] == "/" else "/" + rest[cut:]
    verifier = Verifier(service, "us-east-1", lambda claim: credentials, clock=lambda: at)
    data = body.encode() if isinstance(body, str) else body or b""
    assert verifier.verify(method, target, signed.items(), data).access_key_id == KEY_ID
    names = [name.lower() for name in signed]
    assert len(names) == len(set(names))
