"""What every transport keeps to: time limits, the bound of a body, TLS, and errors that carry no frames."""

from __future__ import annotations

from sigv4.network.proxies import Proxy, parse_proxy
from sigv4.network.time_limits import Clock, TimeLimits

from ..errors import TransportError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigv4.network.deadline_socket import ExchangeError

__all__ = ["Clock", "TimeLimits"]  # beside what is defined here

LONGEST_BODY = 10 * 1024 * 1024


def checked_proxy(proxy: Proxy | str | None) -> Proxy | None:
    """The proxy of a URL such as ``http://user:password@host:3128``. Raises ConfigError, masked."""
    try:
        return parse_proxy(proxy) if isinstance(proxy, str) else proxy
    finally:
        proxy = None  # it may hold a password: not in the locals of a raised error


def transport_error(fault: ExchangeError, url: str, proxy: Proxy | None) -> TransportError:
    """The same fault in the words of this package."""
    if proxy is None or fault.kind not in ("proxy", "proxy-refused"):
        return TransportError(fault.kind, url, fault.reason)
    said = "".join([char for char in fault.reason[:200] if char.isprintable()])
    return TransportError(fault.kind, proxy.url, said)


def stripped(error: BaseException) -> BaseException:
    """``error`` without traceback, cause and context."""
    error.__traceback__ = error.__cause__ = error.__context__ = None
    return error
