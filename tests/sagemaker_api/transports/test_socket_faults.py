"""Faults at the socket: each gives its documented error in time, without a secret in the text."""

from __future__ import annotations

import gzip
import socket
import struct
import threading
import time
import traceback
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

from sagemaker_api import ProtocolError, SageMakerError, TransportError
from sigv4 import Credentials
from tests.sagemaker_api.calls import Caller
from tests.sagemaker_api.scripted import Answer, ScriptedServer, and_close, http

pytestmark = pytest.mark.slow  # .ci/run runs these, since they take some seconds

KEYS = Credentials("ASIAEXAMPLE", "MARKERsecret", "MARKERtoken")
HEAD = b"HTTP/1.1 200 OK\r\n"
OK = http(200, '{"AuthorizedUrl":"u"}')


def _reset_after(sent: bytes) -> Callable[[socket.socket], None]:
    def answer(connection: socket.socket) -> None:
        connection.sendall(sent)
        time.sleep(0.01)
        # Closing with a linger time of 0 sends a reset, not an end.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return answer


def _stall_after(sent: bytes) -> Callable[[socket.socket], None]:
    def answer(connection: socket.socket) -> None:
        connection.sendall(sent)
        connection.recv(1)

    return answer


def _chunked(chunks: bytes) -> Callable[[socket.socket], None]:
    return and_close(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunks)


def _fault(call: Caller, answer: Answer, **others: Any) -> SageMakerError:
    """The error of a call with this answer, checked for secrets."""
    limits: dict[str, Any] = {"deadline": 60.0, "read_timeout": 0.05, "max_attempts": 1, **others}
    with ScriptedServer(answer) as server, pytest.raises(SageMakerError) as raised:
        call(server.url, credentials=KEYS, **limits)
    told = "".join(traceback.TracebackException.from_exception(raised.value, capture_locals=True).format())
    for text in (str(raised.value), repr(raised.value), told.replace(repr(KEYS), "")):
        assert "MARKER" not in text
        assert "Signature=" not in text
    return raised.value


