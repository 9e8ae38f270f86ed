"""The process of one notebook server: what it is started with, how it is waited for, and how it is ended."""

from __future__ import annotations

import asyncio
import os
import stat
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sagemaker_api.local.serving import jupyter, jupyter_supervisor
from sagemaker_api.local.serving.jupyter import JupyterFailed

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no Unix sockets")


@pytest.fixture
def notebooks(tmp_path: Path) -> Path:
    (tmp_path / "notebooks").mkdir()
    return tmp_path / "notebooks"


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


def test_no_settings_of_another_jupyter_are_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
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


class Supervisor:
    """Replaces the supervisor's process; it ends when its input closes, unless ``stuck``."""

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
def test_the_last_line_of_the_output_of_a_server_is_reported(server: Any, output: bytes, said: str) -> None:
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
def test_a_server_is_polled_for_at_most_sixty_seconds(
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
