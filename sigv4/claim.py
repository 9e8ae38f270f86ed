"""``Claim``: the signer that a request names (VERIFY-12, 13). ``Verified``: the same after verification.

``KeyCache``: derived keys, kept for later requests.
"""

from __future__ import annotations

from hashlib import sha256
from os import urandom
from time import monotonic
from weakref import ref

from .authorization import BEFORE_SIGNATURE, V4, algorithm_of, format_header
from .credentials import is_access_key_id
from .errors import SigningError, VerificationError, mismatch, repr_of
from .record import Record
from .scope import TERMINATOR
from .signed_request import unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeAlias

    from .authorization import Algorithm
    from .credentials import Credentials
    from .scope import Scope
    from .signed_request import SignedRequest
    from .v4a import Scope as ScopeV4A

    AnyScope: TypeAlias = Scope | ScopeV4A

_LONGEST_KNOWN = 1024  # characters of an Authorization header and a region set
_MOST_KNOWN = 256


class Claim(Record):
    """The signer that a request names, before verification: the argument of ``lookup``.

    ``scope`` has no region if ``algorithm`` is V4A. A pickle of a claim holds its session token in clear.
    """

    access_key_id: str
    session_token: str | None
    scope: AnyScope
    algorithm: str = V4

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

    def __repr__(self) -> str:
        signed = ";".join(self.signed_headers)
        return (
            f"Verified({self.access_key_id!r}, {self.scope!r}, timestamp={self.timestamp}, signed={signed!r})"
        )


def _unsealed(cls: Any) -> Any:
    """A copy of the record class ``cls`` without its protection: the fields of an instance can be assigned.

    After that, assigning ``cls`` to ``__class__`` of the instance makes it an immutable record; Python allows
    this for classes with the same slots. A ``Claim`` and a ``Verified`` are made for each request: a
    ``Verified`` takes 0.25 µs in this way, 0.5 µs by the setters of its slots, 1.2 µs by ``Verified(...)``.
    """
    body = {
        "__annotations__": dict.fromkeys(cls.field_names), "_masked": cls.field_names,
        "__init__": object.__init__, "__setattr__": object.__setattr__,
    }  # fmt: skip
    return type(cls)(cls.__name__, (Record,), body)


_UnsealedClaim = _unsealed(Claim)
_UnsealedVerified = _unsealed(Verified)


def _with_token(known: Claim, token: str) -> Claim:
    claim = _UnsealedClaim()
    claim.access_key_id = known.access_key_id
    claim.session_token = token
    claim.scope = known.scope
    claim.algorithm = known.algorithm
    claim.__class__ = Claim
    made: Claim = claim
    return made


def verified_as(claim: Claim, timestamp: int, signed_headers: tuple[str, ...], payload: str) -> Verified:
    """The ``Verified`` of a claim whose signature is right."""
    verified = _UnsealedVerified()
    verified.access_key_id = claim.access_key_id
    verified.scope = claim.scope
    verified.timestamp = timestamp
    verified.signed_headers = signed_headers
    verified.payload = payload
    verified.__class__ = Verified
    made: Verified = verified
    return made


class KnownSigner:
    """What a client repeats in every Authorization header, all but the signature; none of it is secret.

    ``claim`` was accepted together with the values ``stated``; it holds no token.
    """

    __slots__ = ("algorithm", "claim", "credential", "names", "scope_text", "signed_headers", "stated")

    def __init__(self, request: SignedRequest, stated: tuple[object, ...], claim: Claim) -> None:
        self.algorithm: Algorithm = request.algorithm
        self.credential: str = request.credential
        self.names: tuple[str, ...] = request.names
        self.scope_text: str = request.scope_text
        self.signed_headers: str = request.signed_headers
        self.stated: tuple[object, ...] = stated
        self.claim: Claim = claim


class KnownSigners:
    """The ``last`` signer, and at most 256 ``by_header``: by the text of their header before the signature.

    A copy or a pickle is empty. Each change is one step, so threads may race.
    """

    __slots__ = ("by_header", "last")

    def __init__(self) -> None:
        self.by_header: dict[str, KnownSigner] = {}
        self.last: KnownSigner | None = None

    def __reduce__(self) -> tuple[type[KnownSigners], tuple[()]]:
        return KnownSigners, ()

    def add(self, request: SignedRequest, stated: tuple[object, ...], claim: Claim) -> None:
        """Keeps the signer of ``request``, whose ``claim`` was accepted."""
        self.last = signer = KnownSigner(request, stated, claim)
        header, signature = request.headers.canonical.get("authorization", ""), request.signature
        parts = request.algorithm.ALGORITHM, request.credential, request.signed_headers, signature
        # Only the exact form of AUTHZ-1: then the parts do not depend on the signature.
        length = len(header) + len(request.region_set)
        if length <= _LONGEST_KNOWN and signature.isalnum() and header == format_header(*parts):
            if len(self.by_header) >= _MOST_KNOWN:
                self.by_header.clear()
            self.by_header[header.rpartition(BEFORE_SIGNATURE)[0]] = signer


