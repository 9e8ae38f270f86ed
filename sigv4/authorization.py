"""Formats and parses the Authorization header (AUTHZ-1, VERIFY-6) and a signed query (URL-1, VERIFY-7)."""

from __future__ import annotations

from . import v4
from .credentials import Credentials
from .dialects import LONGEST_EXPIRES
from .errors import SigningError, VerificationError, no_signature, repr_of
from .percent import escape, unescape
from .record import Record
from .scope import ALGORITHM_4A

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container
    from typing import Any, Protocol

    from .dialects import Dialect

    class Algorithm(Protocol):
        """The module ``v4`` or its twin ``v4a``."""

        @property
        def ALGORITHM(self) -> str: ...  # noqa: N802 (a constant of the module)

        def check_region(self, text: str, /) -> str: ...
        def credential_scope(self, date: str, region: str, service: str, /) -> Any: ...
        def key_of(self, credentials: Credentials, scope: Any, /) -> Any: ...
        def string_to_sign(self, timestamp: str, scope: str, canonical_request: bytes, /) -> str: ...
        def sign(self, key: Any, text: str, /) -> str: ...
        def check(self, key: Any, text: str, signature: str, /) -> bool: ...


V4 = v4.ALGORITHM
V4A = ALGORITHM_4A
BEFORE_SIGNATURE = ", Signature="  # AUTHZ-1


def algorithm_of(name: str) -> Algorithm:
    """The module of the algorithm with this name, ``v4`` or ``v4a``. Raises SigningError."""
    if name == V4:
        return v4
    if name != V4A:
        raise SigningError(f"the algorithm is {repr_of(name)}: expected V4 ({V4!r}) or V4A ({V4A!r})")
    from . import v4a

    return v4a


class DailyKey(Record):
    """``credentials``, their signing ``key`` for one scope, and the Credential, plain and escaped."""

    _masked = ("credentials",)
    credentials: Credentials
    key: Any
    credential: str
    escaped_credential: str


class Signature:
    """The artefacts of one signature. ``headers`` are all to send, ``signed_headers`` the names signed."""

    __slots__ = ("canonical_request", "headers", "signature", "signed_by", "signed_headers", "string_to_sign")

    def __init__(
        self,
        headers: dict[str, str | bytes],
        canonical_request: bytes,
        string_to_sign: str,
        signature: str,
        signed_headers: str,
        signed_by: DailyKey,
    ) -> None:
        # Not a Record: this is made for every request, and a Record takes three times as long.
        self.headers: dict[str, str | bytes] = headers
        self.canonical_request: bytes = canonical_request
        self.string_to_sign: str = string_to_sign
        self.signature: str = signature
        self.signed_headers: str = signed_headers
        self.signed_by: DailyKey = signed_by

    def __repr__(self) -> str:
        return f"Signature({self.scope!r}, signed_headers={self.signed_headers!r})"

    @property
    def scope(self) -> str:
        """The credential scope, as it is sent."""
        scope: str = self.signed_by.key.scope_text
        return scope


