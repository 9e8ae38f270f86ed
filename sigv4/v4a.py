"""AWS4-ECDSA-P256-SHA256: the functions of ``v4`` for a set of regions (V4A-1…4, CHUNK-V4A-1)."""

from __future__ import annotations

from hashlib import sha256
from hmac import digest

from .errors import MissingDependency, SigningError
from .payload import HEX_DIGITS
from .record import Record
from .scope import ALGORITHM_4A, TERMINATOR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

    from cryptography.hazmat.primitives.asymmetric.ec import (
        ECDSA,
        EllipticCurvePrivateKey,
        EllipticCurvePublicKey,
    )

    from .credentials import Credentials

ALGORITHM = ALGORITHM_4A
LONGEST_SIGNATURE = 144  # hex digits: a SEQUENCE of two INTEGERs of 33 bytes is 72 bytes of DER
# FIPS 186-4 D.1.2.3: the order n of P-256, less 2.
_N_MINUS_2 = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC63254F
_LAST_COUNTER = 254


class Scope(Record):
    """A credential scope without a region: ``date`` (YYYYMMDD), ``service``. ``str`` gives the wire form."""

    date: str
    service: str

    def __repr__(self) -> str:
        return f"Scope({str(self)!r})"

    def __str__(self) -> str:
        return f"{self.date}/{self.service}/{TERMINATOR}"


class PublicKey(Record):
    """The public key of one access key: a point ``x``, ``y`` of P-256. It is not a secret.

    Raises SigningError for a point off the curve, MissingDependency without ``cryptography``.
    """

    x: int
    y: int
    _key: EllipticCurvePublicKey
    _ecdsa: ECDSA

    def __init__(self, x: int, y: int) -> None:
        ec, ecdsa = _cryptography()
        try:
            key = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
        except ValueError as error:
            raise SigningError(
                f"x={x:#x}, y={y:#x} is not a point of P-256: expected a public key"
            ) from error
        super().__init__(x, y, key, ecdsa)

    def _fields(self) -> tuple[object, ...]:
        return self.x, self.y

    def __reduce__(self) -> tuple[type, tuple[int, int]]:
        return PublicKey, (self.x, self.y)

    def __repr__(self) -> str:
        return f"PublicKey(x={self.x:#066x}, y={self.y:#066x})"


class SigningKey(Record):
    """The key pair of one access key, with a credential scope; the pair is the same for every scope.

    Made by ``signing_key``. Only ``public_key`` may be shown. Cannot be pickled; ``repr`` shows only the
    scope.
    """

    scope: Scope
    scope_text: str
    public_key: PublicKey
    _private: EllipticCurvePrivateKey
    _ecdsa: ECDSA

    def __init__(self, scope: Scope, private: EllipticCurvePrivateKey, ecdsa: ECDSA) -> None:
        numbers = private.public_key().public_numbers()
        super().__init__(scope, str(scope), PublicKey(numbers.x, numbers.y), private, ecdsa)

    def __repr__(self) -> str:
        return f"SigningKey({str(self.scope)!r})"

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        raise TypeError("a SigningKey cannot be pickled: pickle the Credentials, and derive it again")


def credential_scope(date: str, region: str, service: str) -> Scope:
    """V4A-1: the region set is not part of it."""
    return Scope(date, service)


def key_of(credentials: Credentials, scope: Scope) -> SigningKey:
    """The signing key of ``credentials`` for ``scope``. Raises as ``signing_key`` does."""
    return signing_key(credentials.access_key_id, credentials.secret_access_key, scope)


def signing_key(access_key_id: str, secret_access_key: str, scope: Scope) -> SigningKey:
    """V4A-2: the key pair of an access key, for ``scope``.

    Raises MissingDependency without ``cryptography``, SigningError if no counter gives a key.
    """
    try:
        ec, ecdsa = _cryptography()
        private = ec.derive_private_key(derive(access_key_id, secret_access_key), ec.SECP256R1())
    finally:  # a traceback that captures locals would show it
        del secret_access_key
    return SigningKey(scope, private, ecdsa)


