"""CR-HDR-6: the Host that is signed is the one that clients send, for every scheme and spelling of a port."""

from __future__ import annotations

from typing import Any

import pytest

from sigv4 import Credentials, Signer, SigningError

pytestmark = pytest.mark.interop
SIGNER = Signer("transcribe", "us-east-1", Credentials("AKIDEXAMPLE", "secret"))
URLS = [
    "wss://h.example/x",
    "wss://h.example:443/x",
    "ws://h.example:80/x",
    "wss://h.example:80/x",
    "ws://h.example:443/x",
    "wss://h.example:8443/x",
    "wss://h.example:0443/x",
    "WSS://H.example:443/x",
    "https://h.example:443/x",
    "http://h.example:80/x",
    "https://h.example:0443/x",
    "https://h.example:80/x",
    "HTTPS://H.example:00443/x",
    "https://[::1]:443/x",
    "https://[::1]:8443/x",
]


def signed_host(url: str) -> str:
    canonical = SIGNER.explain("GET", url, expires=60).canonical_request
    return next(line for line in canonical.split("\n") if line.startswith("host:")).removeprefix("host:")


@pytest.mark.parametrize("url", [url for url in URLS if url.lower().startswith("ws")])
def test_websockets_sends_the_host_that_is_signed(url: str) -> None:
    pytest.importorskip("websockets")
    from websockets.client import ClientProtocol
    from websockets.uri import parse_uri

    request = ClientProtocol(parse_uri(url)).connect()
    assert request.headers["Host"].lower() == signed_host(url)


# yarl leaves out 80 and 443 for every scheme, so that the default port of the other scheme is not compared.
WEBSOCKET_CLIENT = [
    url for url in URLS if url[:2].lower() == "ws" and ":80/x" not in url and ":443/x" not in url
]
WEBSOCKET_CLIENT += ["wss://h.example:443/x", "ws://h.example:80/x"]


@pytest.mark.parametrize("url", WEBSOCKET_CLIENT)
def test_websocket_client_sends_the_host_that_is_signed(url: str) -> None:
    pytest.importorskip("websocket", reason="websocket-client is not installed")
    from websocket._handshake import _get_handshake_headers
    from websocket._url import parse_url

    scheme, _, rest = url.partition(":")
    host, port, resource, _ = parse_url(f"{scheme.lower()}:{rest}")
    lines, _ = _get_handshake_headers(resource, url, host, port, {})
    sent = next(line for line in lines if line.startswith("Host: ")).removeprefix("Host: ")
    assert sent.lower() == signed_host(url)


@pytest.mark.parametrize("url", URLS)
def test_aiohttp_sends_the_host_that_is_signed(url: str) -> None:
    """aiohttp uses ``host_port_subcomponent`` of yarl."""
    pytest.importorskip("aiohttp")
    import yarl

    found = yarl.URL(url).host_port_subcomponent
    assert found is not None
    assert found.lower() == signed_host(url)


@pytest.mark.parametrize("url", [url for url in URLS if url[:4].lower() == "http"])
def test_httpx_sends_the_host_that_is_signed(url: str) -> None:
    httpx = pytest.importorskip("httpx")
    from sigv4.adapters.httpx import SigV4Transport

    sent: list[str] = []

    def answer(request: Any) -> Any:
        sent.append(request.headers["host"].lower())
        return httpx.Response(200)

    with httpx.Client(transport=SigV4Transport(httpx.MockTransport(answer), SIGNER)) as client:
        client.get(url)  # httpx itself keeps the port of "HTTPS://h:443"
    assert sent == [signed_host(url)]


@pytest.mark.parametrize("url", ["s3://bucket/key", "ftp://h/x", "file:///x", "mqtt://h/x"])
def test_other_schemes_are_refused(url: str) -> None:
    with pytest.raises(SigningError, match="https"):
        SIGNER.presign("GET", url, expires=60)
