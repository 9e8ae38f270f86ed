"""CR-HDR-6, EVENT-6: real clients open presigned WebSocket URLs; the bytes that arrive are verified."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from sigv4 import Signer
from tests.capture import CREDENTIALS, Captured, CapturingServer, verify
from tests.sagemaker_api.pki import Pki

pytestmark = pytest.mark.interop
REFUSED = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
# {port} is replaced by the real port. No client looks up the name: each gets a connected socket.
AUTHORITIES = [
    "h.example",
    "h.example:443",
    "h.example:80",
    "h.example:0443",
    "H.example:8443",
    "h.example:00080",
]
TARGETS = [
    "/x",
    "/stream-transcription-websocket?language-code=en-US&sample-rate=16000&q=a%20b%2Bc&e=",
    "/mqtt",
]

Open = Callable[[str, int, ssl.SSLContext], None]


def tls_client() -> ssl.SSLContext:
    """A TLS context for a server whose certificate names 127.0.0.1, while the URL names another host."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def with_websockets(url: str, port: int, tls: ssl.SSLContext) -> None:
    client = pytest.importorskip("websockets.sync.client")
    connection = socket.create_connection(("127.0.0.1", port))
    options = {"ssl": tls} if url.lower().startswith("wss") else {}
    with suppress(client.InvalidStatus):
        client.connect(url, sock=connection, proxy=None, compression=None, **options).__enter__()
    connection.close()


def with_async_websockets(url: str, port: int, tls: ssl.SSLContext) -> None:
    client = pytest.importorskip("websockets.asyncio.client")
    exceptions = pytest.importorskip("websockets.exceptions")

    async def run() -> None:
        connection = socket.create_connection(("127.0.0.1", port))
        options = {"ssl": tls} if url.lower().startswith("wss") else {}
        with suppress(exceptions.InvalidStatus):
            await client.connect(url, sock=connection, proxy=None, **options)

    asyncio.run(run())


def with_websocket_client(url: str, port: int, tls: ssl.SSLContext) -> None:
    websocket = pytest.importorskip("websocket", reason="websocket-client is not installed")
    plain = socket.create_connection(("127.0.0.1", port))
    connection = tls.wrap_socket(plain) if url.lower().startswith("wss") else plain
    scheme, _, rest = url.partition(":")  # the client accepts schemes only in lower case
    with suppress(websocket.WebSocketBadStatusException):
        websocket.create_connection(f"{scheme.lower()}:{rest}", socket=connection)
    connection.close()


def with_aiohttp(url: str, port: int, tls: ssl.SSLContext) -> None:
    aiohttp = pytest.importorskip("aiohttp")
    yarl = pytest.importorskip("yarl")

    async def resolve(resolver: object, host: str, *_: Any, **__: Any) -> list[Any]:
        return [{"hostname": host, "host": "127.0.0.1", "port": port, "family": socket.AF_INET,
                 "proto": 0, "flags": 0}]  # fmt: skip

    async def close(resolver: object) -> None: ...

    # aiohttp may be absent, so its class has no type here; a class statement would need one.
    resolver = type("Resolver", (aiohttp.abc.AbstractResolver,), {"resolve": resolve, "close": close})

    async def run() -> None:
        connector = aiohttp.TCPConnector(resolver=resolver(), ssl=tls)
        async with aiohttp.ClientSession(connector=connector) as session:
            with suppress(aiohttp.WSServerHandshakeError):
                await session.ws_connect(yarl.URL(url, encoded=True))

    asyncio.run(run())


CLIENTS: dict[str, Open] = {
    "websockets": with_websockets,
    "websockets_async": with_async_websockets,
    "websocket-client": with_websocket_client,
    "aiohttp": with_aiohttp,
}


@pytest.fixture(scope="module", params=["ws", "wss"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    tls = Pki(tmp_path_factory.mktemp("pki")).server if request.param == "wss" else None
    with CapturingServer(lambda _: REFUSED, tls=tls) as running:
        yield request.param, running


@pytest.mark.parametrize("opened", CLIENTS.values(), ids=CLIENTS)
@pytest.mark.parametrize("authority", AUTHORITIES)
def test_what_a_client_sends_for_a_presigned_url_verifies(
    server: tuple[str, CapturingServer], opened: Open, authority: str
) -> None:
    scheme, running = server
    other = {"ws": ("443", "0443"), "wss": ("80", "00080")}[scheme]
    if opened is with_websocket_client and authority.rpartition(":")[2].lstrip("0") == other[0]:
        pytest.skip(
            "websocket-client leaves out the default port of the other scheme too (RFC 6455 has it sent)"
        )
    port = int(running.origin.rpartition(":")[2])
    signer = Signer("transcribe", "us-east-1", CREDENTIALS)
    for target in TARGETS:
        before = len(running.captured)
        opened(signer.presign("GET", f"{scheme}://{authority}{target}", expires=60), port, tls_client())
        assert len(running.captured) == before + 1
        sent: Captured = running.last
        assert sent.header("upgrade") == b"websocket"
        assert verify(sent, "transcribe").access_key_id == CREDENTIALS.access_key_id
