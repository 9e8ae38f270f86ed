"""The exact refusals of the verifier, which are the same in all of its methods."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sigv4 import (
    S3,
    UNSIGNED_PAYLOAD,
    V4,
    V4A,
    Claim,
    Credentials,
    MemoryReplayStore,
    Payload,
    Signer,
    SigningError,
    VerificationError,
    Verifier,
    v4,
)
from sigv4.error_responses import expanded
from sigv4.scope import Scope
from tests.sigv4.signed import (
    BODY,
    CREDENTIALS,
    HEADERS,
    KEY_ID,
    MISMATCH,
    NOW,
    SECRET,
    TEMPORARY,
    URL,
    fields,
    refusal,
    sign,
    verifier,
)

Request = tuple[str, str, Any, bytes]


def verify(checker: Verifier, request: Request) -> Any:
    return checker.verify(*request)


def averify(checker: Verifier, request: Request) -> Any:
    return asyncio.run(checker.averify(*request))


ENTRANCES = pytest.mark.parametrize("enter", [verify, averify])


def accepted(enter: Callable[[Verifier, Request], Any], checker: Verifier, request: Request) -> bool:
    try:
        enter(checker, request)
    except VerificationError:
        return False
    return True


def signed_as(names: str, lines: dict[str, str], payload: str = "UNSIGNED-PAYLOAD") -> dict[str, str]:
    """A GET of ``/`` for S3 that is signed with exactly these names, in this order."""
    scope = Scope("20150830", "us-east-1", "s3")
    lines = {"host": "h", "x-amz-date": "20150830T123600Z", "x-amz-content-sha256": payload, **lines}
    block = "".join(f"{name}:{lines.get(name, '')}\n" for name in names.split(";"))
    canonical = f"GET\n/\n\n{block}\n{names}\n{payload}"
    text = v4.string_to_sign("20150830T123600Z", str(scope), canonical.encode("latin-1"))
    signature = v4.sign(v4.signing_key(SECRET, scope), text)
    return lines | {
        "authorization": f"{V4} Credential={KEY_ID}/{scope}, SignedHeaders={names}, Signature={signature}"
    }


def of_s3(**options: Any) -> Verifier:
    return Verifier("s3", "us-east-1", lambda claim: CREDENTIALS, clock=lambda: NOW, **options)


@pytest.mark.parametrize(
    ("names", "right"),
    [
        ("host;x-amz-content-sha256;x-amz-date", True),
        ("!a;0-a;host;x-amz-content-sha256;x-amz-date", True),
        ("host;host;x-amz-content-sha256;x-amz-date", False),
        (";host;x-amz-content-sha256;x-amz-date", False),
        ("x-amz-content-sha256;host;x-amz-date", False),
        ("host;x-amz-content-sha256;x-amz-date;z-gone", False),
    ],
)
@ENTRANCES
def test_cr_hdr_1_signed_headers_are_sorted_and_unique(
    enter: Callable[[Verifier, Request], Any], names: str, right: bool
) -> None:
    """The signature is right for exactly these names, so only the check of the names can refuse it."""
    headers = signed_as(names, {"!a": "1", "0-a": "2"})
    assert accepted(enter, of_s3(), ("GET", "/", headers, b"")) is right


@ENTRANCES
def test_strict_checks_target_and_headers_as_received(enter: Callable[[Verifier, Request], Any]) -> None:
    for strict in (False, True):
        checker = verifier(strict=strict)
        headers = Signer("sagemaker", "us-east-1", CREDENTIALS).sign("POST", f"{URL}b", HEADERS, BODY, at=NOW)
        assert accepted(enter, checker, ("POST", "/b", list(headers.items()), BODY))
        assert accepted(enter, checker, ("POST", "/a/../b", list(headers.items()), BODY)) is not strict
        padded = [(name, f" {value}") for name, value in headers.items()]
        assert accepted(enter, checker, ("POST", "/b", padded, BODY)) is not strict


@ENTRANCES
def test_headers_come_as_a_mapping_or_as_pairs(enter: Callable[[Verifier, Request], Any]) -> None:
    for headers in (sign(), list(sign().items()), tuple(sign().items()), iter(sign().items())):
        assert accepted(enter, verifier(), ("POST", "/", headers, BODY))


@ENTRANCES
def test_a_replay_store_is_used_only_for_header_signatures(enter: Callable[[Verifier, Request], Any]) -> None:
    checker = verifier(replay=MemoryReplayStore(10, clock=lambda: NOW))
    url = Signer("sagemaker", "us-east-1", CREDENTIALS).presign("GET", URL, expires=60, at=NOW)
    presigned = ("GET", "/?" + url.partition("?")[2], [("Host", URL.split("/")[2])], b"")
    request = ("POST", "/", sign(), BODY)
    assert [accepted(enter, checker, presigned) for _ in range(2)] == [True, True]
    assert [accepted(enter, checker, request) for _ in range(2)] == [True, False]


@ENTRANCES
def test_the_same_request_of_two_callers_is_two_requests(enter: Callable[[Verifier, Request], Any]) -> None:
    """The string to sign does not contain the access key id, so the store's key must."""
    on_file = {id: Credentials(id, SECRET) for id in ("AKIDONE", "AKIDTWO")}

    def lookup(claim: Claim) -> Credentials | None:
        return on_file.get(claim.access_key_id)

    store = MemoryReplayStore(10, clock=lambda: NOW)
    checker = Verifier("sagemaker", "us-east-1", lookup, clock=lambda: NOW, replay=store)
    for credentials in on_file.values():
        assert accepted(enter, checker, ("POST", "/", sign(credentials), BODY))
        assert not accepted(enter, checker, ("POST", "/", sign(credentials), BODY))


