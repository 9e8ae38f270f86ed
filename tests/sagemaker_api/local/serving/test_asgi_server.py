"""The local SageMaker under uvicorn: the same answers, and the traffic to and from a notebook server."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

for package in ("starlette", "uvicorn", "websockets"):
    pytest.importorskip(package, reason=f"{package} is not installed (extra `interop`)")

# ruff: noqa: E402 (the imports below need the packages that are looked for above)
from sagemaker_api import SageMaker
from sagemaker_api.errors import ConfigError, ServiceError
from sagemaker_api.local import EXAMPLE, LocalSageMaker, asgi
from sagemaker_api.local.serving import asgi_server
from sigv4 import Signer
from tests.waiting import wait_until

from ..behind import Http
from ..visitor import cookie_of, minted, served

pytestmark = pytest.mark.interop

NOTEBOOK = "/notebook/nb/"


@pytest.fixture
def local(tmp_path: Path) -> Iterator[LocalSageMaker]:
    with Http(tmp_path / "s") as behind, served(behind) as running:
        yield running


def exchange(local: LocalSageMaker, raw: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", local.port), timeout=60) as connection:
        connection.sendall(raw)
        answer = b""
        while block := connection.recv(65536):
            answer += block
    return answer


def visit(local: LocalSageMaker, method: str = "GET", path: str = NOTEBOOK, **more: Any) -> httpx.Response:
    headers = {"Cookie": cookie_of(local), "Origin": local.url, **more.pop("headers", {})}
    return httpx.request(method, local.url + path, headers=headers, **more)


def seen(answer: httpx.Response) -> dict[str, str]:
    return {name.lower(): value for name, value in answer.json()["headers"]}


def test_the_api_is_the_same() -> None:
    with LocalSageMaker({"nb": "Stopped"}, server=asgi()) as local:
        client = SageMaker(region_name=local.region, endpoint_url=local.url, credentials=local.credentials)
        client.call("StartNotebookInstance", {"NotebookInstanceName": "nb"})
        assert client.call("DescribeNotebookInstance", {"NotebookInstanceName": "nb"})[
            "NotebookInstanceStatus"
        ] in ("Pending", "InService")
        with pytest.raises(ServiceError) as refused:
            client.create_presigned_notebook_instance_url(NotebookInstanceName="nobody")
        assert refused.value.code == "ValidationException"
        page = httpx.get(minted(local), follow_redirects=False)
        assert (page.status_code, page.headers["location"]) == (302, NOTEBOOK)
        assert httpx.get(f"{local.url}/sign-in").status_code == 200


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_no_answer_waits_for_an_acknowledgement(host: str) -> None:
    """TCP_NODELAY is set on every connection, HTTP and WebSocket: without it answers would take 40 ms more."""
    with (
        LocalSageMaker({"nb": "InService"}, host=host, server=asgi()) as local,
        socket.create_connection((host, local.port), timeout=60) as connection,
    ):
        connection.sendall(f"GET /sign-in HTTP/1.1\r\nHost: {local.url[7:]}\r\n\r\n".encode())
        assert connection.recv(4096).startswith(b"HTTP/1.1 200")
        server: Any = local._server
        (held,) = server._server.server_state.connections  # uvicorn's
        accepted = held.transport.get_extra_info("socket")
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0


def test_a_used_port_is_reported() -> None:
    with LocalSageMaker({}, server=asgi()) as local, pytest.raises(ConfigError, match="cannot listen"):
        LocalSageMaker({}, port=local.port, server=asgi())


def test_the_date_of_an_answer_is_that_of_the_moved_clock(local: LocalSageMaker) -> None:
    local.clock.move(-86400 * 3650)
    assert httpx.get(f"{local.url}/sign-in").headers["date"].split()[3] in ("2016", "2017")


def test_the_signature_is_checked_for_the_target_as_received(local: LocalSageMaker) -> None:
    for target in ("/", "/%2e/?a=%20b&c", "/a%2Fb"):
        headers = Signer("sagemaker", local.region, EXAMPLE, clock=local.clock).sign(
            "POST", local.url + target, {"X-Amz-Target": "SageMaker.ListNotebookInstances"}, b"{}"
        )
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        raw = f"POST {target} HTTP/1.1\r\n{lines}Content-Length: 2\r\nConnection: close\r\n\r\n{{}}"
        assert b" 200 " in exchange(local, raw.encode()).partition(b"\r\n")[0], target


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"GET /sign-in HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n", 421),
        (b"GET http://evil.example/ HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: {host}\r\nHost: {host}\r\n\r\n", 400),
        (b"GET /\xff HTTP/1.1\r\nHost: {host}\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: {host}\r\nX: " + b"x" * 70_000 + b"\r\nConnection: close\r\n\r\n", 431),
        (
            b"POST / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: 2000000\r\n\r\n"
            + b"x" * 2_000_000,
            413,
        ),
    ],
)
def test_invalid_input_is_refused(local: LocalSageMaker, raw: bytes, status: int) -> None:
    try:
        answer = exchange(local, raw.replace(b"{host}", f"127.0.0.1:{local.port}".encode()))
    except ConnectionResetError:  # the server stopped reading a message that is too large
        assert status in (413, 431)
        return
    assert int(answer.split(b" ")[1]) == status
    assert b"Traceback" not in answer


def test_a_head_that_arrives_too_slowly_is_not_waited_for(
    local: LocalSageMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asgi_server, "MESSAGE_SECONDS", 0.5)
    with socket.create_connection(("127.0.0.1", local.port), timeout=60) as connection:

        def send_for_a_minute() -> None:
            for _ in range(1200):
                connection.sendall(b"G")
                time.sleep(0.05)

        with pytest.raises(OSError):  # noqa: PT011 (reset or broken pipe: it depends on the system)
            send_for_a_minute()


def test_no_secret_is_passed_on(local: LocalSageMaker) -> None:
    cookie = cookie_of(local)
    url = minted(local)
    answer = visit(
        local,
        headers={
            "Cookie": f"a=1; {cookie}; local-sagemaker-1=other; _xsrf=2",
            "Authorization": "AWS4-HMAC-SHA256 Credential=x",
            "Referer": url,
            "X-Forwarded-For": "203.0.113.1",
            "Forwarded": "for=203.0.113.1",
            "X-Real-Ip": "203.0.113.1",
            "Connection": "close, X-Hop",
            "X-Hop": "1",
            "X-Own": "kept",
        },
    )
    headers = seen(answer)
    assert headers["cookie"] == "a=1; _xsrf=2"
    assert headers["host"] == headers["x-forwarded-host"] == f"127.0.0.1:{local.port}"
    assert (headers["x-forwarded-for"], headers["x-forwarded-proto"]) == ("127.0.0.1", "http")
    assert headers["origin"] == local.url
    assert headers["x-own"] == "kept"
    assert {"authorization", "referer", "forwarded", "x-real-ip", "x-hop"} & set(headers) == set()
    assert "authToken" not in answer.text
    opened = httpx.get(url)
    assert (opened.status_code, opened.headers["location"]) == (302, NOTEBOOK)


def test_targets_and_bodies_are_passed_on_unchanged(local: LocalSageMaker) -> None:
    path = "/notebook/nb/a%2Fb/%C3%BC?x=%20y&z"
    assert visit(local, path=path).json()["target"] == path
    assert visit(local, "PUT", content=b"x" * 3_000_000).json()["body"] == 3_000_000
    assert visit(local, "POST", content=iter([b"x" * 70_000] * 5)).json()["body"] == 350_000
    assert visit(local, "HEAD").status_code == 200
    assert visit(local, headers={"X-Status": "404"}).status_code == 404


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("_xsrf=1; Path=/", "_xsrf=1; Path=/notebook/nb/; SameSite=Lax"),
        (
            "a=b; Domain=example.com; HttpOnly; Path=/notebook/nb/files",
            "a=b; HttpOnly; Path=/notebook/nb/files; SameSite=Lax",
        ),
        ("a=b; SameSite=Strict", "a=b; Path=/notebook/nb/; SameSite=Strict"),
        ("local-sagemaker-9=stolen; Path=/", None),
    ],
)
def test_a_cookie_of_the_notebook_server_is_limited_to_the_notebook(
    local: LocalSageMaker, given: str, sent: str | None
) -> None:
    answer = visit(local, headers={"X-Answer": json.dumps([["Set-Cookie", given]])})
    assert answer.headers.get("set-cookie") == sent


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("/notebook/nb/lab", "/notebook/nb/lab"),
        ("http://{host}/notebook/nb/lab?a=b", "/notebook/nb/lab?a=b"),
        ("//{host}/x", "/x"),
        ("//evil.example/", "/evil.example/"),
        ("/\\evil.example/", "/evil.example/"),
        ("lab", "lab"),
    ],
)
def test_a_redirect_stays_at_the_proxy(local: LocalSageMaker, given: str, sent: str) -> None:
    location = given.replace("{host}", f"127.0.0.1:{local.port}")
    answer = visit(local, headers={"X-Status": "302", "X-Answer": json.dumps([["Location", location]])})
    assert (answer.status_code, answer.headers["location"]) == (302, sent)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("origin", ["http://127.0.0.1:1", "http://evil.example", "null"])
def test_a_page_of_another_origin_changes_nothing(local: LocalSageMaker, method: str, origin: str) -> None:
    assert visit(local, method, headers={"Origin": origin}).status_code == 403


def test_nothing_passes_without_a_live_session(local: LocalSageMaker) -> None:
    assert httpx.get(local.url + NOTEBOOK).headers["location"] == "/sign-in"
    cookie = cookie_of(local)
    assert httpx.get(local.url + NOTEBOOK, headers={"Cookie": cookie}).status_code == 200
    local.set_policies([])
    assert httpx.get(local.url + NOTEBOOK, headers={"Cookie": cookie}).status_code == 403
    local.set_policies(None)
    local.clock.move(43201)
    answer = httpx.get(local.url + NOTEBOOK, headers={"Cookie": cookie})
    assert (answer.status_code, answer.headers["location"]) == (302, "/sign-in")


def test_a_notebook_server_that_is_gone_is_a_502(tmp_path: Path) -> None:
    behind = Http(tmp_path / "nothing")
    with served(behind) as local:
        assert visit(local).status_code == 502


def test_an_answer_breaks_off_when_its_session_ends(tmp_path: Path) -> None:
    """The download never ends by itself while the client reads."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s"))
        listener.listen()
        behind = Http(tmp_path / "s")
        with served(behind) as local:
            cookie = cookie_of(local)
            raw = f"GET {NOTEBOOK} HTTP/1.1\r\nHost: 127.0.0.1:{local.port}\r\nCookie: {cookie}\r\n\r\n"
            with socket.create_connection(("127.0.0.1", local.port), timeout=60) as reader:
                reader.sendall(raw.encode())
                server, _ = listener.accept()
                with server:
                    server.recv(65536)
                    server.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nfirst")
                    got = b""
                    while b"first" not in got:
                        got += reader.recv(65536)
                    local.set_policies([])
                    server.sendall(b"second")
                    rest = b""
                    while block := reader.recv(65536):
                        rest += block
                    assert rest == b""


def test_the_notebook_servers_are_told_which_instances_are_in_service(tmp_path: Path) -> None:
    with Http(tmp_path / "s") as behind, served(behind, look=0.05) as local:
        wait_until(lambda: frozenset({"nb"}) in behind.kept)
        local.instances.set_status("nb", "Stopped")
        wait_until(lambda: behind.kept[-1] == frozenset())


def test_an_answer_that_is_passed_back_has_the_date_of_the_endpoint_and_no_effect_beyond_the_notebook(
    local: LocalSageMaker,
) -> None:
    local.clock.move(-300_000_000)
    answered = [["Date", "Thu, 01 Jan 1970 00:00:00 GMT"], ["Service-Worker-Allowed", "/"]]
    answer = visit(local, headers={"X-Answer": json.dumps([*answered, ["Clear-Site-Data", '"*"']])})
    assert answer.status_code == 200
    (date,) = answer.headers.get_list("date")
    assert date.split()[3] in ("2016", "2017")
    assert "service-worker-allowed" not in answer.headers
    assert "clear-site-data" not in answer.headers
