"""If a server redirects a signed request to another origin, nothing is sent there."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from sigv4 import Credentials, Signer, SigningError
from sigv4.adapters.httpx import SigV4Auth
from tests.sagemaker_api.scripted import ScriptedServer, http

AUTH = SigV4Auth(Signer("s3", "us-east-1", Credentials("AKIDEXAMPLE", "secret", "TOKEN")))


def _get(url: str, **options: Any) -> httpx.Response:
    of_client = {name: options.pop(name) for name in ("follow_redirects",) if name in options}
    with httpx.Client(auth=AUTH, trust_env=False, **of_client) as client:
        return client.get(url, **({"follow_redirects": options["each"]} if "each" in options else {}))


def _aget(url: str, **options: Any) -> httpx.Response:
    async def get() -> httpx.Response:
        of_client = {name: options[name] for name in ("follow_redirects",) if name in options}
        async with httpx.AsyncClient(auth=AUTH, trust_env=False, **of_client) as client:
            return await client.get(
                url, **({"follow_redirects": options["each"]} if "each" in options else {})
            )

    return asyncio.run(get())


@pytest.mark.parametrize("get", [_get, _aget])
@pytest.mark.parametrize(
    "options", [{"follow_redirects": True}, {"each": True}, {"follow_redirects": False, "each": True}]
)
def test_nothing_is_signed_for_a_client_that_follows_redirects(get: Any, options: dict[str, bool]) -> None:
    with ScriptedServer(http(200)) as other:
        answer = http(307, "", ("Location", other.url))
        with (
            ScriptedServer(answer) as server,
            pytest.raises(SigningError, match="use transport=SigV4Transport"),
        ):
            get(server.url, **options)
    assert server.requests == other.requests == []


@pytest.mark.parametrize("get", [_get, _aget])
@pytest.mark.parametrize(
    "options", [{}, {"follow_redirects": False}, {"follow_redirects": True, "each": False}]
)
def test_requests_of_a_client_that_follows_no_redirects_are_signed(
    get: Any, options: dict[str, bool]
) -> None:
    with ScriptedServer(http(307, "", ("Location", "http://127.0.0.1:9/"))) as server:
        assert get(server.url, **options).status_code == 307
    assert b"AWS4-HMAC-SHA256" in server.requests[0]
    assert b"TOKEN" in server.requests[0]


def test_a_flow_that_no_client_drives_is_signed() -> None:
    request = httpx.Request("GET", "https://h.example/")
    assert "Authorization" in next(AUTH.sync_auth_flow(request)).headers


def test_a_client_of_an_unknown_httpx_is_taken_to_follow_redirects() -> None:
    program = "def drive(flow): return next(flow)"
    scope: dict[str, Any] = {"__name__": "httpx._client"}
    exec(program, scope)
    with pytest.raises(SigningError):
        scope["drive"](AUTH.sync_auth_flow(httpx.Request("GET", "https://h.example/")))
