"""A real Jupyter behind a URL: a cell runs, policies are enforced, and all processes end with the endpoint."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

for package in ("starlette", "uvicorn", "websockets", "jupyter_server", "ipykernel"):
    pytest.importorskip(package, reason=f"{package} is not installed (extra `interop`)")

# ruff: noqa: E402 (the imports below need the packages that are looked for above)
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from sagemaker_api.errors import ConfigError
from sagemaker_api.local import LocalSageMaker, asgi
from sagemaker_api.local.serving.jupyter import JupyterFailed, Jupyters
from sigv4 import MissingDependency
from tests.sagemaker_api.cli.running import running
from tests.waiting import wait_until

from ..kernel import execute, output
from ..visitor import minted

pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are found in /proc"),
]


@pytest.fixture(autouse=True)
def _own_ipython(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("JUPYTER_TOKEN", "of somewhere else")


@pytest.fixture
def notebooks(tmp_path: Path) -> Path:
    (tmp_path / "notebooks").mkdir()
    return tmp_path / "notebooks"


@pytest.fixture
def local(notebooks: Path) -> Iterator[LocalSageMaker]:
    with LocalSageMaker({"nb": "InService", "two": "InService"}, server=asgi(notebooks)) as served:
        yield served


def processes(notebooks: Path) -> list[str]:
    """The command lines of the processes that name this directory, and of their descendants."""
    tree: dict[int, tuple[int, str]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text("utf-8", "replace").rpartition(")")[2].split()[1])
            line = (stat.parent / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        tree[int(stat.parent.name)] = (parent, line)
    ours = {pid for pid, (_, line) in tree.items() if str(notebooks) in line and pid != os.getpid()}
    grown = True
    while grown:
        more = {pid for pid, (parent, _) in tree.items() if parent in ours} - ours
        grown, ours = bool(more), ours | more
    return [tree[pid][1] for pid in ours if tree[pid][1]]


def wait_until_gone(notebooks: Path) -> None:
    wait_until(lambda: not processes(notebooks), pause=0.1)


class Visitor:
    """A visitor with the cookies that a new URL gave."""

    def __init__(self, local: LocalSageMaker, url: str, notebook: str = "nb") -> None:
        self.root = f"{local.url}/notebook/{notebook}/"
        self.origin = local.url
        self.http = httpx.Client(timeout=60)
        self.landed = self.http.get(url, follow_redirects=True)

    def __enter__(self) -> Visitor:
        return self

    def __exit__(self, *exception: object) -> None:
        self.http.close()

    def post(self, path: str, body: dict[str, Any]) -> httpx.Response:
        headers = {"X-XSRFToken": self.http.cookies.get("_xsrf") or "", "Origin": self.origin}
        return self.http.post(self.root + path, json=body, headers=headers)

    def kernel(self) -> Any:
        started = self.post("api/kernels", {"path": "a.ipynb"})
        assert started.status_code == 201
        cookies = "; ".join(f"{each.name}={each.value}" for each in self.http.cookies.jar)
        return connect(
            self.root.replace("http", "ws", 1) + f"api/kernels/{started.json()['id']}/channels",
            additional_headers={"Cookie": cookies, "Origin": self.origin},
            proxy=None,
        )


def closing_code(connection: Any) -> int | None:
    try:
        while True:
            connection.recv(timeout=60)
    except ConnectionClosed as error:
        return error.rcvd.code if error.rcvd else None


def test_a_cell_runs_until_the_policy_changes(local: LocalSageMaker, notebooks: Path) -> None:
    with Visitor(local, minted(local)) as visitor, visitor.kernel() as connection:
        assert visitor.landed.status_code == 200
        assert str(visitor.landed.url).startswith(visitor.root)
        connection.send(execute("import os; print(6 * 7, os.getcwd())"))
        assert output(connection) == f"42 {notebooks / 'nb'}\n"
        assert visitor.http.post(visitor.root + "api/kernels", json={}).status_code == 403  # no _xsrf
        local.set_policies([])
        connection.send(execute("print(1)"))
        assert closing_code(connection) == 1008
        assert visitor.http.get(visitor.root + "api/kernels").status_code == 403


def test_a_stopped_instance_has_no_jupyter_and_no_kernel(local: LocalSageMaker, notebooks: Path) -> None:
    with (
        Visitor(local, minted(local)) as visitor,
        Visitor(local, minted(local, "two"), "two") as other,
        visitor.kernel() as connection,
    ):
        connection.send(execute("print(1)"))
        assert output(connection) == "1\n"
        local.instances.set_status("nb", "Stopped")
        wait_until_gone(notebooks / "nb")
        assert visitor.http.get(visitor.root).status_code == 503
        assert other.http.get(other.root + "api").status_code == 200
        local.instances.set_status("nb", "InService")
        with Visitor(local, minted(local)) as again:
            assert again.landed.status_code == 200


def test_nobody_else_reaches_the_notebook_server(local: LocalSageMaker, notebooks: Path) -> None:
    with Visitor(local, minted(local)) as visitor:
        assert visitor.landed.status_code == 200
    (line,) = [
        each for each in processes(notebooks) if "--ServerApp.sock=" in each and "supervisor" not in each
    ]
    sock = Path(line.partition("--ServerApp.sock=")[2].split()[0])
    private = sock.parent.parent
    assert [each.stat().st_mode & 0o777 for each in (private, sock.parent)] == [0o700, 0o700]
    inodes = {
        row.split()[9]
        for kind in ("tcp", "tcp6")
        for row in Path(f"/proc/net/{kind}").read_text().splitlines()[1:]
        if row.split()[3] == "0A"
    }
    for fd in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            command = (fd.parent.parent / "cmdline").read_text()
            target = os.readlink(fd)
        except OSError:
            continue
        if str(sock) in command:
            assert target.removeprefix("socket:[").rstrip("]") not in inodes
    local.stop()
    assert not private.exists()


PROGRAM = """
import sys, time
sys.path.insert(0, sys.argv[2])
from sagemaker_api.local import LocalSageMaker, asgi
from tests.sagemaker_api.local.serving.test_jupyter import Visitor
from tests.sagemaker_api.local.visitor import minted
with LocalSageMaker({"nb": "InService"}, server=asgi(sys.argv[1])) as local:
    visitor = Visitor(local, minted(local))
    visitor.kernel()
    print("ready", flush=True)
    time.sleep(60)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL, signal.SIGINT])
