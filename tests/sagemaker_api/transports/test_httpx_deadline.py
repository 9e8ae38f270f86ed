"""Every network operation of httpx gets at most the time that is left on its thread's clock."""

from __future__ import annotations

from typing import Any

import pytest

from sagemaker_api.transports import httpx_deadline
from sagemaker_api.transports.httpx_deadline import ClockedBackend, Running
from sigv4.network.time_limits import Clock, TimeLimits


class Left(Clock):
    """A clock with seven seconds left."""

    def at_most(self, timeout: float | None) -> float | None:
        return 7.0 if timeout is None else min(timeout, 7.0)


class Wire:
    """A network backend of httpcore and its stream, which record the calls."""

    def __init__(self, refused: tuple[str, ...] = ()) -> None:
        self.told: list[tuple[Any, ...]] = []
        self.answers = [b"", b"HTTP/1.1", b""]
        self._refused = refused

    def connect_tcp(self, host: str, port: int, timeout: float | None, **options: Any) -> Wire:
        self.told.append(("connect", host, port, timeout, options))
        if host in self._refused:
            raise ConnectionRefusedError(host)
        return self

    def read(self, size: int, timeout: float | None) -> bytes:
        self.told.append(("read", size, timeout))
        return self.answers.pop(0)

    def write(self, data: bytes, timeout: float | None) -> None:
        self.told.append(("write", len(data), timeout))

    def start_tls(self, context: Any, name: str | None, timeout: float | None) -> Wire:
        self.told.append(("tls", context, name, timeout))
        return self

    def close(self) -> None:
        self.told.append(("close",))

    def get_extra_info(self, info: str) -> str:
        return f"the {info}"


@pytest.fixture
def running() -> Running:
    running = Running()
    running.clock = Left(TimeLimits(1, 1, 1))
    return running


@pytest.fixture(autouse=True)
def _addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    def found(host: str, port: int, _: Clock) -> list[Any]:
        return [(None, None, None, None, (f"{host}-{number}", port)) for number in (1, 2)]

    monkeypatch.setattr(httpx_deadline, "addresses_of", found)


def test_the_next_address_is_tried_and_the_error_of_the_last_is_raised(running: Running) -> None:
    wire = Wire(refused=("h-1",))
    ClockedBackend(wire, running).connect_tcp("h", 80, 9.0, local_address=None)
    assert wire.told == [("connect", f"h-{number}", 80, 7.0, {"local_address": None}) for number in (1, 2)]
    with pytest.raises(ConnectionRefusedError, match="h-2"):
        ClockedBackend(Wire(refused=("h-1", "h-2")), running).connect_tcp("h", 80)


def test_a_host_without_an_address_is_named(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(httpx_deadline, "addresses_of", lambda *_: [])
    with pytest.raises(OSError, match="the host h has no address"):
        ClockedBackend(Wire(), running).connect_tcp("h", 80)


def test_without_a_clock_the_time_is_that_of_the_caller() -> None:
    running, wire = Running(), Wire()
    stream = ClockedBackend(wire, running).connect_tcp("h", 80, 9.0)
    stream.read(5, 8.0)
    assert wire.told == [("connect", "h", 80, 9.0, {}), ("read", 5, 8.0)]


def test_each_operation_of_a_stream_ends_when_the_clock_is_over(running: Running) -> None:
    wire = Wire()
    stream = ClockedBackend(wire, running).connect_tcp("h", 80)
    wire.told.clear()
    assert not running.received
    for expected, received in ((b"", False), (b"HTTP/1.1", True), (b"", True)):
        assert stream.read(5, 8.0) == expected
        assert running.received is received
    stream.write(bytes(65536 * 2 + 1), 8.0)
    context: Any = "context"  # the stub only notes it
    encrypted = stream.start_tls(context, "h", 8.0)
    encrypted.write(b"x", 3.0)
    encrypted.close()
    assert stream.get_extra_info("is_readable") == "the is_readable"
    assert wire.told == [
        *[("read", 5, 7.0)] * 3,
        *[("write", size, 7.0) for size in (65536, 65536, 1)],
        ("tls", "context", "h", 7.0),
        ("write", 1, 3.0),
        ("close",),
    ]