class KeySource:
    """Gives the current credentials and their signing key.

    ``credentials`` is a ``Credentials`` or a callable that returns one. Raises SigningError for any other
    type.
    """

    __slots__ = ("_algorithm", "_credentials", "_dialect", "_last", "_region", "_service")

    def __init__(
        self,
        credentials: Credentials | Callable[[], Credentials],
        algorithm: Algorithm,
        region: str,
        service: str,
        dialect: Dialect,
    ) -> None:
        given: object = credentials
        if not (isinstance(given, Credentials) or callable(given)):
            found = type(given).__name__  # its own repr may show the secret
            raise SigningError(
                f"credentials is {found}: expected Credentials of this package, or a callable that returns "
                "them"
            )
        self._credentials = credentials
        self._algorithm = algorithm
        self._region = region
        self._service = service
        self._dialect = dialect
        self._last: DailyKey | None = None

    def of(self, date: str) -> DailyKey:
        """The current credentials and their key for ``date`` (YYYYMMDD). The last key is reused."""
        source = self._credentials
        credentials: object = source if isinstance(source, Credentials) else source()
        last = self._last
        if (
            last is not None
            and last.key.scope.date == date
            and (last.credentials is credentials or last.credentials == credentials)
        ):
            return last
        if not isinstance(credentials, Credentials):
            found, credentials = type(credentials).__name__, None  # its own repr may show the secret
            raise SigningError(f"the credentials callable returned {found}, not Credentials of this package")
        if credentials.token_name not in self._dialect.token_names:
            raise SigningError(
                f"the credentials are of an S3 Express session, and the signer is for {self._service!r}: use "
                "them with Signer('s3express', …), and IAM credentials here (TOKEN-3)"
            )
        algorithm = self._algorithm
        key = algorithm.key_of(credentials, algorithm.credential_scope(date, self._region, self._service))
        credential = f"{credentials.access_key_id}/{key.scope_text}"
        self._last = last = DailyKey(credentials, key, credential, escape(credential))
        return last


def format_header(algorithm: str, credential: str, signed_headers: str, signature: str) -> str:
    """AUTHZ-1. ``credential`` is the access key id, ``/`` and the credential scope."""
    return f"{algorithm} Credential={credential}, SignedHeaders={signed_headers}{BEFORE_SIGNATURE}{signature}"


def parse_header(
    header: str, algorithms: Container[str], *, dated: bool, strict: bool, parts_first: bool = False
) -> tuple[str, str, str, str]:
    """``(algorithm, credential, signed headers, signature)``: VERIFY-6a…d, in AWS's words.

    ``header`` is the canonical value. Parts are split at commas and white space. If a part is repeated, the
    last one counts; ``strict`` refuses it. ``dated`` says whether the request has a date header. With
    ``parts_first`` the algorithm is checked last, as API Gateway does (VERIFY-6).

    Raises VerificationError.
    """
    if header.count(" ") == 3 and header.count(",") == 2 and header.count("=") == 3 and dated:
        # Fast path: the header in exactly the form of AUTHZ-1. (A canonical value has no tab.)
        found, _, rest = header.partition(" Credential=")
        credential, _, rest = rest.partition(", SignedHeaders=")
        names, _, signature = rest.partition(BEFORE_SIGNATURE)
        if found in algorithms and credential and names and signature:
            return found, credential, names, signature
    return _parse_parts(header, algorithms, dated=dated, strict=strict, parts_first=parts_first)


