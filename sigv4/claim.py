"""``Claim``: the signer that a request names (VERIFY-12, 13). ``Verified``: the same after verification.

``KeyCache``: derived keys, kept for later requests.
"""

from __future__ import annotations

from hashlib import sha256
from os import urandom
from time import monotonic

from .authorization import V4, algorithm_of
from .credentials import is_access_key_id
from .errors import SigningError, VerificationError, mismatch
from .record import Record
from .scope import TERMINATOR
from .signed_request import unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeAlias

    from .credentials import Credentials
    from .scope import Scope
    from .signed_request import SignedRequest
    from .v4a import Scope as ScopeV4A

    AnyScope: TypeAlias = Scope | ScopeV4A


class Claim(Record):
    """The signer that a request names, before verification: the argument of ``lookup``.

    ``scope`` has no region if ``algorithm`` is V4A. A pickle of a claim holds its session token in clear.
    """

    access_key_id: str
    session_token: str | None
    scope: AnyScope
    algorithm: str = V4

    def __init__(
        self, access_key_id: str, session_token: str | None, scope: AnyScope, algorithm: str = V4
    ) -> None:
        """Faster than Record's own, because a Claim is made for every request."""
        set_id, set_token, set_scope, set_algorithm = Claim._setters
        set_id(self, access_key_id)
        set_token(self, session_token)
        set_scope(self, scope)
        set_algorithm(self, algorithm)

    def __repr__(self) -> str:
        token = "***" if self.session_token else None
        return f"Claim({self.access_key_id!r}, session_token={token}, scope={self.scope!r})"


class Verified(Record):
    """What a verified signature proves. ``timestamp`` is in epoch seconds; ``payload`` the payload line."""

    access_key_id: str
    scope: AnyScope
    timestamp: int
    signed_headers: tuple[str, ...]
    payload: str

    def __init__(
        self,
        access_key_id: str,
        scope: AnyScope,
        timestamp: int,
        signed_headers: tuple[str, ...],
        payload: str,
    ) -> None:
        """Faster than Record's own, as for ``Claim``."""
        set_id, set_scope, set_timestamp, set_signed, set_payload = Verified._setters
        set_id(self, access_key_id)
        set_scope(self, scope)
        set_timestamp(self, timestamp)
        set_signed(self, signed_headers)
        set_payload(self, payload)

    def __repr__(self) -> str:
        signed = ";".join(self.signed_headers)
        return (
            f"Verified({self.access_key_id!r}, {self.scope!r}, timestamp={self.timestamp}, signed={signed!r})"
        )


class LastClaim:
    """The last accepted Credential: a client sends the same one all day, so it is checked once.

    It is replaced in one step, so threads may race.
    """

    __slots__ = ("_last",)

    def __init__(self) -> None:
        self._last: tuple[tuple[object, ...], Any] = (), None

    def __reduce__(self) -> tuple[type[LastClaim], tuple[()]]:
        return LastClaim, ()

    def of(self, request: SignedRequest, service: str, region: str) -> Claim:
        """VERIFY-12, 13: the claim of ``request``. Raises VerificationError."""
        algorithm, date, token = request.algorithm, request.timestamp[:8], request.token
        stated = request.credential, date, algorithm, request.region_set
        last, claim = self._last
        if last != stated:
            access_key_id = check_scope(request, service, region)
            scope = algorithm.credential_scope(date, region, service)
            claim = Claim(access_key_id, None, scope, algorithm.ALGORITHM)
            self._last = stated, claim
        return claim if token is None else Claim(claim.access_key_id, token, claim.scope, claim.algorithm)