def claim_of(request: SignedRequest, service: str, region: str, known: KnownSigners) -> Claim:
    """VERIFY-12, 13: the claim of ``request``, checked unless its signer is known.

    Raises VerificationError.
    """
    algorithm, date, token = request.algorithm, request.timestamp[:8], request.token
    stated = request.credential, date, algorithm, request.region_set
    signer = request.signer or known.last
    if signer is not None and signer.stated == stated:
        claim: Claim = signer.claim
    else:
        access_key_id = check_scope(request, service, region)
        scope = algorithm.credential_scope(date, region, service)
        claim = Claim(access_key_id, None, scope, algorithm.ALGORITHM)
    if request.signer is None:
        known.add(request, stated, claim)
    return claim if token is None else _with_token(claim, token)


def check_scope(request: SignedRequest, service: str, region: str) -> str:
    """VERIFY-12, 13: checks the Credential and returns its access key id. Raises VerificationError.

    AWS's texts for 4A, whose scope has no region (V4A-1), are unknown; those for Version 4 are adapted.
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


class _LastKey:
    """A key, and what it was made of. The credentials are not kept alive: they hold the secret."""

    __slots__ = ("algorithm", "credentials", "key", "scope", "until")

    def __init__(
        self, credentials: Credentials, scope: AnyScope, algorithm: str, until: float, key: Any
    ) -> None:
        self.credentials: Callable[[], Credentials | None] = ref(credentials)
        self.scope: AnyScope = scope
        self.algorithm: str = algorithm
        self.until: float = until
        self.key: Any = key


def check_capacity(capacity: object) -> None:
    """Raises SigningError unless ``capacity`` is a number of keys to keep."""
    if not isinstance(capacity, int) or not 1 <= capacity < 1e18:
        raise SigningError(f"capacity is {repr_of(capacity)}: expected the number of keys to keep, 1 or more")


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
        check_capacity(capacity)
        if not isinstance(seconds, (int, float)) or not seconds > 0:
            raise SigningError(
                f"seconds is {repr_of(seconds)}: expected the seconds to keep a key, more than 0"
            )
        self._capacity = capacity
        self._seconds = seconds
        self._clock = clock
        # A salt of one block, so that no digest of a secret in memory can be looked up in a table.
        self._salted = sha256(urandom(64))
        self._kept: dict[tuple[object, ...], tuple[float, Any]] = {}
        self._last: _LastKey | None = None  # a look-up mostly returns the same object again

    def __len__(self) -> int:
        return len(self._kept)

    def __repr__(self) -> str:
        return f"KeyCache({self._capacity}, {self._seconds:g}, holding {len(self)})"

    def __reduce__(self) -> tuple[object, ...]:
        """A copy or a pickle has the same bounds and no keys."""
        return KeyCache, (self._capacity, self._seconds), {"_clock": self._clock}

    def key_of(self, credentials: Credentials, scope: AnyScope, algorithm: str) -> Any:
        """The signing key of ``credentials`` for ``scope``, from the cache or derived now."""
        now, last = self._clock(), self._last
        if (
            last is not None
            and last.credentials() is credentials
            and last.scope is scope
            and last.algorithm == algorithm
            and now < last.until
        ):
            return last.key
        until, key = self._entry(credentials, scope, algorithm, now)
        self._last = _LastKey(credentials, scope, algorithm, until, key)
        return key

    def _entry(
        self, credentials: Credentials, scope: AnyScope, algorithm: str, now: float
    ) -> tuple[float, Any]:
        """The key and when it expires."""
        digest = self._salted.copy()
        digest.update(credentials.secret_access_key.encode("utf-8"))
        region = getattr(scope, "region", "")  # 4A has none
        entry = algorithm, credentials.access_key_id, scope.date, region, scope.service, digest.digest()
        kept = self._kept.get(entry)
        if kept is not None and now < kept[0]:
            return kept
        key = algorithm_of(algorithm).key_of(credentials, scope)
        self._kept.pop(entry, None)  # moves the entry to the end: the dict is in the order of expiry
        self._kept[entry] = kept = now + self._seconds, key
        self._trim(now)
        return kept

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
