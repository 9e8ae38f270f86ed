"""``diagnose``: which byte of a signature is wrong, and why.

Three sources, one after the other: what the server answered, what stands in the request, and the signature
itself, which is made again under each hypothesis until one gives the client's.
"""

from __future__ import annotations

from ..authorization import V4
from ..errors import SigningError, VerificationError
from ..record import Record
from ..scope import format_timestamp
from .evidence import examine
from .findings import LIKELY, POSSIBLE, PROVED, causes_of_refusal, finding
from .hypotheses import pairs, singles
from .server_answer import read_answer
from .server_comparison import compared
from .static_checks import plain_faults, shown, suspicions, unreadable, wants_v4a

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..credentials import Credentials
    from ..dialects import Dialect
    from ..headers import HeaderPairs, Headers
    from ..request import Response
    from .evidence import Examined
    from .findings import Finding
    from .server_answer import ServerAnswer

_ORDER = (PROVED, LIKELY, POSSIBLE)
_LONGEST_FOR_PAIRS = 1 << 15  # bytes of canonical request beyond which only single hypotheses are tried


class Diagnosis(Record):
    """``findings``, most likely first. ``signature_matches`` says whether the credentials given make this
    very signature of this very request: True, False, or None where that could not be tried.
    """

    findings: tuple[Finding, ...]
    signature_matches: bool | None

    def as_dict(self) -> dict[str, object]:
        return {
            "signature_matches": self.signature_matches,
            "findings": [each.as_dict() for each in self.findings],
        }

    def __str__(self) -> str:
        said = {
            True: "The signature is right: these credentials make it of this request.",
            False: "The signature is wrong: these credentials make another of this request.",
            None: "The signature was not tried: no secret, or the request could not be read that far.",
        }[self.signature_matches]
        if not self.findings:
            return f"{said}\nNothing else was found."
        return "\n\n".join(
            [said]
            + [
                f"{each.id} ({each.certainty}): {each.cause}\n  found: {each.evidence}\n"
                f"  fix:   {each.fix}  [{each.rule}]"
                for each in self.findings
            ]
        )


def diagnose(
    method: str,
    url: str,
    headers: Headers,
    body: bytes = b"",
    *,
    credentials: Credentials | None = None,
    response: Response | None = None,
    dialect: Dialect | None = None,
    now: float | None = None,
) -> Diagnosis:
    """Why a signed request was refused, or would be.

    The four values are the request as it was sent or received; ``credentials`` those it should be signed
    with; ``response`` the server's answer. ``dialect`` follows from the service in the credential scope.
    ``now`` is the server's clock in epoch seconds; without it the answer's, or none, is taken. Without
    credentials only what the answer and the request themselves show is found.

    Raises SigningError for what is no request. Secrets and tokens stand in no finding.
    """
    pairs_of_headers = tuple(headers.items() if hasattr(headers, "items") else headers)
    if not isinstance(body, bytes):
        raise SigningError(f"the body is {type(body).__name__}: expected the bytes that were sent")
    answer = None if response is None else read_answer(response)
    try:
        request = examine(method, url, pairs_of_headers, body, credentials, dialect)
    except VerificationError as error:
        found = [*unreadable(error, pairs_of_headers), *_answered(answer, None, now)]
        return Diagnosis(_ranked(found), None)
    found = [*_answered(answer, request, now), *plain_faults(request, now)]
    matches = None
    if request.draft.key is not None:
        matches = request.draft.gives(request.signature)
        found += _proved(request) if not matches else _wrong_chunk(method, url, pairs_of_headers, request)
    explained = any(each.certainty == PROVED for each in found)
    found += compared(request, answer, matches)
    found += suspicions(request, answer, matches, explained)
    return Diagnosis(_ranked(found), matches)


