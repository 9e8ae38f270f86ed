"""``Finding``, and the causes that follow from the text of a server's refusal."""

from __future__ import annotations

from ..record import Record
from .catalogue import CAUSES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

PROVED, LIKELY, POSSIBLE = "proved", "likely", "possible"

# Part of a server's text -> the cause. All that match count: AWS joins several texts.
_MESSAGES = (
    ("should be scoped to a valid region", "FAIL-27"),
    ("is wrong; expecting", "FAIL-27"),
    ("unexpected scope", "FAIL-27"),
    ("a non-empty region must be provided", "FAIL-27"),
    ("should be scoped to correct service", "FAIL-28"),
    ("incorrect service", "FAIL-28"),
    ("Date in Credential scope does not match", "FAIL-30"),
    ("Invalid credential date", "FAIL-30"),
    ("scoped with a valid terminator", "FAIL-38"),
    ("incorrect terminal", "FAIL-38"),
    ("incorrect date format", "FAIL-38"),
    ("Credential must have exactly", "FAIL-38"),
    ("Credential is mal-formed", "FAIL-38"),
    ('the authorization component "Credential', "FAIL-38"),
    ("Signature expired", "FAIL-29"),
    ("Signature not yet current", "FAIL-29"),
    ("request time and the current time", "FAIL-29"),
    ("request time and the server's time", "FAIL-29"),
    ("Request is not valid yet", "FAIL-29"),
    ("Request has expired", "URL-2"),
    ("existence of either a 'X-Amz-Date'", "FAIL-43"),
    ("requires a valid Date or x-amz-date", "FAIL-43"),
    ("Date must be in ISO-8601", "VERIFY-9"),
    ("must be in the ISO8601 Long Format", "VERIFY-9"),
    ("Only one auth mechanism", "FAIL-41"),
    ("header does not match what was computed", "FAIL-32"),
    ("Missing required header for this request: x-amz-content-sha256", "FAIL-36"),
    ("Missing the 'x-amz-content-sha256'", "FAIL-36"),
    ("must be addressed using the specified endpoint", "FAIL-27"),
    ("Please re-send this request to the specified temporary endpoint", "FAIL-27"),
    ("x-amz-content-sha256 must be", "FAIL-34"),
    ("Only the last chunk", "FAIL-49"),
    ("must provide the Content-Length", "FAIL-18"),
    ("token included in the request is expired", "TOKEN-4"),
    ("token has expired", "TOKEN-4"),
    ("token is malformed or otherwise invalid", "TOKEN-4"),
    ("Malformed Access Key Id", "TOKEN-4"),
    ("Credential access key has length", "TOKEN-4"),
    ("non-empty Access Key (AKID)", "TOKEN-4"),
    ("needs a subscription for the service", "TOKEN-4"),
    ("is not authorized to perform", "VERIFY-16"),
    ("explicit deny", "VERIFY-16"),
    ("Access to requested resource is denied", "VERIFY-16"),
    ("X-Amz-Expires must be", "URL-2"),
    ("X-Amz-Expires should be", "URL-2"),
    ("Query-string authentication version 4 requires", "VERIFY-7"),
    ("AWS query-string parameters must include", "VERIFY-7"),
    ("Invalid according to Policy", "FAIL-53"),
    ("Bucket POST must contain a field", "FAIL-53"),
    ("Unsupported AWS 'algorithm'", "VERIFY-6"),
    ("authorization header requires three components", "VERIFY-6"),
    ("one and only one ' ' (space) required", "VERIFY-6"),
    ("authorization mechanism you have provided is not supported", "FAIL-51"),
)
_CODES = {
    "ExpiredToken": "TOKEN-4",
    "InvalidToken": "TOKEN-4",
    "TokenRefreshRequired": "TOKEN-4",
    "OptInRequired": "TOKEN-4",
    "InvalidChunkSizeError": "FAIL-49",
    "XAmzContentSHA256Mismatch": "FAIL-32",
    "XAmzContentChecksumMismatch": "FAIL-32",
    "RequestTimeTooSkewed": "FAIL-29",
    "RequestExpired": "FAIL-29",
    "MalformedQueryString": "VERIFY-4",
    "AuthorizationQueryParametersError": "VERIFY-7",
    "BadDigest": "FAIL-32",
    "MissingContentLength": "FAIL-18",
    "MalformedPOSTRequest": "FAIL-53",
    "InvalidPolicyDocument": "FAIL-53",
    "InvalidRegionName": "FAIL-27",
}
_UNKNOWN = ("token included in the request is invalid", "does not exist in our records")
_MALFORMED = ("Authorization header requires '", "not a valid key=value pair")


