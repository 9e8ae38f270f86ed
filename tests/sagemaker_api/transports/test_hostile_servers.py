"""Hostile or broken servers: the effect of their answers on the client is limited."""

from __future__ import annotations

import contextlib
import logging
import socket
import struct
from collections.abc import Callable

import pytest

from sagemaker_api import (
    ProtocolError,
    SageMaker,
    SageMakerError,
    ServiceError,
    StdlibTransport,
    TransportError,
)
from sigv4 import Credentials
from tests.sagemaker_api.calls import Caller, arguments
from tests.sagemaker_api.scripted import ScriptedServer, http

OK = http(200, '{"AuthorizedUrl":"u"}')
TOKEN = "TOKENMARK/with+more==" * 40


def _flood(head: bytes, piece: bytes) -> Callable[[socket.socket], None]:
    def answer(connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            connection.sendall(head)
            for _ in range(4000):
                connection.sendall(piece)

    return answer


@pytest.mark.parametrize(
    "answer",
    [
        _flood(b"HTTP/1.1 200 OK\r\n", b"X-Fold: " + b"y" * 4096 + b"\r\n"),
        _flood(b'HTTP/1.1 200 OK\r\nContent-Type: multipart/x; a="' + b";" * 60_000 + b"\r\n", b" ;;;;\r\n"),
        _flood(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n", b"y" * 65536),
        _flood(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200_000, b"\r\n\r\n"),
    ],
    ids=["endless headers", "a header of many parameters", "negative chunk size", "long header"],
)
def test_an_answer_without_end_is_refused_early(
    call: Caller, answer: Callable[[socket.socket], None]
) -> None:
    with ScriptedServer(answer) as server, pytest.raises(TransportError) as raised:
        call(server.url, deadline=60.0)
    assert raised.value.kind in ("closed", "too-large"), "the answer is refused, not the time it took"


def test_a_partial_answer_is_not_retried_silently() -> None:
    """The server has processed the request, so sending it again is a retry and is counted."""

    def cut(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Le")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()

    with ScriptedServer(OK, cut, OK) as server, StdlibTransport() as transport:
        client = SageMaker(**arguments(server.url, transport=transport))
        client.create_presigned_notebook_instance_url(NotebookInstanceName="n")
        result = client.create_presigned_notebook_instance_url(NotebookInstanceName="n")
    assert result["ResponseMetadata"]["RetryAttempts"] == 1


@pytest.mark.parametrize("padding", [0, 495, 16380])
def test_an_echoed_token_is_in_no_error_and_no_log(
    call: Caller, padding: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "sagemaker_api")
    echoes = [
        http(400, "x" * padding + TOKEN),
        http(400, '{"__type":"E","message":"%s"}' % ("x" * padding + TOKEN.replace("/", "\\/"))),
        http(400, "{}", ("x-amzn-RequestId", TOKEN), ("x-amzn-ErrorType", TOKEN)),
        http(200, "no json", ("Content-Type", TOKEN)),
        http(200, "no json", ("Content-Encoding", TOKEN)),
    ]
    for echo in echoes:
        with ScriptedServer(echo) as server, pytest.raises(SageMakerError) as raised:
            call(server.url, credentials=Credentials("ASIAEXAMPLE", "secret", TOKEN))
        assert isinstance(raised.value, (ServiceError, ProtocolError))
        for text in (str(raised.value), repr(raised.value), caplog.text):
            assert "TOKENMARK" not in text


def test_control_characters_of_a_content_type_reach_no_terminal(call: Caller) -> None:
    answer = http(200, "x", ("Content-Type", "\x1b]0;pwn\x07"))
    with ScriptedServer(answer) as server, pytest.raises(SageMakerError) as raised:
        call(server.url)
    assert str(raised.value).isprintable()
