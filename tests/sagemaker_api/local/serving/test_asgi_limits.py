"""The limits of the uvicorn server: its options, and when it ends a connection; without a network."""

from __future__ import annotations

import asyncio
import socket
import sys
from types import SimpleNamespace
from typing import Any

import pytest

for package in ("starlette", "uvicorn", "websockets"):
    pytest.importorskip(package, reason=f"{package} is not installed (extra `interop`)")

# ruff: noqa: E402 (the imports below need the packages that are looked for above)
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from sagemaker_api.local import Limits, asgi
from sagemaker_api.local.serving import asgi_server, servers
from sagemaker_api.local.serving.app import DEFAULT_LIMITS, Application
from sagemaker_api.local.serving.asgi_server import AsgiServer
from sigv4 import MissingDependency

from ..without_sockets import Desk

pytestmark = pytest.mark.interop


class Handle:
    def __init__(self, seconds: float, call: Any, arguments: tuple[Any, ...]) -> None:
        self.seconds, self.call, self.arguments = seconds, call, arguments
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class Loop:
    """The timers of an event loop; a timer ends only when the test says so."""

    def __init__(self) -> None:
        self.timers: list[Handle] = []

    def call_later(self, seconds: float, call: Any, *arguments: Any) -> Handle:
        self.timers.append(Handle(seconds, call, arguments))
        return self.timers[-1]

    @property
    def running(self) -> list[Handle]:
        return [each for each in self.timers if not each.cancelled]

    def end(self) -> None:
        """Ends the only running timer."""
        (timer,) = self.running
        timer.cancelled = True
        timer.call(*timer.arguments)


class Transport:
    def __init__(self) -> None:
        self.size = 0
        self.aborted = 0
        self.limits: dict[str, Any] = {}
        self.protocol: Any = None

    def set_write_buffer_limits(self, **limits: Any) -> None:
        self.limits = limits

    def get_write_buffer_size(self) -> int:
        return self.size

    def get_protocol(self) -> Any:
        return self.protocol

    def abort(self) -> None:
        self.aborted += 1


class Base(asyncio.Protocol):
    """Replaces uvicorn's protocol, and records the calls."""

    def __init__(self) -> None:
        self.reached: list[str] = []
        self.cycle: Any = None

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.reached.append("made")

    def data_received(self, data: bytes) -> None:
        self.reached.append("data")

    def pause_writing(self) -> None:
        self.reached.append("pause")

    def resume_writing(self) -> None:
        self.reached.append("resume")

    def connection_lost(self, exc: Exception | None) -> None:
        self.reached.append("lost" if exc is None else f"lost: {exc}")


class Stalled(asgi_server._Stalled, Base):
    limits = Limits(stall=7.0)


def connected() -> tuple[Any, Transport, Any]:
    protocol: Any = Stalled()
    protocol.loop = loop = Loop()
    transport = Transport()
    protocol.connection_made(transport)
    return protocol, transport, loop


def test_a_client_that_reads_nothing_for_a_while_is_dropped() -> None:
    protocol, transport, loop = connected()
    assert transport.limits == {"high": 0}
    transport.size = 100
    protocol.pause_writing()
    assert [each.seconds for each in loop.running] == [7.0]
    loop.end()
    assert transport.aborted == 1
    assert protocol.reached == ["made", "pause"]


def test_a_client_that_reads_slowly_is_not_dropped() -> None:
    protocol, transport, loop = connected()
    transport.size = 100
    protocol.pause_writing()
    for size in (99, 50):
        transport.size = size
        loop.end()
        assert (transport.aborted, len(loop.running)) == (0, 1)
    loop.end()
    assert transport.aborted == 1


@pytest.mark.parametrize("end", ["resume_writing", "connection_lost"])
def test_a_client_that_reads_or_disconnects_is_no_longer_watched(end: str) -> None:
    protocol, transport, loop = connected()
    transport.size = 5
    protocol.pause_writing()
    getattr(protocol, end)(*([OSError("reset")] if end == "connection_lost" else []))
    assert loop.running == []
    assert protocol.reached[-1] == ("resume" if end == "resume_writing" else "lost: reset")
    protocol.pause_writing()
    protocol.pause_writing()
    assert len(loop.running) == 1


