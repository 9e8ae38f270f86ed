"""``averify``: the checks of ``verify`` with a lookup that may be awaited."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from sigv4 import Claim, SigningError, VerificationError, Verifier
from sigv4.scope import Scope
from sigv4.v4 import signing_key

from .signed import BODY, CREDENTIALS, KEY_ID, NOW, SECRET, URL, sign


def verifier(lookup: Any, *, strict: bool = False) -> Verifier:
    return Verifier("sagemaker", "us-east-1", lookup, clock=lambda: NOW, strict=strict)


async def on_file(claim: Claim) -> Any:
    await asyncio.sleep(0)
    return CREDENTIALS if claim.access_key_id == KEY_ID else None


def test_a_lookup_may_be_awaited() -> None:
    assert asyncio.run(verifier(on_file).averify("POST", "/", sign(), BODY)).access_key_id == KEY_ID


def test_a_plain_lookup_is_accepted() -> None:
    checker = verifier(lambda claim: CREDENTIALS)
    assert asyncio.run(checker.averify("POST", "/", sign(), BODY)).access_key_id == KEY_ID


def test_a_plain_lookup_may_return_a_key_or_nothing() -> None:
    key = signing_key(SECRET, Scope("20150830", "us-east-1", "sagemaker"))
    assert asyncio.run(verifier(lambda claim: key).averify("POST", "/", sign(), BODY)).access_key_id == KEY_ID
    with pytest.raises(VerificationError) as caught:
        asyncio.run(verifier(lambda claim: None).averify("POST", "/", sign(), BODY))
    assert caught.value.stage == "VERIFY-14"


def test_the_refusals_are_those_of_verify() -> None:
    for headers, body in [(sign(), b"other"), ({}, BODY), ({**sign(), "X-Amz-Date": "x"}, BODY)]:
        with pytest.raises(VerificationError) as caught:
            verifier(lambda claim: CREDENTIALS).verify("POST", "/", headers, body)
        with pytest.raises(VerificationError) as awaited:
            asyncio.run(verifier(on_file).averify("POST", "/", headers, body))
        assert awaited.value.args == caught.value.args


def test_strict_checks_the_target_after_a_lookup_that_is_awaited() -> None:
    checker = verifier(on_file, strict=True)
    canonical = sign(url=f"{URL}a%20b")
    assert asyncio.run(checker.averify("POST", "/a%20b", canonical, BODY)).access_key_id == KEY_ID
    headers = sign(url=f"{URL}a//b")
    assert asyncio.run(verifier(on_file).averify("POST", "/a//b", headers, BODY)).access_key_id == KEY_ID
    with pytest.raises(VerificationError, match="SignatureDoesNotMatch") as caught:
        asyncio.run(checker.averify("POST", "/a//b", headers, BODY))
    assert caught.value.stage == "VERIFY-15"


def test_two_requests_at_once_in_one_verifier_are_each_verified_with_their_own_values() -> None:
    async def race() -> list[Any]:
        checker = verifier(on_file)
        good = [checker.averify("POST", "/", sign(), BODY) for _ in range(50)]
        bad = [checker.averify("POST", "/", sign(), b"other") for _ in range(50)]
        mixed = [call for pair in zip(good, bad, strict=True) for call in pair]
        return await asyncio.gather(*mixed, return_exceptions=True)

    for number, verdict in enumerate(asyncio.run(race())):
        assert isinstance(verdict, VerificationError) is bool(number % 2)


@pytest.mark.filterwarnings("ignore:coroutine 'on_file' was never awaited:RuntimeWarning")
def test_an_awaitable_lookup_under_verify_is_named() -> None:
    with pytest.raises(SigningError, match=r"lookup returned coroutine .* averify"):
        verifier(on_file).verify("POST", "/", sign(), BODY)
