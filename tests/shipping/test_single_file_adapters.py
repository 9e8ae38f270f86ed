"""A single file with an adapter signs each hop of the requests that the real library sends."""

from __future__ import annotations

import asyncio
import importlib.util
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from sigv4.cli import main
from sigv4.vendoring.package_files import ADAPTERS
from tests.capture import CREDENTIALS, OK, TOKEN, Captured, CapturingServer, redirect, verify

pytestmark = [pytest.mark.interop, pytest.mark.usefixtures("merged_once")]

HEADERS = {"X-Amz-Target": "A.B", "X-Other": "mine"}
Send = Callable[[Any, Any, str, str, bytes], None]  # the file, its signer, origin, URL, body


def by_urllib(file: Any, signer: Any, origin: str, url: str, body: bytes) -> None:
    opener = urllib.request.build_opener(file.SigV4Handler(signer), urllib.request.ProxyHandler({}))
    opener.open(urllib.request.Request(url, body or None, HEADERS), timeout=60).close()


def by_requests(file: Any, signer: Any, origin: str, url: str, body: bytes) -> None:
    requests = pytest.importorskip("requests")
    with requests.Session() as session:
        session.trust_env = False
        adapter = file.SigV4Adapter(origin, signer, max_retries=2)
        session.mount(f"{origin}/", adapter)
        session.request("POST" if body else "GET", url, headers=HEADERS, data=body or None, timeout=60)


def by_requests_auth(file: Any, signer: Any, origin: str, url: str, body: bytes) -> None:
    requests = pytest.importorskip("requests")
    with requests.Session() as session:
        session.trust_env = False
        found = {"headers": HEADERS, "data": body or None, "auth": file.SigV4Auth(signer), "timeout": 60}
        session.request("POST" if body else "GET", url, **found)


def by_httpx(file: Any, signer: Any, origin: str, url: str, body: bytes) -> None:
    httpx = pytest.importorskip("httpx")
    transport = file.SigV4Transport(httpx.HTTPTransport(trust_env=False), signer)
    with httpx.Client(transport=transport, follow_redirects=True, timeout=60) as client:
        client.request("POST" if body else "GET", url, headers=HEADERS, content=body or None)


def by_httpx_async(file: Any, signer: Any, origin: str, url: str, body: bytes) -> None:
    httpx = pytest.importorskip("httpx")
    transport = file.AsyncSigV4Transport(httpx.AsyncHTTPTransport(trust_env=False), signer)

    async def run() -> None:
        async with httpx.AsyncClient(transport=transport, follow_redirects=True, timeout=60) as client:
            await client.request("POST" if body else "GET", url, headers=HEADERS, content=body or None)

    asyncio.run(run())


def by_aiohttp(file: Any, signer: Any, origin: str, url: str, body: bytes) -> None:
    aiohttp = pytest.importorskip("aiohttp")

    async def run() -> None:
        async with (
            aiohttp.ClientSession(middlewares=(file.SigV4Middleware(origin, signer),)) as session,
            session.request("POST" if body else "GET", url, headers=HEADERS, data=body or None),
        ):
            pass

    asyncio.run(run())


WAYS: dict[str, tuple[str, Send]] = {
    "urllib": ("urllib", by_urllib),
    "requests": ("requests", by_requests),
    "requests, auth=": ("requests", by_requests_auth),
    "httpx": ("httpx", by_httpx),
    "httpx, awaited": ("httpx", by_httpx_async),
    "aiohttp": ("aiohttp", by_aiohttp),
}
each_way = pytest.mark.parametrize("way", WAYS)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    found = {}
    for adapter in ADAPTERS:
        found[adapter] = tmp_path_factory.mktemp(adapter) / "signing.py"
        assert main(["vendor", str(found[adapter]), "--single-file", "--with", adapter]) == 0
    return found


