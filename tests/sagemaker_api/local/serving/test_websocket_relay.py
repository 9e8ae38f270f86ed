"""The relay of a WebSocket, message by message: the close codes of both sides, and the messages passed on."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

for package in ("starlette", "uvicorn", "websockets"):
    pytest.importorskip(package, reason=f"{package} is not installed (extra `interop`)")

# ruff: noqa: E402 (the imports below need the packages that are looked for above)
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosedError, InvalidHandshake, InvalidStatus
from websockets.frames import Close
from websockets.http11 import Response as Answered

from sagemaker_api.local import Client, Limits
from sagemaker_api.local.serving import websocket_proxy
from sagemaker_api.local.serving.proxy_headers import AdmittedRequest
from sagemaker_api.local.serving.websocket_proxy import BackendRefused, Message, relay
from sigv4 import Request

pytestmark = pytest.mark.interop

NEVER_LOOK = 3600.0
# RFC 6455 §7.4: codes that a close frame may contain; 1005, 1006 and 1015 mean that there was no such frame.
SENDABLE = (1000, 1001, 1002, 1003, *range(1007, 1015), 3000, 3001, 3999, 4000, 4998, 4999)
OTHERS = (0, 1, 999, 1004, 1006, 1015, 1016, 1999, 2000, 2999, 5000, 65535)
PASSED_ON = [
    *((code, code) for code in SENDABLE),
    *((code, 1011) for code in OTHERS),
    (1005, 1000),
    (None, 1000),
]


class Upstream:
    """The notebook's server: sends ``frames``, and then closes with the error if it is not None."""

    def __init__(self, *frames: str | bytes, closed: ConnectionClosedError | None = None) -> None:
        self.subprotocol = "v1"
        self.sent: list[str | bytes] = []
        self.code: int | None = None
        self.aborted = False
        self.transport = SimpleNamespace(abort=self._abort)
        self._frames = list(frames)
        self._closed = closed

    def _abort(self) -> None:
        self.aborted = True

    async def recv(self) -> str | bytes:
        if self._frames:
            return self._frames.pop(0)
        if self._closed is None:
            await asyncio.Event().wait()
        assert self._closed is not None
        raise self._closed

    async def send(self, frame: str | bytes) -> None:
        if self._closed is not None:
            raise self._closed
        self.sent.append(frame)

    async def close(self, code: int) -> None:
        self.code = code


class Socket:
    """One WebSocket through the relay, without sockets."""

    def __init__(
        self, upstream: Upstream | Exception, *messages: dict[str, Any], writable: Any = None
    ) -> None:
        self.valid = True
        self.sent: list[Message] = []
        self.opened: list[tuple[str, str, dict[str, Any]]] = []
        self.extensions = {} if writable is None else {"local.writable": writable}
        self.fields: list[tuple[bytes, bytes]] = [(b"host", b"h:1")]
        self.subprotocols: list[str] = []
        self.messages = list(messages)
        self._upstream = upstream
        self.receive: Any = self._receive
        self.send: Any = self._send

    async def _receive(self) -> dict[str, Any]:
        if not self.messages:
            await asyncio.Event().wait()
        return self.messages.pop(0)

    async def _send(self, message: Message) -> None:
        self.sent.append(message)

    def run(self, look: float = NEVER_LOOK) -> None:
        async def connect(path: str, url: str, **options: Any) -> Upstream:
            self.opened.append((path, url, options))
            if isinstance(self._upstream, Exception):
                raise self._upstream
            return self._upstream

        session: Any = SimpleNamespace(notebook="nb", allows=lambda client: self.valid)
        admitted = AdmittedRequest(
            Request("GET", "/notebook/nb/ws?a", [("Host", "h:1")]), Client("::1"), session
        )
        scope = {"headers": self.fields, "subprotocols": self.subprotocols, "extensions": self.extensions}
        limits = Limits(start=7.0, message=1234)

        async def all_of_it() -> None:
            relayed = relay(admitted, scope, self.receive, self.send, "/behind", look, limits)
            await asyncio.wait_for(relayed, 60)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(websocket_proxy, "unix_connect", connect)
            asyncio.run(all_of_it())

    @property
    def code(self) -> int:
        assert self.sent[0]["type"] == "websocket.accept"
        assert self.sent[-1]["type"] == "websocket.close"
        return int(self.sent[-1]["code"])


