"""The standard-library server: exact bytes, bounds, and nothing for a stranger."""

from __future__ import annotations

import gc
import json
import re
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from sagemaker_api.errors import ConfigError
from sagemaker_api.local import EXAMPLE, LocalSageMaker
from sigv4 import Credentials, Response, Signer

MARKER = "MARKERsecret"


@pytest.fixture
def local() -> Iterator[LocalSageMaker]:
    with LocalSageMaker({"nb": "InService"}) as running:
        yield running


def exchange(local: LocalSageMaker, raw: bytes) -> bytes:
    """Send ``raw``, then nothing more; everything that comes back."""
    with socket.create_connection(("127.0.0.1", local.port), timeout=5) as connection:
        connection.sendall(raw)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while block := connection.recv(65536):
            answer += block
    return answer


def status(answer: bytes) -> int:
    return Response.parse(answer).status


def signed(local: LocalSageMaker, body: bytes = b'{"NotebookInstanceName":"nb"}', extra: str = "") -> bytes:
    headers = Signer("sagemaker", local.region, EXAMPLE).sign(
        "POST", local.url, {"X-Amz-Target": "SageMaker.CreatePresignedNotebookInstanceUrl"}, body
    )
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST / HTTP/1.1\r\n{lines}{extra}Content-Length: {len(body)}\r\n\r\n".encode() + body


def test_two_requests_on_one_connection_get_two_answers(local: LocalSageMaker) -> None:
    answer = exchange(local, signed(local) * 2)
    assert answer.count(b"HTTP/1.1 200 OK") == 2
    assert answer.count(b"AuthorizedUrl") == 2


def test_expect_100_continue_is_answered(local: LocalSageMaker) -> None:
    answer = exchange(local, signed(local, extra="Expect: 100-continue\r\n"))
    assert answer.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK")


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1", "evil.example:80", "", "localhost.evil.example"]
)
def test_a_foreign_host_gets_nothing(local: LocalSageMaker, host: str) -> None:
    answer = exchange(local, f"GET /sign-in HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    assert status(answer) == 421
    assert b"Signed out" not in answer


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"GET / HTTP/1.1\n\n", 400),
        (b"GET /\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
        (b"GET / HTTP/1.0\r\nHost: {host}\r\n\r\n", 505),
        (b"GET http://evil.example/ HTTP/1.1\r\nHost: {host}\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: {host}\r\n folded\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost : {host}\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: {host}\r\nHost: {host}\r\n\r\n", 421),
        (b"GET / HTTP/1.1\r\nHost: {host}\r\nX: " + b"a" * 70_000 + b"\r\n\r\n", 431),
        (
            b"POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            400,
        ),
        (b"POST / HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 501),
        (b"POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n{", 400),
        (b"POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 5\r\n\r\n{}", 400),
        (b"POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 2000000\r\n\r\n", 413),
        (b"POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 2\r\n\r\n{}", 400),
        (b"DELETE /../.. HTTP/1.1\r\nHost: {host}\r\n\r\n", 400),
        (b"GET /%00%ff?%zz HTTP/1.1\r\nHost: {host}\r\n\r\n", 404),
        (b"GET /\xff\xfe HTTP/1.1\r\nHost: {host}\r\n\r\n", 400),
        (b"GET /notebook/nb/?authToken=\xff HTTP/1.1\r\nHost: {host}\r\n\r\n", 400),
        (b"GET /notebook/nb/?authToken=x HTTP/1.1\r\nHost: {host}\r\nCookie: \xff=\xfe\r\n\r\n", 302),
        (b"GET /notebook/nb/\x1b[2J HTTP/1.1\r\nHost: {host}\r\n\r\n", 400),
        (b"GET /sign-in x HTTP/1.1\r\nHost: {host}\r\n\r\n", 400),
        (b"OPTIONS * HTTP/1.1\r\nHost: {host}\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 2\r\nTransfer-Encoding:\r\n\r\n{}", 400),
        (b"POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 2\r\nExpect: tea\r\n\r\n{}", 417),
    ],
)
def test_hostile_bytes_get_a_status_and_never_a_traceback(
    local: LocalSageMaker, raw: bytes, expected: int
) -> None:
    answer = exchange(local, raw.replace(b"{host}", f"127.0.0.1:{local.port}".encode()))
    assert status(answer) == expected
    assert b"Traceback" not in answer
    assert b'File "' not in answer


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 3000000\r\n\r\n", 413),
        ("POST / HTTP/1.1\r\nHost: {host}\r\nX: ", 431),
        ("POST / HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 3000000\r\n\r\n", 421),
    ],
)
def test_a_refusal_reaches_a_client_that_is_still_sending(
    local: LocalSageMaker, head: str, expected: int
) -> None:
    answer = exchange(local, head.format(host=f"127.0.0.1:{local.port}").encode() + b"x" * 3_000_000)
    assert status(answer) == expected


def test_a_foreign_host_is_not_told_to_continue(local: LocalSageMaker) -> None:
    raw = b"POST / HTTP/1.1\r\nHost: evil.example\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
    assert status(exchange(local, raw)) == 421


def test_a_connection_is_closed_where_the_client_asks_for_it_among_other_options(
    local: LocalSageMaker,
) -> None:
    with socket.create_connection(("127.0.0.1", local.port), timeout=5) as connection:
        connection.sendall(signed(local, extra="Connection: Keep-Alive, Close\r\n"))
        answer = b""
        while block := connection.recv(65536):
            answer += block
    assert Response.parse(answer).header("connection") == "close"


