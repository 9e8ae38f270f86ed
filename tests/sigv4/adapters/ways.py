"""The ways to send a request with urllib.request, requests and aiohttp, for tests that hold for all of them."""

from __future__ import annotations

import asyncio
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest

from sigv4 import Signer
from sigv4.adapters.urllib import SigV4Handler

Send = Callable[..., int]


def with_urllib(
    by: Signer, origin: str, method: str, url: str, headers: dict[str, str], body: Any = None, **_: Any
) -> int:
    opener = urllib.request.build_opener(SigV4Handler(by), urllib.request.ProxyHandler({}))
    request = urllib.request.Request(url, body, headers, method=method)
    with opener.open(request, timeout=60) as answer:
        return int(answer.status)


def with_requests(
    by: Signer, origin: str, method: str, url: str, headers: dict[str, str], body: Any = None, **more: Any
) -> int:
    requests = pytest.importorskip("requests", reason="requests is not installed")
    from sigv4.adapters.requests import SigV4Adapter

    with requests.Session() as session:
        session.trust_env = False
        session.mount("http://" if more.pop("everywhere", False) else f"{origin}/", SigV4Adapter(origin, by))
        found = session.request(method, url, headers=headers, data=body, timeout=60, **more)
        return int(found.status_code)


def with_requests_auth(
    by: Signer, origin: str, method: str, url: str, headers: dict[str, str], body: Any = None, **more: Any
) -> int:
    requests = pytest.importorskip("requests", reason="requests is not installed")
    from sigv4.adapters.requests import SigV4Auth

    with requests.Session() as session:
        session.trust_env = False
        more.pop("everywhere", None)
        found = session.request(
            method, url, headers=headers, data=body, auth=SigV4Auth(by), timeout=60, **more
        )
        return int(found.status_code)


def with_aiohttp(
    by: Signer, origin: str, method: str, url: str, headers: dict[str, str], body: Any = None, **_: Any
) -> int:
    aiohttp = pytest.importorskip("aiohttp", reason="aiohttp is not installed")
    import yarl

    from sigv4.adapters.aiohttp import SigV4Middleware

    async def run() -> int:
        async with (
            aiohttp.ClientSession(middlewares=(SigV4Middleware(origin, by),)) as session,
            session.request(method, yarl.URL(url, encoded=True), headers=headers, data=body) as answer,
        ):
            return int(answer.status)

    return asyncio.run(run())


WAYS: dict[str, Send] = {
    "urllib": with_urllib,
    "requests": with_requests,
    "requests_auth": with_requests_auth,
    "aiohttp": with_aiohttp,
}


each_way = pytest.mark.parametrize("send", WAYS.values(), ids=WAYS)
