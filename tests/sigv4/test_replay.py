"""Replay stores, and a verifier that uses one."""

from __future__ import annotations

import os
import signal
import threading
from typing import Any

import pytest

from sigv4 import (
    V4A,
    MemoryReplayStore,
    Signer,
    SigningError,
    VerificationError,
    Verifier,
    v4a,
)
from sigv4.replay import ReplayKey, StoreFull, StoreUnavailable, replay_key
from tests.sigv4.replayed import Client, verifier
from tests.sigv4.signed import BODY, CREDENTIALS, HEADERS, NOW, URL, sign

# The order of P-256 (FIPS 186-4 D.1.2.3).
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def test_a_key_is_new_once_until_it_dies() -> None:
    now = [0.0]
    store = MemoryReplayStore(10, clock=lambda: now[0])
    assert store.first_use(b"a", 5)
    assert not store.first_use(b"a", 5)
    assert store.first_use(b"b", 9)
    now[0] = 5.0
    assert not store.first_use(b"a", 5)  # the key is still valid in its last moment
    now[0] = 5.1
    assert store.first_use(b"a", 7)
    assert len(store) == 2
    assert repr(store) == "MemoryReplayStore(10, holding 2)"


def test_a_full_store_refuses_and_does_not_forget() -> None:
    now = [0.0]
    store = MemoryReplayStore(2, clock=lambda: now[0])
    assert store.first_use(b"a", 5)
    assert store.first_use(b"b", 6)
    with pytest.raises(StoreFull, match="all 2 keys"):
        store.first_use(b"c", 7)
    assert not store.first_use(b"a", 5)
    now[0] = 5.5
    assert store.first_use(b"c", 7)
    with pytest.raises(StoreFull):
        store.first_use(b"d", 7)
    for capacity in (0, -1, 1.5, "2"):
        with pytest.raises(SigningError, match="expected the number of keys"):
            MemoryReplayStore(capacity)  # type: ignore[arg-type]  # a wrong type is the case


