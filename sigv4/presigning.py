"""Query-string authentication: a URL that contains its signature (URL-1…5, TOKEN-1)."""

from __future__ import annotations

from .authorization import Signature
from .canonical import USUAL_METHODS, canonical_request, check_method, query_pairs
from .dialects import LONGEST_EXPIRES
from .errors import SigningError, repr_of
from .headers import HeaderSet, without
from .payload_hash import line_to_presign
from .percent import escape
from .target import with_lower_host

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .authorization import Algorithm, DailyKey
    from .credentials import Credentials
    from .dialects import Dialect
    from .headers import Headers
    from .payload import Body


class PresignedUrl(str):
    """A URL with its signature: anyone who has it can make the request. ``repr`` hides the query.

    ``expires_at``       epoch seconds when it or its credentials expire, the earlier of the two
    ``headers_to_send``  the signed headers except Host; they must be sent with exactly these values (URL-4)
    """

    __slots__ = ("expires_at", "headers_to_send")
    expires_at: float
    headers_to_send: dict[str, str | bytes]

    def __new__(cls, url: str, expires_at: float, headers_to_send: dict[str, str | bytes]) -> PresignedUrl:
        self = str.__new__(cls, url)
        self.expires_at = expires_at
        self.headers_to_send = headers_to_send
        return self

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        return PresignedUrl, (str(self), self.expires_at, self.headers_to_send)

    def __repr__(self) -> str:
        return f"PresignedUrl({self.partition('?')[0] + '?***'!r}, expires_at={self.expires_at!r})"


def check_expires(expires: int, longest: int = LONGEST_EXPIRES) -> None:
    """URL-2: whole seconds, up to seven days or the service's limit. Raises SigningError."""
    if not isinstance(expires, int) or isinstance(expires, bool) or not 1 <= expires <= longest:
        end = (
            "7 days"
            if longest == LONGEST_EXPIRES
            else f"the {longest // 60} minutes that the service accepts"
        )
        raise SigningError(f"expires is {repr_of(expires)}: expected whole seconds, 1 to {longest} ({end})")


def check_host(host: str, headers: HeaderSet) -> None:
    """Adds the URL's Host header. Raises SigningError if the caller gave another Host."""
    given = headers.canonical.setdefault("host", host)
    if not given:
        raise SigningError("the Host header is empty: leave it out, or give the host of the request")
    if host and given.lower() != host:
        raise SigningError(
            f"the Host header is {given[:80]!r} and the host of the URL is {host!r}: leave the header out"
        )
    if host:
        headers.canonical["host"] = host  # clients send the host as it is spelled in the URL


class Presigner:
    """Presigns requests for one Signer."""

    __slots__ = ("_algorithm", "_dialect", "_last", "_region_set", "_service", "_unsigned")

    def __init__(
        self, algorithm: Algorithm, region_set: str, service: str, dialect: Dialect, unsigned: frozenset[str]
    ) -> None:
        self._algorithm = algorithm
        self._region_set = region_set
        self._service = service
        self._dialect = dialect
        self._unsigned = unsigned  # the headers that are left out
        self._last: tuple[tuple[object, ...], tuple[str, list[tuple[str, str]]]] = (), ("", [])

    def headers_to_sign(
        self, method: str, host: str, headers: Headers, body: Body, expires: int
    ) -> tuple[HeaderSet, str]:
        """Checks all arguments; returns the headers to sign and the payload line."""
        if method not in USUAL_METHODS:
            check_method(method)
        check_expires(expires, self._dialect.longest_expires)
        to_sign = HeaderSet(headers, self._unsigned)
        check_host(host, to_sign)
        return to_sign, line_to_presign(body, self._dialect, self._service, to_sign)

    def sign(
        self,
        method: str,
        url: str,
        path: str,
        headers: HeaderSet,
        payload: str,
        signed_by: DailyKey,
        moment: tuple[float, str],
        expires: int,
    ) -> tuple[Signature, PresignedUrl]:
        """The signature and the URL; ``path`` is canonical, ``payload`` the payload line.

        The caller's parameters stay unchanged. After them come the authentication parameters, the signature
        (URL-1) and, last, a token that is not signed (TOKEN-2).
        """
        lines, algorithm = headers.canonical, self._algorithm
        names = sorted(lines)
        signed_headers = ";".join(names)
        wire, parameters = self._parameters(signed_headers, signed_by, moment[1], expires)
        canonical = wire
        before, mark, fragment = url.partition("#")
        base, _, query = before.partition("?")
        base = with_lower_host(base, lines["host"])
        if query:
            wire = f"{query}&{wire}"
            ordered = sorted(query_pairs(query) + parameters)
            canonical = "&".join([f"{name}={value}" for name, value in ordered])
        request = canonical_request(method, path, canonical, lines, names, signed_headers, payload)
        key, credentials = signed_by.key, signed_by.credentials
        text = algorithm.string_to_sign(moment[1], key.scope_text, request)
        signature = algorithm.sign(key, text)
        after = ""
        if credentials.session_token and not self._dialect.sign_token:
            after = f"&{credentials.token_name}={escape(credentials.session_token)}"
        to_send = dict(without(headers.sent.items(), "host")) if len(lines) > 1 else {}
        signed = Signature(to_send, request, text, signature, signed_headers, signed_by)
        death = dies_at(credentials, moment[0], expires)
        return signed, PresignedUrl(
            f"{base}?{wire}&X-Amz-Signature={signature}{after}{mark}{fragment}", death, to_send
        )

    def _parameters(
        self, signed_headers: str, signed_by: DailyKey, timestamp: str, expires: int
    ) -> tuple[str, list[tuple[str, str]]]:
        """The authentication parameters except the signature, as text and as encoded pairs (CR-QUERY-2).

        They are kept for the next call: URLs that are presigned in the same second often differ only in the
        path.
        """
        given = signed_headers, signed_by, timestamp, expires
        last, made = self._last
        if last == given:
            return made
        token, token_name = signed_by.credentials.session_token, signed_by.credentials.token_name
        parameters = [
            ("X-Amz-Algorithm", self._algorithm.ALGORITHM),
            ("X-Amz-Credential", signed_by.escaped_credential),
            ("X-Amz-Date", timestamp),
            ("X-Amz-Expires", str(expires)),
        ]
        if self._region_set:
            parameters.append(("X-Amz-Region-Set", escape(self._region_set)))
        if token and self._dialect.sign_token:
            parameters.append((token_name, escape(token)))
        parameters.append(("X-Amz-SignedHeaders", escape(signed_headers)))
        made = "&".join([f"{name}={value}" for name, value in parameters]), parameters
        self._last = given, made  # replaced in one step, so threads may race
        return made


def dies_at(credentials: Credentials, signed_at: float, expires: int) -> float:
    """When the URL stops working: the earlier of its own expiry and that of the credentials."""
    death = signed_at + expires
    return death if credentials.expires_at is None else min(death, credentials.expires_at)
