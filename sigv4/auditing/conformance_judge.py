"""Checks an answer of the kit: compares it with the question, and then verifies its signature."""

from __future__ import annotations

import json
from base64 import b64encode

from ..authorization import V4
from ..diagnosis.catalogue import CAUSES
from ..diagnosis.diagnose import diagnose
from ..diagnosis.findings import POSSIBLE
from ..diagnosis.verdict import refused_at
from ..errors import MissingDependency, SigV4Error, VerificationError
from ..scope import format_timestamp
from ..verifier import Verifier
from .conformance_case import Case, Kind, can_be_received, json_headers
from .conformance_printed import Difference, body_of, compare
from .conformance_streams import of_events, of_stream
from .conformance_verdict import FAILED, PASSED, SKIPPED, Verdict, is_right, verdict_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .conformance_answer import Answer
    from .conformance_printed import Printed

# If only these differ, the request is the right one, and ``diagnose`` looks for the cause. Any other
# difference is itself the cause.
_OF_THE_SIGNATURE = frozenset(("signature", "canonical request", "string to sign", "Authorization header"))


def judge(case: Case, answer: Answer) -> Verdict:
    """Whether ``answer`` is what the case expects. Never raises, whatever the form of the answer."""
    if "skip" in answer:
        return Verdict(SKIPPED, str(answer["skip"]))
    refusal = answer.get("error")
    if case.kind == Kind.UNSIGNABLE:
        signed = "it was signed, although a signer must refuse it"
        return Verdict(PASSED) if refusal is not None else Verdict(FAILED, signed)
    if case.kind in (Kind.REFUSED, Kind.ACCEPTED) or "error" in case.expect:
        return _of_verification(case, answer)
    if refusal is not None:
        return Verdict(FAILED, str(refusal))
    try:
        if case.kind in (Kind.HEADER, Kind.QUERY):
            return _of_request(case, compare(case, answer))
        if case.kind == Kind.STREAM:
            return of_stream(case, answer)
        if case.kind == Kind.EVENTS:
            return of_events(case, answer)
    except MissingDependency:
        raise
    except (SigV4Error, ValueError, TypeError, KeyError) as error:
        return Verdict(FAILED, str(error) or type(error).__name__)
    return _of_members(case, answer)


def _of_request(case: Case, printed: Printed) -> Verdict:
    """Checks the differences, then the signature, then whether the Verifier accepts the request."""
    differences = list(printed.differences)
    if not is_right(case, printed.signature, case.expect.get("string_to_sign")):
        right = case.expect.get("signature", "") if case.algorithm == V4 else "one that is valid for the key"
        differences.append(Difference("signature", right, printed.signature))
    if not differences:
        return _verified(case, printed)
    cause, evidence = "", ""
    if all(each.what in _OF_THE_SIGNATURE for each in differences):
        cause, evidence = _cause(case, printed)
    return Verdict(FAILED, f"{differences[0]}{evidence}", tuple(differences), cause)


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
        return Verdict(FAILED, f"{refused_at(error)}: {error}", stage=error.stage)
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


def _of_verification(case: Case, answer: Answer) -> Verdict:
    """Whether a verifier accepts right requests and refuses wrong ones, by the same rule if it names one."""
    refused = "refused" in answer or "error" in answer
    if case.kind == Kind.ACCEPTED:
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
    if case.kind == Kind.FORM:
        wanted = {"policy": case.expect["string_to_sign"], "x-amz-signature": case.expect["signature"]}
        expect = {**_form_fields(case), **wanted}
        fields = answer.get("fields")
        answer = {str(n).lower(): v for n, v in fields.items()} if isinstance(fields, dict) else {}
    if case.kind == Kind.READ_FRAME:
        expect["headers"] = json_headers(expect["headers"])
    if case.kind == Kind.DECODE:
        answer = {"trailers": _as_object(answer.get("trailers")), "data": _in_base64(answer.get("data"))}
    return verdict_of(
        [
            Difference(name.replace("_", " "), _shown(value), _shown(answer.get(name)))
            for name, value in expect.items()
            if answer.get(name) != value
        ]
    )


_EXPECTED: dict[str, tuple[str, ...]] = {
    Kind.FORM: (),
    Kind.KEY: ("k_date", "k_region", "k_service", "k_signing", "x", "y"),
    Kind.FRAME: ("frame",),
    Kind.READ_FRAME: ("headers", "payload"),
    Kind.CHECK: ("valid",),
    Kind.DECODE: ("data", "trailers"),
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