def test_threads_that_race_for_a_key_win_once() -> None:
    store = MemoryReplayStore(10_000, clock=lambda: 0)
    keys = [bytes([n >> 8, n & 255]) for n in range(2_000)]
    won: list[bytes] = []
    start = threading.Barrier(8)

    def race() -> None:
        start.wait()
        won.extend([key for key in keys if store.first_use(key, 1)])

    threads = [threading.Thread(target=race) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == keys


def test_the_verifier_takes_a_request_once() -> None:
    checker = verifier(MemoryReplayStore(10, clock=lambda: NOW))
    headers = sign()
    checker.verify("POST", "/", headers, BODY)
    with pytest.raises(VerificationError) as caught:
        checker.verify("POST", "/", headers, BODY)
    assert (caught.value.stage, caught.value.code, caught.value.status) == ("REPLAY", "RequestReplayed", 403)
    checker.verify("POST", "/", sign(at=NOW + 1), BODY)


def test_a_wrong_signature_uses_nothing_up() -> None:
    store = MemoryReplayStore(10, clock=lambda: NOW)
    headers = sign()
    with pytest.raises(VerificationError):
        verifier(store).verify("POST", "/", headers, b"other")
    assert len(store) == 0
    verifier(store).verify("POST", "/", headers, BODY)


def test_a_presigned_url_is_made_to_be_used_again() -> None:
    store = MemoryReplayStore(10, clock=lambda: NOW)
    url = Signer("sagemaker", "us-east-1", CREDENTIALS).presign("GET", URL, expires=60, at=NOW)
    target = "/?" + url.partition("?")[2]
    for _ in range(2):
        verifier(store).verify("GET", target, {"Host": "api.sagemaker.us-east-1.amazonaws.com"})
    assert len(store) == 0


def test_a_key_is_kept_as_long_as_its_request_would_be_taken() -> None:
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


def test_v4a_the_mirror_of_a_signature_is_the_same_request() -> None:
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


def test_one_access_key_fills_no_more_than_its_share() -> None:
    now = [0.0]
    store = MemoryReplayStore(10, share=0.3, clock=lambda: now[0])
    for number in range(3):
        assert store.first_use(replay_key("GREEDY", str(number)), 5)
    with pytest.raises(StoreFull, match="GREEDY uses its whole share, 3 keys"):
        store.first_use(replay_key("GREEDY", "3"), 5)
    assert not store.first_use(replay_key("GREEDY", "0"), 5), "a replay is a replay, share or not"
    for number in range(3):
        assert store.first_use(replay_key("OTHER", str(number)), 9)
    now[0] = 5.1
    assert store.first_use(replay_key("GREEDY", "3"), 9), "dead keys no longer count"
    for share in (0, -1, 1.1, "1"):
        with pytest.raises(SigningError, match="expected a part of the capacity"):
            MemoryReplayStore(10, share=share)  # type: ignore[arg-type]  # a wrong type is the case


def test_a_call_purges_a_bounded_number_of_dead_keys() -> None:
    now = [0.0]
    store = MemoryReplayStore(10_000, clock=lambda: now[0])
    for number in range(1000):
        store.first_use(replay_key("A", str(number)), 5 + number % 7)
    now[0] = 100.0
    assert store.first_use(replay_key("A", "0"), 200), "a dead key is new, purged or not"
    assert len(store) == 1000 - 16
    for number in range(200):
        store.first_use(replay_key("B", str(number)), 200)
    assert len(store) == 201
    assert not store.first_use(replay_key("A", "0"), 200), "its older entry did not remove the newer one"


def test_a_key_that_was_dead_on_arrival_is_not_kept_longer() -> None:
    now = [10.0]
    store = MemoryReplayStore(10, clock=lambda: now[0])
    assert store.first_use(b"a", 5)
    assert store.first_use(b"b", 5)
    assert store.first_use(b"a", 5)


def test_a_clock_that_is_set_back_makes_no_key_new_that_was_removed() -> None:
    now = [0.0]
    store = MemoryReplayStore(10, clock=lambda: now[0])
    assert store.first_use(b"a", 5)
    now[0] = 6.0
    assert store.first_use(b"b", 9)
    now[0] = 4.0
    with pytest.raises(StoreUnavailable, match="set back"):
        store.first_use(b"a", 5)
    assert store.first_use(b"c", 8)


def test_the_replay_store_is_asked_only_after_the_body_was_checked() -> None:
    head = verifier(MemoryReplayStore(10, clock=lambda: NOW)).verify_head("POST", "/", sign())
    with pytest.raises(SigningError, match="verify_body"):
        head.check_first_use()


def test_a_store_says_in_time_that_it_will_be_full() -> None:
    said: list[str] = []
    store = MemoryReplayStore(1000, clock=lambda: 0, report=said.append)
    for number in range(1000):
        store.first_use(number.to_bytes(2, "big"), 1)
        assert len(said) == (number >= 799)
    assert "800 keys of at most 1000" in said[0]
    assert "for_rate" in said[0]
    assert "RedisReplayStore" in said[0]


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


def test_the_size_follows_from_rate_and_window() -> None:
    assert (
        repr(MemoryReplayStore.for_rate(100, window=9, clock=lambda: 0))
        == "MemoryReplayStore(1251, holding 0)"
    )
    for rate, window in ((0, 300), (float("nan"), 300), (1, -1)):
        with pytest.raises(SigningError, match="expected a rate above 0"):
            MemoryReplayStore.for_rate(rate, window=window)


def test_a_lock_that_another_thread_holds_is_not_inherited_by_a_fork() -> None:
    store = MemoryReplayStore(10, clock=lambda: 0)
    store.first_use(b"a", 1)
    (lock,) = store._locks.values()
    with lock:
        child = os.fork()
        if not child:
            signal.alarm(20)  # ends a child that hangs
            os._exit(0 if store.first_use(b"b", 1) else 1)
        _, status = os.waitpid(child, 0)
    assert status == 0


def test_a_key_without_its_signer_has_no_share() -> None:
    assert ReplayKey(b"k").access_key_id == ""
    assert replay_key("A", "x").access_key_id == "A"


@pytest.mark.parametrize("store", [5, "redis://h", object(), MemoryReplayStore, Client()])
def test_what_is_not_a_store_is_refused_before_the_first_request(store: Any) -> None:
    with pytest.raises(
        SigningError, match=r"replay is .*: expected an object with first_use, such as Memory"
    ):
        Verifier("lambda", "us-east-1", lambda claim: None, replay=store)
    with pytest.raises(SigningError, match="lookup is dict: expected a function"):
        Verifier("lambda", "us-east-1", {})  # type: ignore[arg-type]  # as without a type checker


def test_the_defaults_and_the_bounds_of_a_store() -> None:
    assert repr(MemoryReplayStore()) == "MemoryReplayStore(1000000, holding 0)"
    assert repr(MemoryReplayStore.for_rate(8)) == "MemoryReplayStore(3011, holding 0)"
    assert repr(MemoryReplayStore.for_rate(8, window=0)) == "MemoryReplayStore(11, holding 0)"
    now = [5.0]
    store = MemoryReplayStore.for_rate(8, window=0, share=1, clock=lambda: now[0])
    key = replay_key("A", "text")
    assert store.first_use(key, 5)
    assert not store.first_use(key, 5)
    now[0] = 6.0
    assert store.first_use(key, 6)
    one = MemoryReplayStore(2, share=0.1, clock=lambda: 0)
    assert one.first_use(replay_key("A", "1"), 1)
    with pytest.raises(StoreFull, match="its whole share, 1 keys"):
        one.first_use(replay_key("A", "2"), 1)


def test_a_key_that_ends_now_is_not_accepted_where_the_clock_was_set_back() -> None:
    now = [100.0]
    store = MemoryReplayStore(clock=lambda: now[0])
    assert store.first_use(b"a", 101.0)
    now[0] = 200.0
    assert store.first_use(b"b", 300.0)
    now[0] = 100.0
    with pytest.raises(StoreUnavailable) as caught:
        store.first_use(b"c", 100.0)
    assert str(caught.value) == "the clock was set back: the request may have been received before"


def test_a_rate_below_one_a_second_is_a_rate() -> None:
    assert repr(MemoryReplayStore.for_rate(0.5, window=7)) == "MemoryReplayStore(6, holding 0)"


def test_what_a_full_store_reports_is_logged_whole(caplog: pytest.LogCaptureFixture) -> None:
    store = MemoryReplayStore(1000, clock=lambda: 0)
    for number in range(1000):
        store.first_use(number.to_bytes(2, "big"), 1)
    assert caplog.messages == [
        "the replay store holds 800 keys of at most 1000, and refuses requests when it is full: make it larger "
        "(MemoryReplayStore.for_rate(requests a second)), or use RedisReplayStore for more than one process or "
        "some 5,000 requests a second"
    ]


def test_what_the_client_is_told_of_a_store_that_cannot_be_asked() -> None:
    said = "The service cannot check this request for replay at present: send it again in a moment."
    assert StoreUnavailable("why").message == said
