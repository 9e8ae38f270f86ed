"""The HTTP proxy to a notebook, message by message: nothing is sent after the session has ended."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from sagemaker_api.local import Client, Limits
from sagemaker_api.local.serving.http_proxy import BackendFailed, HttpProxy, Message
from sagemaker_api.local.serving.proxy_headers import AdmittedRequest
from sigv4 import Request

NOW = 1_800_000_000.0
DATE = (b"date", b"Fri, 15 Jan 2027 08:00:00 GMT")
NEVER_LOOK = 3600.0
LIMITS = Limits(start=1, answer=2.5, upload=3600.0)


class Answer(httpx.AsyncByteStream):
    """The blocks of an answer of the notebook's server. A block that is a function is called, and not sent."""

    def __init__(self, *blocks: bytes | Callable[[], Any]) -> None:
        self.closed = False
        self._blocks = blocks

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for block in self._blocks:
            if isinstance(block, bytes):
                yield block
            else:
                block()

    async def aclose(self) -> None:
        self.closed = True


class Exchange:
    """One request through the proxy, without sockets; ``answer`` makes the answer of the notebook's server."""

    def __init__(
        self,
        method: str = "GET",
        fields: tuple[tuple[bytes, bytes], ...] = (),
        messages: tuple[dict[str, Any], ...] = (),
        limits: Limits = LIMITS,
    ) -> None:
        self.valid = True
        self.sent: list[Message] = []
        self.received: list[httpx.Request] = []
        self.upload: list[bytes] = []
        self.fields = [(b"host", b"h"), *fields]
        self.messages = list(messages)
        self._limits = limits
        self.receive: Any = self._receive
        self.send: Any = self._send
        session: Any = SimpleNamespace(notebook="nb", allows=lambda client: self.valid)
        self.admitted = AdmittedRequest(
            Request(method, "/notebook/nb/a%2Fb?c", [("Host", "h")]), Client("::1"), session
        )

    async def _receive(self) -> dict[str, Any]:
        if not self.messages:
            await asyncio.Event().wait()
        return self.messages.pop(0)

    async def _send(self, message: Message) -> None:
        self.sent.append(message)

    def run(self, answer: Callable[[], httpx.Response], look: float = NEVER_LOOK) -> None:
        asyncio.run(asyncio.wait_for(self._run(answer, look), 60))

    async def _run(self, answer: Callable[[], httpx.Response], look: float) -> None:
        async def behind(request: httpx.Request) -> httpx.Response:
            self.received.append(request)
            async for block in request.stream:  # type: ignore[union-attr]  # it is an asynchronous one
                self.upload.append(block)
            return answer()

        proxy = HttpProxy("/nowhere", lambda: NOW, self._limits)
        proxy._transport = SimpleNamespace(handle_async_request=behind)  # type: ignore[assignment]  # without sockets
        await proxy.forward(self.admitted, self.fields, self.receive, self.send, look)

    @property
    def body(self) -> list[tuple[bytes, bool]]:
        return [(each["body"], each.get("more_body", False)) for each in self.sent[1:]]


def block(body: bytes, more: bool) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


def test_an_answer_is_returned_in_blocks() -> None:
    exchange, answer = Exchange(), Answer(b"one", b"two")
    exchange.run(lambda: httpx.Response(418, headers=[("X-A", "1"), ("Server", "s")], stream=answer))
    (asked,) = exchange.received
    assert (asked.method, asked.extensions["target"]) == ("GET", b"/notebook/nb/a%2Fb?c")
    assert asked.extensions["timeout"] == {"connect": 10.0, "write": 2.5, "read": 2.5, "pool": 60.0}
    assert [(name, value) for name, value in asked.headers.raw if name == b"host"] == [(b"host", b"h")]
    assert exchange.sent[0] == {
        "type": "http.response.start",
        "status": 418,
        "headers": [DATE, (b"x-a", b"1")],
    }
    assert {each["type"] for each in exchange.sent[1:]} == {"http.response.body"}
    assert exchange.body == [(b"one", True), (b"two", True), (b"", False)]
    assert answer.closed


@pytest.mark.parametrize("over", ["before the head", "before the first block", "before the second block"])
def test_nothing_is_sent_after_the_session_has_ended(over: str) -> None:
    """Each step checks the session, even without the periodic check."""
    exchange = Exchange()

    def end() -> None:
        exchange.valid = False

    answer = Answer(*((end, b"one") if over == "before the first block" else (b"one", end)), b"two")

    def respond() -> httpx.Response:
        exchange.valid = over != "before the head"
        return httpx.Response(200, stream=answer)

    exchange.run(respond)
    bodies = {
        "before the head": None,
        "before the first block": [],
        "before the second block": [(b"one", True)],
    }
    assert (exchange.body if exchange.sent else None) == bodies[over]
    assert answer.closed


