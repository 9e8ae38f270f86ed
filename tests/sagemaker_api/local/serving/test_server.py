"""The standard-library server: exact bytes, limits, and no access for other hosts."""

from __future__ import annotations

import asyncio
import gc
import json
import re
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from sagemaker_api import AsyncSageMaker
from sagemaker_api.errors import ConfigError
from sagemaker_api.local import EXAMPLE, LocalSageMaker
from sigv4 import Credentials, Request, Response, Signer
from tests.waiting import wait_until

MARKER = "MARKERsecret"


@pytest.fixture
def local() -> Iterator[LocalSageMaker]:
    with LocalSageMaker({"nb": "InService"}) as running:
        yield running


def exchange(local: LocalSageMaker, raw: bytes) -> bytes:
    """Sends ``raw`` and nothing more; returns everything that is received."""
    with socket.create_connection(("127.0.0.1", local.port), timeout=60) as connection:
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


def test_a_message_that_trickles_in_is_given_up_in_time(
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


def test_a_hundred_silent_clients_keep_nobody_waiting(local: LocalSageMaker) -> None:
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

    local._server.answer = slow
    with socket.create_connection(("127.0.0.1", local.port), timeout=60) as waiting:
        waiting.sendall(signed(local))
        assert asked.wait(60)
        with socket.create_connection(("127.0.0.1", local.port), timeout=60) as refused:
            assert refused.recv(1) == b""
        go_on.set()
        assert status(waiting.recv(65536)) == 200


@pytest.mark.parametrize("times", [20, pytest.param(200, marks=pytest.mark.slow)])
@pytest.mark.slow
def test_starting_again_and_again_leaves_no_thread_and_no_socket(local: LocalSageMaker, times: int) -> None:
    open_files = Path("/proc/self/fd")
    if not open_files.exists():
        pytest.skip("this system does not list the open files of a process")
    gc.collect()
    threads, files = threading.active_count(), len(list(open_files.iterdir()))
    for _ in range(times):
        LocalSageMaker().stop()  # never started
        with (
            LocalSageMaker({"nb": "InService"}) as again,
            socket.create_connection(("127.0.0.1", again.port), timeout=60) as kept,
        ):
            kept.sendall(signed(again))
            assert status(kept.recv(65536)) == 200
    wait_until(lambda: threading.active_count() <= threads)
    wait_until(lambda: len(list(open_files.iterdir())) <= files)


def test_a_server_is_started_once() -> None:
    with LocalSageMaker() as local, pytest.raises(ConfigError, match="make another LocalSageMaker"):
        local.start()
    with pytest.raises(ConfigError, match="make another LocalSageMaker"):
        local.start()
    never = LocalSageMaker()
    never.stop()
    with pytest.raises(ConfigError, match="make another LocalSageMaker"):
        never.start()
    never.stop()


def test_on_port_80_a_host_without_a_port_is_ours() -> None:
    try:
        local = LocalSageMaker({"nb": "InService"}, port=80)
    except ConfigError as error:
        pytest.skip(f"port 80 cannot be had here: {error}")
    with local:
        for host, expected in (("127.0.0.1", 200), ("127.0.0.1:80", 200), ("localhost", 200), ("evil", 421)):
            assert (
                status(exchange(local, f"GET /sign-in HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())) == expected
            )


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


def test_asyncio_code_can_use_it() -> None:
    pytest.importorskip("httpx")

    async def mint() -> list[str]:
        with LocalSageMaker({"nb": "InService"}) as local:
            async with AsyncSageMaker(
                region_name="us-east-1", endpoint_url=local.url, credentials=EXAMPLE
            ) as client:
                asked = [
                    client.create_presigned_notebook_instance_url(NotebookInstanceName="nb")
                    for _ in range(10)
                ]
                return [answer["AuthorizedUrl"] for answer in await asyncio.gather(*asked)]

    assert len(set(asyncio.run(mint()))) == 10


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
def test_no_target_leads_off_this_server_or_keeps_its_token(local: LocalSageMaker, method: str) -> None:
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
    with socket.create_connection(("127.0.0.1", local.port), timeout=60) as silent:
        silent.sendall(b"POST / HTTP/1.1\r\n")
        assert status(exchange(local, signed(local))) == 200


def test_stop_closes_the_port_and_every_connection() -> None:
    with LocalSageMaker() as local:
        kept = socket.create_connection(("127.0.0.1", local.port), timeout=60)
    with kept:
        try:
            assert kept.recv(1) == b""
        except ConnectionResetError:
            pass  # it was still waiting to be accepted
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", local.port), timeout=60)


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
@pytest.mark.slow
def test_a_wrong_setting_is_refused_and_leaves_no_socket_open(arguments: dict[str, Any], words: str) -> None:
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
        socket.create_connection(("::1", local.port), timeout=60) as connection,
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
