"""The ASGI application, message by message: what it refuses, and what it passes to the service."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest

for package in ("starlette", "uvicorn", "websockets"):
    pytest.importorskip(package, reason=f"{package} is not installed (extra `interop`)")

# ruff: noqa: E402 (the imports below need the packages that are looked for above)
from sagemaker_api.local.serving import app
from sagemaker_api.local.serving.server import MAX_BODY, MAX_HEAD
from sigv4 import Response, Signer
from tests.sagemaker_api.local.serving.world import NOTEBOOK, Servers, World, body

from ..without_sockets import AUTHORITY, BASE

pytestmark = pytest.mark.interop


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


def test_all_bodies_together_have_at_most_16_mebibytes() -> None:
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


def test_the_body_of_a_call_without_a_signature_is_not_read() -> None:
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


def test_other_scopes_are_passed_on_unchanged() -> None:
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
