"""Sends exact bytes to a local SageMaker."""

from __future__ import annotations

import socket

from sagemaker_api.local import EXAMPLE, LocalSageMaker
from sigv4 import Response, Signer


def exchange(local: LocalSageMaker, raw: bytes) -> bytes:
    """Sends only the bytes ``raw``; returns all bytes that are received."""
    with socket.create_connection(("127.0.0.1", local.port), timeout=60) as connection:
        connection.sendall(raw)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while block := connection.recv(65536):
            answer += block
    return answer


def status(answer: bytes) -> int:
    return Response.parse(answer).status


def signed(local: LocalSageMaker, body: bytes = b'{"NotebookInstanceName":"nb"}', extra: str = "") -> bytes:
    headers = Signer("sagemaker", local.region, EXAMPLE).sign(
        "POST", local.url, {"X-Amz-Target": "SageMaker.CreatePresignedNotebookInstanceUrl"}, body
    )
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST / HTTP/1.1\r\n{lines}{extra}Content-Length: {len(body)}\r\n\r\n".encode() + body
