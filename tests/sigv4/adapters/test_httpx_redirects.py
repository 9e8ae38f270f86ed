"""Every hop is signed again; another origin gets no signature and no token."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import httpx
import pytest

from sigv4 import Payload, VerificationError
from sigv4.adapters.httpx import AsyncSigV4Transport, SigV4Transport
from tests.capture import OK, SECRET, TOKEN, Captured, CapturingServer, redirect, signer, verify

HEADERS = {"X-Amz-Target": "SageMaker.X", "x-amz-meta-tenant": "mine", "X-Other": "public"}


@pytest.fixture
def own() -> Iterator[CapturingServer]:
    with CapturingServer() as running:
        yield running


@pytest.fixture
def foreign() -> Iterator[CapturingServer]:
    with CapturingServer() as running:
        yield running


def send(method: str, url: str, origins: Iterable[str] = (), **options: Any) -> httpx.Response:
    transport = SigV4Transport(httpx.HTTPTransport(verify=False), signer(), origins=origins)
    with httpx.Client(transport=transport, follow_redirects=True) as client:
        return client.request(method, url, headers=HEADERS, **options)


def send_async(method: str, url: str, origins: Iterable[str] = (), **options: Any) -> httpx.Response:
    async def main() -> httpx.Response:
        transport = AsyncSigV4Transport(httpx.AsyncHTTPTransport(verify=False), signer(), origins=origins)
        async with httpx.AsyncClient(transport=transport, follow_redirects=True) as client:
            return await client.request(method, url, headers=HEADERS, **options)

    return asyncio.run(main())


WAYS = [send, send_async]
Way = Callable[..., httpx.Response]


def route(routes: dict[str, bytes]) -> Callable[[Captured], bytes]:
    return lambda captured: routes.get(captured.target, OK)


def assert_nothing_of_ours(captured: Captured) -> None:
    assert [name for name in captured.names if name.startswith("x-amz-") or name == "authorization"] == []
    wire = captured.wire.decode("latin-1")
    assert [word for word in (SECRET, TOKEN, "AKIDEXAMPLE", "Signature", "mine") if word in wire] == []
    with pytest.raises(VerificationError) as caught:
        verify(captured)
    assert caught.value.code == "MissingAuthenticationToken"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_within_the_origin_is_signed_again(own: CapturingServer, way: Way, status: int) -> None:
    own.answer = route({"/first?a=1": redirect(status, "/second?b=ü+%2B&b=2")})
    assert way("POST", f"{own.origin}/first?a=1", content=b"{}").status_code == 200
    assert [captured.target.partition("?")[0] for captured in own.captured] == ["/first", "/second"]
    for captured in own.captured:
        verify(captured)
    assert own.captured[0].header("authorization") != own.captured[1].header("authorization")
    assert own.last.body == (b"{}" if status in (307, 308) else b"")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_another_origin_receives_none_of_the_added_headers(
    own: CapturingServer, foreign: CapturingServer, way: Way, status: int
) -> None:
    own.answer = lambda captured: redirect(status, f"{foreign.origin}/taken")
    assert way("POST", own.origin, content=b"{}").status_code == 200
    verify(own.last)
    assert_nothing_of_ours(foreign.last)
    assert foreign.last.header("x-other") == b"public"


@pytest.mark.parametrize("way", WAYS)
def test_another_name_of_the_same_address_is_another_origin(own: CapturingServer, way: Way) -> None:
    port = own.origin.rpartition(":")[2]
    own.answer = route({"/first": redirect(307, f"http://localhost:{port}/second")})
    way("GET", f"{own.origin}/first")
    verify(own.captured[0])
    assert_nothing_of_ours(own.captured[1])


@pytest.mark.parametrize(("first", "second"), [("https", "http"), ("http", "https")])
def test_another_scheme_of_the_same_host_is_another_origin(first: str, second: str) -> None:
    """httpx itself keeps the caller's Authorization if a redirect leads from http to https."""
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        location = {"/": f"{second}://api.example/moved"}.get(request.url.path)
        return httpx.Response(307, headers={"Location": location}) if location else httpx.Response(200)

    transport = SigV4Transport(httpx.MockTransport(answer), signer())
    with httpx.Client(transport=transport, follow_redirects=True) as client:
        client.get(f"{first}://api.example", headers={"Authorization": "Bearer of-the-caller"})
    assert ["authorization" in request.headers for request in seen] == [True, False]
    assert "x-amz-date" not in seen[1].headers


