"""Parses a signed request for ``diagnose``: its parts as received, and as a ``Draft`` of the signature."""

from __future__ import annotations

from .. import v4
from ..authorization import V4, V4A
from ..dialects import DEFAULT, dialect_of
from ..errors import SigningError, VerificationError
from ..headers import header_value
from ..payload import UNSIGNED_PAYLOAD, payload_line
from ..payload_hash import declared_line
from ..record import Record
from ..scope import Scope, format_timestamp, parse_http_date, parse_timestamp
from ..signed_request import SignedRequest
from ..target import cut_url
from .hypotheses import Evidence
from .signature_inputs import Draft, as_is, plain_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..credentials import Credentials
    from ..dialects import Dialect
    from ..headers import HeaderPairs


class Examined(Record):
    """A parsed request: its ``draft``, its ``evidence`` and its ``signature``.

    ``seconds`` is its time in epoch seconds, None if AWS cannot parse it. ``missing`` are headers that
    SignedHeaders names but the request does not have. ``credential`` is as sent.
    """

    _masked = ("token", "draft", "evidence")
    draft: Draft
    evidence: Evidence
    signature: str
    access_key_id: str
    credential: str
    token: str | None
    seconds: int | None
    expires: int | None
    region_set: str
    missing: tuple[str, ...]

    @property
    def signed_names(self) -> tuple[str, ...]:
        return tuple(self.draft.signed_headers.split(";"))


def examine(
    method: str,
    url: str,
    pairs: HeaderPairs,
    body: bytes,
    credentials: Credentials | None,
    dialect: Dialect | None,
    called: str = "",
) -> Examined:
    """Parses a request; ``called`` is the URL that the client called, if known.

    Raises VerificationError if it cannot be parsed (VERIFY-1…7).
    """
    pairs = tuple((header_value(name), value) for name, value in pairs)
    given = dialect or DEFAULT
    received = SignedRequest(method, url, list(pairs), given, (V4, V4A))
    parts = received.credential.split("/")
    if dialect is None:
        given = dialect_in(received.credential) or DEFAULT
        if given is not DEFAULT:
            received = SignedRequest(method, url, list(pairs), given, (V4, V4A))
    lines = received.headers.canonical
    timestamp, seconds = _time(received.date, lines.get("date", ""))
    path, _, query = cut_url(url)[2].partition("?")
    evidence = Evidence(
        given,
        path,
        "&".join(part for part in query.split("&") if not part.startswith("X-Amz-Signature=")),
        pairs,
        lines,
        body,
        received.presigned,
        parts[2] if len(parts) == 5 else received.region_set,
        parts[-2] if len(parts) > 3 else "",
        credentials,
        received.token_name,
        called,
        other_bodies=[],
    )
    return _examined(received, evidence, timestamp, seconds)


def _examined(received: SignedRequest, evidence: Evidence, timestamp: str, seconds: int | None) -> Examined:
    return Examined(
        _draft(received, evidence, timestamp),
        evidence,
        received.signature,
        received.credential.partition("/")[0],
        received.credential,
        received.token,
        seconds,
        received.expires,
        received.region_set,
        tuple(name for name in received.names if name.lower() not in evidence.lines),
    )


def _draft(received: SignedRequest, evidence: Evidence, timestamp: str) -> Draft:
    """The parts of the text that is signed, as the request has them."""
    lines, algorithm = evidence.lines, received.algorithm.ALGORITHM
    return Draft(
        algorithm,
        received.method,
        received.path,
        received.query,
        tuple((name, lines.get(name.lower(), "")) for name in received.names),
        received.signed_headers,
        _payload(received, evidence.body, evidence.dialect),
        as_is,
        timestamp,
        received.credential.partition("/")[2],
        plain_text,
        _key(algorithm, received.credential.split("/"), evidence.credentials),
    )


def dialect_in(credential: str) -> Dialect | None:
    """The dialect of the service that a Credential names; None if it names none."""
    parts = credential.split("/")
    try:
        return dialect_of(parts[-2]) if len(parts) > 3 else None
    except SigningError:
        return None


def _time(date: str | None, http_date: str) -> tuple[str, int | None]:
    """The time that is signed, as text and in epoch seconds: from X-Amz-Date, or else Date (STS-3)."""
    try:
        if date is None and " " in http_date:
            seconds = parse_http_date(_in_gmt(http_date))
            return format_timestamp(seconds), seconds
        text = http_date if date is None else date
        return text, parse_timestamp(text)
    except SigningError:
        return http_date if date is None else date, None


def _in_gmt(date: str) -> str:
    """``date`` with ``GMT`` for the other names of the same zone (RFC 5322 §3.3)."""
    start, _, zone = date.rpartition(" ")
    return f"{start} GMT" if zone in ("-0000", "+0000", "UTC", "UT", "Z") else date


def _payload(request: SignedRequest, body: bytes, dialect: Dialect) -> str:
    """The payload line that the request declares, whether a server accepts it or not."""
    said = request.headers.get("x-amz-content-sha256")
    try:
        return declared_line(request.headers, dialect, presigned=request.presigned) or payload_line(body)
    except VerificationError:
        return said or (UNSIGNED_PAYLOAD.line if dialect.unsigned_payload else payload_line(body))


def _key(algorithm: str, parts: list[str], credentials: Credentials | None) -> object:
    if credentials is None:
        return None
    if algorithm == V4:
        if len(parts) != 5:
            return None
        return v4.derive(credentials.secret_access_key, Scope(parts[1], parts[2], parts[3]))[-1]
    from .. import v4a

    if len(parts) != 4:
        return None
    return v4a.key_of(credentials, v4a.Scope(parts[1], parts[2]))