def _ranked(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Most certain first, each cause once."""
    best: dict[str, Finding] = {}
    for each in sorted(found, key=lambda each: _ORDER.index(each.certainty)):
        best.setdefault(each.id, each)
    return tuple(best.values())


def _answered(answer: ServerAnswer | None, request: Examined | None, now: float | None) -> Iterator[Finding]:
    """What the server's code and message say (c)."""
    if answer is None:
        return
    key_id = request.access_key_id if request else ""
    causes = causes_of_refusal(
        answer.code,
        answer.message,
        signed=request is not None,
        temporary=key_id.startswith("ASIA"),
        with_token=request is not None and request.token is not None,
    )
    said = f"the server answered {answer.status} {answer.code}: {shown(answer.message)}"
    for id, certainty in causes:
        if id == "FAIL-29":
            yield _clock(answer, request, now, said)
        elif id == "FAIL-27":
            yield _region(answer, request, said)
        elif id == "FAIL-28":
            wanted = answer.message.partition("correct service: '")[2].partition("'")[0]
            yield finding(id, certainty, said, f"sign for the service {wanted!r}" if wanted else "")
        else:
            yield finding(id, certainty, said)


def _clock(answer: ServerAnswer, request: Examined | None, now: float | None, said: str) -> Finding:
    server = answer.time if answer.time is not None else now
    if request is None or request.seconds is None or server is None:
        return finding("FAIL-29", PROVED, said)
    skew = request.seconds - int(server)
    clocks = f"the request says {request.draft.timestamp}, the server {format_timestamp(server)}"
    evidence = f"{said}; {clocks}: {skew:+d} s"
    half_hours = round(skew / 1800)
    if half_hours and abs(skew - half_hours * 1800) <= 120 and abs(skew) > 1700:
        remedy = f"{half_hours / 2:+g} h is a time zone: X-Amz-Date must be UTC, not local time with a 'Z'"
    else:
        remedy = (
            f"set the clock {'back' if skew > 0 else 'on'} by {abs(skew)} s, or sign anew just before sending"
        )
    return finding("FAIL-29", PROVED, evidence, remedy)


def _region(answer: ServerAnswer, request: Examined | None, said: str) -> Finding:
    if request is not None and wants_v4a(request):
        return finding("FAIL-45", PROVED, said)
    wanted = answer.region
    return finding("FAIL-27", PROVED, said, f"sign for the region {wanted!r}" if wanted else "")


def _proved(request: Examined) -> list[Finding]:
    """The hypotheses under which the signature is what the client sent: one, or else two (b)."""
    draft, evidence = request.draft, request.evidence
    signature = request.signature.lower()
    for hypothesis in singles(evidence, draft):
        if hypothesis.applied(draft).gives(signature):
            return [finding(hypothesis.id, PROVED, _words(hypothesis.words))]
    if draft.algorithm != V4 or len(draft.canonical_request()) > _LONGEST_FOR_PAIRS:
        return []
    for first, second, changed in pairs(evidence, draft):
        if changed.gives(signature):
            said = _words(f"{first.words}, and {second.words}")
            return [finding(each.id, PROVED, said) for each in (first, second)]
    return []


def _words(words: str) -> str:
    return f"this signature is what you get if {words}"


def _wrong_chunk(method: str, url: str, headers: HeaderPairs, request: Examined) -> list[Finding]:
    """FAIL-49: the seed is right; the body that is signed in pieces may not be."""
    from ..verifier import Verifier

    payload, evidence = request.draft.payload, request.evidence
    if not payload.startswith("STREAMING-") or not evidence.body or request.seconds is None:
        return []
    time, credentials = float(request.seconds), evidence.credentials
    region = evidence.region.partition(",")[0].replace("*", "us-east-1")
    try:
        verifier = Verifier(
            evidence.service,
            region,
            lambda claim: credentials,
            dialect=evidence.dialect.replace(payload_literals=evidence.dialect.payload_literals | {payload}),
            algorithms=(request.draft.algorithm,),
            clock=lambda: time,
        )
        body = verifier.verify_stream(method, url, headers)[1]
        body.feed(evidence.body)
        body.finish()
    except VerificationError as error:
        return [finding("FAIL-49", PROVED, f"{error.stage}: {shown(error.message or error.code)}")]
    except SigningError:
        return []
    return []
