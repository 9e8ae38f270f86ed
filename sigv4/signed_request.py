"""``SignedRequest``: the parts of a received request, and the checks of them (VERIFY-1…13)."""

from __future__ import annotations

from .authorization import BEFORE_SIGNATURE, QUERY_PARTS, algorithm_of, life_of, parse_header, parse_query
from .canonical import USUAL_METHODS, canonical_path, canonical_query, check_method, climbs
from .errors import SigningError, VerificationError, mismatch, no_signature
from .headers import HeaderSet
from .percent import is_escaped
from .scope import extended_timestamp, format_timestamp, parse_http_date, parse_timestamp
from .target import check_url, split_target, without_default_port

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Container, Iterable, Mapping
    from typing import Any

    from .authorization import Algorithm
    from .dialects import Dialect
    from .headers import Headers


class SignedRequest:
    """A request as it was received, and the parts of its signature: VERIFY-1…7.

    ``date``, ``token``, ``credential`` and its part ``scope_text`` are as sent; ``token_name`` is the name
    under which the session token is sent; ``names`` are those of ``signed_headers``; ``expires`` is None
    unless it is presigned; ``path`` and ``query`` are canonical, ``query`` without the parameters that are
    not signed. ``algorithms`` are the names accepted; ``strict`` refuses repeated parts of an Authorization
    header. ``known`` are signers that were read before, by the text of their Authorization header before the
    signature; ``signer`` is the one that was found there.

    A verifier sets ``timestamp`` (of the string to sign), ``seconds`` (the same in epoch seconds) and
    ``lists_headers`` (whether CR-HDR-1 holds for ``names``).

    Raises VerificationError.
    """

    __slots__ = (
        "algorithm", "credential", "date", "expires", "headers", "lists_headers", "method",
        "names", "path", "query", "region_set", "scope_text", "seconds", "signature", "signed_headers",
        "signer", "timestamp", "token", "token_name",
    )  # fmt: skip
    method: str
    path: str
    query: str
    headers: HeaderSet
    algorithm: Algorithm
    credential: str
    names: tuple[str, ...]
    signature: str
    signed_headers: str
    region_set: str
    scope_text: str
    date: str | None
    token: str | None
    token_name: str
    expires: int | None
    timestamp: str
    seconds: int
    lists_headers: bool
    signer: Any

    def __init__(
        self,
        method: str,
        url: str,
        headers: Headers | HeaderSet,
        dialect: Dialect,
        algorithms: Container[str],
        strict: bool = False,
        known: Mapping[str, Any] | None = None,
    ) -> None:
        self.method, self.path, self.signer = method, "", None
        if url == "/" and method in USUAL_METHODS:  # every call of the JSON and query protocols
            host, self.path, self.query = "", url, ""
        else:
            host, self.path, self.query = _read_target(method, url, dialect)
        self.headers = headers = read_headers(headers)
        if host or headers.repeated:
            _check_headers(headers, host)
        lines = headers.canonical
        header = lines.get("authorization", "")
        if (not header or self.query) and _is_presigned(lines.get("authorization"), self.query):
            self._set_signer(self._read_query(dialect, algorithms))
            return
        self.token_name = dialect.token_names[0]
        if len(dialect.token_names) > 1:
            present = [name for name in dialect.token_names if name.lower() in lines]
            self.token_name = _only_one(dialect.token_names, present)
        self.token, self.date = lines.get(self.token_name.lower()), lines.get("x-amz-date")
        self.region_set = lines.get("x-amz-region-set", "")
        self.expires = None
        dated = self.date is not None or "date" in lines
        head, _, signature = header.rpartition(BEFORE_SIGNATURE)
        signer = known.get(head) if known else None
        if signer is None or not dated or not signature.isalnum():
            algorithm, self.credential, self.signed_headers, self.signature = parse_header(
                header, algorithms, dated=dated, strict=strict, parts_first=dialect.parts_first
            )
            self._set_signer(algorithm)
            return
        self.signer, self.signature = signer, signature
        self.algorithm, self.credential = signer.algorithm, signer.credential
        self.names, self.signed_headers = signer.names, signer.signed_headers
        self.scope_text = signer.scope_text

    def _set_signer(self, algorithm: str) -> None:
        self.names = tuple(self.signed_headers.split(";"))
        self.scope_text = self.credential.partition("/")[2]
        self.algorithm = algorithm_of(algorithm)

    def _read_query(self, dialect: Dialect, algorithms: Container[str]) -> str:
        """The signature of a presigned URL; returns the name of its algorithm."""
        names = dialect.token_names
        unsigned = ("X-Amz-Signature",) if dialect.sign_token else ("X-Amz-Signature", *names)
        parts, self.query = parse_query(self.query, algorithms, unsigned)
        self.expires = life_of(parts.get("X-Amz-Expires"), dialect)
        self.credential, self.date = parts["X-Amz-Credential"], parts["X-Amz-Date"]
        self.signed_headers, self.signature = parts["X-Amz-SignedHeaders"], parts["X-Amz-Signature"]
        self.token_name = _only_one(names, parts)
        self.token = parts.get(self.token_name)
        self.region_set = parts.get("X-Amz-Region-Set", "")
        if any(name.lower() in self.headers.canonical for name in names):  # it belongs in the query
            raise unknown("The security token included in the request is invalid")
        return parts["X-Amz-Algorithm"]

    @property
    def presigned(self) -> bool:
        return self.expires is not None

    def __repr__(self) -> str:
        return f"SignedRequest({self.method!r}, {self.path!r})"


