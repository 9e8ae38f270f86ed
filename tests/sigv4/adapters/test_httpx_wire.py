"""The bytes that httpx sends are the bytes that were signed."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from sigv4 import UNSIGNED_PAYLOAD, Payload, SigningError
from sigv4.adapters.httpx import AsyncSigV4Transport, SigV4Auth, SigV4Transport
from tests.capture import TOKEN, Captured, CapturingServer, signer, verify

TARGETS = [
    "/",
    "",
    "/?",
    "/a b",
    "/a%20b",
    "/a%2Fb",
    "/a%2fb",
    "/a%252Fb",
    "/a//b",
    "//a",
    "/a/./b/../c",
    "/ü/日本",
    "/%C3%BC",
    "/a+b",
    "/a:b@c;d=e,f!$&'()*",
    "/?q=a+b",
    "/?q=a%20b",
    "/?q=a%2Bb",
    "/?q=a b",
    "/?q=ü",
    "/?q=1&q=2&q=1",
    "/?b=1&a=2",
    "/?prefix=1&prefix2=1&pre=1",
    "/?empty=&none&=x",
    "/?a=b=c/d?e",
    "/?q=%7e~%7E",
    "/?a&&b",
    "/path?x=1#fragment",
]

BODIES: list[tuple[str, Callable[[], dict[str, Any]], bytes | None]] = [
    ("nothing", dict, b""),
    ("empty", lambda: {"content": b""}, b""),
    ("bytes", lambda: {"content": b"\0\xff body"}, b"\0\xff body"),
    ("text", lambda: {"content": "ü"}, "ü".encode()),
    ("json", lambda: {"json": {"a": ["ü", 1]}}, None),  # its spacing differs between versions of httpx
    ("form", lambda: {"data": {"a": "b c", "ü": "+"}}, b"a=b+c&%C3%BC=%2B"),
    ("multipart", lambda: {"data": {"a": "b"}, "files": {"f": ("n.txt", b"file")}}, None),
    ("multipart of a file", lambda: {"files": {"f": ("n.txt", io.BytesIO(b"file" * 50_000))}}, None),
]
BODY_IDS = [name for name, _, _ in BODIES]


class OneWay(io.RawIOBase):
    """A file that cannot seek, like a pipe."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return 0


@pytest.fixture
def server() -> Iterator[CapturingServer]:
    with CapturingServer() as running:
        yield running


def send(
    server: CapturingServer, method: str, target: str = "/", service: str = "sagemaker", **options: Any
) -> Captured:
    with httpx.Client(transport=SigV4Transport(httpx.HTTPTransport(verify=False), signer(service))) as client:
        client.request(method, server.origin + target, **options)
    return server.last


def send_async(server: CapturingServer, method: str, target: str = "/", **options: Any) -> Captured:
    async def main() -> None:
        transport = AsyncSigV4Transport(httpx.AsyncHTTPTransport(verify=False), signer())
        async with httpx.AsyncClient(transport=transport) as client:
            await client.request(method, server.origin + target, **options)

    asyncio.run(main())
    return server.last


def send_with_auth(server: CapturingServer, method: str, target: str = "/", **options: Any) -> Captured:
    with httpx.Client(auth=SigV4Auth(signer()), trust_env=False, verify=False) as client:
        client.request(method, server.origin + target, **options)
    return server.last


def send_async_with_auth(server: CapturingServer, method: str, target: str = "/", **options: Any) -> Captured:
    async def main() -> None:
        async with httpx.AsyncClient(auth=SigV4Auth(signer()), trust_env=False, verify=False) as client:
            await client.request(method, server.origin + target, **options)

    asyncio.run(main())
    return server.last


WAYS = [send, send_async, send_with_auth, send_async_with_auth]


@pytest.mark.parametrize("service", ["sagemaker", "s3"])
@pytest.mark.parametrize("target", TARGETS)
def test_the_target_on_the_wire_is_the_one_signed(server: CapturingServer, target: str, service: str) -> None:
    if service == "s3" and "+" in target.partition("?")[0]:  # CR-PATH-4
        with pytest.raises(SigningError, match="write '%2B' for a plus sign"):
            send(server, "GET", target, service)
        return
    verify(send(server, "GET", target, service), service)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("body", BODIES, ids=BODY_IDS)
@pytest.mark.slow
def test_every_readable_body_verifies(
    server: CapturingServer,
    way: Callable[..., Captured],
    body: tuple[str, Callable[[], dict[str, Any]], bytes | None],
) -> None:
    _, options, expected = body
    captured = way(server, "POST", "/a%2Fb?x=ü&x=+", **options())
    verified = verify(captured)
    assert expected is None or captured.body == expected
    assert captured.header("x-amz-security-token") == TOKEN.encode()
    assert ("content-type" in verified.signed_headers) == ("content-type" in captured.names)


