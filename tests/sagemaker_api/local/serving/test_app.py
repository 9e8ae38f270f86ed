"""The ASGI application, message by message: what it refuses, and what it passes to the service or a notebook's server."""

from __future__ import annotations

import asyncio
import contextlib
from types import SimpleNamespace
from typing import Any

import pytest

for package in ("starlette", "uvicorn", "websockets"):
    pytest.importorskip(package, reason=f"{package} is not installed (extra `interop`)")

# ruff: noqa: E402 (the imports below need the packages that are looked for above)
from sagemaker_api.local.serving import app
from sagemaker_api.local.serving.app import Application
from sagemaker_api.local.serving.http_proxy import BackendFailed, HttpProxy, Message
from sagemaker_api.local.serving.jupyter import JupyterFailed
from sagemaker_api.local.serving.server import MAX_BODY, MAX_HEAD
from sagemaker_api.local.serving.websocket_proxy import BackendRefused
from sigv4 import Response, Signer

from ..without_sockets import AUTHORITY, BASE, Desk, cookie_of

pytestmark = pytest.mark.interop

NOTEBOOK = b"/notebook/nb/"


class Servers:
    """The ``backends``: returns the sockets ``paths`` one after the other; raises those that are errors."""

    def __init__(self, *paths: str | Exception) -> None:
        self.paths = list(paths)
        self.kept: list[frozenset[str]] = []
        self.asked: list[str] = []
        self.closed = 0
        self.before: Any = lambda: None

    async def socket(self, notebook: str) -> str:
        self.asked.append(notebook)
        self.before()
        path = self.paths.pop(0) if len(self.paths) > 1 else self.paths[0]
        if isinstance(path, Exception):
            raise path
        return path

    async def keep(self, notebooks: frozenset[str]) -> None:
        self.kept.append(notebooks)

    async def close(self) -> None:
        self.closed += 1


class World:
    """The application on a LocalSageMaker without sockets, and the messages that it sent."""

    def __init__(self, servers: Servers | None = None) -> None:
        self.desk = Desk()
        self.app = Application(self.desk.local, servers, look=0.0)
        self.sent: list[Message] = []

    async def call(
        self, raw_path: bytes, *messages: dict[str, Any], kind: str = "http", query: bytes = b"", **more: Any
    ) -> None:
        left = list(messages)
        scope: dict[str, Any] = {
            "type": kind,
            "raw_path": raw_path,
            "query_string": query,
            "headers": [(b"host", AUTHORITY.encode()), *more.pop("headers", ())],
            "client": ("127.0.0.1", 5),
            "subprotocols": [],
            "extensions": {"websocket.http.response": {}},
            **({"method": "GET"} if kind == "http" else {}),
            **more,
        }

        async def receive() -> dict[str, Any]:
            if not left:
                await asyncio.Event().wait()
            return left.pop(0)

        async def send(message: Message) -> None:
            self.sent.append(message)

        self.left = left
        await asyncio.wait_for(self.app(scope, receive, send), 60)

    def ask(self, raw_path: bytes, *messages: dict[str, Any], **more: Any) -> None:
        asyncio.run(self.call(raw_path, *messages, **more))

    @property
    def status(self) -> int:
        return int(self.sent[0]["status"])

    @property
    def headers(self) -> dict[bytes, bytes]:
        return dict(self.sent[0]["headers"])

    @property
    def body(self) -> bytes:
        return b"".join(each.get("body", b"") for each in self.sent[1:])

    def cookie(self) -> tuple[bytes, bytes]:
        return (b"cookie", cookie_of(self.desk.get(self.desk.mint())).encode())


def body(content: bytes = b"", more: bool = False) -> dict[str, Any]:
    return {"type": "http.request", "body": content, "more_body": more}


def head_of(size: int) -> list[tuple[bytes, bytes]]:
    """A header that gives the head, in HTTP/1.1, this many bytes."""
    return [(b"x-long", b"x" * (size - len(f"host: {AUTHORITY}\r\n") - len("x-long: \r\n")))]