def test_the_repr_of_a_verifier_shows_its_settings() -> None:
    assert repr(verifier()) == "Verifier('sagemaker', 'us-east-1', dialect='event stream', strict=False)"
    assert repr(of_s3(strict=True)) == "Verifier('s3', 'us-east-1', dialect='s3', strict=True)"


def test_a_verifier_may_accept_only_one_algorithm() -> None:
    assert verifier(algorithms=V4).algorithms == (V4,)
    assert verifier(algorithms=[V4, V4A]).algorithms == (V4, V4A)


def test_names_that_a_scope_cannot_contain_are_named() -> None:
    for service, region, words in (
        ("", "us-east-1", "the service is ''"),
        ("s 3", "us-east-1", "the service is 's 3'"),
        ("s3", "", "the region is ''"),
        ("s3", "us/east", "the region is 'us/east'"),
    ):
        with pytest.raises(SigningError, match=words):
            Verifier(service, region, lambda claim: None)


def test_verify_8_a_required_header() -> None:
    checker = verifier(required_headers=["X-Caller"])
    assert fields(refusal(checker, sign())) == (
        "VERIFY-8",
        "SignatureDoesNotMatch",
        403,
        "'x-caller' must be a 'SignedHeader' in the AWS Authorization.",
    )


def test_verify_12_a_4a_credential_has_four_parts() -> None:
    credential = f"{KEY_ID}/20150830/us-east-1/sagemaker/aws4_request"
    headers = {
        "Host": URL.split("/")[2],
        "X-Amz-Date": "20150830T123600Z",
        "X-Amz-Region-Set": "*",
        "Authorization": f"{V4A} Credential={credential}, SignedHeaders=host;x-amz-date;x-amz-region-set, "
        "Signature=30",
    }
    assert fields(refusal(verifier(algorithms=(V4A,)), headers)) == (
        "VERIFY-12",
        "IncompleteSignature",
        400,
        "Credential must have exactly 4 slash-delimited elements, e.g. keyid/date/service/term, "
        f"got '{credential}'",
    )


def test_verify_13_all_that_is_wrong_with_a_scope_is_named() -> None:
    headers = sign()
    headers["Authorization"] = str(headers["Authorization"]).replace(
        "20150830/us-east-1/sagemaker/aws4_request", "20150829/eu-west-1/iam/aws4"
    )
    assert fields(refusal(verifier(), headers)) == (
        "VERIFY-13",
        "SignatureDoesNotMatch",
        403,
        "Credential should be scoped to a valid region, not 'eu-west-1'. "
        "Credential should be scoped to correct service: 'sagemaker'. "
        "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws4'. "
        "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
        "'20150829' != '20150830', from '20150830T123600Z'. ",
    )


def test_verify_14_credentials_of_another_access_key_are_refused() -> None:
    other = verifier(Credentials("AKIDOTHER", SECRET))
    assert fields(refusal(other, sign())) == (
        "VERIFY-14",
        "InvalidClientTokenId",
        403,
        "The security token included in the request is invalid.",
    )


def test_the_error_says_what_a_lookup_must_return() -> None:
    wrong: Any = "secret"
    with pytest.raises(SigningError) as caught:
        verifier(wrong).verify("POST", "/", sign(), BODY)
    assert str(caught.value) == (
        "lookup returned str for AWS4-HMAC-SHA256: expected Credentials, a key of that algorithm or None; a "
        "lookup that is awaited needs averify"
    )


