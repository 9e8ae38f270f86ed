"""``Verifier``: checks a signed request as AWS does, in AWS's order and words (VERIFY-*)."""

from __future__ import annotations

from hmac import compare_digest
from time import time

from .authorization import V4, algorithm_of
from .claim import Claim
from .credentials import Credentials, is_access_key_id
from .dialects import Dialect, check_region_name, dialect_of
from .errors import SigningError, VerificationError, without_frames
from .payload import UNSIGNED_PAYLOAD
from .scope import (
    TERMINATOR,
    check_name,
    extended_timestamp,
    format_timestamp,
    parse_http_date,
    parse_timestamp,
)
from .signed_request import check_signed, mismatch, receive, unknown
from .strict import is_canonical
from .target import without_default_port
from .v4 import SigningKey
from .verified_head import MISMATCH, VerifiedHead

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable
    from typing import Any, TypeAlias

    from .claim import Verified
    from .headers import Headers
    from .key_cache import KeyCache
    from .payload import Body
    from .replay import ReplayStore
    from .signed_request import Pairs, Received
    from .streaming.body_verifier import BodyVerifier
    from .v4a import PublicKey
    from .v4a import SigningKey as SigningKeyV4A

    OnFile: TypeAlias = Credentials | SigningKey | SigningKeyV4A | PublicKey | None
    Read: TypeAlias = tuple[Claim, str, int, Received]  # the claim, its timestamp, the same in epoch seconds


