"""``KnownSigners``: a verifier that has seen a signer answers as one that has not (VERIFY-6, 12, 13)."""

from __future__ import annotations

import copy
import gc
import pickle
import weakref
from collections import Counter
from typing import Any

import pytest

from sigv4 import V4A, Credentials, VerificationError, Verifier, claim, signed_request
from sigv4.authorization import V4
from sigv4.claim import _MOST_KNOWN, Claim, KeyCache, KnownSigners, Verified
from sigv4.record import Record
from sigv4.scope import Scope

from .signed import (
    BODY,
    CREDENTIALS,
    KEY_ID,
    NOW,
    SECRET,
    TEMPORARY,
    TOKEN,
    fields,
    refusal,
    sign,
    verifier,
    with_authorization,
    without,
)

SIGNED = "content-type;host;x-amz-date;x-amz-target"


def answer(checker: Any, headers: Any) -> object:
    try:
        return checker.verify("POST", "/", headers, BODY)
    except VerificationError as error:
        return fields(error)


def signature_of(headers: dict[str, str | bytes]) -> str:
    return str(headers["Authorization"]).rpartition("=")[2]


HOSTILE = {
    "another signature": with_authorization(signature_of(sign()), "0" * 64),
    "no signature": with_authorization(signature_of(sign()), ""),
    "two signatures": with_authorization("Signature=", "Signature=a, Signature="),
    "a signature and a part": with_authorization(signature_of(sign()), f"{signature_of(sign())}, x=1"),
    "a signature and a word": with_authorization(signature_of(sign()), f"{signature_of(sign())} x"),
    "digits that are not ASCII": with_authorization(signature_of(sign()), "é" * 64),
    "other separators": with_authorization(", ", ","),
    "other signed headers": with_authorization(SIGNED, "host;x-amz-date;x-amz-target"),
    "another algorithm": with_authorization("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA1"),
    "another access key": with_authorization(KEY_ID, "AKIDOTHER"),
    "another region": with_authorization("us-east-1", "us-west-2"),
    "another day": {**sign(), "X-Amz-Date": "20150831T000000Z"},
    "no date": without("X-Amz-Date"),
    "no host": without("Host"),
    "a token": {**sign(), "X-Amz-Security-Token": TOKEN},
    "another region set": {**sign(), "X-Amz-Region-Set": "*"},
    "an empty header": {**sign(), "Authorization": ""},
    "none": without("Authorization"),
}


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("headers", HOSTILE.values(), ids=HOSTILE)
def test_a_known_signer_gets_the_same_answer_as_an_unknown_one(headers: Any, strict: bool) -> None:
    headers = {
        name: value.encode("latin-1") if isinstance(value, str) else value for name, value in headers.items()
    }
    warm = verifier(strict=strict)
    assert isinstance(answer(warm, sign()), Verified)
    expected = answer(verifier(strict=strict), headers)
    assert [answer(warm, headers) for _ in range(2)] == [expected, expected]
    assert isinstance(answer(warm, sign()), Verified)


def test_one_access_key_with_two_lists_of_signed_headers_is_two_signers() -> None:
    checker = verifier()
    fewer = sign(headers={"Content-Type": "application/x-amz-json-1.1"})
    for headers, signed in ((sign(), SIGNED), (fewer, SIGNED.removesuffix(";x-amz-target"))) * 2:
        assert checker.verify("POST", "/", headers, BODY).signed_headers == tuple(signed.split(";"))
    assert len(checker._known.by_header) == 2


