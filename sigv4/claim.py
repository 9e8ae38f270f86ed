"""What a request says of its signer, and what is left of it once that is proved."""

from __future__ import annotations

from .authorization import V4

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from .scope import Scope
    from .v4a import Scope as ScopeV4A

    AnyScope: TypeAlias = Scope | ScopeV4A


class Claim(tuple["str", "str | None", "AnyScope", "str"]):
    """Who a request says it is from, before that is proved: what ``lookup`` gets.

    ``scope`` has no region where ``algorithm`` is V4A.
    """

    __slots__ = ()

    def __new__(
        cls, access_key_id: str, session_token: str | None, scope: AnyScope, algorithm: str = V4
    ) -> Claim:
        return tuple.__new__(cls, (access_key_id, session_token, scope, algorithm))

    @property
    def access_key_id(self) -> str:
        return self[0]

    @property
    def session_token(self) -> str | None:
        return self[1]

    @property
    def scope(self) -> AnyScope:
        return self[2]

    @property
    def algorithm(self) -> str:
        return self[3]

    def __repr__(self) -> str:
        token = "***" if self.session_token else None
        return f"Claim({self.access_key_id!r}, session_token={token}, scope={self.scope!r})"


class Verified(tuple["str", "AnyScope", "int", "tuple[str, ...]", "str"]):
    """What a verified signature proves. ``timestamp`` is in epoch seconds; ``payload`` the payload line."""

    __slots__ = ()

    def __new__(
        cls,
        access_key_id: str,
        scope: AnyScope,
        timestamp: int,
        signed_headers: tuple[str, ...],
        payload: str,
    ) -> Verified:
        return tuple.__new__(cls, (access_key_id, scope, timestamp, signed_headers, payload))

    @property
    def access_key_id(self) -> str:
        return self[0]

    @property
    def scope(self) -> AnyScope:
        return self[1]

    @property
    def timestamp(self) -> int:
        return self[2]

    @property
    def signed_headers(self) -> tuple[str, ...]:
        return self[3]

    @property
    def payload(self) -> str:
        return self[4]

    def __getnewargs__(self) -> tuple[str, AnyScope, int, tuple[str, ...], str]:
        return self[0], self[1], self[2], self[3], self[4]

    def __repr__(self) -> str:
        signed = ";".join(self.signed_headers)
        return (
            f"Verified({self.access_key_id!r}, {self.scope!r}, timestamp={self.timestamp}, signed={signed!r})"
        )
