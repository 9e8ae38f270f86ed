"""Every transport sends exact bytes, and keeps, replaces and closes its connections."""

from __future__ import annotations

import socket
import threading

import pytest

from sagemaker_api import HttpxTransport, SageMaker, StdlibTransport, TransportError
from sigv4 import Request
from sigv4.network.time_limits import TimeLimits
from sigv4.target import cut_url
from tests.sagemaker_api.calls import Caller, arguments
from tests.sagemaker_api.scripted import ScriptedServer, and_close, http

OK = http(200, '{"AuthorizedUrl":"u"}')


# ---- the bytes


def test_the_request_is_these_bytes_and_no_others(call: Caller) -> None:
    with ScriptedServer(OK) as server:
        call(server.url, endpoint_url=f"{server.url}/a%2fb/'c'//d/../e")
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0] == "POST /a%2fb/'c'//d/../e HTTP/1.1"
    assert sorted(line.partition(":")[0].lower() for line in lines[1:]) == [
        "accept-encoding",
        "amz-sdk-invocation-id",
        "amz-sdk-request",
        "authorization",
        "content-length",
        "content-type",
        "host",
        "user-agent",
        "x-amz-date",
        "x-amz-target",
    ]
    headers = server.headers()
    assert headers["host"] == f"127.0.0.1:{server.port}"
    assert headers["accept-encoding"] == "identity"
    assert headers["content-length"] == str(len(body))
    assert body == b'{"NotebookInstanceName":"my-nb"}'
    signed = headers["authorization"].partition("SignedHeaders=")[2].partition(",")[0]
    assert signed == "content-type;host;x-amz-date;x-amz-target"


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("http://h", "/"),
        ("http://h/", "/"),
        ("http://h:80/a/../b%2F", "/a/../b%2F"),
        ("http://h?x=1", "/?x=1"),
        ("http://h/p?a=b/c&d=%7e#f", "/p?a=b/c&d=%7e"),
        ("http://h/p?", "/p?"),
    ],
)
def test_the_request_target_is_the_url_as_spelled(url: str, target: str) -> None:
    assert cut_url(url)[2] == target


@pytest.mark.parametrize("transport_class", [HttpxTransport, StdlibTransport])
def test_a_request_that_would_be_read_as_two_is_never_sent(
    transport_class: type[HttpxTransport | StdlibTransport],
) -> None:
    with ScriptedServer(OK) as server, transport_class(verify=False) as transport:
        request = Request("POST", f"{server.url}/", {"Host": "h", "X": "1\r\nInjected: 2"}, b"")
        with pytest.raises(TransportError):
            transport.send(request, TimeLimits(1, 1, 1))
    assert server.requests == []


# ---- connections


def test_a_connection_is_kept_and_used_again(call: Caller) -> None:
    with ScriptedServer(OK) as server:
        call(server.url, calls=3)
    assert (server.connections, len(server.requests)) == (1, 3)


def test_a_connection_closed_while_idle_is_replaced_without_using_up_an_attempt(call: Caller) -> None:
    with ScriptedServer(and_close(OK)) as server:
        result = call(server.url, calls=3)
    assert (server.connections, len(server.requests)) == (3, 3)
    assert result["ResponseMetadata"]["RetryAttempts"] == 0
    assert server.headers()["amz-sdk-request"] == "attempt=1; max=3"


def test_a_connection_that_fails_when_it_is_used_again_is_replaced_without_using_up_an_attempt(
    call: Caller,
) -> None:
    with ScriptedServer(OK, None, OK) as server:
        result = call(server.url, calls=2)
    assert (server.connections, len(server.requests)) == (2, 3)
    assert result["ResponseMetadata"]["RetryAttempts"] == 0


def test_a_new_connection_that_fails_uses_up_an_attempt(call: Caller) -> None:
    with ScriptedServer(None, OK) as server:
        result = call(server.url)
    assert result["ResponseMetadata"]["RetryAttempts"] == 1


def test_connection_close_and_http_1_0_are_honoured(call: Caller) -> None:
    close = http(200, '{"AuthorizedUrl":"u"}', ("Connection", "close"))
    old = and_close(b'HTTP/1.0 200 OK\r\n\r\n{"AuthorizedUrl":"u"}')
    with ScriptedServer(close, old, OK) as server:
        assert call(server.url, calls=3)["AuthorizedUrl"] == "u"
    assert server.connections == 3


def test_chunked_and_100_continue_are_understood(call: Caller) -> None:
    answer = (
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        b'5;x=y\r\n{"Aut\r\n10\r\nhorizedUrl":"u"}\r\n0\r\nTrailer: t\r\n\r\n'
    )
    with ScriptedServer(answer, OK) as server:
        assert call(server.url, calls=2)["AuthorizedUrl"] == "u"
    assert server.connections == 1


@pytest.mark.parametrize("transport_class", [HttpxTransport, StdlibTransport])
def test_threads_share_a_client(transport_class: type[HttpxTransport | StdlibTransport]) -> None:
    answers: list[str] = []
    with ScriptedServer(OK) as server, transport_class(verify=False) as transport:
        client = SageMaker(**arguments(server.url, transport=transport))

        def work() -> None:
            answers.extend(client.call("X")["AuthorizedUrl"] for _ in range(10))

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert answers == ["u"] * 80
    assert server.connections <= 8


def test_an_ipv6_endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    with ScriptedServer(OK) as server, StdlibTransport() as transport:

        def resolve(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
            asked.append(host)
            return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", port))]

        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        url = f"http://[fd00::abcd]:{server.port}"
        SageMaker(**arguments(url, transport=transport)).call("X")
    assert (asked, server.headers()["host"]) == (["fd00::abcd"], f"[fd00::abcd]:{server.port}")


def test_the_next_address_is_tried_if_one_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        dead = listener.getsockname()
    with ScriptedServer(OK) as server, StdlibTransport() as transport:
        addresses = [dead, ("127.0.0.1", server.port)]
        found = [(socket.AF_INET, socket.SOCK_STREAM, 0, "", address) for address in addresses]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
        SageMaker(**arguments(f"http://h:{server.port}", transport=transport)).call("X")
    assert len(server.requests) == 1


def test_no_connection_is_kept_beyond_its_age(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sagemaker_api.transports.stdlib.LONGEST_IDLE_SECONDS", -1.0)
    with ScriptedServer(OK) as server, StdlibTransport() as transport:
        client = SageMaker(**arguments(server.url, transport=transport))
        client.call("X")
        client.call("X")
    assert server.connections == 2


def test_a_closed_transport_keeps_no_connection() -> None:
    with ScriptedServer(OK) as server, StdlibTransport() as transport:
        client = SageMaker(**arguments(server.url, transport=transport))
        transport.close()
        client.call("X")
        client.call("X")
    assert server.connections == 2


def test_a_transport_that_is_dropped_closes_its_connections() -> None:
    with ScriptedServer(OK) as server:
        SageMaker(**arguments(server.url, transport=StdlibTransport())).call("X")
        SageMaker(**arguments(server.url, transport=HttpxTransport(verify=False))).call("X")
    assert server.connections == 2  # and there was no ResourceWarning
