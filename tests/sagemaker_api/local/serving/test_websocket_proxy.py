"""WebSockets through the proxy: every frame is checked in both directions, even if one side is slow."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

for package in ("starlette", "uvicorn", "websockets"):
    pytest.importorskip(package, reason=f"{package} is not installed (extra `interop`)")

# ruff: noqa: E402 (the imports below need the packages that are looked for above)
from websockets.exceptions import ConnectionClosed

from sagemaker_api.local import Limits, LocalSageMaker, Policy
from sagemaker_api.local.serving import websocket_proxy
from tests.waiting import wait_until

from ..behind import Behind, WebSockets, echo
from ..iam.documented_policies import IP_PAGE
from ..iam.ip_policies import ROWS, TRUSTED_PROXY, Row
from ..visitor import cookie_of, handshake, served, status_of_handshake, websocket, websocket_async

pytestmark = pytest.mark.interop

VIOLATION = 1008
INSIDE, OUTSIDE = {"X_Forwarded_For": "203.0.113.7"}, {"X_Forwarded_For": "198.51.100.1"}


@pytest.fixture
def local(tmp_path: Path) -> Iterator[LocalSageMaker]:
    with WebSockets(tmp_path / "s", echo) as behind, served(behind) as running:
        yield running


def closed_with(connection: Any) -> int | None:
    """Reads frames until the other side closes; returns its close code."""
    try:
        while True:
            connection.recv(timeout=60)
    except ConnectionClosed as error:
        return error.rcvd.code if error.rcvd else None


def test_frames_pass_both_ways_as_they_are(local: LocalSageMaker) -> None:
    with websocket(local, cookie_of(local)) as connection:
        for frame in ("text", "", "ü" * 70_000, b"\x00\xff", b"x" * 1_000_000):
            connection.send(frame)
            assert connection.recv(timeout=60) == frame


@pytest.mark.parametrize("both_ways", [True, False], ids=["both ways", "up alone"])
def test_fifty_sockets_pass_no_frame_after_revocation(tmp_path: Path, both_ways: bool) -> None:
    """Frames are sent without a pause on 50 sockets. Frames sent after the policies are removed must not
    arrive, and every socket must be closed with 1008 on both sides. A frame says whether it was sent after."""
    behind_received: list[str] = []
    behind_codes: list[int | None] = []
    taken_away = threading.Event()

    async def busy(connection: Any) -> None:
        async def push() -> None:
            while True:
                await connection.send("after" if taken_away.is_set() else "before")
                await asyncio.sleep(0.01 if both_ways else 3600)

        pushing = asyncio.ensure_future(push())
        try:
            while True:
                behind_received.append(str(await connection.recv()))
        finally:
            pushing.cancel()
            await asyncio.gather(pushing, return_exceptions=True)
            behind_codes.append(connection.close_code)

    received: list[str] = []
    codes: list[int | None] = []

    async def one(local: LocalSageMaker, all_open: set[Any]) -> None:
        async with websocket_async(local, cookie_of(local)) as connection:

            async def push() -> None:
                while True:
                    await connection.send("after" if taken_away.is_set() else "before")
                    await asyncio.sleep(0.01)

            pushing = asyncio.ensure_future(push())
            try:
                while True:
                    received.append(str(await asyncio.wait_for(connection.recv(), 60)))
                    all_open.add(connection)
            except ConnectionClosed as error:
                codes.append(error.rcvd.code if error.rcvd else None)
            finally:
                pushing.cancel()
                await asyncio.gather(pushing, return_exceptions=True)

    async def scenario(local: LocalSageMaker) -> None:
        all_open: set[Any] = set()
        sockets = [asyncio.ensure_future(one(local, all_open)) for _ in range(50)]
        while len(all_open) < 50 or len(behind_received) <= 500 or (both_ways and len(received) <= 500):
            await asyncio.sleep(0.01)
            for each in sockets:
                if each.done():  # too early: raises the error with which it ended, if any
                    each.result()
                    raise AssertionError("a socket was closed before the policies were removed")
        local.set_policies([])
        taken_away.set()
        await asyncio.wait_for(asyncio.gather(*sockets), 60)

    with WebSockets(tmp_path / "s", busy) as behind, served(behind, look=60) as local:
        asyncio.run(scenario(local))
        wait_until(lambda: not behind.connections)
    assert (len(codes), set(codes)) == (50, {VIOLATION})
    assert (len(behind_codes), set(behind_codes)) == (50, {VIOLATION})
    assert len(behind_received) > 500
    assert len(received) > 500 if both_ways else len(received) == 50
    assert "after" not in received
    assert "after" not in behind_received


@pytest.mark.parametrize("in_close", [False, True])
def test_a_server_that_ends_while_a_socket_is_being_closed_leaves_none_open(in_close: bool) -> None:
    """A task that is cancelled at that moment still closes the connection to the notebook server."""
    aborted: list[bool] = []
    reached = asyncio.Event()

    class Upstream:
        subprotocol = None
        transport = SimpleNamespace(abort=lambda: aborted.append(True))

        async def close(self, code: int) -> None:
            reached.set()
            await asyncio.Event().wait()

    async def send(message: Any) -> None:
        if message["type"] == "websocket.close" and not in_close:
            await asyncio.Event().wait()
        if message["type"] == "websocket.accept":
            raise OSError("the client has gone")

    async def opened(*_: object) -> Upstream:
        return Upstream()

    async def run() -> None:
        given: Any = (SimpleNamespace(), {}, None, send, "/path", 60.0, Limits())
        task = asyncio.ensure_future(websocket_proxy.relay(*given))
        await reached.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(websocket_proxy, "_open", opened)
        asyncio.run(run())
    assert aborted == [True]


@pytest.mark.parametrize("direction", ["up", "down"])
def test_the_first_frame_after_revocation_is_not_passed_on(tmp_path: Path, direction: str) -> None:
    """Tests each direction alone: no frames in the other one, and no periodic check."""
    arrived: list[str] = []

    async def handle(connection: Any) -> None:
        async for frame in connection:
            arrived.append(frame)
            if frame == "later":
                await asyncio.sleep(0.3)
                await connection.send("late")

    with (
        WebSockets(tmp_path / "s", handle) as behind,
        served(behind, look=60) as local,
        websocket(local, cookie_of(local)) as connection,
    ):
        connection.send("first" if direction == "up" else "later")
        wait_until(lambda: arrived)
        local.set_policies([])
        if direction == "up":
            connection.send("second")
        with pytest.raises(ConnectionClosed) as closed:
            connection.recv(timeout=60)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == VIOLATION
    assert arrived == ["first" if direction == "up" else "later"]


@pytest.mark.parametrize("over", ["time", "policy", "stopped", "identity"])
def test_an_idle_socket_is_closed_soon_after_its_session_ends(local: LocalSageMaker, over: str) -> None:
    with websocket(local, cookie_of(local)) as connection:
        connection.send("here")
        assert connection.recv(timeout=60) == "here"
        if over == "time":
            local.clock.move(43201)
        elif over == "policy":
            local.set_policies([])
        elif over == "stopped":
            local.instances.set_status("nb", "Stopped")
        else:
            local.identities.remove(local.default_arn())
        assert closed_with(connection) == VIOLATION


def test_a_socket_does_not_open_without_a_live_session(local: LocalSageMaker) -> None:
    cookie = cookie_of(local)
    for given, status in (("", 302), (cookie + "x", 302)):
        assert status_of_handshake(local, Cookie=given) == status
    local.set_policies([])
    assert status_of_handshake(local, Cookie=cookie) == 403


@pytest.mark.parametrize("origin", ["http://evil.example", "http://127.0.0.1:1", "null", "https://{host}"])
def test_a_page_of_another_origin_opens_no_socket(local: LocalSageMaker, origin: str) -> None:
    host = local.url.removeprefix("http://")
    cookie = cookie_of(local)
    assert status_of_handshake(local, Cookie=cookie, Origin=origin.replace("{host}", host)) == 403
    assert status_of_handshake(local, Cookie=cookie, Origin=local.url) == 101


def test_a_foreign_host_opens_no_socket(local: LocalSageMaker) -> None:
    assert status_of_handshake(local, Host="evil.example", Cookie=cookie_of(local)) == 421


def network(row: Row) -> dict[str, str]:
    """The headers that a trusted proxy in front of the endpoint sends for the client of ``row``."""
    through_vpc = row.vpce is not None or row.vpc is not None
    way = [row.forwarded_for, row.vpc_source_ip or "10.1.2.3" if through_vpc else None]
    way.append(row.peer or row.source_ip or TRUSTED_PROXY)
    headers = {"X_Forwarded_For": ", ".join(filter(None, way))}
    return headers | ({"X_Vpc_Endpoint_Id": row.vpce or "", "X_Vpc_Id": row.vpc or ""} if through_vpc else {})


def test_the_table_of_networks_is_decided_the_same_for_frames(tmp_path: Path) -> None:
    """Each socket is opened while everything is allowed; then the policy of the row decides about its frames."""
    wrong = []
    with (
        WebSockets(tmp_path / "s", echo) as behind,
        served(behind, look=60, trusted_proxies=["127.0.0.1", TRUSTED_PROXY], forwarded=["vpc"]) as local,
    ):
        cookie = cookie_of(local)
        for row in ROWS:
            local.set_policies(None)
            with websocket(local, cookie, **network(row)) as connection:
                local.set_policies([Policy.parse(row.policy, "row")])
                connection.send("frame")
                code = None
                try:
                    answer = connection.recv(timeout=60)
                except ConnectionClosed as error:
                    answer, code = "", error.rcvd and error.rcvd.code
            if (answer, code) != (("frame", None) if row.allowed else ("", VIOLATION)):
                wrong.append((row.note, answer, code))
    assert len(ROWS) >= 60
    assert wrong == []


def test_the_documented_policy_holds_for_sockets(tmp_path: Path) -> None:
    with (
        WebSockets(tmp_path / "s", echo) as behind,
        served(behind, trusted_proxies=["127.0.0.1"]) as local,
    ):
        cookie = cookie_of(local)
        local.set_policies([Policy.parse(IP_PAGE, "IP page")])
        with websocket(local, cookie, **INSIDE) as connection:
            connection.send("in")
            assert connection.recv(timeout=60) == "in"
        assert status_of_handshake(local, Cookie=cookie, **OUTSIDE) == 403


def test_a_client_that_reads_nothing_delays_no_other_and_is_dropped(tmp_path: Path) -> None:
    sent = 0

    async def flood(connection: Any) -> None:
        nonlocal sent
        if await connection.recv() == "flood":
            while True:
                await connection.send(b"x" * 65536)
                sent += 65536
        await echo(connection)

    with WebSockets(tmp_path / "s", flood) as behind, served(behind, limits=Limits(stall=1)) as local:
        cookie = cookie_of(local)
        with (
            socket.create_connection(("127.0.0.1", local.port), timeout=60) as slow,
            websocket(local, cookie) as quick,
        ):
            slow.sendall(handshake(local, Cookie=cookie))
            assert slow.recv(12) == b"HTTP/1.1 101"
            slow.sendall(b"\x81\x85\x00\x00\x00\x00flood")  # a text frame, masked with zeros
            quick.send("first")

            def only_the_quick_one_is_left() -> bool:
                quick.send("frame")
                assert quick.recv(timeout=60) == "frame"
                assert httpx.get(f"{local.url}/sign-in", timeout=60).status_code == 200
                return len(behind.connections) == 1

            wait_until(only_the_quick_one_is_left)
            assert sent < 32 * 1024 * 1024


def test_stop_does_not_wait_for_sockets(tmp_path: Path) -> None:
    with WebSockets(tmp_path / "s", echo) as behind:
        local = served(behind).start()
        cookie = cookie_of(local)
        sockets = [websocket(local, cookie) for _ in range(3)]
        raw = socket.create_connection(("127.0.0.1", local.port), timeout=60)
        raw.sendall(b"GET / HT")
        stopping = threading.Thread(target=local.stop)
        stopping.start()
        stopping.join(60)
        assert not stopping.is_alive()
        raw.close()
        for each in sockets:
            with each:
                assert closed_with(each) in (1012, 1001, None)


class Broken(Behind):
    async def socket(self, notebook: str) -> str:
        raise RuntimeError("a secret that no client may see")


def test_an_internal_error_is_a_500_without_details(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with served(Broken(tmp_path / "s")) as local:
        assert status_of_handshake(local, Cookie=cookie_of(local)) == 500
    err = capfd.readouterr().err
    assert "RuntimeError" in err
    assert "secret" not in err
    assert "Traceback" not in err
