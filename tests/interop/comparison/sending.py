"""Code for all signers of the comparison: it prepares the inputs, and sends exactly the signed bytes.

A signer gets only arguments that its documentation allows. One whose interface cannot express an input raises
``NotApplicable``; every other exception counts as a refusal.
"""

from __future__ import annotations

import io
import socket
from collections.abc import Callable, Iterable
from typing import Any

from tests.interop.comparison.inputs import Input

Peer = Callable[[Input, str], None]
TIMEOUT = 10


class NotApplicable(Exception):
    """The signer's interface cannot express this input."""


def url_of(input_: Input, origin: str) -> str:
    return origin.replace("://", f"://{input_.user_info}") + input_.target


def host_of(origin: str) -> str:
    return origin.partition("://")[2]


def body_of(input_: Input) -> Any:
    data = input_.body
    if data is None or input_.body_kind == "bytes":
        return data
    if input_.body_kind == "text":
        return data.decode("utf-8")
    if input_.body_kind == "file":
        return io.BytesIO(data)
    return iter([data])


def send_exactly(
    origin: str, method: str, target: str, headers: Iterable[tuple[str, str | bytes]], body: bytes
) -> None:
    """Sends exactly these bytes, for a signer that does not send."""
    if any(char <= " " or char > "~" for char in target):
        raise NotApplicable("a request line cannot carry what it signed")
    host, _, port = host_of(origin).rpartition(":")
    lines = [(name, value if isinstance(value, bytes) else value.encode("utf-8")) for name, value in headers]
    if body and not any(name.lower() == "content-length" for name, _ in lines):
        lines.append(("Content-Length", str(len(body)).encode()))
    head = f"{method} {target or '/'} HTTP/1.1\r\n".encode()
    for name, value in lines:
        head += name.encode() + b": " + value + b"\r\n"
    with socket.create_connection((host, int(port)), timeout=TIMEOUT) as connection:
        connection.sendall(head + b"\r\n" + body)
        while connection.recv(4096):
            pass


def pairs_of(headers: tuple[tuple[str, str], ...]) -> list[tuple[str, str | bytes]]:
    return [(name, value if value.isascii() else value.encode("utf-8")) for name, value in headers]


def unique_headers(input_: Input) -> dict[str, str]:
    found = dict(input_.headers)
    if len({name.lower() for name in found}) < len(input_.headers):
        raise NotApplicable("headers are a mapping")
    return found
