"""Acts as a browser in tests: opens a new URL, keeps its cookie, and opens WebSockets with that cookie."""

from __future__ import annotations

import socket
from functools import partial
from typing import Any

import httpx
from websockets.asyncio.client import connect as connect_async
from websockets.sync.client import connect

from sagemaker_api import SageMaker
from sagemaker_api.local import Limits, LocalSageMaker
from sagemaker_api.local.serving.app import DEFAULT_LIMITS
from sagemaker_api.local.serving.asgi_server import AsgiServer


def served(
    behind: Any = None, look: float = 0.2, limits: Limits = DEFAULT_LIMITS, **settings: Any
) -> LocalSageMaker:
    """A local SageMaker under uvicorn, whose notebook instance ``nb`` has the server ``behind``."""
    settings.setdefault("notebooks", {"nb": "InService"})
    return LocalSageMaker(server=partial(AsgiServer, backends=behind, look=look, limits=limits), **settings)


def minted(local: LocalSageMaker, notebook: str = "nb") -> str:
    with SageMaker(region_name=local.region, endpoint_url=local.url, credentials=local.credentials) as client:
        answer = client.create_presigned_notebook_instance_url(NotebookInstanceName=notebook)
    return str(answer["AuthorizedUrl"])


def cookie_of(local: LocalSageMaker, headers: dict[str, str] | None = None) -> str:
    """The Cookie header of a session that a new URL opens."""
    answer = httpx.get(minted(local), headers=headers)
    assert answer.status_code == 302
    return answer.headers["set-cookie"].partition(";")[0]


def websocket(local: LocalSageMaker, cookie: str, **headers: str) -> Any:
    """A WebSocket of the session with this cookie, without asyncio."""
    url = f"{local.url.replace('http', 'ws', 1)}/notebook/nb/ws"
    given = {"Cookie": cookie, "Origin": local.url, **{k.replace("_", "-"): v for k, v in headers.items()}}
    return connect(url, additional_headers=given, proxy=None, compression=None)


def websocket_async(local: LocalSageMaker, cookie: str, **options: Any) -> Any:
    """A WebSocket of the session with this cookie, for asyncio."""
    url = f"{local.url.replace('http', 'ws', 1)}/notebook/nb/ws"
    given = {"Cookie": cookie, "Origin": local.url}
    # A busy machine may take longer than the 10 seconds that the library waits for the answer.
    options = {"open_timeout": 60, **options}
    return connect_async(url, additional_headers=given, proxy=None, compression=None, **options)


def handshake(local: LocalSageMaker, **headers: str) -> bytes:
    """The bytes that a client sends to open a WebSocket."""
    fields = {
        "Host": f"127.0.0.1:{local.port}",
        "Connection": "upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"GET /notebook/nb/ws HTTP/1.1\r\n{lines}\r\n".encode()


def status_of_handshake(local: LocalSageMaker, **headers: str) -> int:
    """The status of the answer to a handshake: 101 if the WebSocket opens."""
    with socket.create_connection(("127.0.0.1", local.port), timeout=60) as connection:
        connection.sendall(handshake(local, **headers))
        return int(connection.recv(4096).split(b" ")[1])