def test_what_is_kept_is_bounded_and_holds_neither_token_nor_signature() -> None:
    checker = verifier(TEMPORARY)
    headers = sign(TEMPORARY)
    checker.verify("POST", "/", headers, BODY)
    ((head, signer),) = checker._known.by_header.items()
    text = ";".join(signer.names)
    assert head == f"{V4} Credential={KEY_ID}/20150830/us-east-1/sagemaker/aws4_request, SignedHeaders={text}"
    kept = [getattr(signer, name) for name in type(signer).__slots__]
    assert signer.claim.session_token is None
    assert not {TOKEN, signature_of(headers)} & set(map(str, kept))
    long = with_authorization(SIGNED, f"{SIGNED};{'x' * 1024}")
    assert refusal(checker, long).stage == "VERIFY-14", "the token is not there"
    regions = {
        **with_authorization("x-amz-date", "x-amz-date;x-amz-region-set"),
        "X-Amz-Region-Set": "x" * 1024,
    }
    assert refusal(checker, regions).stage == "VERIFY-14"
    assert len(checker._known.by_header) == 1, "more than 1,024 characters are not kept"
    for number in range(_MOST_KNOWN):
        refusal(checker, with_authorization(KEY_ID, f"AKID{number}"))
        assert len(checker._known.by_header) <= _MOST_KNOWN


