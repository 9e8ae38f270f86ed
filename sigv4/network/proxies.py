"""Which proxy a request goes through: ``HTTPS_PROXY``, ``HTTP_PROXY`` and ``NO_PROXY``, as urllib reads them.

The lower-case name wins; entries of ``NO_PROXY`` are the ends of host names, ``*`` is all of them. A loopback
or link-local address is never asked of a proxy: credentials are served there.
"""

from __future__ import annotations

import os
import sys

from ..errors import CredentialsError
from ..hosts import is_loopback
from ..record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_SYSTEM = "system settings"


class Proxy(Record):
    """An HTTP proxy: its ``host`` and ``port``, its ``authorization`` (``""`` without a user) and ``origin``.

    ``url`` is what may be shown: the user name and password are masked in it.
    """

    _masked = ("authorization",)
    host: str
    port: int
    authorization: str = ""
    origin: str = "argument"

    @property
    def url(self) -> str:
        user = "***:***@" if self.authorization else ""
        return f"http://{user}{authority(self.host, self.port)}"


def authority(host: str, port: int) -> str:
    """``host:port``, an IPv6 address in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def parse_proxy(text: str, origin: str = "argument") -> Proxy:
    """The proxy of a URL such as ``http://user:password@proxy.example:3128``; the scheme may be left out.

    Raises CredentialsError, which shows neither user name nor password.
    """
    from urllib.parse import urlsplit

    url = text.strip()
    url = f"http:{url}" if url.startswith("//") else url
    url = url if "://" in url else f"http://{url}"
    fault, found = "", None
    try:
        parts = urlsplit(url)
        if parts.scheme.lower() != "http":
            fault = f"the scheme is {parts.scheme[:20]!r}"
        elif not parts.hostname or not all("!" <= char <= "~" for char in parts.netloc):
            fault = "it names no host"
        else:
            found = Proxy(parts.hostname, parts.port or 80, _authorization(parts.netloc), origin)
    except ValueError:
        fault = "its host or port cannot be read"
    finally:
        text = url = ""
        parts = None  # type: ignore[assignment]  # a password: not in the locals of a raised error
    if found is None:
        raise CredentialsError(
            f"{origin}: the proxy's URL is not one: {fault}. Expected http://[user:password@]host[:port]"
        )
    return found


def _authorization(netloc: str) -> str:
    from binascii import b2a_base64
    from urllib.parse import unquote

    user, at, _ = netloc.rpartition("@")
    if not at:
        return ""
    name, _, password = user.partition(":")
    raw = f"{unquote(name)}:{unquote(password)}".encode()
    return f"Basic {b2a_base64(raw, newline=False).decode('ascii')}"


def proxy_for(url: str, environ: Mapping[str, str] | None = None) -> Proxy | None:
    """The proxy that a request to ``url`` goes through, or None. Raises CredentialsError for a malformed one.

    ``environ`` is this process's unless given; only then macOS's and Windows' system settings count too.
    """
    scheme, _, rest = url.partition("://")
    host = rest.partition("/")[0].partition("?")[0].lower()
    name = host[1:].partition("]")[0] if host[:1] == "[" else host.partition(":")[0]
    if is_loopback(host) or _is_link_local(host):
        return None
    variables = os.environ if environ is None else environ
    found = _variable(f"{scheme.lower()}_proxy", variables)
    if found is None and environ is None and sys.platform in ("darwin", "win32"):
        found = _of_the_system(scheme.lower(), host)
    elif found is not None and _is_bypassed(host, name, variables):
        found = None
    return None if found is None else parse_proxy(found[1], found[0])


def _is_link_local(host: str) -> bool:
    """Whether the instance metadata or a container's endpoint may be there; fd00:ec2::/32 counts for that."""
    if host[:1] == "[":
        return host.startswith(("[fe80:", "[fd00:ec2:"))
    octets = host.partition(":")[0].split(".")
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
        if end and (end in (host, name) or host.endswith(f".{end}") or name.endswith(f".{end}")):
            return True
    return False


def _of_the_system(scheme: str, host: str) -> tuple[str, str] | None:
    from urllib.request import getproxies, proxy_bypass

    url = getproxies().get(scheme)
    return (_SYSTEM, url) if url and not proxy_bypass(host) else None
