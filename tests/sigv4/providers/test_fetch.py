"""The headers that are added to a request to a credential endpoint, and the reasons for no answer."""

from __future__ import annotations

import pytest

from sigv4 import Request
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
