"""Runs the ``Verifier`` on the request, and names the cause of a refusal."""

from __future__ import annotations

from ..authorization import V4, V4A
from ..errors import SigningError, VerificationError
from ..payload import is_sha256
from ..verifier import Verifier
from .findings import LIKELY, PROVED, finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..claim import Claim
    from ..credentials import Credentials
    from ..headers import HeaderPairs
    from .evidence import Examined
    from .findings import Finding

# The stage and code of a refusal -> its cause. The stage alone is used if the pair is not listed.
_CAUSES = {
    ("VERIFY-1", ""): "VERIFY-1",
    ("VERIFY-4", ""): "VERIFY-4",
    ("VERIFY-5", ""): "FAIL-41",
    ("VERIFY-5", "MissingAuthenticationToken"): "FAIL-50",
    ("VERIFY-6", ""): "VERIFY-6",
    ("VERIFY-7", ""): "VERIFY-7",
    ("VERIFY-8", ""): "VERIFY-8",
    ("VERIFY-9", ""): "VERIFY-9",
    ("VERIFY-10", ""): "FAIL-29",
    ("VERIFY-11", ""): "FAIL-29",
    ("VERIFY-12", ""): "FAIL-38",
    ("VERIFY-13", ""): "FAIL-38",
    ("VERIFY-14", ""): "TOKEN-4",
    ("VERIFY-15", "XAmzContentSHA256Mismatch"): "FAIL-32",
    ("VERIFY-15", "InvalidRequest"): "FAIL-36",
    ("VERIFY-15", "AccessDenied"): "FAIL-35",
    ("VERIFY-15", ""): "unexplained",
}


class _NoKey(Exception):
    """No credentials were given, and the request passed all checks that come before the key is used."""


def cause_of_stage(error: VerificationError) -> str:
    """The id of the cause of a refusal, by its stage and code alone."""
    stage = error.stage.rstrip("abcd")
    return _CAUSES.get((stage, error.code)) or _CAUSES.get((stage, "")) or "unexplained"


def refusal(
    method: str, url: str, pairs: HeaderPairs, request: Examined, now: float | None
) -> VerificationError | None:
    """The refusal by a Verifier for the service and region in the request's scope; None if it accepts.

    Its clock is ``now``, or else the time of the request. Without credentials only the checks that need no
    key are made.
    """
    evidence = request.evidence
    time = now if now is not None else float(request.seconds or 0)
    region = evidence.region.partition(",")[0].replace("*", "us-east-1")
    try:
        verifier = Verifier(
            evidence.service,
            region,
            lambda claim: _on_file(claim, evidence.credentials),
            dialect=evidence.dialect,
            algorithms=(V4, V4A),
            clock=lambda: time,
        )
    except SigningError as error:
        return VerificationError("VERIFY-12", "IncompleteSignature", str(error), 400)
    try:
        if request.draft.payload.startswith("STREAMING-"):
            body = verifier.verify_stream(method, url, pairs)[1]
            body.feed(evidence.body)
            body.finish()
        else:
            verifier.verify(method, url, pairs, evidence.body)
    except VerificationError as error:
        return error
    except _NoKey:
        return None
    return None


def _on_file(claim: Claim, credentials: Credentials | None) -> Credentials:
    if credentials is None:
        raise _NoKey
    return credentials


def refused_at(error: VerificationError) -> str:
    """The text for a refusal by this package's own verifier."""
    return f"a verifier refuses it at {error.stage}"


def of_refusal(error: VerificationError, request: Examined) -> Iterator[Finding]:
    """The finding for a refusal that no other finding explains."""
    id = cause_of_stage(error)
    said = refused_at(error)
    if id == "TOKEN-4" and request.token and not _token_of(request):
        yield finding(
            id,
            LIKELY,
            "the request has a session token, and the credentials given have none to compare it with",
        )
    elif id == "TOKEN-4" and _token_of(request):
        yield finding(id, LIKELY, "the session token of the request is not that of the credentials given")
    elif not error.stage.startswith("VERIFY-"):
        yield finding("FAIL-49", PROVED, f"{error.stage}: {error.message or error.code}")
    elif id == "unexplained":
        yield from _of_payload(request)
    else:
        yield finding(id, PROVED, said)


def _of_payload(request: Examined) -> Iterator[Finding]:
    """VERIFY-15, for a signature that is right for the declared payload line."""
    payload, dialect = request.draft.payload, request.evidence.dialect
    if request.draft.key is None or not request.draft.gives(request.signature):
        return
    if is_sha256(payload) and not dialect.unsigned_payload:
        said = "the signature is right for x-amz-content-sha256, and the body has another hash"
        yield finding("FAIL-32", PROVED, said)
    else:
        said = f"the payload line is {payload!r}, which {request.evidence.service!r} does not accept here"
        yield finding("FAIL-35", PROVED, said)


def _token_of(request: Examined) -> str | None:
    credentials = request.evidence.credentials
    return credentials.session_token if credentials else None
