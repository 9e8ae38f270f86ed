"""Replay stores, and the verifier that asks one."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import types
from typing import Any

import pytest

from sigv4 import (
    V4A,
    MemoryReplayStore,
    MissingDependency,
    RedisReplayStore,
    Signer,
    SigningError,
    VerificationError,
    Verifier,
    v4a,
)
from sigv4.replay import StoreFull, replay_key

from .signed import BODY, CREDENTIALS, HEADERS, NOW, URL, sign

# The order of P-256 (FIPS 186-4 D.1.2.3).
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def verifier(store: Any, **options: Any) -> Verifier:
    options = {"clock": lambda: NOW} | options
    return Verifier("sagemaker", "us-east-1", lambda claim: CREDENTIALS, replay=store, **options)


def test_a_key_is_new_once_until_it_dies() -> None:
    now = [0.0]
    store = MemoryReplayStore(10, clock=lambda: now[0])
    assert store.first_use(b"a", 5)
    assert not store.first_use(b"a", 5)
    assert store.first_use(b"b", 9)
    now[0] = 5.0
    assert not store.first_use(b"a", 5)  # its last moment still counts
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
        with pytest.raises(SigningError, match="expected how many keys"):
            MemoryReplayStore(capacity)  # type: ignore[arg-type]


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


class Client:
    """What ``redis.Redis`` is to the store."""

    def __init__(self, later: bool = False) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.later = later

    def set(self, name: bytes, value: bytes, *, nx: bool, exat: int) -> Any:
        new = all(call[0] != name for call in self.calls)
        self.calls.append((name, value, nx, exat))
        answer = True if new else None
        return self._later(answer) if self.later else answer

    async def _later(self, answer: bool | None) -> bool | None:
        await asyncio.sleep(0)
        return answer


def test_redis_is_asked_in_one_step() -> None:
    client = Client()
    store = RedisReplayStore(client, prefix="p:")
    assert store.first_use(b"k", 1.2) is True
    assert store.first_use(b"k", 1.2) is False
    assert client.calls[0] == (b"p:k", b"", True, 2)
    assert repr(store) == "RedisReplayStore(prefix='p:')"


def test_a_store_that_is_awaited_is_for_averify() -> None:
    store = RedisReplayStore(Client(later=True))
    headers = sign()
    asyncio.run(verifier(store).averify("POST", "/", headers, BODY))
    with pytest.raises(VerificationError, match="received before"):
        asyncio.run(verifier(store).averify("POST", "/", headers, BODY))
    asyncio.run(verifier(RedisReplayStore(Client())).averify("POST", "/", headers, BODY))


@pytest.mark.filterwarnings("ignore:coroutine '_awaited' was never awaited:RuntimeWarning")
@pytest.mark.filterwarnings("ignore:coroutine 'Client._later' was never awaited:RuntimeWarning")
def test_a_store_that_is_awaited_is_named_under_verify() -> None:
    with pytest.raises(SigningError, match="use averify"):
        verifier(RedisReplayStore(Client(later=True))).verify("POST", "/", sign(), BODY)


def test_a_store_that_cannot_be_asked_is_no_permission() -> None:
    class Down:
        def first_use(self, key: bytes, until: float) -> bool:
            raise ConnectionError("no server")

    with pytest.raises(ConnectionError):
        verifier(Down()).verify("POST", "/", sign(), BODY)


def test_the_missing_package_is_named() -> None:
    script = "import sys; sys.modules['redis'] = None\nfrom sigv4 import RedisReplayStore\nRedisReplayStore('redis://127.0.0.1')"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert "MissingDependency" in done.stderr
    assert "sigv4[redis]" in done.stderr


def test_a_redis_url_makes_the_client(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    class Redis:
        @staticmethod
        def from_url(url: str) -> Client:
            made.append(url)
            return Client()

    module = types.ModuleType("redis")
    monkeypatch.setattr(module, "Redis", Redis, raising=False)
    monkeypatch.setitem(sys.modules, "redis", module)
    store = RedisReplayStore("redis://127.0.0.1:1/2")
    assert made == ["redis://127.0.0.1:1/2"]
    assert store.first_use(b"k", 1.0) is True
    monkeypatch.setitem(sys.modules, "redis", None)
    with pytest.raises(MissingDependency, match="redis"):
        RedisReplayStore("redis://127.0.0.1:1/2")
