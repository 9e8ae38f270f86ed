"""The client of a request, from the socket and from the headers of trusted proxies."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from sagemaker_api import ConfigError
from sagemaker_api.local.clients import Client, Proxies
from sigv4 import Request

NETWORKS = ["10.0.0.0/8", "fd00::/8", "127.0.0.1"]
TRUSTED = Proxies(NETWORKS)
TOLD = Proxies(NETWORKS, ["scheme", "vpc"])


def seen(peer: str, *headers: tuple[str, str], secure: bool = False) -> Client:
    return TRUSTED.client(Request("GET", "/", headers), peer, secure)


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.7", "198.51.100.1", "203.0.113.7"),
        ("10.0.0.1", "203.0.113.7", "203.0.113.7"),
        ("10.0.0.1", "198.51.100.1, 203.0.113.7", "203.0.113.7"),
        ("10.0.0.1", "198.51.100.1, 203.0.113.7, 10.9.9.9", "203.0.113.7"),
        ("10.0.0.1", "10.0.0.2, 10.0.0.3", "10.0.0.2"),
        ("10.0.0.1", "203.0.113.7:4711", "203.0.113.7"),
        ("10.0.0.1", "[2001:db8::1]:4711", "2001:db8::1"),
        ("10.0.0.1", "2001:DB8::1", "2001:db8::1"),
        ("10.0.0.1", "::ffff:203.0.113.7", "203.0.113.7"),
        ("::ffff:10.0.0.1", "203.0.113.7", "203.0.113.7"),
        ("fd00::1%eth0", "203.0.113.7", "203.0.113.7"),
        ("10.0.0.1", "203.0.113.7, unknown", ""),
        ("10.0.0.1", "[203.0.113.7]:80", "203.0.113.7"),
        ("10.0.0.1", "[::ffff:203.0.113.7]", "203.0.113.7"),
        ("10.0.0.1", "203.0.113.7:x", ""),
        ("10.0.0.1", "203.0.113.7:", ""),
        ("10.0.0.1", "203.0.113.7:123456", ""),
        ("10.0.0.1", "[::1", ""),
        ("10.0.0.1", "[::1]x", ""),
        ("10.0.0.1", "[::1]:", ""),
        ("10.0.0.1", "[]", ""),
        ("10.0.0.1", "203.0.113.007", ""),
        ("10.0.0.1", "0x7f.1", ""),
        ("10.0.0.1", "for=203.0.113.7", ""),
        ("10.0.0.1", "", ""),
        ("10.0.0.1", "203.0.113.7,", ""),
        ("fe80::1%eth0", "", "fe80::1"),
    ],
)
def test_the_rightmost_address_that_no_trusted_proxy_has_counts(
    peer: str, forwarded: str, address: str
) -> None:
    assert seen(peer, ("X-Forwarded-For", forwarded)).address == address


def test_a_network_of_mapped_addresses_is_the_ipv4_network_it_maps() -> None:
    mapped = Proxies(["::ffff:10.0.0.0/104", "::ffff:192.0.2.1"])
    assert mapped == Proxies(["10.0.0.0/8", "192.0.2.1"])
    forwarded = Request("GET", "/", [("X-Forwarded-For", "203.0.113.7")])
    assert mapped.client(forwarded, "::ffff:10.1.2.3") == Client("203.0.113.7")


def test_several_headers_count_as_one_list() -> None:
    headers = (("X-Forwarded-For", "198.51.100.1"), ("x-forwarded-for", "203.0.113.7"))
    assert seen("10.0.0.1", *headers).address == "203.0.113.7"


def test_a_trusted_proxy_that_names_no_client_is_the_client() -> None:
    assert seen("10.0.0.1").address == "10.0.0.1"


def test_scheme_and_endpoint_are_taken_only_from_a_trusted_proxy() -> None:
    headers = (("X-Forwarded-Proto", "https"), ("X-Vpc-Endpoint-Id", "vpce-1"), ("X-Vpc-Id", "vpc-1"))
    assert seen("203.0.113.7", *headers) == Client("203.0.113.7")
    assert TOLD.client(Request("GET", "/", headers), "203.0.113.7") == Client("203.0.113.7")
    assert TOLD.client(Request("GET", "/", headers), "10.0.0.1") == Client(
        "10.0.0.1", True, "vpce-1", "vpc-1"
    )
    assert seen("10.0.0.1", secure=True).secure
    assert not TOLD.client(Request("GET", "/", (("X-Forwarded-Proto", "http"),)), "10.0.0.1", True).secure


@pytest.mark.parametrize(
    ("kinds", "client"),
    [
        ([], Client("203.0.113.7")),
        (["scheme"], Client("203.0.113.7", True)),
        (["vpc"], Client("203.0.113.7", False, "vpce-1", "vpc-1")),
    ],
)
def test_each_kind_of_forwarded_header_is_trusted_separately(kinds: list[str], client: Client) -> None:
    """A proxy that appends X-Forwarded-For may forward the client's other headers unchanged."""
    proxies = Proxies(["10.0.0.0/8"], kinds)
    headers = (
        ("X-Forwarded-For", "203.0.113.7"), ("X-Forwarded-Proto", "https"),
        ("X-Vpc-Endpoint-Id", "vpce-1"), ("X-Vpc-Id", "vpc-1"),
    )  # fmt: skip
    assert proxies.client(Request("GET", "/", headers), "10.0.0.1") == client


@pytest.mark.parametrize(
    ("networks", "kinds", "words"),
    [
        (["10.0.0.1"], ["address"], "expected scheme or vpc"),
        ([], ["vpc"], "name their networks"),
        ("10.0.0.1", [], "found a text"),
        (["10.0.0.1"], "vpc", "found a text"),
    ],
)
def test_unknown_kinds_of_forwarded_headers_are_refused(
    networks: list[str], kinds: list[str], words: str
) -> None:
    with pytest.raises(ConfigError, match=words):
        Proxies(networks, kinds)


@pytest.mark.parametrize(
    ("address", "loopback"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("10.0.0.1", False), ("", False)],
)
def test_loopback_is_this_machine(address: str, loopback: bool) -> None:
    assert Client(address).is_loopback is loopback


@given(st.text(), st.lists(st.tuples(st.sampled_from(["X-Forwarded-For", "X-Forwarded-Proto"]), st.text())))
@pytest.mark.slow
def test_the_client_is_an_address_or_none_whatever_is_sent(peer: str, headers: list[tuple[str, str]]) -> None:
    for connection in (peer, "10.0.0.1", "203.0.113.7"):
        client = seen(connection, *headers)
        assert client.is_loopback in (True, False)
        assert connection != "203.0.113.7" or client == Client("203.0.113.7")