def derive(access_key_id: str, secret_access_key: str) -> int:
    """V4A-2: the private scalar d of an access key, by NIST SP 800-108 in counter mode, HMAC-SHA256.

    Counters 1 to 254 each give a candidate k. The first k of at most n-2 is used; d is k+1. Raises
    SigningError if there is none (a candidate is too large with a probability of 2^-32).
    """
    try:
        input_key = b"AWS4A" + secret_access_key.encode("utf-8")
        label = b"\0\0\0\1" + ALGORITHM.encode("ascii") + b"\0" + access_key_id.encode("utf-8")
        for counter in range(1, _LAST_COUNTER + 1):
            message = label + bytes((counter,)) + b"\0\0\1\0"  # the length in bits: 256
            candidate = int.from_bytes(digest(input_key, message, "sha256"), "big")
            if candidate <= _N_MINUS_2:
                return candidate + 1
    finally:  # a traceback that captures locals would show them
        secret_access_key, input_key = "", b""
    raise SigningError(
        f"the access key {access_key_id!r} has no 4A key: none of the counters 1 to {_LAST_COUNTER} gave a "
        "scalar of P-256; use another access key"
    )


def string_to_sign(timestamp: str, scope: str, canonical_request: bytes) -> str:
    """STS-1 with the algorithm and the scope of 4A (V4A-1)."""
    return f"{ALGORITHM}\n{timestamp}\n{scope}\n{sha256(canonical_request).hexdigest()}"


def sign(key: SigningKey, text: str) -> str:
    """V4A-3: the signature of a string to sign, DER in lower-case hex, 144 digits at most.

    The same text gives the same signature (RFC 6979) if ``cryptography`` supports that.
    """
    return key._private.sign(text.encode("ascii"), key._ecdsa).hex()


def check(key: SigningKey | PublicKey, text: str, signature: str) -> bool:
    """Whether ``signature`` is a signature of ``text``, with a high or a low s (V4A-3).

    False for anything but DER in lower-case hex of at most 144 digits.
    """
    if len(signature) > LONGEST_SIGNATURE or len(signature) % 2 or not HEX_DIGITS.issuperset(signature):
        return False
    from cryptography.exceptions import InvalidSignature

    public = key.public_key if isinstance(key, SigningKey) else key
    try:
        public._key.verify(bytes.fromhex(signature), text.encode("ascii"), public._ecdsa)
    except InvalidSignature:
        return False
    return True


def check_region(text: str) -> str:
    """V4A-1: a region set in the form of X-Amz-Region-Set: ``*``, ``us-east-1,us-west-2``, ``us-*``.

    Raises SigningError for any other form.
    """
    expected = "expected '*', or regions with ',' between them and no spaces, such as 'us-east-1,us-west-2'"
    if not isinstance(text, str):
        raise SigningError(f"the region set is {type(text).__name__}: {expected}")
    for name in text.split(","):
        if not name or not name.isascii() or not all(char.isalnum() or char in "-_.*" for char in name):
            raise SigningError(f"the region set is {text[:200]!r}, with the region {name[:60]!r}: {expected}")
    return text


def covers(region_set: str, region: str) -> bool:
    """Whether a region set has ``region``; one ``*`` in a name matches any characters, two match none."""
    for name in region_set.split(","):
        before, star, after = name.partition("*")
        fits = len(region) >= len(name) - 1 and region.startswith(before) and region.endswith(after)
        if name == region or (star and fits):
            return True
    return False


def _cryptography() -> tuple[ModuleType, ECDSA]:
    """The module of elliptic curves, and ECDSA with SHA-256, deterministic if that is supported."""
    try:
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.hazmat.primitives.hashes import SHA256
    except ImportError as error:
        raise MissingDependency("cryptography", "sigv4a") from error
    try:
        return ec, ec.ECDSA(SHA256(), deterministic_signing=True)
    except (TypeError, UnsupportedAlgorithm):  # cryptography or OpenSSL is too old for it
        return ec, ec.ECDSA(SHA256())
