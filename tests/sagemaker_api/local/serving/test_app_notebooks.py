"""The ASGI application, message by message: what it passes to the servers of the notebooks, and what it tells them."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import pytest

for package in ("starlette", "uvicorn", "websockets"):
    pytest.importorskip(package, reason=f"{package} is not installed (extra `interop`)")

# ruff: noqa: E402 (the imports below need the packages that are looked for above)
from sagemaker_api.local.serving import app
from sagemaker_api.local.serving.http_proxy import BackendFailed, HttpProxy
from sagemaker_api.local.serving.jupyter import JupyterFailed
from sagemaker_api.local.serving.websocket_proxy import BackendRefused
from tests.sagemaker_api.local.serving.world import NOTEBOOK, Servers, World, body

from ..without_sockets import AUTHORITY

pytestmark = pytest.mark.interop


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


def test_another_fault_is_reported_without_its_text_in_the_answer(capsys: pytest.CaptureFixture[str]) -> None:
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
def test_no_other_request_reaches_the_notebook_server(
    kind: str, cookie: bool, origin: bytes, status: int
) -> None:
    servers = Servers("/s")
    world = World(servers)
    headers = [(b"origin", origin), *([world.cookie()] if cookie else [])]
    more = {} if kind == "websocket" else {"method": "POST"}
    world.ask(NOTEBOOK, body(), kind=kind, headers=headers, **more)
    assert (world.status, servers.asked) == (status, [])


def test_the_connections_to_a_server_are_kept_until_another_replaces_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
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
def test_a_websocket_that_does_not_open_is_reported_by_the_status(
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


def test_a_request_without_a_known_address_is_not_from_this_machine() -> None:
    for client, status in ((("127.0.0.1", 5), 200), (None, 403), (("203.0.113.1", 5), 403)):
        world = World()
        world.ask(world.desk.service.control.path.encode(), body(), client=client)
        assert world.status == status
