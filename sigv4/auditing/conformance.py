"""Vectors run against this signer or any other: ours (``fixtures/vectors``), and AWS's signing test suite.

Pure: files are read, and other signers run, by ``sigv4 conformance``.
"""

from __future__ import annotations

import base64
import json

from ..authorization import V4, V4A
from ..credentials import SECURITY_TOKEN, Credentials
from ..diagnosis.diagnose import diagnose
from ..dialects import DEFAULT, dialect_of
from ..errors import SigningError, SigV4Error, VerificationError
from ..record import Record
from ..request import Request
from ..scope import format_timestamp, parse_timestamp
from ..signer import Signer
from ..verifier import Verifier
from .har import parse_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import Any

    from ..dialects import Dialect
    from ..explanation import Explanation

HEADER, QUERY, UNSIGNABLE, REFUSED = "header", "query", "unsignable", "refused"
# Cases of AWS's suite by what stands in their names -> the rule they show; the first that fits counts.
_SUITE_RULES = (
    ("double-encode", "CR-PATH-2"), ("double-url-encode", "CR-PATH-2"), ("header-key-duplicate", "CR-HDR-2"),
    ("header-value", "CR-HDR-2"), ("header-key", "CR-HDR-1"), ("query-order", "CR-QUERY-2"),
    ("query", "CR-QUERY-1"), ("relative", "CR-PATH-3"), ("slash", "CR-PATH-3"), ("slashes", "CR-PATH-3"),
    ("space", "CR-PATH-5"), ("utf8", "CR-PATH-5"), ("unreserved", "CR-PATH-2"), ("sts-header", "TOKEN-1"),
    ("session-token", "TOKEN-1"), ("unsigned-payload", "PAYLOAD-5"), ("x-www-form", "PAYLOAD-7"),
    ("sign-body", "PAYLOAD-7"),
)  # fmt: skip


class Case(Record):
    """One request to sign, and what must come of it. ``kind`` is "header", "query", "unsignable", "refused".

    ``expect`` holds canonical_request, string_to_sign and signature, those that are known; of 4A the
    ``public_key``; of a refusal its ``stage``.
    """

    id: str
    rules: tuple[str, ...]
    kind: str
    request: Request
    credentials: Credentials
    service: str
    region: str
    algorithm: str
    dialect: Dialect
    at: int
    expires: int | None
    expect: dict[str, Any]

    def raw(self) -> bytes:
        """The request to sign as raw bytes: with Host, and X-Amz-Date where it is to be signed in headers."""
        request, url = self.request, self.request.url
        target = url if url[:1] == "/" else "/" + url.partition("://")[2].partition("/")[2]
        lines = [f"{request.method} {target} HTTP/1.1".encode("latin-1")]
        names = {name.lower() for name, _ in request.headers}
        if "host" not in names:
            lines.append(f"Host: {url.partition('://')[2].partition('/')[0].partition('?')[0]}".encode())
        if self.kind == HEADER and "x-amz-date" not in names:
            lines.append(f"X-Amz-Date: {format_timestamp(self.at)}".encode())
        for name, value in request.headers:
            lines.append(
                f"{name}: ".encode() + (value if isinstance(value, bytes) else value.encode("ascii"))
            )
        return b"\n".join(lines) + b"\n\n" + request.body


class Outcome(Record):
    """Whether one case passed, and if not what differs."""

    case: Case
    passed: bool
    detail: str


def run(cases: Iterable[Case], sign: Callable[[Case], bytes] | None = None) -> Iterator[Outcome]:
    """Each case against ``sign``, which gets a case and returns the signed raw request, or against us.

    With another signer the cases that must be refused are left out: it need not be a verifier, nor as strict.
    """
    for case in cases:
        if sign is None:
            yield Outcome(case, *_ours(case))
        elif case.kind in (HEADER, QUERY):
            yield Outcome(case, *_another(case, sign))


def by_rule(outcomes: Iterable[Outcome]) -> dict[str, tuple[int, int]]:
    """``(passed, all)`` for each rule id, in the order of the ids."""
    counts: dict[str, list[int]] = {}
    for outcome in outcomes:
        for rule in outcome.case.rules:
            count = counts.setdefault(rule, [0, 0])
            count[0] += outcome.passed
            count[1] += 1
    return {rule: (counts[rule][0], counts[rule][1]) for rule in sorted(counts)}


def _signer(case: Case) -> Signer:
    return Signer(case.service, case.region, case.credentials, dialect=case.dialect, algorithm=case.algorithm)


