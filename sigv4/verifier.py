"""``Verifier``: checks a signed request as AWS does, in AWS's order and words (VERIFY-*)."""

from __future__ import annotations

from hmac import compare_digest
from time import time

from . import v4
from .authorization import QUERY_PARTS, parse_expires, parse_header, parse_query
from .canonical import USUAL_METHODS, canonical_path, canonical_query, canonical_request, check_method
from .claim import Claim, Verified
from .credentials import Credentials, is_access_key_id
from .dialects import Dialect, dialect_of
from .errors import SigningError, VerificationError, without_frames
from .headers import lower_name, read_headers
from .payload import UNSIGNED_PAYLOAD, payload_line
from .scope import TERMINATOR, Scope, check_name, format_timestamp, parse_http_date, parse_timestamp
from .target import check_url, split_target
from .wire_form import are_canonical_headers, is_canonical_target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from .request import Body, Headers

    Pairs: TypeAlias = list[tuple[str | bytes, str | bytes]]

_MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
    "Access Key and signing method. Consult the service documentation for details."
)


class Verifier:
    """Verifies requests to ``service`` in ``region``. Holds no state between requests; safe to share.

    ``lookup`` gets a ``Claim`` and returns the ``Credentials`` on file for it, a ``SigningKey`` derived
    already (then ``lookup`` has judged the session token), or None. ``window`` is the clock difference
    allowed either way in seconds, by default the dialect's. ``strict`` also refuses every wire form that is
    not the canonical one: dot segments, lower-case escapes, repeated or padded headers. ``clock`` returns
    epoch seconds.

    Source of order and words: protocol.md, VERIFY.
    """

    __slots__ = ("_clock", "_lookup", "dialect", "region", "service", "strict", "window")

    def __init__(
        self,
        service: str,
        region: str,
        lookup: Callable[[Claim], Credentials | v4.SigningKey | None],
        *,
        dialect: Dialect | None = None,
        window: float | None = None,
        strict: bool = False,
        clock: Callable[[], float] = time,
    ) -> None:
        self.service = check_name("service", service)
        self.region = check_name("region", region)
        self.dialect = dialect or dialect_of(service)
        self.window = self.dialect.window if window is None else window
        self.strict = strict
        self._lookup = lookup
        self._clock = clock

    def __repr__(self) -> str:
        options = f"dialect={self.dialect.name!r}, strict={self.strict}"
        return f"Verifier({self.service!r}, {self.region!r}, {options})"

    def verify(self, method: str, url: str, headers: Headers, body: Body = None) -> Verified:
        """Who signed this request, or VerificationError.

        ``url`` is the target exactly as it came (``/path?query``), or an absolute URL; ``headers`` are pairs
        as they came, Host among them; ``body`` the bytes, or a seekable binary file. Whatever ``lookup``
        raises passes through.
        """
        pairs = list(headers.items() if hasattr(headers, "items") else headers)
        try:
            return self._verify(method, url, pairs, body)
        except VerificationError as error:
            headers = pairs = []  # a session token is among them: no frame of ours shows it
            raise without_frames(error) from None

    def _verify(self, method: str, url: str, pairs: Pairs, body: Body) -> Verified:
        host, path, query = self._read_target(method, url)
        lines = self._read_headers(pairs, host)
        header = lines.get("authorization")
        if self._is_presigned(header, query):
            parts, query = parse_query(query, v4.ALGORITHM)
            expires: int | None = parse_expires(parts.get("X-Amz-Expires"))
            credential, signed_headers = parts["X-Amz-Credential"], parts["X-Amz-SignedHeaders"]
            signature, token = parts["X-Amz-Signature"], parts.get("X-Amz-Security-Token")
            date: str | None = parts["X-Amz-Date"]
            if "x-amz-security-token" in lines:
                raise _unknown(
                    "The security token included in the request is invalid"
                )  # it has its own place
        else:
            expires, token, date = None, lines.get("x-amz-security-token"), lines.get("x-amz-date")
            dated = "x-amz-date" in lines or "date" in lines
            credential, signed_headers, signature = parse_header(
                header or "", v4.ALGORITHM, dated=dated, strict=self.strict
            )
        names = self._signed_headers(signed_headers, lines)
        timestamp, seconds = self._date(date, lines, expires)
        access_key_id, scope = self._scope(credential, timestamp)
        key = self._key(access_key_id, scope, token)
        _check_names(names, lines)
        if self.strict and not (
            is_canonical_target(url, self.dialect) and are_canonical_headers(pairs, frozenset(names))
        ):
            raise _mismatch("VERIFY-15", _MISMATCH)
        payload = self._payload(lines, body, expires is not None)
        request = canonical_request(method, path, query, lines, names, signed_headers, payload)
        text = v4.string_to_sign(timestamp, key.scope_text, request)
        if key.scope != scope or not v4.check(key, text, signature):
            raise _mismatch("VERIFY-15", _MISMATCH)
        return Verified(access_key_id, scope, seconds, names, payload)

    def _read_target(self, method: str, url: str) -> tuple[str, str, str]:
        """VERIFY-1, 4: host, canonical path and canonical query, or what a front end refuses first."""
        try:
            if method not in USUAL_METHODS:
                check_method(method)
            check_url(url)
            host, path, query = split_target(url)
            path = canonical_path(path, self.dialect)
        except SigningError as error:
            raise _bad_request() from error
        if "#" in url:
            raise _bad_request()
        try:
            return host, path, canonical_query(query)
        except SigningError:
            raise _malformed_query(query) from None

    def _read_headers(self, pairs: Pairs, host: str) -> dict[str, str]:
        try:
            lines = read_headers(pairs)
        except SigningError as error:
            raise _bad_request() from error
        if len(lines) != len(pairs) and sum(lower_name(name) == "authorization" for name, _ in pairs) > 1:
            message = "Authorization header is repeated: exactly one is required."
            raise VerificationError("VERIFY-6", "IncompleteSignature", message, 400)
        if host and _normal_host(lines.setdefault("host", host)) != _normal_host(host):
            raise _bad_request()
        return lines

    def _is_presigned(self, header: str | None, query: str) -> bool:
        """VERIFY-5: exactly one authentication mechanism, header or query."""
        if header is not None and not query:
            return False
        in_query = any(part.partition("=")[0] in QUERY_PARTS for part in query.split("&"))
        if header is not None and in_query:
            raise _mismatch("VERIFY-5", "")
        if header is None and not in_query:
            message = "Request is missing Authentication Token"
            raise VerificationError("VERIFY-5", "MissingAuthenticationToken", message, 403)
        return in_query

    def _signed_headers(self, signed_headers: str, lines: dict[str, str]) -> tuple[str, ...]:
        """VERIFY-8: the host and every x-amz-* header are signed."""
        names = tuple(signed_headers.split(";"))
        among = frozenset(names)
        if "host" not in among:
            raise _mismatch(
                "VERIFY-8", "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."
            )
        for name in lines:
            if name not in among and name.startswith("x-amz-"):
                raise _mismatch("VERIFY-8", f"'{name}' must be a 'SignedHeader' in the AWS Authorization.")
        return names

    def _date(self, date: str | None, lines: dict[str, str], expires: int | None) -> tuple[str, int]:
        """VERIFY-9…11: the timestamp of the string to sign, and the same in epoch seconds.

        Without an X-Amz-Date it comes from the Date header. A header-signed request is good for the window,
        a presigned one for ``expires`` seconds.
        """
        timestamp = lines["date"] if date is None else date
        try:
            if date is None and " " in timestamp:
                seconds = parse_http_date(timestamp)
                timestamp = format_timestamp(seconds)
            else:
                seconds = parse_timestamp(timestamp)
        except SigningError:
            raise VerificationError(
                "VERIFY-9",
                "IncompleteSignature",
                f"Date must be in ISO-8601 'basic format'. Got '{timestamp}'. "
                "See http://en.wikipedia.org/wiki/ISO_8601",
                400,
            ) from None
        now = self._clock() // 1
        life = self.window if expires is None else expires
        late = seconds < now - life
        if not late and seconds <= now + self.window:
            return timestamp, seconds
        if late:
            bound = f"{format_timestamp(now - life)} ({format_timestamp(now)} - {life / 60:g} min.)"
            raise _mismatch("VERIFY-10", f"Signature expired: {timestamp} is now earlier than {bound}")
        bound = f"{format_timestamp(now + self.window)} ({format_timestamp(now)} + {self.window / 60:g} min.)"
        raise _mismatch("VERIFY-11", f"Signature not yet current: {timestamp} is still later than {bound}")

    def _scope(self, credential: str, timestamp: str) -> tuple[str, Scope]:
        """VERIFY-12, 13."""
        parts = credential.split("/")
        if len(parts) != 5:
            raise VerificationError(
                "VERIFY-12",
                "IncompleteSignature",
                "Credential must have exactly 5 slash-delimited elements, "
                f"e.g. keyid/date/region/service/term, got '{credential}'",
                400,
            )
        access_key_id, date, region, service, terminator = parts
        wrong = ""
        if region != self.region:
            wrong += f"Credential should be scoped to a valid region, not '{region}'. "
        if service != self.service:
            wrong += f"Credential should be scoped to correct service: '{self.service}'. "
        if terminator != TERMINATOR:
            wrong += "Credential should be scoped with a valid terminator: "
            wrong += f"'{TERMINATOR}', not '{terminator}'. "
        if date != timestamp[:8]:
            wrong += (
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
                f"'{date}' != '{timestamp[:8]}', from '{timestamp}'. "
            )
        if wrong:
            raise _mismatch("VERIFY-13", wrong)
        return access_key_id, Scope(date, region, service)

    def _key(self, access_key_id: str, scope: Scope, token: str | None) -> v4.SigningKey:
        """VERIFY-14: the key on file for the claim, its session token compared in constant time."""
        on_file = None
        if is_access_key_id(access_key_id):
            on_file = self._lookup(Claim(access_key_id, token, scope))
        if on_file is None:
            raise _unknown("The security token included in the request is invalid.")
        if not isinstance(on_file, Credentials):
            return on_file
        if on_file.access_key_id != access_key_id:
            # The access key id is in no signed text: a lookup that ignores it must not vouch for another's.
            raise _unknown("The security token included in the request is invalid.")
        expected = (on_file.session_token or "").encode("utf-8")
        if not compare_digest(expected, (token or "").encode("utf-8")) or (token == "" and not expected):
            raise _unknown("The security token included in the request is invalid")
        if on_file.expires_at is not None and on_file.expires_at <= self._clock():
            raise VerificationError(
                "VERIFY-14", "ExpiredToken", "The security token included in the request is expired"
            )
        return v4.signing_key(on_file.secret_access_key, scope)

    def _payload(self, lines: dict[str, str], body: Body, presigned: bool) -> str:
        """The payload line: the hash of the body, or a literal that the dialect takes (PAYLOAD-2, 5)."""
        declared = lines.get("x-amz-content-sha256")
        if declared is not None and declared in self.dialect.payload_literals:
            if declared.startswith("STREAMING-"):
                # Its chunks are signed as well, and there is nothing here to check them with.
                raise _mismatch("VERIFY-15", _MISMATCH)
            return declared
        if declared is None and presigned and self.dialect.presign_unsigned:
            return UNSIGNED_PAYLOAD.line
        line = payload_line(body)
        if declared is not None and declared != line:
            if self.dialect.content_sha256:
                raise VerificationError(
                    "VERIFY-15",
                    "XAmzContentSHA256Mismatch",
                    "The provided 'x-amz-content-sha256' header does not match what was computed.",
                    400,
                )
            raise _mismatch("VERIFY-15", _MISMATCH)
        if declared is None and self.dialect.content_sha256:
            message = "Missing required header for this request: x-amz-content-sha256"
            raise VerificationError("VERIFY-15", "InvalidRequest", message, 400)
        return line


