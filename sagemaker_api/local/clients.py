"""Who is at the other end of a connection, told from the socket and from the proxies that are trusted."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from typing import TypeAlias

from sigv4.record import Record
from sigv4.request import Request
from sigv4.target import is_loopback

from ..errors import ConfigError

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

# What a trusted proxy may say of the VPC endpoint through which a request came. No header of AWS's own tells
# it: there the endpoint itself does.
VPCE_HEADER = "x-vpc-endpoint-id"
VPC_HEADER = "x-vpc-id"
FORWARDED_KINDS = ("scheme", "vpc")

_MAPPED_BITS = 96
_WITH_PORT = re.compile(r"\[([^\[\]]+)\](?::[0-9]{1,5})?|([^:]+):[0-9]{1,5}")


class Client(Record):
    """Who is at the other end at this moment.

    ``address`` is an IP address as text, ``""`` where a trusted proxy named none; ``secure`` says whether
    the way to us, or to the outermost trusted proxy, is https; ``vpce`` and ``vpc`` are the ids of the VPC
    endpoint it came through and of that endpoint's VPC, ``user_agent`` and ``referer`` what its headers of
    these names say, each or ``""``.
    """

    address: str
    secure: bool = False
    vpce: str = ""
    vpc: str = ""
    user_agent: str = ""
    referer: str = ""

    @property
    def is_loopback(self) -> bool:
        """Whether it is on this machine."""
        return is_loopback(self.address)


class Proxies(Record):
    """The proxies whose headers are believed, and which of them.

    ``X-Forwarded-For`` counts only where the connection comes from one of ``networks``. What else such a
    proxy may say is named in ``kinds``: ``scheme`` is ``X-Forwarded-Proto``, ``vpc`` are
    ``X-Vpc-Endpoint-Id`` and ``X-Vpc-Id``. A proxy that sets only X-Forwarded-For passes the others on as its
    client wrote them, so each kind is believed only where the proxy is known to set it.
    """

    networks: tuple[Network, ...]
    kinds: frozenset[str]

    def __init__(self, networks: Iterable[str] = (), kinds: Iterable[str] = ()) -> None:
        """Raises ConfigError for what is not a network, and for an unknown kind."""
        if isinstance(networks, str) or isinstance(kinds, str):
            raise ConfigError("expected a list of networks, and one of kinds: found a text")
        trusted, named = tuple(_network(text) for text in networks), frozenset(kinds)
        for kind in sorted(named - frozenset(FORWARDED_KINDS)):
            raise ConfigError(
                f"{kind!r} is not a kind of forwarded header: expected {' or '.join(FORWARDED_KINDS)}"
            )
        if named and not trusted:
            raise ConfigError(
                "forwarded headers are believed from trusted proxies alone: name their networks"
            )
        super().__init__(trusted, named)

    def client(self, request: Request, peer: str, secure: bool = False) -> Client:
        """The client of ``request``, whose connection comes from the address ``peer``.

        Of ``X-Forwarded-For`` the rightmost address that no trusted proxy has counts: anyone may have written
        what is left of it. An entry that is not an address hides the client: ``address`` is ``""``.
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
    if mapped is not None and found.prefixlen >= _MAPPED_BITS:  # addresses are known by their IPv4 form
        return ipaddress.IPv4Network((mapped, found.prefixlen - _MAPPED_BITS))
    return found


def plain_address(text: str) -> str:
    """The address in ``text`` in its one textual form, or ``""``.

    A port, brackets and a zone are left out; an IPv4 address mapped into IPv6 is the IPv4 address.
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