def check_scope(request: SignedRequest, service: str, region: str) -> str:
    """VERIFY-12, 13: checks the Credential and returns its access key id. Raises VerificationError.

    AWS's texts for 4A, whose scope has no region (V4A-1), are unknown; those for 4 are adapted.
    """
    credential, algorithm, timestamp = request.credential, request.algorithm.ALGORITHM, request.timestamp
    parts = credential.split("/")
    expected = 5 if algorithm == V4 else 4
    if len(parts) != expected:
        form = "keyid/date/region/service/term" if algorithm == V4 else "keyid/date/service/term"
        raise VerificationError(
            "VERIFY-12",
            "IncompleteSignature",
            f"Credential must have exactly {expected} slash-delimited elements, e.g. {form}, "
            f"got '{credential}'",
            400,
        )
    if algorithm == V4:
        access_key_id, date, scoped_region, scoped_service, terminator = parts
        covered = scoped_region == region
    else:
        from .v4a import covers

        access_key_id, date, scoped_service, terminator = parts
        scoped_region, covered = request.region_set, covers(request.region_set, region)
    wrong = "" if covered else f"Credential should be scoped to a valid region, not '{scoped_region}'. "
    if scoped_service != service:
        wrong += f"Credential should be scoped to correct service: '{service}'. "
    if terminator != TERMINATOR:
        wrong += "Credential should be scoped with a valid terminator: "
        wrong += f"'{TERMINATOR}', not '{terminator}'. "
    if date != timestamp[:8]:
        wrong += (
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
            f"'{date}' != '{timestamp[:8]}', from '{timestamp}'. "
        )
    if wrong:
        raise mismatch("VERIFY-13", wrong)
    if len(access_key_id) > 128 or not is_access_key_id(access_key_id):
        raise unknown("The security token included in the request is invalid.")
    return access_key_id


class KeyCache:
    """At most ``capacity`` derived keys, each for at most ``seconds``: ``Verifier(keys=KeyCache())``.

    It saves four HMACs per request, or the key derivation of 4A. ``lookup`` is still called and the session
    token still compared for every request, so a key that ``lookup`` no longer returns is refused at once. An
    entry belongs to an access key id, a scope and a digest of the secret, so a rotated secret never gets its
    old key. Safe to share between threads, tasks and verifiers.
    """

    def __init__(
        self, capacity: int = 10_000, seconds: float = 900, *, clock: Callable[[], float] = monotonic
    ) -> None:
        if not isinstance(capacity, int) or capacity < 1:
            raise SigningError(f"capacity is {capacity!r}: expected the number of keys to keep, 1 or more")
        if not isinstance(seconds, (int, float)) or not seconds > 0:
            raise SigningError(f"seconds is {seconds!r}: expected the seconds to keep a key, more than 0")
        self._capacity = capacity
        self._seconds = seconds
        self._clock = clock
        # A salt of one block, so that no digest of a secret in memory can be looked up in a table.
        self._salted = sha256(urandom(64))
        self._kept: dict[tuple[object, ...], tuple[float, Any]] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def __repr__(self) -> str:
        return f"KeyCache({self._capacity}, {self._seconds:g}, holding {len(self)})"

    def __reduce__(self) -> tuple[object, ...]:
        """A copy or a pickle has the same bounds and no keys."""
        return KeyCache, (self._capacity, self._seconds), {"_clock": self._clock}

    def key_of(self, credentials: Credentials, scope: AnyScope, algorithm: str) -> Any:
        """The signing key of ``credentials`` for ``scope``, from the cache or derived now."""
        digest = self._salted.copy()
        digest.update(credentials.secret_access_key.encode("utf-8"))
        region = getattr(scope, "region", "")  # 4A has none
        entry = algorithm, credentials.access_key_id, scope.date, region, scope.service, digest.digest()
        now = self._clock()
        kept = self._kept.get(entry)
        if kept is not None and now < kept[0]:
            return kept[1]
        key = algorithm_of(algorithm).key_of(credentials, scope)
        self._kept.pop(entry, None)  # moves the entry to the end: the dict is in the order of expiry
        self._kept[entry] = now + self._seconds, key
        self._trim(now)
        return key

    def _trim(self, now: float) -> None:
        """Removes the oldest entries above the capacity, and some of the expired ones."""
        for _ in range(2):
            try:
                oldest: Any = next(iter(self._kept), None)
            except RuntimeError:  # another thread has just added an entry, and trims
                return
            kept = self._kept.get(oldest)
            if kept is not None and len(self._kept) <= self._capacity and now < kept[0]:
                return
            self._kept.pop(oldest, None)
