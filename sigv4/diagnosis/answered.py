"""Finds causes in a server's answer, together with the request that it answers."""

from __future__ import annotations

from ..scope import format_timestamp
from .findings import LIKELY, PROVED, causes_of_refusal, finding, says_malformed
from .other_mechanisms import UNSET
from .static_checks import shown, wants_v4a

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .evidence import Examined
    from .findings import Finding
    from .other_mechanisms import Seen
    from .server_answer import ServerAnswer

# Regions that an account must enable. Tokens of the global STS endpoint are not valid there (AWS Account
# Management Guide, "Enable or disable AWS Regions").
_OPT_IN = frozenset(
    "af-south-1 ap-east-1 ap-east-2 ap-south-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-7 "
    "ca-west-1 eu-central-2 eu-south-1 eu-south-2 il-central-1 me-central-1 me-south-1 mx-central-1".split()
)


def answered(
    answer: ServerAnswer | None, request: Examined | None, seen: Seen, now: float | None
) -> Iterator[Finding]:
    """The causes that follow from the server's code and message."""
    if answer is None:
        return
    said = f"the server answered {answer.status} {answer.code}: {shown(answer.message)}"
    routed = _is_gateway(answer, request, seen)
    if routed and (
        answer.wants_token or (says_malformed(answer.message) and (request is not None or not _is_v4(seen)))
    ):
        yield finding("FAIL-57", LIKELY, said)
        return
    key_id = request.access_key_id if request else ""
    token = request.token if request is not None else None
    never_set = token is not None and token.strip().lower() in ("", *UNSET)
    causes = causes_of_refusal(
        answer.code,
        answer.message,
        signed=request is not None or _is_v4(seen),
        temporary=key_id.startswith("ASIA") or never_set,
        with_token=token is not None and not never_set,
    )
    for id, certainty in causes:
        if routed and certainty == PROVED and id in ("FAIL-50", "VERIFY-6"):
            certainty = LIKELY
        yield _of_cause(id, certainty, said, answer, request, now)


def _of_cause(
    id: str, certainty: str, said: str, answer: ServerAnswer, request: Examined | None, now: float | None
) -> Finding:
    if id == "FAIL-29":
        return _clock(answer, request, now, said)
    if id == "FAIL-27":
        return _region(answer, request, said)
    if id == "FAIL-28":
        wanted = _wanted_service(answer.message)
        return finding(id, certainty, said, f"sign for the service {wanted!r}" if wanted else "")
    if id == "VERIFY-8" and request is not None and request.evidence.presigned:
        return finding("FAIL-40", certainty, said)
    if id == "FAIL-35":
        fix = "the server does not accept signed chunks: sign the hash of the body, or UNSIGNED-PAYLOAD"
        return finding(id, certainty, said, fix)
    if id == "TOKEN-4":
        return finding(id, certainty, said, _fix_of_token(answer, request))
    if (
        id in ("FAIL-18", "FAIL-32", "FAIL-34")
        and request is not None
        and request.draft.payload.endswith("-TRAILER")
    ):
        return finding("FAIL-59", LIKELY, f"{said}; the body is sent as {request.draft.payload}")
    if id == "URL-2" and request is not None and request.expires is not None and answer.time is not None:
        late = answer.time - (request.seconds or 0) - request.expires
        if late > 0:
            said = f"{said}; it expired {late} s before the server's time"
        return finding(id, certainty, said, _fix_of_expiry(request))
    return finding(id, certainty, said)


def _is_v4(seen: Seen) -> bool:
    return seen.in_query or (seen.authorization or "").startswith("AWS4-")


def _is_gateway(answer: ServerAnswer, request: Examined | None, seen: Seen) -> bool:
    """Whether API Gateway answered; its header, its host, or the service that is signed for shows it."""
    signed_for = request is not None and request.evidence.service == "execute-api"
    return answer.from_api_gateway or ".execute-api." in seen.host or signed_for


def _wanted_service(message: str) -> str:
    for before in ("correct service: '", 'belongs to "', "belongs to '"):
        found = message.partition(before)[2]
        if found:
            return found.partition(before[-1])[0]
    return ""


def _fix_of_expiry(request: Examined) -> str:
    if request.token:
        return (
            "presign a new URL; with temporary credentials a URL expires with them, even before X-Amz-Expires"
        )
    return ""


def _fix_of_token(answer: ServerAnswer, request: Examined | None) -> str:
    region = request.evidence.region if request is not None else ""
    if "has length" in answer.message or "Malformed Access Key Id" in answer.message:
        return "use an access key of this provider: it does not accept AWS's keys"
    if request is not None and request.token and region in _OPT_IN:
        return (
            f"{region} must be enabled for the account, and accepts only tokens of a regional STS endpoint: "
            f"call sts.{region}.amazonaws.com (AWS_STS_REGIONAL_ENDPOINTS=regional)"
        )
    if "expired" in answer.message or answer.code.startswith("ExpiredToken"):
        presigned = request is not None and request.expires is not None
        return "get new credentials" + (
            " and presign again: a URL expires with its credentials" if presigned else " and sign again"
        )
    return ""


def _clock(answer: ServerAnswer, request: Examined | None, now: float | None, said: str) -> Finding:
    server = answer.time if answer.time is not None else now
    if request is None or request.seconds is None or server is None:
        return finding("FAIL-29", PROVED, said)
    skew = request.seconds - int(server)
    clocks = f"the request says {request.draft.timestamp}, the server {format_timestamp(server)}"
    evidence = f"{said}; {clocks}: {skew:+d} s"
    set_clock = (
        f"set the clock {'back' if skew > 0 else 'forward'} by {abs(skew)} s, or sign just before sending"
    )
    half_hours = round(skew / 1800)
    if half_hours and abs(skew - half_hours * 1800) <= 120 and abs(skew) > 1700:
        zone = f"{half_hours / 2:+g} h may be a time zone: X-Amz-Date must be UTC, not local time with a 'Z'"
        return finding("FAIL-29", PROVED, evidence, f"{zone}. If it is UTC: {set_clock}")
    return finding("FAIL-29", PROVED, evidence, set_clock)


def _region(answer: ServerAnswer, request: Examined | None, said: str) -> Finding:
    if request is not None and wants_v4a(request):
        return finding("FAIL-45", PROVED, said)
    wanted = answer.region
    if "specified" in answer.message and "endpoint" in answer.message:
        where = f"s3.{wanted}.amazonaws.com" if wanted else "the endpoint that the answer names"
        return finding(
            "FAIL-27", LIKELY, said, f"the bucket is in another region: call {where}, and sign for it"
        )
    if not wanted and "unexpected scope" in answer.message:
        fix = "sign for the region that the server is configured with: Garage's own is 'garage'"
        return finding("FAIL-27", LIKELY, said, fix)
    return finding("FAIL-27", PROVED, said, f"sign for the region {wanted!r}" if wanted else "")
