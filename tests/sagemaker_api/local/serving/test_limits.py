"""The proxy to a notebook waits as long as a direct connection would, within configurable limits."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

for package in ("starlette", "uvicorn", "websockets"):
    pytest.importorskip(package, reason=f"{package} is not installed (extra `interop`)")

# ruff: noqa: E402 (the imports below need the packages that are looked for above)
from websockets.exceptions import ConnectionClosed

from sagemaker_api import ConfigError
from sagemaker_api.local import Limits

from ..behind import Behind, Http, WebSockets, echo
from ..visitor import cookie_of, served, status_of_handshake, websocket

pytestmark = pytest.mark.interop


class Silent(Behind):
    """Accepts connections and never answers."""

    def __enter__(self) -> Silent:
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(self.path)
        self._listener.listen(16)
        return self

    def __exit__(self, *exception: object) -> None:
        self._listener.close()


def exchange(port: int, raw: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(raw)
        answer = b""
        while block := connection.recv(65536):
            answer += block
    return answer


def test_an_upload_that_pauses_for_too_long_is_a_408(tmp_path: Path) -> None:
    with Http(tmp_path / "s") as behind, served(behind, limits=Limits(upload=0.2)) as local:
        head = (
            f"POST /notebook/nb/x HTTP/1.1\r\nHost: 127.0.0.1:{local.port}\r\nCookie: {cookie_of(local)}\r\n"
        )
        answer = exchange(local.port, f"{head}Content-Length: 10\r\n\r\nhello".encode())
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert (
        b"\r\nconnection: close\r\n" in answer.lower()
    )  # otherwise the rest of the body would be read as a request


def test_an_answer_that_takes_too_long_is_a_504(tmp_path: Path) -> None:
    with Silent(tmp_path / "s") as behind, served(behind, limits=Limits(answer=0.2)) as local:
        answer = httpx.get(f"{local.url}/notebook/nb/x", headers={"Cookie": cookie_of(local)}, timeout=60)
    assert (answer.status_code, "too long to answer" in answer.text) == (504, True)


def test_a_kernel_that_takes_too_long_to_start_is_a_504(tmp_path: Path) -> None:
    with Silent(tmp_path / "s") as behind, served(behind, limits=Limits(start=0.2)) as local:
        assert status_of_handshake(local, Cookie=cookie_of(local)) == 504


async def _large(connection: Any) -> None:
    await connection.send("x" * 2000)
    await connection.wait_closed()


@pytest.mark.parametrize(
    ("handler", "sent"), [(_large, 0), (echo, 2000)], ids=["from behind", "from the client"]
)
def test_a_message_that_is_too_large_closes_with_1009(
    tmp_path: Path, handler: Callable[[Any], Any], sent: int
) -> None:
    with (
        WebSockets(tmp_path / "s", handler) as behind,
        served(behind, limits=Limits(message=1000)) as local,
        websocket(local, cookie_of(local)) as connection,
    ):
        if sent:
            connection.send("x" * sent)
        with pytest.raises(ConnectionClosed) as closed:
            connection.recv(timeout=60)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1009


def test_a_message_within_the_limit_passes(tmp_path: Path) -> None:
    with (
        WebSockets(tmp_path / "s", echo) as behind,
        served(behind, limits=Limits(message=1000)) as local,
        websocket(local, cookie_of(local)) as connection,
    ):
        connection.send("x" * 1000)
        assert connection.recv(timeout=60) == "x" * 1000


def test_a_reader_that_pauses_within_the_limit_gets_the_whole_answer(tmp_path: Path) -> None:
    """The client continues to read only after the server's buffers have been full for a while."""
    size = 8 * 1024 * 1024
    with _Download(tmp_path / "s", size) as behind, served(behind) as local:
        head = f"GET /notebook/nb/x HTTP/1.1\r\nHost: 127.0.0.1:{local.port}\r\nConnection: close\r\n"
        with socket.create_connection(("127.0.0.1", local.port), timeout=60) as connection:
            connection.sendall(f"{head}Cookie: {cookie_of(local)}\r\n\r\n".encode())
            assert behind.blocked.wait(60)
            received = 0
            while block := connection.recv(1 << 20):
                received += len(block)
    assert received > size


class _Download(Behind):
    """Sends a large answer; ``blocked`` is set when the proxy accepts no more of it for the moment."""

    def __init__(self, path: Path, size: int) -> None:
        super().__init__(path)
        self.blocked = threading.Event()
        self._size = size

    def __enter__(self) -> _Download:
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(self.path)
        self._listener.listen(1)
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._thread.join(60)
        self._listener.close()

    def _serve(self) -> None:
        connection, _ = self._listener.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {self._size}\r\n\r\n".encode())
            left = memoryview(bytes(self._size))
            while left:
                if not select.select([], [connection], [], 0.2)[1]:
                    self.blocked.set()
                    select.select([], [connection], [])
                left = left[connection.send(left[:65536]) :]


def test_authorization_is_passed_to_the_notebook_server(tmp_path: Path) -> None:
    """Applications behind jupyter-server-proxy have their own logins."""
    with Http(tmp_path / "s") as behind, served(behind) as local:
        headers = {"Cookie": cookie_of(local), "Authorization": "Bearer of-the-application"}
        seen = httpx.get(f"{local.url}/notebook/nb/proxy/8501/", headers=headers).json()["headers"]
    assert ["authorization", "Bearer of-the-application"] in [[name.lower(), value] for name, value in seen]


@pytest.mark.parametrize(
    "entries", [["start"], ["start=x"], ["start=1", "start=2"], ["pause=1"], ["message=1.5"], ["stall=0"], ["stall=nan"], ["answer=-1"]]
)  # fmt: skip
def test_invalid_limits_are_refused(entries: list[str]) -> None:
    with pytest.raises(ConfigError, match="the limit"):
        Limits.parse(entries)


def test_limits_are_parsed() -> None:
    assert Limits.parse(["start=600", "message=1000"]) == Limits(start=600.0, message=1000)
