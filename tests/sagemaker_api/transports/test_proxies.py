"""Proxies with every transport: tunnelling, forwarding, refusals, and the choice of a proxy from the environment."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

from sagemaker_api import (
    AsyncHttpxTransport,
    AsyncStdlibTransport,
    ConfigError,
    HttpxTransport,
    SageMaker,
    StdlibTransport,
    TransportError,
)
from tests.ports import free_port
from tests.sagemaker_api.calls import CREDENTIALS, OPERATION, PARAMS, Caller, _awaited, _blocking
from tests.sagemaker_api.connect_proxy import ConnectProxy
from tests.sagemaker_api.pki import Pki
from tests.sagemaker_api.scripted import ScriptedServer, http

if TYPE_CHECKING:
    from sagemaker_api.transports.default import AsyncTransport, Transport

OK = http(200, '{"AuthorizedUrl":"u"}')
ADDRESS = "192.0.2.7"  # RFC 5737: no host has this address, so only the proxy can answer
Kind: TypeAlias = "Callable[..., Transport | AsyncTransport]"  # the class of a transport
TRANSPORTS: dict[Kind, Callable[[Callable[..., Any]], Caller]] = {
    HttpxTransport: _blocking,
    StdlibTransport: _blocking,
    AsyncHttpxTransport: _awaited,
    AsyncStdlibTransport: _awaited,
}
PASSWORD = "p@ss:w0rd"
USER_INFO = "user:p%40ss%3Aw0rd"
over_all = pytest.mark.parametrize("kind", TRANSPORTS, ids=lambda kind: kind.__name__)


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return Pki(tmp_path_factory.mktemp("pki"), ADDRESS)


def call(kind: Kind, url: str, proxy: str, verify: bool | str = False, calls: int = 1) -> None:
    make = TRANSPORTS[kind](lambda **arguments: kind(proxy=proxy, **arguments))
    assert make(url, verify=verify, calls=calls)["AuthorizedUrl"] == "u"


@over_all
def test_https_is_tunnelled_and_the_proxy_sees_nothing_of_it(kind: Kind, pki: Pki) -> None:
    with ScriptedServer(OK, tls=pki.server) as server, ConnectProxy(server.port) as proxy:
        call(
            kind,
            f"https://{ADDRESS}:{server.port}",
            f"http://{USER_INFO}@127.0.0.1:{proxy.port}",
            str(pki.bundle),
            2,
        )
    assert (server.connections, len(server.requests), len(proxy.heads)) == (1, 2, 1)
    lines = proxy.heads[0].split("\r\n")
    assert lines[0] == f"CONNECT {ADDRESS}:{server.port} HTTP/1.1"
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines[1:])}
    assert headers["host"] == f"{ADDRESS}:{server.port}"
    assert headers["proxy-authorization"] == "Basic " + base64.b64encode(f"user:{PASSWORD}".encode()).decode()
    assert "authorization" not in headers
    assert "x-amz-date" not in headers
    assert server.requests[0].startswith(b"POST / HTTP/1.1\r\n")
    assert "proxy-authorization" not in server.headers(0)


@over_all
def test_the_certificate_is_checked_behind_the_proxy(kind: Kind, pki: Pki) -> None:
    with ScriptedServer(OK, tls=pki.server) as server, ConnectProxy(server.port) as proxy:
        with pytest.raises(TransportError) as raised:
            call(kind, f"https://{ADDRESS}:{server.port}", f"127.0.0.1:{proxy.port}", True)
        assert raised.value.kind == "tls"
        with pytest.raises(TransportError) as raised:
            call(kind, f"https://192.0.2.8:{server.port}", f"127.0.0.1:{proxy.port}", str(pki.bundle))
    assert raised.value.kind == "tls"
    assert "192.0.2.8" in raised.value.reason


@over_all
def test_http_is_forwarded_in_the_absolute_form(kind: type) -> None:
    with ScriptedServer(OK) as server, ConnectProxy(server.port) as proxy:
        call(kind, f"http://{ADDRESS}:81/a%2fb/../c", f"http://{USER_INFO}@127.0.0.1:{proxy.port}")
    assert server.requests[0].startswith(f"POST http://{ADDRESS}:81/a%2fb/../c HTTP/1.1\r\n".encode())
    assert server.headers(0)["host"] == f"{ADDRESS}:81"
    assert server.headers(0)["proxy-authorization"].startswith("Basic ")


@over_all
@pytest.mark.parametrize(
    ("refusal", "fault", "attempts"),
    [
        (b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n", "proxy-refused", 1),
        (b"HTTP/1.1 403 Forbidden\r\n\r\n", "proxy-refused", 1),
        (b"HTTP/1.1 502 Bad\x1b Gateway\r\n\r\n", "proxy", 3),
    ],
)
def test_a_proxy_that_refuses_is_named_without_its_password(
    kind: type, pki: Pki, refusal: bytes, fault: str, attempts: int
) -> None:
    with ScriptedServer(OK, tls=pki.server) as server, ConnectProxy(server.port, refusal) as proxy:
        with pytest.raises(TransportError) as raised:
            call(kind, f"https://{ADDRESS}", f"http://{USER_INFO}@127.0.0.1:{proxy.port}")
        assert len(proxy.heads) == attempts
    assert raised.value.kind == fault
    assert str(raised.value) == f'Failed to connect to proxy URL: "http://***:***@127.0.0.1:{proxy.port}"'
    assert raised.value.reason.isprintable()
    assert server.requests == []


@over_all
def test_a_proxy_that_is_not_there_is_named(kind: type) -> None:
    port = free_port()
    for url in (f"https://{ADDRESS}", f"http://{ADDRESS}"):
        with pytest.raises(TransportError) as raised:
            call(kind, url, f"http://127.0.0.1:{port}")
        assert str(raised.value) == f'Failed to connect to proxy URL: "http://127.0.0.1:{port}"'


@over_all
@pytest.mark.parametrize(
    "url", ["http://", "socks5://h:1", "https://h", "http://h:x", "http://u:MARK@h:99999", "h o"]
)
def test_a_wrong_proxy_url_is_refused_by_the_constructor(kind: Kind, url: str) -> None:
    with pytest.raises(ConfigError, match="Expected http://") as raised:
        kind(proxy=url)
    assert "MARK" not in str(raised.value)


def test_the_client_uses_the_proxy_of_the_environment(pki: Pki, monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedServer(OK, tls=pki.server) as server, ConnectProxy(server.port) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        for no_proxy, heads, seconds in (("other.example", 1, 60), ("192.0.2.7", 1, 0.1)):
            monkeypatch.setenv("NO_PROXY", no_proxy)
            client = SageMaker(
                "us-west-2", endpoint_url=f"https://{ADDRESS}:{server.port}", credentials=CREDENTIALS,
                verify=str(pki.bundle), connect_timeout=seconds, deadline=5 * seconds,
            )  # fmt: skip
            with client:
                if no_proxy == "other.example":
                    assert client.call(OPERATION, PARAMS)["AuthorizedUrl"] == "u"
                else:
                    with pytest.raises(TransportError):
                        client.call(OPERATION, PARAMS)
            assert len(proxy.heads) == heads


def test_a_malformed_proxy_of_the_environment_is_a_config_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://user:MARK@:80")
    with pytest.raises(ConfigError, match=r"^HTTPS_PROXY: the proxy's URL is wrong") as raised:
        SageMaker("us-west-2", credentials=CREDENTIALS)
    assert "MARK" not in str(raised.value)


def test_a_loopback_endpoint_never_uses_a_proxy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://192.0.2.9:1")
    with (
        ScriptedServer(OK) as server,
        SageMaker("us-west-2", endpoint_url=server.url, credentials=CREDENTIALS) as client,
    ):
        assert client.call(OPERATION, PARAMS)["AuthorizedUrl"] == "u"
