"""The parts that transports share: which one is the default, their options, and the texts of their errors."""

from __future__ import annotations

import asyncio
import os
from typing import Any

import httpx
import pytest

from sagemaker_api import (
    AsyncHttpxTransport,
    AsyncStdlibTransport,
    ConfigError,
    HttpxTransport,
    StdlibTransport,
)
from sagemaker_api.transports import base, httpx as httpx_module, stdlib
from sagemaker_api.transports.base import checked_proxy, stripped, transport_error
from sagemaker_api.transports.default import default_async_transport, default_transport
from sigv4 import MissingDependency
from sigv4.network.deadline_socket import ExchangeError
from sigv4.network.proxies import Proxy
from sigv4.network.tls import tls_context
from sigv4.target import split_url
from tests.sagemaker_api.closing import Closable, close, end_block

PROXY = Proxy("p", 8, "Basic x", "HTTPS_PROXY")


@pytest.mark.parametrize("is_installed", [True, False])
def test_the_default_is_httpx_if_it_is_installed(monkeypatch: pytest.MonkeyPatch, is_installed: bool) -> None:
    if not is_installed:

        def missing() -> Any:
            raise MissingDependency("httpx", "httpx")

        monkeypatch.setattr(httpx_module, "_httpx", missing)
    blocking = default_transport(False, PROXY)
    assert type(blocking) is (HttpxTransport if is_installed else StdlibTransport)
    assert vars(blocking)["_proxy"] is PROXY
    awaited = default_async_transport(False, PROXY)
    assert type(awaited) is (AsyncHttpxTransport if is_installed else AsyncStdlibTransport)
    inner = vars(awaited) if is_installed else vars(vars(awaited)["_transport"])
    assert inner["_proxy"] is PROXY
    assert (inner["_verify"] is False) if not is_installed else (inner["_tls"].verify_mode == 0)
    blocking.close()
    asyncio.run(awaited.aclose())


def test_the_options_of_httpx() -> None:
    tls = tls_context(False)
    options = httpx_module._options(httpx, tls, None)
    limits = options.pop("limits")
    assert options == {"verify": tls, "trust_env": False, "proxy": None}
    assert limits == httpx.Limits(max_connections=None, max_keepalive_connections=1, keepalive_expiry=20.0)
    for authorization in ("Basic x", ""):
        proxy = httpx_module._options(httpx, tls, Proxy("::1", 8, authorization))["proxy"]
        assert str(proxy.url) == "http://[::1]:8"
        expected = [("proxy-authorization", "Basic x")] if authorization else []
        assert proxy.headers.multi_items() == expected


def test_which_events_of_httpcore_say_how_far_an_exchange_came() -> None:
    for events, is_kept, tunnelled in (
        ((), False, True),
        (("http11.send_request_headers.started",), True, True),
        (("connection.connect_tcp.started", "http11.send_request_headers.started"), False, True),
    ):
        journey = httpx_module._Journey("http://h/", None)
        for event in events:
            journey.trace(event, None)
        assert (journey.was_on_a_kept_connection(), journey.tunnelled) == (is_kept, tunnelled)
    journey.head_came = True
    assert not journey.was_on_a_kept_connection()
    kept = httpx_module._Journey("http://h/", None)
    asyncio.run(kept.atrace("http11.send_request_headers.started", None))
    kept.head_came = True
    assert (kept.sent, kept.was_on_a_kept_connection()) == (True, False)
    for event, tunnelled in (
        ("connection.connect_tcp.started", False),
        ("proxy.stream", True),
        ("connection.start_tls.started", True),
    ):
        behind = httpx_module._Journey("http://h/", PROXY)
        assert not behind.tunnelled
        behind.trace(event, None)
        assert behind.tunnelled is tunnelled