def _only_one(token_names: tuple[str, ...], present: Container[str]) -> str:
    """TOKEN-3: the name that is present, or the first if none is. Raises VerificationError for two."""
    found = [name for name in token_names if name in present]
    if len(found) > 1:
        raise unknown("The security token included in the request is invalid")
    return found[0] if found else token_names[0]


def _read_target(method: str, url: str, dialect: Dialect) -> tuple[str, str, str]:
    """VERIFY-1, 4: host, canonical path and canonical query. Raises VerificationError."""
    try:
        if method not in USUAL_METHODS:
            check_method(method)
        check_url(url)
        host, wire_path, query = split_target(url)
        path = canonical_path(wire_path, dialect)
    except SigningError as error:
        raise bad_request() from error
    if "#" in url or climbs(wire_path):
        raise bad_request()
    try:
        return host, path, canonical_query(query)
    except SigningError:
        raise _malformed_query(query) from None


def read_headers(headers: Headers | HeaderSet) -> HeaderSet:
    """VERIFY-1: ``headers`` unless they are read already. Raises VerificationError."""
    if isinstance(headers, HeaderSet):
        return headers
    try:
        return HeaderSet(headers)
    except SigningError as error:
        raise bad_request() from error


def _check_headers(headers: HeaderSet, host: str) -> None:
    """VERIFY-1, 6: one Authorization header, and one Host, which is ``host`` or added if the URL has one."""
    if "authorization" in headers.repeated:
        message = "Authorization header is repeated: exactly one is required."
        raise VerificationError("VERIFY-6", "IncompleteSignature", message, 400)
    if "host" in headers.repeated:  # RFC 9112 §3.2
        raise bad_request()
    if host and without_default_port(headers.canonical.setdefault("host", host)) != without_default_port(
        host
    ):
        raise bad_request()


def _is_presigned(header: str | None, query: str) -> bool:
    """VERIFY-5, AUTHZ-2: exactly one authentication mechanism, header or query."""
    in_query = "X-Amz-" in query and any(part.partition("=")[0] in QUERY_PARTS for part in query.split("&"))
    if header is not None and in_query:
        raise mismatch("VERIFY-5", "")
    if header is None and not in_query:
        raise no_signature("VERIFY-5")
    return in_query


def unsigned_names(
    present: Iterable[str], signed: Collection[str], token_name: str, dialect: Dialect
) -> list[str]:
    """VERIFY-8: the headers that must be signed but are not: ``host``, and every ``x-amz-*`` present.

    Names are in lower case. Headers that the dialect accepts unsigned are left out (TOKEN-2).
    """
    among = signed if len(signed) < 32 else frozenset(signed)  # a set of a few names costs more
    left_out = "" if dialect.sign_token else token_name.lower()
    found = [
        name
        for name in present
        if name[:6] == "x-amz-"
        and name not in among
        and name != left_out
        and name not in dialect.unsigned_headers
    ]
    return found if "host" in among else ["host", *found]


