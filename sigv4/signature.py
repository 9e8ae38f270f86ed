"""``Signature``: what a Signer makes of a request; ``LastCall``: what it keeps for the next call."""

from __future__ import annotations

from .authorization import QUERY_PARTS
from .canonical import canonical_path, canonical_query, check_plus, query_pairs
from .credentials import Credentials
from .errors import SigningError
from .percent import escape
from .record import Record
from .scope import format_timestamp
from .target import check_url, split_target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .authorization import Algorithm
    from .dialects import Dialect


class DailyKey(Record):
    """``credentials``, their signing ``key`` for one scope, and the Credential, plain and escaped."""

    _masked = ("credentials",)
    credentials: Credentials
    key: Any
    credential: str
    escaped_credential: str


class Signature:
    """The artefacts of one signature. ``headers`` are all those to send; ``signed_headers`` is their text."""

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
        self.headers = headers
        self.canonical_request = canonical_request
        self.string_to_sign = string_to_sign
        self.signature = signature
        self.signed_headers = signed_headers
        self.signed_by = signed_by

    def __repr__(self) -> str:
        return f"Signature({self.scope!r}, signed_headers={self.signed_headers!r})"

    @property
    def scope(self) -> str:
        """The credential scope, as it is sent."""
        scope: str = self.signed_by.key.scope_text
        return scope


class KeySource:
    """``credentials``, or a callable that returns them, and the scope they sign for.

    Raises SigningError for what are not credentials.
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
                f"credentials is {found}: expected Credentials, or a callable that returns them"
            )
        self._credentials = credentials
        self._algorithm = algorithm
        self._region = region
        self._service = service
        self._dialect = dialect
        self._last: DailyKey | None = None

    def of(self, date: str) -> DailyKey:
        """The credentials of the moment with their key for ``date``. The last key is kept, for the day."""
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
            raise SigningError(f"the credentials callable returned {found}, not Credentials")
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


class LastCall:
    """The last target, header names and second. Each is replaced whole, so threads may race."""

    __slots__ = ("moment", "names", "target")

    def __init__(self) -> None:
        self.target: tuple[str, tuple[str, str, str]] = ("/", ("", "/", ""))
        self.names: tuple[tuple[str, ...], tuple[list[str], str]] = ((), ([], ""))
        self.moment: tuple[float, str] = (0.0, "19700101T000000Z")

    def target_of(self, url: str, dialect: Dialect) -> tuple[str, str, str]:
        """Host, canonical path and canonical query of ``url``. Raises SigningError."""
        last, target = self.target
        if last != url or not isinstance(url, str):
            check_url(url)
            host, path, query = split_target(url)
            check_plus(path, dialect)
            target = host, canonical_path(path, dialect), _unsigned_query(query)
            self.target = url, target
        return target

    def names_of(self, present: tuple[str, ...], dialect: Dialect) -> tuple[list[str], str]:
        """CR-HDR-1: which of the header names present are signed, as a list and as text."""
        last, signed = self.names
        if last != present:
            names = sorted([name for name in present if name not in dialect.never_signed])
            signed = names, ";".join(names)
            self.names = present, signed
        return signed

    def moment_of(self, seconds: float) -> tuple[float, str]:
        """The whole second to sign at, as a number and as a timestamp."""
        seconds //= 1
        moment = self.moment
        if moment[0] != seconds:
            self.moment = moment = seconds, format_timestamp(seconds)
        return moment


def read_target(url: str, dialect: Dialect) -> tuple[str, str, str]:
    """Host, canonical path and canonical query of ``url``, as it is. Raises SigningError."""
    host, path, query = split_target(url)
    return host, canonical_path(path, dialect), _unsigned_query(query)


def _unsigned_query(query: str) -> str:
    if "X-Amz-" in query and any(name in QUERY_PARTS for name, _ in query_pairs(query)):
        raise SigningError(
            "the URL is presigned already: take its X-Amz-… parameters off, a request has one signature"
        )
    return canonical_query(query)
