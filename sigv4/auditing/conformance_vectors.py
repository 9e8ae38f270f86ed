"""Reads the cases of the kit from files: this project's vectors, and AWS's signing test suite."""

from __future__ import annotations

import base64

from ..authorization import V4, V4A
from ..credentials import SECURITY_TOKEN, Credentials
from ..dialects import DEFAULT, EVENT_STREAM, dialect_of
from ..errors import SigningError, SigV4Error
from ..headers import EARLIER_SIGNATURE, names_of, without
from ..payload import UNSIGNED_PAYLOAD
from ..request import Request
from ..scope import parse_timestamp
from ..target import cut_url
from .conformance_case import Case, Kind, can_be_received
from .har import parse_json
from .rule_ids import cited

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

SCHEMA = 2
# Cases of AWS's suite: part of their name, and their rule; the first match counts.
_SUITE_RULES = (
    ("double-encode", "CR-PATH-2"), ("double-url-encode", "CR-PATH-2"), ("header-key-duplicate", "CR-HDR-2"),
    ("header-value", "CR-HDR-2"), ("header-key", "CR-HDR-1"), ("query-order", "CR-QUERY-2"),
    ("query", "CR-QUERY-1"), ("relative", "CR-PATH-3"), ("slash", "CR-PATH-3"), ("slashes", "CR-PATH-3"),
    ("space", "CR-PATH-5"), ("utf8", "CR-PATH-5"), ("unreserved", "CR-PATH-2"), ("sts-header", "TOKEN-1"),
    ("session-token", "TOKEN-1"), ("unsigned-payload", "PAYLOAD-5"), ("x-www-form", "PAYLOAD-7"),
    ("sign-body", "PAYLOAD-7"),
)  # fmt: skip
# The key of the chunked bodies that must be refused is that of EX-S3-6.
_CHUNK_KEY = ("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", None)
_CHUNK_TIME = "20130524T000000Z"
_NO_KEY = ("AKIDEXAMPLE", "secret", None)


def vector_cases(raw: bytes) -> list[Case]:
    """The cases of one file of vectors, in its order. Raises SigningError."""
    document = parse_json(raw, "the file of vectors")
    if not isinstance(document, dict) or document.get("schema") not in (1, SCHEMA):
        raise SigningError(f'no vectors: expected {{"schema": {SCHEMA}, "vectors": […]}}')
    try:
        return [case for vector in document["vectors"] for case in _of_vector(vector)]
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        fault = f"a vector does not have the form of fixtures/vectors/README.md: {str(error)[:120]}"
    raise SigningError(fault)


def _of_vector(vector: dict[str, Any]) -> Iterator[Case]:
    given, expect = vector["input"], vector["expect"]
    error = expect.get("error")
    stage = str(error.get("stage", "")) if error else ""
    rules = tuple(cited(f"{vector['notes']} {vector['source']} {stage}")) or ("CR-FORMAT",)
    make = _requests if "method" in given else _others
    try:
        yield from make(vector["id"], rules, given, {**expect, **(error or {})})
    except SigV4Error:
        return  # a negative vector, with values that a Case does not accept


def _requests(
    id: str, rules: tuple[str, ...], given: Mapping[str, Any], expect: Mapping[str, Any]
) -> Iterator[Case]:
    """A request to sign, in headers or query, one that cannot be signed, or one that was received."""
    region_set, expires, refused = given.get("region_set") or "", given.get("expires"), "error" in expect
    if "target" in given:
        kind = Kind.REFUSED if refused else Kind.ACCEPTED
    else:
        kind = Kind.UNSIGNABLE if refused else Kind.HEADER if expires is None else Kind.QUERY
    needed = "accepted" if kind == Kind.ACCEPTED else "public_key" if region_set else "signature"
    if not refused and needed not in expect:
        raise KeyError(needed)
    headers = [
        (name, value if value.isascii() else value.encode("utf-8")) for name, value in given["headers"]
    ]
    request = Request(given["method"], given.get("url") or given["target"], headers, _body(given["body"]))
    algorithm = given.get("algorithm") or (V4A if region_set else V4)
    keys = Credentials(*_NO_KEY) if kind == Kind.UNSIGNABLE else _credentials(given)
    yield Case(
        id, rules, kind, request, keys, given["service"], given.get("region") or "", algorithm,
        dialect_of(given["service"]), parse_timestamp(given["now" if "target" in given else "at"]), expires,
        expect, region_set, given,
    )  # fmt: skip


def verifications(cases: Iterable[Case]) -> Iterator[Case]:
    """For each signature and each frame to encode, a question to a verifier.

    So a verifier that refuses everything, or accepts everything, does not pass.
    """
    for case in cases:
        if (
            case.kind in (Kind.HEADER, Kind.QUERY)
            and "canonical_request" in case.expect
            and not case.region_set
        ):
            if case.expect.keys() & {"authorization", "url"} and can_be_received(case):
                yield _accepted(case)
        elif case.kind == Kind.FRAME:
            given = {"frame": case.expect["frame"], "read": True}
            yield from _others(f"{case.id}/read", case.rules, given, case.given)