def test_a_head_has_20_seconds_from_the_connection_or_the_last_answer_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("connection_made", "data_received", "connection_lost"):
        monkeypatch.setattr(H11Protocol, name, getattr(Base, name))
    protocol: Any = asgi_server._Http.__new__(asgi_server._Http)
    protocol.reached, protocol.cycle = [], None
    protocol.loop = loop = Loop()
    transport = Transport()
    transport.protocol = protocol
    protocol.connection_made(transport)
    (first,) = loop.running
    assert (first.seconds, first.call) == (20.0, transport.abort)
    protocol.data_received(b"G")
    assert loop.running == [first]
    protocol.cycle = SimpleNamespace(response_complete=False)
    protocol.data_received(b"ET / HTTP/1.1")
    assert loop.running == []
    protocol.cycle = SimpleNamespace(response_complete=True)
    protocol.data_received(b"GET")
    assert [(each.seconds, each.call) for each in loop.running] == [(20.0, transport.abort)]
    transport.protocol = object()  # it has become a WebSocket
    protocol.data_received(b"x")
    assert loop.running == []
    transport.protocol = protocol
    protocol.data_received(b"GET")
    protocol.connection_lost(OSError("reset"))
    assert loop.running == []
    assert protocol.reached == ["made", *["data"] * 5, "lost: reset"]


def test_the_options_of_uvicorn(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[tuple[Any, dict[str, Any]]] = []

    class Stop(Exception):
        pass

    def config(application: Any, **options: Any) -> Any:
        given.append((application, options))
        raise Stop

    monkeypatch.setattr(uvicorn, "Config", config)
    limits = Limits(message=77, stall=8)
    server = AsgiServer("127.0.0.1", 0, lambda: 0.0, look=5.0, limits=limits)
    try:
        with pytest.raises(Stop):
            server.start(Desk().local)
    finally:
        server.stop()
    ((application, options),) = given
    assert isinstance(application, Application)
    assert (vars(application)["_look"], vars(application)["_limits"]) == (5.0, limits)
    http, websocket = options.pop("http"), options.pop("ws")
    assert issubclass(http, asgi_server._Http)
    assert issubclass(websocket, asgi_server._WebSocket)
    assert issubclass(websocket, WebSocketsSansIOProtocol)
    assert (http.limits, websocket.limits) == (limits, limits)
    assert options == {
        "loop": "asyncio",
        "lifespan": "off",
        "log_config": None,
        "access_log": False,
        "proxy_headers": False,
        "server_header": False,
        "date_header": False,
        "h11_max_incomplete_event_size": 65536,
        "ws_max_size": 77,
        "limit_concurrency": 1000,
        "timeout_keep_alive": 60,
        "timeout_graceful_shutdown": 3,
    }


@pytest.mark.parametrize(("host", "family"), [("127.0.0.1", socket.AF_INET), ("::1", socket.AF_INET6)])
def test_the_socket_that_listens(host: str, family: int) -> None:
    server = AsgiServer(host, 0, lambda: 0.0)
    listener = vars(server)["_listener"]
    try:
        assert (listener.family, listener.type, listener.proto) == (
            family,
            socket.SOCK_STREAM,
            socket.IPPROTO_TCP,
        )
        assert listener.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN) == 1
        assert listener.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR) != 0
        if family == socket.AF_INET6:
            assert listener.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY) == 1
        assert server.port == listener.getsockname()[1] > 0
        assert server.authority == (f"[::1]:{server.port}" if ":" in host else f"127.0.0.1:{server.port}")
        assert server.hosts == {f"{name}:{server.port}" for name in ("127.0.0.1", "localhost", "[::1]")}
        with pytest.raises(OSError, match="in use"):
            AsgiServer(host, server.port, lambda: 0.0)
    finally:
        server.stop()
    assert listener.fileno() == -1


@pytest.mark.parametrize(
    ("jupyter", "missing", "named", "extra"),
    [
        (None, "uvicorn", "uvicorn", "local"),
        ("/x", "websockets.asyncio.client", "websockets", "jupyter"),
        (None, None, "uvicorn", "local"),
    ],
)
def test_what_is_not_installed_is_named(
    monkeypatch: pytest.MonkeyPatch, jupyter: str | None, missing: str | None, named: str, extra: str
) -> None:
    class Missing:
        def __getattr__(self, name: str) -> object:
            raise ImportError(name=missing)

    monkeypatch.setitem(sys.modules, "sagemaker_api.local.serving.asgi_server", Missing())
    with pytest.raises(MissingDependency, match=rf"{named}.*sigv4-reference\[{extra}\]"):
        asgi(jupyter)


def test_the_limits_reach_the_server(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    limits = Limits(start=5)
    for given, expected in ((None, DEFAULT_LIMITS), (limits, limits)):
        made: Any = asgi(limits=given)
        assert (made.func, made.keywords) == (AsgiServer, {"limits": expected})
    monkeypatch.setattr(asgi_server, "Jupyters", lambda directory: ("servers below", directory))
    behind: Any = servers.asgi(tmp_path, limits)
    assert behind.func is AsgiServer
    assert behind.keywords == {"backends": ("servers below", tmp_path), "limits": limits}
