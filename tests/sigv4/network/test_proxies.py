"""The proxy for a URL, from the variables as urllib reads them; and hosts for which no proxy is used."""

from __future__ import annotations

import itertools
import os
import urllib.request
from collections.abc import Callable
from urllib.request import getproxies_environment

import pytest

from sigv4 import ConfigError
from sigv4.network.proxies import Proxy, parse_proxy, proxy_for

# The stubs of typeshed do not have this function.
proxy_bypass_environment: Callable[[str, dict[str, str]], bool] = vars(urllib.request)[
    "proxy_bypass_environment"
]


@pytest.mark.parametrize(
    ("text", "proxy"),
    [
        ("http://proxy.example:3128", Proxy("proxy.example", 3128)),
        ("HTTP://proxy.example", Proxy("proxy.example", 80)),
        ("proxy.example:3128", Proxy("proxy.example", 3128)),
        ("//proxy.example:3128/", Proxy("proxy.example", 3128)),
        ("http://[::1]:8", Proxy("::1", 8)),
        ("http://a%40b:c%3Ad@h:1", Proxy("h", 1, "Basic YUBiOmM6ZA==")),
        ("http://user@h:1", Proxy("h", 1, "Basic dXNlcjo=")),
    ],
)
def test_the_url_of_a_proxy(text: str, proxy: Proxy) -> None:
    assert parse_proxy(text) == proxy


def test_the_shown_url_of_a_proxy_has_no_password() -> None:
    proxy = parse_proxy("http://user:MARK@[fe80::1]:8")
    assert proxy.url == "http://***:***@[fe80::1]:8"
    assert "MARK" not in repr(proxy)
    assert proxy.authorization not in repr(proxy)
    with pytest.raises(ConfigError, match=r"^HTTPS_PROXY: ") as raised:
        parse_proxy("http://user:MARK@h:port", "HTTPS_PROXY")
    trace = raised.value.__traceback__
    while trace is not None:
        if (
            "proxies.py" in trace.tb_frame.f_code.co_filename
            and "tests" not in trace.tb_frame.f_code.co_filename
        ):
            assert "MARK" not in repr(trace.tb_frame.f_locals)
        trace = trace.tb_next


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest",
        "http://169.254.170.2/x",
        "http://[fd00:ec2::254]/latest",
        "http://[fe80::1]/",
        "http://127.0.0.1:8/",
        "http://localhost/",
        "https://[::1]:8/",
    ],
)
def test_loopback_and_link_local_addresses_never_use_a_proxy(url: str) -> None:
    assert proxy_for(url, {"http_proxy": "http://p:1", "https_proxy": "http://p:1"}) is None


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254.example.com/",
        "http://localhost.example/",
        "http://169.254.a.1/",
        "http://169.254.1/",
        "http://169.253.1.1/",
        "http://168.254.1.1/",
        "http://[fd00:ec3::1]/",
    ],
)
def test_a_host_that_only_looks_like_such_an_address_uses_the_proxy(url: str) -> None:
    assert proxy_for(url, {"http_proxy": "http://p:1"}) == Proxy("p", 1, "", "http_proxy")


VALUES = {
    "HTTPS_PROXY": ("http://upper:1", ""),
    "https_proxy": ("http://lower:1", ""),
    "HTTP_PROXY": ("http://plain:1",),
    "NO_PROXY": ("*", "example.com", ".example.com, other", "other:443,sts.example.com"),
    "no_proxy": ("", "example.org"),
    "REQUEST_METHOD": ("GET",),
    "ALL_PROXY": ("http://all:1",),
}
URLS = (
    "https://sts.example.com/",
    "https://example.com:443/",
    "http://example.org/",
    "https://notexample.com/",
    "https://other:443/",
)


def test_the_variables_are_read_as_urllib_reads_them(monkeypatch: pytest.MonkeyPatch) -> None:
    count = 0
    for values in itertools.product(*((None, *each) for each in VALUES.values())):
        variables = {name: value for name, value in zip(VALUES, values, strict=True) if value is not None}
        monkeypatch.setattr(os, "environ", variables)
        theirs = getproxies_environment()
        for url in URLS:
            scheme, _, rest = url.partition("://")
            expected = (
                None if proxy_bypass_environment(rest.partition("/")[0], theirs) else theirs.get(scheme)
            )
            found = proxy_for(url, variables)
            assert (None if found is None else found.url) == expected, (url, variables)
            count += 1
    assert count > 4000


@pytest.mark.parametrize(
    "entry", ["2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:8443", "x, [2001:DB8::1] ,y"]
)
def test_no_proxy_names_an_ipv6_address_with_and_without_brackets(entry: str) -> None:
    environ = {"HTTPS_PROXY": "http://proxy.example:3128", "NO_PROXY": entry}
    assert proxy_for("https://[2001:db8::1]:8443/", environ) is None
    assert proxy_for("https://[2001:db8::2]:8443/", environ) is not None


def test_no_proxy_names_the_default_port_too() -> None:
    environ = {"HTTPS_PROXY": "http://proxy.example:3128", "NO_PROXY": "example.com:443"}
    assert proxy_for("https://example.com/", environ) is None
    assert proxy_for("https://example.com:8443/", environ) is not None


def test_every_printable_character_may_be_in_a_user_name_and_no_other() -> None:
    for code in range(0x21, 0x7F):
        char = chr(code)
        if char not in "/?#@:%":
            assert parse_proxy(f"http://u{char}:p{char}@h:1").authorization.startswith("Basic ")
    for char in (" ", "\x1f", "\x7f", "\x80", "ü"):
        with pytest.raises(ConfigError):
            parse_proxy(f"http://u{char}v@h:1")


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32", "cygwin"])
@pytest.mark.parametrize("given", [True, False])
@pytest.mark.parametrize("variable", ["", "http://own:1"])
def test_the_settings_of_the_system_count_if_there_are_any(
    monkeypatch: pytest.MonkeyPatch, platform: str, given: bool, variable: str
) -> None:
    environ = {"http_proxy": variable} if variable else {}
    monkeypatch.setattr(os, "environ", environ)
    monkeypatch.setattr("sys.platform", platform)
    monkeypatch.setattr("urllib.request.getproxies", lambda: {"http": "http://system:2"})
    monkeypatch.setattr("urllib.request.proxy_bypass", lambda host: host == "bypassed.example")
    uses_system = platform in ("darwin", "win32") and not given and not variable
    own = Proxy("own", 1, "", "http_proxy") if variable else None
    system = Proxy("system", 2, "", "system settings") if uses_system else None
    for host, expected in (("h.example", own or system), ("bypassed.example", own)):
        assert proxy_for(f"http://{host}/", environ if given else None) == expected
    assert proxy_for("https://h.example/", environ if given else None) is None