def _normal_host(host: str) -> str:
    """``host`` without the ports that either scheme leaves out."""
    host = host.lower()
    return host.removesuffix(":443") if host.endswith(":443") else host.removesuffix(":80")


def _malformed_query(query: str) -> VerificationError:
    """VERIFY-4, for the first escape that is broken."""
    message = "Incomplete trailing escape % sequence"
    for piece in query.split("%")[1:]:
        digits = piece[:2]
        if not (len(digits) == 2 and all(digit in "0123456789abcdefABCDEF" for digit in digits)):
            if len(digits) == 2:
                message = f"Illegal hex character in escape % pattern: %{digits}"
            break
    return VerificationError("VERIFY-4", "MalformedQueryString", message, 400)


def _check_names(names: tuple[str, ...], lines: dict[str, str]) -> None:
    """CR-HDR-1: the signed headers are sorted, each named once, and every one is there."""
    before = ""
    for name in names:
        if name <= before or name not in lines:
            raise _mismatch("VERIFY-15", _MISMATCH)
        before = name


def _bad_request() -> VerificationError:
    return VerificationError("VERIFY-1", "BadRequest", "", 400)


def _mismatch(stage: str, message: str) -> VerificationError:
    return VerificationError(stage, "SignatureDoesNotMatch", message, 403)


def _unknown(message: str) -> VerificationError:
    return VerificationError("VERIFY-14", "InvalidClientTokenId", message, 403)
