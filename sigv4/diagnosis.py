"""``diagnose``: which byte of a signature is wrong, and why.

Three sources, one after the other: what the server answered, what stands in the request, and the signature
itself, which is made again under each hypothesis until one gives the client's.
"""

from __future__ import annotations

from itertools import zip_longest

from .authorization import V4
from .draft import Draft, differing_part
from .errors import SigningError, VerificationError
from .examination import examine
from .hypotheses import cause_of_header, pairs, singles
from .refusals import LIKELY, POSSIBLE, PROVED, causes_of_refusal, finding
from .request import SECRET_HEADERS
from .scope import format_timestamp
from .server_answer import read_answer
from .value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .credentials import Credentials
    from .dialects import Dialect
    from .examination import Examined
    from .refusals import Finding
    from .request import HeaderPairs, Headers
    from .response import Response
    from .server_answer import ServerAnswer

_ORDER = (PROVED, LIKELY, POSSIBLE)
_LONGEST_FOR_PAIRS = 1 << 15  # bytes of canonical request beyond which only single hypotheses are tried
# Multi-region endpoints that take 4A alone (FAIL-45).
_V4A_HOSTS = (".accesspoint.s3-global.amazonaws.com", "cloudfront-kvs.global.api.aws")
# What is changed on the way often enough to be looked at first (FAIL-16…18).
OFTEN_CHANGED = frozenset(
    "accept accept-encoding cache-control connection content-length expect forwarded keep-alive te trailer "
    "transfer-encoding upgrade user-agent via x-amzn-trace-id x-forwarded-for x-forwarded-host "
    "x-forwarded-port x-forwarded-proto x-real-ip".split()
)


class Diagnosis(Value):
    """``findings``, most likely first. ``signature_matches`` says whether the credentials given make this
    very signature of this very request: True, False, or None where that could not be tried.
    """

    __slots__ = ("findings", "signature_matches")
    findings: tuple[Finding, ...]
    signature_matches: bool | None

    def __init__(self, findings: tuple[Finding, ...], signature_matches: bool | None) -> None:
        self._set(findings, signature_matches)

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
        found = [*_unreadable(error, pairs_of_headers), *_answered(answer, None, now)]
        return Diagnosis(_ranked(found), None)
    found = [*_answered(answer, request, now), *_plain_faults(request)]
    matches = None
    if request.draft.key is not None:
        matches = request.draft.gives(request.signature)
        found += _proved(request) if not matches else _wrong_chunk(method, url, pairs_of_headers, request)
    explained = any(each.certainty == PROVED for each in found)
    found += _compared(request, answer, matches)
    found += _suspicions(request, answer, matches, explained)
    return Diagnosis(_ranked(found), matches)


