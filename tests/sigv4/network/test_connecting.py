"""Tables of cases for making, keeping and closing a connection; without a network."""

from __future__ import annotations

import http.client
import io
import select
import socket
import ssl
from types import SimpleNamespace
from typing import Any

import pytest

from sigv4.network import connection
from sigv4.network.connection import check_declared_length, connect, fault_kind
from sigv4.network.deadline_socket import LONGEST_HEAD, ExchangeError, FinalAnswer, HostNotFound
from sigv4.network.proxies import Proxy
from sigv4.network.time_limits import Clock, TimeLimits
from sigv4.network.tls import tls_reason
from sigv4.target import split_url

LIMITS = TimeLimits(300.0, 600.0, 3600.0)
PROXY = Proxy("p", 8)


class Fake:
    """A socket to a proxy that answers with these bytes."""

    def __init__(self, answer: bytes = b"") -> None:
        self.answer = answer
        self.sent = b""
        self.read = 0
        self.closed = False
        self.timeouts: list[float | None] = []

    def settimeout(self, seconds: float | None) -> None:
        self.timeouts.append(seconds)

    def sendall(self, data: bytes) -> None:
        self.sent += data

    def recv(self, size: int) -> bytes:
        block = self.answer[self.read : self.read + size]
        self.read += len(block)
        return block

    def close(self) -> None:
        self.closed = True


class Tls:
    """A TLS context whose handshake raises ``fault``."""

    def __init__(self, fault: BaseException | None = None) -> None:
        self.fault = fault
        self.wrapped: list[tuple[Any, dict[str, Any]]] = []

    def wrap_socket(self, sock: Any, **given: Any) -> Any:
        self.wrapped.append((sock, given))
        if self.fault is not None:
            raise self.fault
        return sock


def connected(
    patch: pytest.MonkeyPatch,
    sock: Fake | BaseException,
    tls: Any = None,
    proxy: Proxy | None = None,
    url: str = "",
) -> list[tuple[str, int]]:
    """Connects with ``sock``, or with the error that opening it raises; returns the addresses that were opened."""
    opened: list[tuple[str, int]] = []

    def open_socket(host: str, port: int, clock: Clock) -> Any:
        opened.append((host, port))
        if isinstance(sock, BaseException):
            raise sock
        return sock

    patch.setattr(connection, "open_socket", open_socket)
    connect(split_url(url or "https://h:9/"), Clock(LIMITS), tls=tls, proxy=proxy)
    return opened


def certificate_fault() -> ssl.SSLCertVerificationError:
    fault = ssl.SSLCertVerificationError(1, "CERTIFICATE_VERIFY_FAILED")
    fault.verify_message = "self-signed certificate"
    return fault


@pytest.mark.parametrize(
    ("fault", "in_tls", "proxy", "expected"),
    [
        (OSError("refused"), False, None, ("connect", "refused", "connect")),
        (OSError("refused"), False, PROXY, ("proxy", "refused", "connect")),
        (HostNotFound("unknown"), False, None, ("connect", "unknown", "resolve")),
        (HostNotFound("unknown"), False, PROXY, ("proxy", "unknown", "resolve")),
        (TimeoutError(), False, None, ("connect-timeout", "", "receive")),
        (OSError("reset"), True, None, ("connect", "reset", "tls")),
        (OSError("reset"), True, PROXY, ("connect", "reset", "tls")),
        (ssl.SSLEOFError("ended"), True, None, ("connect", "('ended',)", "tls")),
        (ssl.SSLError(1, "bad"), True, None, ("tls", str(ssl.SSLError(1, "bad")), "tls")),
        (certificate_fault(), True, None, ("tls", str(certificate_fault()), "certificate")),
        (TimeoutError(), True, None, ("connect-timeout", "", "receive")),
    ],
)
def test_an_error_of_connecting_says_where_it_happened(
    monkeypatch: pytest.MonkeyPatch,
    fault: OSError,
    in_tls: bool,
    proxy: Proxy | None,
    expected: tuple[str, str, str],
) -> None:
    sock = Fake(b"HTTP/1.1 200 OK\r\n\r\n")
    with pytest.raises(ExchangeError) as raised:
        connected(monkeypatch, sock if in_tls else fault, Tls(fault), proxy)
    assert raised.value.args == expected
    assert sock.closed is in_tls


