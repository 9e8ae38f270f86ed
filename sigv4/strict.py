"""Whether a request arrived in its canonical form, as ``Verifier(strict=True)`` demands.

Two forms can have the same signature and still mean different things to a proxy or an application.
"""

from __future__ import annotations

from .canonical import canonical_query, normalize_path
from .headers import canonical_value, header_value
from .percent import escape, unescape
from .target import cut_url, split_target, user_info_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .dialects import Dialect
    from .signed_request import SignedRequest


def is_canonical(
    url: str,
    pairs: Sequence[tuple[str | bytes, str | bytes]],
    request: SignedRequest,
    dialect: Dialect,
) -> bool:
    """The whole request, which came with this target and these headers: the target and the signed headers."""
    # Headers nearly always arrive in canonical form.
    if not request.headers.as_sent and not are_canonical_headers(pairs, frozenset(request.names)):
        return False
    return url == "/" or is_canonical_target(url, dialect)


def is_canonical_target(url: str, dialect: Dialect) -> bool:
    """Path segments escaped once and no more than needed, normalised where the dialect does; parameters too.

    The order of parameters is free, but those of one name keep the order that was signed. A ``/``
    within a segment is ``%2F`` where the dialect tells it from one between segments.
    """
    _, path, query = split_target(url)
    segments = path.split("/")
    if any(escape(unescape(segment)) != segment for segment in segments):
        return False
    if not dialect.encode_path_again and "%2F" in path:
        return False
    if dialect.normalize_path and normalize_path(path) != path:
        return False
    _, question, _ = url.partition("?")
    if (question and not query) or user_info_of(cut_url(url)[1]) is not None:
        return False
    by_name = sorted(query.split("&"), key=lambda parameter: parameter.partition("=")[0])
    return by_name == canonical_query(query).split("&")


def are_canonical_headers(pairs: Iterable[tuple[str | bytes, str | bytes]], signed: frozenset[str]) -> bool:
    """Each signed header once, its value trimmed and without runs of white space."""
    seen = set()
    for name, value in pairs:
        lower = header_value(name).lower()
        if lower in signed:
            text = header_value(value)
            if lower in seen or canonical_value(text) != text:
                return False
            seen.add(lower)
    return True