def closed_by_it(code: int | None) -> ConnectionClosedError:
    received = None if code is None else Close(code, "")
    return ConnectionClosedError(received, received, rcvd_then_sent=None if received is None else True)


@pytest.mark.parametrize(("code", "passed_on"), PASSED_ON)
def test_every_code_of_the_notebook_server(code: int | None, passed_on: int) -> None:
    upstream = Upstream(closed=closed_by_it(code))
    socket = Socket(upstream)
    socket.run()
    assert (socket.code, upstream.code, upstream.aborted) == (passed_on, passed_on, True)


@pytest.mark.parametrize(("code", "passed_on"), PASSED_ON)
def test_every_code_of_the_client(code: int | None, passed_on: int) -> None:
    upstream = Upstream()
    left = {"type": "websocket.disconnect"} | ({} if code is None else {"code": code})
    socket = Socket(upstream, left)
    socket.run()
    assert (socket.code, upstream.code, upstream.aborted) == (passed_on, passed_on, True)


def test_a_code_that_was_sent_first_counts() -> None:
    """1009, since the server's message was larger than the limit; the server's own close code is ignored."""
    for received, order in ((Close(1000, ""), False), (None, None)):
        error = ConnectionClosedError(received, Close(1009, ""), rcvd_then_sent=order)
        socket = Socket(Upstream(closed=error))
        socket.run()
        assert socket.code == 1009
    error = ConnectionClosedError(Close(4001, ""), Close(1009, ""), rcvd_then_sent=True)
    socket = Socket(Upstream(closed=error))
    socket.run()
    assert socket.code == 4001


def test_a_frame_sent_to_a_closed_server() -> None:
    class Silent(Upstream):
        async def recv(self) -> str | bytes:
            await asyncio.Event().wait()
            return ""

    upstream = Silent(closed=closed_by_it(4002))
    socket = Socket(upstream, {"type": "websocket.receive", "text": "x"})
    socket.run()
    assert socket.code == 4002


def test_frames_go_both_ways_as_text_and_as_bytes() -> None:
    upstream = Upstream("down", b"\0down", "")
    messages: list[dict[str, Any]] = [
        {"type": "websocket.receive", "text": "up"},
        {"type": "websocket.receive", "bytes": b"\0up", "text": None},
        {"type": "websocket.receive", "text": "", "bytes": None},
    ]
    socket = Socket(upstream, *messages)

    async def send(message: Message) -> None:
        socket.sent.append(message)
        if message.get("text") == "":
            while socket.messages:
                await asyncio.sleep(0)
            socket.messages.append({"type": "websocket.disconnect", "code": 1001})
            await asyncio.Event().wait()

    async def receive() -> dict[str, Any]:
        while not socket.messages:
            await asyncio.sleep(0)
        return socket.messages.pop(0)

    socket.send, socket.receive = send, receive
    socket.run()
    assert upstream.sent == ["up", b"\0up", ""]
    assert socket.sent == [
        {"type": "websocket.accept", "subprotocol": "v1", "headers": []},
        {"type": "websocket.send", "text": "down"},
        {"type": "websocket.send", "bytes": b"\0down"},
        {"type": "websocket.send", "text": ""},
        {"type": "websocket.close", "code": 1001},
    ]


