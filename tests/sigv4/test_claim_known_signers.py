"""``KnownSigners``: a verifier that has seen a signer answers as one that has not (VERIFY-6, 12, 13)."""

from __future__ import annotations

import copy
import gc
import pickle
import weakref
from typing import Any

import pytest

from sigv4 import Credentials, VerificationError, Verifier
from sigv4.authorization import V4
from sigv4.claim import _MOST_KNOWN, Claim, KeyCache, KnownSigners, Verified
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
