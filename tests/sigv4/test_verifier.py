"""VERIFY-*: the result for a right request, and refusals with AWS's code, status and text."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from sigv4 import (
    S3,
    Claim,
    Credentials,
    Signer,
    SigningError,
    SigningKey,
    VerificationError,
    Verifier,
)
from sigv4.error_responses import json_answer
from sigv4.scope import Scope, format_timestamp
from sigv4.v4 import derive, signing_key
from tests.sigv4.signed import (
    BODY,
    CREDENTIALS,
    HEADERS,
    INVALID,
    KEY_ID,
    MISMATCH,
    NOW,
    SECRET,
    TEMPORARY,
    TOKEN,
    URL,
    fields,
    refusal,
    sign,
    verifier,
    with_credential,
    without,
)

SCOPE = Scope("20150830", "us-east-1", "sagemaker")


# --- accepted requests


def test_a_signed_request_is_verified_and_says_what_it_proves() -> None:
    verified = verifier().verify("POST", "/", sign().items(), BODY)
    assert verified.access_key_id == KEY_ID
    assert verified.scope == SCOPE
    assert verified.timestamp == NOW
    assert verified.signed_headers == ("content-type", "host", "x-amz-date", "x-amz-target")
    assert verified.payload == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"


@pytest.mark.parametrize("url", ["/", URL])
def test_the_url_is_a_target_or_absolute(url: str) -> None:
    assert verifier().verify("POST", url, sign(), BODY).access_key_id == KEY_ID


def test_the_host_of_an_absolute_url_is_used_and_must_equal_the_host_header() -> None:
    assert verifier().verify("POST", URL, without("Host"), BODY).access_key_id == KEY_ID
    error = refusal(verifier(), sign(), url="https://other.example/")
    assert fields(error) == ("VERIFY-1", "BadRequest", 400, "")


@pytest.mark.parametrize("second", ["h.example", "other.example", ""])
def test_verify_1_more_than_one_host_header(second: str) -> None:
    pairs = [*sign().items(), ("host", second)]
    assert fields(refusal(verifier(), pairs)) == ("VERIFY-1", "BadRequest", 400, "")


def _answer(checker: Verifier, url: str, headers: Any) -> tuple[object, ...]:
    try:
        return repr(checker.verify("POST", url, headers, BODY)), ""
    except VerificationError as error:
        return fields(error)


def test_what_a_verifier_keeps_of_one_request_changes_no_answer_to_the_next() -> None:
    """The verifier remembers header names, Credential and keys of the last requests; later requests may share some of them."""
    signed = {**sign()}
    authorization = str(signed["Authorization"])
    others = (
        ("20150830/us-east-1", "20150829/us-east-1"),
        ("20150830/us-east-1", "20150830/eu-west-1"),
        (KEY_ID, "AKIDOTHER"),
        (KEY_ID, "k/k"),
        (KEY_ID, "k" * 129),
        ("content-type;host", "host;content-type"),
        ("content-type;host", "content-type;content-type;host"),
        ("content-type;host", "content-md5;content-type;host"),
        (";x-amz-target", ""),
        ("Signature=", "Signature=0"),
    )
    requests: list[tuple[str, Any]] = [
        ("/", signed),
        ("/", {name.lower(): value for name, value in signed.items()}),
        ("/", [*signed.items(), ("X-Amz-Meta", "unsigned")]),
        ("/", [*signed.items(), ("User-Agent", "unsigned")]),
        ("/", sign(TEMPORARY)),
        ("/", {**sign(TEMPORARY), "X-Amz-Security-Token": "another"}),
        ("/", sign(Credentials(KEY_ID, "another" * 6))),
        ("/", sign(at=NOW - 86400)),
        ("/", without("X-Amz-Date")),
        (URL, without("Host")),
        *(("/", {**signed, "Authorization": authorization.replace(*change)}) for change in others),
    ]

    for on_file, strict in ((CREDENTIALS, False), (TEMPORARY, False), (CREDENTIALS, True)):
        fresh = partial(verifier, on_file, strict=strict)
        expected = [_answer(fresh(), url, headers) for url, headers in requests]
        assert len({answer[0] for answer in expected}) > 5
        for first, headers in requests:
            kept = fresh()
            _answer(kept, first, headers)
            assert [_answer(kept, *request) for request in requests] == expected
            assert [_answer(kept, *request) for request in reversed(requests)] == expected[::-1]


def test_lookup_gets_the_claim() -> None:
    claims: list[Claim] = []

    def lookup(claim: Claim) -> Credentials:
        claims.append(claim)
        return TEMPORARY

    Verifier("sagemaker", "us-east-1", lookup, clock=lambda: NOW).verify("POST", "/", sign(TEMPORARY), BODY)
    assert claims == [Claim(KEY_ID, TOKEN, SCOPE)]


def test_lookup_may_return_the_signing_key() -> None:
    assert verifier(signing_key(SECRET, SCOPE)).verify("POST", "/", sign(), BODY).access_key_id == KEY_ID
    raw = SigningKey.from_bytes(derive(SECRET, SCOPE)[-1], SCOPE)
    assert verifier(raw).verify("POST", "/", sign(), BODY).access_key_id == KEY_ID


def test_a_signing_key_of_another_scope_verifies_nothing() -> None:
    # The right key bytes under a wrong scope: only the comparison of scopes can refuse them.
    raw = SigningKey.from_bytes(derive(SECRET, SCOPE)[-1], Scope("20150829", "us-east-1", "sagemaker"))
    assert fields(refusal(verifier(raw), sign())) == ("VERIFY-15", "SignatureDoesNotMatch", 403, MISMATCH)


def test_errors_of_lookup_are_not_caught() -> None:
    def lookup(claim: Claim) -> None:
        raise LookupError("the store is down")

    with pytest.raises(LookupError, match="the store is down"):
        Verifier("sagemaker", "us-east-1", lookup, clock=lambda: NOW).verify("POST", "/", sign(), BODY)


@pytest.mark.parametrize("key_id", ["", "AKID=45", "ÄKID", "A" * 129])
def test_an_access_key_id_is_checked_before_any_lookup(key_id: str) -> None:
    def lookup(claim: Claim) -> None:
        pytest.fail(f"looked up {claim.access_key_id!r}")

    checker = Verifier("sagemaker", "us-east-1", lookup, clock=lambda: NOW)
    headers = with_credential(f"{key_id}/20150830/us-east-1/sagemaker/aws4_request")
    headers["Authorization"] = str(headers["Authorization"]).encode("latin-1")
    message = "The security token included in the request is invalid."
    assert fields(refusal(checker, headers)) == (*INVALID, message)


@pytest.mark.parametrize("key_id", ["c67W2-r4MAyAYScRl", "minio-root-user", "UserID-1", "a.b@c:d+%", "root_"])
def test_the_access_key_ids_of_s3_compatible_servers_are_signed_and_verified(key_id: str) -> None:
    keys = Credentials(key_id, SECRET)
    signer = Signer("s3", "us-east-1", keys)
    checker = Verifier("s3", "us-east-1", lambda claim: keys, clock=lambda: NOW, strict=True)
    url = "https://store.example/bucket/key"
    headers = signer.sign("GET", url, at=NOW)
    assert checker.verify("GET", "/bucket/key", headers).access_key_id == key_id
    presigned = signer.presign("GET", url, expires=60, at=NOW)
    target = presigned.removeprefix("https://store.example")
    assert checker.verify("GET", target, {"Host": "store.example"}).access_key_id == key_id


# --- VERIFY-1, 4, 5


@pytest.mark.parametrize(
    ("method", "url"),
    [
        ("PO ST", "/"),
        ("", "/"),
        ("POST", "/%"),
        ("POST", "/%4"),
        ("POST", "/%zz"),
        ("POST", "a"),
        ("POST", "*"),
        ("POST", "/a b"),
        ("POST", "/\x00"),
        ("POST", "/ü"),
        ("POST", "/#a"),
        ("POST", "/?a#"),
    ],
)
def test_verify_1_a_malformed_request_line_is_refused_without_a_text(method: str, url: str) -> None:
    error = refusal(verifier(), sign(), method=method, url=url)
    assert fields(error) == ("VERIFY-1", "BadRequest", 400, "")


@pytest.mark.parametrize("header", [("a b", "c"), ("", "c"), ("a", "b\nc"), ("a", b"\x00"), ("a", "ü")])
def test_verify_1_a_malformed_header_is_refused_without_a_text(header: tuple[str, str | bytes]) -> None:
    error = refusal(verifier(), [*sign().items(), header])
    assert fields(error) == ("VERIFY-1", "BadRequest", 400, "")


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("a=%", "Incomplete trailing escape % sequence"),
        ("a=%4", "Incomplete trailing escape % sequence"),
        ("a=%zz&b", "Illegal hex character in escape % pattern: %zz"),
        ("%4g=1", "Illegal hex character in escape % pattern: %4g"),
    ],
)
def test_verify_4_a_malformed_query_string(query: str, message: str) -> None:
    error = refusal(verifier(), sign(), url=f"/?{query}")
    assert fields(error) == ("VERIFY-4", "MalformedQueryString", 400, message)


def test_verify_5_no_authentication() -> None:
    expected = ("VERIFY-5", "MissingAuthenticationToken", 403, "Request is missing Authentication Token")
    assert fields(refusal(verifier(), without("Authorization"))) == expected
    assert fields(refusal(verifier(), [])) == expected


@pytest.mark.parametrize(
    "name", ["X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-Signatur%65"]
)
def test_verify_5_both_mechanisms_at_once(name: str) -> None:
    error = refusal(verifier(), sign(), url=f"/?{name}=x")
    assert fields(error) == ("VERIFY-5", "SignatureDoesNotMatch", 403, "")


def test_verify_5_other_query_parameters_do_not_count() -> None:
    headers = sign(url=f"{URL}?X-Amz-Meta=x")
    assert verifier().verify("POST", "/?X-Amz-Meta=x", headers, BODY).access_key_id == KEY_ID


# --- answers


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("SignatureDoesNotMatch", "InvalidSignatureException"),
        ("InvalidClientTokenId", "UnrecognizedClientException"),
        ("MissingAuthenticationToken", "MissingAuthenticationTokenException"),
        ("IncompleteSignature", "IncompleteSignatureException"),
        ("ExpiredToken", "ExpiredTokenException"),
        ("AccessDenied", "AccessDeniedException"),
    ],
)
def test_the_json_style_has_its_own_names_and_status_400(code: str, name: str) -> None:
    assert json_answer(VerificationError("VERIFY-15", code, "words", 403)) == (400, name, "words")


def test_signer_and_verifier_agree_across_midnight_and_leap_days() -> None:
    for at in (951782399, 951782400, 1709251199, 4102444799):
        headers = Signer("sagemaker", "us-east-1", CREDENTIALS).sign("POST", URL, HEADERS, BODY, at=at)
        assert headers["X-Amz-Date"] == format_timestamp(at)
        assert verifier(now=at).verify("POST", "/", headers, BODY).timestamp == at


def test_verify_17_the_servers_calculation_is_shown_only_if_that_is_requested() -> None:
    headers = sign()
    why = Signer("sagemaker", "us-east-1", CREDENTIALS).explain("POST", URL, HEADERS, b"other", at=NOW)
    error = refusal(verifier(expanded=True), headers, body=b"other")
    assert error.message == (
        f"{MISMATCH}\n\nThe Canonical String for this request should have been\n'{why.canonical_request}'\n\n"
        f"The String-to-Sign should have been\n'{why.string_to_sign}'\n"
    )
    assert why.signature not in error.message
    assert refusal(verifier(), headers, body=b"other").message == MISMATCH


def test_verify_2_and_3_any_method_and_content_type_is_left_to_the_application() -> None:
    """VERIFY-2, 3."""
    headers = Signer("sagemaker", "us-east-1", CREDENTIALS).sign(
        "BREW", URL, {"Content-Type": "x/y"}, BODY, at=NOW
    )
    assert verifier().verify("BREW", "/", headers, BODY).access_key_id == KEY_ID


def test_a_request_for_another_host_is_refused_with_that_host() -> None:
    headers = sign()
    for hosts in (
        ["api.sagemaker.us-east-1.amazonaws.com"],
        ["other", "API.sagemaker.us-east-1.amazonaws.com:443"],
    ):
        verifier(hosts=hosts).verify("POST", "/", headers, BODY)
    host = "h" * 70 + ".example.com"
    found = fields(refusal(verifier(hosts=["other"]), sign(url=f"https://{host}/")))
    said = f"The request is for the host '{host[:80]}', which is not one of this service's."
    assert found == ("HOST", "AccessDenied", 403, said)
    with pytest.raises(SigningError, match=r"hosts is 'h': expected several texts, such as \['h'\]"):
        verifier(hosts="h")


def test_the_region_is_compared_with_the_known_ones_unless_a_dialect_is_given() -> None:
    def lookup(claim: Claim) -> None:
        return None

    with pytest.raises(SigningError, match="us-east-1a"):
        Verifier("s3", "us-east-1a", lookup)
    assert Verifier("s3", "us-east-1a", lookup, dialect=S3).region == "us-east-1a"


@pytest.mark.parametrize("given", [5, b"ab", [1], ["a", None], "x" * 90])
@pytest.mark.parametrize(
    ("name", "example"),
    [("hosts", "['api.example.com']"), ("required_headers", "['content-type']"), ("algorithms", "['AWS4-HMAC-SHA256']")],
)  # fmt: skip
def test_several_texts_are_expected_with_an_example(name: str, example: str, given: Any) -> None:
    options: dict[str, Any] = {name: given}
    if name == "algorithms" and isinstance(given, str):
        return  # one algorithm may be given as a text
    with pytest.raises(SigningError) as caught:
        verifier(**options)
    shown = [given] if name == "hosts" and isinstance(given, str) else example
    assert str(caught.value) == f"{name} is {repr(given)[:80]}: expected several texts, such as {shown}"
