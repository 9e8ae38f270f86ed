"""A bounded cache of derived signing keys, for verifiers that see the same access keys again and again."""

from __future__ import annotations

from hashlib import blake2b
from os import urandom
from time import monotonic

from .authorization import algorithm_of
from .errors import SigningError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .claim import AnyScope
    from .credentials import Credentials


class KeyCache:
    """At most ``capacity`` derived keys, each for at most ``seconds``: ``Verifier(keys=KeyCache())``.

    It saves four HMACs a request, or the elliptic-curve derivation of 4A. ``lookup`` is called for every
    request as before, and the session token is compared every time: a key that ``lookup`` no longer returns
    is refused at once. An entry belongs to an access key id, a scope and a digest of the secret, so that a
    rotated secret never meets its old key. Safe to share between threads, tasks and verifiers.
    """

    def __init__(
        self, capacity: int = 10_000, seconds: float = 900, *, clock: Callable[[], float] = monotonic
    ) -> None:
        if not isinstance(capacity, int) or capacity < 1:
            raise SigningError(f"capacity is {capacity!r}: expected how many keys to keep, 1 or more")
        if not isinstance(seconds, (int, float)) or not seconds > 0:
            raise SigningError(f"seconds is {seconds!r}: expected how long a key may be kept, more than 0")
        self._capacity = capacity
        self._seconds = seconds
        self._clock = clock
        self._salt = urandom(32)  # so that no digest of a secret in memory can be looked up in a table
        self._kept: dict[tuple[str, str, AnyScope, bytes], tuple[float, Any]] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def __repr__(self) -> str:
        return f"KeyCache({self._capacity}, {self._seconds:g}, holding {len(self)})"

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        raise TypeError("a KeyCache cannot be pickled: make another one in the other process")

    def key_of(self, credentials: Credentials, scope: AnyScope, algorithm: str) -> Any:
        """The signing key of ``credentials`` for ``scope``, kept or derived now."""
        secret = credentials.secret_access_key.encode("utf-8")
        digest = blake2b(secret, digest_size=16, key=self._salt).digest()
        entry = (algorithm, credentials.access_key_id, scope, digest)
        now = self._clock()
        kept = self._kept.get(entry)
        if kept is not None and now < kept[0]:
            return kept[1]
        key = algorithm_of(algorithm).key_of(credentials, scope)
        self._kept.pop(entry, None)  # so that it becomes the newest: the dict is in the order of expiry
        self._kept[entry] = now + self._seconds, key
        self._trim(now)
        return key

    def _trim(self, now: float) -> None:
        """Removes the oldest where there are too many, and some of those that have expired."""
        for _ in range(2):
            oldest: Any = next(iter(self._kept), None)
            kept = self._kept.get(oldest)
            if kept is not None and len(self._kept) <= self._capacity and now < kept[0]:
                return
            self._kept.pop(oldest, None)