@pytest.mark.parametrize("way", [send, send_with_auth])
def test_a_file_is_hashed_and_sent_from_its_position(
    server: CapturingServer, way: Callable[..., Captured], tmp_path: Path
) -> None:
    path = tmp_path / "body"
    path.write_bytes(b"0123456789" * 100_000)
    with path.open("rb") as file:
        captured = way(server, "PUT", content=file)
    assert len(captured.body) == 1_000_000
    verify(captured)
    with path.open("rb") as file:
        file.seek(10)
        captured = way(server, "PUT", content=file, headers={"Content-Length": "999990"})
    assert len(captured.body) == 999_990
    verify(captured)


@pytest.mark.parametrize("way", WAYS)
def test_the_hosts_spelling_and_a_host_of_the_callers_own_are_signed(
    server: CapturingServer, way: Callable[..., Captured]
) -> None:
    assert way(server, "GET").header("host") == server.origin[7:].encode()
    verify(server.last)
    captured = way(server, "GET", headers={"Host": "api.example"})
    assert captured.header("host") == b"api.example"
    verify(captured)


def test_the_target_extension_of_httpcore_is_what_is_signed(server: CapturingServer) -> None:
    captured = send(server, "GET", "/ignored", extensions={"target": b"/sent//as%2fis?b=1&a"})
    assert captured.target == "/sent//as%2fis?b=1&a"
    verify(captured)


def test_only_headers_of_the_caller_are_signed(server: CapturingServer) -> None:
    headers = [
        (b"X-Amz-Target", b"SageMaker.X"),
        (b"x-amz-meta-name", "ü".encode()),
        (b"Content-MD5", b"x"),
        (b"X-Api-Key", b"y"),
        (b"X-Other", b"z"),
        (b"traceparent", b"00-1-2-3"),
    ]
    captured = send(server, "POST", json={}, headers=headers)
    assert ";".join(verify(captured).signed_headers) == (
        "content-md5;content-type;host;x-amz-date;x-amz-meta-name;x-amz-security-token;x-amz-target"
    )
    assert {"x-api-key", "x-other", "traceparent", "accept", "user-agent", "content-length"} <= captured.names
    with httpx.Client(
        transport=SigV4Transport(
            httpx.HTTPTransport(verify=False), signer(), sign_headers=("X-Api-Key", "Accept")
        )
    ) as client:
        client.get(server.origin, headers=headers)
    assert {"x-api-key", "accept"} <= set(verify(server.last).signed_headers)
    assert "x-other" not in verify(server.last).signed_headers


@pytest.mark.parametrize("way", WAYS)
def test_headers_of_an_earlier_signature_are_replaced(
    server: CapturingServer, way: Callable[..., Captured]
) -> None:
    stale = {"Authorization": "Basic x", "X-Amz-Date": "20150830T123600Z", "x-amz-security-token": "old"}
    captured = way(server, "GET", headers=stale)
    verify(captured)
    assert [name for name, _ in captured.headers].count("Authorization") == 1
    assert b"old" not in captured.wire


def test_one_request_can_be_sent_again(server: CapturingServer) -> None:
    transport = SigV4Transport(httpx.HTTPTransport(verify=False), signer())
    for client in (httpx.Client(transport=transport), httpx.Client(auth=SigV4Auth(signer()), verify=False)):
        with client:
            request = client.build_request("PUT", server.origin, content=io.BytesIO(b"file"))
            for _ in range(2):
                client.send(request)
                assert server.last.body == b"file"
                verify(server.last)


def _generator() -> Iterator[bytes]:
    yield b"one"
    yield b"two"


async def _async_generator() -> Any:
    yield b"one"
    yield b"two"


@pytest.mark.parametrize(
    "options",
    [
        lambda: {"content": _generator()},
        lambda: {"content": io.BufferedReader(OneWay())},
        lambda: {"files": {"f": io.BufferedReader(OneWay())}},
    ],
    ids=["generator", "pipe", "multipart of a pipe"],
)
def test_a_body_that_hashing_would_use_up_is_refused_with_the_fix(
    server: CapturingServer, options: Callable[[], dict[str, Any]]
) -> None:
    with pytest.raises(
        SigningError, match=r"would use up.*pass bytes or a seekable binary file.*Payload\.sha256"
    ):
        send(server, "PUT", **options())
    assert server.captured == []


def test_an_async_generator_is_refused_with_the_fix(server: CapturingServer) -> None:
    with pytest.raises(SigningError, match=r"would use up.*sigv4_payload"):
        send_async(server, "PUT", content=_async_generator())
    assert server.captured == []


def test_auth_reads_a_generator_into_memory(server: CapturingServer) -> None:
    captured = send_with_auth(server, "PUT", content=_generator())
    assert captured.body == b"onetwo"
    verify(captured)
    verify(send_async_with_auth(server, "PUT", content=_async_generator()))
    assert server.last.body == b"onetwo"


