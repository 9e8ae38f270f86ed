"""The servers of the notebook instances: one each, started when asked for and ended with its instance.

Here a small program replaces Jupyter; test_jupyter.py runs the real one.
"""

from __future__ import annotations

import asyncio
import shutil
import stat
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from sagemaker_api.errors import ConfigError
from sagemaker_api.local.serving import jupyter
from sagemaker_api.local.serving.jupyter import JupyterFailed, Jupyters
from sigv4 import MissingDependency

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no Unix sockets")

# A server: its arguments are the status of all answers, the path of its socket, and the URL.
PROGRAM = """
import socket, sys
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[2])
listener.listen()
while True:
    connection, _ = listener.accept()
    asked = b""
    while not asked.endswith(b"\\r\\n\\r\\n"):
        asked += connection.recv(65536)
    target = f"GET {sys.argv[3]}api HTTP/1.1".encode()
    status = sys.argv[1].encode() if asked.startswith(target) else b"404"
    connection.sendall(b"HTTP/1.1 " + status + b" x\\r\\n\\r\\n")
    connection.close()
"""


@pytest.fixture
def notebooks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The directory of the notebooks; each server is the program above, and answers with 200."""
    monkeypatch.setattr(jupyter, "find_spec", lambda name: object())
    stand_in(monkeypatch, PROGRAM, "200")
    (tmp_path / "notebooks").mkdir()
    return tmp_path / "notebooks"


def stand_in(patch: pytest.MonkeyPatch, program: str, *arguments: str) -> None:
    def command(url: str, socket: str, root: Path) -> list[str]:
        return [sys.executable, "-I", "-S", "-c", program, *arguments, socket, url]

    patch.setattr(jupyter, "_command", command)


def run(notebooks: Path, use: Callable[[Jupyters], Awaitable[None]]) -> None:
    async def whole() -> None:
        servers = Jupyters(notebooks)
        try:
            await use(servers)
        finally:
            await servers.close()

    asyncio.run(asyncio.wait_for(whole(), 120))


class Started:
    """Replaces a server, and records its calls. The last one to end removes the private directory."""

    running: list[Started]

    def __init__(self, notebook: str, directory: Path, private: str) -> None:
        self.socket = f"{private}/{notebook}-{len(list(Path(private).iterdir()))}"
        Path(self.socket).touch()
        self.given = (notebook, directory)
        self.is_ready = False
        self.alive = True
        self.running.append(self)

    async def ready(self) -> None:
        await asyncio.sleep(0)
        self.is_ready = True

    def end(self) -> None:
        self.running.remove(self)
        if not self.running:
            shutil.rmtree(Path(self.socket).parent)


@pytest.fixture
def started(notebooks: Path, monkeypatch: pytest.MonkeyPatch) -> list[Started]:
    monkeypatch.setattr(Started, "running", [], raising=False)
    monkeypatch.setattr(jupyter, "_Jupyter", Started)
    return Started.running


def test_one_server_for_each_instance_and_another_when_it_has_ended(
    notebooks: Path, started: list[Started]
) -> None:
    async def use(servers: Jupyters) -> None:
        one, same, other = await asyncio.gather(*(servers.socket(name) for name in ("nb", "nb", "two")))
        assert one == same != other
        assert Path(one).parent == Path(other).parent
        assert [(each.given, each.is_ready) for each in started] == [
            ((name, notebooks), True) for name in ("nb", "two")
        ]
        started[0].alive = False
        assert await servers.socket("nb") != one
        assert await servers.socket("two") == other
        assert [each.given[0] for each in started] == ["two", "nb"]
        await servers.close()
        assert started == []
        assert not Path(one).parent.exists()

    run(notebooks, use)


def test_the_servers_of_other_instances_are_ended(notebooks: Path, started: list[Started]) -> None:
    async def use(servers: Jupyters) -> None:
        kept, _ = await servers.socket("nb"), await servers.socket("two")
        await servers.keep(frozenset({"nb", "three"}))
        assert [each.socket for each in started] == [kept]
        await servers.keep(frozenset())
        assert started == []
        again = Path(await servers.socket("nb"))  # in a new private directory
        assert again.exists()
        assert again.parent != Path(kept).parent

    run(notebooks, use)


@pytest.mark.slow
def test_a_server_is_started_once_and_again_when_it_has_ended(notebooks: Path) -> None:
    async def use(servers: Jupyters) -> None:
        one, same, other = await asyncio.gather(*(servers.socket(name) for name in ("nb", "nb", "two")))
        assert one == same != other
        assert [each.name for each in sorted(notebooks.iterdir())] == ["nb", "two"]
        private = Path(one).parent.parent
        assert Path(other).parent.parent == private
        for directory in (private, Path(one).parent):
            assert stat.S_IMODE(directory.stat().st_mode) == 0o700
        assert servers._running["nb"].alive
        await asyncio.to_thread(servers._running["nb"].end)
        assert servers._running["nb"]._supervisor.poll() is not None
        assert not Path(one).parent.exists()
        again = await servers.socket("nb")
        assert again != one
        assert again == await servers.socket("nb")
        assert other == await servers.socket("two")
        await servers.close()
        assert not private.exists()
        assert servers._private == ""

    run(notebooks, use)


@pytest.mark.slow
def test_only_the_servers_of_instances_in_service_are_kept(notebooks: Path) -> None:
    async def use(servers: Jupyters) -> None:
        kept, other = await servers.socket("nb"), await servers.socket("two")
        await servers.keep(frozenset({"nb", "three"}))
        assert (Path(kept).exists(), Path(other).exists()) == (True, False)
        assert sorted(servers._running) == ["nb"]
        await servers.keep(frozenset())
        assert sorted(servers._running) == []
        # The last supervisor has removed the private directory: a new one is made for the next server.
        assert Path(await servers.socket("nb")).exists()

    run(notebooks, use)


async def _ask(servers: Jupyters) -> None:
    await servers.socket("nb")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("program", "said"),
    [
        (r"print('one'); print('two  \n')", "/notebook/nb/ ended at once; its last output: two"),
        ("print('x' * 600)", "ended at once; its last output: " + "x" * 500 + "$"),
        ("pass", "ended at once; it printed nothing"),
        ("import sys; sys.stderr.write('bad')", "ended at once; its last output: bad"),
        (r"import os; os.write(1, b'\xff')", "ended at once; its last output: �"),
    ],
)
def test_a_server_that_ends_at_once_says_why(
    notebooks: Path, monkeypatch: pytest.MonkeyPatch, program: str, said: str
) -> None:
    stand_in(monkeypatch, program)
    with pytest.raises(JupyterFailed, match=said):
        run(notebooks, _ask)


@pytest.mark.parametrize("status", ["500", "404", "2000"])
def test_the_wait_for_a_server_that_never_answers_with_200_ends(
    notebooks: Path, monkeypatch: pytest.MonkeyPatch, status: str
) -> None:
    stand_in(monkeypatch, PROGRAM, status)
    monkeypatch.setattr(jupyter, "_READY_SECONDS", 0.0)
    with pytest.raises(JupyterFailed, match="did not answer in 60 s; it printed nothing"):
        run(notebooks, _ask)


def test_a_directory_that_cannot_be_made_is_named(notebooks: Path) -> None:
    (notebooks / "nb").write_text("a file")
    with pytest.raises(
        JupyterFailed, match=f"cannot make {notebooks / 'nb'} for the notebook instance: File"
    ):
        run(notebooks, _ask)


def test_a_directory_that_is_there_is_used(notebooks: Path) -> None:
    (notebooks / "nb").mkdir()
    run(notebooks, _ask)


def test_what_is_needed_before_a_server_is_asked_for(
    notebooks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ConfigError, match="is not a directory for notebooks"):
        Jupyters(notebooks / "nowhere")
    for missing in ("jupyter_server", "ipykernel"):
        monkeypatch.setattr(
            jupyter, "find_spec", lambda name, missing=missing: None if name == missing else 1
        )
        with pytest.raises(
            MissingDependency, match=rf"{missing.replace('_', '-')}.*sigv4-reference\[jupyter\]"
        ):
            Jupyters(notebooks)
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(ConfigError, match="needs Unix sockets"):
        Jupyters(notebooks)
