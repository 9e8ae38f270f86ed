"""What differs between services when a request is signed, as data."""

from __future__ import annotations

from .payload import LITERALS
from .value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

_HOP = "hop-by-hop: ends at the next proxy (RFC 9110 §7.6.1)"
_PROXY = "written or rewritten by proxies, gateways and CDNs on the way"
_SOCKET = "written by the WebSocket library during the handshake"
_TRACE = "written by tracing libraries and agents after signing"

NEVER_SIGNED: Mapping[str, str] = {
    "authorization": "carries the signature itself",
    "accept-encoding": "rewritten by HTTP libraries and CDNs",
    "user-agent": "rewritten by HTTP libraries, gateways and browsers",
    "expect": "consumed by the first server that answers 100 Continue (FAIL-17)",
    "connection": _HOP,
    "keep-alive": _HOP,
    "proxy-authenticate": _HOP,
    "proxy-authorization": _HOP,
    "proxy-connection": _HOP,
    "te": _HOP,
    "trailer": _HOP,
    "transfer-encoding": _HOP,
    "upgrade": _HOP,
    "forwarded": _PROXY,
    "max-forwards": _PROXY,
    "via": _PROXY,
    "x-forwarded-for": _PROXY,
    "x-forwarded-host": _PROXY,
    "x-forwarded-port": _PROXY,
    "x-forwarded-proto": _PROXY,
    "x-amzn-trace-id": "rewritten by load balancers (FAIL-16)",
    "traceparent": _TRACE,
    "tracestate": _TRACE,
    "baggage": _TRACE,
    "sec-websocket-accept": _SOCKET,
    "sec-websocket-extensions": _SOCKET,
    "sec-websocket-key": _SOCKET,
    "sec-websocket-protocol": _SOCKET,
    "sec-websocket-version": _SOCKET,
}


class Dialect(Value):
    """How one family of services wants its requests signed. A variant is ``DEFAULT.replace(...)``.

    ``normalize_path``     drop empty, ``.`` and ``..`` segments first (CR-PATH-3)
    ``encode_path_again``  escape the wire path once more (CR-PATH-2), else unescape and escape it (CR-PATH-4)
    ``content_sha256``     the header X-Amz-Content-SHA256 is required, so ``sign`` adds it (PAYLOAD-4)
    ``payload_literals``   the literals it takes in place of a payload hash (PAYLOAD-3)
    ``presign_unsigned``   a presigned URL leaves the body unsigned: UNSIGNED-PAYLOAD (QUERY-3)
    ``window``             seconds that a request's clock may differ from the server's (VERIFY-18)
    ``never_signed``       lower-case header names left out of the signature, each with its reason
    """

    __slots__ = (
        "name",
        "normalize_path",
        "encode_path_again",
        "content_sha256",
        "payload_literals",
        "presign_unsigned",
        "window",
        "never_signed",
    )
    name: str
    normalize_path: bool
    encode_path_again: bool
    content_sha256: bool
    payload_literals: frozenset[str]
    presign_unsigned: bool
    window: int
    never_signed: Mapping[str, str]

    def __init__(
        self,
        name: str,
        normalize_path: bool = True,
        encode_path_again: bool = True,
        content_sha256: bool = False,
        payload_literals: frozenset[str] = frozenset(),
        presign_unsigned: bool = False,
        window: int = 300,
        never_signed: Mapping[str, str] = NEVER_SIGNED,
    ) -> None:
        self._set(
            name,
            normalize_path,
            encode_path_again,
            content_sha256,
            payload_literals,
            presign_unsigned,
            window,
            never_signed,
        )

    def replace(self, **changes: Any) -> Dialect:
        """A copy with the named fields changed."""
        fields: dict[str, Any] = dict(zip(self.__slots__, self._fields(), strict=True))
        unknown = changes.keys() - fields.keys()
        if unknown:
            raise TypeError(f"a Dialect has no field {sorted(unknown)[0]!r}: it has {', '.join(fields)}")
        return Dialect(**{**fields, **changes})

    def __hash__(self) -> int:
        return hash((type(self), self.name))


DEFAULT = Dialect("default")
S3 = Dialect(
    "s3",
    normalize_path=False,
    encode_path_again=False,
    content_sha256=True,
    payload_literals=LITERALS - {"STREAMING-AWS4-HMAC-SHA256-EVENTS"},
    presign_unsigned=True,
    window=900,
)

SERVICES: Mapping[str, Dialect] = {
    "s3": S3,
    "s3-object-lambda": S3,
    "s3-outposts": S3,
}


def dialect_of(service: str) -> Dialect:
    """The dialect of a service by its signing name; ``DEFAULT`` where the table has none."""
    return SERVICES.get(service, DEFAULT)
