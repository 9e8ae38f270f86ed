"""Sockets with limits on time and bytes, and the addresses that are tried; without a network."""

from __future__ import annotations

import socket
import threading
from types import SimpleNamespace
from typing import Any

import pytest

from sigv4.network import deadline_socket, time_limits
from sigv4.network.deadline_socket import (
    LONGEST_HEAD,
    ClockedSocket,
    ExchangeError,
    HostNotFound,
    addresses_of,
    open_socket,
)
from sigv4.network.time_limits import Clock, TimeLimits

LIMITS = TimeLimits(connect=3.0, read=5.0, total=10.0)
INF = float("inf")


class Time:
    now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    made = Time()
    monkeypatch.setattr(time_limits, "time", made)
    return made


class Fake:
    """A socket: ``fault`` is raised by connect, ``blocks`` are received."""

    def __init__(self, *blocks: bytes, fault: BaseException | None = None) -> None:
        self.done: list[tuple[Any, ...]] = []
        self.blocks = list(blocks)
        self.fault = fault

    def settimeout(self, seconds: float | None) -> None:
        self.done.append(("timeout", seconds))

    def sendall(self, data: bytes) -> None:
        self.done.append(("sent", data))

    def recv_into(self, buffer: Any) -> int:
        block = self.blocks.pop(0) if self.blocks else b""
        memoryview(buffer)[: len(block)] = block
        return len(block)

    def connect(self, address: object) -> None:
        self.done.append(("connect", address))
        if self.fault is not None:
            raise self.fault

    def setsockopt(self, *option: int) -> None:
        self.done.append(option)

    def close(self) -> None:
        self.done.append(("closed",))


def clocked(fake: Any, clock: Clock, longest: float = 1000) -> ClockedSocket:
    return ClockedSocket(fake, clock, longest)


@pytest.mark.parametrize(
    ("elapsed", "allowed"), [(0.0, 5.0), (5.0, 5.0), (6.0, 4.0), (9.5, 0.5), (10.0, None), (11.0, None)]
)
@pytest.mark.parametrize("operation", ["send", "receive"])
def test_every_operation_has_the_rest_of_the_time(
    time: Time, elapsed: float, allowed: float | None, operation: str
) -> None:
    fake = Fake(b"ab")
    sock = clocked(fake, Clock(LIMITS))
    time.now += elapsed

    def operate() -> None:
        if operation == "send":
            sock.sendall(b"x")
        else:
            assert sock.receive_into(bytearray(9)) == 2

    if allowed is None:
        with pytest.raises(TimeoutError):
            operate()
        assert fake.done == []
    else:
        operate()
        assert fake.done == [("timeout", allowed), *([("sent", b"x")] if operation == "send" else [])]


def test_more_bytes_than_allowed_are_refused() -> None:
    fake = Fake(b"x" * 10, b"x" * 5, b"x" * 5, b"x", b"")
    sock = clocked(fake, Clock(LIMITS), longest=77)
    buffer = bytearray(LONGEST_HEAD + 1)
    assert (sock.received, sock.ended) == (0, False)
    sock.receive_into(buffer)
    sock.allow(10)
    for expected in (15, 20):
        sock.receive_into(buffer)
        assert (sock.received, sock.ended) == (expected, False)
    with pytest.raises(ExchangeError, match="its body is longer than 77 bytes") as refused:
        sock.receive_into(buffer)
    assert refused.value.kind == "too-large"
    assert sock.received == 21
    sock.allow(1)
    assert sock.receive_into(buffer) == 0
    assert (sock.received, sock.ended) == (21, True)


@pytest.mark.parametrize(("size", "refused"), [(LONGEST_HEAD, False), (LONGEST_HEAD + 1, True)])
def test_a_head_has_24_kib_unless_another_bound_is_set(size: int, refused: bool) -> None:
    assert LONGEST_HEAD == 24576
    sock = clocked(Fake(b"x" * size), Clock(LIMITS))
    if refused:
        with pytest.raises(ExchangeError):
            sock.receive_into(bytearray(size))
    else:
        sock.receive_into(bytearray(size))


def test_what_http_client_does_with_the_socket() -> None:
    fake = Fake(b"abc")
    sock = clocked(fake, Clock(TimeLimits(INF, INF, INF)))
    with sock.makefile("rb") as file:
        assert file.readable()
        assert file.read() == b"abc"
    sock.close()
    assert fake.done == [("timeout", None)] * 2
    assert sock.ended


def test_an_error_says_where_it_happened() -> None:
    error = ExchangeError("closed", "why", "tls")
    assert (error.kind, error.reason, error.stage, error.args) == (
        "closed",
        "why",
        "tls",
        ("closed", "why", "tls"),
    )
    assert (ExchangeError("x").reason, ExchangeError("x").stage) == ("", "receive")


# --- addresses

FOUND = [(2, 1, 6, "", ("192.0.2.1", 8)), (10, 1, 7, "", ("2001:db8::1", 8, 0, 0))]