@pytest.mark.parametrize(
    ("fault", "proxy", "expected"),
    [
        (ExchangeError("closed", "why"), None, ("closed", "http://h/", "why")),
        (ExchangeError("closed", "why"), PROXY, ("closed", "http://h/", "why")),
        (ExchangeError("proxy", "why"), None, ("proxy", "http://h/", "why")),
        (ExchangeError("proxy", "why"), PROXY, ("proxy", "http://***:***@p:8", "why")),
        (
            ExchangeError("proxy-refused", "x" * 300),
            PROXY,
            ("proxy-refused", "http://***:***@p:8", "x" * 200),
        ),
    ],
)
def test_a_fault_is_reported_for_the_host_or_for_the_proxy(
    fault: ExchangeError, proxy: Proxy | None, expected: tuple[str, str, str]
) -> None:
    found = transport_error(fault, "http://h/", proxy)
    assert (found.kind, found.url, found.reason) == expected


def test_control_characters_of_a_proxy_are_not_shown() -> None:
    found = transport_error(ExchangeError("proxy", "a\x1b[2J"), "http://h/", PROXY)
    assert "\x1b" not in found.reason


def test_a_proxy_can_be_given_as_its_url() -> None:
    assert checked_proxy("http://h:1") == Proxy("h", 1)
    assert checked_proxy(PROXY) is PROXY
    assert checked_proxy(None) is None
    for make in (HttpxTransport, StdlibTransport, AsyncHttpxTransport, AsyncStdlibTransport):
        with pytest.raises(ConfigError):
            make(proxy="ftp://h")


def _fail() -> None:
    try:
        raise ValueError("inner")
    except ValueError as inner:
        raise RuntimeError("outer") from inner


def test_frames_are_removed_from_an_error() -> None:
    with pytest.raises(RuntimeError) as raised:
        _fail()
    found = stripped(raised.value)
    assert found is raised.value
    assert (found.__traceback__, found.__cause__, found.__context__) == (None, None, None)


@pytest.mark.parametrize("make", [HttpxTransport, StdlibTransport, AsyncHttpxTransport])
def test_closing_a_transport_closes_its_idle_connections(make: Any) -> None:
    for end in (end_block, close):
        kept = [Closable(), Closable()]
        transport = make(verify=False)
        for each in kept:
            assert vars(transport)["_idle"].give_back(each) == []
        end(transport)
        assert [each.closed for each in kept] == [1, 1]
        late = Closable()
        assert vars(transport)["_idle"].give_back(late) == [late]


class Reusable(Closable):
    def __init__(self, usable: bool = True, reusable: bool = True) -> None:
        super().__init__()
        self.usable = usable
        self.is_reusable = reusable
        self.asked: list[float] = []

    def is_usable(self, seconds: float) -> bool:
        self.asked.append(seconds)
        return self.usable


def test_the_standard_library_takes_the_last_usable_connection_of_an_origin() -> None:
    transport: Any = StdlibTransport(verify=False)
    old, dead, other = Reusable(), Reusable(usable=False), Reusable()
    for origin, connection in (("a", old), ("a", dead), ("b", other)):
        transport._give_back(origin, connection)
    assert transport._take("a") is old
    assert (dead.closed, old.closed, dead.asked, old.asked) == (1, 0, [20.0], [20.0])
    assert transport._take("a") is None
    assert transport._take("b") is other
    spent = Reusable(reusable=False)
    transport._give_back("a", spent)
    assert spent.closed == 1
    assert transport._take("a") is None


def test_the_tls_context_is_made_once_and_only_for_https(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[Any] = []
    given: list[dict[str, Any]] = []

    def context(verify: object) -> object:
        made.append(verify)
        return "tls"

    monkeypatch.setattr(stdlib, "tls_context", context)
    monkeypatch.setattr(stdlib, "connect", lambda where, clock, **more: given.append(more))
    transport: Any = StdlibTransport(verify=os.devnull, proxy=PROXY)
    for url in ("http://h/", "https://h/", "https://h/", "http://h/"):
        transport._connect(split_url(url), None)
    assert made == [os.devnull]
    assert given == [{"tls": tls, "proxy": PROXY} for tls in (None, "tls", "tls", None)]


def test_the_bound_of_a_body_is_ten_mebibytes() -> None:
    assert base.LONGEST_BODY == 10 * 1024 * 1024
