"""Clients that send wrong signatures or stop sending do not make a server's memory grow."""

from __future__ import annotations

import socket
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from sigv4 import Payload, Signer
from tests.interop.servers import http1, running

for package in ("uvicorn", "httptools"):
    pytest.importorskip(package, reason=f"{package} is not installed (extra `interop`)")

from tests.interop.echo_app import KEYS, REGION  # noqa: E402 (these imports need the packages above)

pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc, which is Linux's"),
]
CONNECTIONS = 200
MIB = 1 << 20
HOST = "api.example"


def resident(process: int) -> float:
    """The memory of a process in MiB."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def signed(body: bytes) -> dict[str, str | bytes]:
    return dict(
        Signer("s3", REGION, KEYS).sign("PUT", f"https://{HOST}/a", (), body or Payload.sha256("0" * 64))
    )


def head(headers: dict[str, str | bytes], length: int) -> bytes:
    lines = [
        f"{name}: {value if isinstance(value, str) else value.decode()}" for name, value in headers.items()
    ]
    return ("\r\n".join(["PUT /a HTTP/1.1", *lines, f"Content-Length: {length}"]) + "\r\n\r\n").encode()


def is_served(port: int) -> bool:
    """Whether a signed request gets the right answer."""
    headers = [(name.encode(), str(value).encode()) for name, value in signed(b"ok").items()]
    return http1(port, "PUT", b"/a", headers, b"ok")[0] == 200


@pytest.mark.parametrize("server", ["uvicorn, h11", "uvicorn, httptools"])
def test_memory_does_not_grow_with_unsigned_and_stalled_connections(
    server: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """Each client announces 1 MiB and sends all but one byte; some of the clients sign."""
    block = b"x" * (MIB - 1)
    wrong = signed(b"")
    wrong["Authorization"] = str(wrong["Authorization"])[:-4] + "0000"
    kinds: dict[str, dict[str, str | bytes]] = {
        "unsigned": {"Host": HOST},
        "wrongly signed": wrong,
        "signed and stalled": signed(b""),
    }
    figures = {}
    with running(server, ECHO_SERVICE="s3") as (port, process):
        for _ in range(20):
            assert is_served(port)
        before = resident(process)
        for kind, headers in kinds.items():
            with ExitStack() as open_connections:
                for _ in range(CONNECTIONS):
                    connection = open_connections.enter_context(
                        socket.create_connection(("127.0.0.1", port), 30)
                    )
                    connection.settimeout(0.05)
                    connection.sendall(head(headers, MIB))
                    try:
                        connection.sendall(block)
                    except OSError:
                        pass  # the server reads no more, or has closed the connection
                time.sleep(0.5)
                figures[kind] = resident(process) - before
        assert is_served(port)
    with capfd.disabled():
        shown = ", ".join(f"{kind} {grown:.0f} MiB" for kind, grown in figures.items())
        sys.stdout.write(f"\n{server}, memory under {CONNECTIONS} connections of 1 MiB each: {shown} more\n")
    assert figures["unsigned"] < 40
    assert figures["wrongly signed"] < 40
    assert figures["signed and stalled"] < 64 + 60, "bodies_at_once is 64 MiB"