def _ours(case: Case) -> tuple[bool, str]:
    if case.kind == REFUSED:
        return _refused(case)
    method, url, headers, body = case.request
    try:
        made = _signer(case).explain(
            method, url, headers, body or None, at=case.at, raw_target=url[:1] == "/", expires=case.expires
        )
    except SigV4Error as error:
        return case.kind == UNSIGNABLE, str(error)
    if case.kind == UNSIGNABLE:
        return False, "it was signed, and cannot be"
    return _compared(case, made)


def _compared(case: Case, made: Explanation) -> tuple[bool, str]:
    for stage in ("canonical_request", "string_to_sign"):
        wanted = case.expect.get(stage)
        if wanted is not None and wanted != getattr(made, stage):
            return (
                False,
                f"the {stage.replace('_', ' ')} differs: {_difference(wanted, getattr(made, stage))}",
            )
    return _signature(case, made.signature, made.string_to_sign)


def _signature(case: Case, signature: str, string_to_sign: str) -> tuple[bool, str]:
    if case.algorithm == V4:
        return signature == case.expect["signature"], "the signature differs"
    from .. import v4a

    key = case.expect["public_key"]
    public = v4a.PublicKey(int(key["x"], 16), int(key["y"], 16))
    return v4a.check(public, string_to_sign, signature), "the signature does not verify"


def _refused(case: Case) -> tuple[bool, str]:
    at = float(case.at)
    verifier = Verifier(case.service, case.region, lambda claim: case.credentials, clock=lambda: at)
    try:
        verifier.verify(*case.request)
    except VerificationError as error:
        return error.stage == case.expect["stage"], f"refused at {error.stage}, not at {case.expect['stage']}"
    return False, "it was accepted"


def _another(case: Case, sign: Callable[[Case], bytes]) -> tuple[bool, str]:
    """Another signer's answer: its signature, or what ``diagnose`` finds in the request it signed."""
    try:
        method, url, headers, body = Request.parse(sign(case), unfold=True)
        if not body:
            body = case.request.body
        diagnosis = diagnose(method, url, headers, body, credentials=case.credentials, dialect=case.dialect)
        signature = _signature_in(url, headers)
        if case.algorithm == V4 and signature == case.expect["signature"]:
            return True, ""
    except SigV4Error as error:
        return False, str(error)
    if diagnosis.signature_matches:
        return case.algorithm == V4A, "a right signature, of other headers or parameters than the case has"
    found = diagnosis.findings
    return False, f"{found[0].id}: {found[0].evidence}" if found else "another request was signed"


def _signature_in(url: str, headers: Iterable[tuple[str, str | bytes]]) -> str:
    for name, value in headers:
        if name.lower() == "authorization" and isinstance(value, str):
            return value.rpartition("Signature=")[2].strip()
    return url.rpartition("X-Amz-Signature=")[2].partition("&")[0]


def _difference(wanted: str, found: str) -> str:
    for number, (a, b) in enumerate(zip(wanted.split("\n"), found.split("\n"), strict=False), 1):
        if a != b:
            return f"line {number} is {b[:120]!r}, expected {a[:120]!r}"
    return f"{found.count(chr(10)) + 1} lines, expected {wanted.count(chr(10)) + 1}"


def vector_cases(raw: bytes) -> list[Case]:
    """The cases of one file of our vectors; a file of another family has none. Raises SigningError."""
    document = parse_json(raw, "the file of vectors")
    if not isinstance(document, dict) or document.get("schema") != 1:
        raise SigningError('no vectors: expected {"schema": 1, "vectors": […]}')
    try:
        return [case for vector in document["vectors"] if (case := _of_vector(vector)) is not None]
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        fault = f"a vector is not as fixtures/vectors/README.md has it: {str(error)[:120]}"
    raise SigningError(fault)


