"""requests, urllib.request and aiohttp send exactly what was signed, and no signature to another origin."""

from __future__ import annotations

import asyncio
import io
import urllib.request
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest

from sigv4 import UNSIGNED_PAYLOAD, Signer, SigningError, VerificationError
from sigv4.adapters.hop_signer import HopSigner, origin_of, parse_origins
from sigv4.adapters.urllib import SigV4Handler
from sigv4.scope import parse_timestamp
from tests.capture import CREDENTIALS, TOKEN, Captured, CapturingServer, signer, verify
from tests.sigv4.adapters.ways import (
    Send,
    each_way,
    with_aiohttp,
    with_requests,
    with_requests_auth,
    with_urllib,
)

TARGETS = [
    "",
    "/",
    "/a%20b",
    "/a%2Fb",
    "/a%2fb",
    "/a//b/",
    "/%C3%BC/%E6%97%A5",
    "/a%2Bb:c@d;e=f,g!$&'()*",
    "/?q=a+b&r=a%20b&s=a%2Bb",
    "/?q=1&q=2&q=1&a",
    "/?prefix=1&prefix2=1&pre=~",
    "/?empty=&none&=x&a=b=c/d?e",
    "/a?x=1#fragment",
]


@pytest.fixture
def server() -> Iterator[CapturingServer]:
    with CapturingServer() as running:
        yield running


@pytest.mark.parametrize("user", ["user@", "user:pw@", "user:@", ""])
def test_an_adapter_of_requests_on_the_whole_scheme_signs_every_spelling_of_its_origin(
    server: CapturingServer, user: str
) -> None:
    scheme, _, authority = server.origin.partition("://")
    for url in (f"{scheme}://{user}{authority}/a?b=c", f"{scheme.upper()}://{user}{authority}/a?b=c"):
        with_requests(signer(), server.origin, "GET", url, {}, everywhere=True)
        verify(server.last)


@pytest.mark.interop
@each_way
@pytest.mark.parametrize("service", ["sagemaker", "s3"])
def test_awscrt_makes_the_same_signature_for_the_sent_request(
    server: CapturingServer, send: Send, service: str
) -> None:
    pytest.importorskip("awscrt", reason="awscrt is not installed")
    from tests.interop.referees import Awscrt, Case

    referee = Awscrt(s3=service == "s3")
    for target in TARGETS:
        if any(each in target for each in ("+", ":", "//", "%2f", "%2F" if service == "s3" else "+")):
            continue  # awscrt has another rule (CR-QUERY-3, CR-PATH-4): see tests/interop/generate.py
        headers = {"Content-Type": "application/json", "X-Amz-Target": "A.B", "Accept": "x/y"}
        send(signer(service), server.origin, "POST", server.origin + target, headers, b"{}")
        sent = server.last
        path, _, query = sent.target.partition("?")
        authorization = (sent.header("authorization") or b"").decode()
        named = authorization.partition("SignedHeaders=")[2].partition(",")[0].split(";")
        own = {"host", "x-amz-date", "x-amz-security-token", "x-amz-content-sha256"}
        kept = [(n, v.decode()) for n, v in sent.headers if n.lower() in set(named) - own]
        case = Case(
            sent.method, (sent.header("host") or b"").decode(), path, query, {}, kept, sent.body, service,
            "us-east-1", CREDENTIALS.access_key_id, CREDENTIALS.secret_access_key, TOKEN,
            parse_timestamp((sent.header("x-amz-date") or b"").decode()),
        )  # fmt: skip
        assert referee.sign(case)["authorization"] == authorization, target


@each_way
@pytest.mark.parametrize("service", ["sagemaker", "s3"])
def test_the_signed_bytes_are_the_sent_bytes(server: CapturingServer, send: Send, service: str) -> None:
    for target in TARGETS:
        headers = {"Content-Type": "application/json", "X-Amz-Target": "A.B", "Accept": "x/y"}
        assert (
            send(signer(service), server.origin, "POST", server.origin + target, headers, b"\0\xff{}") == 200
        )
        verify(server.last, service)
        assert server.last.body == b"\0\xff{}"
        assert server.last.header("x-amz-security-token") == TOKEN.encode()
        assert server.last.header("x-amz-target") == b"A.B"
        signed = server.last.header("authorization") or b""
        assert b"accept" not in signed
        assert b"content-length" not in signed
        send(signer(service), server.origin, "GET", server.origin + target, {})
        verify(server.last, service)