@pytest.mark.parametrize("start", ["https", "HTTPS", "hTTps"])
@pytest.mark.parametrize("port", ["", ":443", ":0443", ":00443"])
@pytest.mark.parametrize("origins", [(), ("HTTPS://api.example:443",), ("https://API.example",)])
def test_the_default_port_written_out_is_the_same_origin(
    start: str, port: str, origins: tuple[str, ...]
) -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return (
            httpx.Response(200)
            if len(seen) > 1
            else httpx.Response(307, headers={"Location": "https://API.example:443/b"})
        )

    transport = SigV4Transport(httpx.MockTransport(answer), signer(), origins=origins)
    with httpx.Client(transport=transport, follow_redirects=True) as client:
        client.get(f"{start}://api.example{port}/a")
    assert ["authorization" in request.headers for request in seen] == [True, True]
    assert [request.headers["host"] for request in seen] == ["api.example", "api.example"]


@pytest.mark.parametrize("way", WAYS)
def test_a_chain_that_left_the_origin_is_not_signed_when_it_comes_back(
    own: CapturingServer, foreign: CapturingServer, way: Way
) -> None:
    own.answer = route({"/first": redirect(307, f"{foreign.origin}/away")})
    foreign.answer = lambda captured: redirect(307, f"{own.origin}/back")
    way("GET", f"{own.origin}/first")
    verify(own.captured[0])
    assert_nothing_of_ours(foreign.last)
    assert_nothing_of_ours(own.last)
    way("GET", f"{own.origin}/second")
    verify(own.last)


def test_a_redirect_that_the_caller_follows_by_hand_to_another_origin_is_not_signed(
    own: CapturingServer, foreign: CapturingServer
) -> None:
    own.answer = lambda captured: redirect(307, foreign.origin)
    with httpx.Client(transport=SigV4Transport(httpx.HTTPTransport(verify=False), signer())) as client:
        response = client.get(own.origin)
        assert response.next_request is not None
        client.send(response.next_request)
    assert_nothing_of_ours(foreign.last)


def test_two_transports_of_one_client_do_not_sign_for_each_other(
    own: CapturingServer, foreign: CapturingServer
) -> None:
    own.answer = lambda captured: redirect(307, f"{foreign.origin}/chosen-by-the-first")
    mounts = {
        server.origin: SigV4Transport(httpx.HTTPTransport(verify=False), signer())
        for server in (own, foreign)
    }
    with httpx.Client(mounts=mounts, follow_redirects=True, verify=False) as client:
        client.get(own.origin)
        assert_nothing_of_ours(foreign.last)
        client.get(foreign.origin)
    verify(foreign.last)


@pytest.mark.parametrize("way", WAYS)
def test_only_requests_to_origins_are_signed(
    own: CapturingServer, foreign: CapturingServer, way: Way
) -> None:
    origins = (own.origin, "https://api.example")
    way("GET", f"{own.origin}/", origins)
    verify(own.last)
    way("GET", f"{foreign.origin}/", origins)
    assert_nothing_of_ours(foreign.last)
    own.answer = lambda captured: redirect(307, f"{foreign.origin}/listed")
    way("GET", f"{own.origin}/", (own.origin, foreign.origin))
    verify(foreign.last)


def test_extensions_shared_between_requests_do_not_pass_on_the_origin(
    own: CapturingServer, foreign: CapturingServer
) -> None:
    extensions = {"timeout": {"connect": 5.0, "read": 5.0, "write": 5.0, "pool": 5.0}}
    with httpx.Client(transport=SigV4Transport(httpx.HTTPTransport(verify=False), signer())) as client:
        for server in (own, foreign):
            request = client.build_request("GET", server.origin)
            request.extensions = extensions
            client.send(request)
            verify(server.last)
    assert list(extensions) == ["timeout"]


def test_a_file_is_sent_whole_on_every_hop(own: CapturingServer) -> None:
    own.answer = route({"/first": redirect(307, "/second"), "/second": redirect(308, "/third")})
    send("PUT", f"{own.origin}/first", content=io.BytesIO(b"file" * 50_000))
    assert [captured.body for captured in own.captured] == [b"file" * 50_000] * 3
    for captured in own.captured:
        verify(captured)


@pytest.mark.parametrize("way", WAYS)
def test_multipart_is_sent_whole_on_every_hop(own: CapturingServer, way: Way) -> None:
    own.answer = route({"/first": redirect(307, "/second")})
    way("POST", f"{own.origin}/first", files={"f": ("n", io.BytesIO(b"file" * 50_000))})
    assert own.captured[0].body == own.captured[1].body
    for captured in own.captured:
        verify(captured)


def test_the_hash_of_a_body_is_not_used_for_a_redirect_without_a_body(own: CapturingServer) -> None:
    from hashlib import sha256

    own.answer = route({"/first": redirect(303, "/second")})
    payload = Payload.sha256(sha256(b"onetwo").digest())
    send("POST", f"{own.origin}/first", content=iter([b"one", b"two"]), extensions={"sigv4_payload": payload})
    assert [(captured.method, captured.body) for captured in own.captured] == [
        ("POST", b"onetwo"),
        ("GET", b""),
    ]
    for captured in own.captured:
        verify(captured)
