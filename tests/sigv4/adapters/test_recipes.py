"""Every code block of docs/recipes.md, run against a socket that keeps the bytes."""

from __future__ import annotations

import asyncio
import inspect
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sigv4 import Credentials, Signer
from tests.capture import CREDENTIALS, TOKEN, Captured, CapturingServer, redirect, signer, verify

PAGE = (Path(__file__).parents[3] / "docs" / "recipes.md").read_text("utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
SETUP = BLOCKS[0]
RECIPES = {re.findall(r"def send_with_(\w+)\(", block)[0]: block for block in BLOCKS[1:]}
LIBRARIES = {
    "httpx": "httpx",
    "requests": "requests",
    "urllib3": "urllib3",
    "http_client": "http.client",
    "urllib": "urllib.request",
    "aiohttp": "aiohttp",
}

TARGETS = [
    "",
    "/",
    "/a%20b",
    "/a%2Fb",
    "/a%2fb",
    "/a%252Fb",
    "/a//b/",
    "//a",
    "/%C3%BC/%E6%97%A5",
    "/a+b:c@d;e=f,g!$&'()*",
    "/?q=a+b&r=a%20b&s=a%2Bb",
    "/?q=1&q=2&q=1&a",
    "/?prefix=1&prefix2=1&pre=%7e~%7E",
    "/?empty=&none&=x&a=b=c/d?e",
    "/a?x=1#fragment",
]
# S3 keeps dot segments and this library resolves them, so that a service that resolves them verifies the request.
DOTS = ["/a/./b/../c", "/a/b/../../c"]


def recipe(name: str) -> Callable[..., Any]:
    pytest.importorskip(LIBRARIES[name], reason=f"{LIBRARIES[name]} is not installed")
    namespace: dict[str, Any] = {}
    # The page belongs to this repository.
    exec(compile(RECIPES[name], f"docs/recipes.md: {name}", "exec"), namespace)
    found: Callable[..., Any] = namespace[f"send_with_{name}"]
    return found


def run(name: str, *arguments: Any) -> Any:
    answer = recipe(name)(*arguments)
    return asyncio.run(answer) if inspect.iscoroutine(answer) else answer


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[CapturingServer]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with CapturingServer() as running:
        yield running


def send(
    server: CapturingServer, name: str, target: str, body: Any = None, service: str = "sagemaker"
) -> Captured:
    headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "SageMaker.X"} if body else {}
    run(name, signer(service), "POST" if body else "GET", server.origin + target, headers, body)
    return server.last


def test_the_page_has_a_recipe_for_each_library() -> None:
    assert RECIPES.keys() == LIBRARIES.keys()


def test_the_signer_of_the_page_can_be_made() -> None:
    namespace: dict[str, Any] = {}
    exec(compile(SETUP, "docs/recipes.md: setup", "exec"), namespace)
    assert isinstance(namespace["signer"], Signer)
    assert isinstance(namespace["Credentials"]("A", "b"), Credentials)


@pytest.mark.parametrize("name", RECIPES)
@pytest.mark.slow
def test_the_signed_bytes_are_the_sent_bytes(server: CapturingServer, name: str) -> None:
    for target in [*TARGETS, *DOTS]:
        verify(send(server, name, target))
        verify(send(server, name, target, b'{"name": "\xc3\xbc"}'))
        assert server.last.body == b'{"name": "\xc3\xbc"}'
        assert server.last.header("x-amz-security-token") == TOKEN.encode()
    for target in TARGETS:
        path, question, query = target.partition("?")  # CR-PATH-4: a raw plus sign is not signed for S3
        safe = path.replace("+", "%2B") + question + query
        verify(send(server, name, safe, b"\0\xff", "s3"), "s3")
    assert len(server.captured) == 3 * len(TARGETS) + 2 * len(DOTS)


@pytest.mark.parametrize("name", RECIPES)
def test_a_file_is_signed_and_sent(server: CapturingServer, name: str, tmp_path: Path) -> None:
    path = tmp_path / "body"
    path.write_bytes(b"0123456789" * 50_000)
    with path.open("rb") as file:
        headers = {"Content-Length": "500000"}
        run(name, signer("s3"), "PUT", f"{server.origin}/key%20a", headers, file)
    assert server.last.body == b"0123456789" * 50_000
    verify(server.last, "s3")


@pytest.mark.parametrize("name", RECIPES)
def test_no_recipe_sends_a_signature_to_another_origin(server: CapturingServer, name: str) -> None:
    with CapturingServer() as foreign:
        server.answer = lambda captured: redirect(307, foreign.origin)
        send(server, name, "/")
        followed = foreign.captured
    assert [captured.names & {"authorization", "x-amz-security-token"} for captured in followed] == [
        set()
    ] * len(followed)
    assert CREDENTIALS.access_key_id.encode() in server.last.wire