def _accepted(case: Case) -> Case:
    """The question whether a verifier accepts the signed request of ``case``.

    The headers that the signer adds are taken from the expected canonical request.
    """
    method, url, headers, body = case.request
    headers = tuple(pair for pair in headers if pair[0].lower() not in EARLIER_SIGNATURE)
    names = names_of(headers)
    lines = case.expect["canonical_request"].split("\n")[3:-3]
    added: list[tuple[str, str | bytes]] = []
    for line in lines:
        name, _, value = line.partition(":")
        if name not in names:
            added.append((name, value))
    token = case.credentials.session_token
    if case.kind == Kind.HEADER:
        if token and not case.dialect.sign_token:
            added.append((case.credentials.token_name, token))
        added.append(("Authorization", case.expect["authorization"]))
    else:
        url = case.expect["url"]
    request = Request(method, cut_url(url)[2], [*headers, *added], body)
    return Case(
        f"{case.id}/verify", case.rules, Kind.ACCEPTED, request, case.credentials, case.service, case.region,
        case.algorithm, case.dialect, case.at, None, {}, "", {**case.given, "now": case.given["at"]},
    )  # fmt: skip


def _others(
    id: str, rules: tuple[str, ...], given: Mapping[str, Any], expect: Mapping[str, Any]
) -> Iterator[Case]:
    """A chunked body, an event stream, a frame, a form, a key or a 4A signature to check."""
    kind = _kind(given, expect)
    if kind is None:
        return
    dialect, request = DEFAULT, Request("", "")
    if "request" in given:
        asked = given["request"]
        headers = [(name, value) for name, value in asked["headers"]]
        request = Request(asked["method"], asked["url"], headers)
        dialect = EVENT_STREAM if kind == Kind.EVENTS else dialect_of(given["service"])
    if kind == Kind.FRAME and "frame" in given:
        given, expect = expect, given
    elif kind == Kind.FRAME:  # a published event, its payload as text
        given = {**given, "payload": given["payload"].encode("utf-8").hex()}
    region_set = given.get("region_set") or ""
    region = "" if region_set else given.get("region") or "us-east-1"
    algorithm = V4A if region_set or "x" in expect else V4
    yield Case(
        id, rules, kind, request, _credentials(given), given.get("service") or "s3", region, algorithm,
        dialect, parse_timestamp(given.get("at") or _CHUNK_TIME), None, expect, region_set,
        {"payload": expect.get("payload"), **given} if "chunk_size" in given else given,
    )  # fmt: skip


def _kind(given: Mapping[str, Any], expect: Mapping[str, Any]) -> str | None:
    if "chunk_size" in given:
        return Kind.UNSIGNABLE if "error" in expect else Kind.STREAM
    if "body" in given:
        return Kind.DECODE
    if "events" in given:
        return Kind.EVENTS if "request" in given else None
    if "policy" in given:
        return Kind.UNSIGNABLE if "error" in expect else Kind.FORM
    if "valid" in expect:
        return Kind.CHECK
    if "frame" in given or "frame" in expect:
        single = "error" not in expect and ("headers" in expect or "headers" in given)
        return Kind.FRAME if single and "read" not in given else Kind.READ_FRAME
    return Kind.KEY if "secret_access_key" in given else None


def _credentials(given: Mapping[str, Any]) -> Credentials:
    if "secret_access_key" not in given:
        return Credentials(*(_CHUNK_KEY if "body" in given else _NO_KEY))
    id = given.get("access_key_id") or _NO_KEY[0]
    token_name = given.get("token_name", SECURITY_TOKEN)
    return Credentials(id, given["secret_access_key"], given.get("session_token"), None, token_name)


def _body(given: Any) -> bytes:
    if given is None:
        return b""
    return base64.b64decode(given["base64"]) if isinstance(given, dict) else str(given).encode("utf-8")


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
        payload_literals=frozenset((UNSIGNED_PAYLOAD.line,)),
        sign_token=not context.get("omit_session_token", False),
    )
    request = Request.parse(files["request.txt"], unfold=True)
    rules = (next((rule for part, rule in _SUITE_RULES if part in name), "CR-FORMAT"),)
    cases = []
    for kind, expires in ((Kind.HEADER, None), (Kind.QUERY, int(context.get("expiration_in_seconds", 3600)))):
        expect = _suite_answer(name, kind, files)
        if not expect.keys() & {"signature", "public_key"}:
            continue
        is_4a = "public_key" in expect
        if kind == Kind.QUERY:
            kept = without(request.headers, "x-amz-date")
            request = Request(request.method, request.url, kept, request.body)
        cases.append(
            Case(
                f"{name}/{kind}", rules, kind, request, credentials, service, "" if is_4a else region,
                V4A if is_4a else V4, dialect, at, expires, expect, region if is_4a else "", {}, True,
            )
        )  # fmt: skip
    return cases


def _suite_answer(name: str, kind: str, files: Mapping[str, bytes]) -> dict[str, Any]:
    """The texts of the right signature; for 4A also the public key, since its signatures are random."""
    expect: dict[str, Any] = {}
    for stage in ("canonical_request", "string_to_sign", "signature"):
        text = files.get(f"{kind}-{stage.replace('_', '-')}.txt")
        if text is not None:
            expect[stage] = text.decode("utf-8").rstrip("\n")
    if "public-key.json" in files:
        public = parse_json(files["public-key.json"], f"{name}/public-key.json")
        expect["public_key"] = {"x": public["X"], "y": public["Y"]}
    return expect