def loaded(path: Path, adapter: str) -> ModuleType:
    if adapter != "urllib":
        pytest.importorskip(adapter)
    spec = importlib.util.spec_from_file_location("signing", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def send(way: str, files: dict[str, Path], origin: str, url: str, body: bytes = b"") -> None:
    adapter, by = WAYS[way]
    file: Any = loaded(files[adapter], adapter)
    keys = file.Credentials(
        CREDENTIALS.access_key_id, CREDENTIALS.secret_access_key, CREDENTIALS.session_token
    )
    by(file, file.Signer("sagemaker", "us-east-1", keys), origin, url, body)


@each_way
def test_what_the_library_sends_is_signed(way: str, files: dict[str, Path]) -> None:
    with CapturingServer() as server:
        send(way, files, server.origin, f"{server.origin}/a%20b/c?q=1&a=b", b"body")
        assert server.last.body == b"body"
        assert b"x-amz-target" in (server.last.header("authorization") or b"")
        verify(server.last)


@each_way
def test_a_hop_within_the_origin_is_signed_again(way: str, files: dict[str, Path]) -> None:
    def answer(captured: Captured) -> bytes:
        return redirect(302, "/b?x=1") if captured.target == "/a" else OK

    with CapturingServer(answer) as server:
        send(way, files, server.origin, f"{server.origin}/a")
        assert [each.target for each in server.captured] == ["/a", "/b?x=1"]
        verify(server.captured[0])
        if way == "requests, auth=":  # the auth does not see the next hop
            assert not {"authorization", "x-amz-security-token", "x-amz-target"} & server.last.names
        else:
            verify(server.last)


@each_way
def test_no_part_of_a_signature_is_sent_to_another_origin(way: str, files: dict[str, Path]) -> None:
    with (
        CapturingServer() as other,
        CapturingServer(lambda _: redirect(307, f"{other.origin}/b")) as server,
    ):
        send(way, files, server.origin, f"{server.origin}/a")
        verify(server.last)
        assert other.last.header("x-other") == b"mine"
        assert not [name for name in other.last.names if name.startswith("x-amz-") or name == "authorization"]
        assert TOKEN.encode() not in other.last.wire


def test_httpx_s_auth_refuses_a_client_that_follows_redirects(files: dict[str, Path]) -> None:
    httpx = pytest.importorskip("httpx")
    file: Any = loaded(files["httpx"], "httpx")
    signer = file.Signer("iam", "us-east-1", file.Credentials("A", "b"))
    with CapturingServer() as server, httpx.Client(trust_env=False, follow_redirects=True) as client:
        with pytest.raises(file.SigningError, match="follows redirects"):
            client.get(server.origin, auth=file.SigV4Auth(signer))
        assert server.captured == []
        client.get(server.origin, auth=file.SigV4Auth(signer), follow_redirects=False)
        assert b"Credential=A/" in (server.last.header("authorization") or b"")


@pytest.mark.parametrize("adapter", ADAPTERS)
def test_the_file_names_its_adapter_and_is_checked_with_it(
    adapter: str, files: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    path = files[adapter]
    assert path.stat().st_size <= 60_000, "docs/vendoring.md says so"
    text = path.read_text("utf-8")
    assert f" with {adapter}, sha256 of" in text.partition("\n")[0]
    assert [other for other in ADAPTERS if other != adapter and f"import {other}\n" in text] == []
    assert not any(each in text for each in ("sigv4-reference[", "MissingDependency", "pip install"))
    file: Any = loaded(path, adapter)
    assert [name for name in file.__all__ if not hasattr(file, name)] == []
    assert any("SigV4" in name for name in file.__all__ if name != "SigV4Error")
    assert main(["vendor", "--check", str(path)]) == 0
    assert main(["vendor", str(path), "--single-file", "--with", adapter]) == 0  # the same file replaces it
    assert path.read_text("utf-8") == text
    path.write_text(text + "\n")
    capsys.readouterr()
    assert main(["vendor", "--check", str(path)]) == 1
    assert "changed since it was vendored" in capsys.readouterr().out
    path.write_text(text)


def test_without_its_library_the_file_says_which_is_missing(files: dict[str, Path]) -> None:
    command = [sys.executable, "-I", "-S", "-B", str(files["requests"])]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert "No module named 'requests'" in done.stderr


def test_a_single_file_takes_one_adapter(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    several = ["--with", "requests", "--with", "httpx"]
    assert main(["vendor", str(tmp_path / "signing.py"), "--single-file", *several]) == 2
    assert "one adapter" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