def _of_vector(vector: dict[str, Any]) -> Case | None:
    given, expect = vector["input"], vector["expect"]
    if "method" not in given:
        return None
    keys = given["access_key_id"], given["secret_access_key"], given["session_token"], None
    headers = [
        (name, value if value.isascii() else value.encode("utf-8")) for name, value in given["headers"]
    ]
    request = Request(given["method"], given.get("url") or given["target"], headers, _body(given["body"]))
    error = expect.get("error")
    kind = (REFUSED if "of" in given else UNSIGNABLE) if error else QUERY if given.get("expires") else HEADER
    try:
        credentials = Credentials(*keys, given.get("token_name", SECURITY_TOKEN))
        dialect = dialect_of(given["service"])
        at = parse_timestamp(given["now" if kind == REFUSED else "at"])
    except SigV4Error:
        return None  # a negative of these very values, which no other signer is asked for
    rules = tuple(dict.fromkeys(_rules_in(f"{vector['notes']} {vector['source']}"))) or ("CR-FORMAT",)
    region_set = given.get("region_set")
    checked_by = "public_key" if region_set else "signature"
    if checked_by not in expect and not error:
        raise KeyError(checked_by)
    return Case(
        vector["id"], rules, kind, request, credentials, given["service"], region_set or given.get("region"),
        V4A if region_set else V4, dialect, at, given.get("expires"), {**expect, **(error or {})},
    )  # fmt: skip


def _body(given: Any) -> bytes:
    if given is None:
        return b""
    return base64.b64decode(given["base64"]) if isinstance(given, dict) else str(given).encode("utf-8")


def _rules_in(text: str) -> Iterator[str]:
    """Rule ids such as CR-PATH-2, VERIFY-6a, PAYLOAD-1."""
    for mark in ",:;()":
        text = text.replace(mark, " ")
    for word in text.split():
        name = word.strip(".…")
        family, _, number = name.rpartition("-")
        if name in ("CR-FORMAT", "CR-METHOD") or (
            family in _FAMILIES and number[:1].isdigit() and len(number) <= 3
        ):
            yield name


_FAMILIES = frozenset(
    "CR-PATH CR-QUERY CR-HDR PAYLOAD STS KEY AUTHZ TOKEN QUERY CHUNK TRAILER EVENT V4A VERIFY FAIL".split()
)


def suite_cases(name: str, files: Mapping[str, bytes]) -> list[Case]:
    """The cases of one folder of AWS's suite, its files by name: header, query or both. Raises SigningError.

    Source: https://github.com/awslabs/aws-c-auth, tests/aws-signing-test-suite
    """
    context = parse_json(files["context.json"], f"{name}/context.json")
    try:
        keys = context["credentials"]
        credentials = Credentials(keys["access_key_id"], keys["secret_access_key"], keys.get("token"))
        at = parse_timestamp(context["timestamp"].replace("-", "").replace(":", ""))
        service, region = context["service"], context["region"]
    except (KeyError, TypeError, AttributeError) as error:
        fault = f"{name}/context.json: expected credentials, region, service, timestamp; {error} is wrong"
        raise SigningError(fault) from None
    dialect = DEFAULT.replace(
        name=f"suite {name}",
        normalize_path=bool(context.get("normalize", True)),
        content_sha256=bool(context.get("sign_body", False)),
        payload_literals=frozenset(("UNSIGNED-PAYLOAD",)),
        sign_token=not context.get("omit_session_token", False),
    )
    request = Request.parse(files["request.txt"], unfold=True)
    public = (
        parse_json(files["public-key.json"], f"{name}/public-key.json")
        if "public-key.json" in files
        else None
    )
    rules = (next((rule for part, rule in _SUITE_RULES if part in name), "CR-FORMAT"),)
    cases = []
    for kind, expires in ((HEADER, None), (QUERY, int(context.get("expiration_in_seconds", 3600)))):
        expect: dict[str, Any] = {
            stage: files[f"{kind}-{stage.replace('_', '-')}.txt"].decode("utf-8").rstrip("\n")
            for stage in ("canonical_request", "string_to_sign", "signature")
            if f"{kind}-{stage.replace('_', '-')}.txt" in files
        }
        if "signature" not in expect and public is None:
            continue
        if public is not None:
            expect["public_key"] = {"x": public["X"], "y": public["Y"]}
        if kind == QUERY:
            kept = [(header, value) for header, value in request.headers if header.lower() != "x-amz-date"]
            request = Request(request.method, request.url, kept, request.body)
        cases.append(
            Case(
                f"{name}/{kind}", rules, kind, request, credentials, service, region,
                V4 if public is None else V4A, dialect, at, expires, expect,
            )
        )  # fmt: skip
    return cases


def as_json(outcomes: list[Outcome]) -> str:
    return json.dumps(
        {
            "passed": sum(outcome.passed for outcome in outcomes),
            "cases": len(outcomes),
            "rules": {
                rule: {"passed": passed, "cases": all_} for rule, (passed, all_) in by_rule(outcomes).items()
            },
            "failed": [{"id": each.case.id, "detail": each.detail} for each in outcomes if not each.passed],
        },
        indent=2,
    )
