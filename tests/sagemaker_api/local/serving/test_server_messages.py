"""The threaded server, message by message: limits of heads and bodies, and when a connection ends."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from sagemaker_api.local.serving.bodies import BodyRoom, is_unsigned_call
from sagemaker_api.local.serving.server import MAX_BODY, MAX_HEAD, Server, hosts_of
from sigv4 import Request, Response
from tests.waiting import wait_until

NOW = 1_800_000_000.0
SIGNED = "Authorization: AWS4-HMAC-SHA256 x\r\n"
GET = "GET /{name} HTTP/1.1\r\nHost: {host}\r\n\r\n"


class Served:
    """Answers with the method, the target and the length of the body; ``/fault`` raises."""

    def __init__(self) -> None:
        self.requests: list[Request] = []

    def answer(self, request: Request, peer: str) -> Response:
        self.requests.append(request)
        assert peer == "127.0.0.1"
        if request.url == "/fault":
            raise RuntimeError("a secret")
        return Response(200, [("X-Url", request.url), ("X-Bytes", b"x")], b"%d" % len(request.body))


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[Server, Served]]:
    made, served = Server("127.0.0.1", 0, lambda: NOW), Served()
    made.start(served)
    yield made, served
    made.stop()


def exchange(server: Server, text: str, body: bytes = b"") -> list[tuple[int, dict[str, str], bytes]]:
    """The answers to ``text`` and then ``body``; {host} in ``text`` is replaced by the server's host."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        connection.sendall(text.replace("{host}", server.authority).encode("latin-1") + body)
        connection.shutdown(socket.SHUT_WR)
        received = b""
        while block := connection.recv(65536):
            received += block
    answers = []
    while received:
        head, _, received = received.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}
        length = int(headers.get("content-length", 0))
        answers.append((int(lines[0].split()[1]), headers, received[:length]))
        received = received[length:]
    return answers


def statuses(server: Server, text: str, body: bytes = b"") -> list[int]:
    return [status for status, _, _ in exchange(server, text, body)]


def test_an_answer_has_its_length_and_the_date_of_the_clock(server: tuple[Server, Served]) -> None:
    (answer,) = exchange(server[0], GET.replace("{name}", "a?b"))
    assert answer == (
        200,
        {"date": "Fri, 15 Jan 2027 08:00:00 GMT", "x-url": "/a?b", "content-length": "1"},
        b"0",
    )
    found = exchange(server[0], "POST /x HTTP/1.1\r\nHost: {host}\r\nContent-Length: 2\r\n\r\n", b"{}")
    assert found[0][2] == b"2"


@pytest.mark.parametrize(
    ("options", "count"),
    [("", 2), ("Connection: keep-alive\r\n", 2), ("Connection: Close\r\n", 1), ("Connection: a, close ,b\r\n", 1), ("Connection: a\r\nConnection: close\r\n", 1), ("Connection: closed\r\n", 2)],
)  # fmt: skip
def test_a_connection_stays_open_unless_it_is_asked_to_end(
    server: tuple[Server, Served], options: str, count: int
) -> None:
    first = f"GET /a HTTP/1.1\r\nHost: {{host}}\r\n{options}\r\n"
    found = exchange(server[0], first + GET.replace("{name}", "b"))
    assert [headers["x-url"] for _, headers, _ in found] == ["/a", "/b"][:count]
    assert [headers.get("connection") for _, headers, _ in found] == ([None] * 2 if count == 2 else ["close"])


