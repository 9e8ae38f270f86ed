"""Runs a real Jupyter server for each notebook instance, on a Unix socket that only this user can use."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

from sigv4.errors import MissingDependency

from ...errors import ConfigError, SageMakerError
from ..notebook_hosts import NOTEBOOKS
from . import jupyter_supervisor

_READY_SECONDS = 60.0
_LOOK_SECONDS = 0.05
_ENDED_SECONDS = 15.0
_LONGEST_SOCKET = 100  # sun_path holds 108 bytes on Linux, 104 on macOS
_SUPERVISOR = jupyter_supervisor.__file__
_SETTINGS = {
    # Requests on the socket come from the proxy, which has checked the session and Host.
    "IdentityProvider.token": "",
    "PasswordIdentityProvider.hashed_password": "",
    "ServerApp.allow_remote_access": "True",
    "ServerApp.open_browser": "False",
    "ServerApp.quit_button": "False",
}
_LAB_SETTINGS = {  # these stop connections to other machines
    "LabApp.news_url": "None",
    "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
    "LabApp.extension_manager": "readonly",
}


class JupyterFailed(SageMakerError):
    """A Jupyter server did not start; the text has the last line of its output."""


class Jupyters:
    """The Jupyter servers of the notebook instances; each is started when it is first needed.

    The instance ``NAME`` uses the folder ``NAME`` in ``directory``, which is created if missing. JupyterLab
    is used if it is installed, else the plain server. The user's Jupyter configuration is not read. Raises
    ConfigError if ``directory`` is missing, and on a system without Unix sockets; MissingDependency if
    jupyter-server or ipykernel is not installed.
    """

    def __init__(self, directory: str | os.PathLike[str]) -> None:
        if sys.platform == "win32":
            raise ConfigError("Jupyter behind a local SageMaker needs Unix sockets: run it in WSL")
        for package in ("jupyter-server", "ipykernel"):
            if find_spec(package.replace("-", "_")) is None:
                raise MissingDependency(package, "jupyter")
        self._directory = Path(directory).absolute()
        if not self._directory.is_dir():
            raise ConfigError(f"{self._directory} is not a directory for notebooks: make it, or give another")
        self._private = ""
        self._running: dict[str, _Jupyter] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def socket(self, notebook: str) -> str:
        """The path of the Unix socket of the Jupyter server of ``notebook``; waits until the server answers.

        Raises JupyterFailed if it does not answer within 60 s.
        """
        async with self._locks.setdefault(notebook, asyncio.Lock()):
            running = self._running.get(notebook)
            if running is None or not running.alive:
                await self._end(notebook)
                if not self._private:
                    self._private = _private_directory()
                running = self._running[notebook] = _Jupyter(notebook, self._directory, self._private)
                await running.ready()
            return running.socket

    async def keep(self, notebooks: frozenset[str]) -> None:
        """Ends the servers of all other notebook instances."""
        for name in [name for name in self._running if name not in notebooks]:
            async with self._locks[name]:
                await self._end(name)

    async def close(self) -> None:
        """Ends all servers, within 15 s if they do not end by themselves."""
        await asyncio.gather(*(self._end(name) for name in list(self._running)))
        if self._private:
            shutil.rmtree(self._private, ignore_errors=True)
            self._private = ""

    async def _end(self, notebook: str) -> None:
        running = self._running.pop(notebook, None)
        if running is not None:
            await asyncio.to_thread(running.end)
            if not Path(self._private).exists():  # the supervisor of the last server removes the directory
                self._private = ""


class _Jupyter:
    """One server, from its start to its end."""

    def __init__(self, notebook: str, directory: Path, private: str) -> None:
        self._url = f"{NOTEBOOKS}{notebook}/"
        self._home = tempfile.mkdtemp(dir=private)
        self.socket = f"{self._home}/s"
        root = directory / notebook
        try:
            root.mkdir(exist_ok=True)
        except OSError as error:
            raise JupyterFailed(f"cannot make {root} for the notebook instance: {error.strerror}") from None
        self._log = Path(self._home, "log")
        command = _command(self._url, self.socket, root)
        with self._log.open("wb") as log:
            self._supervisor = subprocess.Popen(  # noqa: S603 (this program)
                [sys.executable, "-I", "-S", _SUPERVISOR, self._home, *command],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self._home,
                env=_environment(self._home),
                start_new_session=True,
            )

    @property
    def alive(self) -> bool:
        return self._supervisor.poll() is None

    async def ready(self) -> None:
        ends = time.monotonic() + _READY_SECONDS
        while not await _answers(self.socket, f"{self._url}api"):
            if not self.alive or time.monotonic() > ends:
                what = "did not answer in 60 s" if self.alive else "ended at once"
                raise JupyterFailed(f"the Jupyter server of {self._url} {what}; {self._last_words()}")
            await asyncio.sleep(_LOOK_SECONDS)

    def end(self) -> None:
        """Closes the supervisor's standard input, so that it ends the server and all its processes."""
        if self._supervisor.stdin is not None:
            with contextlib.suppress(OSError):
                self._supervisor.stdin.close()
        try:
            self._supervisor.wait(_ENDED_SECONDS)
        except subprocess.TimeoutExpired:
            self._supervisor.kill()
            self._supervisor.wait()
        shutil.rmtree(self._home, ignore_errors=True)

    def _last_words(self) -> str:
        lines = self._log.read_text("utf-8", "replace").strip().splitlines()
        return f"its last output: {lines[-1][:500]}" if lines else "it printed nothing"


def _private_directory() -> str:
    """A directory with mode 0700 and a path short enough for a socket."""
    made = tempfile.mkdtemp(prefix="local-sagemaker-")
    if len(os.fsencode(made)) + 20 > _LONGEST_SOCKET:
        Path(made).rmdir()
        made = tempfile.mkdtemp(prefix="local-sagemaker-", dir="/tmp")
    return made


def _command(url: str, socket: str, root: Path) -> list[str]:
    lab = find_spec("jupyterlab") is not None
    settings = {
        **_SETTINGS,
        **(_LAB_SETTINGS if lab else {}),
        "ServerApp.sock": socket,
        "ServerApp.base_url": url,
        "ServerApp.root_dir": str(root),
        "ServerApp.allow_root": str(os.geteuid() == 0) if sys.platform != "win32" else "False",
    }
    module = "jupyterlab" if lab else "jupyter_server"
    return [sys.executable, "-m", module, *(f"--{name}={value}" for name, value in settings.items())]


def _environment(home: str) -> dict[str, str]:
    """The environment of this process, without variables that configure Jupyter."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER_", "JPY_"))}
    own = {"JUPYTER_CONFIG_DIR": f"{home}/config", "JUPYTER_RUNTIME_DIR": f"{home}/runtime"}
    paths = {name: os.environ[name] for name in ("JUPYTER_PATH",) if name in os.environ}
    return {**kept, **paths, **own}


async def _answers(socket: str, target: str) -> bool:
    """Whether a server on this Unix socket answers with 200."""
    if sys.platform == "win32":
        return False
    try:
        reader, writer = await asyncio.open_unix_connection(socket)
    except OSError:
        return False
    try:
        writer.write(f"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        line = await asyncio.wait_for(reader.readline(), 5)
        return b" 200 " in line
    except (OSError, asyncio.TimeoutError):
        return False
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