def test_every_process_ends_with_the_endpoint(notebooks: Path, number: int) -> None:
    root = str(Path(__file__).parents[4])
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(notebooks), root],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=root,
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            assert any("ipykernel" in line for line in processes(notebooks))
        finally:
            process.send_signal(number)
        process.wait(60)
    wait_until_gone(notebooks)


def test_the_command_line_starts_and_ends_jupyter(notebooks: Path) -> None:
    with running("--jupyter", str(notebooks)) as endpoint:
        landed = httpx.get(endpoint.mint(), follow_redirects=False)
        page = httpx.get(
            f"{endpoint.url}/notebook/my-notebook/api",
            headers={"Cookie": landed.headers["set-cookie"]},
            timeout=60,
        )
        assert "version" in page.json()
        said = endpoint.end(signal.SIGTERM)
    assert "Traceback" not in said
    assert "Jupyter" not in said
    wait_until_gone(notebooks)


def test_missing_parts_are_named(notebooks: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match="is not a directory for notebooks"):
        asgi(notebooks / "nowhere")
    monkeypatch.setattr("sagemaker_api.local.serving.jupyter.find_spec", lambda name: None)
    with pytest.raises(MissingDependency, match=r"sigv4-reference\[jupyter\]"):
        asgi(notebooks)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    monkeypatch.delitem(sys.modules, "sagemaker_api.local.serving.asgi_server")
    with pytest.raises(MissingDependency, match=r"sigv4-reference\[local\]"):
        asgi()


def test_a_jupyter_that_does_not_start_says_why(notebooks: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import asyncio

    monkeypatch.setattr(
        "sagemaker_api.local.serving.jupyter._command", lambda *_: [sys.executable, "-c", "exit('broken')"]
    )

    async def start() -> None:
        jupyters = Jupyters(notebooks)
        try:
            await jupyters.socket("nb")
        finally:
            await jupyters.close()

    with pytest.raises(JupyterFailed, match="ended at once; its last output: broken"):
        asyncio.run(start())
