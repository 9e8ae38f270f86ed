"""``Events``: the request that opens an event stream, and the signer of its events (EVENT-3…6)."""

from __future__ import annotations

from .. import v4
from ..scope import Scope
from .event_signer import EventSigner

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from ..authorization import Signature


class Events:
    """What ``Signer.events`` returns: send ``headers``, then each event as ``sign`` returns it."""

    __slots__ = ("_clock", "_seed", "_signer", "headers")
    headers: dict[str, str | bytes]

    def __init__(self, seed: Signature, clock: Callable[[], float]) -> None:
        self.headers = seed.headers
        self._seed = seed
        self._clock = clock
        self._signer = EventSigner(self._key_of, seed.signature)

    def sign(self, frame: bytes, *, at: float | datetime | None = None) -> bytes:
        """The message to send for one event, a frame made by ``encode_frame``. Raises SigningError."""
        return self._signer.sign_payload(frame, at=self._clock() if at is None else at)

    def close(self, *, at: float | datetime | None = None) -> bytes:
        """The message that ends the stream. Raises SigningError."""
        return self._signer.close(at=self._clock() if at is None else at)

    def __repr__(self) -> str:
        return f"Events({self._seed.scope!r})"

    def _key_of(self, date: str) -> v4.SigningKey:
        """The key of the same credentials for ``date``: a stream may continue past midnight."""
        key: v4.SigningKey = self._seed.signed_by.key
        if key.scope.date == date:
            return key
        scope = Scope(date, key.scope.region, key.scope.service)
        return v4.key_of(self._seed.signed_by.credentials, scope)
