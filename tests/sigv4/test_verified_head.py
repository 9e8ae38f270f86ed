"""Verifies a request in two steps: first everything that needs no body, then the body."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Any

import pytest

from sigv4 import MemoryReplayStore, Payload, Signer, SigningError, VerificationError, Verifier
from sigv4.verified_head import VerifiedHead

from .signed import BODY, CREDENTIALS, NOW, URL, fields, sign


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


def test_without_a_declared_hash_everything_else_is_checked_first() -> None:
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


def test_replay_needs_the_body_to_be_checked_before() -> None:
    checker = verifier(replay=MemoryReplayStore(10, clock=lambda: NOW))
    head = checker.verify_head("POST", "/", sign())
    for check in (head.check_first_use, lambda: asyncio.run(head.acheck_first_use())):
        with pytest.raises(SigningError) as caught:
            check()
        assert str(caught.value) == (
            "the body was not checked yet: call verify_body, which asks the replay store"
        )


def test_replay_a_request_that_expires_before_its_body_has_arrived_is_refused() -> None:
    now = [float(NOW)]
    checker = Verifier(
        "sagemaker",
        "us-east-1",
        lambda claim: CREDENTIALS,
        clock=lambda: now[0],
        replay=MemoryReplayStore(10, clock=lambda: now[0]),
    )
    head = checker.verify_head("POST", "/", sign())
    now[0] = NOW + 301  # the window of 300 seconds, and the second itself
    with pytest.raises(VerificationError) as caught:
        head.verify_body(BODY)
    message = "Signature expired: it expired before the whole request had arrived"
    assert fields(caught.value) == ("VERIFY-10", "SignatureDoesNotMatch", 403, message)
    now[0] = NOW + 300.999
    assert head.verify_body(BODY).access_key_id == head.claim.access_key_id


class Answer:
    """What a store that must be awaited returns."""

    def __await__(self) -> Any:
        yield


class ClosedAnswer(Answer):
    is_closed = False

    def close(self) -> None:
        self.is_closed = True


@pytest.mark.parametrize("kind", [Answer, ClosedAnswer])
def test_replay_an_answer_that_must_be_awaited_is_closed_and_named(kind: type[Answer]) -> None:
    answer = kind()

    class Store:
        def first_use(self, key: bytes, until: float) -> Any:
            return answer

    with pytest.raises(SigningError, match="the replay store returned an awaitable: use averify with it"):
        verifier(replay=Store()).verify("POST", "/", sign(), BODY)
    assert getattr(answer, "is_closed", True)


def test_a_head_says_whether_it_arrived_in_canonical_form() -> None:
    for target, canonical in (("/", True), ("/a%20b", True), ("/a//b", False), ("/%7E", False)):
        head = verifier().verify_head("POST", target, sign(url=URL[:-1] + target))
        assert head.is_canonical(target) is canonical
    padded = verifier().verify_head("POST", "/", sign(headers={"X-Amz-Meta-A": "a  b"}))
    assert not padded.is_canonical("/")
    in_s3 = verifier("s3").verify_head("PUT", "/k", s3_headers(BODY))
    assert in_s3.is_canonical("/a//b"), "S3 does not normalise paths"


def test_before_the_body_is_checked_the_payload_is_not_known() -> None:
    head = verifier().verify_head("POST", "/", sign())
    assert head.verified().payload == ""
    assert head.verify_body(BODY).payload != ""
