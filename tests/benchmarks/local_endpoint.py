"""B13, the local endpoint: one client makes and opens URLs; and the cost of the proxy for a frame and Jupyter's /api."""

from __future__ import annotations

import asyncio
import http.client
import json
import logging
import socket
import statistics
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter
from typing import Any

from sagemaker_api.local import LocalSageMaker, Policy
from sigv4 import Credentials, Signer

from .paired import Timings, measure
from .row import Row

_NOTEBOOK = b'{"NotebookInstanceName":"nb"}'
_LIMITED = {
    "Effect": "Allow",
    "Action": "sagemaker:*",
    "Resource": "*",
    "Condition": {"IpAddress": {"aws:SourceIp": ["192.0.2.0/24", "127.0.0.0/8"]}},
}
_POLICIES = [Policy.parse({"Version": "2012-10-17", "Statement": _LIMITED}, "benchmark")]
_OURS = {
    "plain": (),
    "--asgi": ("uvicorn", "starlette"),
    "--jupyter": ("uvicorn", "jupyter_server", "ipykernel"),
}


def mint_and_open() -> Iterator[Row]:
    """The local endpoint compared with moto's server; moto makes no URLs, so there both requests are Describe calls."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        subjects: dict[str, Callable[[], object]] = {}
        for name, needs in _OURS.items():
            if all(find_spec(each) is not None for each in needs):
                local = stack.enter_context(_local(name, folder))
                client = stack.enter_context(_Client(local.url, local.credentials))
                subjects[name] = partial(_mint_and_open, client)
        moto = _moto(stack)
        if moto is not None:
            subjects["moto"] = partial(_describe_twice, moto)
        timings = measure(subjects, rounds=15, turn=0.15, clock=perf_counter)
        for name in _OURS:
            if name in subjects:
                yield _row(name, timings, "moto" if moto is not None else name)
        if "--jupyter" in subjects:
            yield _api(local, Path(folder))
    if all(find_spec(each) is not None for each in ("uvicorn", "starlette", "websockets")):
        yield _frames()


def _row(name: str, timings: Timings, against: str) -> Row:
    rate, other = (f"{2 / timings.median(each):.0f}/s" for each in (name, against))
    shown = f"moto server {other}" if against == "moto" else "nothing: moto is not installed"
    budget = 1.0 if against == "moto" else None
    ratio, spread = timings.ratio(name, against), timings.spread(name, against)
    return Row("B13", f"local endpoint {name}: mint and open", rate, shown, ratio, budget, spread=spread)


def _local(name: str, folder: str) -> LocalSageMaker:
    if name == "plain":
        return LocalSageMaker({"nb": "InService"}, policies=_POLICIES)
    from sagemaker_api.local import asgi

    server = asgi(folder if name == "--jupyter" else None)
    return LocalSageMaker({"nb": "InService"}, policies=_POLICIES, server=server)


class _Client:
    """One connection, kept open if the server allows it, and a signer."""

    def __init__(self, url: str, credentials: Credentials) -> None:
        self.url = url
        self._signer = Signer("sagemaker", "us-east-1", credentials)
        self._connection = http.client.HTTPConnection(url.partition("://")[2], timeout=30)

    def __enter__(self) -> _Client:
        return self

    def __exit__(self, *exception: object) -> None:
        self._connection.close()

    def call(self, operation: str, body: bytes = _NOTEBOOK) -> dict[str, Any]:
        headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": f"SageMaker.{operation}"}
        signed = self._signer.sign("POST", f"{self.url}/", headers, body)
        status, _, answer = self._exchange("POST", "/", body, signed)
        assert status == 200, answer
        return dict(json.loads(answer))

    def get(self, target: str, cookie: str = "") -> tuple[int, str]:
        status, headers, _ = self._exchange("GET", target, b"", {"Cookie": cookie} if cookie else {})
        return status, (headers["Set-Cookie"] or "").partition(";")[0]

    def _exchange(
        self, method: str, target: str, body: bytes, headers: dict[str, str]
    ) -> tuple[int, Any, bytes]:
        self._connection.request(method, target, body or None, headers)
        response = self._connection.getresponse()
        return response.status, response.headers, response.read()


def _mint_and_open(client: _Client) -> str:
    url = client.call("CreatePresignedNotebookInstanceUrl")["AuthorizedUrl"]
    status, cookie = client.get(url.removeprefix(client.url))
    assert status == 302
    return cookie


def _describe_twice(client: _Client) -> None:
    client.call("DescribeNotebookInstance")
    client.call("DescribeNotebookInstance")


def _moto(stack: ExitStack) -> _Client | None:
    if find_spec("moto") is None or find_spec("flask") is None:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the warnings are moto's own
        from moto.server import ThreadedMotoServer
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # a line for each request
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    stack.callback(server.stop)
    host, port = server.get_host_and_port()
    client = stack.enter_context(_Client(f"http://{host}:{port}", Credentials("testing", "testing")))
    role = "arn:aws:iam::123456789012:role/service-role/notebooks"
    created = {"NotebookInstanceName": "nb", "InstanceType": "ml.t3.medium", "RoleArn": role}
    client.call("CreateNotebookInstance", json.dumps(created).encode())
    return client


def _api(local: LocalSageMaker, folder: Path) -> Row:
    """GET /api of a real Jupyter, through the endpoint and directly at its socket."""
    from sagemaker_api.local.serving.asgi_server import AsgiServer
    from sagemaker_api.local.serving.jupyter import Jupyters

    with _Client(local.url, local.credentials) as client, socket.socket(socket.AF_UNIX) as straight:
        cookie = _mint_and_open(client)
        target = "/notebook/nb/api"
        status, _ = client.get(target, cookie)  # starts it
        assert status == 200, status
        assert isinstance(local._server, AsgiServer)
        assert isinstance(local._server._backends, Jupyters)
        straight.connect(local._server._backends._running["nb"].socket)
        asked = f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()

        def direct() -> None:
            straight.sendall(asked)
            head = b""
            while b"\r\n\r\n" not in head:
                head += straight.recv(65536)
            head, _, body = head.partition(b"\r\n\r\n")
            length = next(
                int(line.split(b":")[1])
                for line in head.split(b"\r\n")
                if line.lower().startswith(b"content-length")
            )
            while len(body) < length:
                body += straight.recv(65536)

        timings = measure(
            {"proxied": lambda: client.get(target, cookie), "direct": direct},
            rounds=15,
            turn=0.1,
            clock=perf_counter,
        )
    ours, against = (f"{timings.median(name) * 1e3:.1f} ms" for name in ("proxied", "direct"))
    spread = timings.spread("proxied", "direct")
    return Row(
        "B13",
        "Jupyter's /api, through the endpoint",
        ours,
        f"direct {against}",
        timings.ratio("proxied", "direct"),
        None,
        spread=spread,
    )


def _frames() -> Row:
    """A WebSocket frame and its echo, under a policy with conditions on addresses."""
    from websockets.asyncio.client import unix_connect

    from ..sagemaker_api.local.behind import WebSockets, echo
    from ..sagemaker_api.local.visitor import cookie_of, served, websocket_async
    from .websocket_frames import round_trips

    with tempfile.TemporaryDirectory() as directory:
        behind = WebSockets(Path(directory, "s"), echo)
        with behind, served(behind, policies=_POLICIES) as local:
            direct = asyncio.run(round_trips(partial(unix_connect, behind.path, compression=None), 1))
            cookie = cookie_of(local)
            proxied = asyncio.run(round_trips(partial(websocket_async, local, cookie), 1))
    ours, against = statistics.median(proxied), statistics.median(direct)
    return Row(
        "B13",
        "a WebSocket frame and its echo",
        f"{ours * 1e6:.0f} µs",
        f"direct {against * 1e6:.0f} µs",
        ours / against,
        None,
    )