def test_a_message_that_trickles_in_is_given_up_in_time(
    local: LocalSageMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sagemaker_api.local.server._MESSAGE_SECONDS", 0.3)
    with socket.create_connection(("127.0.0.1", local.port), timeout=5) as slow:
        slow.settimeout(0.05)
        answer = b""
        for _ in range(60):
            try:
                slow.sendall(b"X")
                answer += slow.recv(65536)
            except TimeoutError:
                continue
            break
    assert status(answer) == 408


def test_a_connection_that_stays_idle_is_closed(
    local: LocalSageMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sagemaker_api.local.server._IDLE_SECONDS", 0.1)
    with socket.create_connection(("127.0.0.1", local.port), timeout=5) as idle:
        assert idle.recv(1) == b""


def test_a_hundred_silent_clients_keep_nobody_waiting(local: LocalSageMaker) -> None:
    silent = [socket.create_connection(("127.0.0.1", local.port), timeout=5) for _ in range(100)]
    try:
        assert status(exchange(local, signed(local))) == 200
    finally:
        for connection in silent:
            connection.close()


def test_an_unexpected_fault_says_where_on_stderr_and_not_what(
    local: LocalSageMaker, capfd: pytest.CaptureFixture[str]
) -> None:
    def broken(request: object, peer: str) -> Response:
        raise RuntimeError(MARKER)

    local._server.answer = broken
    exchange(local, signed(local))
    out, err = capfd.readouterr()
    assert err.startswith("local SageMaker: RuntimeError at ")
    assert "test_server.py:" in err
    assert MARKER not in out + err


def test_an_unexpected_fault_is_an_internal_failure_without_its_text(local: LocalSageMaker) -> None:
    def broken(request: object, peer: str) -> Response:
        raise RuntimeError(MARKER)

    local._server.answer = broken
    answer = exchange(local, signed(local))
    assert status(answer) == 500
    assert MARKER.encode() not in answer
    assert json.loads(Response.parse(answer).body) == {"__type": "InternalFailure"}


def test_a_silent_client_keeps_nobody_waiting(local: LocalSageMaker) -> None:
    with socket.create_connection(("127.0.0.1", local.port), timeout=5) as silent:
        silent.sendall(b"POST / HTTP/1.1\r\n")
        assert status(exchange(local, signed(local))) == 200


def test_stop_closes_the_port_and_every_connection() -> None:
    with LocalSageMaker() as local:
        kept = socket.create_connection(("127.0.0.1", local.port), timeout=5)
    with kept:
        try:
            assert kept.recv(1) == b""
        except ConnectionResetError:
            pass  # it was still waiting to be accepted
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", local.port), timeout=5)


def test_the_example_pair_is_served_on_loopback_only() -> None:
    with pytest.raises(ConfigError, match="example credentials are public"):
        LocalSageMaker(host="0.0.0.0")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"notebooks": {"a_b": "InService"}}, "'a_b' cannot name a notebook"),
        ({"notebooks": {"": "InService"}}, "'' cannot name a notebook"),
        ({"region": "us east"}, "the region is 'us east'"),
        ({"port": 65536}, "a free port from 1 to 65535"),
        (
            {"host": "192.0.2.1", "credentials": Credentials("AKID", MARKER)},
            "a host of this machine",
        ),
        ({"host": "0.0.0.0", "credentials": Credentials("AKID", MARKER)}, "every address of this machine"),
    ],
)
def test_what_cannot_be_served_is_refused_and_leaves_no_socket_open(
    arguments: dict[str, Any], words: str
) -> None:
    with pytest.raises(ConfigError, match=re.escape(words)) as caught:
        LocalSageMaker(**arguments)
    assert MARKER not in str(caught.value)
    del caught
    gc.collect()  # an unclosed socket would warn here, and warnings are errors


def test_a_port_in_use_is_named() -> None:
    with LocalSageMaker() as first, pytest.raises(ConfigError, match=f"port {first.port}: .*in use"):
        LocalSageMaker(port=first.port)


def test_it_serves_ipv6_loopback() -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    with (
        LocalSageMaker({"nb": "InService"}, host="::1") as local,
        socket.create_connection(("::1", local.port), timeout=5) as connection,
    ):
        assert local.url == f"http://[::1]:{local.port}"
        connection.sendall(signed(local))
        assert status(connection.recv(65536)) == 200


def test_a_session_token_left_over_in_the_environment_is_not_sent() -> None:
    with LocalSageMaker() as local:
        assert local.environment["AWS_SESSION_TOKEN"] == ""


def test_an_unknown_status_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="'Inservice': expected one of Pending, InService"):
        LocalSageMaker({"nb": "Inservice"})


def test_the_environment_points_every_client_here() -> None:
    with LocalSageMaker(credentials=Credentials("AKID", MARKER, "token"), region="eu-west-1") as local:
        assert local.environment == {
            "AWS_ENDPOINT_URL_SAGEMAKER": local.url,
            "AWS_REGION": "eu-west-1",
            "AWS_DEFAULT_REGION": "eu-west-1",
            "AWS_ACCESS_KEY_ID": "AKID",
            "AWS_SECRET_ACCESS_KEY": MARKER,
            "AWS_SESSION_TOKEN": "token",
        }
        assert MARKER not in repr(local)