def check_signed(request: SignedRequest, dialect: Dialect, required: Iterable[str]) -> None:
    """VERIFY-8: checks that the host, every ``x-amz-*`` header and the ``required`` ones are signed."""
    names = request.names
    missing = unsigned_names(request.headers.canonical, names, request.token_name, dialect)
    if not missing and required:
        missing = [name for name in required if name not in names]
    if missing:
        shown = "'Host' or ':authority'" if missing[0] == "host" else f"'{missing[0]}'"
        raise mismatch("VERIFY-8", f"{shown} must be a 'SignedHeader' in the AWS Authorization.")


def lists_headers(names: tuple[str, ...], present: Container[str]) -> bool:
    """CR-HDR-1: whether the signed headers are sorted, named once each, and all present."""
    before = ""
    for name in names:
        if name <= before or name not in present:
            return False
        before = name
    return True


def timestamp_of(request: SignedRequest) -> tuple[str, int]:
    """VERIFY-9: the timestamp of the string to sign, and the same in epoch seconds.

    Without an X-Amz-Date it comes from the Date header.
    """
    timestamp = request.date if request.date is not None else request.headers.canonical["date"]
    try:
        if request.date is None and " " in timestamp:
            seconds = parse_http_date(timestamp)
            return format_timestamp(seconds), seconds
        return timestamp, parse_timestamp(timestamp)
    except SigningError:
        message = (
            f"Date must be in ISO-8601 'basic format'. Got '{timestamp}'. "
            "See http://en.wikipedia.org/wiki/ISO_8601"
        )
    raise VerificationError("VERIFY-9", "IncompleteSignature", message, 400)


def clock_fault(seconds: float, now: float, expires: int | None, window: float) -> str:
    """``"VERIFY-10"`` if a request of this second is too old, ``"VERIFY-11"`` if it is too new, else ``""``.

    A request signed in its headers is valid for ``window`` seconds, a presigned one for ``expires`` seconds.
    """
    # With a clock that gives NaN every comparison is false: then the request must not pass.
    if not seconds >= now - (window if expires is None else expires):
        return "VERIFY-10"
    return "" if seconds <= now + window else "VERIFY-11"


def clock_error(
    stage: str, timestamp: str, seconds: int, now: float, expires: int | None, window: float
) -> VerificationError:
    """The refusal for what ``clock_fault`` found."""
    details = _times(seconds, now, expires, window)
    if stage == "VERIFY-10":
        life = window if expires is None else expires
        bound = f"{format_timestamp(now - life)} ({format_timestamp(now)} - {life / 60:g} min.)"
        return mismatch(stage, f"Signature expired: {timestamp} is now earlier than {bound}", details)
    bound = f"{format_timestamp(now + window)} ({format_timestamp(now)} + {window / 60:g} min.)"
    return mismatch(stage, f"Signature not yet current: {timestamp} is still later than {bound}", details)


def _times(seconds: int, now: float, expires: int | None, window: float) -> tuple[tuple[str, str], ...]:
    """The times that S3 adds to a refusal because of the clock."""
    server = ("ServerTime", extended_timestamp(now))
    if expires is None:
        skew = ("MaxAllowedSkewMilliseconds", f"{int(window * 1000)}")
        return ("RequestTime", format_timestamp(seconds)), server, skew
    end = extended_timestamp(seconds + expires)
    return ("X-Amz-Expires", str(expires)), ("Expires", end), server


def _malformed_query(query: str) -> VerificationError:
    """VERIFY-4, for the first broken escape."""
    pieces = (piece[:2] for piece in query.split("%")[1:])
    digits = next(digits for digits in pieces if not is_escaped(f"%{digits}"))
    message = "Incomplete trailing escape % sequence"
    if len(digits) == 2:
        message = f"Illegal hex character in escape % pattern: %{digits}"
    return VerificationError("VERIFY-4", "MalformedQueryString", message, 400)


def bad_request() -> VerificationError:
    return VerificationError("VERIFY-1", "BadRequest", "", 400)


def unknown(message: str) -> VerificationError:
    return VerificationError("VERIFY-14", "InvalidClientTokenId", message, 403)
