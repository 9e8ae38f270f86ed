"""4A: key derivation, signatures, malformed ones, and keys as values."""

from __future__ import annotations

import copy
import hashlib
import hmac
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from sigv4 import V4A, Credentials, Signer, SigningError, VerificationError, Verifier, v4a
from sigv4.scope import parse_timestamp
from sigv4.v4a import PublicKey, Scope, check, derive, sign, signing_key
from tests.sigv4.signed import KEY_ID, SECRET
from tests.vectors import Vector, read

pytest.importorskip("cryptography", reason="cryptography is not installed (extra `sigv4a`)")

ROOT = Path(__file__).parents[2]
SCOPE = Scope("20150830", "service")
TEXT = "AWS4-ECDSA-P256-SHA256\n20150830T123600Z\n20150830/service/aws4_request\n" + 64 * "0"
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551

VECTORS = read("sigv4a.json")
KEYS = [data for data in VECTORS if set(data["input"]) == {"access_key_id", "secret_access_key"}]
REQUESTS = [data for data in VECTORS if "region_set" in data["input"]]
CHECKS = [data for data in VECTORS if "valid" in data["expect"]]
RECEIVED = [data for data in VECTORS if "target" in data["input"]]


@pytest.fixture(scope="module")
def key() -> v4a.SigningKey:
    return signing_key(KEY_ID, SECRET, SCOPE)


def _id(data: dict[str, Any]) -> str:
    return str(data["id"])


def _point(of: dict[str, str]) -> PublicKey:
    return PublicKey(int(of["x"], 16), int(of["y"], 16))


def test_every_vector_has_one_of_the_four_shapes() -> None:
    assert len(KEYS) + len(REQUESTS) + len(CHECKS) + len(RECEIVED) == len(VECTORS)
    assert sum("negative" in data["flags"] for data in VECTORS) * 3 >= len(VECTORS)
    assert [data["id"] for data in CHECKS if data["expect"]["valid"] == ("negative" in data["flags"])] == []


@pytest.mark.parametrize("data", RECEIVED, ids=_id)
def test_v4a_1_verify_13_a_received_request_is_accepted_or_refused(data: dict[str, Any]) -> None:
    asked, expect = data["input"], data["expect"]
    keys = Credentials(asked["access_key_id"], asked["secret_access_key"])
    at = parse_timestamp(asked["now"])
    verifier = Verifier(
        asked["service"],
        asked["region"],
        lambda claim: keys,
        algorithms=(asked["algorithm"],),
        clock=lambda: at,
    )
    headers = [(name, value) for name, value in asked["headers"]]
    if "accepted" in expect:
        assert verifier.verify(asked["method"], asked["target"], headers, b"").access_key_id == KEY_ID
        return
    with pytest.raises(VerificationError) as caught:
        verifier.verify(asked["method"], asked["target"], headers, b"")
    error = caught.value
    assert {"stage": error.stage, "code": error.code, "status": error.status} == expect["error"]


@pytest.mark.parametrize("data", KEYS, ids=_id)
def test_v4a_2_the_key_pair_of_an_access_key(data: dict[str, Any]) -> None:
    access_key_id, secret = data["input"]["access_key_id"], data["input"]["secret_access_key"]
    expect = data["expect"]
    if "private_key" in expect:
        assert derive(access_key_id, secret) == int(expect["private_key"], 16)
    assert signing_key(access_key_id, secret, SCOPE).public_key == _point(expect)


