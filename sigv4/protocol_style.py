"""The names that AWS's protocols give to the same refusal, as data."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from .errors import VerificationError

JSON_CODES: Mapping[str, str] = {
    "AccessDenied": "AccessDeniedException",
    "ExpiredToken": "ExpiredTokenException",
    "IncompleteSignature": "IncompleteSignatureException",
    "InvalidClientTokenId": "UnrecognizedClientException",
    "MissingAuthenticationToken": "MissingAuthenticationTokenException",
    "SignatureDoesNotMatch": "InvalidSignatureException",
}


def json_answer(error: VerificationError) -> tuple[int, str, str]:
    """``(status, code, message)`` of a refusal as an AWS JSON 1.0 or 1.1 service answers it: always 400."""
    return 400, JSON_CODES.get(error.code, error.code), error.message
