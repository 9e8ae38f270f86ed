"""``sigv4 send``: the request that arrives, curl's flags, the output, and calls that send nothing."""

from __future__ import annotations

import io
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from sigv4 import V4, V4A, Credentials, VerificationError, Verifier
from tests.capture import Captured, CapturingServer, read_request
from tests.sigv4.cli.sending import SCOPE, over_tls, raw_server, send
from tests.sigv4.signed import SECRET, TOKEN

pytestmark = pytest.mark.usefixtures("temporary_keys_in_environment")


def answer(body: bytes = b"ok", head: str = "200 OK", *lines: str) -> Callable[[Captured], bytes]:
    text = "\r\n".join([f"HTTP/1.1 {head}", f"Content-Length: {len(body)}", *lines, "", ""])
    return lambda captured: text.encode() + body


def verify(captured: Captured, service: str = "execute-api", algorithm: str = V4) -> None:
    keys = Credentials("AKIDEXAMPLE", SECRET, TOKEN)
    verifier = Verifier(service, "us-east-1", lambda claim: keys, algorithms=(algorithm,))
    verifier.verify(captured.method, captured.target, captured.headers, captured.body)


@pytest.mark.parametrize(
    ("target", "service"),
    [
        ("/", "execute-api"),
        ("/?a=b=c&d=/&e=%2F", "execute-api"),
        ("/?a&b=&&c=1&c=0&C=2&a-b=3&a.b=4", "execute-api"),
        ("/?q=a+b&p=%2B", "execute-api"),
        ("/a//b/./c/../d/%2F%20~*'()?x=%c3%bc", "execute-api"),
        ("/bucket//key/../%C3%BC/a%2Fb%2Bc?versionId=x", "s3"),
        ("?a=b", "execute-api"),
        ("/stage/@connections/JBDvjfGEIAMCERw%3D", "execute-api"),
    ],
)
def test_the_received_request_verifies(
    target: str, service: str, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    with CapturingServer(answer()) as server:
        assert send(server.origin + target, "--service", service, "--region", "us-east-1") == 0
        assert server.last.target == (target if target.startswith("/") else f"/{target}")
        verify(server.last, service)
    assert capfdbinary.readouterr().out == b"ok"


@pytest.mark.parametrize(
    ("flags", "method", "body", "content_type"),
    [
        ((), "GET", b"", None),
        (("-d", "a=b c"), "POST", b"a=b c", b"application/x-www-form-urlencoded"),
        (("-X", "PUT", "--data-binary", "ü"), "PUT", "ü".encode(), b"application/x-www-form-urlencoded"),
        (("-d", "{}", "-H", "Content-Type: application/json"), "POST", b"{}", b"application/json"),
        (("-X", "POST"), "POST", b"", None),
        (("-X", "GET", "-d", "{}"), "GET", b"{}", b"application/x-www-form-urlencoded"),
        (("-H", "X-Amz-Meta-A:  a   b ", "-H", "X-Empty:"), "GET", b"", None),
    ],
)
def test_curls_flags(flags: tuple[str, ...], method: str, body: bytes, content_type: bytes | None) -> None:
    with CapturingServer(answer()) as server:
        assert send(server.origin + "/x", *SCOPE, *flags) == 0
        got = server.last
    verify(got)
    assert (got.method, got.body, got.header("Content-Type")) == (method, body, content_type)
    assert (got.header("Content-Length") is None) is (method == "GET" and not body)
    assert got.names.isdisjoint({"user-agent", "accept-encoding", "connection"})


def test_a_file_is_sent_as_it_is_and_standard_input_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = bytes(range(256)) * 4096
    (tmp_path / "body").write_bytes(data)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
    with CapturingServer(answer()) as server:
        for flags in (("--data-binary", f"@{tmp_path / 'body'}"), ("--data-binary", "@-")):
            assert send(server.origin, *SCOPE, *flags) == 0
            assert server.last.body == data
            verify(server.last)
        assert send(server.origin, *SCOPE, "-d", f"@{tmp_path / 'body'}") == 0
        assert server.last.body == data.replace(b"\r", b"").replace(b"\n", b"")


def test_a_host_header_of_the_caller_is_sent_and_signed() -> None:
    with CapturingServer(answer()) as server:
        assert send(server.origin + "/x#fragment", *SCOPE, "-H", "Host: other.example") == 0
        assert server.last.header("Host") == b"other.example"
        assert server.last.target == "/x"
        verify(server.last)


@pytest.mark.parametrize("change", [-1, 1])
def test_a_file_that_changes_while_it_is_sent(tmp_path: Path, change: int) -> None:
    from sigv4.cli.send import Failure, body_blocks

    (tmp_path / "body").write_bytes(bytes(10 + change))
    with (tmp_path / "body").open("rb") as body:
        if change > 0:
            assert b"".join(body_blocks(body, 10)) == bytes(10)
            return
        with pytest.raises(Failure, match="1 bytes shorter") as caught:
            list(body_blocks(body, 10))
    assert caught.value.code == 26


def test_4a() -> None:
    pytest.importorskip("cryptography", reason="cryptography is not installed (extra `sigv4a`)")
    with CapturingServer(answer()) as server:
        flags = ("--service", "execute-api", "--region", "us-*", "--algorithm", "v4a")
        assert send(server.origin, *flags, "-d", "x") == 0
        verify(server.last, algorithm=V4A)
        with pytest.raises(VerificationError):
            verify(server.last)


def test_the_body_is_written_byte_for_byte(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    data = bytes(range(256)) * 999
    with CapturingServer(answer(data)) as server:
        assert send(server.origin, *SCOPE) == 0
        assert capfdbinary.readouterr() == (data, b"")
        assert send(server.origin, *SCOPE, "-o", str(tmp_path / "out")) == 0
        assert capfdbinary.readouterr() == (b"", b"")
    assert (tmp_path / "out").read_bytes() == data


def test_include_writes_the_head_first(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    with CapturingServer(answer(b"no", "403 Forbidden", "X-A: b")) as server:
        assert send(server.origin, *SCOPE, "-i") == 0
    assert capfdbinary.readouterr().out == (
        b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nX-A: b\r\n\r\nno"
    )


def test_verbose_shows_both_heads_and_no_secret(capfd: pytest.CaptureFixture[str]) -> None:
    with CapturingServer(answer(b"", "302 Found", "Location: /?token=x", "X-Bell: \x1b[31m")) as server:
        assert send(server.origin + "/a", *SCOPE, "-v", "-H", "X-Api-Key: API-KEY") == 0
    out, shown = capfd.readouterr()
    assert out == ""
    assert "\n>\n" in shown
    assert "\n<\n" in shown
    assert "> GET /a HTTP/1.1\n" in shown
    assert "Signature=***\n" in shown
    assert "> X-Amz-Security-Token: ***\n" in shown
    assert "< HTTP/1.1 302 Found\n" in shown
    assert "< Location: ***\n" in shown
    assert "< X-Bell: \\x1b[31m\n" in shown
    assert "* a redirect: not followed\n" in shown
    for secret in (TOKEN, SECRET, "token=x", "API-KEY", "\x1b"):
        assert secret not in shown


def test_https(tls: ssl.SSLContext, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    captured = []

    def serve(connection: socket.socket) -> None:
        captured.append(read_request(connection))
        connection.sendall(answer(b"over TLS")(captured[0]))

    with raw_server(over_tls(tls, serve)) as url:
        assert send(url.replace("http", "https") + "a?b=c=d", *SCOPE, "-d", "{}") == 0
    verify(captured[0])
    assert capfdbinary.readouterr() == (b"over TLS", b"")


@pytest.mark.parametrize(
    ("host", "warned"),
    [
        ("127.0.0.2", False),
        ("[::1]", False),
        ("localhost", False),
        ("localhost.invalid", True),
        ("127.0.0.1.invalid", True),
    ],
)
def test_only_loopback_gets_no_warning(host: str, warned: bool, capfd: pytest.CaptureFixture[str]) -> None:
    assert send(f"http://{host}:1/", *SCOPE, "--max-time", "10") in (6, 7, 28)
    assert ("are sent unencrypted" in capfd.readouterr().err) is warned


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("ftp://x.example/",), "only https, http, wss and ws requests are signed"),
        (("nonsense",), "expected a URL such as 'https://host/path'"),
        (("/path",), "expected a URL such as 'https://host/path', got '/path'"),
        (("https:///path",), "names no valid host"),
        (("https://[::1/",), "names no valid host"),
        (("https://user:secret@h.example:99999/",), "found 'h.example:99999', expected host or host:port, with a port from 1 to 65535"),
        (("https://h.example:0/",), "names no valid host and port"),
        (("http://x.example/", "-d", "a", "-d", "b"), "-d is given twice"),
        (("http://x.example/a b",), "which a request line cannot carry"),
        (("http://x.example/", "-H", "Content-Length: 5"), "'content-length' is set by 'sigv4 send' itself"),
        (("http://x.example/", "-H", "Transfer-Encoding: chunked"), "'transfer-encoding' is set by 'sigv4 send' itself"),
        (("http://x.example/", "-H", "nonsense"), "has no colon"),
        (("http://x.example/", "--max-time", "0"), "'0': expected seconds, 0.001 to 999999999"),
        (("http://x.example/", "--max-time", "nan"), "'nan': expected seconds, 0.001 to 999999999"),
        (("http://x.example/", "--max-time", "1_0"), "'1_0': expected seconds, 0.001 to 999999999"),
        (("http://x.example/", "--data-binary", "@/no/such/file"), "No such file"),
        (("http://x.example/", "--data-binary", "@-", "--secret-file", "-"), "cannot both come from standard input"),
    ],
)  # fmt: skip
def test_a_wrong_call_sends_nothing(
    arguments: tuple[str, ...], words: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert send(*arguments, *SCOPE) == 2
    assert words in capfd.readouterr().err


def test_an_output_that_cannot_be_written(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with CapturingServer(answer()) as server:
        assert send(server.origin, *SCOPE, "-o", str(tmp_path / "no" / "out")) == 23
    assert "could not be written: No such file or directory" in capfd.readouterr().err


@pytest.mark.slow
def test_send_ends_without_an_error_if_the_reader_of_its_output_closes_it() -> None:
    with CapturingServer(answer(bytes(1 << 20))) as server:
        command = [sys.executable, "-m", "sigv4", "send", server.origin, *SCOPE]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=dict(os.environ)
        ) as process:
            assert process.stdout is not None
            process.stdout.read(10)
            process.stdout.close()
            assert process.wait(60) == 23
            assert process.stderr is not None
            assert process.stderr.read() == b""


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="the system has no /dev/full")
@pytest.mark.slow
def test_a_full_disk_is_reported_once() -> None:
    with CapturingServer(answer()) as server, open("/dev/full", "wb") as full:
        command = [sys.executable, "-m", "sigv4", "send", server.origin, *SCOPE]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False, timeout=60)
    assert done.returncode == 23
    assert done.stderr == b"sigv4: standard output could not be written: No space left on device\n"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no POSIX signals")
