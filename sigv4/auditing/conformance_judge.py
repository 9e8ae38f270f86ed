"""Checks an answer of the kit: compares it with the question, and then verifies its signature."""

from __future__ import annotations

import json
from base64 import b64encode

from ..authorization import V4
from ..diagnosis.catalogue import CAUSES
from ..diagnosis.diagnose import diagnose
from ..diagnosis.findings import POSSIBLE
from ..errors import MissingDependency, SigV4Error, VerificationError
from ..record import Record
from ..scope import Scope, format_timestamp, parse_timestamp
from ..streaming.chunk_decoder import Decoder
from ..streaming.chunk_signatures import SignatureChain
from ..streaming.event_stream import EventVerifier
from ..v4 import key_of
from ..verifier import Verifier
from .conformance_case import (
    ACCEPTED,
    DECODE,
    EVENTS,
    HEADER,
    QUERY,
    READ_FRAME,
    REFUSED,
    STREAM,
    UNSIGNABLE,
    Case,
    can_be_received,
    json_headers,
)
from .conformance_printed import Difference, body_of, compare

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .conformance_answer import Answer
    from .conformance_printed import Printed

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"


# If only these differ, the request is the right one and the cause of the wrong signature is searched for. Any
# other difference is itself the cause.
_OF_THE_SIGNATURE = frozenset(("signature", "canonical request", "string to sign", "Authorization header"))


class Verdict(Record):
    """``status`` is PASSED, FAILED or SKIPPED; ``detail`` says why it is not PASSED, in one line.

    ``differences`` are the differences from the case; ``cause`` is the id that ``diagnose`` finds, or "";
    ``stage`` is the rule by which a verifier refused the answer, or "".
    """

    status: str
    detail: str = ""
    differences: tuple[Difference, ...] = ()
    cause: str = ""
    stage: str = ""


def judge(case: Case, answer: Answer) -> Verdict:
    """Whether ``answer`` is what the case expects. Never raises, whatever the form of the answer."""
    if "skip" in answer:
        return Verdict(SKIPPED, str(answer["skip"]))
    refusal = answer.get("error")
    if case.kind == UNSIGNABLE:
        return Verdict(PASSED) if refusal is not None else Verdict(FAILED, "it was signed, and cannot be")
    if case.kind in (REFUSED, ACCEPTED) or "error" in case.expect:
        return _of_verification(case, answer)
    if refusal is not None:
        return Verdict(FAILED, str(refusal))
    try:
        if case.kind in (HEADER, QUERY):
            return _of_request(case, compare(case, answer))
        if case.kind == STREAM:
            return _of_stream(case, answer)
        if case.kind == EVENTS:
            return _of_events(case, answer)
    except MissingDependency:
        raise
    except (SigV4Error, ValueError, TypeError, KeyError) as error:
        return Verdict(FAILED, str(error) or type(error).__name__)
    return _of_members(case, answer)


def _of_request(case: Case, printed: Printed) -> Verdict:
    """Checks the differences, then the signature, then whether the Verifier accepts the request."""
    differences = list(printed.differences)
    if not _is_right(case, printed.signature, case.expect.get("string_to_sign")):
        right = case.expect.get("signature", "") if case.algorithm == V4 else "one that the key checks"
        differences.append(Difference("signature", right, printed.signature))
    if not differences:
        return _verified(case, printed)
    cause, evidence = "", ""
    if all(each.what in _OF_THE_SIGNATURE for each in differences):
        cause, evidence = _cause(case, printed)
    return Verdict(FAILED, f"{differences[0]}{evidence}", tuple(differences), cause)


def _is_right(case: Case, signature: str, string_to_sign: str | None) -> bool:
    if case.algorithm == V4:
        return bool(signature == case.expect["signature"])
    from .. import v4a

    key = case.expect["public_key"]
    public = v4a.PublicKey(int(key["x"], 16), int(key["y"], 16))
    return string_to_sign is not None and v4a.check(public, string_to_sign, signature)


def _verifier(case: Case) -> Verifier:
    at, region = float(case.at), case.region or case.region_set.split(",")[0].replace("*", "us-east-1")
    return Verifier(
        case.service, region, lambda claim: case.credentials, dialect=case.dialect,
        algorithms=(case.algorithm,), clock=lambda: at,
    )  # fmt: skip