@pytest.mark.parametrize(
    ("path", "headers", "status", "closes"),
    [
        (b"http://h/", [], 400, False),
        (b"*", [], 400, False),
        (b"/\xff", [], 400, False),
        (b"/sign-in", [(b"content-length", b"1"), (b"transfer-encoding", b"chunked")], 400, True),
        (b"/sign-in", [(b"content-length", b"0")], 200, False),
        (b"/sign-in", [(b"transfer-encoding", b"chunked")], 200, False),
        (b"/sign-in", head_of(MAX_HEAD), 200, False),
        (b"/sign-in", head_of(MAX_HEAD + 1), 431, False),
        (b"/sign-in", [(b"x-a", b"\xfc")], 200, False),
        (NOTEBOOK, [(b"host", b"evil.example")], 421, False),
    ],
)
@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_what_is_refused_before_anything_else(
    kind: str, path: bytes, headers: list[tuple[bytes, bytes]], status: int, closes: bool
) -> None:
    world = World(Servers("/s"))
    world.ask(path, body(), kind=kind, headers=headers)
    assert world.status == (404 if kind == "websocket" and status == 200 else status)
    assert (world.headers.get(b"connection") == b"close") is closes


def test_a_query_that_is_not_ascii_is_refused_and_another_belongs_to_the_target() -> None:
    world = World()
    world.ask(b"/sign-in", body(), query=b"\xff")
    assert world.status == 400
    world = World()
    url = world.desk.mint()
    path, _, query = url.encode().partition(b"?")
    world.ask(path, body(), query=query)
    assert (world.status, world.headers[b"location"]) == (302, NOTEBOOK)
    assert world.headers[b"date"] == b"Fri, 15 Jan 2027 08:00:00 GMT"
    assert world.headers[b"content-length"] == str(len(world.body)).encode()


def signed(world: World, content: bytes) -> list[tuple[bytes, bytes]]:
    signer = Signer("sagemaker", "us-east-1", world.desk.local.credentials)
    given = {"X-Amz-Target": "SageMaker.ListNotebookInstances"}
    headers = signer.sign("POST", f"{BASE}/", given, content, at=world.desk.now)
    return [(name.lower().encode(), value.encode()) for name, value in headers.items() if name != "Host"]


@pytest.mark.parametrize(
    ("size", "status"), [(0, 400), (2, 200), (MAX_BODY - 1, 200), (MAX_BODY, 200), (MAX_BODY + 1, 413)]
)
def test_a_body_of_up_to_one_mebibyte_is_read(size: int, status: int) -> None:
    world = World()
    content = b"{" + b" " * (size - 2) + b"}" if size else b"x"
    half = size // 2
    messages = body(content[:half], more=True), body(content[half:])
    world.ask(b"/", *messages, method="POST", headers=signed(world, content))
    assert world.status == status
    assert (world.headers.get(b"connection") == b"close") is (status == 413)


def test_bodies_have_room_for_16_mebibytes_and_give_it_back() -> None:
    world, content = World(), b"{" + b" " * (MAX_BODY - 2) + b"}"
    assert world.app._room.take(15 * MAX_BODY)
    for _ in range(2):
        world.sent.clear()
        world.ask(b"/", body(content), method="POST", headers=signed(world, content))
        assert world.status == 200
    assert world.app._room.take(1)
    world.sent.clear()
    world.ask(b"/", body(content), method="POST", headers=signed(world, content))
    assert world.status == 413
    world.app._room.give_back(15 * MAX_BODY + 1)
    assert world.app._room.take(16 * MAX_BODY)


def test_of_a_call_without_a_signature_the_body_is_not_read() -> None:
    world = World()
    world.ask(b"/", body(b"{}"), method="POST")
    assert (world.status, len(world.left)) == (400, 1)
    assert b"MissingAuthenticationToken" in world.body


def test_a_body_that_does_not_come_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "MESSAGE_SECONDS", 0.01)
    world = World()
    world.ask(b"/", body(b"{", more=True), method="POST", headers=signed(world, b"{}"))
    assert (world.status, world.headers[b"connection"]) == (408, b"close")


