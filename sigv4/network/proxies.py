"""Selects the proxy of a request by ``HTTPS_PROXY``, ``HTTP_PROXY`` and ``NO_PROXY``, as urllib does.

The lower-case name is used first. Entries of ``NO_PROXY`` are ends of host names; ``*`` means all hosts.
Requests to a loopback or link-local address never use a proxy, because credentials are served there.
"""

from __future__ import annotations

import os
import sys

from ..errors import ConfigError, SigningError
from ..record import Record
from ..target import cut_url, host_and_port, is_loopback, join_host, split_url, user_info_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_SYSTEM = "system settings"


class Proxy(Record):
    """An HTTP proxy: its ``host`` and ``port``, its ``authorization`` (``""`` without a user) and ``origin``.

    ``url`` may be shown: the user name and password are masked in it.
    """

    _masked = ("authorization",)
    host: str
    port: int
    authorization: str = ""
    origin: str = "argument"

    @property
    def url(self) -> str:
        user = "***:***@" if self.authorization else ""
        return f"http://{user}{join_host(self.host, self.port)}"


def parse_proxy(text: str, origin: str = "argument") -> Proxy:
    """The proxy of a URL such as ``http://user:password@proxy.example:3128``; the scheme may be left out.

    Raises ConfigError, which shows neither user name nor password.
    """
    fault, found = "", None
    try:
        scheme, authority, _ = cut_url(text.strip())
        if not scheme:
            scheme, authority, _ = cut_url(f"http://{text.strip().removeprefix('//')}")
        if scheme != "http":
            fault = f"the scheme is {scheme[:20]!r}"
        elif not all("!" <= char <= "~" for char in authority):
            fault = "it holds characters that a URL cannot have"
        else:
            host, port = host_and_port("http", authority)
            found = Proxy(host.lower(), port, _authorization(authority), origin)
    except SigningError:
        fault = "its host or port cannot be read"
    finally:
        text = authority = ""  # a password: hidden from tracebacks with locals
    if found is None:
        raise ConfigError(
            f"{origin}: the proxy's URL is wrong: {fault}. Expected http://[user:password@]host[:port]"
        )
    return found


def _authorization(authority: str) -> str:
    from binascii import b2a_base64
    from urllib.parse import unquote

    user = user_info_of(authority)
    if user is None:
        return ""
    name, _, password = user.partition(":")
    raw = f"{unquote(name)}:{unquote(password)}".encode()
    return f"Basic {b2a_base64(raw, newline=False).decode('ascii')}"


def proxy_for(url: str, environ: Mapping[str, str] | None = None) -> Proxy | None:
    """The proxy that a request to ``url`` goes through, or None. Raises ConfigError for a malformed one.

    ``environ`` is by default this process's environment; then the system settings of macOS and Windows count
    too.
    """
    where = split_url(url)
    host = join_host(where.host, where.port)
    if is_loopback(where.host) or _is_link_local(where.host):
        return None
    variables = os.environ if environ is None else environ
    found = _variable(f"{where.scheme}_proxy", variables)
    if found is None and environ is None and sys.platform in ("darwin", "win32"):
        found = _of_the_system(where.scheme, where.authority)
    elif found is not None and _is_bypassed(host, where.host, variables):
        found = None
    return None if found is None else parse_proxy(found[1], found[0])


def _is_link_local(host: str) -> bool:
    """Whether the host may be the instance metadata or a container's endpoint, including fd00:ec2::/32."""
    if ":" in host:
        return host.startswith(("fe80:", "fd00:ec2:"))
    octets = host.split(".")
    return len(octets) == 4 and octets[:2] == ["169", "254"] and all(each.isdigit() for each in octets)


def _variable(wanted: str, variables: Mapping[str, str]) -> tuple[str, str] | None:
    found = None
    for name, value in variables.items():
        if value and name.lower() == wanted:
            found = name, value
    if wanted == "http_proxy" and "REQUEST_METHOD" in variables:
        found = None  # CVE-2016-1000110: under CGI, HTTP_PROXY is a header of the client
    for name, value in variables.items():
        if name[-6:] == "_proxy" and name.lower() == wanted:
            found = (name, value) if value else None
    return found


def _is_bypassed(host: str, name: str, variables: Mapping[str, str]) -> bool:
    ends = _variable("no_proxy", variables)
    if ends is None:
        return False
    if ends[1] == "*":
        return True
    for each in ends[1].lower().split(","):
        end = each.strip().lstrip(".")
        if end[:1] == "[" and end[-1:] == "]":  # an IPv6 address, which may also be without brackets
            end = end[1:-1]
        if end and (end in (host, name) or host.endswith(f".{end}") or name.endswith(f".{end}")):
            return True
    return False


def _of_the_system(scheme: str, host: str) -> tuple[str, str] | None:
    from urllib.request import getproxies, proxy_bypass

    url = getproxies().get(scheme)
    return (_SYSTEM, url) if url and not proxy_bypass(host) else None
