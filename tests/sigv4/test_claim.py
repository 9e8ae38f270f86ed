"""``KeyCache``: derived keys, and the verifier that uses one."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from sigv4 import Credentials, Signer, SigningError, VerificationError, Verifier, v4
from sigv4.authorization import V4
from sigv4.claim import Claim, KeyCache, Verified
from sigv4.scope import Scope

from .signed import BODY, CREDENTIALS, NOW, SECRET, TEMPORARY, sign

SCOPE = Scope("20150830", "us-east-1", "sagemaker")


def _look_up(_claim: object) -> Credentials:
    return CREDENTIALS


def _now() -> float:
    return NOW


@pytest.fixture
def derived(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A list of the access key ids whose key was derived."""
    calls: list[str] = []
    original: Callable[..., Any] = v4.key_of

    def key_of(credentials: Credentials, scope: Scope) -> Any:
        calls.append(credentials.access_key_id)
        return original(credentials, scope)

    monkeypatch.setattr(v4, "key_of", key_of)
    return calls


def test_a_key_is_derived_once_for_a_scope_and_a_secret(derived: list[str]) -> None:
    cache = KeyCache()
    first = cache.key_of(CREDENTIALS, SCOPE, V4)
    assert cache.key_of(Credentials("AKIDEXAMPLE", SECRET), SCOPE, V4) is first
    assert v4.sign(first, "x") == v4.sign(v4.signing_key(SECRET, SCOPE), "x")
    assert derived == ["AKIDEXAMPLE"]
    others = [
        cache.key_of(CREDENTIALS, Scope("20150831", "us-east-1", "sagemaker"), V4),
        cache.key_of(CREDENTIALS, Scope("20150830", "eu-west-1", "sagemaker"), V4),
        cache.key_of(Credentials("AKIDEXAMPLE", "anotherSecretOfTheSameKeyId"), SCOPE, V4),
        cache.key_of(Credentials("AKIDOTHER", SECRET), SCOPE, V4),
    ]
    assert len({v4.sign(key, "x") for key in [first, *others[:3]]}) == 4
    assert len(derived) == len(cache) == 5


def test_the_oldest_keys_are_removed_first_and_none_is_kept_too_long(derived: list[str]) -> None:
    now = [0.0]
    cache = KeyCache(2, 10, clock=lambda: now[0])
    a, b, c = (Credentials(f"AKID{letter}", SECRET) for letter in "ABC")
    cache.key_of(a, SCOPE, V4)
    now[0] = 5
    cache.key_of(b, SCOPE, V4)
    now[0] = 9.9
    cache.key_of(a, SCOPE, V4)
    assert derived == ["AKIDA", "AKIDB"]
    now[0] = 10
    cache.key_of(a, SCOPE, V4)
    assert derived == ["AKIDA", "AKIDB", "AKIDA"], "it expired"
    cache.key_of(c, SCOPE, V4)
    assert len(cache) == 2
    cache.key_of(a, SCOPE, V4)
    assert derived == ["AKIDA", "AKIDB", "AKIDA", "AKIDC"], "b was the oldest"
    now[0] = 100
    cache.key_of(b, SCOPE, V4)
    assert len(cache) == 1, "what has expired is removed while new keys come"


def test_the_token_is_compared_and_the_lookup_asked_each_time(derived: list[str]) -> None:
    on_file: list[Credentials | None] = [TEMPORARY]
    checker = Verifier("sagemaker", "us-east-1", lambda claim: on_file[0], keys=KeyCache(), clock=lambda: NOW)
    for _ in range(3):
        checker.verify("POST", "/", sign(TEMPORARY), BODY)
    assert len(derived) == 4, "three by the signer, one by the verifier"
    for present, stage in (
        (None, "VERIFY-14"),
        (Credentials("AKIDEXAMPLE", SECRET, "OTHER-TOKEN"), "VERIFY-14"),
        (Credentials("AKIDEXAMPLE", "rotatedSecretOfThisKeyId", TEMPORARY.session_token), "VERIFY-15"),
    ):
        on_file[0] = present
        with pytest.raises(VerificationError) as caught:
            checker.verify("POST", "/", sign(TEMPORARY), BODY)
        assert caught.value.stage == stage


def test_a_key_cache_shows_no_secret_and_a_copy_of_it_is_empty() -> None:
    cache = KeyCache(5, 60)
    cache.key_of(CREDENTIALS, SCOPE, V4)
    assert repr(cache) == "KeyCache(5, 60, holding 1)"
    assert SECRET not in repr(vars(cache))
    assert SECRET.encode() not in pickle.dumps(cache)
    for copied in (pickle.loads(pickle.dumps(cache)), copy.copy(cache), copy.deepcopy(cache)):
        assert repr(copied) == "KeyCache(5, 60, holding 0)"


def test_a_verifier_that_has_verified_is_pickled_without_what_it_keeps() -> None:
    checker = Verifier(SCOPE.service, SCOPE.region, _look_up, clock=_now)
    checker.verify("POST", "/", sign(CREDENTIALS), BODY)
    pickled = pickle.dumps(checker)
    assert SECRET.encode() not in pickled
    assert pickle.loads(pickled).verify("POST", "/", sign(CREDENTIALS), BODY)


