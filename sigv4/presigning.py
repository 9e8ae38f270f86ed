"""Query-string authentication: a URL that carries its own signature (URL-1…5, TOKEN-1)."""

from __future__ import annotations

from .authorization import LONGEST_EXPIRES
from .canonical import canonical_request, query_pairs
from .errors import SigningError
from .percent import escape
from .record import Record
from .signature import Signature

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .authorization import Algorithm
    from .credentials import Credentials
    from .headers import HeaderSet
    from .signature import DailyKey


class PresignedUrl(str):
    """A URL that carries its signature: whoever holds it can make the request. ``repr`` hides the query.

    ``expires_at``       epoch seconds when it dies: its own expiry, or that of its credentials if earlier
    ``headers_to_send``  the signed headers beyond Host, which must be sent with these very values (URL-4)
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
    """URL-2: whole seconds, up to seven days or what the service takes. Raises SigningError."""
    if not isinstance(expires, int) or isinstance(expires, bool) or not 1 <= expires <= longest:
        end = (
            "7 days" if longest == LONGEST_EXPIRES else f"the {longest // 60} minutes that the service takes"
        )
        raise SigningError(f"expires is {expires!r}: expected whole seconds, 1 to {longest} ({end})")


def check_host(host: str, headers: HeaderSet) -> None:
    """Adds the Host header of the URL; one of the caller's must not contradict it. Raises SigningError."""
    given = headers.canonical.setdefault("host", host)
    if not given:
        raise SigningError("no Host: the request needs a Host header")
    if host and given.lower() != host:
        raise SigningError(f"the Host header is {given[:80]!r} and the URL asks {host!r}: leave it out")


class SignedQuery(Record):
    """The authentication parameters of a presigned URL, save the names of its headers and its signature."""

    algorithm: Algorithm
    signed_by: DailyKey
    timestamp: str
    expires: int
    region_set: str
    sign_token: bool

    def sign(
        self, method: str, url: str, path: str, headers: HeaderSet, payload: str
    ) -> tuple[Signature, str]:
        """The signature and the URL; ``path`` is canonical, ``payload`` the payload line.

        The caller's parameters stay as they are. Then come the authentication parameters, the signature
        (URL-1), and last of all a token that is not signed (TOKEN-2).
        """
        names = sorted(headers.canonical)
        signed_headers = ";".join(names)
        parameters = self._parameters(signed_headers)
        wire = canonical = "&".join([f"{name}={value}" for name, value in parameters])
        before, mark, fragment = url.partition("#")
        base, _, query = before.partition("?")
        if query:
            wire = f"{query}&{wire}"
            ordered = sorted(query_pairs(query) + parameters)
            canonical = "&".join([f"{name}={value}" for name, value in ordered])
        request = canonical_request(
            method, path, canonical, headers.canonical, names, signed_headers, payload
        )
        key, credentials = self.signed_by.key, self.signed_by.credentials
        text = self.algorithm.string_to_sign(self.timestamp, key.scope_text, request)
        signature = self.algorithm.sign(key, text)
        wire += f"&X-Amz-Signature={signature}"
        if credentials.session_token and not self.sign_token:
            wire += f"&{credentials.token_name}={escape(credentials.session_token)}"
        to_send = {name: value for name, value in headers.sent.items() if name.lower() != "host"}
        signed = Signature(to_send, request, text, signature, signed_headers, self.signed_by)
        return signed, f"{base}?{wire}{mark}{fragment}"

    def _parameters(self, signed_headers: str) -> list[tuple[str, str]]:
        """Their names are in the order of CR-QUERY-2, and their values encoded."""
        token, token_name = self.signed_by.credentials.session_token, self.signed_by.credentials.token_name
        parameters = [
            ("X-Amz-Algorithm", self.algorithm.ALGORITHM),
            ("X-Amz-Credential", self.signed_by.escaped_credential),
            ("X-Amz-Date", self.timestamp),
            ("X-Amz-Expires", str(self.expires)),
        ]
        if self.region_set:
            parameters.append(("X-Amz-Region-Set", escape(self.region_set)))
        if token and self.sign_token:
            parameters.append((token_name, escape(token)))
        parameters.append(("X-Amz-SignedHeaders", escape(signed_headers)))
        return parameters


def dies_at(credentials: Credentials, signed_at: float, expires: int) -> float:
    """When the URL stops working: the earlier of its own expiry and that of the credentials."""
    death = signed_at + expires
    return death if credentials.expires_at is None else min(death, credentials.expires_at)
