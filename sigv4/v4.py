"""AWS4-HMAC-SHA256: signing key, string to sign, signature (STS-1, KEY-1, KEY-2)."""

from __future__ import annotations

from hashlib import sha256

from .record import Record
from .scope import TERMINATOR, Scope, check_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hashlib import _Hash

    from .credentials import Credentials

ALGORITHM = "AWS4-HMAC-SHA256"
_INNER = bytes([byte ^ 0x36 for byte in range(256)])  # FIPS 198-1: ipad, opad
_OUTER = bytes([byte ^ 0x5C for byte in range(256)])


class SigningKey(Record):
    """The signing key of one credential scope (one day, region and service).

    It keeps the two SHA-256 states that HMAC starts from, not the raw key; a signature copies both. Made by
    ``signing_key``, or by ``SigningKey.from_bytes`` from the 32 derived bytes. Cannot be pickled; ``repr``
    shows only the scope.
    """

    scope: Scope
    scope_text: str
    _inner: _Hash
    _outer: _Hash

    def __init__(self, scope: Scope, inner: _Hash, outer: _Hash) -> None:
        super().__init__(scope, str(scope), inner, outer)

    @classmethod
    def from_bytes(cls, key: bytes, scope: Scope) -> SigningKey:
        """The key of ``scope`` from its 32 raw bytes (kSigning)."""
        return cls(scope, *hmac_states(key))

    def __repr__(self) -> str:
        return f"SigningKey({str(self.scope)!r})"

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        raise TypeError(
            "a SigningKey cannot be pickled: pickle the Credentials, or keep the 32 bytes yourself"
        )


def check_region(text: str) -> str:
    """A region that a scope can hold. Raises SigningError."""
    return check_name("region", text)


def credential_scope(date: str, region: str, service: str) -> Scope:
    """STS-2."""
    return Scope(date, region, service)


def key_of(credentials: Credentials, scope: Scope) -> SigningKey:
    """The signing key of ``credentials`` for ``scope``."""
    return signing_key(credentials.secret_access_key, scope)


def signing_key(secret_access_key: str, scope: Scope) -> SigningKey:
    """KEY-1: kDate, kRegion, kService, kSigning, each the raw HMAC of the one before."""
    return SigningKey.from_bytes(derive(secret_access_key, scope)[-1], scope)


def derive(secret_access_key: str, scope: Scope) -> list[bytes]:
    """The keys of KEY-1 in order, 32 bytes each."""
    keys = [b"AWS4" + secret_access_key.encode("utf-8")]
    for part in (scope.date, scope.region, scope.service, TERMINATOR):
        keys.append(_hmac(keys[-1], part))
    return keys[1:]


def _hmac(key: bytes, message: str) -> bytes:
    """RFC 2104 HMAC-SHA256. ``hmac.digest`` takes twice as long."""
    block = _block(key)
    inner = sha256(block.translate(_INNER) + message.encode("utf-8")).digest()
    return sha256(block.translate(_OUTER) + inner).digest()


def hmac_states(key: bytes) -> tuple[_Hash, _Hash]:
    """The two SHA-256 states that HMAC with ``key`` starts from."""
    block = _block(key)
    return sha256(block.translate(_INNER)), sha256(block.translate(_OUTER))


def _block(key: bytes) -> bytes:
    return (sha256(key).digest() if len(key) > 64 else key).ljust(64, b"\0")


def string_to_sign(timestamp: str, scope: str, canonical_request: bytes) -> str:
    """STS-1: algorithm, timestamp, scope and the hash of the canonical request, no final LF."""
    return f"{ALGORITHM}\n{timestamp}\n{scope}\n{sha256(canonical_request).hexdigest()}"


def sign(key: SigningKey, text: str) -> str:
    """KEY-2: the signature of a string to sign, 64 lower-case hex digits."""
    inner = key._inner.copy()
    inner.update(text.encode("ascii"))
    outer = key._outer.copy()
    outer.update(inner.digest())
    return outer.hexdigest()


def check(key: SigningKey, text: str, signature: str) -> bool:
    """Whether ``signature`` is that of ``text``, compared in constant time."""
    import hmac  # not loaded at import: with ``warnings`` it takes a tenth of the time of a first signature

    return signature.isascii() and hmac.compare_digest(sign(key, text), signature)
