"""The standard-library server: exact bytes, bounds, and nothing for a stranger."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator

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
        (b"GET /\xff\xfe HTTP/1.1\r\nHost: {host}\r\n\r\n", 404),
        (b"GET /notebook/nb/?authToken=\xff HTTP/1.1\r\nHost: {host}\r\nCookie: \xff=\xfe\r\n\r\n", 302),
    ],
)
def test_hostile_bytes_get_a_status_and_never_a_traceback(
    local: LocalSageMaker, raw: bytes, expected: int
) -> None:
    answer = exchange(local, raw.replace(b"{host}", f"127.0.0.1:{local.port}".encode()))
    assert status(answer) == expected
    assert b"Traceback" not in answer
    assert b'File "' not in answer


def test_an_unexpected_fault_is_an_internal_failure_without_its_text(local: LocalSageMaker) -> None:
    def broken(request: object) -> Response:
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