@pytest.mark.slow
def test_ctrl_c_is_130_without_a_traceback() -> None:
    started = threading.Event()

    def serve(connection: socket.socket) -> None:
        connection.recv(1 << 16)
        started.set()
        connection.recv(1)

    with raw_server(serve) as url:
        command = [sys.executable, "-m", "sigv4", "send", url, *SCOPE, "--max-time", "20"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            assert started.wait(60)
            process.send_signal(signal.SIGINT)
            assert process.communicate(timeout=60) == (b"", b"")
            assert process.returncode == 130


def test_a_standard_output_that_is_closed_sends_nothing(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdout", None)
    with CapturingServer(answer()) as server:
        assert send(server.origin, *SCOPE) == 2
        assert server.captured == []
    assert "standard output is closed" in capfd.readouterr().err


@pytest.mark.slow
def test_a_long_body_is_sent_and_received_in_constant_memory(tmp_path: Path) -> None:
    import tracemalloc

    size = 20 << 20
    (tmp_path / "body").write_bytes(bytes(size))

    def serve(connection: socket.socket) -> None:
        seen = 0
        while seen < size:
            seen += len(connection.recv(1 << 20))
        connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n".encode())
        for _ in range(size >> 16):
            connection.sendall(bytes(1 << 16))
        while connection.recv(1 << 16):
            pass

    with raw_server(serve) as url:
        tracemalloc.start()
        try:
            flags = ("--data-binary", f"@{tmp_path / 'body'}", "-o", str(tmp_path / "out"))
            assert send(url, *SCOPE, *flags) == 0
            assert tracemalloc.get_traced_memory()[1] < 6 << 20
        finally:
            tracemalloc.stop()
    assert (tmp_path / "out").stat().st_size == size
