"""``strict=True``: only requests in canonical form are accepted."""

from __future__ import annotations

import pytest

from tests.sigv4.signed import (
    BODY,
    KEY_ID,
    MISMATCH,
    URL,
    fields,
    refusal,
    sign,
    verifier,
    with_authorization,
)


@pytest.mark.parametrize(
    "target",
    [
        "/a//b",
        "/a/./b",
        "/a/../b",
        "/%7E",
        "/%2f",
        "/a:b",
        "/?a",
        "/?a=%7e",
        "/?a=%2d",
        "/?a=b&",
        "/?a=b+c",
        "/?a=2&a=1",
        "/?",
    ],
)
def test_strict_refuses_a_target_that_is_not_canonical(target: str) -> None:
    headers = sign(url=URL[:-1] + target)
    assert verifier().verify("POST", target, headers, BODY).access_key_id == KEY_ID
    error = refusal(verifier(strict=True), headers, url=target)
    assert fields(error) == ("VERIFY-15", "SignatureDoesNotMatch", 403, MISMATCH)


@pytest.mark.parametrize(
    "target",
    ["/", "/a%20b/c/", "/~x", "/?a=", "/?b=2&a=1", "/?Param=1&Param-3=2", "/?Param-3=2&Param=1", "/%25"],
)
def test_strict_accepts_a_canonical_target(target: str) -> None:
    headers = sign(url=URL[:-1] + target)
    assert verifier(strict=True).verify("POST", target, headers, BODY).access_key_id == KEY_ID


@pytest.mark.parametrize("value", [" a", "a ", "a  b", "a\tb"])
def test_strict_refuses_only_padded_signed_headers(value: str) -> None:
    strict = verifier(strict=True)
    headers = sign(headers={"X-Amz-Meta-A": value})
    assert verifier().verify("POST", "/", headers, BODY).access_key_id == KEY_ID
    assert refusal(strict, headers).stage == "VERIFY-15"
    assert strict.verify("POST", "/", {**sign(), "User-Agent": value}, BODY).access_key_id == KEY_ID


def test_strict_refuses_repeated_signed_headers() -> None:
    headers = [*sign(headers={"X-Amz-Meta-A": "1,2"}).items()]
    split = [pair for pair in headers if pair[0] != "X-Amz-Meta-A"] + [
        ("X-Amz-Meta-A", "1"),
        ("x-amz-meta-a", "2"),
    ]
    assert verifier().verify("POST", "/", split, BODY).access_key_id == KEY_ID
    assert refusal(verifier(strict=True), split).stage == "VERIFY-15"


def test_strict_names_a_part_of_authorization_that_is_missing() -> None:
    headers = sign()
    headers["Authorization"] = str(headers["Authorization"]).partition(", Signature=")[0]
    error = refusal(verifier(strict=True), headers)
    assert error.stage == "VERIFY-6d"
    assert error.message == (
        "Authorization header requires 'Signature' parameter. Authorization=AWS4-HMAC-SHA256"
    )


def test_strict_refuses_repeated_and_unknown_parts_of_authorization() -> None:
    for old, new in (("Credential=", "Credential=x, Credential="), ("Credential=", "Extra=1, Credential=")):
        headers = with_authorization(old, new)
        assert verifier().verify("POST", "/", headers, BODY).access_key_id == KEY_ID
        assert refusal(verifier(strict=True), headers).code == "IncompleteSignature"
