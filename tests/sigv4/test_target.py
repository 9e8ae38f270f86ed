"""Splitting URLs: schemes, hosts and ports in every spelling, compared with httpx and urllib."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import httpx
import pytest

from sigv4 import Credentials, Signer
from sigv4.errors import SigningError
from sigv4.target import (
    cut_url,
    encode_path,
    encode_query,
    host_and_port,
    is_host_label,
    is_loopback,
    join_host,
    split_endpoint,
    split_host,
    split_target,
    split_url,
    user_info_of,
    with_lower_host,
    without_default_port,
)

SCHEMES = ("http", "https", "ws", "wss", "HTTP", "Https", "WS", "wSS")
PORTS = ("", ":", ":80", ":443", ":080", ":0443", ":8443", ":08443", ":1", ":65535")
HOSTS = ("h.example", "H.Example", "127.0.0.1", "[::1]", "[fd00:ec2::254]")


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_host_header_is_that_of_httpx_for_every_spelling_of_scheme_and_port(scheme: str) -> None:
    for port in PORTS:
        for host in HOSTS:
            _assert_split_as_httpx_does(scheme, f"{scheme}://{host}{port}/a?b=c#d")


def _assert_split_as_httpx_does(scheme: str, url: str) -> None:
    # httpx compares the scheme as spelled when it looks for the default port.
    referee, found = httpx.URL(url.replace(scheme, scheme.lower(), 1)), split_url(url)
    netloc = referee.netloc.decode("ascii")
    default = {"http": 80, "https": 443, "ws": 80, "wss": 443}[found.scheme]
    assert split_target(url) == (netloc, "/a", "b=c")
    assert (found.scheme, found.host, found.authority) == (referee.scheme, referee.host, netloc)
    assert found.port == (referee.port or default) == (urlsplit(url).port or default)
    assert (found.target, found.path, found.query) == ("/a?b=c", "/a", "b=c")
    assert found.origin == (referee.scheme, referee.host, referee.port or default)
    assert not found.has_user_info
    assert found.is_encrypted is (default == 443)


def test_a_signature_is_the_same_with_and_without_the_default_port() -> None:
    signer = Signer("s3", "us-east-1", Credentials("AKIDEXAMPLE", "secret"))
    for plain, others in (
        ("wss://h.example/x", ("wss://h.example:443/x", "WSS://h.example:0443/x", "wss://h.example:/x")),
        ("ws://h.example/x", ("ws://h.example:80/x", "ws://h.example:080/x")),
        ("https://h.example/x", ("https://h.example:0443/x",)),
    ):
        headers = signer.sign("GET", plain, at=0)
        assert headers["Host"] == "h.example"
        assert [signer.sign("GET", other, at=0) for other in others] == [headers] * len(others)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("s3://bucket/key", "write https://BUCKET.s3.REGION.amazonaws.com/KEY"),
        ("S3://bucket/key", "write https://BUCKET.s3.REGION.amazonaws.com/KEY"),
        ("s3a://bucket/key", "write https://BUCKET.s3.REGION.amazonaws.com/KEY"),
        ("ftp://h.example/", "the URL's scheme is 'ftp'"),
        ("mqtt://h.example/", "write the https:// or wss:// URL"),
        ("h.example/path", "expected a URL such as 'https://host/path'"),
        ("user:password@h.example", "which is not shown"),
        ("https:h.example", "expected a URL"),
        ("https:///path", "names no valid host"),
        ("https://:443/", "names no valid host"),
        ("https://h.example:0/", "a port from 1 to 65535"),
        ("https://h.example:65536/", "a port from 1 to 65535"),
        ("https://h.example:000000000000000000000/", "a port from 1 to 65535"),
        ("https://h.example:+80/", "a port from 1 to 65535"),
        ("https://h.example:8 0/", "8 0"),
        ("https://a:b:80/", "names no valid host"),
        ("https://::1/", "names no valid host"),
        ("https://[::1/", "names no valid host"),
        ("https://::1]/", "names no valid host"),
        ("https://[]/", "names no valid host"),
        ("https://[v1.x]/", "names no valid host"),
        ("https://h%2eexample/", "names no valid host"),
        ("https://h%zz/", "names no valid host"),
        ("https://user@h%/", "names no valid host"),
        ("wss://h%3A443/", "names no valid host"),
        ("s3n://bucket/key", "write https://BUCKET.s3.REGION.amazonaws.com/KEY for s3n://"),
        ("https://[::1]x/", "names no valid host"),
        ("https://[h.example/", "names no valid host"),
        ("https://user:password@:1/", "names no valid host"),
    ],
)
def test_a_url_that_cannot_be_sent_is_refused_and_no_password_is_shown(url: str, words: str) -> None:
    for split in (split_target, split_url, split_endpoint):
        if split is split_target and " " in url:
            words = "port"
        with pytest.raises(SigningError) as caught:
            split(url)
        assert "password" not in str(caught.value)
        assert words in str(caught.value) or " " in url


@pytest.mark.parametrize("sign", ["sign", "presign"])
def test_what_is_not_http_is_neither_signed_nor_presigned(sign: str) -> None:
    signer = Signer("s3", "us-east-1", Credentials("AKIDEXAMPLE", "secret"))
    with pytest.raises(SigningError, match="only https, http, wss and ws requests are signed"):
        getattr(signer, sign)("GET", "s3://bucket/key", **({"expires": 60} if sign == "presign" else {}))


def test_an_origin_form_target_has_no_host() -> None:
    assert split_target("//h.example/x?u=https://other/#f") == ("", "//h.example/x", "u=https://other/")
    with pytest.raises(SigningError, match=r"got '//h\.example/x'"):
        split_url("//h.example/x")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://user@h.example", "a user name or password"),
        ("https://user:password@h.example", "a user name or password"),
        ("http://127.0.0.1:1@evil.example/", "a user name or password"),
        ("https://@h.example", "a user name or password"),
        ("https://h.example/?x", "a query or a fragment"),
        ("https://h.example/?", "a query or a fragment"),
        ("https://h.example/#x", "a query or a fragment"),
        ("wss://h.example/", "the scheme is 'wss'"),
        ("https://h_example/", "names no valid host"),
        ("https://-h.example/", "names no valid host"),
        ("https://h..example/", "names no valid host"),
        (f"https://{'h' * 64}.example/", "names no valid host"),
        ("https://[::g]/", "names no valid host"),
    ],
)
def test_an_endpoint_has_only_scheme_host_port_and_path(url: str, words: str) -> None:
    with pytest.raises(SigningError, match=words) as caught:
        split_endpoint(url)
    assert "password@" not in str(caught.value)


def test_a_valid_endpoint_is_accepted() -> None:
    assert split_endpoint("HTTPS://H.example.:0443/a").authority == "h.example."
    assert split_endpoint("http://[fd00:ec2::254]").host == "fd00:ec2::254"


def test_a_secret_may_be_sent_over_tls_and_to_this_machine_only() -> None:
    kept = ("https://h.example", "wss://h.example", "HTTPS://h", "http://127.0.0.1:8080", "ws://[::1]")
    lost = ("http://h.example", "HTTP://h.example", "http://127.0.0.1:1@evil.example/", "ws://h.example")
    assert [split_url(url).keeps_secrets for url in kept] == [True] * len(kept)
    assert [split_url(url).keeps_secrets for url in lost] == [False] * len(lost)


@pytest.mark.parametrize(
    "host",
    ["localhost", "LocalHost", "localhost:80", "127.0.0.1", "127.1.2.3:1", "::1", "[::1]", "[::1]:80",
     "::ffff:127.0.0.1", "[::FFFF:127.0.0.1]:1"],
)  # fmt: skip
def test_this_machine(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host",
    ["", "h.example", "127.0.0.1.example.com", "127.0.0.1:1@evil.example", "localhost@evil.example", "127.1",
     "127.0.0.256", "127.0.0.1000", "0127.0.0.1", "[127.0.0.1]", "[localhost]", "[::1", "::1]", "::2", "[::2]",
     "localhost.example", "localhost.", "127.0.0.²", "10.0.0.1", "::ffff:10.0.0.1", "x::1]", "127.0001.0.1"],
)  # fmt: skip
def test_what_only_looks_like_this_machine(host: str) -> None:
    assert not is_loopback(host)


def test_text_is_cut_without_being_checked() -> None:
    assert cut_url("HTTPS://U:p@H:x?y#z") == ("https", "U:p@H:x", "/?y")
    assert cut_url("https://h") == ("https", "h", "/")
    assert cut_url("/p?u=https://h/#f") == ("", "", "/p?u=https://h/")
    assert cut_url("p?u=https://h/") == ("", "", "p?u=https://h/")
    assert cut_url("*") == ("", "", "*")
    assert cut_url("https://h/a/b?c?d") == ("https", "h", "/a/b?c?d")
    assert cut_url("https://h?a?b") == ("https", "h", "/?a?b")
    assert cut_url("file:///etc?x") == ("file", "", "/etc?x")
    assert cut_url("X://h") == ("x", "h", "/")
    assert split_target("https://h/a://b?c?d#e#f") == ("h", "/a://b", "c?d")


def test_parts_of_an_authority() -> None:
    assert split_host("h:1") == ("h", "1")
    assert split_host("[::1]") == ("[::1]", "")
    assert split_host("[::1]:1") == ("[::1]", "1")
    assert user_info_of("a@b@h") == "a@b"
    assert user_info_of("@h") == ""
    assert user_info_of("h") is None
    assert join_host("::1", 1) == "[::1]:1"
    assert host_and_port("http", "u:p@[::1]:0080") == ("::1", 80)
    assert [without_default_port(host) for host in ("H:443", "h:80", "h:8080", "[::1]:443")] == [
        "h", "h", "h:8080", "[::1]",
    ]  # fmt: skip


def test_a_split_url_does_not_show_its_target() -> None:
    assert "secret" not in repr(split_url("https://h.example/?token=secret"))


@pytest.mark.parametrize(
    ("base", "lower"),
    [
        ("https://H.example/A/b", "https://h.example/A/b"),
        ("https://h.example/A", "https://h.example/A"),
        ("https://H.EXAMPLE", "https://h.example"),
        ("https://A@B@H.example:443/X://Y", "https://A@B@h.example:443/X://Y"),
    ],
)
def test_the_host_of_a_url_in_lower_case(base: str, lower: str) -> None:
    assert with_lower_host(base, "h.example") == lower


def test_a_label_of_a_host_name_has_63_characters_at_most() -> None:
    assert is_host_label("a" * 63)
    assert not is_host_label("a" * 64)
    assert [is_host_label(text) for text in ("a-b", "-a", "a-", "-", "", "ä", "a_b")] == [True, *[False] * 6]


LONG = "x" * 100
FORM = "expected https://host[:port][/path]"
NO_HOST = "the URL names no valid host and port: found {!r}, expected host or host:port, with a port from 1 to 65535"
HIDDEN = NO_HOST.replace("{!r}", "text with an '@', which is not shown")
ONLY = "only https, http, wss and ws requests are signed: "


@pytest.mark.parametrize(
    ("split", "url", "text"),
    [
        (split_target, "https://h]/", NO_HOST.format("h]")),
        (split_target, "https://h:X1/", NO_HOST.format("h:X1")),
        (split_target, "https://h:65536/", NO_HOST.format("h:65536")),
        (split_target, "https://u:p/w@h/", HIDDEN),
        (split_url, "https://u:p?w@h/", HIDDEN),
        (split_endpoint, "https://u:p#w@h/", HIDDEN),
        (split_url, "https://u:p@h:x/", NO_HOST.format("h:x")),
        (split_target, "https://\ud800:1/", NO_HOST.format("\ud800:1")),
        (split_target, f"https://{LONG}:x/", NO_HOST.format(f"{LONG}:x"[-80:])),
        (
            split_target,
            f"{LONG}?a",
            f"expected a URL such as 'https://host/path' or a target such as '/path', got {LONG[:80]!r}",
        ),
        (
            split_target,
            "a?b",
            "expected a URL such as 'https://host/path' or a target such as '/path', got 'a'",
        ),
        (
            split_url,
            "a@b?c",
            "expected a URL such as 'https://host/path', got text with an '@', which is not shown",
        ),
        (
            split_url,
            f"{LONG}://h",
            f"the URL's scheme is {LONG[:20]!r}: {ONLY}write the https:// or wss:// URL that the request is sent to",
        ),
        (
            split_url,
            "https://hü/",
            "the URL holds 'ü' at position 9, which a request line cannot carry: a host name outside ASCII is "
            "written in its 'xn--' form",
        ),
        (
            split_url,
            "https://h/ü",
            "the URL holds 'ü' at position 10, which a request line cannot carry: write '%C3%BC' for it, as "
            "encode_path and encode_query do",
        ),
        (split_endpoint, "wss://h/", "the scheme is 'wss': expected https or http"),
        (split_endpoint, "https://u@h/", f"it holds a user name or password (not shown): {FORM}"),
        (split_endpoint, "https://h/?a", f"it holds a query or a fragment: {FORM}"),
        (split_endpoint, f"https://{LONG}/", f"it names no valid host: found {LONG[:80]!r}"),
    ],
)
def test_a_refusal_says_what_was_found_and_what_is_expected(
    split: Callable[[str], object], url: str, text: str
) -> None:
    with pytest.raises(SigningError) as caught:
        split(url)
    assert str(caught.value) == text


@pytest.mark.parametrize("text", ["\udcff", "a\ud800", "\udfff" * 3])
def test_text_without_a_utf_8_form_is_refused(text: str) -> None:
    for encode in (
        encode_path,
        lambda text: encode_query([(text, "b")]),
        lambda text: encode_query({"a": text}),
    ):
        with pytest.raises(SigningError, match="has no UTF-8 form"):
            encode(text)
