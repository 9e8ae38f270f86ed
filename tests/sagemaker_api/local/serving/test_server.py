"""The standard-library server: exact bytes, limits, and refusal of other values of Host."""

from __future__ import annotations

import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from sagemaker_api.local import LocalSageMaker
from sagemaker_api.local.serving.server import Server
from sigv4 import Request, Response
from tests.sagemaker_api.local.serving.raw import exchange, signed, status
from tests.waiting import wait_until

MARKER = "MARKERsecret"


@pytest.fixture
def local() -> Iterator[LocalSageMaker]:
    with LocalSageMaker({"nb": "InService"}) as running:
        yield running


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
@pytest.mark.slow
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
    with socket.create_connection(("127.0.0.1", local.port), timeout=60) as connection:
        connection.sendall(signed(local, extra="Connection: Keep-Alive, Close\r\n"))
        answer = b""
        while block := connection.recv(65536):
            answer += block
    assert Response.parse(answer).header("connection") == "close"


def test_a_message_that_arrives_too_slowly_ends_the_connection_in_time(
    local: LocalSageMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sagemaker_api.local.serving.server.MESSAGE_SECONDS", 0.3)
    with socket.create_connection(("127.0.0.1", local.port), timeout=60) as slow:
        slow.settimeout(0.05)
        answer = b""
        for _ in range(1200):  # a minute
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
    monkeypatch.setattr("sagemaker_api.local.serving.server.IDLE_SECONDS", 0.1)
    with socket.create_connection(("127.0.0.1", local.port), timeout=60) as idle:
        assert idle.recv(1) == b""


def test_a_hundred_silent_clients_do_not_delay_others(local: LocalSageMaker) -> None:
    silent = [socket.create_connection(("127.0.0.1", local.port), timeout=60) for _ in range(100)]
    try:
        assert status(exchange(local, signed(local))) == 200
    finally:
        for connection in silent:
            connection.close()


def test_a_flood_of_connections_closes_the_one_that_was_silent_for_longest(
    local: LocalSageMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sagemaker_api.local.serving.server._MOST_CONNECTIONS", 20)
    before = threading.active_count()
    with ExitStack() as stack:
        flood = [
            stack.enter_context(socket.create_connection(("127.0.0.1", local.port), timeout=60))
            for _ in range(60)
        ]
        assert status(exchange(local, signed(local))) == 200
        assert [each.recv(1) for each in flood[:39]] == [b""] * 39
        for each in flood[41:]:
            each.sendall(f"GET /sign-in HTTP/1.1\r\nHost: 127.0.0.1:{local.port}\r\n\r\n".encode())
            assert each.recv(65536).startswith(b"HTTP/1.1 200 OK")
        wait_until(lambda: threading.active_count() <= before + 20)


def test_a_connection_that_is_being_answered_is_not_closed_for_a_new_one(
    local: LocalSageMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sagemaker_api.local.serving.server._MOST_CONNECTIONS", 1)
    asked, go_on = threading.Event(), threading.Event()

    def slow(request: Request, peer: str) -> Response:
        asked.set()
        go_on.wait(60)
        return Response(200)

    assert isinstance(local._server, Server)
    local._server.answer = slow
    with socket.create_connection(("127.0.0.1", local.port), timeout=60) as waiting:
        waiting.sendall(signed(local))
        assert asked.wait(60)
        with socket.create_connection(("127.0.0.1", local.port), timeout=60) as refused:
            assert refused.recv(1) == b""
        go_on.set()
        assert status(waiting.recv(65536)) == 200


def test_one_url_opened_by_many_at_once_opens_one_session() -> None:
    for single_use in (False, True):
        with LocalSageMaker({"nb": "InService"}, single_use=single_use) as local:
            url = json.loads(Response.parse(exchange(local, signed(local))).body)["AuthorizedUrl"]
            target = url.removeprefix(local.url)
            raw = f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1:{local.port}\r\n\r\n".encode()
            ready = threading.Barrier(16)

            def opened(
                _: int, raw: bytes = raw, local: LocalSageMaker = local, ready: threading.Barrier = ready
            ) -> str:
                ready.wait(60)
                return Response.parse(exchange(local, raw)).header("location")

            with ThreadPoolExecutor(16) as pool:
                went = sorted(pool.map(opened, range(16)))
            assert went == ["/notebook/nb/"] * (1 if single_use else 16) + ["/sign-in"] * (15 * single_use)
            assert len(local.sessions.all()) == 1


WAYS_OUT = (
    "/notebook/nb//evil.example/",
    "/notebook/nb/..//evil.example/",
    "/notebook/nb/../../..//evil.example/",
    "/notebook/nb/\\evil.example/",
    "/notebook/nb/%5cevil.example/",
    "/notebook/nb/%0d%0aSet-Cookie:x=y",
    "/notebook/nb/;@evil.example/",
    "/notebook/nb/#",
    "/notebook/%6eb/",
    "/notebook/NB/",
    "/notebook/nb",
    "/notebook//evil.example/",
    "//evil.example/notebook/nb/",
    "/\\evil.example/",
    "/%0d%0aLocation:%20//evil.example",
    "/_control/requests/%31",
)


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE", "PROPFIND"])
def test_no_target_redirects_to_another_server_or_keeps_its_token(local: LocalSageMaker, method: str) -> None:
    instance = local.instances.get("nb")
    assert instance is not None
    for target in WAYS_OUT:
        token = local.sessions.mint(instance, local.default_arn(), 1800)
        for query in (f"authToken={token}", f"next=//evil.example&authToken={token}&authToken=x"):
            raw = f"{method} {target}?{query} HTTP/1.1\r\nHost: 127.0.0.1:{local.port}\r\n\r\n"
            head, _, body = exchange(local, raw.encode()).partition(b"\r\n\r\n")
            answer = Response.parse(head + b"\r\n\r\n")
            assert answer.status in (302, 400, 403, 404), target
            location = answer.header("location", "/sign-in")
            assert location == "/sign-in" or location.startswith("/notebook/nb/"), target
            assert token not in location
            assert token.encode() not in body
            cookie = answer.header("set-cookie")
            assert not cookie or "; HttpOnly; SameSite=Lax" in cookie


def test_an_unexpected_fault_is_reported_on_stderr_with_its_place_and_without_its_text(
    local: LocalSageMaker, capfd: pytest.CaptureFixture[str]
) -> None:
    def broken(request: object, peer: str) -> Response:
        raise RuntimeError(MARKER)

    assert isinstance(local._server, Server)
    local._server.answer = broken
    answer = exchange(local, signed(local))
    out, err = capfd.readouterr()
    assert err.startswith("local SageMaker: RuntimeError at ")
    assert "test_server.py:" in err
    assert MARKER not in out + err + answer.decode()
    assert status(answer) == 500
    assert json.loads(Response.parse(answer).body) == {"__type": "InternalFailure"}


def test_a_silent_client_does_not_delay_others(local: LocalSageMaker) -> None:
    with socket.create_connection(("127.0.0.1", local.port), timeout=60) as silent:
        silent.sendall(b"POST / HTTP/1.1\r\n")
        assert status(exchange(local, signed(local))) == 200


def test_an_address_can_be_used_again_at_once_except_on_windows() -> None:
    """There the option would let another program take the port."""
    server = Server("127.0.0.1", 0, time.time)
    try:
        reused = server.socket.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR)
        assert bool(reused) is (os.name == "posix")
    finally:
        server.stop()