def test_verify_15_a_payload_of_another_kind_is_a_mismatch() -> None:
    body = Payload("STREAMING-AWS4-HMAC-SHA256-PAYLOAD")
    streamed = dict(Signer("s3", "us-east-1", CREDENTIALS).sign("POST", URL, (), body, at=NOW))
    mismatch = ("VERIFY-15", "SignatureDoesNotMatch", 403, MISMATCH)
    assert fields(refusal(of_s3(), streamed)) == mismatch
    s3 = Signer("s3", "us-east-1", CREDENTIALS)
    with pytest.raises(VerificationError) as caught:
        of_s3().verify_stream("POST", "/", s3.sign("POST", URL, (), BODY, at=NOW))
    assert fields(caught.value) == mismatch
    literal = S3.replace(payload_literals=frozenset())
    unsigned = dict(s3.sign("POST", URL, (), UNSIGNED_PAYLOAD, at=NOW))
    found = refusal(of_s3(dialect=literal.replace(unsigned_payload=True)), unsigned)
    assert fields(found) == mismatch
    with pytest.raises(VerificationError) as caught:
        of_s3(dialect=literal).verify_stream("POST", "/", streamed)
    assert fields(caught.value) == mismatch


@pytest.mark.parametrize("presigned", [False, True])
def test_verify_15_unsigned_bodies_may_be_refused(presigned: bool) -> None:
    s3 = Signer("s3", "us-east-1", CREDENTIALS)
    target, headers = "/", dict(s3.sign("POST", URL, (), UNSIGNED_PAYLOAD, at=NOW))
    if presigned:
        url = s3.presign("POST", URL, expires=60, at=NOW)
        target, headers = "/?" + url.partition("?")[2], {"Host": URL.split("/")[2]}
    assert of_s3().verify("POST", target, headers, BODY).payload == "UNSIGNED-PAYLOAD"
    assert fields(refusal(of_s3(unsigned_payloads=False), headers, url=target)) == (
        "VERIFY-15",
        "AccessDenied",
        403,
        "The request body is unsigned: its SHA-256 must be signed as 'x-amz-content-sha256'.",
    )


def test_a_replay_has_its_own_text() -> None:
    checker = verifier(replay=MemoryReplayStore(10, clock=lambda: NOW))
    headers = sign()
    checker.verify("POST", "/", headers, BODY)
    assert fields(refusal(checker, headers)) == (
        "REPLAY",
        "RequestReplayed",
        403,
        "This request was received before: sign it again to repeat it.",
    )


def test_a_store_that_answers_later_is_named() -> None:
    class Answer:
        def __await__(self) -> Iterator[bool]:
            return iter([True])

    class Later:
        def first_use(self, key: bytes, until: float) -> Any:
            return Answer()

    with pytest.raises(SigningError) as caught:
        verifier(replay=Later()).verify("POST", "/", sign(), BODY)
    assert str(caught.value) == "the replay store returned an awaitable: use averify with it"


def test_verify_17_the_expanded_text_shows_binary_bytes() -> None:
    headers = dict(signed_as("host;x-a;x-amz-content-sha256;x-amz-date", {"x-a": "\xff"}))
    sent = [(name, value.encode("latin-1")) for name, value in headers.items()]
    sent[-1] = ("authorization", sent[-1][1][:-2] + b"00")
    canonical = (
        "GET\n/\n\nhost:h\nx-a:\\xff\nx-amz-content-sha256:UNSIGNED-PAYLOAD\nx-amz-date:20150830T123600Z\n\n"
        "host;x-a;x-amz-content-sha256;x-amz-date\nUNSIGNED-PAYLOAD"
    )
    error = refusal(of_s3(expanded=True), sent, method="GET", body=b"")
    raw = canonical.replace("\\xff", "\xff").encode("latin-1")
    text = v4.string_to_sign("20150830T123600Z", "20150830/us-east-1/s3/aws4_request", raw)
    assert error.message == expanded(MISMATCH, canonical, text)


def test_a_temporary_key_needs_its_own_token() -> None:
    for on_file, sent in ((TEMPORARY, CREDENTIALS), (CREDENTIALS, TEMPORARY)):
        assert fields(refusal(verifier(on_file), sign(sent))) == (
            "VERIFY-14",
            "InvalidClientTokenId",
            403,
            "The security token included in the request is invalid",
        )
