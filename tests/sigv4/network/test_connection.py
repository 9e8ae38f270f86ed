"""The answers that are refused in every exchange over sockets: of send, of a provider and of the client."""

from __future__ import annotations

import socket
from collections.abc import Callable

import pytest

from sigv4 import Request
from sigv4.network.connection import connect
from sigv4.network.deadline_socket import ExchangeError
from sigv4.network.time_limits import Clock, TimeLimits
from sigv4.target import split_url
from tests.sagemaker_api.scripted import ScriptedServer, http

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"


def _exchange(answer: bytes, longest: int = 1 << 20) -> bytes:
    with ScriptedServer(lambda connection: connection.sendall(answer)) as server:
        where = split_url(server.url)
        clock = Clock(TimeLimits(30, 30, 60))
        connection = connect(where, clock)
        try:
            return connection.exchange(Request("GET", server.url, [("Host", "h")]), clock, longest).body
        finally:
            connection.close()


@pytest.mark.parametrize(
    ("answer", "stage"),
    [
        (b"", "no-answer"),
        (b"HTTP/1.1 200 OK\r\nContent-Le", "receive"),
        (b"nonsense\r\n\r\n", "not-http"),
        (b"HTTP/1.1 200 OK\r\nno header\r\nContent-Length: 2\r\n\r\nab", "not-http"),
        (b"HTTP/1.1 200 OK\r\n folded\r\nContent-Length: 2\r\n\r\nab", "not-http"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nab", "not-http"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", "not-http"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab", "body"),
        (CHUNKED + b"\r\n1\r\na\r\n0\r\n", "body"),
        (CHUNKED + b"\r\n1\r\na\r\n", "body"),
        (CHUNKED + b"\r\n0x1\r\na\r\n0\r\n\r\n", "body"),
        (CHUNKED + b"\r\n-1\r\na\r\n0\r\n\r\n", "body"),
        (CHUNKED + b"\r\n2\r\nabXX0\r\n\r\n", "body"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 5\r\n\r\nabcde", "not-http"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nab", "not-http"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nab", "not-http"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nab", "not-http"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1_0\r\n\r\n0123456789", "not-http"),
    ],
)
def test_a_broken_answer_is_refused(answer: bytes, stage: str) -> None:
    with pytest.raises(ExchangeError) as caught:
        _exchange(answer)
    assert (caught.value.kind, caught.value.stage) == ("closed", stage)


@pytest.mark.parametrize(
    ("header", "told"),
    [
        (b"Content-Length: " + b"x" * 81, f"its Content-Length is {'x' * 80!r}: expected one number"),
        (b"Transfer-Encoding: " + b"y" * 81, f"the answer is in the transfer coding {'y' * 80!r}: "),
    ],
)
def test_a_long_value_is_cut_in_the_reason(header: bytes, told: str) -> None:
    with pytest.raises(ExchangeError) as caught:
        _exchange(b"HTTP/1.1 200 OK\r\n" + header + b"\r\n\r\n")
    assert caught.value.reason.startswith(told)


@pytest.mark.parametrize(
    "answer",
    [
        http(200, "ab"),
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + http(200, "ab"),
        CHUNKED + b"\r\n2;x=y\r\nab\r\n0\r\nTrailer: x\r\n\r\n",
        CHUNKED + b"Content-Length: 1\r\n\r\n2\r\nab\r\n0\r\n\r\n",  # RFC 9112 §6.3: the chunks count
        b"HTTP/1.0 200 OK\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nab",
    ],
)
def test_every_framing_of_a_whole_answer(answer: bytes) -> None:
    assert _exchange(answer) == b"ab"


def _sending(answer: bytes) -> Callable[[socket.socket], None]:
    return lambda connection: connection.sendall(answer)


def test_a_connection_whose_answer_has_two_lengths_is_not_used_again() -> None:
    for extra, reusable in ((b"", True), (b"Content-Length: 12\r\n", False)):
        answer = CHUNKED + extra + b"\r\n2\r\nab\r\n0\r\n\r\n"
        with ScriptedServer(_sending(answer)) as server:
            clock = Clock(TimeLimits(30, 30, 60))
            connection = connect(split_url(server.url), clock)
            try:
                connection.exchange(Request("GET", server.url, [("Host", "h")]), clock, 1 << 20)
                assert connection.is_reusable is reusable
            finally:
                connection.close()


def test_a_longer_body_than_allowed_is_refused() -> None:
    for answer in (http(200, "x" * 11), CHUNKED + b"\r\nb\r\n" + b"x" * 11 + b"\r\n0\r\n\r\n"):
        with pytest.raises(ExchangeError) as caught:
            _exchange(answer, longest=10)
        assert caught.value.kind == "too-large"


def test_a_clock_without_limit_gives_no_timeout() -> None:
    unlimited = float("inf")
    clock = Clock(TimeLimits(unlimited, unlimited, unlimited))
    assert clock.at_most(None) is None
    assert clock.at_most(2.0) == 2.0
    assert not clock.is_over()
