"""The servers of the notebook instances: one each, started when asked for and ended with its instance.

Here a small program replaces Jupyter; test_jupyter.py runs the real one.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sagemaker_api.errors import ConfigError
from sagemaker_api.local.serving import jupyter, jupyter_supervisor
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
    """In place of a server: notes what it is told. The last one to end removes the private directory."""

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


class Supervisor:
    """In place of the supervisor's process; it ends when its input closes, unless ``stuck``."""

    def __init__(self, command: list[str], stuck: bool = False, **options: Any) -> None:
        self.command, self.options, self.stuck = command, options, stuck
        self.stdin = SimpleNamespace(close=lambda: self.done.append("closed"))
        self.done: list[object] = []

    def poll(self) -> int | None:
        return 0 if self.done else None

    def wait(self, seconds: float | None = None) -> int:
        self.done.append(seconds)
        if self.stuck and "killed" not in self.done:
            raise subprocess.TimeoutExpired("", 1)
        return 0

    def kill(self) -> None:
        self.done.append("killed")


@pytest.mark.parametrize(
    ("stuck", "done"),
    [(False, ["closed", 15.0]), (True, ["closed", 15.0, "killed", None])],
)
def test_a_server_is_ended_by_closing_the_input_of_its_supervisor(
    notebooks: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stuck: bool, done: list[object]
) -> None:
    monkeypatch.setattr(subprocess, "Popen", partial(Supervisor, stuck=stuck))
    monkeypatch.setenv("JPY_PARENT_PID", "3")
    server: Any = jupyter._Jupyter("nb", notebooks, str(tmp_path))
    home = str(Path(server.socket).parent)
    assert (Path(home).parent, Path(home).is_dir(), (notebooks / "nb").is_dir()) == (tmp_path, True, True)
    given = server._supervisor
    assert given.command == [
        *(sys.executable, "-I", "-S", jupyter_supervisor.__file__, home),
        *jupyter._command("/notebook/nb/", server.socket, notebooks / "nb"),
    ]
    log = given.options.pop("stdout")
    assert (log.name, log.mode, log.closed) == (f"{home}/log", "wb", True)
    assert given.options == {
        "stdin": subprocess.PIPE,
        "stderr": subprocess.STDOUT,
        "cwd": home,
        "env": jupyter._environment(home),
        "start_new_session": True,
    }
    assert server.alive
    server.end()
    assert given.done == done
    assert not server.alive
    assert not Path(home).exists()


@pytest.fixture
def server(notebooks: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(subprocess, "Popen", Supervisor)
    return jupyter._Jupyter("nb", notebooks, str(tmp_path))


@pytest.mark.parametrize(
    ("output", "said"),
    [
        (b"one\ntwo  \n\n", "its last output: two"),
        (b"one\n" + b"x" * 501, "its last output: " + "x" * 500),
        (b"\xff", "its last output: \ufffd"),
        (b" \n", "it printed nothing"),
    ],
)
def test_the_last_line_of_its_output_is_told(server: Any, output: bytes, said: str) -> None:
    server._log.write_bytes(output)
    assert server._last_words() == said


@pytest.mark.parametrize(
    ("answers", "is_alive", "fault"),
    [
        ([False, False, True], True, ""),
        ([False, False, False], True, "did not answer in 60 s"),
        ([False], False, "ended at once"),
        ([True], False, ""),
    ],
)
def test_a_server_is_asked_until_it_answers_for_sixty_seconds(
    server: Any, monkeypatch: pytest.MonkeyPatch, answers: list[bool], is_alive: bool, fault: str
) -> None:
    asked: list[tuple[str, str]] = []
    seconds = iter([5.0, 6.0, 65.0, 65.1])

    async def answer(socket: str, target: str) -> bool:
        asked.append((socket, target))
        return answers[len(asked) - 1]

    monkeypatch.setattr(jupyter, "_answers", answer)
    monkeypatch.setattr(jupyter, "_LOOK_SECONDS", 0.0)
    monkeypatch.setattr(jupyter, "time", SimpleNamespace(monotonic=lambda: next(seconds)))
    if not is_alive:
        server._supervisor.done.append("ended")
    if fault:
        with pytest.raises(JupyterFailed, match=f"/notebook/nb/ {fault}; it printed nothing"):
            asyncio.run(server.ready())
    else:
        asyncio.run(server.ready())
    assert asked == [(server.socket, "/notebook/nb/api")] * len(answers)


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
def test_a_server_that_never_answers_well_is_given_up(
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


@pytest.mark.parametrize("lab", [True, False])
@pytest.mark.parametrize("user", [0, 1000])
def test_what_jupyter_is_started_with(monkeypatch: pytest.MonkeyPatch, lab: bool, user: int) -> None:
    found: Any = object() if lab else None
    monkeypatch.setattr(jupyter, "find_spec", lambda name: found if name == "jupyterlab" else None)
    monkeypatch.setattr(os, "geteuid", lambda: user)
    command = jupyter._command("/notebook/nb/", "/private/s", Path("/notebooks/nb"))
    assert command[:3] == [sys.executable, "-m", "jupyterlab" if lab else "jupyter_server"]
    of_the_lab = [
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.extension_manager=readonly",
    ]
    assert sorted(command[3:]) == sorted(
        [
            "--IdentityProvider.token=",
            "--PasswordIdentityProvider.hashed_password=",
            "--ServerApp.allow_remote_access=True",
            "--ServerApp.open_browser=False",
            "--ServerApp.quit_button=False",
            *(of_the_lab if lab else []),
            "--ServerApp.sock=/private/s",
            "--ServerApp.base_url=/notebook/nb/",
            "--ServerApp.root_dir=/notebooks/nb",
            f"--ServerApp.allow_root={user == 0}",
        ]
    )


def test_no_settings_of_another_jupyter_reach_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", {"A": "1", "JUPYTER_TOKEN": "2", "JPY_PARENT_PID": "3", "XJPY_": "4"})
    own = {"JUPYTER_CONFIG_DIR": "/home/config", "JUPYTER_RUNTIME_DIR": "/home/runtime"}
    assert jupyter._environment("/home") == {"A": "1", "XJPY_": "4", **own}
    os.environ["JUPYTER_PATH"] = "/kernels"  # the folder of the kernels
    assert jupyter._environment("/home") == {"A": "1", "XJPY_": "4", "JUPYTER_PATH": "/kernels", **own}


@pytest.mark.parametrize(("length", "stays"), [(55, True), (56, False)])
def test_the_path_of_a_socket_fits_into_its_address(
    monkeypatch: pytest.MonkeyPatch, length: int, stays: bool
) -> None:
    """sun_path holds 104 bytes on macOS and 108 on Linux, including the final zero; paths have at most 100."""
    with tempfile.TemporaryDirectory(dir="/tmp") as base:
        where = Path(base, "ü" + "x" * (length - len(base) - 3))
        where.mkdir()
        assert len(os.fsencode(where)) == length
        monkeypatch.setattr(tempfile, "tempdir", str(where))
        made = Path(jupyter._private_directory())
        try:
            assert made.parent == (where if stays else Path("/tmp"))
            assert list(where.iterdir()) == ([made] if stays else [])
            assert made.name.startswith("local-sagemaker-")
            assert stat.S_IMODE(made.stat().st_mode) == 0o700
        finally:
            made.rmdir()