def _ranked(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Most certain first, each cause once."""
    best: dict[str, Finding] = {}
    for each in sorted(found, key=lambda each: _ORDER.index(each.certainty)):
        best.setdefault(each.id, each)
    return tuple(best.values())


def _unreadable(error: VerificationError, headers: HeaderPairs) -> Iterator[Finding]:
    """VERIFY-1…7: the request cannot be read as a signed one."""
    signed = any(name.lower() == "authorization" for name, _ in headers)
    if error.stage == "VERIFY-5" and error.code == "SignatureDoesNotMatch":
        yield finding("FAIL-41", PROVED, "an Authorization header and X-Amz-… parameters in the query")
        return
    facts = {"signed": signed, "temporary": False, "with_token": False}
    causes = list(causes_of_refusal(error.code, error.message, **facts))
    for id, _ in causes:
        yield finding(id, PROVED, f"it is refused with: {_shown(error.message or error.code)}")
    if not causes:
        id = (
            "VERIFY-4"
            if error.stage == "VERIFY-4"
            else "VERIFY-7"
            if error.stage == "VERIFY-7"
            else "VERIFY-6"
        )
        yield finding(id, LIKELY, f"it is refused at {error.stage}: {_shown(error.message or error.code)}")


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
    said = f"the server answered {answer.status} {answer.code}: {_shown(answer.message)}"
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
    shown = f"{said}; {clocks}: {skew:+d} s"
    half_hours = round(skew / 1800)
    if half_hours and abs(skew - half_hours * 1800) <= 120 and abs(skew) > 1700:
        remedy = f"{half_hours / 2:+g} h is a time zone: X-Amz-Date must be UTC, not local time with a 'Z'"
    else:
        remedy = (
            f"set the clock {'back' if skew > 0 else 'on'} by {abs(skew)} s, or sign anew just before sending"
        )
    return finding("FAIL-29", PROVED, shown, remedy)


def _region(answer: ServerAnswer, request: Examined | None, said: str) -> Finding:
    if request is not None and _wants_v4a(request):
        return finding("FAIL-45", PROVED, said)
    wanted = answer.region
    return finding("FAIL-27", PROVED, said, f"sign for the region {wanted!r}" if wanted else "")


def _wants_v4a(request: Examined) -> bool:
    host = request.evidence.lines.get("host", "").lower()
    return request.draft.algorithm == V4 and any(known in host for known in _V4A_HOSTS)


def _plain_faults(request: Examined) -> Iterator[Finding]:
    """What no server takes, whatever the key is."""
    lines, dialect = request.evidence.lines, request.evidence.dialect
    parts = request.credential.split("/")
    names = request.signed_names
    if len(parts) != (5 if request.draft.algorithm == V4 else 4) or parts[-1] != "aws4_request":
        yield finding("FAIL-38", PROVED, f"the Credential is {_shown(request.credential)!r}")
    elif len(parts[1]) == 8 and parts[1].isdigit() and parts[1] != request.draft.timestamp[:8]:
        yield finding("FAIL-30", PROVED, f"the scope says {parts[1]}, the time {request.draft.timestamp!r}")
    elif parts[1] != request.draft.timestamp[:8]:
        yield finding("FAIL-38", PROVED, f"the Credential is {_shown(request.credential)!r}")
    if request.seconds is None:
        yield finding("VERIFY-9", PROVED, f"the date is {_shown(request.draft.timestamp)!r}")
    lower = [name.lower() for name in names]
    if list(names) != sorted(set(lower)):
        yield finding("FAIL-37", PROVED, f"SignedHeaders is {_shown(request.draft.signed_headers)!r}")
    for name in request.missing:
        if name:
            yield finding(
                cause_of_header(name.lower(), request.evidence.presigned),
                LIKELY,
                f"{name!r} is signed and not there",
            )
    token_name = dialect.token_name.lower()
    for name in lines:
        if (
            (name == "host" or name.startswith("x-amz-"))
            and name not in lower
            and not (name == token_name and not dialect.sign_token)
        ):
            id = "FAIL-23" if name == token_name else "FAIL-40" if request.evidence.presigned else "VERIFY-8"
            yield finding(id, PROVED, f"{name!r} is there and not signed")
    if request.token == "":
        yield finding("FAIL-23", PROVED, "the session token is there and empty")
    if dialect.content_sha256 and not request.evidence.presigned and "x-amz-content-sha256" not in lines:
        yield finding("FAIL-36", PROVED, f"{request.evidence.service} requires it")
    if _wants_v4a(request):
        yield finding("FAIL-45", LIKELY, f"the host is {_shown(lines.get('host', ''))!r}")
    signature = request.signature
    if signature != signature.lower() or not set(signature.lower()) <= set("0123456789abcdef"):
        yield finding("FAIL-31", PROVED, "the Signature is not lower-case hex")


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
    from .verifier import Verifier

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
        return [finding("FAIL-49", PROVED, f"{error.stage}: {_shown(error.message or error.code)}")]
    except SigningError:
        return []
    return []


def _compared(request: Examined, answer: ServerAnswer | None, matches: bool | None) -> Iterator[Finding]:
    """What the server calculated against what we do (a)."""
    if answer is None or (answer.canonical_request is None and answer.string_to_sign is None):
        return
    draft = request.draft
    theirs = answer.canonical_request
    part = None if theirs is None else differing_part(draft, theirs)
    if part is not None:
        yield _changed_part(request, part, PROVED if matches else LIKELY)
        return
    text = answer.string_to_sign
    if text is not None and text.split("\n")[1:3] != [draft.timestamp, draft.scope]:
        found = text.split("\n")[1:3]
        id = "FAIL-43" if found[:1] != [draft.timestamp] else "FAIL-38"
        yield finding(id, LIKELY, f"the server signed time and scope {_shown(' '.join(found))!r}")
    elif theirs is not None and matches:
        yield finding(
            "FAIL-25", LIKELY, "the server calculated the same texts, and has another secret for this key"
        )
    elif theirs is not None and matches is None:
        yield finding("FAIL-25", LIKELY, "the server calculated the very texts that this request gives")
        yield finding("FAIL-31", POSSIBLE, "the server calculated the very texts that this request gives")


def _changed_part(request: Examined, part: tuple[str, str, str], certainty: str) -> Finding:
    slot, ours, theirs = part
    id = _cause_of_part(request, slot, ours, theirs)
    secret = slot.removeprefix("header ") in SECRET_HEADERS
    if slot == "query":
        ours, theirs = _first_difference(ours.split("&"), theirs.split("&"))
        secret = "token=" in ours.lower() + theirs.lower()
    at = next(
        (i for i, (a, b) in enumerate(zip(ours, theirs, strict=False)) if a != b), min(len(ours), len(theirs))
    )
    shown = (
        ""
        if secret
        else f": this request gives {_around(ours, at)!r}, the server has {_around(theirs, at)!r}"
    )
    return finding(id, certainty, f"the {slot} differs from byte {at}{shown}")


def _first_difference(ours: list[str], theirs: list[str]) -> tuple[str, str]:
    for a, b in zip_longest(ours, theirs, fillvalue=""):
        if a != b:
            return a, b
    return "", ""


def _cause_of_part(request: Examined, slot: str, ours: str, theirs: str) -> str:
    """The hypothesis that turns our part into theirs, or theirs into ours; else what is usual there."""
    draft, evidence = request.draft, request.evidence
    presigned = evidence.presigned
    name = slot.partition(" ")[2]
    both_ways = [(draft, theirs)]
    if slot in ("path", "query"):  # the other hypotheses draw from the request, not from the draft
        both_ways.append((draft.replace(**{slot: theirs}), ours))
    for known, wanted in both_ways:
        for hypothesis in singles(evidence, known):
            changed = hypothesis.applied(known)
            if _part(changed, slot, name) == wanted and _same_beyond(changed, known, slot):
                return hypothesis.id
    if name:
        return cause_of_header(name, presigned)
    usual = {"method": "CR-METHOD", "path": "FAIL-02", "query": "FAIL-12", "signed_headers": "FAIL-37"}
    if slot in ("method", "query") and presigned:
        return "FAIL-40"
    return usual.get(slot, "FAIL-39" if slot == "form" else "FAIL-32")


def _part(draft: Draft, slot: str, name: str) -> object:
    if name:
        return dict(draft.headers).get(name, "")
    return "" if slot == "form" else getattr(draft, slot)


def _same_beyond(changed: Draft, known: Draft, slot: str) -> bool:
    return slot.startswith("header ") or all(
        getattr(changed, each) is getattr(known, each) or each == slot for each in Draft.__slots__
    )


def _suspicions(
    request: Examined, answer: ServerAnswer | None, matches: bool | None, explained: bool
) -> Iterator[Finding]:
    """What is often the cause, and cannot be seen from here."""
    mismatch = (answer is not None and "SignatureDoesNotMatch" in answer.code) or (
        answer is not None and "InvalidSignature" in answer.code and "does not match" in answer.message
    )
    certainty = LIKELY if mismatch and matches else POSSIBLE
    for name in request.signed_names:
        if name in OFTEN_CHANGED:
            yield finding(
                cause_of_header(name, False),
                certainty,
                f"{name!r} is signed, and is often changed on the way",
            )
    if mismatch and matches and answer is not None and answer.canonical_request is None:
        yield finding(
            "FAIL-25", POSSIBLE, "the signature is right for this secret: the server may have another"
        )
    credentials = request.evidence.credentials
    if credentials is not None and credentials.access_key_id != request.access_key_id:
        said = f"the request is signed by {_shown(request.access_key_id)!r}, the credentials given are of "
        yield finding("TOKEN-4", LIKELY, f"{said}{credentials.access_key_id!r}")
    if matches is False and not explained:
        yield finding("FAIL-25", POSSIBLE, "no known fault gives this signature: the secret may be another's")


def _shown(text: str) -> str:
    return text if len(text) <= 300 else f"{text[:300]}…"


def _around(text: str, at: int) -> str:
    start = max(0, at - 20)
    return ("…" if start else "") + text[start : at + 40] + ("…" if len(text) > at + 40 else "")
