"""Builds the canonical request, the first step of Signature Version 4 (CR-*).

Signing, verifying, explaining and diagnosing all use these functions. Each character of a text is one byte
(Latin-1, see ``percent``); ``canonical_request`` encodes the text.
"""

from __future__ import annotations

from .authorization import QUERY_PARTS
from .errors import SigningError, repr_of
from .headers import is_token
from .percent import escape, escape_path, has_needed_escapes, is_canonical_query, unescape
from .scope import format_timestamp, whole_second
from .target import check_url, split_target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from .dialects import Dialect


USUAL_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
BODY_METHODS = ("POST", "PUT", "PATCH")  # requests with these have a Content-Length, also without a body


def canonical_request(
    method: str,
    path: str,
    query: str,
    lines: dict[str, str],
    names: Sequence[str],
    signed_headers: str,
    payload: str,
) -> bytes:
    """CR-FORMAT: joins parts that are canonical already.

    ``lines`` are header values by lower-case name, ``names`` the signed headers, ``signed_headers`` the same
    as text.
    """
    parts = [method, path, query]
    for name in names:
        parts.append(f"{name}:{lines[name]}")  # noqa: PERF401 (takes a fifth longer)
    parts += "", signed_headers, payload
    return "\n".join(parts).encode("latin-1")


def check_method(method: str) -> None:
    """CR-METHOD: a token, taken exactly as sent. Raises SigningError."""
    if not isinstance(method, str) or not is_token(method):
        raise SigningError(f"the method is {repr_of(method)}: expected an HTTP method such as 'GET'")


def canonical_path(path: str, dialect: Dialect) -> str:
    """A wire path in canonical form, at least ``/`` (CR-PATH-1…4). Raises SigningError for broken escapes."""
    if path == "/":  # every call of the JSON and query protocols
        return path
    if not dialect.encode_path_again:
        path = unescape(path.replace("+", " "))  # CR-PATH-4: S3 reads a raw "+" as a space
    elif "%" in path and not has_needed_escapes(path):
        unescape(path)  # refuses what is not an escape
    if dialect.normalize_path and ("//" in path or "/." in path):
        path = normalize_path(path)
    return escape_path(path)


def check_plus(path: str, dialect: Dialect) -> None:
    """CR-PATH-4: raises SigningError for a raw ``+`` in an S3 path, which servers read in different ways."""
    if "+" in path and not dialect.encode_path_again:
        raise SigningError(
            f"the path holds a raw '+' at position {path.index('+')}, which S3 reads as a space and other "
            "stores as a plus sign: write '%2B' for a plus sign, or '%20' for a space (CR-PATH-4)"
        )


def normalize_path(path: str) -> str:
    """CR-PATH-3: removes empty and ``.`` segments and resolves ``..``. A final ``/`` is kept."""
    segments: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del segments[-1:]
        elif segment not in ("", "."):
            segments.append(segment)
    if segments and path[-1] == "/":
        segments.append("")
    return "/" + "/".join(segments)


def climbs(path: str) -> bool:
    """Whether a wire path leads above the root at any point: ``/../a``, ``/a/../../b``, ``/%2e%2e/a``."""
    if ".." not in path and "%2" not in path:
        return False
    depth = 0
    for segment in path.split("/"):
        plain = segment.replace("%2e", ".").replace("%2E", ".")
        if plain == "..":
            depth -= 1
            if depth < 0:
                return True
        elif plain not in ("", "."):
            depth += 1
    return False


def canonical_query(query: str) -> str:
    """The canonical form of a wire query string (CR-QUERY-1…5).

    Parts are decoded, encoded, and sorted by encoded name, then by encoded value.

    Raises SigningError for broken escapes.
    """
    if not query:
        return ""
    if not is_canonical_query(query):
        query = "&".join([f"{name}={value}" for name, value in query_pairs(query)])
    # NUL in place of "=" sorts before every other byte, so "a=" comes before "a-=".
    return "&".join(sorted(query.replace("=", "\0").split("&"))).replace("\0", "=")


def query_pairs(query: str) -> list[tuple[str, str]]:
    """The parameters in wire order, each part decoded and encoded again; empty ones skipped (CR-QUERY-4)."""
    parts = [each for each in query.split("&") if each]
    # Each different parameter once: a query may repeat one thousands of times.
    pairs = {
        each: (_recode(name), _recode(value))
        for each in set(parts)
        for name, _, value in [each.partition("=")]
    }
    return [pairs[each] for each in parts]


def _recode(text: str) -> str:
    if not text or (text.isalnum() and text.isascii()):
        return text
    return escape(unescape(text.replace("+", " ")))  # CR-QUERY-3: a raw "+" is a space


class LastCall:
    """The last target, header names and second. Each is replaced in one step, so threads may race."""

    __slots__ = ("moment", "names", "target")

    def __init__(self) -> None:
        self.target: tuple[str, tuple[str, str, str]] = ("/", ("", "/", ""))
        self.names: tuple[tuple[str, ...], tuple[list[str], str]] = ((), ([], ""))
        self.moment: tuple[float, str] = (0.0, "19700101T000000Z")

    def target_of(self, url: str, dialect: Dialect) -> tuple[str, str, str]:
        """Host, canonical path and canonical query of ``url``. Raises SigningError."""
        last, target = self.target
        if last != url or not isinstance(url, str):
            check_url(url)
            host, path, query = split_target(url)
            check_plus(path, dialect)
            target = host, canonical_path(path, dialect), _unsigned_query(query)
            self.target = url, target
        return target

    def names_of(self, present: tuple[str, ...], dialect: Dialect) -> tuple[list[str], str]:
        """CR-HDR-1: which of the header names present are signed, as a list and as text."""
        last, signed = self.names
        if last != present:
            names = sorted([name for name in present if name not in dialect.never_signed])
            signed = names, ";".join(names)
            self.names = present, signed
        return signed

    def moment_of(self, seconds: float) -> tuple[float, str]:
        """The whole second to sign at, as a number and as a timestamp."""
        seconds = whole_second(seconds)
        moment = self.moment
        if moment[0] != seconds:
            self.moment = moment = seconds, format_timestamp(seconds)
        return moment


def read_target(url: str, dialect: Dialect) -> tuple[str, str, str]:
    """Host, canonical path and canonical query of ``url``. Raises SigningError."""
    host, path, query = split_target(url)
    return host, canonical_path(path, dialect), _unsigned_query(query)


def _unsigned_query(query: str) -> str:
    """The canonical query of a URL to sign. Raises SigningError for one that is signed already (CR-HDR-9)."""
    found = canonical_query(query)
    if "X-Amz-" in found and any(part.partition("=")[0] in QUERY_PARTS for part in found.split("&")):
        raise SigningError(
            "the URL is presigned already: remove its X-Amz-… parameters; a request has only one signature"
        )
    return found