@each_way
@pytest.mark.parametrize("method", ["HEAD", "DELETE", "PUT", "PATCH", "OPTIONS"])
def test_every_method_verifies_with_and_without_a_body(
    server: CapturingServer, send: Send, method: str
) -> None:
    send(signer(), server.origin, method, f"{server.origin}/a", {})
    verify(server.last)
    send(signer(), server.origin, method, f"{server.origin}/a", {"Content-Type": "a/b"}, b"data")
    verify(server.last)


@each_way
def test_a_file_is_hashed_and_sent(server: CapturingServer, send: Send, tmp_path: Path) -> None:
    path = tmp_path / "body"
    path.write_bytes(b"0123456789" * 20_000)
    with path.open("rb") as file:
        headers = {"Content-Length": "200000", "Content-Type": "a/b"}
        send(signer("s3"), server.origin, "PUT", f"{server.origin}/key", headers, file)
    assert server.last.body == b"0123456789" * 20_000
    verify(server.last, "s3")


@each_way
def test_a_generator_is_refused_with_the_fix_and_nothing_is_sent(server: CapturingServer, send: Send) -> None:
    def generate() -> Iterator[bytes]:
        yield b"a"

    async def agenerate() -> AsyncIterator[bytes]:
        yield b"a"

    body = agenerate() if send is with_aiohttp else generate()
    with pytest.raises(SigningError, match="pass bytes or a seekable binary file"):
        send(signer(), server.origin, "POST", f"{server.origin}/", {"Content-Length": "1"}, body)
    assert server.captured == []


@pytest.mark.parametrize("send", [with_requests, with_requests_auth])
def test_requests_forms_json_and_multipart(server: CapturingServer, send: Send) -> None:
    url = f"{server.origin}/a?x=1"
    send(signer(), server.origin, "POST", url, {}, {"a": "b c", "ü": "+"})
    verify(server.last)
    send(signer(), server.origin, "POST", url, {}, "text ü".encode())
    verify(server.last)
    send(signer(), server.origin, "POST", url, {}, json={"a": ["ü", 1]})
    verify(server.last)
    send(signer(), server.origin, "POST", url, {}, files={"f": ("n.txt", io.BytesIO(b"file" * 9000))})
    verify(server.last)
    assert b"file" * 9000 in server.last.body
    send(signer(), server.origin, "GET", url, {}, params={"q": "a b+c", "p": "ü"})
    verify(server.last)


def test_aiohttp_forms_json_and_multipart(server: CapturingServer) -> None:
    aiohttp = pytest.importorskip("aiohttp", reason="aiohttp is not installed")
    from sigv4.adapters.aiohttp import SigV4Middleware

    form = aiohttp.FormData()
    form.add_field("f", io.BytesIO(b"file" * 9000), filename="n.txt")
    url = f"{server.origin}/a%2Fb?x=a%20b"

    async def run() -> None:
        middleware = SigV4Middleware(server.origin, signer())
        async with aiohttp.ClientSession(middlewares=(middleware,)) as session:
            for options in (
                {"data": {"a": "b c", "ü": "+"}},
                {"data": "text ü"},
                {"json": {"a": ["ü", 1]}},
                {"data": form},
                {"data": io.BytesIO(b"bytes")},
                {"params": {"q": "a b", "p": "ü"}},
            ):
                async with session.post(url, **options) as answer:
                    assert answer.status == 200
                verify(server.last)

    asyncio.run(run())
    assert len(server.captured) == 6


@each_way
def test_an_unsigned_payload_is_declared_with_a_header(server: CapturingServer, send: Send) -> None:
    headers = {"X-Amz-Content-SHA256": UNSIGNED_PAYLOAD.line}
    send(signer("s3"), server.origin, "PUT", f"{server.origin}/k", headers, b"data")
    verify(server.last, "s3")
    assert server.last.header("x-amz-content-sha256") == b"UNSIGNED-PAYLOAD"