def test_the_periodic_check_ends_an_exchange_without_traffic() -> None:
    exchange = Exchange()

    class Nothing(Answer):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            exchange.valid = False
            await asyncio.Event().wait()
            yield b""

    answer = Nothing()
    exchange.run(lambda: httpx.Response(200, stream=answer), look=0.0)
    assert exchange.body == []
    assert answer.closed


@pytest.mark.parametrize("name", [b"content-length", b"transfer-encoding"])
def test_a_body_is_passed_on_in_blocks(name: bytes) -> None:
    exchange = Exchange(
        "POST", ((name, b"chunked"),), (block(b"one", True), block(b"", True), block(b"two", False))
    )
    exchange.run(lambda: httpx.Response(200, stream=Answer()))
    assert exchange.upload == [b"one", b"two"]
    assert exchange.sent[0]["status"] == 200
    assert exchange.messages == []


def test_no_body_is_waited_for_without_a_length() -> None:
    exchange = Exchange("POST", ((b"x-length", b"3"),), (block(b"one", False),))
    exchange.run(lambda: httpx.Response(200, stream=Answer()))
    assert b"".join(exchange.upload) == b""
    assert len(exchange.sent) == 2


@pytest.mark.parametrize("why", ["over", "gone"])
def test_no_body_is_passed_on_after_the_session_or_the_connection_ended(why: str) -> None:
    gone = {"type": "http.disconnect"} if why == "gone" else block(b"two", True)
    exchange = Exchange("POST", ((b"content-length", b"9"),), (block(b"one", True), gone))
    taken: Callable[[], Any] = exchange.receive

    async def receive() -> dict[str, Any]:
        exchange.valid = not (why == "over" and len(exchange.messages) == 1)
        message: dict[str, Any] = await taken()
        return message

    exchange.receive = receive
    exchange.run(lambda: httpx.Response(200, stream=Answer()))
    assert exchange.upload == [b"one"]
    assert exchange.sent == []


@pytest.mark.parametrize("body", [True, False])
def test_a_client_that_disconnects_ends_the_exchange(body: bool) -> None:
    """The disconnection follows a message that is not the last; the proxy stops waiting for the answer."""
    left = [{"type": "http.request"}, {"type": "http.disconnect"}]
    messages = [block(b"one", False), *left] if body else left
    exchange = Exchange("POST", ((b"content-length", b"3"),) if body else (), tuple(messages))
    reached = []

    class Never(Answer):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            reached.append(True)
            await asyncio.Event().wait()
            yield b""

    exchange.run(lambda: httpx.Response(200, stream=Never()))
    assert exchange.messages == []
    assert [each for each in exchange.sent if each["type"] == "http.response.body"] == []


def _raise(error: Exception) -> httpx.Response:
    raise error


@pytest.mark.parametrize(
    ("error", "status", "reason"),
    [
        (httpx.ReadTimeout("x"), 504, "ReadTimeout"),
        (httpx.PoolTimeout("x"), 504, "PoolTimeout"),
        (httpx.ConnectError("x"), 502, "ConnectError"),
        (httpx.RemoteProtocolError("x"), 502, "RemoteProtocolError"),
        (asyncio.TimeoutError(), 408, "the client paused within its request"),
    ],
)
def test_a_notebook_server_that_fails_is_reported_by_the_status(
    error: Exception, status: int, reason: str
) -> None:
    exchange = Exchange()
    with pytest.raises(BackendFailed) as failed:
        exchange.run(lambda: _raise(error))
    assert (failed.value.status, str(failed.value)) == (status, reason)
    assert exchange.sent == []


def test_a_client_that_pauses_for_too_long_gets_a_408() -> None:
    exchange = Exchange("POST", ((b"content-length", b"9"),), (block(b"one", True),), Limits(upload=0.01))
    with pytest.raises(BackendFailed, match="paused") as failed:
        exchange.run(lambda: httpx.Response(200, stream=Answer()))
    assert failed.value.status == 408


def test_an_incomplete_answer_of_the_notebook_server_stays_incomplete() -> None:
    exchange, answer = Exchange(), Answer(b"one", lambda: _raise(httpx.ReadError("x")))
    exchange.run(lambda: httpx.Response(200, stream=answer))
    assert exchange.body == [(b"one", True)]
    assert answer.closed


@pytest.mark.parametrize(("error", "raised"), [(OSError("gone"), False), (RuntimeError("a fault"), True)])
def test_only_real_faults_of_a_client_are_reported(error: Exception, raised: bool) -> None:
    exchange = Exchange()

    async def send(message: Message) -> None:
        raise error

    exchange.send = send
    if raised:
        with pytest.raises(RuntimeError, match="a fault"):
            exchange.run(lambda: httpx.Response(200, stream=Answer()))
    else:
        exchange.run(lambda: httpx.Response(200, stream=Answer()))


def test_a_failure_without_a_status_is_a_502() -> None:
    assert (BackendFailed().status, str(BackendFailed())) == (502, "")
