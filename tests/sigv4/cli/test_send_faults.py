"""``sigv4 send``: broken answers, time limits, certificates and outputs that fail."""

from __future__ import annotations

import io
import socket
import ssl
import time
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sigv4.cli import send as sending_verb
from sigv4.cli.send import Failure, _failure, body_blocks
from sigv4.network.deadline_socket import ExchangeError
from sigv4.target import split_url
from tests.sigv4.cli.sending import SCOPE, over_tls, raw_server, send

pytestmark = pytest.mark.usefixtures("temporary_keys_in_environment")


def after_head(reply: bytes) -> Callable[[socket.socket], None]:
    def serve(connection: socket.socket) -> None:
        connection.recv(1 << 16)
        connection.sendall(reply)

    return serve


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
        time.sleep(0.02)  # each byte comes in time; only the whole is too slow


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
def test_max_time_counts_for_the_whole_exchange(
    serve: Callable[[socket.socket], None],
    scheme: str,
    tls: ssl.SSLContext,
    capfd: pytest.CaptureFixture[str],
) -> None:
    if scheme == "silent https":
        serve = silent  # the server is silent in the handshake
    with raw_server(over_tls(tls, serve) if scheme == "https" else serve) as url:
        target = url if scheme == "http" else url.replace("http", "https")
        assert send(target, *SCOPE, "--max-time", "0.4") == 28
    assert "--max-time: 0.4 seconds are over" in capfd.readouterr().err


@pytest.mark.slow
def test_max_time_counts_for_the_sending_too(tmp_path: Path) -> None:
    (tmp_path / "body").write_bytes(bytes(32 << 20))

    def read_nothing(connection: socket.socket) -> None:
        time.sleep(1)  # longer than --max-time

    with raw_server(read_nothing) as url:
        assert send(url, *SCOPE, "--max-time", "0.4", "--data-binary", f"@{tmp_path / 'body'}") == 28


def test_a_body_cut_off_under_tls_counts_as_incomplete(
    tls: ssl.SSLContext, capfd: pytest.CaptureFixture[str]
) -> None:
    def cut(connection: socket.socket) -> None:
        connection.recv(1 << 16)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\nhalf")  # it ends without close_notify

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
    assert "are sent unencrypted" in capfd.readouterr().err


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


# The exit codes are those of curl: https://everything.curl.dev/cmdline/exitcode.html
@pytest.mark.parametrize(
    ("stage", "code", "told"),
    [
        ("resolve", 6, "the host 'h' was not found: why"),
        ("connect", 7, "no connection to h port 81: why"),
        ("tls", 35, "no TLS session with h: why"),
        ("certificate", 60, "the certificate of h is not trusted: why"),
        ("send", 55, "the request could not be sent: why"),
        ("no-answer", 52, "no answer: why"),
        ("not-http", 8, "the answer is not HTTP: why"),
        ("receive", 56, "no answer could be received: why"),
        ("body", 18, "the body ended early: why"),
    ],
)
def test_each_stage_has_the_exit_code_of_curl(stage: str, code: int, told: str) -> None:
    found = _failure(ExchangeError("closed", "why", stage), split_url("http://h:81/"), None)
    assert (found.code, str(found)) == (code, told)


def test_a_fault_of_the_socket_has_the_code_for_receiving_and_the_time_limit_has_its_own() -> None:
    where = split_url("http://h/")
    for error, code, told in (
        (OSError(9, "why"), 56, "no answer could be received: [Errno 9] why"),
        (TimeoutError(), 28, "--max-time: 1.5 seconds are over"),
    ):
        found = _failure(error, where, 1.5)
        assert (found.code, str(found)) == (code, told)


def test_a_body_is_read_in_blocks_to_its_declared_length() -> None:
    assert list(body_blocks(None, 0)) == []
    assert list(body_blocks(b"abc", 3)) == [b"abc"]
    sizes = [len(block) for block in body_blocks(io.BytesIO(bytes(200_000)), 65536 * 2 + 1)]
    assert sizes == [65536, 65536, 1]
    with pytest.raises(Failure, match="became 3 bytes shorter while") as failed:
        list(body_blocks(io.BytesIO(b"ab"), 5))
    assert failed.value.code == 26

    class Broken(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise OSError(5, "Input/output error")

    with pytest.raises(Failure, match=r"^the body could not be read: Input/output error$") as failed:
        list(body_blocks(Broken(), 5))
    assert failed.value.code == 26


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (BrokenPipeError(32, "gone"), ""),
        (OSError(28, "No space"), "standard output could not be written: No space"),
    ],
)
def test_an_output_that_fails_is_23_and_dropped(
    monkeypatch: pytest.MonkeyPatch, error: OSError, told: str
) -> None:
    dropped: list[str] = []

    class Full(io.BytesIO):
        def write(self, block: Any, /) -> int:
            raise error

    answer: Any = SimpleNamespace(version=11, status=200, reason="", getheaders=list)
    options = Namespace(verbose=False, include=False, output=None)
    monkeypatch.setattr(sending_verb, "drop_output", lambda: dropped.append("it"))
    monkeypatch.setattr("sys.stdout", SimpleNamespace(buffer=Full()))
    if told:
        with pytest.raises(Failure, match=f"^{told}$") as failed:
            sending_verb._write(answer, iter([b"x"]), options)
        assert failed.value.code == 23
    else:
        assert sending_verb._write(answer, iter([b"x"]), options) == 23
    assert dropped == ["it"]