class Finding(Record):
    """One cause of a refusal.

    ``id`` is that of docs/protocol.md; ``certainty`` is "proved", "likely" or "possible"; ``evidence`` says
    what was found, ``cause`` what it means, ``fix`` what to do; ``rule`` is the rule that was broken.
    """

    id: str
    certainty: str
    evidence: str
    cause: str
    fix: str
    rule: str
    given: str = (
        ""  # the part of the signed text in this request, if it differs from what was signed or calculated
    )
    other: str = ""  # that part as it was signed or calculated

    def with_certainty(self, certainty: str) -> Finding:
        """The same finding with another certainty."""
        return self.replace(certainty=certainty)

    def as_dict(self) -> dict[str, str]:
        """The fields by name, all text."""
        return {name: getattr(self, name) for name in type(self).field_names}


def finding(
    id: str, certainty: str, evidence: str, remedy: str = "", given: str = "", other: str = ""
) -> Finding:
    """A finding with the texts of the catalogue; a ``remedy`` replaces its fix.

    ``given`` and ``other`` are the two texts that differ, if they can be shown.
    """
    cause, fix, rule = CAUSES[id]
    return Finding(id, certainty, evidence, cause, remedy or fix, rule, given, other)


def causes_of_refusal(
    code: str, message: str, *, signed: bool, temporary: bool, with_token: bool
) -> Iterator[tuple[str, str]]:
    """``(id, certainty)`` for each cause that the answer of a server names.

    ``signed`` says whether the request has a signature, ``temporary`` whether its access key belongs to
    temporary credentials, ``with_token`` whether it has a session token.
    """
    name = code.removesuffix("Exception")
    if message.startswith("User: anonymous"):
        yield "FAIL-50", PROVED
        return
    found = [id for text, id in _MESSAGES if text in message]
    if "not a valid key=value pair" in message:
        fragment = message.partition("'")[2].partition("'")[0]
        found.append("FAIL-26" if fragment.startswith("/") or "aws4_request" in fragment else "VERIFY-6")
    if "Authorization header requires 'Credential'" in message:
        found.append("VERIFY-6" if signed else "FAIL-50")
    if "must be a 'SignedHeader'" in message or "which were not signed" in message:
        found.append("FAIL-23" if "token'" in message else "VERIFY-8")
    if any(text in message for text in _UNKNOWN) or name in (
        "UnrecognizedClient",
        "InvalidClientTokenId",
        "InvalidAccessKeyId",
    ):
        found.append("FAIL-23" if temporary and not with_token else "TOKEN-4")
    if _knows_no_checksum(name, message):
        found.append("FAIL-59")
    elif "STREAMING-" in message and (name == "NotImplemented" or "mplemented" in message):
        found.append("FAIL-35")
    if "issing Authentication Token" in message or name == "MissingAuthenticationToken":
        yield "FAIL-50", POSSIBLE if signed else PROVED
    if not found and name in _CODES:
        found.append(_CODES[name])
    for id in dict.fromkeys(found):
        yield id, PROVED
    if found:
        return
    if name == "AuthFailure":  # EC2 uses this code for an unknown key and for a wrong signature
        yield "TOKEN-4", POSSIBLE
    elif name == "AccessDenied" and signed and message in ("Access Denied", "Access Denied."):
        yield "VERIFY-16", LIKELY


def _knows_no_checksum(name: str, message: str) -> bool:
    """Whether a server refuses the checksum headers or trailers that clients add since 2025."""
    refused = name == "NotImplemented" or any(
        text in message
        for text in ("nsupported header", "not implemented", "not supported", "invalid header")
    )
    return refused and ("checksum" in message.lower() or "-TRAILER" in message)


def says_malformed(message: str) -> bool:
    """Whether a server calls the Authorization header malformed, as API Gateway does for unknown routes."""
    return any(text in message for text in _MALFORMED)
