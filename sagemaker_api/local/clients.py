"""Finds the client of a request, from the socket and the headers of trusted proxies."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from typing import TypeAlias

from sigv4.errors import expect
from sigv4.record import Record
from sigv4.request import Request
from sigv4.target import is_loopback

from ..errors import ConfigError

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

# The header in which a trusted proxy names the VPC endpoint of a request. AWS has no such header: there the
# endpoint itself gives the id.
VPCE_HEADER = "x-vpc-endpoint-id"
VPC_HEADER = "x-vpc-id"
FORWARDED_KINDS = ("scheme", "vpc")

_MAPPED_BITS = 96
_WITH_PORT = re.compile(r"\[([^\[\]]+)\](?::[0-9]{1,5})?|([^:]+):[0-9]{1,5}")


class Client(Record):
    """The client of a request.

    ``address`` is an IP address as text, ``""`` if a trusted proxy gave none; ``secure`` says whether the
    connection to this endpoint, or to the outermost trusted proxy, is https. ``vpce`` and ``vpc`` are the ids
    of the VPC endpoint of the request and of its VPC; ``user_agent`` and ``referer`` are the headers with
    these names; each may be ``""``.
    """

    address: str
    secure: bool = False
    vpce: str = ""
    vpc: str = ""
    user_agent: str = ""
    referer: str = ""

    @property
    def is_loopback(self) -> bool:
        """Whether the client is on this machine."""
        return is_loopback(self.address)


class Proxies(Record):
    """The trusted proxies, and which of their headers are trusted.

    ``X-Forwarded-For`` counts only if the connection comes from one of ``networks``. ``kinds`` names further
    trusted headers: ``scheme`` is ``X-Forwarded-Proto``, ``vpc`` are ``X-Vpc-Endpoint-Id`` and ``X-Vpc-Id``.
    Name only those that the proxies set: a proxy that sets only X-Forwarded-For forwards the others unchanged
    from its client.
    """

    networks: tuple[Network, ...]
    kinds: frozenset[str]

    def __init__(self, networks: Iterable[str] = (), kinds: Iterable[str] = ()) -> None:
        """Raises ConfigError for a malformed network and for an unknown kind."""
        if isinstance(networks, str) or isinstance(kinds, str):
            raise ConfigError("expected a list of networks, and one of kinds: found a text")
        for name, given in (("trusted_proxies", networks), ("forwarded", kinds)):
            fits = isinstance(given, Iterable) and not isinstance(given, bytes)
            expect(fits, name, given, "a list of texts", ConfigError)
        networks, kinds = list(networks), list(kinds)
        for each in (*networks, *kinds):
            expect(isinstance(each, str), "a trusted proxy or forwarded header", each, "a text", ConfigError)
        trusted, named = tuple(_network(text) for text in networks), frozenset(kinds)
        for kind in sorted(named - frozenset(FORWARDED_KINDS)):
            raise ConfigError(
                f"{kind!r} is not a kind of forwarded header: expected {' or '.join(FORWARDED_KINDS)}"
            )
        if named and not trusted:
            raise ConfigError("forwarded headers are trusted only from trusted proxies: name their networks")
        super().__init__(trusted, named)

    def client(self, request: Request, peer: str, secure: bool = False) -> Client:
        """The client of ``request``, whose connection comes from the address ``peer``.

        In ``X-Forwarded-For`` the rightmost address that is not a trusted proxy counts, because anyone may
        have written the text to its left. If that entry is not an address, ``address`` is ``""``.
        """
        address = plain_address(peer)
        agent, referer = (",".join(request.header_values(name)) for name in ("user-agent", "referer"))
        if not self._trusts(address):
            return Client(address, secure, "", "", agent, referer)
        for entry in reversed(_values(request, "x-forwarded-for")):
            address = plain_address(entry)
            if not self._trusts(address):
                break
        if "scheme" in self.kinds:
            scheme = (_values(request, "x-forwarded-proto") or ["https" if secure else "http"])[-1].lower()
            secure = scheme == "https"
        vpce = vpc = ""
        if "vpc" in self.kinds:
            vpce, vpc = ("".join(_values(request, name)[-1:]) for name in (VPCE_HEADER, VPC_HEADER))
        return Client(address, secure, vpce, vpc, agent, referer)

    def _trusts(self, address: str) -> bool:
        if not address:
            return False
        parsed = ipaddress.ip_address(address)
        return any(parsed in network for network in self.networks if network.version == parsed.version)


def _network(text: str) -> Network:
    try:
        found = ipaddress.ip_network(text)
    except ValueError as error:
        raise ConfigError(
            f"{text!r} is not a network to trust: {error}. Expected an address, or a CIDR such as 10.0.0.0/8"
        ) from None
    mapped = found.network_address.ipv4_mapped if isinstance(found, ipaddress.IPv6Network) else None
    if mapped is not None and found.prefixlen >= _MAPPED_BITS:  # clients have the IPv4 form of such addresses
        return ipaddress.IPv4Network((mapped, found.prefixlen - _MAPPED_BITS))
    return found


def plain_address(text: str) -> str:
    """The address in ``text`` in its normal form, or ``""`` if there is none.

    A port, brackets and a zone are removed; an IPv4 address mapped into IPv6 becomes the IPv4 address.
    """
    found = _WITH_PORT.fullmatch(text.strip())
    host = text.strip() if found is None else found[1] or found[2]
    try:
        parsed = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return ""
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return str(mapped or parsed)


def _values(request: Request, name: str) -> list[str]:
    """The comma-separated values of every header of this name, in order."""
    return [part.strip() for text in request.header_values(name) for part in text.split(",")]