def test_a_body_that_was_not_read_is_never_a_request(server: tuple[Server, Served]) -> None:
    """The body of a call without a signature is not read; a request inside it must get no answer."""
    smuggled = GET.replace("{name}", "smuggled").replace("{host}", server[0].authority).encode()
    head = f"POST / HTTP/1.1\r\nHost: {{host}}\r\nContent-Length: {len(smuggled)}\r\n\r\n"
    found = exchange(server[0], head, smuggled + smuggled)
    assert [(status, headers["x-url"], headers["connection"]) for status, headers, _ in found] == [
        (200, "/", "close")
    ]
    signed = head.replace("\r\n\r\n", f"\r\n{SIGNED}\r\n")
    found = exchange(server[0], signed, smuggled + smuggled)
    assert [headers["x-url"] for _, headers, _ in found] == ["/", "/smuggled"]
    assert found[0][2] == str(len(smuggled)).encode()
    none = f"POST / HTTP/1.1\r\nHost: {{host}}\r\nContent-Length: 0\r\n\r\n{GET.replace('{name}', 'b')}"
    assert [headers["x-url"] for _, headers, _ in exchange(server[0], none)] == ["/", "/b"]


@pytest.mark.parametrize(
    ("length", "status"),
    [("0", 200), ("5", 200), ("05", 200), (str(MAX_BODY + 1), 413), ("9" * 12, 413), ("9" * 13, 413), ("-1", 400), ("+5", 400), ("5,5", 400), ("", 400), ("²", 400), ("5_0", 400), ("6", 400)],
)  # fmt: skip
def test_the_length_of_a_body(server: tuple[Server, Served], length: str, status: int) -> None:
    head = f"POST /x HTTP/1.1\r\nHost: {{host}}\r\nContent-Length: {length}\r\n\r\n"
    assert statuses(server[0], head, b"" if length == "0" else b"12345") == [status]


def test_a_body_of_one_mebibyte_is_read_and_then_not_counted(server: tuple[Server, Served]) -> None:
    head = f"POST /x HTTP/1.1\r\nHost: {{host}}\r\nContent-Length: {MAX_BODY}\r\n\r\n"
    for _ in range(2):
        assert exchange(server[0], head, b"x" * MAX_BODY)[0][2] == str(MAX_BODY).encode()
    assert server[0].room.take(16 * MAX_BODY - 4)
    head = "POST /x HTTP/1.1\r\nHost: {host}\r\nContent-Length: 5\r\n\r\n"
    try:
        assert statuses(server[0], head, b"12345") == [503]
    finally:
        server[0].room.give_back(16 * MAX_BODY - 4)
    assert statuses(server[0], head, b"123") == [400]
    assert server[0].room.take(16 * MAX_BODY)
    server[0].room.give_back(16 * MAX_BODY)


@pytest.mark.parametrize(("size", "status"), [(MAX_HEAD, 200), (MAX_HEAD + 1, 431)])
def test_the_size_of_a_head(server: tuple[Server, Served], size: int, status: int) -> None:
    start = f"GET / HTTP/1.1\r\nHost: {server[0].authority}\r\nX: "
    assert statuses(server[0], f"{start}{'x' * (size - len(start) - 4)}\r\n\r\n") == [status]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("\r\n\r\n" + GET, [200]),
        ("GET / HTTP/1.1\nHost: {host}\r\n\r\n", [400]),
        ("GET / HTTP/1.1\r\nHost: {host}\r\n", [400]),
        ("GET / HTTP/1.0\r\nHost: {host}\r\n\r\n", [505]),
        ("GET / HTTP/2\r\nHost: {host}\r\n\r\n", [505]),
        ("GET * HTTP/1.1\r\nHost: {host}\r\n\r\n", [400]),
        ("GET http://{host}/ HTTP/1.1\r\nHost: {host}\r\n\r\n", [400]),
        ("GET / HTTP/1.1\r\n\r\n", [421]),
        ("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", [421]),
        ("GET / HTTP/1.1\r\nHost: {host}\r\nHost: {host}\r\n\r\n", [421]),
        ("GET / HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n\r\n", [501]),
        ("GET / HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: x\r\nContent-Length: 1\r\n\r\n1", [400]),
        ("GET / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n1", [400]),
        ("PUT /x HTTP/1.1\r\nHost: {host}\r\nExpect: 100-CONTINUE\r\nContent-Length: 1\r\n\r\n1", [100, 200]),
        ("GET / HTTP/1.1\r\nHost: {host}\r\nExpect: 100-continue\r\n\r\n", [200]),
        ("PUT /x HTTP/1.1\r\nHost: {host}\r\nExpect: tea\r\nContent-Length: 1\r\n\r\n1", [417]),
        ("", []),
    ],
)
def test_the_status_of_a_message(server: tuple[Server, Served], text: str, found: list[int]) -> None:
    assert statuses(server[0], text.replace("{name}", "")) == found