def _verified(case: Case, printed: Printed) -> Verdict:
    if not can_be_received(case):
        return Verdict(PASSED)
    try:
        _verifier(case).verify(printed.method, printed.target, printed.pairs(), printed.body)
    except VerificationError as error:
        return Verdict(FAILED, f"a verifier refuses it at {error.stage}: {error}", stage=error.stage)
    return Verdict(PASSED)


def _cause(case: Case, printed: Printed) -> tuple[str, str]:
    """The FAIL id that ``diagnose`` finds in the printed request, and its text."""
    diagnosis = diagnose(
        printed.method,
        printed.target,
        printed.pairs(),
        printed.body,
        credentials=case.credentials,
        dialect=case.dialect,
    )
    for finding in diagnosis.findings:
        if finding.id in CAUSES and finding.certainty != POSSIBLE:
            return finding.id, f"\n  {finding.id}: {finding.evidence}"
    return "", ""


def _of_stream(case: Case, answer: Answer) -> Verdict:
    """Checks the seed as a header signature, then decodes the framed body with the chain from the seed."""
    asked = {**answer, "body": None}
    seed = {"signature": case.expect.get("seed_signature"), **case.expect}
    whole = case.replace(expect=seed)
    printed = compare(whole, asked)
    length = {each for each in printed.differences if each.what == "header content-length"}
    differences = [each for each in printed.differences if each not in length]
    text = case.expect.get("string_to_sign")
    if not _is_right(whole, printed.signature, text):
        differences.append(Difference("seed signature", str(seed["signature"]), printed.signature))
    body = body_of(answer.get("body"), b"")
    lines = {name.lower(): value for name, value in printed.headers}
    posed = case.request.has_header("content-length")
    if not posed and lines.get("content-length", str(len(body))) != str(len(body)):
        differences.append(Difference("Content-Length", str(len(body)), lines["content-length"]))
    if differences:
        return Verdict(FAILED, str(differences[0]), tuple(differences))
    return _of_body(case, body, printed.signature)


def _of_body(case: Case, body: bytes, seed: str) -> Verdict:
    """CHUNK-3…6, TRAILER-1…3: checks every signature, the data, the chunk sizes and the trailers."""
    data, given = case.data(), case.given
    names = [name.lower() for name, _ in given["trailers"]]
    decoder = Decoder(len(data), _chain(case, seed) if given["signed"] else None, names)
    try:
        found = b"".join(decoder.feed(body))
        trailers = decoder.finish()
    except VerificationError as error:
        return Verdict(FAILED, f"the body is refused at {error.stage}: {error}", stage=error.stage)
    wanted = {name.lower(): " ".join(value.split()) for name, value in given["trailers"]}
    differences = [
        Difference("data", f"{len(data)} bytes", f"{len(found)} other bytes") if found != data else None,
        Difference("trailers", str(wanted), str(trailers)) if trailers != wanted else None,
    ]
    whole = body_of(case.expect.get("body"), body)
    if case.algorithm == V4 and len(names) < 2 and body != whole:
        differences.append(Difference("framed body", repr(whole), repr(body)))
    elif "content_length" in case.expect and len(body) != case.expect["content_length"]:
        differences.append(Difference("framed length", str(case.expect["content_length"]), str(len(body))))
    left = tuple(each for each in differences if each is not None)
    return Verdict(FAILED, str(left[0]), left) if left else Verdict(PASSED)


def _chain(case: Case, seed: str) -> SignatureChain:
    timestamp = format_timestamp(case.at)
    if case.algorithm == V4:
        scope = Scope(timestamp[:8], case.region, case.service)
        return SignatureChain(key_of(case.credentials, scope), str(scope), timestamp, seed)
    from .. import v4a

    key = case.expect["public_key"]
    public = v4a.PublicKey(int(key["x"], 16), int(key["y"], 16))
    scope_text = str(v4a.Scope(timestamp[:8], case.service))
    return SignatureChain(public, scope_text, timestamp, seed, algorithm=v4a)