DECLARED = [
    {"extensions": {"sigv4_payload": UNSIGNED_PAYLOAD}},
    {"headers": {"X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD"}},
]


@pytest.mark.parametrize(
    ("service", "declared"),
    [("s3", DECLARED[0]), ("s3", DECLARED[1]), ("vpc-lattice-svcs", {})],
    ids=["extension", "header", "lattice"],
)
def test_auth_does_not_read_a_generator_if_it_need_not_be_hashed(
    service: str, declared: dict[str, Any]
) -> None:
    seen: list[httpx.Request] = []

    class Inner(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            seen.append(request)
            return httpx.Response(200)

    with httpx.Client(transport=Inner(), auth=SigV4Auth(signer(service))) as client:
        client.put("https://bucket.example/key", content=_generator(), **declared)
    assert not isinstance(seen[0].stream, httpx.ByteStream)
    assert isinstance(seen[0].stream, httpx.SyncByteStream)
    assert list(seen[0].stream) == [b"one", b"two"]
    assert "authorization" in seen[0].headers


def test_a_host_header_is_added_to_a_request_without_one(server: CapturingServer) -> None:
    request = httpx.Request("GET", server.origin + "/a", stream=httpx.ByteStream(b""))
    assert "host" not in request.headers
    with SigV4Transport(httpx.HTTPTransport(verify=False), signer()) as transport:
        transport.handle_request(request).close()
    assert server.last.header("host") == server.origin[7:].encode()
    verify(server.last)


@pytest.mark.parametrize("declared", DECLARED, ids=["extension", "header"])
def test_a_generator_is_sent_unsigned_where_the_request_says_so(
    server: CapturingServer, declared: dict[str, Any]
) -> None:
    captured = send(server, "PUT", "/key", "s3", content=_generator(), **declared)
    assert captured.header("x-amz-content-sha256") == b"UNSIGNED-PAYLOAD"
    assert captured.body == b"onetwo"
    assert verify(captured, "s3").payload == "UNSIGNED-PAYLOAD"


def test_a_generator_is_sent_unsigned_if_the_service_allows_it(server: CapturingServer) -> None:
    captured = send(server, "PUT", "/key", "vpc-lattice-svcs", content=_generator())
    assert captured.header("x-amz-content-sha256") == b"UNSIGNED-PAYLOAD"
    assert captured.body == b"onetwo"
    verify(captured, "vpc-lattice-svcs")


def test_no_unsigned_payload_is_sent_to_a_service_that_accepts_none(server: CapturingServer) -> None:
    with pytest.raises(SigningError, match="UNSIGNED-PAYLOAD is not accepted by sagemaker"):
        send(server, "PUT", content=_generator(), extensions={"sigv4_payload": UNSIGNED_PAYLOAD})
    assert server.captured == []


def test_a_generator_whose_hash_is_known_is_signed_with_it(server: CapturingServer) -> None:
    from hashlib import sha256

    payload = Payload.sha256(sha256(b"onetwo").digest())
    verify(send(server, "PUT", content=_generator(), extensions={"sigv4_payload": payload}))


def test_an_invalid_payload_is_refused(server: CapturingServer) -> None:
    with pytest.raises(SigningError, match=r"extensions\['sigv4_payload'\] is str"):
        send(server, "PUT", content=b"x", extensions={"sigv4_payload": "UNSIGNED-PAYLOAD"})


def test_options_that_would_sign_nothing_are_refused() -> None:
    inner = httpx.HTTPTransport(verify=False)
    with pytest.raises(SigningError, match=r"sign_headers is the str 'accept': expected several"):
        SigV4Transport(inner, signer(), sign_headers="accept")
    with pytest.raises(SigningError, match="sign_headers names 'user-agent', which is never signed"):
        SigV4Auth(signer(), sign_headers=("User-Agent",))
    for origin, expected in {
        "api.example": "expected a URL such as 'https://host/path'",
        "https://": "expected host or host:port",
        "https://api.example/path": "expected scheme, host and port",
        "https://me@api.example": "expected scheme, host and port",
    }.items():
        with pytest.raises(SigningError, match=expected):
            SigV4Transport(inner, signer(), origins=(origin,))
    with pytest.raises(SigningError, match="got ''"):
        SigV4Transport(inner, signer(), origins="")
    inner.close()


def test_a_target_that_a_request_line_cannot_contain_is_refused(server: CapturingServer) -> None:
    with pytest.raises(SigningError, match=r"holds '\|' at position 2.*write '%7C'"):
        send(server, "GET", extensions={"target": b"/a|b"})
    assert server.captured == []
    verify(send(server, "GET", "/", params={"q": "a|b [c]", "r": "ü+ /"}))