def test_head_has_no_body(server: tuple[Server, Served]) -> None:
    with socket.create_connection(("127.0.0.1", server[0].port), timeout=60) as connection:
        connection.sendall(f"HEAD /a HTTP/1.1\r\nHost: {server[0].authority}\r\n\r\n".encode())
        connection.shutdown(socket.SHUT_WR)
        received = b""
        while block := connection.recv(65536):
            received += block
    assert received.endswith(b"Content-Length: 1\r\n\r\n")


def test_a_fault_is_answered_without_its_text(
    server: tuple[Server, Served], capsys: pytest.CaptureFixture[str]
) -> None:
    (answer,) = exchange(server[0], GET.replace("{name}", "fault"))
    assert (answer[0], answer[2]) == (500, b'{"__type":"InternalFailure"}')
    assert answer[1]["content-type"] == "application/x-amz-json-1.1"
    said = capsys.readouterr().err
    assert said.startswith(f"local SageMaker: RuntimeError at {__file__}:")
    assert said.endswith(": an error in the endpoint, not in your request\n")


@pytest.mark.parametrize(
    ("host", "port", "authority", "hosts"),
    [
        ("127.0.0.1", 8080, "127.0.0.1:8080", "127.0.0.1:8080 localhost:8080 [::1]:8080"),
        ("::1", 81, "[::1]:81", "127.0.0.1:81 localhost:81 [::1]:81"),
        ("LAN", 79, "LAN:79", "lan:79 127.0.0.1:79 localhost:79 [::1]:79"),
        ("127.0.0.1", 80, "127.0.0.1:80", "127.0.0.1:80 localhost:80 [::1]:80 127.0.0.1 localhost [::1]"),
    ],
)
def test_the_hosts_of_a_server(host: str, port: int, authority: str, hosts: str) -> None:
    assert hosts_of(host, port) == (authority, frozenset(hosts.split()))


def test_the_limit_for_all_bodies() -> None:
    room = BodyRoom(10)
    assert room.take(4)
    assert not room.take(7)
    assert room.take(6)
    assert room.take(0)
    assert not room.take(1)
    room.give_back(3)
    assert room.take(3)


@pytest.mark.parametrize(
    ("method", "url", "headers", "unsigned"),
    [
        ("POST", "/", {}, True),
        ("PUT", "/?a=b", {}, True),
        ("GET", "/", {}, False),
        ("HEAD", "/", {}, False),
        ("POST", "/x", {}, False),
        ("POST", "/?X-Amz-Signature=x", {}, False),
        ("POST", "/", {"Authorization": "x"}, False),
    ],
)
def test_which_calls_have_no_signature(
    method: str, url: str, headers: dict[str, str], unsigned: bool
) -> None:
    assert is_unsigned_call(Request(method, url, headers)) is unsigned


def test_a_connection_that_has_ended_is_forgotten(server: tuple[Server, Served]) -> None:
    """Otherwise connections that have ended would count as open, and fill the limit."""
    with socket.create_connection(("127.0.0.1", server[0].port), timeout=60) as connection:
        connection.sendall(b"G")
        wait_until(lambda: server[0]._open)
    for _ in range(3):
        assert statuses(server[0], GET.replace("{name}", "")) == [200]
    wait_until(lambda: not server[0]._open)