def _of_events(case: Case, answer: Answer) -> Verdict:
    """EVENT-3…6: checks the seed, then the time, payload and signature of each message."""
    printed = compare(case, {**answer, "body": None})
    differences = list(printed.differences)
    wanted = case.expect["seed_signature"]
    if printed.signature != wanted:
        differences.append(Difference("seed signature", wanted, printed.signature))
    if differences:
        return Verdict(FAILED, str(differences[0]), tuple(differences))
    verifier = EventVerifier(
        lambda day: key_of(case.credentials, Scope(day, case.region, case.service)), printed.signature
    )
    found = []
    try:
        for message in answer["messages"]:
            found += [(event.date, event.payload) for event in verifier.feed(bytes.fromhex(message))]
        verifier.finish()
    except VerificationError as error:
        return Verdict(FAILED, f"the stream is refused at {error.stage}: {error}", stage=error.stage)
    events = [(parse_timestamp(at) * 1000, text.encode("utf-8")) for at, text in case.given["events"] if text]
    if found != events:
        return Verdict(FAILED, f"the events are {found!r}, expected {events!r}")
    return Verdict(PASSED)


def _of_verification(case: Case, answer: Answer) -> Verdict:
    """Whether a verifier accepts right requests and refuses wrong ones, by the same rule if it names one."""
    refused = "refused" in answer or "error" in answer
    if case.kind == ACCEPTED:
        if refused:
            return Verdict(FAILED, f"it is right, and was refused: {answer}")
        said = answer.get("accepted") is True
        return Verdict(PASSED) if said else Verdict(FAILED, "the answer has no 'accepted': expected true")
    if not refused:
        return Verdict(FAILED, "it was accepted")
    stage, wanted = answer.get("refused") or "", str(case.expect.get("stage", ""))
    if stage and stage is not True and stage != wanted:
        return Verdict(FAILED, f"refused at {stage}, not at {wanted}")
    return Verdict(PASSED)


def _of_members(case: Case, answer: Answer) -> Verdict:
    """Checks each expected member of a key, a form or a frame."""
    expect: dict[str, Any] = {name: case.expect[name] for name in _EXPECTED[case.kind] if name in case.expect}
    if case.kind == "form":
        wanted = {"policy": case.expect["string_to_sign"], "x-amz-signature": case.expect["signature"]}
        expect = {**_form_fields(case), **wanted}
        fields = answer.get("fields")
        answer = {str(n).lower(): v for n, v in fields.items()} if isinstance(fields, dict) else {}
    if case.kind == READ_FRAME:
        expect["headers"] = json_headers(expect["headers"])
    if case.kind == DECODE:
        answer = {"trailers": _as_object(answer.get("trailers")), "data": _in_base64(answer.get("data"))}
    differences = tuple(
        Difference(name.replace("_", " "), _shown(value), _shown(answer.get(name)))
        for name, value in expect.items()
        if answer.get(name) != value
    )
    if not differences:
        return Verdict(PASSED)
    return Verdict(FAILED, str(differences[0]), differences)


_EXPECTED: dict[str, tuple[str, ...]] = {
    "form": (),
    "key": ("k_date", "k_region", "k_service", "k_signing", "x", "y"),
    "frame": ("frame",),
    "read-frame": ("headers", "payload"),
    "check": ("valid",),
    "decode": ("data", "trailers"),
}


def _form_fields(case: Case) -> dict[str, str]:
    """FORM-1: the fields of the signature, except the policy and the signature itself."""
    at = format_timestamp(case.at)
    credential = f"{case.credentials.access_key_id}/{at[:8]}/{case.region}/s3/aws4_request"
    fields = {"x-amz-algorithm": V4, "x-amz-credential": credential, "x-amz-date": at}
    if case.credentials.session_token:
        fields["x-amz-security-token"] = case.credentials.session_token
    return fields


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _as_object(trailers: Any) -> Any:
    """The trailers of a decoded body by lower-case name: they may be answered as pairs as well."""
    try:
        return {str(name).lower(): value for name, value in dict(trailers or {}).items()}
    except (TypeError, ValueError):
        return trailers


def _in_base64(data: Any) -> dict[str, str] | None:
    return None if data is None else {"base64": b64encode(body_of(data, b"")).decode("ascii")}
