"""What is wrong, or may be, that stands in a request itself: seen without a key and without an answer."""

from __future__ import annotations

from ..authorization import V4
from ..dialects import HOST_LABELS
from ..hosts import names_of_host
from ..scope import TERMINATOR
from .findings import LIKELY, POSSIBLE, PROVED, causes_of_refusal, finding
from .hypotheses import MOST_HEADERS, cause_of_header

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..errors import VerificationError
    from ..headers import HeaderPairs
    from .evidence import Examined
    from .findings import Finding
    from .server_answer import ServerAnswer

_HEX = frozenset("0123456789abcdef")
# Multi-region endpoints that take 4A alone (FAIL-45).
_V4A_HOSTS = (".accesspoint.s3-global.amazonaws.com", "cloudfront-kvs.global.api.aws")
# What is changed on the way often enough to be looked at first (FAIL-16…18).
OFTEN_CHANGED = frozenset(
    "accept accept-encoding cache-control connection content-length expect forwarded keep-alive te trailer "
    "transfer-encoding upgrade user-agent via x-amzn-trace-id x-forwarded-for x-forwarded-host "
    "x-forwarded-port x-forwarded-proto x-real-ip".split()
)


def unreadable(error: VerificationError, headers: HeaderPairs) -> Iterator[Finding]:
    """VERIFY-1…7: the request cannot be read as a signed one."""
    said = f"it is refused at {error.stage}: {shown(error.message or error.code)}"
    if error.stage == "VERIFY-5" and error.code == "SignatureDoesNotMatch":
        yield finding("FAIL-41", PROVED, "an Authorization header and X-Amz-… parameters in the query")
        return
    signed = any(name.lower() == "authorization" for name, _ in headers)
    causes = [
        id
        for id, _ in causes_of_refusal(
            error.code, error.message, signed=signed, temporary=False, with_token=False
        )
    ]
    if not causes:
        causes = [error.stage if error.stage in ("VERIFY-1", "VERIFY-4", "VERIFY-7") else "VERIFY-6"]
    for id in causes:
        yield finding(id, PROVED, said)


def plain_faults(request: Examined, now: float | None) -> Iterator[Finding]:
    """What no server takes, whatever the key is."""
    yield from _faults_of_scope(request)
    yield from _faults_of_headers(request)
    if request.seconds is None:
        yield finding("VERIFY-9", PROVED, f"the date is {shown(request.draft.timestamp)!r}")
    elif now is not None:
        yield from _fault_of_clock(request, request.seconds, int(now))
    if wants_v4a(request):
        yield finding("FAIL-45", LIKELY, f"the host is {shown(request.evidence.lines.get('host', ''))!r}")
    signature = request.signature
    if not _HEX.issuperset(signature):
        yield finding("FAIL-31", PROVED, "the Signature is not lower-case hex")
    elif request.draft.algorithm == V4 and len(signature) != 64:
        yield finding("FAIL-31", PROVED, f"the Signature has {len(signature)} digits, and should have 64")


def _faults_of_scope(request: Examined) -> Iterator[Finding]:
    parts = request.credential.split("/")
    said = f"the Credential is {shown(request.credential)!r}"
    if len(parts) != (5 if request.draft.algorithm == V4 else 4) or parts[-1] != TERMINATOR:
        yield finding("FAIL-38", PROVED, said)
    elif parts[1] != request.draft.timestamp[:8]:
        is_day = len(parts[1]) == 8 and parts[1].isdigit()
        yield finding(
            "FAIL-30" if is_day else "FAIL-38", PROVED, f"{said}, the time {request.draft.timestamp!r}"
        )
    service = request.evidence.service
    if service in HOST_LABELS:
        said = f"{service!r} is the label of a host, and no signing name"
        yield finding("FAIL-28", LIKELY, said, f"sign for the service {HOST_LABELS[service]!r}")


