"""A signed request as it was received, taken apart: VERIFY-1…8, what needs neither clock nor key."""

from __future__ import annotations

from .authorization import QUERY_PARTS, algorithm_of, parse_expires, parse_header, parse_query
from .canonical import USUAL_METHODS, canonical_path, canonical_query, check_method, climbs
from .errors import SigningError, VerificationError
from .headers import lower_name, read_headers
from .target import check_url, split_target, without_default_port

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container
    from typing import TypeAlias

    from .authorization import Algorithm
    from .dialects import Dialect

    Pairs: TypeAlias = list[tuple[str | bytes, str | bytes]]
    # Algorithm, Credential, SignedHeaders, the same as names, Signature; session token, date as sent, seconds
    # to live if presigned, region set; method, canonical path, canonical query as signed, header lines; the
    # name under which the session token comes.
    Received: TypeAlias = tuple[
        Algorithm,
        str,
        str,
        tuple[str, ...],
        str,
        str | None,
        str | None,
        int | None,
        str,
        str,
        str,
        str,
        dict[str, str],
        str,
    ]


def receive(
    method: str, url: str, pairs: Pairs, dialect: Dialect, algorithms: Container[str], strict: bool
) -> Received:
    """The parts of a request and of its signature: VERIFY-1…7. Raises VerificationError."""
    host, path, query = _read_target(method, url, dialect)
    lines = _read_headers(pairs, host)
    header = lines.get("authorization")
    expires: int | None = None
    date: str | None
    token: str | None
    if (header is None or query) and _is_presigned(header, query):
        unsigned = ("X-Amz-Signature",) if dialect.sign_token else ("X-Amz-Signature", *dialect.token_names)
        parts, query = parse_query(query, algorithms, unsigned)
        expires = _life(parts.get("X-Amz-Expires"), dialect)
        algorithm, credential = parts["X-Amz-Algorithm"], parts["X-Amz-Credential"]
        signed_headers, signature = parts["X-Amz-SignedHeaders"], parts["X-Amz-Signature"]
        token_name = _only_one(dialect.token_names, parts)
        token, date = parts.get(token_name), parts["X-Amz-Date"]
        region_set = parts.get("X-Amz-Region-Set", "")
        if any(name.lower() in lines for name in dialect.token_names):  # it has its own place
            raise unknown("The security token included in the request is invalid")
    else:
        token_name = dialect.token_names[0]
        if len(dialect.token_names) > 1:
            present = [name for name in dialect.token_names if name.lower() in lines]
            token_name = _only_one(dialect.token_names, present)
        token, date = lines.get(token_name.lower()), lines.get("x-amz-date")
        region_set = lines.get("x-amz-region-set", "")
        dated = date is not None or "date" in lines
        algorithm, credential, signed_headers, signature = parse_header(
            header or "", algorithms, dated=dated, strict=strict, parts_first=dialect.parts_first
        )
    names = tuple(signed_headers.split(";"))
    module = algorithm_of(algorithm)
    return (
        module, credential, signed_headers, names, signature, token, date, expires, region_set, method, path,
        query, lines, token_name,
    )  # fmt: skip


def _life(expires: str | None, dialect: Dialect) -> int:
    """URL-2: the seconds that a presigned URL lives. Raises VerificationError.

    X-Amz-Expires counts where the service obeys it. Where it is not there and need not be, the URL lives as
    long as a header-signed request.
    """
    if dialect.url_life:
        return dialect.url_life
    if expires is None and not dialect.expires_required:
        return dialect.window
    return parse_expires(expires)


def _only_one(token_names: tuple[str, ...], present: Container[str]) -> str:
    """TOKEN-3: the name in use, or the first where there is no token. Raises VerificationError for two."""
    found = [name for name in token_names if name in present]
    if len(found) > 1:
        raise unknown("The security token included in the request is invalid")
    return found[0] if found else token_names[0]


def _read_target(method: str, url: str, dialect: Dialect) -> tuple[str, str, str]:
    """VERIFY-1, 4: host, canonical path and canonical query, or what a front end refuses first."""
    if url == "/" and method in USUAL_METHODS:  # every call of the JSON and query protocols
        return "", url, ""
    try:
        if method not in USUAL_METHODS:
            check_method(method)
        check_url(url)
        host, wire_path, query = split_target(url)
        path = canonical_path(wire_path, dialect)
    except SigningError as error:
        raise bad_request() from error
    if "#" in url or climbs(wire_path):
        raise bad_request()
    try:
        return host, path, canonical_query(query)
    except SigningError:
        raise _malformed_query(query) from None


def _read_headers(pairs: Pairs, host: str) -> dict[str, str]:
    try:
        lines = read_headers(pairs)
    except SigningError as error:
        raise bad_request() from error
    if len(lines) != len(pairs) and sum(lower_name(name) == "authorization" for name, _ in pairs) > 1:
        message = "Authorization header is repeated: exactly one is required."
        raise VerificationError("VERIFY-6", "IncompleteSignature", message, 400)
    if host and without_default_port(lines.setdefault("host", host)) != without_default_port(host):
        raise bad_request()
    return lines


def _is_presigned(header: str | None, query: str) -> bool:
    """VERIFY-5, AUTHZ-2: exactly one authentication mechanism, header or query."""
    in_query = any(part.partition("=")[0] in QUERY_PARTS for part in query.split("&"))
    if header is not None and in_query:
        raise mismatch("VERIFY-5", "")
    if header is None and not in_query:
        message = "Request is missing Authentication Token"
        raise VerificationError("VERIFY-5", "MissingAuthenticationToken", message, 403)
    return in_query


def check_signed(names: tuple[str, ...], lines: dict[str, str], dialect: Dialect) -> None:
    """VERIFY-8: the host and every x-amz-* header are signed, but for those that the dialect leaves out."""
    unsigned = "" if dialect.sign_token else dialect.token_names[0].lower()
    among = names if len(names) < 32 else frozenset(names)  # of few names a set costs more than it saves
    if "host" not in among:
        raise mismatch(
            "VERIFY-8", "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."
        )
    for name in lines:
        if name in among or not name.startswith("x-amz-") or name == unsigned:
            continue
        if name not in dialect.unsigned_headers:
            raise mismatch("VERIFY-8", f"'{name}' must be a 'SignedHeader' in the AWS Authorization.")


def _malformed_query(query: str) -> VerificationError:
    """VERIFY-4, for the first escape that is broken."""
    pieces = (piece[:2] for piece in query.split("%")[1:])
    digits = next(digits for digits in pieces if not _is_byte(digits))
    message = "Incomplete trailing escape % sequence"
    if len(digits) == 2:
        message = f"Illegal hex character in escape % pattern: %{digits}"
    return VerificationError("VERIFY-4", "MalformedQueryString", message, 400)


def _is_byte(digits: str) -> bool:
    return len(digits) == 2 and all(digit in "0123456789abcdefABCDEF" for digit in digits)


def bad_request() -> VerificationError:
    return VerificationError("VERIFY-1", "BadRequest", "", 400)


def mismatch(stage: str, message: str) -> VerificationError:
    return VerificationError(stage, "SignatureDoesNotMatch", message, 403)


def unknown(message: str) -> VerificationError:
    return VerificationError("VERIFY-14", "InvalidClientTokenId", message, 403)
