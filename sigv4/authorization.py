"""The Authorization header: format and parse (AUTHZ-1, VERIFY-6)."""

from __future__ import annotations

from .errors import VerificationError
from .value import Value


class Authorization(Value):
    """An Authorization header taken apart; each part as sent, nothing judged yet."""

    __slots__ = ("algorithm", "credential", "signed_headers", "signature")
    _masked = ("signature",)
    algorithm: str
    credential: str
    signed_headers: str
    signature: str

    def __init__(self, algorithm: str, credential: str, signed_headers: str, signature: str) -> None:
        self._set(algorithm, credential, signed_headers, signature)


def format_header(algorithm: str, credential: str, signed_headers: str, signature: str) -> str:
    """AUTHZ-1. ``credential`` is the access key id, ``/`` and the credential scope."""
    return f"{algorithm} Credential={credential}, SignedHeaders={signed_headers}, Signature={signature}"


def parse_header(header: str, algorithm: str, *, dated: bool, strict: bool) -> Authorization:
    """VERIFY-6a…d, in AWS's words. Parts are split on commas and white space; of a repeated part the last
    counts, or with ``strict`` it is refused. ``dated`` says whether the request has a date header.

    Raises VerificationError.
    """
    found, _, rest = header.strip(" \t").partition(" ")
    if found != algorithm:
        raise _incomplete("VERIFY-6a", f"Unsupported AWS 'algorithm': '{found}'.")
    parts: dict[str, str] = {}
    for part in rest.replace(",", " ").replace("\t", " ").split(" "):
        if not part:
            continue
        key, separator, value = part.partition("=")
        if not separator:
            raise _incomplete(
                "VERIFY-6b",
                f"'{part}' not a valid key=value pair (missing equal-sign) in Authorization header: '{header}'.",
            )
        if strict and (key in parts or key not in ("Credential", "SignedHeaders", "Signature")):
            raise _incomplete("VERIFY-6c", f"'{key}' is repeated or unknown in the Authorization header.")
        parts[key] = value
    missing = [
        f"Authorization header requires '{key}' parameter."
        for key in ("Credential", "Signature", "SignedHeaders")
        if not parts.get(key)
    ]
    if not dated:
        missing.append("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
    if missing:
        raise _incomplete("VERIFY-6d", f"{' '.join(missing)} Authorization={found}")
    return Authorization(found, parts["Credential"], parts["SignedHeaders"], parts["Signature"])


def _incomplete(stage: str, message: str) -> VerificationError:
    return VerificationError(stage, "IncompleteSignature", message, 400)