def _faults_of_headers(request: Examined) -> Iterator[Finding]:
    lines, dialect, presigned = request.evidence.lines, request.evidence.dialect, request.evidence.presigned
    lower = [name.lower() for name in request.signed_names]
    if list(request.signed_names) != sorted(set(lower)):
        yield finding("FAIL-37", PROVED, f"SignedHeaders is {shown(request.draft.signed_headers)!r}")
    for name in request.missing:
        if name:
            yield finding(
                cause_of_header(name.lower(), presigned), LIKELY, f"{name!r} is signed and not there"
            )
    token, signed = request.evidence.token_name.lower(), frozenset(lower)
    for name in lines:
        if name in signed or not (name == "host" or name.startswith("x-amz-")):
            continue
        if name != token or dialect.sign_token:
            id = "FAIL-23" if name == token else "FAIL-40" if presigned else "VERIFY-8"
            yield finding(id, PROVED, f"{name!r} is there and not signed")
    if request.token == "":
        yield finding("FAIL-23", PROVED, "the session token is there and empty")
    credentials, sent_as = request.evidence.credentials, request.evidence.token_name
    if request.token and credentials is not None and credentials.token_name != sent_as:
        right = credentials.token_name
        said = f"the session token is sent as {sent_as}; credentials of this kind send it as {right}"
        yield finding("FAIL-23", PROVED, said, f"send it as {right} (TOKEN-3)")
    if dialect.content_sha256 and not presigned and "x-amz-content-sha256" not in lines:
        yield finding("FAIL-36", PROVED, f"{request.evidence.service} requires it")


def _fault_of_clock(request: Examined, seconds: int, now: int) -> Iterator[Finding]:
    window = request.evidence.dialect.window
    if seconds > now + window or (request.expires is None and seconds < now - window):
        yield finding("FAIL-29", LIKELY, f"the request is {seconds - now:+d} s from the server's clock")
    elif request.expires is not None and seconds + request.expires < now:
        yield finding("QUERY-2", PROVED, f"it expired {now - seconds - request.expires} s ago")


def suspicions(
    request: Examined, answer: ServerAnswer | None, matches: bool | None, explained: bool
) -> Iterator[Finding]:
    """What is often the cause, and cannot be seen from here."""
    refused = answer is not None and (
        "SignatureDoesNotMatch" in answer.code
        or ("InvalidSignature" in answer.code and "does not match" in answer.message)
    )
    certainty = LIKELY if refused and matches else POSSIBLE
    for name in request.signed_names:
        if name in OFTEN_CHANGED:
            said = f"{name!r} is signed, and is often changed on the way"
            yield finding(cause_of_header(name, False), certainty, said)
    region, services = names_of_host(request.evidence.lines.get("host", ""))
    if region and request.draft.algorithm == V4 and region != request.evidence.region:
        said = f"signed for {request.evidence.region!r}, sent to a host in {region!r}"
        yield finding("FAIL-27", POSSIBLE, said, f"sign for the region {region!r}")
    if services and request.evidence.service not in services:
        said = f"signed for {request.evidence.service!r}, sent to a host of {', '.join(sorted(services))}"
        yield finding("FAIL-28", POSSIBLE, said)
    if refused and matches and answer is not None and answer.canonical_request is None:
        said = "the signature is right for this secret: the server may have another"
        yield finding("FAIL-25", POSSIBLE, said)
    credentials = request.evidence.credentials
    if credentials is not None and credentials.access_key_id != request.access_key_id:
        said = f"the request is signed by {shown(request.access_key_id)!r}, the credentials given are of "
        yield finding("TOKEN-4", LIKELY, f"{said}{credentials.access_key_id!r}")
    if matches is False and not explained:
        said = "no known fault gives this signature: the secret may be another's"
        if len(request.draft.headers) > MOST_HEADERS:
            said = f"more than {MOST_HEADERS} headers are signed: no other fault was looked for"
        yield finding("FAIL-25", POSSIBLE, said)


def wants_v4a(request: Examined) -> bool:
    """Whether a Version 4 signature goes to a host that takes 4A alone."""
    host = request.evidence.lines.get("host", "").lower()
    return request.draft.algorithm == V4 and any(known in host for known in _V4A_HOSTS)


def shown(text: str) -> str:
    """``text`` short enough for a message."""
    return text if len(text) <= 300 else f"{text[:300]}…"