def test_other_errors_are_raised_as_they_are_and_leave_nothing_open(monkeypatch: pytest.MonkeyPatch) -> None:
    sock = Fake()
    with pytest.raises(KeyboardInterrupt):
        connected(monkeypatch, sock, Tls(KeyboardInterrupt()))
    assert sock.closed
    monkeypatch.setattr(Clock, "is_over", lambda clock: True)
    with pytest.raises(TimeoutError):
        connected(monkeypatch, TimeoutError())


def test_tls_checks_the_name_of_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    sock, tls = Fake(), Tls()
    assert connected(monkeypatch, sock, tls) == [("h", 9)]
    assert tls.wrapped == [(sock, {"server_hostname": "h", "suppress_ragged_eofs": False})]
    assert sock.sent == b""
    assert sock.timeouts == [300.0]
    assert not sock.closed


@pytest.mark.parametrize(
    ("authorization", "line"), [("", b""), ("Basic x", b"Proxy-Authorization: Basic x\r\n")]
)
def test_the_request_for_a_tunnel(monkeypatch: pytest.MonkeyPatch, authorization: str, line: bytes) -> None:
    answer = b"HTTP/1.1 200 Connection established\r\nX: y\r\n\r\n"
    sock = Fake(answer + b"bytes of TLS")
    assert connected(monkeypatch, sock, Tls(), Proxy("p", 8, authorization), "https://[::1]/") == [("p", 8)]
    assert sock.sent == b"CONNECT [::1]:443 HTTP/1.1\r\nHost: [::1]:443\r\n" + line + b"\r\n"
    assert sock.read == len(answer)
    assert set(sock.timeouts) == {300.0}
    assert len(sock.timeouts) == 2 + len(answer)


def test_http_through_a_proxy_needs_no_tunnel(monkeypatch: pytest.MonkeyPatch) -> None:
    sock = Fake()
    assert connected(monkeypatch, sock, None, PROXY, "http://h/") == [("p", 8)]
    assert sock.sent == b""


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "proxy-refused", "it answered 'HTTP/1.1 407"),
        (b"HTTP/1.0 400\r\n\r\n", "proxy-refused", "it answered 'HTTP/1.0 400' to CONNECT"),
        (b"HTTP/1.1 502 Bad\r\n\r\n", "proxy", "it answered 'HTTP/1.1 502 Bad' to CONNECT"),
        (b"HTTP/1.1 302 Found\r\n\r\n", "proxy", "302"),
        (b"HTTP/2 200 OK\r\n\r\n", "proxy", "HTTP/2"),
        (b"HTTP/1.1 2x0 OK\r\n\r\n", "proxy", "2x0"),
        (b"HTTP/1.1 200\x1b[2J\r\n\r\n", None, ""),
        (b"HTTP/1.1 500 \x1b[2J\r\n\r\n", "proxy", r"HTTP/1.1 500 [^\x1b]*' to CONNECT"),
        (b"HTTP/1.1 500 " + b"x" * 100 + b"\r\n\r\n", "proxy", f"'HTTP/1.1 500 {'x' * 67}' to CONNECT"),
        (b"", "proxy", "it closed the connection"),
        (b"HTTP/1.1 200 OK\r\n", "proxy", "it closed the connection"),
        (b"HTTP/1.1 200 OK\r\n" + b"x" * (LONGEST_HEAD - 21) + b"\r\n\r\n", None, ""),
        (
            b"HTTP/1.1 200 OK\r\n" + b"x" * (LONGEST_HEAD - 20) + b"\r\n\r\n",
            "proxy",
            "its answer is not HTTP",
        ),
    ],
)
def test_answers_of_a_proxy(
    monkeypatch: pytest.MonkeyPatch, answer: bytes, kind: str | None, words: str
) -> None:
    if kind is None:
        connected(monkeypatch, Fake(answer), Tls(), PROXY)
        return
    sock = Fake(answer)
    with pytest.raises(ExchangeError, match=words) as refused:
        connected(monkeypatch, sock, Tls(), PROXY)
    assert refused.value.kind == kind
    assert sock.closed