def test_bytes_that_aiohttp_keeps_as_bytes_are_hashed() -> None:
    pytest.importorskip("aiohttp", reason="aiohttp is not installed")
    from sigv4.adapters.aiohttp import _body

    for given, hashed in ((b"x", b"x"), (bytearray(b"y"), b"y"), (b"", b""), (None, b"")):
        assert asyncio.run(_body(given)) == hashed


def test_the_errors_are_those_of_urllib() -> None:
    def refuse(_: Captured) -> bytes:
        return b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"

    with CapturingServer(refuse) as server, pytest.raises(HTTPError, match="403"):
        with_urllib(signer(), server.origin, "POST", server.origin, {}, b"x")


def test_more_headers_are_signed_on_request(server: CapturingServer) -> None:
    opener = urllib.request.build_opener(
        SigV4Handler(signer(), sign_headers=["X-Mine"]), urllib.request.ProxyHandler({})
    )
    with opener.open(
        urllib.request.Request(server.origin, headers={"X-Mine": "1", "X-Other": "2"}), timeout=60
    ):
        assert b";x-mine" in (server.last.header("authorization") or b"")
        assert b"x-other" not in (server.last.header("authorization") or b"")
    tampered = server.last._replace(
        headers=[(n, v + b"!" if n == "X-Mine" else v) for n, v in server.last.headers]
    )
    with pytest.raises(VerificationError):
        verify(tampered)


def test_invalid_options_are_refused() -> None:
    wrong: Any
    with pytest.raises(SigningError, match="sign_headers is the str 'x'"):
        HopSigner(signer(), "x")
    with pytest.raises(SigningError, match="sign_headers names 'user-agent', which is never signed"):
        HopSigner(signer(), ["User-Agent"])
    for wrong in (
        "",
        "h.example",
        "https://h.example/path",
        "https://u@h.example",
        "https://h.example?x",
        [],
    ):
        with pytest.raises(SigningError, match=r"expected (a URL|scheme, host and port) |no origin: "):
            parse_origins(wrong)
    with pytest.raises(SigningError, match="expected a URL such as 'https://host/path'"):
        origin_of("/path")
    assert parse_origins(["https://H.example:443", "http://h.example"]) == {
        ("https", "h.example", 443),
        ("http", "h.example", 80),
    }


def test_no_repr_shows_a_secret() -> None:
    pytest.importorskip("requests", reason="requests is not installed")
    pytest.importorskip("aiohttp", reason="aiohttp is not installed")
    from sigv4.adapters.aiohttp import SigV4Middleware
    from sigv4.adapters.requests import SigV4Adapter, SigV4Auth

    made = [
        SigV4Handler(signer()),
        SigV4Auth(signer()),
        SigV4Adapter("https://h", signer()),
        SigV4Middleware("https://h", signer()),
    ]
    for each in made:
        assert "Signer('sagemaker'" in repr(each)
        assert CREDENTIALS.secret_access_key not in repr(each)


@each_way
@pytest.mark.parametrize("name", ["X-Amz-Security-Token", "x-amz-s3session-token", "X-Amz-Date"])
def test_cr_hdr_9_the_headers_of_an_earlier_signature_are_not_sent(send: Send, name: str) -> None:
    by = Signer("sagemaker", "us-east-1", CREDENTIALS.replace(session_token=None))
    with CapturingServer() as server:
        send(by, server.origin, "GET", server.origin, {name: "STALE"})
        assert all(value != b"STALE" for _, value in server.last.headers)


def test_cr_hdr_9_a_urllib_request_sent_again_without_a_token_sends_none() -> None:
    with CapturingServer() as server:
        request = urllib.request.Request(server.origin)
        for credentials in (CREDENTIALS, CREDENTIALS.replace(session_token=None)):
            by = Signer("sagemaker", "us-east-1", credentials)
            opener = urllib.request.build_opener(SigV4Handler(by), urllib.request.ProxyHandler({}))
            opener.open(request, timeout=60).close()
        first, second = server.captured
    assert "x-amz-security-token" in first.names
    assert "x-amz-security-token" not in second.names
