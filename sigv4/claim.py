"""``Claim``: who a request says it is from. ``Verified``: what its signature proves."""

from __future__ import annotations

from .authorization import V4
from .record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from .scope import Scope
    from .signed_request import SignedRequest
    from .v4a import Scope as ScopeV4A

    AnyScope: TypeAlias = Scope | ScopeV4A


class Claim(Record):
    """Who a request says it is from, before that is proved: the argument of ``lookup``.

    ``scope`` has no region if ``algorithm`` is V4A. A pickle of a claim holds its session token in clear.
    """

    access_key_id: str
    session_token: str | None
    scope: AnyScope
    algorithm: str = V4

    def __repr__(self) -> str:
        token = "***" if self.session_token else None
        return f"Claim({self.access_key_id!r}, session_token={token}, scope={self.scope!r})"


class Claimed:
    """A ``request`` that is well-formed and in time, and the ``claim`` it makes (VERIFY-1…13).

    ``timestamp`` is that of the string to sign, ``seconds`` the same in epoch seconds.
    """

    __slots__ = ("claim", "request", "seconds", "timestamp")

    def __init__(self, claim: Claim, request: SignedRequest, timestamp: str, seconds: int) -> None:
        # Not a Record: this is made for every request, and a Record takes three times as long.
        self.claim = claim
        self.request = request
        self.timestamp = timestamp
        self.seconds = seconds


class Verified(Record):
    """What a verified signature proves. ``timestamp`` is in epoch seconds; ``payload`` the payload line."""

    access_key_id: str
    scope: AnyScope
    timestamp: int
    signed_headers: tuple[str, ...]
    payload: str

    def __repr__(self) -> str:
        signed = ";".join(self.signed_headers)
        return (
            f"Verified({self.access_key_id!r}, {self.scope!r}, timestamp={self.timestamp}, signed={signed!r})"
        )
