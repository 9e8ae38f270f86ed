"""``sigv4 send``: the request that arrives, the output, and the exit code of every fault."""

from __future__ import annotations

import io
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sigv4 import V4, V4A, Credentials, VerificationError, Verifier
from sigv4.cli import main
from tests.capture import Captured, CapturingServer, read_request

SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
TOKEN = "SESSION/TOKEN+=="
SCOPE = ("--service", "execute-api", "--region", "us-east-1")


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_SESSION_TOKEN", TOKEN)


def answer(body: bytes = b"ok", head: str = "200 OK", *lines: str) -> Callable[[Captured], bytes]:
    text = "\r\n".join([f"HTTP/1.1 {head}", f"Content-Length: {len(body)}", *lines, "", ""])
    return lambda captured: text.encode() + body


def send(*arguments: str) -> int:
    try:
        return main(("send", *arguments))
    except SystemExit as exit_:
        return int(exit_.code or 0)


def verify(captured: Captured, service: str = "execute-api", algorithm: str = V4) -> None:
    keys = Credentials("AKIDEXAMPLE", SECRET, TOKEN)
    verifier = Verifier(service, "us-east-1", lambda claim: keys, algorithms=(algorithm,))
    verifier.verify(captured.method, captured.target, captured.headers, captured.body)


