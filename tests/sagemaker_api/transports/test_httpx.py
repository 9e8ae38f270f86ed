"""A failed exchange with httpx closes its connection and raises its error; anyio is loaded before an exchange."""

from __future__ import annotations

import asyncio
import gc
import re
from pathlib import Path
from typing import Any

import httpcore
import httpx
import pytest

from sagemaker_api import AsyncHttpxTransport, HttpxTransport, TransportError
from sagemaker_api.transports.httpx import _LAZY_NAMES, _LAZY_NAMES_OF_ABC, _httpx_request, _Journey
from sagemaker_api.transports.idle import IdleConnections
from sigv4 import Request
from sigv4.network.connection import StaleConnection
from sigv4.network.proxies import Proxy
from sigv4.network.time_limits import Clock, TimeLimits
from tests.sagemaker_api.closing import Closable
from tests.sagemaker_api.scripted import ScriptedServer, http

REQUEST = Request("GET", "http://h/", {}, b"")
LIMITS = TimeLimits(60, 60, 60)
FAULTS = [
    (httpx.ReadTimeout(""), "read-timeout"),
    (httpx.ConnectTimeout(""), "connect-timeout"),
    (httpx.ConnectError(""), "connect"),
    (httpx.RemoteProtocolError(""), "closed"),
    (ValueError("not of httpx"), None),
    (KeyboardInterrupt(), None),
]


class Failing(Closable):
    """A transport of httpx whose requests fail."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self._error = error

    def handle_request(self, _: object) -> Any:
        raise self._error

    async def handle_async_request(self, _: object) -> Any:
        raise self._error


class Broken(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that fails."""

    def __iter__(self) -> Any:
        raise httpx.ReadError("")

    def __aiter__(self) -> Any:
        raise httpx.ReadError("")


class CutOff(Closable):
    """A transport of httpx that was used before. Its connection fails before the head of an answer, or after it."""

    def __init__(self, has_head: bool) -> None:
        super().__init__()
        self._has_head = has_head

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.extensions["trace"]("http11.send_request_headers.started", None)
        return self._answer()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.extensions["trace"]("http11.send_request_headers.started", None)
        return self._answer()

    def _answer(self) -> httpx.Response:
        if not self._has_head:
            raise httpx.ReadError("")
        return httpx.Response(200, stream=Broken())


class Slow(Closable):
    """A transport of httpx that answers after many turns of the event loop."""

    async def handle_async_request(self, _: object) -> httpx.Response:
        for _turn in range(1000):
            await asyncio.sleep(0)
        return httpx.Response(200, stream=httpx.ByteStream(b""))


class Over(Clock):
    """A clock of an exchange that has no time left."""

    def at_most(self, timeout: float | None) -> float | None:
        return 0.0


def send(transport: Any) -> None:
    """Sends the request, in an event loop if the transport is for asyncio."""
    sent = transport.send(REQUEST, LIMITS)
    if asyncio.iscoroutine(sent):
        asyncio.run(sent)


@pytest.mark.parametrize(("error", "kind"), FAULTS, ids=lambda each: type(each).__name__)
@pytest.mark.parametrize("make", [HttpxTransport, AsyncHttpxTransport])
def test_a_connection_that_fails_is_closed_and_its_error_raised(
    make: Any, error: BaseException, kind: str | None
) -> None:
    transport, connection = make(verify=False), Failing(error)
    transport._idle.give_back(connection)
    with pytest.raises((TransportError, ValueError, KeyboardInterrupt)) as raised:
        send(transport)
    assert connection.closed == 1
    assert len(transport._idle) == 0
    if kind is None:
        assert raised.value is error
        assert raised.value.__context__ is None
    else:
        assert isinstance(raised.value, TransportError)
        assert (raised.value.kind, raised.value.url) == (kind, REQUEST.url)


@pytest.mark.parametrize("has_head", [True, False])
@pytest.mark.parametrize("make", [HttpxTransport, AsyncHttpxTransport])
def test_a_request_is_sent_again_only_if_no_answer_began(make: Any, has_head: bool) -> None:
    transport, connection = make(verify=False), CutOff(has_head)
    transport._idle.give_back(connection)
    attempt = transport._attempt(REQUEST, Clock(LIMITS))
    outcome = asyncio.run(attempt) if asyncio.iscoroutine(attempt) else attempt
    assert isinstance(outcome, TransportError if has_head else StaleConnection)
    assert connection.closed == 1


def test_under_asyncio_an_exchange_ends_at_its_deadline() -> None:
    transport, connection = AsyncHttpxTransport(verify=False), Slow()
    transport._idle.give_back(connection)
    outcome = asyncio.run(transport._attempt(REQUEST, Over(LIMITS)))
    assert isinstance(outcome, TransportError)
    assert (outcome.kind, outcome.url) == ("deadline", REQUEST.url)
    assert connection.closed == 1
    assert len(transport._idle) == 0


@pytest.mark.parametrize("proxy", [None, Proxy("p", 8)])
def test_httpx_is_given_the_bytes_the_limits_and_the_trace(proxy: Proxy | None) -> None:
    request = Request("PUT", "http://h:81/a%2Fb?c=%7E", {"Host": "h:81", "X-A": "1"}, b"body")
    journey = _Journey(request.url, proxy)
    made = _httpx_request(request, TimeLimits(1, 2, 3), journey, journey.trace)
    assert (made.method, str(made.url), made.content) == ("PUT", request.url, b"body")
    assert made.url.raw_path == b"/a%2Fb?c=%7E"
    assert [pair for pair in made.headers.raw if pair[0] != b"Content-Length"] == [
        (b"Host", b"h:81"),
        (b"X-A", b"1"),
    ]
    timeout = {"connect": 1, "read": 2, "write": 2}
    target = {"target": b"/a%2Fb?c=%7E"} if proxy is None else {}
    assert made.extensions == {"timeout": timeout, "trace": journey.trace, **target}


def test_each_name_of_anyio_that_httpcore_uses_is_loaded_early() -> None:
    files = Path(httpcore.__file__).parent.rglob("*.py")
    used = set(
        re.findall(r"\banyio\.((?:abc\.)?[A-Za-z_]+)", "".join(each.read_text("utf-8") for each in files))
    )
    assert used - {"abc", "streams"} <= {*_LAZY_NAMES, *(f"abc.{name}" for name in _LAZY_NAMES_OF_ABC)}
    assert used


@pytest.mark.filterwarnings(
    "ignore:unclosed:ResourceWarning"
)  # by asyncio, of the loop that was not closed in order
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_asyncio_transport_is_used_in_one_event_loop_after_another() -> None:
    with ScriptedServer(http(200, "a"), http(200, "b"), http(200, "c")) as server:
        transport = AsyncHttpxTransport()
        request = Request("GET", f"{server.url}/", {}, b"")

        async def sent(times: int) -> list[bytes]:
            return [(await transport.send(request, LIMITS)).body for _ in range(times)]

        assert asyncio.run(sent(2)) == [b"a", b"b"]
        assert asyncio.run(sent(1)) == [b"c"]
        assert server.connections == 2
        asyncio.run(transport.aclose())
        gc.collect()


def test_a_closed_transport_keeps_no_connection_of_a_later_event_loop() -> None:
    idle = IdleConnections()
    idle.close()
    assert idle.emptied().give_back("a connection") == ["a connection"]
    assert IdleConnections().emptied().give_back("a connection") == []
