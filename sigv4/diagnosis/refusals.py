"""Refusals for which the signature itself is not at fault, as data; the id is that of the rule."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypeAlias

    Cause: TypeAlias = tuple[str, str, str]  # what went wrong, what to do, the rule

REFUSALS: Mapping[str, Cause] = {
    "CR-METHOD": ("another method was signed", "sign the method as it is sent", "CR-METHOD"),
    "URL-2": ("the presigned URL has expired", "presign a new URL", "URL-2"),
    "TOKEN-4": (
        "the access key id or session token is not known to the server",
        "use the key, secret and token of one set of credentials, still valid and of this partition",
        "TOKEN-4",
    ),
    "VERIFY-1": (
        "the request line or a header cannot be read",
        "escape what a request line cannot carry, and send no control characters",
        "VERIFY-1",
    ),
    "VERIFY-4": ("the query string has a broken escape", "escape '%' itself as '%25'", "VERIFY-4"),
    "VERIFY-6": (
        "the Authorization header is malformed",
        "write 'AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…'",
        "AUTHZ-1",
    ),
    "VERIFY-7": (
        "the authentication parameters of the query are malformed",
        "give each of X-Amz-Algorithm, -Credential, -Date, -Expires, -SignedHeaders, -Signature once",
        "URL-1",
    ),
    "VERIFY-8": (
        "a header that must be signed is not",
        "sign Host and every x-amz-* header that is sent",
        "CR-HDR-5",
    ),
    "VERIFY-9": ("the date has the wrong form", "send X-Amz-Date as YYYYMMDDTHHMMSSZ, in UTC", "STS-3"),
    "VERIFY-16": (
        "the signature is right, and a policy denies the call",
        "look at the IAM policies; the signature is not at fault",
        "VERIFY-16",
    ),
}