def sockets(patch: pytest.MonkeyPatch, found: list[Any], *fakes: Fake) -> list[tuple[Any, ...]]:
    """Makes ``socket.socket`` return these sockets one after the other; returns the arguments of its calls."""
    made: list[tuple[Any, ...]] = []
    left = list(fakes)

    def make(*kind: Any) -> Fake:
        made.append(kind)
        return left.pop(0)

    stand_in = SimpleNamespace(**{**vars(socket), "socket": make})
    patch.setattr(deadline_socket, "socket", stand_in)
    patch.setattr(deadline_socket, "addresses_of", lambda host, port, clock: found)
    return made


def test_the_first_address_that_answers_is_used(monkeypatch: pytest.MonkeyPatch, time: Time) -> None:
    first, second, third = Fake(fault=OSError("no")), Fake(), Fake()
    made = sockets(monkeypatch, [*FOUND, FOUND[0]], first, second, third)
    clock = Clock(LIMITS)
    time.now += 8
    found: Any = open_socket("h", 8, clock)
    assert found is second
    assert made == [(2, 1, 6), (10, 1, 7)]
    assert first.done == [("timeout", 2.0), ("connect", FOUND[0][4]), ("closed",)]
    assert second.done == [
        ("timeout", 2.0),
        ("connect", FOUND[1][4]),
        (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
    ]


def test_without_an_address_that_answers_the_last_error_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    fakes = Fake(fault=OSError("first")), Fake(fault=OSError("last"))
    sockets(monkeypatch, FOUND, *fakes)
    with pytest.raises(OSError, match=r"^last$"):
        open_socket("h", 8, Clock(LIMITS))
    assert [fake.done[-1] for fake in fakes] == [("closed",)] * 2
    assert fakes[0].done[0] == ("timeout", 3.0)
    sockets(monkeypatch, [])
    with pytest.raises(OSError, match="the host h has no address"):
        open_socket("h", 8, Clock(LIMITS))


def test_an_interrupt_leaves_no_socket_open(monkeypatch: pytest.MonkeyPatch) -> None:
    fakes = Fake(fault=KeyboardInterrupt()), Fake()
    sockets(monkeypatch, FOUND, *fakes)
    with pytest.raises(KeyboardInterrupt):
        open_socket("h", 8, Clock(LIMITS))
    assert (fakes[0].done[-1], fakes[1].done) == (("closed",), [])


@pytest.mark.parametrize(
    ("host", "asks_a_server"),
    [("127.0.0.1", False), ("::1", False), ("h", True), ("1.example", True), ("example.1", False)],
)
def test_only_a_name_is_looked_up_in_a_thread(
    monkeypatch: pytest.MonkeyPatch, host: str, asks_a_server: bool
) -> None:
    asked: list[Any] = []

    def look_up(*given: object, **more: object) -> list[Any]:
        asked.append((*given, more, threading.current_thread() is not threading.main_thread()))
        return FOUND

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    assert addresses_of(host, 8, Clock(LIMITS)) == FOUND
    assert asked == [(host, 8, {"type": socket.SOCK_STREAM}, asks_a_server)]


@pytest.mark.parametrize("fault", [OSError("unknown name"), UnicodeError("label too long")])
def test_a_name_without_an_address(monkeypatch: pytest.MonkeyPatch, fault: Exception) -> None:
    def look_up(*_: object, **__: object) -> list[Any]:
        raise fault

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with pytest.raises(HostNotFound, match=str(fault)):
        addresses_of("h", 8, Clock(LIMITS))


def test_a_name_server_has_the_time_to_connect(monkeypatch: pytest.MonkeyPatch, time: Time) -> None:
    answered = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answered.wait(60) and [])
    waited: list[float | None] = []

    class Thread(threading.Thread):
        def join(self, timeout: float | None = None) -> None:
            waited.append(timeout)

    monkeypatch.setattr(deadline_socket, "threading", SimpleNamespace(Thread=Thread))
    clock = Clock(LIMITS)
    time.now += 8
    try:
        with pytest.raises(TimeoutError, match="no address of the host h was received in time"):
            addresses_of("h", 8, clock)
    finally:
        answered.set()
    assert waited == [2.0]


# --- the clock


def test_what_remains_of_the_time(time: Time) -> None:
    clock = Clock(LIMITS)
    assert clock.limits == LIMITS
    for elapsed, given, left in (
        (0, None, 10.0),
        (0, 3.0, 3.0),
        (0, 30.0, 10.0),
        (9.5, 3.0, 0.5),
        (9.5, 0.25, 0.25),
    ):
        time.now = 100.0 + elapsed
        assert clock.at_most(given) == left
        assert not clock.is_over()
    for elapsed in (10.0, 10.5):
        time.now = 100.0 + elapsed
        assert clock.is_over()
        for given in (None, 3.0):
            with pytest.raises(TimeoutError):
                clock.at_most(given)


def test_each_operation_has_its_own_limit_without_a_total_limit(time: Time) -> None:
    clock = Clock(TimeLimits(INF, 5.0, INF))
    time.now += 1e9
    assert [clock.at_most(given) for given in (5.0, INF, None)] == [5.0, None, None]
    assert not clock.is_over()
