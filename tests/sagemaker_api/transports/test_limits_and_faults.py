"""Every transport has limits on time and size, and raises one error for each fault."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable

import pytest

from sagemaker_api import SageMaker, ServiceError, StdlibTransport, TransportError
from sagemaker_api.transports.base import LONGEST_BODY
from tests.ports import free_port
from tests.sagemaker_api.calls import TRANSPORTS, Caller, arguments, fault_of
from tests.sagemaker_api.scripted import Answer, ScriptedServer, and_close, http

OK = http(200, '{"AuthorizedUrl":"u"}')
MiB = 1024 * 1024


def _drip(first: bytes, drop: bytes, *, pause: float = 0.02) -> Callable[[socket.socket], None]:
    def answer(connection: socket.socket) -> None:
        connection.sendall(first)
        while True:
            time.sleep(pause)
            connection.sendall(drop)

    return answer


# ---- time


def test_no_server_listens(call: Caller) -> None:
    port = free_port()
    with pytest.raises(TransportError) as raised:
        call(f"http://127.0.0.1:{port}")
    assert str(raised.value) == f'Could not connect to the endpoint URL: "http://127.0.0.1:{port}/"'
    assert raised.value.kind == "connect"
    assert raised.value.reason


@pytest.mark.slow
def test_silence_is_a_read_timeout(call: Caller) -> None:
    def wait(connection: socket.socket) -> None:
        connection.recv(1)

    with ScriptedServer(wait) as server, pytest.raises(TransportError) as raised:
        call(server.url, read_timeout=0.05)
    assert str(raised.value) == f'Read timeout on endpoint URL: "{server.url}/"'
    assert (raised.value.kind, len(server.requests)) == ("read-timeout", 3)


@pytest.mark.parametrize(
    "answer",
    [
        _drip(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n", b" "),
        _drip(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
        _drip(b"HTTP/1.1 200 OK\r\n", b"X"),
        _drip(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n", pause=0.05),
        _drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
    ids=["body", "chunks", "header", "headers", "interim"],
)
@pytest.mark.slow
def test_a_slow_answer_ends_at_the_deadline(call: Caller, answer: Answer) -> None:
    fault = fault_of(call, answer, deadline=0.2)
    assert fault.kind == "deadline"
    assert "deadline passed" in str(fault)


def test_no_wait_is_begun_that_would_end_after_the_deadline(
    call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sagemaker_api.retry._LONGEST_EXTRA_WAIT", 60)
    throttled = http(400, '{"__type":"ThrottlingException"}', ("x-amz-retry-after", "60000"))
    with ScriptedServer(throttled) as server, pytest.raises(ServiceError, match="ThrottlingException"):
        call(server.url, deadline=59)
    assert len(server.requests) == 1


# ---- size and form


def test_a_declared_20_mib_body_is_refused_unread(call: Caller) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (20 * MiB)
    fault = fault_of(call, _drip(head, b" "))
    assert fault.kind == "too-large"
    assert f"longer than {LONGEST_BODY} bytes" in str(fault)


@pytest.mark.parametrize("chunked", [True, False])
def test_a_20_mib_body_is_refused_while_it_arrives(call: Caller, chunked: bool) -> None:
    sent = 0

    def answer(connection: socket.socket) -> None:
        nonlocal sent
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\n" + b"Transfer-Encoding: chunked\r\n" * chunked + b"\r\n")
        for _ in range(20):
            connection.sendall(
                (b"100000\r\n" if chunked else b"") + b" " * MiB + (b"\r\n" if chunked else b"")
            )
            sent += MiB
        connection.sendall(b"0\r\n\r\n" * chunked)

    assert fault_of(call, answer).kind == "too-large"
    assert sent < 19 * MiB


def test_a_body_of_just_the_bound_is_read(call: Caller) -> None:
    body = b'{"AuthorizedUrl":"u"' + b" " * (LONGEST_BODY - 21) + b"}"
    with ScriptedServer(http(200, body)) as server:
        assert call(server.url)["AuthorizedUrl"] == "u"


@pytest.mark.parametrize(
    "answer",
    [
        and_close(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"AuthorizedUrl":"u"}'),
        and_close(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{}"),
        and_close(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{}   \r\n"),
        and_close(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n"),
        and_close(b"HTTP/1.1 200 OK\r\nContent-Le"),
        and_close(b"SSH-2.0-OpenSSH_9.2\r\n"),
        and_close(b"HTTP/1.1 abc OK\r\n\r\n"),
        None,
    ],
    ids=[
        "body",
        "chunk",
        "no last chunk",
        "chunk size",
        "head",
        "not HTTP",
        "no status",
        "nothing",
    ],
)
@pytest.mark.slow
def test_a_truncated_or_malformed_answer_is_a_closed_connection(call: Caller, answer: Answer) -> None:
    fault = fault_of(call, answer)
    assert fault.kind == "closed"
    assert str(fault) == (
        f'Connection was closed before we received a valid response from endpoint URL: "{fault.url}".'
    )


def test_a_truncated_answer_is_retried(call: Caller) -> None:
    cut = and_close(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}")
    with ScriptedServer(cut, OK) as server:
        assert call(server.url)["ResponseMetadata"]["RetryAttempts"] == 1


def test_bytes_after_an_answer_are_not_the_next_answer() -> None:
    poison = http(200, '{"AuthorizedUrl":"poison"}')
    late = threading.Event()

    def answer_late(connection: socket.socket) -> None:
        connection.sendall(OK)
        late.wait()
        connection.sendall(poison)
        connection.recv(1)

    with ScriptedServer(OK + poison, answer_late, OK) as server, StdlibTransport() as transport:
        client = SageMaker(**arguments(server.url, transport=transport))
        assert [client.call("X")["AuthorizedUrl"] for _ in range(2)] == ["u", "u"]
        late.set()
        time.sleep(0.1)
        assert client.call("X")["AuthorizedUrl"] == "u"
    assert server.connections == 2


@pytest.mark.parametrize(
    ("answer", "deadline", "kind"),
    [(None, 60, "closed"), (_drip(b"HTTP/1.1 200 OK\r\n", b"X"), 0.3, "deadline")],
    ids=["closed", "deadline"],
)
def test_without_httpx_asyncio_runs_the_standard_library_in_a_thread(
    answer: Answer, deadline: float, kind: str
) -> None:
    call = TRANSPORTS["async-stdlib"]
    with ScriptedServer(OK) as server:
        assert call(server.url, calls=2)["AuthorizedUrl"] == "u"
    assert server.connections == 1
    assert fault_of(call, answer, deadline=deadline).kind == kind
