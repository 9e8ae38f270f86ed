"""A real server runs the code of docs/asgi.md, and real clients call it."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from sigv4 import Credentials, Signer
from sigv4.adapters.httpx import SigV4Transport
from tests.waiting import wait_until

uvicorn = pytest.importorskip("uvicorn", reason="uvicorn is not installed (extra `interop`)")
pytest.importorskip("starlette", reason="starlette is not installed (extra `interop`)")

pytestmark = pytest.mark.interop

PAGE = (Path(__file__).parents[3] / "docs" / "asgi.md").read_text("utf-8")
KEYS = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    (block,) = re.findall(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    page: dict[str, Any] = {"__name__": "page"}
    exec(compile(block.replace("from __future__", "#"), "docs/asgi.md", "exec"), page)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(page["app"], log_level="warning", lifespan="on"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            wait_until(lambda: server.started or not thread.is_alive())
            assert server.started
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(60)


def signer() -> Signer:
    return Signer("my-service", "us-east-1", KEYS)


def test_a_signed_request_is_answered(origin: str) -> None:
    with httpx.Client(transport=SigV4Transport(httpx.HTTPTransport(), signer())) as client:
        answer = client.put(f"{origin}/a%20b/c/%2F?x=%C3%BC", content=b"body")
        assert (answer.status_code, answer.text) == (200, "AKIDEXAMPLE sent 4 bytes")
        for target in ("/a%20b//c", "/a%2fb", "/a?x=%c3%bc"):
            answer = client.put(f"{origin}{target}", content=b"body")
            assert (answer.status_code, answer.json()["message"]) == (
                400, "The request is refused because its target is not in canonical form.",
            ), target  # fmt: skip


def test_anything_else_is_refused(origin: str) -> None:
    assert httpx.get(f"{origin}/").status_code == 403
    headers = signer().sign("PUT", f"{origin}/a", (), b"body")
    assert httpx.put(f"{origin}/a", headers=headers, content=b"bodY").status_code == 403
    assert httpx.put(f"{origin}/b", headers=headers, content=b"body").status_code == 403
    answer = httpx.put(f"{origin}/a", headers=headers, content=b"body")
    assert answer.text == "AKIDEXAMPLE sent 4 bytes"
    again = httpx.put(f"{origin}/a", headers=headers, content=b"body")
    assert (again.status_code, again.headers["x-amzn-errortype"]) == (403, "RequestReplayed")