def test_a_client_that_disconnects_within_its_body_gets_nothing() -> None:
    world = World()
    gone = {"type": "http.disconnect"}
    world.ask(b"/", body(b"{", more=True), gone, method="POST", headers=signed(world, b"{}"))
    assert world.sent == []


def test_other_scopes_are_left_alone() -> None:
    world = World()
    world.ask(b"/", kind="lifespan")
    assert world.sent == []


@pytest.mark.parametrize("method", ["answer", "admit"])
def test_an_internal_error_is_reported_without_its_text(
    method: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    world = World(Servers("/s"))

    def broken(*_: object) -> Response:
        raise RuntimeError("a secret that no client may see")

    monkeypatch.setattr(type(world.desk.service), method, broken)
    world.ask(b"/sign-in" if method == "answer" else NOTEBOOK, body())
    assert (world.status, world.body) == (500, b'{"__type":"InternalFailure"}')
    said = capsys.readouterr().err
    assert said.startswith("local SageMaker: RuntimeError at ")
    assert "secret" not in said


def test_an_answer_is_delayed_as_the_service_says(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(type(world.desk.service), "delay", lambda service, request: 12.5)
    monkeypatch.setattr(app, "asyncio", SimpleNamespace(**{**vars(asyncio), "sleep": sleep}))
    world.ask(b"/sign-in", body())
    assert (world.status, slept) == (200, [12.5])


# --- notebooks


@pytest.mark.parametrize(
    ("error", "status", "words", "closes"),
    [
        (JupyterFailed("it ended <at> once"), 502, b"it ended &lt;at&gt; once", False),
        (BackendFailed("x"), 502, b"Jupyter gave no answer.", False),
        (BackendFailed("x", 504), 504, b"Jupyter took too long to answer.", False),
        (BackendFailed("x", 408), 408, b"Your request paused for too long.", True),
    ],
)
def test_a_notebook_s_server_that_fails_is_reported(
    error: Exception, status: int, words: bytes, closes: bool
) -> None:
    world = World(Servers(error))
    world.ask(NOTEBOOK, body(), headers=[world.cookie()])
    assert world.status == status
    assert words in world.body
    assert (world.headers.get(b"connection") == b"close") is closes


def test_another_fault_is_reported_and_not_said(capsys: pytest.CaptureFixture[str]) -> None:
    world = World(Servers(RuntimeError("a secret")))
    world.ask(NOTEBOOK, body(), headers=[world.cookie()])
    assert b"secret" not in world.body
    assert capsys.readouterr().err.startswith("local SageMaker: RuntimeError at ")


@pytest.mark.parametrize("path", [b"/sign-in", b"/notebook", b"/notebooks/nb/"])
def test_only_notebooks_have_a_notebook_server(path: bytes) -> None:
    servers = Servers("/s")
    world = World(servers)
    world.ask(path, body(), headers=[world.cookie()])
    assert servers.asked == []
    assert world.sent


def test_without_servers_a_page_is_shown() -> None:
    world = World()
    world.ask(NOTEBOOK, body(), headers=[world.cookie()])
    assert world.status == 200
    world = World()
    world.ask(NOTEBOOK, {"type": "websocket.connect"}, kind="websocket", headers=[world.cookie()])
    assert world.status == 404


@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_a_session_that_ends_while_jupyter_starts_opens_nothing(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    servers = Servers("/s")
    world = World(servers)
    servers.before = lambda: world.desk.local.set_policies([])
    passed: list[object] = []

    async def relay(*given: object) -> None:
        passed.append(given)

    async def forward(*given: object) -> None:
        passed.append(given)

    monkeypatch.setattr(app, "relay", relay)
    monkeypatch.setattr(HttpProxy, "forward", forward)
    connect = {"type": "websocket.connect"}
    world.ask(NOTEBOOK, connect, kind=kind, headers=[world.cookie()])
    assert (passed, servers.asked) == ([], ["nb"])
    assert [each.get("status") for each in world.sent[:1]] == ([403] if kind == "websocket" else [])


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize(
    ("cookie", "origin", "status"),
    [(False, b"http://" + AUTHORITY.encode(), 302), (True, b"http://evil.example", 403)],
)
def test_nobody_else_gets_to_it(kind: str, cookie: bool, origin: bytes, status: int) -> None:
    servers = Servers("/s")
    world = World(servers)
    headers = [(b"origin", origin), *([world.cookie()] if cookie else [])]
    more = {} if kind == "websocket" else {"method": "POST"}
    world.ask(NOTEBOOK, body(), kind=kind, headers=headers, **more)
    assert (world.status, servers.asked) == (status, [])


def test_the_connections_to_a_server_are_kept_until_it_is_another(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []

    class Proxy:
        def __init__(self, path: str, clock: Any, limits: Any) -> None:
            self.path, self.closed, self.forwarded = path, 0, 0
            self.given = clock, limits
            made.append(self)

        async def forward(self, *given: Any) -> None:
            self.forwarded += 1
            self.look = given[-1]

        async def close(self) -> None:
            self.closed += 1

    monkeypatch.setattr(app, "HttpProxy", Proxy)
    servers = Servers("/one", "/one", "/two")
    world = World(servers)
    for _ in range(3):
        world.ask(NOTEBOOK, body(), headers=[world.cookie()])
    assert [(each.path, each.forwarded, each.closed) for each in made] == [("/one", 2, 1), ("/two", 1, 0)]
    assert made[0].given == (world.desk.local.clock, app.DEFAULT_LIMITS)
    assert made[0].look == 0.0
    asyncio.run(world.app.close())
    assert [each.closed for each in made] == [1, 1]
    assert servers.closed == 1


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (BackendRefused(404), 404),
        (BackendRefused(504), 504),
        (JupyterFailed("x"), 502),
        (RuntimeError("a secret"), 500),
    ],
)
def test_a_websocket_that_does_not_open_is_told_by_the_status(
    error: Exception, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    world = World(Servers(error))
    world.ask(NOTEBOOK, {"type": "websocket.connect"}, kind="websocket", headers=[world.cookie()])
    assert world.status == status
    assert world.sent[0]["type"] == "websocket.http.response.start"
    assert world.left == []
    assert ("RuntimeError" in capsys.readouterr().err) is (status == 500)


def test_a_websocket_is_relayed_to_the_server_of_its_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    world, relayed = World(Servers("/behind")), []

    async def relay(*given: Any) -> None:
        relayed.append(given)

    monkeypatch.setattr(app, "relay", relay)
    world.ask(NOTEBOOK, {"type": "websocket.connect"}, kind="websocket", headers=[world.cookie()])
    ((admitted, scope, _, _, path, look, limits),) = relayed
    assert (admitted.session.notebook, admitted.client.address, admitted.request.method) == (
        "nb",
        "127.0.0.1",
        "GET",
    )
    assert (scope["type"], path, look, limits) == ("websocket", "/behind", 0.0, app.DEFAULT_LIMITS)
    assert world.sent == []


def test_the_servers_are_told_which_instances_are_in_service() -> None:
    servers = Servers("/s")
    world = World(servers)

    async def watch() -> None:
        watching = asyncio.ensure_future(world.app.keep_up())
        while not servers.kept:
            await asyncio.sleep(0)
        world.desk.local.instances.set_status("nb", "Stopped")
        while servers.kept[-1]:
            await asyncio.sleep(0)
        watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watching

    asyncio.run(asyncio.wait_for(watch(), 60))
    assert servers.kept[0] == frozenset({"nb"})
    asyncio.run(asyncio.wait_for(World().app.keep_up(), 60))  # without servers there is nothing to do


def test_a_request_without_a_known_address_is_not_of_this_machine() -> None:
    for client, status in ((("127.0.0.1", 5), 200), (None, 403), (("203.0.113.1", 5), 403)):
        world = World()
        world.ask(world.desk.service.control.path.encode(), body(), client=client)
        assert world.status == status