@pytest.mark.parametrize(
    ("length", "refused"),
    [(None, False), ("", False), ("10", False), ("11", True), ("9" * 16, True), ("0" * 15, False), ("0" * 16, False), ("9" * 5000, True), ("x", False), ("1x", False), ("²", False), ("-1", False)],
)  # fmt: skip
def test_a_declared_length_is_compared_with_the_bound(length: str | None, refused: bool) -> None:
    if refused:
        with pytest.raises(ExchangeError, match="longer than 10 bytes"):
            check_declared_length(length, 10)
    else:
        check_declared_length(length, 10)


@pytest.mark.parametrize("poll", [True, False])
def test_a_connection_is_usable_while_it_is_young_and_silent(
    monkeypatch: pytest.MonkeyPatch, poll: bool
) -> None:
    if not poll:
        monkeypatch.delattr(select, "poll", raising=False)
    here, there = socket.socketpair()
    with here, there:
        idle = connection.Connection(here, "http://h", None)
        for now, usable in ((0.0, True), (5.0, True), (5.1, False)):
            monkeypatch.setattr(connection, "time", SimpleNamespace(monotonic=lambda now=now: now))
            assert idle.is_usable(5.0) is usable
        monkeypatch.setattr(connection, "time", SimpleNamespace(monotonic=lambda: 0.0))
        there.close()
        assert not idle.is_usable(5.0)
        idle.close()
        assert here.fileno() == -1


@pytest.mark.parametrize(
    ("error", "over", "kind"),
    [
        (ExchangeError("tls"), False, "tls"),
        (TimeoutError(), False, "read-timeout"),
        (TimeoutError(), True, "deadline"),
        (OSError(), False, "closed"),
        (http.client.HTTPException(), False, "closed"),
        (ValueError(), False, "closed"),
        (RuntimeError(), False, None),
        (KeyboardInterrupt(), True, None),
    ],
)
def test_what_an_error_of_an_exchange_means(
    monkeypatch: pytest.MonkeyPatch, error: BaseException, over: bool, kind: str | None
) -> None:
    monkeypatch.setattr(Clock, "is_over", lambda clock: over)
    found = fault_kind(error, Clock(LIMITS))
    assert (found.kind if found else None) == kind


def test_the_reason_of_tls_is_found_behind_other_errors() -> None:
    fault = ssl.SSLError(1, "bad")
    for chained in ("__cause__", "__context__"):
        outer = OSError("x")
        setattr(outer, chained, fault)
        assert tls_reason(outer) == str(fault)
    assert tls_reason(fault) == str(fault)
    for other in (None, OSError("x"), ssl.SSLEOFError("x")):
        assert tls_reason(other) == ""


@pytest.mark.parametrize(
    ("error", "reason", "stage"),
    [
        (ExchangeError("closed", "why", "body"), "why", "body"),
        (http.client.RemoteDisconnected("x"), "the connection ended without an answer", "no-answer"),
        (OSError("reset"), "reset", "receive"),
        (http.client.BadStatusLine("x\n"), "BadStatusLine: x", "not-http"),
        (ValueError(" bad "), "ValueError: bad", "not-http"),
    ],
)
def test_why_there_is_no_answer(error: Exception, reason: str, stage: str) -> None:
    assert connection._unanswered(error).args == ("closed", reason, stage)


@pytest.mark.parametrize(
    ("line", "size"),
    [
        (b"a\r\n", 10),
        (b"F;x=y \n", 15),
        (b"0 \t\r\n", 0),
        (b"0000000000000001\r\n", 1),
        (b"00000000000000001\r\n", None),
        (b"1;" + b"x" * 4093 + b"\n", 1),
        (b"1;" + b"x" * 4094 + b"\n", None),
        (b"", None),
        (b"\r\n", None),
        (b";x\r\n", None),
        (b"g\r\n", None),
        (b"1", None),
        (b" 1\r\n", None),
    ],
)
def test_the_head_of_a_chunk(line: bytes, size: int | None) -> None:
    answer: Any = SimpleNamespace(fp=io.BytesIO(line + b"rest"))
    if size is None:
        with pytest.raises(ExchangeError, match="the size of a chunk cannot be read") as refused:
            FinalAnswer._read_next_chunk_size(answer)
        assert (refused.value.kind, refused.value.stage) == ("closed", "body")
    else:
        assert FinalAnswer._read_next_chunk_size(answer) == size