class Verifier:
    """Verifies requests to ``service`` in ``region``. Holds no state between requests; safe to share.

    ``lookup`` gets a ``Claim`` and returns the ``Credentials`` on file for it, a key derived already (then
    ``lookup`` has judged the session token), or None. ``algorithms`` are those taken: ``V4``, ``V4A``.
    ``required_headers`` must be signed beside the host and ``x-amz-*``. ``unsigned_payloads=False`` refuses
    bodies that the signature does not cover even where the dialect takes them. ``window`` is the clock
    difference allowed either way in seconds, by default the dialect's. ``strict`` also refuses every wire
    form that is not the canonical one: dot segments, lower-case escapes, repeated or padded headers.
    ``hosts`` are the only values of Host that are accepted, so that what was signed for another deployment
    is refused here; a port is given where it is not the default one. ``keys`` is a ``KeyCache`` of derived
    keys. ``replay`` is a store that takes each header-signed request once (``sigv4.replay``); a presigned URL
    is made to be used again. ``expanded`` adds to a mismatch what the server calculated (VERIFY-17), the
    session token among it: for endpoints on one's own machine. ``clock`` returns epoch seconds.

    Source of order and words: protocol.md, VERIFY.
    """

    __slots__ = (
        "_clock",
        "_hosts",
        "_keys",
        "_lookup",
        "_replay",
        "_required",
        "algorithms",
        "dialect",
        "expanded",
        "region",
        "service",
        "strict",
        "unsigned_payloads",
        "window",
    )

    def __init__(
        self,
        service: str,
        region: str,
        lookup: Callable[[Claim], OnFile | Awaitable[OnFile]],
        *,
        dialect: Dialect | None = None,
        algorithms: Iterable[str] = (V4,),
        required_headers: Iterable[str] = (),
        unsigned_payloads: bool = True,
        window: float | None = None,
        strict: bool = False,
        hosts: Iterable[str] | None = None,
        keys: KeyCache | None = None,
        replay: ReplayStore | None = None,
        expanded: bool = False,
        clock: Callable[[], float] = time,
    ) -> None:
        self.service = check_name("service", service)
        self.region = check_name("region", region)
        if dialect is None:
            check_region_name(region)
        self.dialect = dialect or dialect_of(service)
        self.algorithms = (algorithms,) if isinstance(algorithms, str) else tuple(algorithms)
        for name in self.algorithms:
            algorithm_of(name)
        if isinstance(required_headers, str):
            raise SigningError(f"required_headers is the str {required_headers!r}: expected several names")
        self._required = tuple(name.lower() for name in required_headers)
        self.unsigned_payloads = unsigned_payloads
        self.window = self.dialect.window if window is None else window
        if not isinstance(self.window, (int, float)) or not self.window >= 0:  # NaN, too
            raise SigningError(f"window is {window!r}: expected seconds, 0 or more")
        self.strict = strict
        self.expanded = expanded
        self._lookup = lookup
        if isinstance(hosts, str):
            raise SigningError(f"hosts is the str {hosts!r}: expected several hosts, such as [{hosts!r}]")
        self._hosts = None if hosts is None else frozenset(without_default_port(host) for host in hosts)
        self._keys = keys
        self._replay = replay
        self._clock = clock

    def __repr__(self) -> str:
        options = f"dialect={self.dialect.name!r}, strict={self.strict}"
        return f"Verifier({self.service!r}, {self.region!r}, {options})"

    def verify(self, method: str, url: str, headers: Headers, body: Body = None) -> Verified:
        """Who signed this request, or VerificationError.

        ``url`` is the target exactly as it came (``/path?query``), or an absolute URL; ``headers`` are pairs
        as they came, Host among them; ``body`` the bytes, or a seekable binary file. A body that is signed in
        pieces is refused: ``verify_stream`` is for those. Whatever ``lookup`` raises passes through.
        """
        try:
            head = self._head(method, url, headers, False)
            verified = head.check_body(body)
            head.check_first_use()
            return verified
        except VerificationError as error:
            headers = ()  # a session token is there: no frame of ours shows it
            raise without_frames(error) from None

    async def averify(self, method: str, url: str, headers: Headers, body: Body = None) -> Verified:
        """``verify`` with a ``lookup`` that may be awaited."""
        try:
            head = await self._ahead(method, url, headers, False)
            verified = head.check_body(body)
            await head.acheck_first_use()
            return verified
        except VerificationError as error:
            headers = ()  # as in verify
            raise without_frames(error) from None

    def verify_stream(self, method: str, url: str, headers: Headers) -> tuple[Verified, BodyVerifier]:
        """Who signed a request whose body is signed in pieces, and what verifies these as they come.

        That is a ``Decoder`` for aws-chunked bodies, an ``EventVerifier`` for event streams (CHUNK-6,
        EVENT-6): feed it the body, then finish it. The arguments are those of ``verify``.
        """
        try:
            head = self._head(method, url, headers, True)
            body = head.body_verifier()
            head.check_first_use()
            return head.verified(), body
        except VerificationError as error:
            headers = ()  # as in verify
            raise without_frames(error) from None

    async def averify_stream(self, method: str, url: str, headers: Headers) -> tuple[Verified, BodyVerifier]:
        """``verify_stream`` with a ``lookup`` that may be awaited."""
        try:
            head = await self._ahead(method, url, headers, True)
            body = head.body_verifier()
            await head.acheck_first_use()
            return head.verified(), body
        except VerificationError as error:
            headers = ()  # as in verify
            raise without_frames(error) from None

    def verify_head(self, method: str, url: str, headers: Headers) -> VerifiedHead:
        """Everything that needs no body, so that a body is read only for a request that is good so far.

        Where the head declares the hash of the body, that includes the signature. Then read the body, within
        bounds, and call ``verify_body`` of what is returned. The arguments are those of ``verify``.
        """
        try:
            return self._head(method, url, headers, None)
        except VerificationError as error:
            headers = ()  # as in verify
            raise without_frames(error) from None

    async def averify_head(self, method: str, url: str, headers: Headers) -> VerifiedHead:
        """``verify_head`` with a ``lookup`` that may be awaited; ``averify_body`` goes with it."""
        try:
            return await self._ahead(method, url, headers, None)
        except VerificationError as error:
            headers = ()  # as in verify
            raise without_frames(error) from None

    def _head(self, method: str, url: str, headers: Headers, stream: bool | None) -> VerifiedHead:
        pairs = list(headers.items() if hasattr(headers, "items") else headers)
        read = self._read(method, url, pairs)
        return self._judge(read, self._lookup(read[0]), url, pairs, stream)

    async def _ahead(self, method: str, url: str, headers: Headers, stream: bool | None) -> VerifiedHead:
        pairs = list(headers.items() if hasattr(headers, "items") else headers)
        read = self._read(method, url, pairs)
        on_file: Any = self._lookup(read[0])
        if hasattr(on_file, "__await__"):
            on_file = await on_file
        return self._judge(read, on_file, url, pairs, stream)

    def _read(self, method: str, url: str, pairs: Pairs) -> Read:
        """VERIFY-1…13: what the request claims, or its refusal before any key is asked for."""
        received = receive(method, url, pairs, self.dialect, self.algorithms, self.strict)
        algorithm, credential, _, names, _, token, date, expires, region_set, _, _, _, lines, _ = received
        check_signed(names, lines, self.dialect)
        if self._hosts is not None and without_default_port(lines["host"]) not in self._hosts:
            shown = lines["host"][:80]
            message = f"The request is for the host '{shown}', which is not one of this service's."
            raise VerificationError("HOST", "AccessDenied", message)
        for name in self._required:
            if name not in names:
                raise mismatch("VERIFY-8", f"'{name}' must be a 'SignedHeader' in the AWS Authorization.")
        timestamp, seconds = self._date(date, lines, expires)
        access_key_id = self._check_scope(credential, timestamp, algorithm.ALGORITHM, region_set)
        if len(access_key_id) > 128 or not is_access_key_id(access_key_id):
            raise unknown("The security token included in the request is invalid.")
        scope = algorithm.credential_scope(timestamp[:8], self.region, self.service)
        claim = Claim(access_key_id, token, scope, algorithm.ALGORITHM)
        return claim, timestamp, seconds, received

    def _judge(self, read: Read, on_file: Any, url: str, pairs: Pairs, stream: bool | None) -> VerifiedHead:
        """VERIFY-14, 15: the claim against the key on file, and the signature where it can be checked."""
        claim, timestamp, seconds, received = read
        names, expires, lines = received[3], received[7], received[12]
        key = self._key(claim, on_file, received[13])
        _check_names(names, lines)
        if self.strict and not is_canonical(url, pairs, lines, names, self.dialect):
            raise mismatch("VERIFY-15", MISMATCH)
        payload = self._payload(lines, expires is not None, stream)
        head = VerifiedHead(claim, timestamp, seconds, received, key, on_file, payload, self.dialect)
        if self._replay is not None and expires is None:
            # The clock is read in whole seconds: a request is taken up to the end of its last one.
            head.replay, head.replay_until = self._replay, seconds + self.window + 1
        head.expanded = self.expanded
        if payload is not None:
            head.check_signature(payload)
        return head

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
            message = f"Signature expired: {timestamp} is now earlier than {bound}"
            raise VerificationError(
                "VERIFY-10", "SignatureDoesNotMatch", message, 403, self._times(seconds, now, expires)
            )
        bound = f"{format_timestamp(now + self.window)} ({format_timestamp(now)} + {self.window / 60:g} min.)"
        message = f"Signature not yet current: {timestamp} is still later than {bound}"
        raise VerificationError(
            "VERIFY-11", "SignatureDoesNotMatch", message, 403, self._times(seconds, now, expires)
        )

    def _times(self, seconds: int, now: float, expires: int | None) -> tuple[tuple[str, str], ...]:
        """What S3 adds to a refusal for the clock."""
        server = extended_timestamp(now)
        if expires is None:
            skew = f"{int(self.window * 1000)}"
            return (
                ("RequestTime", format_timestamp(seconds)),
                ("ServerTime", server),
                ("MaxAllowedSkewMilliseconds", skew),
            )
        end = extended_timestamp(seconds + expires)
        return (("X-Amz-Expires", str(expires)), ("Expires", end), ("ServerTime", server))

    def _check_scope(self, credential: str, timestamp: str, algorithm: str, region_set: str) -> str:
        """VERIFY-12, 13: the access key id, when all else in the Credential is as it must be.

        The words for 4A, whose scope has no region (V4A-1), are by analogy.
        """
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
            access_key_id, date, region, service, terminator = parts
            covered = region == self.region
        else:
            from .v4a import covers

            access_key_id, date, service, terminator = parts
            region, covered = region_set, covers(region_set, self.region)
        wrong = ""
        if not covered:
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
            raise mismatch("VERIFY-13", wrong)
        return access_key_id

    def _key(self, claim: Claim, on_file: Any, token_name: str) -> Any:
        """VERIFY-14: the key on file for the claim, its session token compared in constant time."""
        if on_file is None:
            raise unknown("The security token included in the request is invalid.")
        access_key_id, token, scope, name = claim._fields()
        if not isinstance(on_file, Credentials):
            if isinstance(on_file, SigningKey) and name == V4:
                if on_file.scope != scope:
                    raise mismatch("VERIFY-15", MISMATCH)
            elif name == V4 or not _is_v4a_key(on_file):
                found = type(on_file).__name__
                raise SigningError(
                    f"lookup returned {found} for {name}: expected Credentials, a key of that algorithm or "
                    "None; a lookup that is awaited needs averify"
                )
            return on_file
        if on_file.access_key_id != access_key_id:
            # The access key id is in no signed text: a lookup that ignores it must not vouch for another's.
            raise unknown("The security token included in the request is invalid.")
        expected = (on_file.session_token or "").encode("utf-8")
        wrong = (not expected and token == "") or (expected and on_file.token_name != token_name)
        if not compare_digest(expected, (token or "").encode("utf-8")) or wrong:
            raise unknown("The security token included in the request is invalid")
        if on_file.expires_at is not None and on_file.expires_at <= self._clock():
            raise VerificationError(
                "VERIFY-14", "ExpiredToken", "The security token included in the request is expired"
            )
        if self._keys is not None:
            return self._keys.key_of(on_file, scope, name)
        return algorithm_of(name).key_of(on_file, scope)

    def _payload(self, lines: dict[str, str], presigned: bool, stream: bool | None) -> str | None:
        """The payload line: the declared hash, or a literal that the dialect takes (PAYLOAD-2, 5).

        None where it is the hash of a body that has to be read first.
        """
        declared = lines.get("x-amz-content-sha256")
        streaming = declared is not None and declared.startswith("STREAMING-")
        if stream is not None and streaming is not stream:
            # The chunks of a stream are signed as well, and ``verify`` has nothing to check them with.
            raise mismatch("VERIFY-15", MISMATCH)
        if declared is not None and declared in self.dialect.payload_literals:
            return self._unsigned(declared) if "UNSIGNED" in declared else declared
        if declared is None and presigned and self.dialect.presign_unsigned:
            return self._unsigned(UNSIGNED_PAYLOAD.line)
        if self.dialect.unsigned_payload or streaming:
            raise mismatch("VERIFY-15", MISMATCH)
        if declared is None and self.dialect.content_sha256:
            message = "Missing required header for this request: x-amz-content-sha256"
            raise VerificationError("VERIFY-15", "InvalidRequest", message, 400)
        return declared

    def _unsigned(self, line: str) -> str:
        if not self.unsigned_payloads:
            message = "The request body is unsigned: its SHA-256 must be signed as 'x-amz-content-sha256'."
            raise VerificationError("VERIFY-15", "AccessDenied", message)
        return line


def _is_v4a_key(on_file: object) -> bool:
    from . import v4a

    return isinstance(on_file, (v4a.SigningKey, v4a.PublicKey))


def _check_names(names: tuple[str, ...], lines: dict[str, str]) -> None:
    """CR-HDR-1: the signed headers are sorted, each named once, and every one is there."""
    before = ""
    for name in names:
        if name <= before or name not in lines:
            raise mismatch("VERIFY-15", MISMATCH)
        before = name