def _parse_parts(
    header: str, algorithms: Container[str], *, dated: bool, strict: bool, parts_first: bool
) -> tuple[str, str, str, str]:
    """Parses the parts in any order and with any separators."""
    found, _, rest = header.partition(" ")
    foreign = None
    if found not in algorithms:
        details = (("ArgumentName", "Authorization"), ("ArgumentValue", found[:40]))
        message = f"Unsupported AWS 'algorithm': '{found}'."
        foreign = VerificationError("VERIFY-6a", "IncompleteSignature", message, 400, details)
        if not parts_first:
            raise foreign
    parts: dict[str, str] = {}
    words = _words(rest)
    for part in words:
        key, separator, value = part.partition("=")
        if not separator:
            fault = "not a valid key=value pair (missing equal-sign) in Authorization header:"
            raise _incomplete("VERIFY-6b", f"'{part}' {fault} '{header}'.")
        parts[key] = value
    credential, signature, names = parts.get("Credential"), parts.get("Signature"), parts.get("SignedHeaders")
    if credential and signature and names and dated:
        if foreign is not None:
            raise foreign
        if len(words) == 3 or not strict:
            return found, credential, names, signature
    if strict:
        _check_once([part.partition("=")[0] for part in words])
    missing = [
        f"Authorization header requires '{key}' parameter."
        for key in ("Credential", "Signature", "SignedHeaders")
        if not parts.get(key)
    ]
    if not dated:
        missing.append("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
    shown = header if foreign is not None else found
    raise _incomplete("VERIFY-6d", f"{' '.join(missing)} Authorization={shown}")


QUERY_PARTS = (
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Signature",
    "X-Amz-SignedHeaders",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-Security-Token",
    "X-Amz-S3session-Token",
    "X-Amz-Region-Set",
)


def parse_query(
    query: str, algorithms: Container[str], unsigned: Container[str] = ("X-Amz-Signature",)
) -> tuple[dict[str, str], str]:
    """VERIFY-7: the authentication parameters of a canonical query, and the query that was signed.

    ``unsigned`` names the parameters that were added after signing.

    AWS uses the first of a repeated parameter. Here it is refused, since other software may use the last.

    Raises VerificationError.
    """
    parts: dict[str, str] = {}
    signed = []
    for parameter in query.split("&"):
        name, _, value = parameter.partition("=")
        if name in QUERY_PARTS:
            if name in parts:
                raise _incomplete("VERIFY-7", f"AWS query-string parameters must include '{name}' only once.")
            parts[name] = unescape(value)
        if name not in unsigned:
            signed.append(parameter)
    if parts.get("X-Amz-Algorithm", "") not in algorithms:
        raise no_signature("VERIFY-7")
    absent = [name for name in QUERY_PARTS[1:5] if not parts.get(name)]
    missing = [f"AWS query-string parameters must include '{name}'." for name in absent]
    if missing:
        raise _incomplete("VERIFY-7", f"{' '.join(missing)} Re-examine the query-string parameters.")
    return parts, "&".join(signed)


NEEDS_PARAMETERS = (
    "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, "
    "X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters."
)


def life_of(expires: str | None, dialect: Dialect) -> int:
    """URL-2: how many seconds a presigned URL is valid. Raises VerificationError.

    X-Amz-Expires counts if the service obeys it. If it is optional and missing, the URL is valid for as long
    as a request signed in its headers.
    """
    if dialect.url_life:
        return dialect.url_life
    if expires is None and not dialect.expires_required:
        return dialect.window
    return parse_expires(expires, dialect.longest_expires)


def parse_expires(text: str | None, longest: int = LONGEST_EXPIRES) -> int:
    """URL-2: X-Amz-Expires, 1 to ``longest`` seconds in digits, leading zeros or not.

    Raises VerificationError.
    """
    code = "AuthorizationQueryParametersError"
    if text is None:
        message = NEEDS_PARAMETERS
    elif text[:1] == "-" and text.isascii() and text[1:].isdigit():
        message = "X-Amz-Expires must be non-negative"
    elif not (text.isascii() and text.isdigit()):
        message = "X-Amz-Expires should be a number"
    elif not (digits := text.lstrip("0")):
        message = "X-Amz-Expires must be at least 1"
    elif len(digits) > len(str(longest)) or int(digits) > longest:
        message = (
            "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be "
            f"less than {longest} seconds"
        )
        if longest != LONGEST_EXPIRES:
            message = f"X-Amz-Expires must be at most {longest} seconds"
    else:
        return int(digits)
    raise VerificationError("VERIFY-7", code, message, 400)


def _check_once(keys: list[str]) -> None:
    """VERIFY-6c for ``strict``: exactly the three parts, each once."""
    for position, key in enumerate(keys):
        if key in keys[:position] or key not in ("Credential", "SignedHeaders", "Signature"):
            raise _incomplete("VERIFY-6c", f"'{key}' is repeated or unknown in the Authorization header.")


def _words(text: str) -> list[str]:
    """``text`` split on commas, spaces and tabs; ``str.split()`` would split on 0x85 and 0xA0 as well."""
    if text.isascii():
        return text.replace(",", " ").split()
    return [word for word in text.replace(",", " ").replace("\t", " ").split(" ") if word]


def _incomplete(stage: str, message: str) -> VerificationError:
    return VerificationError(stage, "IncompleteSignature", message, 400)
