"""``Verifier``: checks a signed request as AWS does, in AWS's order and words (VERIFY-*)."""

from __future__ import annotations

from hmac import compare_digest
from time import time

from .authorization import V4, algorithm_of
from .claim import KeyCache, KnownSigners, claim_of
from .credentials import Credentials
from .dialects import Dialect, chosen_dialect
from .errors import (
    SigningError,
    VerificationError,
    expect,
    expect_switches,
    is_number,
    mismatch,
    repr_of,
)
from .payload_hash import declared_line
from .scope import check_name, whole_second
from .signed_request import (
    SignedRequest,
    check_signed,
    clock_error,
    clock_fault,
    lists_headers,
    timestamp_of,
    unknown,
)
from .strict import is_canonical
from .target import without_default_port
from .v4 import SigningKey
from .verified_head import VerifiedHead

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Container, Iterable
    from typing import Any, TypeAlias

    from .claim import Claim, Verified
    from .headers import Headers, HeaderSet
    from .payload import Body
    from .replay import ReplayStore
    from .streaming.body_verifier import BodyVerifier
    from .v4a import PublicKey, SigningKey as SigningKeyV4A

    OnFile: TypeAlias = Credentials | SigningKey | SigningKeyV4A | PublicKey | None


class Verifier:
    """Verifies requests to ``service`` in ``region``. Safe to share between threads and tasks.

    ``lookup`` gets a ``Claim`` and returns its ``Credentials``, a derived key (then ``lookup`` must check the
    session token), or None. ``algorithms`` are those accepted: ``V4``, ``V4A``. ``required_headers`` must be
    signed, as well as the host and ``x-amz-*``. ``unsigned_payloads=False`` refuses bodies that the signature
    does not cover, even if the dialect accepts them. ``window`` is the clock difference allowed either way in
    seconds, by default the dialect's. ``strict`` also refuses every wire form that is not the canonical one:
    dot segments, lower-case escapes, repeated or padded headers. ``hosts`` are the accepted values of Host,
    so that a request signed for another deployment is refused; include a port that is not the default.
    ``keys`` is a ``KeyCache`` of derived keys, by default a new one for 100 keys. ``replay`` is a store that
    accepts each header-signed request once (``sigv4.replay``); a presigned URL may be used again.
    ``expanded`` adds to a mismatch what the server calculated (VERIFY-17), including the session token: for
    local endpoints only. ``clock`` returns epoch seconds. Order and texts: docs/protocol.md, VERIFY.

    A verifier keeps the Authorization header, without the signature, of the last signer and of at most 256
    others, to read the same header faster the next time. Only the scope was checked then, not the signature.
    No session token is kept, and no secret but the keys in ``keys``. A copy or a pickle has none of these.
    """

    __slots__ = (
        "_clock",
        "_hosts",
        "_keys",
        "_known",
        "_last_names",
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
        self.service: str = check_name("service", service)
        self.region: str = check_name("region", region)
        self.dialect: Dialect = chosen_dialect(dialect, service, region)
        several = (algorithms,) if isinstance(algorithms, str) else algorithms
        self.algorithms: tuple[str, ...] = _texts("algorithms", several, [V4])
        for name in self.algorithms:
            algorithm_of(name)
        required = _texts("required_headers", required_headers, ["content-type"])
        self._required = tuple([name.lower() for name in required])
        self.unsigned_payloads: bool = unsigned_payloads
        self.window: int | float = self.dialect.window if window is None else window
        if not is_number(self.window) or not self.window >= 0:  # NaN, too
            raise SigningError(f"window is {repr_of(window)}: expected seconds, 0 or more")
        self.strict: bool = strict
        self.expanded: bool = expanded
        if not callable(lookup):
            raise SigningError(f"lookup is {type(lookup).__name__}: expected a function of a Claim")
        _check_has(keys, "keys", "key_of", "KeyCache()")
        _check_has(replay, "replay", "first_use", "MemoryReplayStore()")
        expect(callable(clock), "clock", clock, "a function that returns epoch seconds")
        expect_switches(unsigned_payloads=unsigned_payloads, strict=strict, expanded=expanded)
        self._lookup = lookup
        self._hosts = None
        if hosts is not None:
            names = _texts("hosts", hosts, [hosts if isinstance(hosts, str) else "api.example.com"])
            self._hosts = frozenset([without_default_port(host) for host in names])
        self._keys = KeyCache(100) if keys is None else keys
        self._replay = replay
        self._clock = clock
        self._known = KnownSigners()
        # The names of the last request's headers, and whether CR-HDR-1 holds for those it signs.
        self._last_names: tuple[tuple[object, ...], bool] = (), False

    def __repr__(self) -> str:
        options = f"dialect={self.dialect.name!r}, strict={self.strict}"
        return f"Verifier({self.service!r}, {self.region!r}, {options})"

    def verify(self, method: str, url: str, headers: Headers, body: Body = None) -> Verified:
        """Verifies a request and returns who signed it. Raises VerificationError.

        ``url`` is the target exactly as received (``/path?query``), or an absolute URL; ``headers`` are the
        pairs as received, including Host; ``body`` is bytes or a seekable binary file. A body that is signed
        in pieces is refused: use ``verify_stream``. Errors raised by ``lookup`` are not caught.
        """
        head = self.verify_head(method, url, headers)
        verified = head.check_body(body)
        head.check_first_use()
        return verified

    async def averify(self, method: str, url: str, headers: Headers, body: Body = None) -> Verified:
        """``verify`` with a ``lookup`` that may be awaited."""
        head = await self.averify_head(method, url, headers)
        verified = head.check_body(body)
        await head.acheck_first_use()
        return verified

    def verify_stream(self, method: str, url: str, headers: Headers) -> tuple[Verified, BodyVerifier]:
        """Who signed a request whose body is signed in pieces, and the verifier of that body.

        The verifier is a ``Decoder`` for an aws-chunked body, an ``EventVerifier`` for an event stream
        (CHUNK-6, EVENT-6): call ``feed`` with the body, then ``finish``. The arguments are those of
        ``verify``.
        """
        head = self.verify_head(method, url, headers)
        body = head.body_verifier()
        head.check_first_use()
        return head.verified(), body

    async def averify_stream(self, method: str, url: str, headers: Headers) -> tuple[Verified, BodyVerifier]:
        """``verify_stream`` with a ``lookup`` that may be awaited."""
        head = await self.averify_head(method, url, headers)
        body = head.body_verifier()
        await head.acheck_first_use()
        return head.verified(), body

    def verify_head(self, method: str, url: str, headers: Headers | HeaderSet) -> VerifiedHead:
        """Checks everything that needs no body, so that you need not read the body of a refused request.

        If the head declares the hash of the body, the signature is checked, too. Then read the body, up to a
        limit, and pass it to ``verify_body`` of the result. The arguments are those of ``verify``.
        """
        request, claim = self._received(method, url, headers)
        return self._judge(request, claim, self._lookup(claim), url)

    async def averify_head(self, method: str, url: str, headers: Headers | HeaderSet) -> VerifiedHead:
        """``verify_head`` with a ``lookup`` that may be awaited; ``averify_body`` goes with it."""
        head = self.begin_head(method, url, headers)
        return head if isinstance(head, VerifiedHead) else await head

    def begin_head(
        self, method: str, url: str, headers: Headers | HeaderSet
    ) -> VerifiedHead | Awaitable[VerifiedHead]:
        """``averify_head``, whose result need be awaited only if ``lookup`` returned an awaitable."""
        request, claim = self._received(method, url, headers)
        on_file: Any = self._lookup(claim)
        if type(on_file) is not Credentials and hasattr(on_file, "__await__"):
            return self._judge_later(request, claim, on_file, url)
        return self._judge(request, claim, on_file, url)

    def _received(self, method: str, url: str, headers: Headers | HeaderSet) -> tuple[SignedRequest, Claim]:
        """VERIFY-1…13: the request and its claim. Raises VerificationError before ``lookup`` is called."""
        known = self._known
        request = SignedRequest(
            method, url, headers, self.dialect, self.algorithms, self.strict, known.by_header
        )
        self._check_names(request)
        if self._hosts is not None:
            self._check_host(request.headers.canonical.get("host", ""), self._hosts)
        request.timestamp, request.seconds = timestamp, seconds = timestamp_of(request)
        now, expires = whole_second(self._clock()), request.expires
        stage = clock_fault(seconds, now, expires, self.window)
        if stage:
            raise clock_error(stage, timestamp, seconds, now, expires, self.window)
        return request, claim_of(request, self.service, self.region, known)

    def _check_names(self, request: SignedRequest) -> None:
        """VERIFY-8, for names other than those of the last request."""
        lines = request.headers.canonical
        names = tuple(lines), request.signed_headers, request.token_name
        last, request.lists_headers = self._last_names
        if last != names:
            check_signed(request, self.dialect, self._required)
            request.lists_headers = lists_headers(request.names, lines)
            self._last_names = names, request.lists_headers  # replaced in one step, so threads may race

    @staticmethod
    def _check_host(host: str, hosts: Container[str]) -> None:
        if without_default_port(host) not in hosts:
            message = f"The request is for the host '{host[:80]}', which is not one of this service's."
            raise VerificationError("HOST", "AccessDenied", message)

    def _judge(self, request: SignedRequest, claim: Claim, on_file: Any, url: str) -> VerifiedHead:
        """VERIFY-14, 15: checks the claim, and the signature unless that needs the body."""
        key = self._key(request, claim, on_file)
        if not request.lists_headers or (self.strict and not is_canonical(url, request, self.dialect)):
            raise mismatch("VERIFY-15")
        line = declared_line(request.headers, self.dialect, presigned=request.presigned)
        if line is not None and not self.unsigned_payloads and "UNSIGNED" in line:
            message = "The request body is unsigned: its SHA-256 must be signed as 'x-amz-content-sha256'."
            raise VerificationError("VERIFY-15", "AccessDenied", message)
        head = VerifiedHead(request, claim, key, on_file, line, self.dialect)
        if self._replay is not None and not request.presigned:
            # Times are whole seconds: a request is accepted until the end of its last second.
            head.replay, head.replay_until = self._replay, request.seconds + self.window + 1
            head.clock = self._clock
        head.expanded = self.expanded
        if line is not None:
            head.check_signature(line)
        return head

    async def _judge_later(
        self, request: SignedRequest, claim: Claim, on_file: Awaitable[OnFile], url: str
    ) -> VerifiedHead:
        return self._judge(request, claim, await on_file, url)

    def _key(self, request: SignedRequest, claim: Claim, on_file: Any) -> Any:
        """VERIFY-14: the key for the claim. The session token is compared in constant time."""
        if on_file is None:
            raise unknown("The security token included in the request is invalid.")
        name = claim.algorithm
        if not isinstance(on_file, Credentials):
            if isinstance(on_file, SigningKey) and name == V4:
                if on_file.scope_text != request.scope_text:
                    raise mismatch("VERIFY-15")
            elif name == V4 or not _is_v4a_key(on_file):
                found = type(on_file).__name__
                raise SigningError(
                    f"lookup returned {found} for {name}: expected Credentials, a key of that algorithm or "
                    "None; a lookup that is awaited needs averify"
                )
            return on_file
        if on_file.access_key_id != claim.access_key_id:
            # The signature does not cover the access key id, so a lookup that ignores it must not succeed.
            raise unknown("The security token included in the request is invalid.")
        if not _is_token_of(on_file, claim.session_token, request.token_name):
            raise unknown("The security token included in the request is invalid")
        if on_file.expires_at is not None and on_file.expires_at <= self._clock():
            raise VerificationError(
                "VERIFY-14", "ExpiredToken", "The security token included in the request is expired"
            )
        return self._keys.key_of(on_file, claim.scope, name)


def _texts(name: str, given: Iterable[str], example: list[str]) -> tuple[str, ...]:
    """Several texts. Raises SigningError for anything else, such as a single text."""
    several = hasattr(given, "__iter__") and not isinstance(given, (str, bytes))
    found = tuple(given) if several else ()
    if not several or not all(isinstance(each, str) for each in found):
        raise SigningError(f"{name} is {repr_of(given)[:80]}: expected several texts, such as {example}")
    return found


def _check_has(given: object, name: str, method: str, example: str) -> None:
    """Raises SigningError unless ``given`` is None or an object with ``method``."""
    if given is not None and (isinstance(given, type) or not callable(getattr(given, method, None))):
        found = f"the class {given.__name__}" if isinstance(given, type) else type(given).__name__
        raise SigningError(f"{name} is {found}: expected an object with {method}, such as {example}")


def _is_token_of(credentials: Credentials, sent: str | None, token_name: str) -> bool:
    """Whether the session token sent, if any, is that of ``credentials``, under its name (TOKEN-3)."""
    expected = (credentials.session_token or "").encode("utf-8")
    equal = compare_digest(expected, (sent or "").encode("utf-8"))
    return equal and (credentials.token_name == token_name if expected else sent != "")


def _is_v4a_key(on_file: object) -> bool:
    from . import v4a

    return isinstance(on_file, (v4a.SigningKey, v4a.PublicKey))