@pytest.mark.parametrize("keys", [5, "x", {}, object(), KeyCache])
def test_what_is_not_a_key_cache_is_refused(keys: Any) -> None:
    with pytest.raises(SigningError) as caught:
        Verifier("lambda", "us-east-1", lambda claim: None, keys=keys)
    found = "the class KeyCache" if keys is KeyCache else type(keys).__name__
    assert str(caught.value) == f"keys is {found}: expected an object with key_of, such as KeyCache()"


def test_a_verifier_uses_the_cache_it_is_given() -> None:
    cache = KeyCache(5, 60)
    for _ in range(2):
        checker = Verifier("sagemaker", "us-east-1", lambda claim: CREDENTIALS, keys=cache, clock=lambda: NOW)
        checker.verify("POST", "/", sign(CREDENTIALS), BODY)
    assert len(cache) == 1


def test_a_secret_that_was_rotated_and_a_key_that_was_revoked_are_refused_at_once() -> None:
    old, new = (Credentials("AKIDEXAMPLE", letter * 40) for letter in "ab")
    on_file: list[Credentials | None] = [old]
    verifier = Verifier("lambda", "us-east-1", lambda claim: on_file[0], keys=KeyCache())

    def answer(credentials: Credentials) -> str:
        headers = Signer("lambda", "us-east-1", credentials).sign("GET", "https://h.example/", ())
        try:
            return verifier.verify("GET", "/", headers).access_key_id
        except VerificationError as error:
            return error.code

    assert answer(old) == "AKIDEXAMPLE"
    for kept, answers in (
        (new, ["SignatureDoesNotMatch", "AKIDEXAMPLE"]),
        (None, ["InvalidClientTokenId", "InvalidClientTokenId"]),
        (old, ["AKIDEXAMPLE", "SignatureDoesNotMatch"]),
        (Credentials("AKIDEXAMPLE", "a" * 40, "token"), ["InvalidClientTokenId", "InvalidClientTokenId"]),
    ):
        on_file[0] = kept
        assert [answer(old), answer(new)] == answers


def test_invalid_bounds_are_refused() -> None:
    capacity: Any
    for capacity in (0, -1, 1.5, "2"):
        with pytest.raises(SigningError, match="expected the number of keys"):
            KeyCache(capacity)
    seconds: Any
    for seconds in (0, -1, float("nan"), "2"):
        with pytest.raises(SigningError, match="expected the seconds to keep"):
            KeyCache(1, seconds)


def test_a_key_that_another_thread_adds_at_the_same_time_causes_no_error() -> None:
    class Changed(dict[Any, Any]):
        def __iter__(self) -> Any:
            first = super().__iter__()
            self[len(self)] = (0.0, None)
            return first

    cache = KeyCache(1)
    cache._kept = Changed()
    assert cache.key_of(CREDENTIALS, SCOPE, V4) is cache.key_of(CREDENTIALS, SCOPE, V4)


def test_a_verifier_caches_a_hundred_keys(derived: list[str]) -> None:
    clients = [Credentials(f"AKID{number}", SECRET) for number in range(101)]
    signed = [sign(client) for client in clients]
    on_file = {client.access_key_id: client for client in clients}
    checker = Verifier(
        "sagemaker", "us-east-1", lambda claim: on_file[claim.access_key_id], clock=lambda: NOW
    )
    derived.clear()
    for _ in range(2):
        for headers in signed[:100]:
            checker.verify("POST", "/", headers, BODY)
    assert len(derived) == 100
    for headers in (signed[100], signed[1], signed[0]):
        checker.verify("POST", "/", headers, BODY)
    assert derived[100:] == ["AKID100", "AKID0"], "the oldest had gone"


def test_a_claim_and_a_verified_signer_are_shown_without_the_token() -> None:
    assert repr(Claim("AKID", None, SCOPE)) == f"Claim('AKID', session_token=None, scope={SCOPE!r})"
    assert repr(Claim("AKID", "T", SCOPE)) == f"Claim('AKID', session_token=***, scope={SCOPE!r})"
    verified = Verified("AKID", SCOPE, 5, ("host", "x-amz-date"), "UNSIGNED-PAYLOAD")
    assert repr(verified) == f"Verified('AKID', {SCOPE!r}, timestamp=5, signed='host;x-amz-date')"


def test_verify_14_an_access_key_id_has_at_most_128_characters() -> None:
    def verified(owner: Credentials) -> Verified:
        checker = Verifier("sagemaker", "us-east-1", lambda claim: owner, clock=lambda: NOW)
        return checker.verify("POST", "/", sign(owner), BODY)

    assert verified(Credentials("A" * 128, SECRET)).access_key_id == "A" * 128
    with pytest.raises(VerificationError) as caught:
        verified(Credentials("A" * 129, SECRET))
    assert caught.value.stage == "VERIFY-14"


def test_the_defaults_and_the_bounds_of_a_cache() -> None:
    assert repr(KeyCache()) == "KeyCache(10000, 900, holding 0)"
    assert repr(KeyCache(1, 0.5)) == "KeyCache(1, 0.5, holding 0)"


def test_a_copy_of_a_cache_has_its_clock(derived: list[str]) -> None:
    now = [0.0]
    cache = copy.copy(KeyCache(5, 10, clock=lambda: now[0]))
    for moment in (0.0, 9.9, 10.0, 10.1):
        now[0] = moment
        cache.key_of(CREDENTIALS, SCOPE, V4)
    assert len(derived) == 2