@pytest.mark.parametrize(
    "answer",
    [
        _reset_after(b""),
        _reset_after(HEAD + b"Content-Le"),
        _reset_after(HEAD + b"Content-Length: 100\r\n\r\n{"),
        _reset_after(HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{"),
    ],
    ids=["before the answer", "mid-header", "mid-body", "mid-chunk"],
)
def test_a_reset_is_a_closed_connection(call: Caller, answer: Answer) -> None:
    fault = _fault(call, answer)
    assert isinstance(fault, TransportError)
    assert fault.kind == "closed"


@pytest.mark.parametrize(
    "answer",
    [
        _stall_after(b""),
        _stall_after(HEAD + b"Content-Le"),
        _stall_after(HEAD + b"Content-Length: 100\r\n\r\n{"),
        _stall_after(HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{"),
        _stall_after(b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
    ids=["before the answer", "mid-header", "mid-body", "mid-chunk", "after 100"],
)
@pytest.mark.parametrize(
    ("limits", "kind"), [({}, "read-timeout"), ({"deadline": 0.06, "read_timeout": 60.0}, "deadline")]
)
def test_a_stall_ends_at_the_read_timeout_or_the_deadline(
    call: Caller, answer: Answer, limits: dict[str, float], kind: str
) -> None:
    fault = _fault(call, answer, **limits)
    assert isinstance(fault, TransportError)
    assert fault.kind == kind


@pytest.mark.parametrize(
    "chunks",
    [
        b"\r\n{}\r\n0\r\n\r\n",
        b"zz\r\n{}\r\n0\r\n\r\n",
        b"-2\r\n{}\r\n0\r\n\r\n",
        b"FFFFFFFFFFFFFFFFFFFFFFFF\r\n{}\r\n0\r\n\r\n",
        b"2" * 5000 + b"\r\n{}",
        b"5\r\n{}\r\n0\r\n\r\n",
        b"2\r\n{}0\r\n\r\n",
        b"2\r\n{}\r\n",
        b"0x2\r\n{}\r\n0\r\n\r\n",
        b"+2\r\n{}\r\n0\r\n\r\n",
        b" 2\r\n{}\r\n0\r\n\r\n",
        b"0_2\r\n{}\r\n0\r\n\r\n",
        b"2\r\n{}\r\n0",
    ],
    ids=[
        "none",
        "no number",
        "negative",
        "huge",
        "endless",
        "too long",
        "no end",
        "no last",
        "0x",
        "sign",
        "blank",
        "underscore",
        "a last one cut off",
    ],
)
def test_an_answer_with_a_bad_chunk_size_is_refused(call: Caller, chunks: bytes) -> None:
    fault = _fault(call, _chunked(chunks))
    assert isinstance(fault, (TransportError, ProtocolError))
    assert getattr(fault, "kind", "closed") in ("closed", "too-large", "read-timeout")


@pytest.mark.parametrize(
    "length",
    [b"-1", b"abc", b"1e3", b"99999999999999999999999", b"2, 3"],
    ids=str,
)
def test_an_answer_with_an_invalid_content_length_is_refused(call: Caller, length: bytes) -> None:
    fault = _fault(call, and_close(HEAD + b"Content-Length: " + length + b"\r\n\r\n{"))
    assert isinstance(fault, (TransportError, ProtocolError))


@pytest.fixture(scope="module")
def bomb() -> bytes:
    """A compressed body of one MiB that unpacks to one GiB."""
    return gzip.compress(b" " * (64 * 1024 * 1024), 9) * 16


def test_a_gzip_bomb_is_not_unpacked(call: Caller, bomb: bytes) -> None:
    tracemalloc.start()
    try:
        fault = _fault(call, http(200, bomb, ("Content-Encoding", "gzip")))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert isinstance(fault, ProtocolError)
    assert "compressed by 'gzip', which was not asked for" in str(fault)
    assert peak < 20 * 1024 * 1024


@pytest.mark.parametrize(
    "answer", [b"HTTP/1.0 200 OK\r\n\r\n", b"HTTP/1.0 200 OK\r\nConnection: close\r\n\r\n"]
)
def test_http_1_0_ends_its_body_by_closing(call: Caller, answer: bytes) -> None:
    with ScriptedServer(and_close(answer + b'{"AuthorizedUrl":"u"}'), OK) as server:
        assert call(server.url, calls=2)["AuthorizedUrl"] == "u"
    assert server.connections == 2


def test_interim_answers_are_ignored(call: Caller) -> None:
    interim = b"HTTP/1.1 100 Continue\r\nX: y\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
    with ScriptedServer(interim * 2 + OK) as server:
        assert call(server.url)["AuthorizedUrl"] == "u"


def test_endless_interim_answers_are_refused(call: Caller) -> None:
    fault = _fault(call, and_close(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 20_000))
    assert isinstance(fault, TransportError)
    assert fault.kind in ("too-large", "closed", "read-timeout")


@pytest.mark.slow
def test_a_name_server_that_is_silent_is_not_waited_for_beyond_the_deadline(
    call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered = threading.Event()
    real = socket.getaddrinfo

    def silent(host: Any, *others: Any, **more: Any) -> Any:
        if host in ("slow.example", b"slow.example"):
            answered.wait(60)
            raise socket.gaierror("too late")
        return real(host, *others, **more)

    monkeypatch.setattr(socket, "getaddrinfo", silent)
    limits: dict[str, dict[str, float]] = {
        "deadline": {"deadline": 0.1},
        "connect-timeout": {"deadline": 60.0, "connect_timeout": 0.1},
    }
    for kind, given in limits.items():
        answered.clear()
        late = threading.Timer(5, answered.set)  # asyncio.run waits for its threads
        late.start()
        with pytest.raises(TransportError) as raised:
            call("https://slow.example", credentials=KEYS, max_attempts=1, **given)
        answered.set()
        late.cancel()
        assert raised.value.kind == kind, "the later result of the name server is not used"


def test_a_refused_connection_ends_in_its_error() -> None:
    from tests.sagemaker_api.calls import TRANSPORTS

    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    for call in TRANSPORTS.values():
        with pytest.raises(TransportError) as raised:
            call(url, credentials=KEYS, deadline=60.0)
        assert raised.value.kind == "connect"
        assert "MARKER" not in str(raised.value) + repr(raised.value)
