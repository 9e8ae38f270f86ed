"""Checks whether a request arrived in canonical form, which ``Verifier(strict=True)`` requires.

Two forms can have the same signature and still mean different things to a proxy or an application.
"""

from __future__ import annotations

from .canonical import canonical_query, normalize_path
from .headers import header_value
from .percent import escape, unescape
from .target import cut_url, split_target, user_info_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .dialects import Dialect
    from .headers import HeaderSet
    from .signed_request import SignedRequest


def is_canonical(url: str, request: SignedRequest, dialect: Dialect) -> bool:
    """Whether the target and the signed headers of a request arrived in canonical form."""
    # Headers nearly always arrive in canonical form.
    if not request.headers.as_sent and not are_canonical_headers(request.headers, frozenset(request.names)):
        return False
    return url == "/" or is_canonical_target(url, dialect)


def is_canonical_target(url: str, dialect: Dialect) -> bool:
    """Whether path and parameters are escaped once, no more than needed, and the path is normalised.

    Only a dialect that normalises paths requires a normalised path. Parameters may be in any order, but those
    with one name must keep the signed order. ``%2F`` within a segment is accepted if the dialect
    distinguishes it from ``/``.
    """
    _, path, query = split_target(url)
    segments = path.split("/")
    if any(escape(unescape(segment)) != segment for segment in segments):
        return False
    if not dialect.encode_path_again and "%2F" in path:
        return False
    if dialect.normalize_path and normalize_path(path) != path:
        return False
    if ("?" in url and not query) or user_info_of(cut_url(url)[1]) is not None:
        return False
    by_name = sorted(query.split("&"), key=lambda parameter: parameter.partition("=")[0])
    return by_name == canonical_query(query).split("&")


def are_canonical_headers(headers: HeaderSet, signed: frozenset[str]) -> bool:
    """Whether each signed header occurs once, its value trimmed and without runs of white space."""
    if not signed.isdisjoint(headers.repeated):
        return False
    for name, value in headers.sent.items():
        lower = header_value(name).lower()
        if lower in signed and header_value(value) != headers.canonical[lower]:
            return False
    return True