def test_a_known_signer_is_neither_read_nor_checked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is kept saves work; each call of these three functions is counted."""
    calls: Counter[str] = Counter()

    def counted(owner: Any, name: str) -> None:
        original = getattr(owner, name)

        def call(*given: Any, **named: Any) -> Any:
            calls[name] += 1
            return original(*given, **named)

        monkeypatch.setattr(owner, name, call)

    counted(signed_request, "parse_header")
    counted(claim, "check_scope")
    counted(KeyCache, "_entry")
    checker = verifier(keys=KeyCache())
    for number in range(3):
        checker.verify("POST", "/", sign(at=NOW + number), BODY)
    assert calls == {"parse_header": 1, "check_scope": 1, "_entry": 1}
    other_form = {**sign(), "Authorization": str(sign()["Authorization"]).replace(", ", ",")}
    checker.verify("POST", "/", other_form, BODY)
    assert calls == {"parse_header": 2, "check_scope": 1, "_entry": 1}, "the last signer is known in any form"
    checker.verify("POST", "/", other_form, BODY)
    assert calls["parse_header"] == 3, "only the usual form is kept"
    fewer = sign(headers={"Content-Type": "a/b"})
    checker.verify("POST", "/", fewer, BODY)
    checker.verify("POST", "/", sign(), BODY)
    assert calls == {"parse_header": 4, "check_scope": 1, "_entry": 1}, "both are known"


def test_without_a_token_the_claim_itself_is_given_again() -> None:
    seen: list[Claim] = []

    def look_up(each: Claim) -> Credentials:
        seen.append(each)
        return CREDENTIALS

    checker = Verifier("sagemaker", "us-east-1", look_up, clock=lambda: NOW)
    for number in range(2):
        checker.verify("POST", "/", sign(at=NOW + number), BODY)
    assert seen[0] is seen[1]


@pytest.mark.parametrize(("region_set", "more", "kept"), [(0, 0, 1), (0, 1, 0), (200, 0, 1), (200, 1, 0)])
def test_a_header_and_a_region_set_of_1024_characters_are_kept_and_no_more(
    region_set: int, more: int, kept: int
) -> None:
    checker, headers = verifier(), sign()
    length = 1024 + more - region_set - len(str(headers["Authorization"]))
    if region_set:
        headers["X-Amz-Region-Set"] = "r" * region_set
        longer = with_authorization("x-amz-date", "x-amz-date;x-amz-region-set")["Authorization"]
        length -= len(str(longer)) - len(str(headers["Authorization"]))
        headers["Authorization"] = longer
    text = str(headers["Authorization"])
    # Names are taken in lower case, sorted; one of this length is not sent, which is found later.
    headers["Authorization"] = text.replace("x-amz-target", f"x-amz-target;{'x' * (length - 1)}")
    headers["X" * (length - 1)] = "v"
    assert len(str(headers["Authorization"])) + region_set == 1024 + more
    assert refusal(checker, headers).stage == "VERIFY-15"
    assert len(checker._known.by_header) == kept


def test_256_signers_are_known_and_then_none() -> None:
    checker = verifier()
    for number in range(_MOST_KNOWN):
        refusal(checker, with_authorization(KEY_ID, f"AKID{number:06}"))
    assert len(checker._known.by_header) == 256
    refusal(checker, with_authorization(KEY_ID, "AKIDONEMORE"))
    assert len(checker._known.by_header) == 1


def test_a_key_of_one_algorithm_is_not_given_for_the_other() -> None:
    pytest.importorskip("cryptography", reason="cryptography is not installed (extra `sigv4a`)")
    cache, credentials = KeyCache(), Credentials(KEY_ID, SECRET)
    scope: Any = Scope("20150830", "us-east-1", "sagemaker")  # one object for both
    keys = [cache.key_of(credentials, scope, algorithm) for algorithm in (V4, V4A, V4, V4A)]
    assert type(keys[0]) is not type(keys[1])
    assert keys[:2] == keys[2:]


def test_a_copy_has_no_known_signers() -> None:
    checker = verifier()
    checker.verify("POST", "/", sign(), BODY)
    known = checker._known
    for copied in (pickle.loads(pickle.dumps(known)), copy.copy(known), copy.deepcopy(known)):
        assert isinstance(copied, KnownSigners)
        assert (copied.by_header, copied.last) == ({}, None)


def test_claims_and_results_are_records_like_any_others() -> None:
    seen: list[Claim] = []

    def look_up(claim: Claim) -> Credentials:
        seen.append(claim)
        return TEMPORARY

    checker = Verifier("sagemaker", "us-east-1", look_up, clock=lambda: NOW)
    verified = checker.verify("POST", "/", sign(TEMPORARY), BODY)
    scope = Scope("20150830", "us-east-1", "sagemaker")
    assert seen == [Claim(KEY_ID, TOKEN, scope)]
    names = (*SIGNED.split(";")[:3], "x-amz-security-token", "x-amz-target")
    assert verified == Verified(KEY_ID, scope, NOW, names, verified.payload)
    records: list[Any] = [seen[0], verified]
    for record in records:
        assert pickle.loads(pickle.dumps(record)) == record
        assert hash(record) == hash(copy.copy(record))
        assert TOKEN not in repr(record)
        with pytest.raises(AttributeError, match="immutable"):
            record.access_key_id = "x"


@pytest.mark.parametrize("cls", [Claim, Verified])
def test_a_record_is_filled_before_it_is_sealed(cls: Any) -> None:
    """Until then its fields can be set, and it shows none of them."""
    unsealed = claim._unsealed(cls)
    assert (unsealed.__name__, unsealed.__bases__) == (cls.__name__, (Record,))
    assert unsealed.field_names == cls.field_names
    made = unsealed()
    for name in cls.field_names:
        setattr(made, name, f"{name} of a client")
    assert "of a client" not in repr(made)
    made.__class__ = cls
    assert made == cls(*(f"{name} of a client" for name in cls.field_names))


def test_a_key_cache_keeps_no_credentials_in_memory_and_compares_all_of_a_key() -> None:
    now = [0.0]
    cache = KeyCache(5, 10, clock=lambda: now[0])
    scope, other = (Scope(f"2015083{day}", "us-east-1", "sagemaker") for day in "01")
    credentials = Credentials(KEY_ID, SECRET)
    first = cache.key_of(credentials, scope, V4)
    assert cache.key_of(credentials, scope, V4) is first
    assert cache.key_of(credentials, other, V4) is not first
    assert cache.key_of(CREDENTIALS, scope, V4) is first, "equal credentials have one key"
    assert cache.key_of(Credentials(KEY_ID, "rotated"), scope, V4) is not first
    now[0] = 10
    assert cache.key_of(credentials, scope, V4) is not first, "it expired"
    watched = weakref.ref(credentials)
    del credentials
    gc.collect()
    assert watched() is None


def test_a_signed_host_that_is_not_there_is_refused_where_hosts_are_given() -> None:
    error = refusal(verifier(hosts=["h.example"]), without("Host"))
    assert fields(error)[:3] == ("HOST", "AccessDenied", 403)
    assert "for the host ''," in str(error)
