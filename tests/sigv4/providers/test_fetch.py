"""One exchange with a credential endpoint: its proxy, TLS and headers, and the reasons for no answer."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from sigv4 import Request, Response
from sigv4.network.deadline_socket import ExchangeError
from sigv4.network.proxies import Proxy
from sigv4.providers import fetch as fetch_module


@pytest.mark.parametrize(
    ("kind", "reason", "said"),
    [
        ("connect", "refused", "h: could not connect: refused"),
        ("connect-timeout", "", "h: connect timeout"),
        ("read-timeout", "", "h: read timeout"),
        ("deadline", "", "h: no whole answer in time"),
        ("closed", "why", "h: the connection was closed before a whole answer came: why"),
        ("tls", "why", "h: SSL validation failed: why"),
        ("too-large", "why", "h: the answer is too long: why"),
        ("proxy", "why", 'h: Failed to connect to proxy URL: "http://***:***@p:8" (HTTPS_PROXY): why'),
        ("proxy-refused", "", 'h: Failed to connect to proxy URL: "http://***:***@p:8" (HTTPS_PROXY)'),
    ],
)
def test_why_an_endpoint_gave_no_answer(kind: str, reason: str, said: str) -> None:
    proxy = Proxy("p", 8, "Basic x", "HTTPS_PROXY")
    assert fetch_module._said("h", ExchangeError(kind, reason), proxy) == said


@pytest.mark.parametrize(
    ("request_", "app_id", "headers"),
    [
        (Request("GET", "http://h/"), "", {"Host": "h"}),
        (Request("GET", "http://h/", [("host", "x")]), "", {"host": "x"}),
        (Request("GET", "http://h/", (), b"ab"), "", {"Host": "h", "Content-Length": "2"}),
        (Request("PUT", "http://h/"), "", {"Host": "h", "Content-Length": "0"}),
        (
            Request("POST", "http://h/"),
            "a",
            {"Host": "h", "Content-Length": "0", "User-Agent": "sigv4 app/a"},
        ),
        (Request("POST", "http://h/", [("content-length", "7")]), "", {"Host": "h", "content-length": "7"}),
        (Request("DELETE", "http://h/"), "", {"Host": "h"}),
    ],
)
def test_what_is_added_to_a_request(request_: Request, app_id: str, headers: dict[str, str]) -> None:
    found = fetch_module._complete(request_, "h", app_id)
    assert dict(found.headers) == headers
    assert (found.method, found.url, found.body) == (request_.method, request_.url, request_.body)


@pytest.mark.parametrize(
    ("url", "variables", "tls", "proxy"),
    [
        ("http://h/", {}, None, None),
        ("https://h/", {}, "tls of /ca.pem", None),
        ("https://h/", {"HTTPS_PROXY": "http://p:8"}, "tls of /ca.pem", "p"),
        ("http://h/", {"HTTPS_PROXY": "http://p:8"}, None, None),
    ],
)
def test_one_exchange(
    monkeypatch: pytest.MonkeyPatch, url: str, variables: dict[str, str], tls: str | None, proxy: str | None
) -> None:
    seen: list[Any] = []

    def connect(where: Any, clock: Any, *, tls: Any, proxy: Any) -> Any:
        seen.append((where.authority, tls, proxy and proxy.host))
        return SimpleNamespace(exchange=exchange, close=lambda: seen.append("closed"))

    def exchange(request: Request, clock: Any, longest: int) -> Response:
        seen.append((request.header("host"), request.header("user-agent"), longest))
        return Response(200)

    monkeypatch.setattr(fetch_module, "connect", connect)
    monkeypatch.setattr(fetch_module, "tls_context", lambda verify: f"tls of {verify}")
    found = fetch_module.fetch(Request("GET", url), 3.0, environ=variables, verify="/ca.pem", app_id="x")
    assert found == Response(200)
    assert seen == [("h", tls, proxy), ("h", "sigv4 app/x", 1 << 20), "closed"]
    fetch_module.fetch(Request("GET", "https://h/"), 3.0, environ={})
    assert seen[3:5] == [("h", "tls of True", None), ("h", "", 1 << 20)]
