"""A verifier with a replay store: which requests it accepts only once, and for how long."""

from __future__ import annotations

from typing import Any

import pytest

from sigv4 import V4A, MemoryReplayStore, Signer, SigningError, VerificationError, Verifier, v4a
from sigv4.replay import StoreUnavailable, replay_key
from tests.sigv4.replayed import Client, verifier
from tests.sigv4.signed import BODY, CREDENTIALS, HEADERS, NOW, URL, sign

# The order of P-256 (FIPS 186-4 D.1.2.3).
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def test_the_verifier_accepts_a_request_once() -> None:
    checker = verifier(MemoryReplayStore(10, clock=lambda: NOW))
    headers = sign()
    checker.verify("POST", "/", headers, BODY)
    with pytest.raises(VerificationError) as caught:
        checker.verify("POST", "/", headers, BODY)
    assert (caught.value.stage, caught.value.code, caught.value.status) == ("REPLAY", "RequestReplayed", 403)
    checker.verify("POST", "/", sign(at=NOW + 1), BODY)


def test_a_wrong_signature_stores_no_key() -> None:
    store = MemoryReplayStore(10, clock=lambda: NOW)
    headers = sign()
    with pytest.raises(VerificationError):
        verifier(store).verify("POST", "/", headers, b"other")
    assert len(store) == 0
    verifier(store).verify("POST", "/", headers, BODY)


def test_a_presigned_url_may_be_used_again() -> None:
    store = MemoryReplayStore(10, clock=lambda: NOW)
    url = Signer("sagemaker", "us-east-1", CREDENTIALS).presign("GET", URL, expires=60, at=NOW)
    target = "/?" + url.partition("?")[2]
    for _ in range(2):
        verifier(store).verify("GET", target, {"Host": "api.sagemaker.us-east-1.amazonaws.com"})
    assert len(store) == 0


def test_a_key_is_kept_as_long_as_its_request_would_be_accepted() -> None:
    kept: list[float] = []

    class Store:
        def first_use(self, key: bytes, until: float) -> bool:
            kept.append(until)
            return len(key) == 32

    verifier(Store()).verify("POST", "/", sign(at=NOW - 100), BODY)
    verifier(Store(), window=30).verify("POST", "/", sign(at=NOW + 20), BODY)
    assert kept == [NOW - 100 + 301, NOW + 20 + 31]


def test_a_request_is_forgotten_only_once_it_is_too_old() -> None:
    now = [float(NOW)]
    store = MemoryReplayStore(10, clock=lambda: now[0])
    checker = verifier(store, clock=lambda: now[0])
    headers = sign()
    checker.verify("POST", "/", headers, BODY)
    for later in (0.5, 299.0, 300.0, 300.999):
        now[0] = NOW + later
        with pytest.raises(VerificationError) as caught:
            checker.verify("POST", "/", headers, BODY)
        assert caught.value.stage == "REPLAY"
    now[0] = NOW + 301.0
    with pytest.raises(VerificationError) as caught:
        checker.verify("POST", "/", headers, BODY)
    assert caught.value.stage == "VERIFY-10"


def test_v4a_the_second_form_of_a_signature_is_the_same_request() -> None:
    pytest.importorskip("cryptography", reason="cryptography is not installed (extra `sigv4a`)")
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

    headers = dict(
        Signer("sagemaker", "*", CREDENTIALS, algorithm=V4A).sign("POST", URL, HEADERS, BODY, at=NOW)
    )
    before, mark, signature = str(headers["Authorization"]).rpartition("Signature=")
    r, s = decode_dss_signature(bytes.fromhex(signature))
    mirror = headers | {"Authorization": before + mark + encode_dss_signature(r, N - s).hex()}
    key = v4a.key_of(CREDENTIALS, v4a.Scope("20150830", "sagemaker"))
    assert v4a.check(key, Signer("sagemaker", "*", CREDENTIALS, algorithm=V4A).explain("POST", URL, HEADERS, BODY, at=NOW).string_to_sign, mirror["Authorization"].rpartition("=")[2])  # fmt: skip
    checker = verifier(MemoryReplayStore(10, clock=lambda: NOW), algorithms=(V4A,))
    checker.verify("POST", "/", headers, BODY)
    with pytest.raises(VerificationError, match="received before"):
        checker.verify("POST", "/", mirror, BODY)


def test_the_key_separates_the_access_key_id_from_what_was_signed() -> None:
    assert replay_key("AKID", "x") != replay_key("AKI", "Dx")
    assert replay_key("A", "x") != replay_key("B", "x")


def test_the_replay_store_is_asked_only_after_the_body_was_checked() -> None:
    head = verifier(MemoryReplayStore(10, clock=lambda: NOW)).verify_head("POST", "/", sign())
    with pytest.raises(SigningError, match="verify_body"):
        head.check_first_use()


def test_a_full_store_is_answered_with_503(caplog: pytest.LogCaptureFixture) -> None:
    store = MemoryReplayStore(1, clock=lambda: NOW)
    checker = verifier(store)
    checker.verify("POST", "/", sign(), BODY)
    with pytest.raises(VerificationError) as caught:
        checker.verify("POST", "/", sign(at=NOW + 1), BODY)
    assert (caught.value.stage, caught.value.status) == ("REPLAY", 503)
    assert "AKID" not in caught.value.message
    big = MemoryReplayStore(1000, clock=lambda: 0)
    for number in range(1000):
        big.first_use(number.to_bytes(2, "big"), 1)
    assert [record.name for record in caplog.records] == ["sigv4.replay"]


@pytest.mark.parametrize("store", [5, "redis://h", object(), MemoryReplayStore, Client()])
def test_what_is_not_a_store_is_refused_before_the_first_request(store: Any) -> None:
    with pytest.raises(
        SigningError, match=r"replay is .*: expected an object with first_use, such as Memory"
    ):
        Verifier("lambda", "us-east-1", lambda claim: None, replay=store)
    secrets: Any = {}
    with pytest.raises(SigningError, match="lookup is dict: expected a function"):
        Verifier("lambda", "us-east-1", secrets)


def test_what_the_client_is_told_of_a_store_that_cannot_be_asked() -> None:
    said = "The service cannot check this request for replay at present: send it again in a moment."
    assert StoreUnavailable("why").message == said
