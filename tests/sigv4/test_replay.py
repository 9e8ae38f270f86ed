"""Replay stores: which keys are new, how long they are kept, and what a full store does."""

from __future__ import annotations

import os
import signal
import threading
from typing import Any

import pytest

from sigv4 import MemoryReplayStore, SigningError
from sigv4.replay import ReplayKey, StoreFull, StoreUnavailable, replay_key


def test_a_key_is_new_once_until_it_expires() -> None:
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


def test_a_full_store_refuses_and_keeps_its_keys() -> None:
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
    capacity: Any
    for capacity in (0, -1, 1.5, "2"):
        with pytest.raises(SigningError, match="expected the number of keys"):
            MemoryReplayStore(capacity)


def test_a_key_is_new_for_only_one_of_several_threads() -> None:
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


def test_one_access_key_fills_no_more_than_its_share() -> None:
    now = [0.0]
    store = MemoryReplayStore(10, share=0.3, clock=lambda: now[0])
    for number in range(3):
        assert store.first_use(replay_key("GREEDY", str(number)), 5)
    with pytest.raises(StoreFull, match="GREEDY uses its whole share, 3 keys"):
        store.first_use(replay_key("GREEDY", "3"), 5)
    assert not store.first_use(replay_key("GREEDY", "0"), 5), (
        "a replay is refused as a replay, even if the share is full"
    )
    for number in range(3):
        assert store.first_use(replay_key("OTHER", str(number)), 9)
    now[0] = 5.1
    assert store.first_use(replay_key("GREEDY", "3"), 9), "expired keys no longer count"
    share: Any
    for share in (0, -1, 1.1, "1"):
        with pytest.raises(SigningError, match="expected a part of the capacity"):
            MemoryReplayStore(10, share=share)


def test_a_call_purges_a_bounded_number_of_expired_keys() -> None:
    now = [0.0]
    store = MemoryReplayStore(10_000, clock=lambda: now[0])
    for number in range(1000):
        store.first_use(replay_key("A", str(number)), 5 + number % 7)
    now[0] = 100.0
    assert store.first_use(replay_key("A", "0"), 200), (
        "an expired key counts as new, even if it is still stored"
    )
    assert len(store) == 1000 - 16
    for number in range(200):
        store.first_use(replay_key("B", str(number)), 200)
    assert len(store) == 201
    assert not store.first_use(replay_key("A", "0"), 200), "its older entry did not remove the newer one"


def test_a_key_that_had_expired_on_arrival_is_not_kept_longer() -> None:
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


def test_a_store_says_in_time_that_it_will_be_full() -> None:
    said: list[str] = []
    store = MemoryReplayStore(1000, clock=lambda: 0, report=said.append)
    for number in range(1000):
        store.first_use(number.to_bytes(2, "big"), 1)
        assert len(said) == (number >= 799)
    assert "800 keys of at most 1000" in said[0]
    assert "for_rate" in said[0]
    assert "RedisReplayStore" in said[0]


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


def test_a_rate_below_one_a_second_is_accepted() -> None:
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
