"""Frequent mistakes of signers for a given request; used if the secret is not known."""

from __future__ import annotations

from collections import Counter

from ..headers import header_text
from ..payload import UNSIGNED_PAYLOAD
from .hypotheses import readings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .evidence import Examined

_LEFT_RAW = frozenset("!'()*$@=,:;&[]")
_LEFT_RAW_ESCAPED = frozenset(f"{ord(char):02X}" for char in _LEFT_RAW)
_OF_LIBRARIES = (
    "application/x-www-form-urlencoded",
    "application/octet-stream",
    "text/plain",
    "multipart/form-data",
)


def stumbling_blocks(request: Examined) -> list[tuple[str, str]]:
    """``(id, words)`` of each mistake, the most frequent first; the words name the part of the request."""
    words = {each.id: each.words for each in reversed(readings(request.evidence, request.draft))}
    found = [*_of_path(request), *_of_query(request), *_of_headers(request), *_of_body(request)]
    if request.evidence.presigned:  # a URL is seldom signed wrong, and often used wrong
        found = [_of_use(request.draft.method), *found]
        if request.draft.payload == UNSIGNED_PAYLOAD.line:
            found.append(
                (
                    "FAIL-35",
                    "a URL for S3 is signed with UNSIGNED-PAYLOAD, but some signers use the hash of no bytes",
                )
            )
    first = dict(reversed(found))
    order = dict.fromkeys(id for id, _ in found)
    return [(id, words[id] if id in words and id in _BY_READING else first[id]) for id in order]


# For these ids a hypothesis describes the mistake with the text of the request.
_BY_READING = frozenset(
    "FAIL-01 FAIL-03 FAIL-04 FAIL-05 FAIL-06 FAIL-07 FAIL-08 FAIL-10 FAIL-11 FAIL-12".split()
)


def _of_path(request: Examined) -> Iterator[tuple[str, str]]:
    path, dialect = request.evidence.path, request.evidence.dialect
    escapes = {piece[:2].upper() for piece in path.split("%")[1:]}
    if dialect.encode_path_again:
        if escapes - {"2F", "7E", "25"}:
            yield "FAIL-01", "the path has escapes, which are escaped once more"
        if "2F" in escapes:
            yield "FAIL-04", "the path has '%2F'"
        if "7E" in escapes:
            yield "FAIL-06", "the path has '%7E'"
        if "25" in escapes:
            yield "FAIL-02", "the path has '%25'"
    else:
        if "2B" in escapes or "+" in path:
            yield "FAIL-09", "the key has a plus, which some sign as a space"
        if escapes & _LEFT_RAW_ESCAPED or _LEFT_RAW & set(path):
            yield "FAIL-05", "the key has characters that some leave raw"
        if "~" in path or "7E" in escapes:
            yield "FAIL-06", "the key has '~'"
        if escapes:
            yield "FAIL-03", "the key has escapes, which some escape twice"
    if "//" in path or "/." in path:
        yield "FAIL-13", "the path has empty or dot segments"
    elif dialect.encode_path_again and len(path) > 1 and path.endswith("/"):
        yield "FAIL-13", "the path ends in '/', which some libraries remove before they sign"
    if "~" in path:
        yield "FAIL-06", "the path has '~'"
    if dialect.encode_path_again and _LEFT_RAW & set(path):
        yield "FAIL-05", "the path has raw characters that are escaped in the canonical request"


def _of_query(request: Examined) -> Iterator[tuple[str, str]]:
    parameters = [
        each for each in request.evidence.query.split("&") if each and not each.startswith("X-Amz-")
    ]
    query = "&".join(parameters)
    if "%2B" in query.upper():
        yield "FAIL-09", "the query has '%2B'"
    if "%20" in query or "+" in query:
        yield "FAIL-08", "the query has a space"
    if "~" in query:
        yield "FAIL-06", "the query has '~'"
    if any("=" not in each for each in parameters):
        yield "FAIL-11", "the query has a parameter without '='"
    if "%" in query or any(char in query for char in "/:@,"):
        yield "FAIL-12", "the query has characters that some leave raw"
    if len(parameters) > 1 and sorted(each.partition("=")[0] for each in parameters) != [
        each.partition("=")[0] for each in sorted(parameters)
    ]:
        yield "FAIL-10", "the query parameters sort differently by name than as joined text"
    elif parameters != sorted(parameters):
        yield "FAIL-10", "the query is not sent in the order in which it is signed"


def _of_headers(request: Examined) -> Iterator[tuple[str, str]]:
    signed = frozenset(name.lower() for name in request.signed_names)
    times = Counter(name.lower() for name, _ in request.evidence.pairs)
    for name, value in request.evidence.pairs:
        lower = name.lower()
        if lower not in signed:
            continue
        text = header_text(lower, value)
        if not text.isascii():
            yield "FAIL-22", f"{lower!r} is not ASCII"
        if "  " in text.strip():
            yield "FAIL-20", f"{lower!r} has two spaces in a row"
        if times[lower] > 1:
            yield "FAIL-21", f"{lower!r} is sent more than once"
    if "content-length" in signed:
        yield "FAIL-48", "Content-Length is signed"
    if "content-type" in signed and _is_of_library(request.evidence.lines.get("content-type", "")):
        yield "FAIL-19", "Content-Type is signed, and HTTP libraries add a charset or boundary to it"


def _is_of_library(content_type: str) -> bool:
    """Whether a library may have written this Content-Type: one with a parameter, or in ``_OF_LIBRARIES``."""
    return ";" in content_type or content_type.lower() in _OF_LIBRARIES


def _of_use(method: str) -> tuple[str, str]:
    if method != "GET":
        return "FAIL-40", f"the URL is used with {method}: it may be signed for another method"
    return "FAIL-40", "the URL may have been changed since it was signed, or be signed for another method"


def _of_body(request: Examined) -> Iterator[tuple[str, str]]:
    evidence, draft = request.evidence, request.draft
    if evidence.body and draft.is_bodiless:
        yield "FAIL-33", f"{draft.method} has a body"
    elif evidence.body and not evidence.presigned:
        yield "FAIL-32", "the body may have been serialized again after it was hashed"
    if "content-type" in draft.signed_headers.split(";") and evidence.lines.get("content-type"):
        yield "FAIL-19", "Content-Type is signed, and may have been another"