def test_v4a_2_the_message_of_the_published_example(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def recording(key: bytes, message: bytes, name: str) -> bytes:
        seen.append((key, message, name))
        return hmac.digest(key, message, name)

    monkeypatch.setattr(v4a, "digest", recording)
    scalar = derive("AKISORANDOMAASORANDOM", "q+jcrXGc+0zWN6uzclKVhvMmUsIfRPa4rlRandom")
    assert scalar - 1 == 0x7FD3BD010C0D9C292141C2B77BFBDE1042C92E6836FFF749D1269EC890FCA1BC
    message = b"\0\0\0\1AWS4-ECDSA-P256-SHA256\0AKISORANDOMAASORANDOM\x01\0\0\1\0"
    assert seen == [(b"AWS4Aq+jcrXGc+0zWN6uzclKVhvMmUsIfRPa4rlRandom", message, "sha256")]
    assert len(message) == 53


def _counted(monkeypatch: pytest.MonkeyPatch, candidates: dict[int, int]) -> list[int]:
    """Replaces HMAC: returns the candidate for the message's counter, else 2^256-1; records the counters."""
    asked = []

    def answer(key: bytes, message: bytes, name: str) -> bytes:
        asked.append(message[-5])
        return candidates.get(message[-5], 2**256 - 1).to_bytes(32, "big")

    monkeypatch.setattr(v4a, "digest", answer)
    return asked


@pytest.mark.parametrize("candidate", [0, 1, N - 3, N - 2])
def test_v4a_2_a_candidate_up_to_n_less_2_counts(candidate: int, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = _counted(monkeypatch, {1: candidate})
    assert derive(KEY_ID, SECRET) == candidate + 1
    assert asked == [1]


@pytest.mark.parametrize("candidate", [N - 1, N, N + 1, 2**256 - 1])
def test_v4a_2_the_next_counter_is_used_after_a_candidate_that_is_too_large(
    candidate: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = _counted(monkeypatch, {1: candidate, 2: 41})
    assert derive(KEY_ID, SECRET) == 42
    assert asked == [1, 2]


def test_v4a_2_counter_254_is_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = _counted(monkeypatch, {254: 41})
    assert derive(KEY_ID, SECRET) == 42
    assert asked == list(range(1, 255))
    asked = _counted(monkeypatch, {255: 41})
    with pytest.raises(SigningError) as caught:
        derive(KEY_ID, SECRET)
    assert str(caught.value) == (
        f"the access key '{KEY_ID}' has no 4A key: none of the counters 1 to 254 gave a scalar of P-256; use "
        "another access key"
    )
    assert asked == list(range(1, 255))


def test_v4a_2_the_extreme_scalars_make_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for candidate in (0, N - 2):
        _counted(monkeypatch, {1: candidate})
        key = signing_key(KEY_ID, SECRET, SCOPE)
        assert check(key, TEXT, sign(key, TEXT))


@pytest.mark.parametrize("data", REQUESTS, ids=_id)
def test_v4a_1_every_stage_of_a_request_is_reproduced(data: dict[str, Any]) -> None:
    given, expect = data["input"], data["expect"]
    vector = Vector(data)
    signer = Signer(given["service"], given["region_set"], vector.credentials, algorithm=V4A)
    method, url, headers, body = vector.request
    why = signer.explain(method, url, headers, body, at=vector.at, expires=given["expires"])
    assert why.canonical_request == expect["canonical_request"]
    assert hashlib.sha256(why.canonical_request_bytes).hexdigest() == expect["canonical_request_sha256"]
    text = why.string_to_sign
    assert text == expect["string_to_sign"]
    scope = Scope(given["at"][:8], given["service"])
    key = signing_key(given["access_key_id"], given["secret_access_key"], scope)
    assert key.public_key == _point(expect["public_key"])
    assert key.scope_text == str(scope)
    for signature in filter(None, (why.signature, sign(key, text), expect.get("signature"))):
        assert check(key, text, signature)
        assert check(_point(expect["public_key"]), text, signature)


@pytest.mark.parametrize("data", CHECKS, ids=_id)
def test_v4a_3_what_is_a_valid_signature(data: dict[str, Any]) -> None:
    given = data["input"]
    assert check(_point(given), given["string_to_sign"], given["signature"]) is data["expect"]["valid"]


@given(
    st.one_of(
        st.text(max_size=150),
        st.text("0123456789abcdef*", max_size=146),
        st.binary(max_size=72).map(bytes.hex),
    )
)
def test_v4a_3_no_signature_at_all_is_false_and_never_an_exception(signature: str) -> None:
    assert check(_GIVEN_KEY, TEXT, signature) is False


_GIVEN_KEY = signing_key(KEY_ID, SECRET, SCOPE)


class _Unread(str):
    def __iter__(self) -> Iterator[str]:
        raise AssertionError("it was read")


def test_v4a_3_an_overlong_signature_is_refused_before_it_is_read(key: v4a.SigningKey) -> None:
    assert check(key, TEXT, _Unread(73 * "30")) is False
    with pytest.raises(AssertionError, match="it was read"):
        check(key, TEXT, _Unread(72 * "30"))


def test_v4a_3_changing_any_byte_makes_it_invalid(key: v4a.SigningKey) -> None:
    signature = sign(key, TEXT)
    for position in range(0, len(signature), 2):
        byte = int(signature[position : position + 2], 16)
        for other in (byte ^ 1, byte ^ 0x80):
            assert not check(key, TEXT, f"{signature[:position]}{other:02x}{signature[position + 2 :]}")


def test_v4a_3_the_second_form_of_a_signature_is_valid(key: v4a.SigningKey) -> None:
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

    r, s = decode_dss_signature(bytes.fromhex(sign(key, TEXT)))
    assert check(key, TEXT, encode_dss_signature(r, N - s).hex())


def _deterministic_is_offered() -> bool:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.hashes import SHA256

    try:
        ec.ECDSA(SHA256(), deterministic_signing=True)
    except (TypeError, UnsupportedAlgorithm):
        return False
    return True


def test_v4a_3_a_signature_is_deterministic_if_cryptography_supports_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """RFC 6979, A.2.5: P-256 with SHA-256, message "sample"."""
    scalar = 0xC9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721
    r = "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
    s = "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"
    published = f"3046022100{r}022100{s}"
    _counted(monkeypatch, {1: scalar - 1})
    key = signing_key(KEY_ID, SECRET, SCOPE)
    assert key.public_key.x == 0x60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6
    assert check(key, "sample", published)
    assert (sign(key, "sample") == published) is _deterministic_is_offered()


@pytest.mark.parametrize("old", ["unknown argument", "old OpenSSL"])
def test_v4a_3_random_nonces_if_deterministic_ones_are_not_offered(
    old: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec

    plain = ec.ECDSA

    def ecdsa(algorithm: Any, **options: bool) -> ec.ECDSA:
        if options:
            raise TypeError("unexpected keyword") if old == "unknown argument" else UnsupportedAlgorithm("no")
        return plain(algorithm)

    monkeypatch.setattr(ec, "ECDSA", ecdsa)
    key = signing_key(KEY_ID, SECRET, SCOPE)
    first, second = sign(key, TEXT), sign(key, TEXT)
    assert first != second
    assert check(key, TEXT, first)
    assert check(key, TEXT, second)


def test_v4a_2_one_key_pair_serves_every_scope(key: v4a.SigningKey) -> None:
    other = signing_key(KEY_ID, SECRET, Scope("20150831", "s3"))
    assert other.scope == Scope("20150831", "s3")
    assert other.scope_text == "20150831/s3/aws4_request"
    assert other.public_key == key.public_key
    assert check(key, TEXT, sign(other, TEXT))


def test_v4a_1_the_scope_has_no_region() -> None:
    assert str(SCOPE) == "20150830/service/aws4_request"
    assert repr(SCOPE) == "Scope('20150830/service/aws4_request')"
    assert (SCOPE.date, SCOPE.service) == ("20150830", "service")
    assert pickle.loads(pickle.dumps(SCOPE)) == SCOPE


def test_a_public_key_is_a_value(key: v4a.SigningKey) -> None:
    public = key.public_key
    again = pickle.loads(pickle.dumps(public))
    assert again == public
    assert hash(again) == hash(public)
    assert again != signing_key("OTHER", SECRET, SCOPE).public_key
    assert check(again, TEXT, sign(key, TEXT))
    assert repr(public) == f"PublicKey(x=0x{public.x:064x}, y=0x{public.y:064x})"
    name = "x"
    with pytest.raises(AttributeError, match="immutable"):
        setattr(public, name, 1)


@pytest.mark.parametrize(("x", "y"), [(0, 0), (1, 1), (-1, 1), (2**256, 1)])
def test_a_point_off_the_curve_is_refused(x: int, y: int) -> None:
    with pytest.raises(SigningError, match=r"is not a point of P-256"):
        PublicKey(x, y)


def test_a_signing_key_shows_only_its_scope_and_cannot_be_pickled(key: v4a.SigningKey) -> None:
    assert repr(key) == str(key) == "SigningKey('20150830/service/aws4_request')"
    for escape in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match=r"^a SigningKey cannot be pickled: pickle the Credentials, and "):
            escape(key)
    name = "scope"
    with pytest.raises(AttributeError, match="immutable"):
        setattr(key, name, SCOPE)
    with pytest.raises(AttributeError, match="is immutable"):
        del key.scope