@pytest.mark.parametrize("direction", ["up", "down", "neither"])
def test_nothing_passes_after_the_session_has_ended(direction: str) -> None:
    upstream = Upstream(*["late"] * (direction == "down"))
    messages = [{"type": "websocket.receive", "text": "late"}] if direction == "up" else []
    socket = Socket(upstream, *messages)
    socket.valid = False
    with pytest.MonkeyPatch.context() as patch:
        if direction != "neither":
            patch.setattr(websocket_proxy, "_over", _never)
        socket.run()
    assert (socket.code, upstream.code) == (1008, 1008)
    assert upstream.sent == []
    assert [each["type"] for each in socket.sent] == ["websocket.accept", "websocket.close"]


async def _never(admitted: object, look: float) -> int:
    await asyncio.Event().wait()
    return 0


def test_the_end_of_the_session_decides_the_close_code() -> None:
    socket = Socket(Upstream(closed=closed_by_it(4000)))
    socket.valid = False
    socket.run()
    assert socket.code == 1008


def test_a_frame_waits_until_the_client_reads_and_then_the_session_is_checked() -> None:
    class Full:
        async def wait(self) -> None:
            socket.valid = False

    upstream = Upstream("late")
    socket = Socket(upstream, writable=Full())
    socket.run()
    assert [each["type"] for each in socket.sent] == ["websocket.accept", "websocket.close"]
    assert socket.code == 1008


def test_the_handshake_that_the_notebook_server_receives() -> None:
    socket = Socket(Upstream(closed=closed_by_it(1000)))
    socket.fields += [
        (b"sec-websocket-key", b"k"),
        (b"sec-websocket-version", b"13"),
        (b"cookie", b"a=1; local-sagemaker-nb=2"),
        (b"x-a", b"\xfc"),
    ]
    socket.subprotocols = ["v1", "v2"]
    socket.run()
    ((path, url, options),) = socket.opened
    assert (path, url) == ("/behind", "ws://h:1/notebook/nb/ws?a")
    fields = options.pop("additional_headers")
    assert fields == [
        ("x-a", "\xfc"),
        ("cookie", "a=1"),
        ("x-forwarded-for", "::1"),
        ("x-forwarded-proto", "http"),
        ("x-forwarded-host", "h:1"),
    ]
    assert options == {
        "subprotocols": ["v1", "v2"],
        "user_agent_header": None,
        "compression": None,
        "proxy": None,
        "max_size": 1234,
        "max_queue": 4,
        "open_timeout": 7.0,
        "close_timeout": 1.0,
    }
    plain = Socket(Upstream(closed=closed_by_it(1000)))
    plain.run()
    assert plain.opened[0][2]["subprotocols"] is None


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InvalidStatus(Answered(404, "Not Found", Headers())), 404),
        (TimeoutError(), 504),
        (asyncio.TimeoutError(), 504),
        (InvalidHandshake("x"), 502),
        (OSError("x"), 502),
        (ValueError("x"), 502),
    ],
)
def test_a_notebook_server_that_opens_no_websocket_is_reported_by_the_status(
    error: Exception, status: int
) -> None:
    socket = Socket(error)
    with pytest.raises(BackendRefused) as refused:
        socket.run()
    assert refused.value.status == status
    assert socket.sent == []


def test_a_fault_of_the_relay_closes_both_sides_with_1011() -> None:
    upstream = Upstream()
    socket = Socket(upstream)

    async def receive() -> dict[str, Any]:
        raise RuntimeError("a fault")

    socket.receive = receive
    socket.run()
    assert (socket.code, upstream.code, upstream.aborted) == (1011, 1011, True)


@pytest.mark.parametrize("fault", [RuntimeError("gone"), OSError("gone")])
def test_nothing_is_left_open_after_the_client_disconnected(fault: Exception) -> None:
    upstream = Upstream()
    socket = Socket(upstream)

    async def send(message: Message) -> None:
        raise fault

    socket.send = send
    with pytest.raises(type(fault), match="gone"):
        socket.run()
    assert (upstream.code, upstream.aborted) == (1008, True)
