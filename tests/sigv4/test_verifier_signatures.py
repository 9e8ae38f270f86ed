"""VERIFY-14, VERIFY-15, PAYLOAD-*: credentials, signature and payload."""

from __future__ import annotations

from typing import Any

import pytest

from sigv4 import (
    S3,
    UNSIGNED_PAYLOAD,
    Credentials,
    Verifier,
)
from tests.sigv4.signed import (
    BODY,
    CREDENTIALS,
    INVALID,
    KEY_ID,
    MISMATCH,
    NOW,
    SECRET,
    TEMPORARY,
    TOKEN,
    fields,
    refusal,
    sign,
    verifier,
    with_authorization,
)


def test_verify_14_an_unknown_access_key_id() -> None:
    message = "The security token included in the request is invalid."
    assert fields(refusal(verifier(None), sign())) == (*INVALID, message)


NOT_INTACT = (*INVALID, "The security token included in the request is invalid")


def test_verify_14_a_missing_token() -> None:
    assert fields(refusal(verifier(TEMPORARY), sign())) == NOT_INTACT


def test_verify_14_a_swapped_token() -> None:
    other = Credentials(KEY_ID, SECRET, TOKEN + "x")
    assert fields(refusal(verifier(TEMPORARY), sign(other))) == NOT_INTACT


def test_verify_14_a_token_if_the_credentials_have_none() -> None:
    assert fields(refusal(verifier(CREDENTIALS), sign(TEMPORARY))) == NOT_INTACT


def test_verify_14_an_empty_token_does_not_count() -> None:
    headers = with_authorization("x-amz-date;", "x-amz-date;x-amz-security-token;")
    assert fields(refusal(verifier(), {**headers, "X-Amz-Security-Token": ""})) == NOT_INTACT


def test_verify_14_an_unsigned_token() -> None:
    error = refusal(verifier(TEMPORARY), {**sign(), "X-Amz-Security-Token": TOKEN})
    message = "'x-amz-security-token' must be a 'SignedHeader' in the AWS Authorization."
    assert fields(error) == ("VERIFY-8", "SignatureDoesNotMatch", 403, message)


@pytest.mark.parametrize(
    ("expires_at", "expired"), [(NOW, True), (NOW - 1, True), (NOW + 1, False), (None, False)]
)
def test_verify_14_an_expired_token(expires_at: float | None, expired: bool) -> None:
    checker = verifier(Credentials(KEY_ID, SECRET, TOKEN, expires_at))
    if not expired:
        assert checker.verify("POST", "/", sign(TEMPORARY), BODY).access_key_id == KEY_ID
        return
    message = "The security token included in the request is expired"
    assert fields(refusal(checker, sign(TEMPORARY))) == ("VERIFY-14", "ExpiredToken", 403, message)


@pytest.mark.parametrize(
    "change",
    [{"body": b"{} "}, {"url": "/a"}, {"url": "/?a"}, {"method": "PUT"}],
)
def test_verify_15_a_changed_request_is_a_mismatch(change: dict[str, Any]) -> None:
    error = refusal(verifier(), sign(), **change)
    assert fields(error) == ("VERIFY-15", "SignatureDoesNotMatch", 403, MISMATCH)


def test_verify_15_a_wrong_secret_is_a_mismatch() -> None:
    error = refusal(verifier(Credentials(KEY_ID, SECRET[:-1])), sign())
    assert fields(error) == ("VERIFY-15", "SignatureDoesNotMatch", 403, MISMATCH)


def s3_verifier(**options: Any) -> Verifier:
    return Verifier("s3", "us-east-1", lambda claim: CREDENTIALS, clock=lambda: NOW, **options)


def test_payload_5_with_the_unsigned_literal_any_body_is_accepted() -> None:
    headers = sign(service="s3", url="https://b.s3.amazonaws.com/", headers={}, body=UNSIGNED_PAYLOAD)
    for body in (b"", b"anything"):
        assert s3_verifier().verify("POST", "/", headers, body).payload == "UNSIGNED-PAYLOAD"


def test_payload_5_the_literal_is_refused_where_the_dialect_does_not_accept_it() -> None:
    taking = S3.replace(content_sha256=False)
    headers = sign(headers={"X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD"}, body=BODY, dialect=taking)
    assert verifier(dialect=taking).verify("POST", "/", headers, BODY).payload == "UNSIGNED-PAYLOAD"
    error = refusal(verifier(), headers)
    assert fields(error) == ("VERIFY-15", "SignatureDoesNotMatch", 403, MISMATCH)


@pytest.mark.parametrize(
    "literal", sorted(line for line in S3.payload_literals if line.startswith("STREAMING"))
)
def test_payload_3_a_streaming_literal_is_refused_without_a_decoder(literal: str) -> None:
    headers = sign(
        service="s3", url="https://b.s3.amazonaws.com/", headers={"X-Amz-Content-SHA256": literal}, body=None
    )
    assert refusal(s3_verifier(), headers).code == "SignatureDoesNotMatch"


def test_payload_2_s3_compares_the_declared_hash_with_the_body() -> None:
    headers = sign(service="s3", url="https://b.s3.amazonaws.com/", headers={})
    error = refusal(s3_verifier(), headers, body=b"other")
    assert (error.stage, error.code, error.status) == ("VERIFY-15", "XAmzContentSHA256Mismatch", 400)
    assert error.message == "The provided 'x-amz-content-sha256' header does not match what was computed."


def test_payload_4_s3_requires_the_header() -> None:
    headers = sign(
        service="s3", url="https://b.s3.amazonaws.com/", headers={}, dialect=S3.replace(content_sha256=False)
    )
    error = refusal(s3_verifier(), headers)
    assert fields(error) == (
        "VERIFY-15",
        "InvalidRequest",
        400,
        "Missing required header for this request: x-amz-content-sha256",
    )