@contextmanager
def raw_server(serve: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that treats its first connection as ``serve`` does."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def run() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.settimeout(60)
                try:
                    serve(connection)
                except OSError:
                    return  # the client has gone

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        thread.join(60)
        assert not thread.is_alive()


def after_head(reply: bytes, wait: float = 0) -> Callable[[socket.socket], None]:
    def serve(connection: socket.socket) -> None:
        connection.recv(1 << 16)
        connection.sendall(reply)
        time.sleep(wait)

    return serve


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A server's context whose certificate the client trusts."""
    pytest.importorskip("cryptography", reason="cryptography is not installed: it makes the certificate")
    from tests.sagemaker_api.pki import Pki

    pki = Pki(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(pki.bundle))
    return pki.server


def over_tls(tls: ssl.SSLContext, serve: Callable[[socket.socket], None]) -> Callable[[socket.socket], None]:
    def run(connection: socket.socket) -> None:
        with tls.wrap_socket(connection, server_side=True) as wrapped:
            serve(wrapped)

    return run


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
    shown = capfd.readouterr().err
    assert "> GET /a HTTP/1.1\n" in shown
    assert "Signature=***\n" in shown
    assert "> X-Amz-Security-Token: ***\n" in shown
    assert "< HTTP/1.1 302 Found\n" in shown
    assert "< Location: ***\n" in shown
    assert "< X-Bell: \\x1b[31m\n" in shown
    assert "* a redirect: not followed\n" in shown
    for secret in (TOKEN, SECRET, "token=x", "API-KEY", "\x1b"):
        assert secret not in shown


@pytest.mark.parametrize(
    ("reply", "body"),
    [
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", b"abcde"),
        (b"HTTP/1.1 200 OK\r\n\r\nuntil the end", b"until the end"),
        (b"HTTP/1.0 200 OK\r\n\r\nold", b"old"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", b""),
        (b"HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n", b""),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nTrailer: x\r\n\r\n", b"a"),
        (b"HTTP/1.1 200 OK\nContent-Length: 2\n\nLF", b"LF"),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n!", b"!"),
    ],
    ids=["chunked", "until-close", "http-1.0", "204", "304", "204-chunked", "trailer", "bare-lf", "1xx"],
)  # fmt: skip
def test_every_framing_of_an_answer(
    reply: bytes, body: bytes, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    with raw_server(after_head(reply)) as url:
        assert send(url, *SCOPE) == 0
    assert capfdbinary.readouterr() == (body, b"")


def test_an_answer_to_head_has_no_body(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    with raw_server(after_head(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")) as url:
        assert send(url, *SCOPE, "-X", "HEAD", "-i") == 0
    assert capfdbinary.readouterr().out == b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"


@pytest.mark.parametrize(
    ("reply", "code", "words"),
    [
        (b"", 52, "without an answer"),
        (b"SMTP ready\r\n\r\n", 8, "not HTTP"),
        (b"HTTP/1.1 abc\r\n\r\n", 8, "not HTTP"),
        (b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 200 + b"\r\n", 8, "not HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nfour", 18, "4 of 9 bytes"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nfour", 18, "ended early"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 18, "ended early"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n", 18, "ended early"),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
            8,
            "coding 'gzip, chunked'",
        ),
        (b"HTTP/1.1 200 OK", 56, "head of the answer ended early"),
        (b"HTTP/1.1 200 OK\r\nContent-Len", 56, "head of the answer ended early"),
        (b"HTTP/1.1 200 OK\r\nno header\r\nContent-Length: 2\r\n\r\nab", 8, "is not a header"),
        (b"\x1b[31mHTTP\r\n\r\n", 8, "not HTTP: BadStatusLine: \\x1b[31mHTTP"),
    ],
)
def test_a_broken_answer(reply: bytes, code: int, words: str, capfd: pytest.CaptureFixture[str]) -> None:
    with raw_server(after_head(reply)) as url:
        assert send(url, *SCOPE) == code
    shown = capfd.readouterr().err
    assert shown.startswith("sigv4: ")
    assert words in shown
    assert "\x1b" not in shown


@pytest.mark.parametrize(("reply", "code"), [(b"", 52), (b"HTTP/1.1 200 OK\r\nA: b\r\n", 56)])
def test_a_fault_before_the_answer_leaves_no_file(tmp_path: Path, reply: bytes, code: int) -> None:
    with raw_server(after_head(reply)) as url:
        assert send(url, *SCOPE, "-o", str(tmp_path / "out")) == code
    assert not (tmp_path / "out").exists()


def test_a_fault_in_the_body_says_how_much_was_written(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with raw_server(after_head(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nfour")) as url:
        assert send(url, *SCOPE, "-o", str(tmp_path / "out")) == 18
    assert (tmp_path / "out").read_bytes() == b"four"
    assert "4 bytes of the body were written" in capfd.readouterr().err


def drip(connection: socket.socket) -> None:
    connection.recv(1 << 16)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while True:
        connection.sendall(b".")
        time.sleep(0.02)


def drip_head(connection: socket.socket) -> None:
    connection.recv(1 << 16)
    for _ in range(1000):
        connection.sendall(b"H")
        time.sleep(0.02)


def silent(connection: socket.socket) -> None:
    while connection.recv(1 << 16):
        pass


def drip_chunk_size(connection: socket.socket) -> None:
    connection.recv(1 << 16)
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in range(1000):
        connection.sendall(b"0")
        time.sleep(0.02)


@pytest.mark.parametrize("serve", [drip, drip_head, drip_chunk_size, silent])
@pytest.mark.parametrize("scheme", ["http", "https", "silent https"])
@pytest.mark.slow
def test_max_time_is_over_the_whole(
    serve: Callable[[socket.socket], None],
    scheme: str,
    tls: ssl.SSLContext,
    capfd: pytest.CaptureFixture[str],
) -> None:
    if scheme == "silent https":
        serve = silent  # the handshake itself
    with raw_server(over_tls(tls, serve) if scheme == "https" else serve) as url:
        target = url if scheme == "http" else url.replace("http", "https")
        assert send(target, *SCOPE, "--max-time", "0.4") == 28
    assert "--max-time: 0.4 seconds are over" in capfd.readouterr().err


@pytest.mark.slow
def test_max_time_is_over_the_sending_too(tmp_path: Path) -> None:
    (tmp_path / "body").write_bytes(bytes(32 << 20))

    def read_nothing(connection: socket.socket) -> None:
        time.sleep(1)

    with raw_server(read_nothing) as url:
        assert send(url, *SCOPE, "--max-time", "0.4", "--data-binary", f"@{tmp_path / 'body'}") == 28


def test_https(tls: ssl.SSLContext, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    captured = []

    def serve(connection: socket.socket) -> None:
        captured.append(read_request(connection))
        connection.sendall(answer(b"over TLS")(captured[0]))

    with raw_server(over_tls(tls, serve)) as url:
        assert send(url.replace("http", "https") + "a?b=c=d", *SCOPE, "-d", "{}") == 0
    verify(captured[0])
    assert capfdbinary.readouterr() == (b"over TLS", b"")


def test_a_body_cut_off_under_tls_is_not_taken_for_whole(
    tls: ssl.SSLContext, capfd: pytest.CaptureFixture[str]
) -> None:
    def cut(connection: socket.socket) -> None:
        connection.recv(1 << 16)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\nhalf")  # and no close_notify

    with raw_server(over_tls(tls, cut)) as url:
        assert send(url.replace("http", "https"), *SCOPE) == 56
    out, err = capfd.readouterr()
    assert out == "half"
    assert "4 bytes of the body were written" in err


def test_no_connection_and_no_host(capfd: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert send(f"http://127.0.0.1:{port}/", *SCOPE) == 7
    assert f"no connection to 127.0.0.1 port {port}" in capfd.readouterr().err
    assert send("http://no-such-host.invalid/", *SCOPE, "--max-time", "20") in (6, 28)
    assert "travel unencrypted" in capfd.readouterr().err


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
    assert ("travel unencrypted" in capfd.readouterr().err) is warned


def test_tls_faults(capfd: pytest.CaptureFixture[str]) -> None:
    with raw_server(after_head(b"no TLS here\r\n")) as url:
        assert send(url.replace("http", "https"), *SCOPE) == 35
    assert "no TLS session" in capfd.readouterr().err


def test_a_certificate_that_is_not_trusted(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("cryptography", reason="cryptography is not installed: it makes the certificate")
    from tests.sagemaker_api.pki import Pki

    pki = Pki(tmp_path)

    def serve(connection: socket.socket) -> None:
        with pytest.raises((ssl.SSLError, OSError)):
            pki.server.wrap_socket(connection, server_side=True).recv(1)

    with raw_server(serve) as url:
        assert send(url.replace("http", "https"), *SCOPE) == 60
    assert "is not trusted" in capfd.readouterr().err


def test_an_early_answer_to_a_long_body_is_shown(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    (tmp_path / "body").write_bytes(bytes(1 << 20))

    def serve(connection: socket.socket) -> None:
        connection.recv(1 << 10)
        connection.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig")
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(1 << 16):
            pass

    with raw_server(serve) as url:
        assert send(url, *SCOPE, "--data-binary", f"@{tmp_path / 'body'}") == 0
    assert capfdbinary.readouterr().out == b"big"


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
        (("http://x.example/", "-H", "Content-Length: 5"), "'content-length' is the sender's"),
        (("http://x.example/", "-H", "Transfer-Encoding: chunked"), "'transfer-encoding' is the sender's"),
        (("http://x.example/", "-H", "nonsense"), "has no colon"),
        (("http://x.example/", "--max-time", "0"), "expected a number of seconds above 0"),
        (("http://x.example/", "--max-time", "nan"), "expected a number of seconds above 0"),
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
def test_a_reader_that_goes_away_ends_it_quietly() -> None:
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
def test_a_full_disk_is_said_once() -> None:
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
