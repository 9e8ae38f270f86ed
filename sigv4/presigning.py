"""Query-string authentication: a URL that carries its own signature (URL-1…5, TOKEN-1)."""

from __future__ import annotations

from .authorization import LONGEST_EXPIRES
from .canonical import canonical_request, query_pairs
from .errors import SigningError
from .payload import payload_line
from .percent import escape

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .authorization import Algorithm
    from .credentials import Credentials
    from .dialects import Dialect
    from .payload import Body

UNSIGNED = "UNSIGNED-PAYLOAD"


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


def check_expires(expires: int) -> None:
    """URL-2, DESIGN §4.6. Raises SigningError."""
    if not isinstance(expires, int) or isinstance(expires, bool) or not 1 <= expires <= LONGEST_EXPIRES:
        raise SigningError(f"expires is {expires!r}: expected whole seconds, 1 to {LONGEST_EXPIRES} (7 days)")


def presigned_payload(
    body: Body, dialect: Dialect, sent: dict[str, str | bytes], lines: dict[str, str]
) -> str | None:
    """URL-3: the payload line where the dialect has its own for presigned URLs, else None.

    A body that is given is bound all the same, by a signed header that must be sent.
    """
    if not dialect.presign_unsigned or "x-amz-content-sha256" in lines:
        return None
    if body is None:
        return UNSIGNED
    line = payload_line(body)
    sent["X-Amz-Content-SHA256"] = lines["x-amz-content-sha256"] = line
    return line


def check_host(host: str, lines: dict[str, str]) -> None:
    """The Host header, which a URL of its own must not contradict. Raises SigningError."""
    if not lines.setdefault("host", host):
        raise SigningError("no Host: the request needs a Host header")
    if host and lines["host"].lower() != host:
        raise SigningError(
            f"the Host header is {lines['host'][:80]!r} and the URL asks {host!r}: leave it out"
        )


def presign(
    url: str,
    request: tuple[str, str, str, dict[str, str], list[str], str],
    algorithm: Algorithm,
    key: Any,
    credential: str,
    timestamp: str,
    expires: int,
    region_set: str,
    credentials: Credentials,
    dialect: Dialect,
) -> tuple[str, bytes, str, str]:
    """The URL, canonical request, string to sign and signature.

    ``request`` is method, canonical path, wire query, header lines, signed names and payload line;
    ``credential`` is escaped already. The caller's parameters stay as they are; then come ours, the signature
    (URL-1), and last of all a token that is not signed (TOKEN-2).
    """
    method, path, query, lines, names, payload = request
    signed_headers = ";".join(names)
    token, token_name = credentials.session_token, credentials.token_name
    # Their names are in the order of CR-QUERY-2, and their values encoded.
    parameters = [
        ("X-Amz-Algorithm", algorithm.ALGORITHM),
        ("X-Amz-Credential", credential),
        ("X-Amz-Date", timestamp),
        ("X-Amz-Expires", str(expires)),
    ]
    if region_set:
        parameters.append(("X-Amz-Region-Set", escape(region_set)))
    if token and dialect.sign_token:
        parameters.append((token_name, escape(token)))
    parameters.append(("X-Amz-SignedHeaders", escape(signed_headers)))
    wire = canonical = "&".join([f"{name}={value}" for name, value in parameters])
    if query:
        wire = f"{query}&{wire}"
        ordered = sorted(query_pairs(query) + parameters)
        canonical = "&".join([f"{name}={value}" for name, value in ordered])
    canonical_bytes = canonical_request(method, path, canonical, lines, names, signed_headers, payload)
    text = algorithm.string_to_sign(timestamp, key.scope_text, canonical_bytes)
    signature = algorithm.sign(key, text)
    wire += f"&X-Amz-Signature={signature}"
    if token and not dialect.sign_token:
        wire += f"&{token_name}={escape(token)}"
    before, mark, fragment = url.partition("#")
    return f"{before.partition('?')[0]}?{wire}{mark}{fragment}", canonical_bytes, text, signature


def dies_at(credentials: Credentials, signed_at: float, expires: int) -> float:
    """DESIGN §4.6: the earlier of the two deaths, the URL's and the credentials'."""
    death = signed_at + expires
    return death if credentials.expires_at is None else min(death, credentials.expires_at)
