"""Attacks on the memory and the framing of the local servers: bodies without a signature, and with two lengths."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from sagemaker_api.local import LocalSageMaker
from sagemaker_api.local.serving.bodies import BodyRoom, is_unsigned_call
from sigv4 import Credentials, Request, Signer

KEYS = Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")


def threaded() -> Any:
    return LocalSageMaker(credentials=KEYS)


def asgi() -> Any:
    for package in ("starlette", "uvicorn", "websockets"):
        pytest.importorskip(package, reason=f"{package} is not installed (extra `local`)")
    from sagemaker_api.local.serving.asgi_server import AsgiServer

    return LocalSageMaker(credentials=KEYS, server=AsgiServer)


@pytest.fixture(params=[threaded, asgi], ids=["threaded", "asgi"])
def address(request: pytest.FixtureRequest) -> Iterator[tuple[str, int]]:
    make: Callable[[], Any] = request.param
    with make() as local:
        host, _, port = local.url.removeprefix("http://").partition(":")
        yield host, int(port.strip("/"))


def exchange(address: tuple[str, int], head: str, body: bytes = b"") -> bytes:
    with socket.create_connection(address, 20) as connection:
        connection.sendall(head.replace("\n", "\r\n").encode() + body)
        answer = b""
        while block := connection.recv(65536):
            answer += block
            if b"\r\n\r\n" in answer:
                break
    return answer


def test_the_body_of_an_unsigned_call_is_not_read(address: tuple[str, int]) -> None:
    """The client announces 1 MiB and does not send it; the server must still answer."""
    answer = exchange(
        address, f"POST / HTTP/1.1\nHost: {address[0]}:{address[1]}\nContent-Length: 1048576\n\n"
    )
    assert answer.startswith(b"HTTP/1.1 4")
    assert b"MissingAuthenticationToken" in answer or b"400" in answer


def test_two_lengths_are_refused(address: tuple[str, int]) -> None:
    for lengths in (
        "Content-Length: 5\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\nContent-Length: 5",
    ):
        head = f"POST / HTTP/1.1\nHost: {address[0]}:{address[1]}\n{lengths}\n\n"
        assert exchange(address, head, b"0\r\n\r\n").startswith(b"HTTP/1.1 400")


def test_a_signed_call_is_still_answered_while_bodies_stall(address: tuple[str, int]) -> None:
    host = f"{address[0]}:{address[1]}"
    with ExitStack() as stalled:
        for _ in range(20):
            connection = stalled.enter_context(socket.create_connection(address, 20))
            head = f"POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 1000000\r\n\r\n"
            connection.sendall(head.encode() + b"x" * 1000)
        body = b"{}"
        headers = Signer("sagemaker", "us-east-1", KEYS).sign(
            "POST",
            f"http://{host}/",
            {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "SageMaker.ListNotebookInstances"},
            body,
        )
        lines = "".join(f"{name}: {value}\n" for name, value in headers.items())
        assert exchange(address, f"POST / HTTP/1.1\n{lines}Content-Length: {len(body)}\n\n", body).startswith(
            b"HTTP/1.1 200"
        )


def test_the_memory_for_all_bodies_together_is_limited() -> None:
    room = BodyRoom(100)
    assert room.take(60)
    assert not room.take(41)
    assert room.take(40)
    room.give_back(60)
    assert room.take(60)


def test_what_counts_as_unsigned() -> None:
    assert is_unsigned_call(Request("POST", "/", {"Host": "x"}))
    assert is_unsigned_call(Request("POST", "/?a=b", {"Host": "x"}))
    assert not is_unsigned_call(Request("POST", "/", {"Authorization": "AWS4-HMAC-SHA256 …".encode()}))
    assert not is_unsigned_call(Request("POST", "/?X-Amz-Signature=0", {"Host": "x"}))
    assert not is_unsigned_call(Request("GET", "/", {"Host": "x"}))
    assert not is_unsigned_call(Request("POST", "/_control", {"Host": "x"}))
