"""Decides the payload line of a canonical request (PAYLOAD-2…4)."""

from __future__ import annotations

from .errors import SigningError
from .payload import LITERALS, UNSIGNED_PAYLOAD, Payload, is_sha256, payload_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .dialects import Dialect
    from .payload import Body


def declared_line(
    body: Body, dialect: Dialect, service: str, sent: dict[str, str | bytes], lines: dict[str, str]
) -> str:
    """The payload line under ``dialect``, and the header that declares it where the server needs one.

    That goes into ``sent`` and ``lines`` (PAYLOAD-2, 4). Raises SigningError.
    """
    declared = lines.get("x-amz-content-sha256")
    plain = declared is None and not (dialect.content_sha256 or dialect.unsigned_payload)
    if plain and not isinstance(body, Payload):
        return payload_line(body)  # the hash, which is declared nowhere
    if declared is None:
        unread = dialect.unsigned_payload and not isinstance(body, Payload)
        line = UNSIGNED_PAYLOAD.line if unread else payload_line(body)
    else:
        line = declared if declared in LITERALS or body is None else payload_line(body)
        if line != declared:
            raise SigningError(
                f"the header x-amz-content-sha256 declares {declared[:80]!r} and the body gives "
                f"{line!r}: leave the header out, it is added where it is needed"
            )
    literal = line in LITERALS
    if literal and line not in dialect.payload_literals:
        raise SigningError(
            f"{line} is not taken by {service} (dialect {dialect.name!r}): sign the body "
            "itself, or pass a dialect with it among its payload_literals"
        )
    if dialect.unsigned_payload and not literal:
        raise SigningError(f"{service} takes no payload hash (PAYLOAD-4): pass UNSIGNED_PAYLOAD")
    if declared is None:
        if literal or dialect.content_sha256:
            sent["X-Amz-Content-SHA256"] = lines["x-amz-content-sha256"] = line
    elif not literal and not is_sha256(line):
        raise SigningError(
            f"the header x-amz-content-sha256 is {line[:80]!r}: expected 64 lower-case hex digits "
            "or a literal such as UNSIGNED-PAYLOAD"
        )
    return line
