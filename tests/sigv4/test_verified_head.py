"""A request in two steps: everything that needs no body first, then its body."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Any

import pytest

from sigv4 import MemoryReplayStore, Payload, Signer, VerificationError, Verifier
from sigv4.verified_head import VerifiedHead

from .signed import BODY, CREDENTIALS, NOW, sign


def verifier(service: str = "sagemaker", **options: Any) -> Verifier:
    return Verifier(service, "us-east-1", lambda claim: CREDENTIALS, clock=lambda: NOW, **options)


def heads(checker: Verifier, method: str, url: str, headers: Any) -> list[VerifiedHead]:
    async def later() -> VerifiedHead:
        return await checker.averify_head(method, url, headers)

    return [checker.verify_head(method, url, headers), asyncio.run(later())]


def s3_headers(body: Any) -> dict[str, Any]:
    return dict(
        Signer("s3", "us-east-1", CREDENTIALS).sign("PUT", "https://b.s3.amazonaws.com/k", (), body, at=NOW)
    )


def test_a_declared_hash_lets_the_signature_be_verified_before_the_body() -> None:
    headers = s3_headers(BODY)
    for head in heads(verifier("s3"), "PUT", "/k", headers):
        assert head.payload == headers["X-Amz-Content-SHA256"]
        assert head.verify_body(BODY).access_key_id == head.claim.access_key_id
        assert asyncio.run(head.averify_body(BODY)) == verifier("s3").verify("PUT", "/k", headers, BODY)
        for check in (head.verify_body, lambda body, head=head: asyncio.run(head.averify_body(body))):
            with pytest.raises(VerificationError) as caught:
                check(b"other")
            assert caught.value.code == "XAmzContentSHA256Mismatch"
    wrong = {**headers, "Authorization": headers["Authorization"][:-1] + "x"}
    with pytest.raises(VerificationError) as caught:
        verifier("s3").verify_head("PUT", "/k", wrong)
    assert caught.value.code == "SignatureDoesNotMatch"
    with pytest.raises(VerificationError):
        asyncio.run(verifier("s3").averify_head("PUT", "/k", wrong))


def test_without_a_declared_hash_all_else_is_checked_first() -> None:
    for head in heads(verifier(), "POST", "/", sign()):
        assert head.payload is None
        assert "payload=None" in repr(head)
        with pytest.raises(VerificationError) as caught:
            head.verify_body(b"other")
        assert caught.value.stage == "VERIFY-15"
        assert head.verify_body(BODY).payload == hashlib.sha256(BODY).hexdigest()
    for unsigned in ({"Host": "x"}, {}, {**sign(), "X-Amz-Date": "20150830T000000Z"}):
        with pytest.raises(VerificationError):
            verifier().verify_head("POST", "/", unsigned)


def test_an_unsigned_payload_and_a_presigned_url_are_verified_at_once() -> None:
    headers = s3_headers(Payload("UNSIGNED-PAYLOAD"))
    for head in heads(verifier("s3"), "PUT", "/k", headers):
        assert head.payload == "UNSIGNED-PAYLOAD"
        assert head.verify_body(b"whatever comes").payload == "UNSIGNED-PAYLOAD"


def test_the_replay_store_is_asked_once_the_body_is_right() -> None:
    store = MemoryReplayStore(10, clock=lambda: NOW)
    checker = verifier("s3", replay=store)
    head = checker.verify_head("PUT", "/k", s3_headers(BODY))
    with pytest.raises(VerificationError):
        head.verify_body(b"other")
    assert len(store) == 0
    head.verify_body(BODY)
    for check in (head.verify_body, lambda body: asyncio.run(head.averify_body(body))):
        with pytest.raises(VerificationError, match="received before"):
            check(BODY)
