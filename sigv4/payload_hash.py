"""Decides the payload line of a request to sign, to presign or to verify (PAYLOAD-2…5, URL-3)."""

from __future__ import annotations

from .errors import SigningError, VerificationError, mismatch
from .payload import LITERALS, UNSIGNED_PAYLOAD, Payload, is_sha256, payload_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .dialects import Dialect
    from .headers import HeaderSet
    from .payload import Body

HEADER = "X-Amz-Content-SHA256"


def line_to_sign(body: Body, dialect: Dialect, service: str, headers: HeaderSet) -> str:
    """The payload line under ``dialect``. Adds the header that declares it, if the server needs one.

    Raises SigningError (PAYLOAD-2, 4).
    """
    declared = headers.canonical.get("x-amz-content-sha256")
    if declared is None:
        unread = dialect.unsigned_payload and not isinstance(body, Payload)
        line = UNSIGNED_PAYLOAD.line if unread else payload_line(body)
    else:
        line = declared if declared in LITERALS or body is None else payload_line(body)
        if line != declared:
            raise SigningError(
                f"the header x-amz-content-sha256 declares {declared[:80]!r} and the body gives "
                f"{line!r}: leave the header out; it is added if the service needs it"
            )
    literal = line in LITERALS
    if literal and line not in dialect.payload_literals:
        raise SigningError(
            f"{line} is not accepted by {service} (dialect {dialect.name!r}): sign the body "
            "itself, or pass a dialect whose payload_literals have it"
        )
    if dialect.unsigned_payload and not literal:
        raise SigningError(f"{service} does not accept a payload hash (PAYLOAD-4): pass UNSIGNED_PAYLOAD")
    if declared is None:
        if literal or dialect.content_sha256:
            headers.add(HEADER, line)
    elif not literal and not is_sha256(line):
        raise SigningError(
            f"the header x-amz-content-sha256 is {line[:80]!r}: expected 64 lower-case hex digits "
            "or a literal such as UNSIGNED-PAYLOAD"
        )
    return line


def line_to_presign(body: Body, dialect: Dialect, service: str, headers: HeaderSet) -> str:
    """The payload line of a presigned URL. Adds the header that declares it, as ``line_to_sign`` does.

    If the dialect leaves the body of presigned requests unsigned (URL-3), a signed header with its hash
    protects a given body; that header must be sent. Raises SigningError.
    """
    if not dialect.presign_unsigned or headers.get("x-amz-content-sha256") is not None:
        return line_to_sign(body, dialect, service, headers)
    if body is None:
        return UNSIGNED_PAYLOAD.line
    line = payload_line(body)
    headers.add(HEADER, line)
    return line


def declared_line(headers: HeaderSet, dialect: Dialect, *, presigned: bool) -> str | None:
    """The payload line that the head of a received request declares: a hash, or a literal of the dialect.

    None if the body must be read and hashed first. Raises VerificationError (VERIFY-15).
    """
    declared = headers.canonical.get("x-amz-content-sha256")
    if declared is not None and declared in dialect.payload_literals:
        return declared
    if declared is None and presigned and dialect.presign_unsigned:
        return UNSIGNED_PAYLOAD.line
    if dialect.unsigned_payload or (declared is not None and declared.startswith("STREAMING-")):
        raise mismatch("VERIFY-15")
    if declared in LITERALS:
        raise _wrong_body(dialect)
    if declared is None and dialect.content_sha256:
        message = "Missing required header for this request: x-amz-content-sha256"
        raise VerificationError("VERIFY-15", "InvalidRequest", message, 400)
    return declared


def check_body(line: str, body: Body, dialect: Dialect) -> None:
    """Checks that ``body`` matches the declared ``line``. Raises VerificationError (VERIFY-15)."""
    if line not in LITERALS and payload_line(body) != line:
        raise _wrong_body(dialect)


def _wrong_body(dialect: Dialect) -> VerificationError:
    if dialect.content_sha256:
        return VerificationError(
            "VERIFY-15",
            "XAmzContentSHA256Mismatch",
            "The provided 'x-amz-content-sha256' header does not match what was computed.",
            400,
        )
    return mismatch("VERIFY-15")
