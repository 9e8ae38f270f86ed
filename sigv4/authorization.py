"""The Authorization header: format and parse (AUTHZ-1, VERIFY-6)."""

from __future__ import annotations

from .errors import VerificationError


def format_header(algorithm: str, credential: str, signed_headers: str, signature: str) -> str:
    """AUTHZ-1. ``credential`` is the access key id, ``/`` and the credential scope."""
    return f"{algorithm} Credential={credential}, SignedHeaders={signed_headers}, Signature={signature}"


def parse_header(header: str, algorithm: str, *, dated: bool, strict: bool) -> tuple[str, str, str]:
    """``(credential, signed headers, signature)``: VERIFY-6a…d, in AWS's words.

    Parts are split on commas and white space; of a repeated part the last counts, or with ``strict`` it is
    refused. ``dated`` says whether the request has a date header.

    Raises VerificationError.
    """
    found, _, rest = header.strip(" \t").partition(" ")
    if found != algorithm:
        raise _incomplete("VERIFY-6a", f"Unsupported AWS 'algorithm': '{found}'.")
    parts: dict[str, str] = {}
    for part in _words(rest):
        key, separator, value = part.partition("=")
        if not separator:
            fault = "not a valid key=value pair (missing equal-sign) in Authorization header:"
            raise _incomplete("VERIFY-6b", f"'{part}' {fault} '{header}'.")
        if strict and (key in parts or key not in ("Credential", "SignedHeaders", "Signature")):
            raise _incomplete("VERIFY-6c", f"'{key}' is repeated or unknown in the Authorization header.")
        parts[key] = value
    credential, signature, names = parts.get("Credential"), parts.get("Signature"), parts.get("SignedHeaders")
    if credential and signature and names and dated:
        return credential, names, signature
    missing = [
        f"Authorization header requires '{key}' parameter."
        for key in ("Credential", "Signature", "SignedHeaders")
        if not parts.get(key)
    ]
    if not dated:
        missing.append("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
    raise _incomplete("VERIFY-6d", f"{' '.join(missing)} Authorization={found}")


def _words(text: str) -> list[str]:
    """``text`` split on commas, spaces and tabs; ``str.split()`` would split on 0x85 and 0xA0 as well."""
    if text.isascii():
        return text.replace(",", " ").split()
    return [word for word in text.replace(",", " ").replace("\t", " ").split(" ") if word]


def _incomplete(stage: str, message: str) -> VerificationError:
    return VerificationError(stage, "IncompleteSignature", message, 400)
