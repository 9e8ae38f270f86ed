"""VERIFY-6, VERIFY-8: the parts of Authorization and the headers that must be signed."""

from __future__ import annotations

import pytest

from tests.sigv4.signed import (
    BODY,
    KEY_ID,
    MISMATCH,
    fields,
    refusal,
    sign,
    verifier,
    with_authorization,
    without,
)


@pytest.mark.parametrize("scheme", ["Bearer", "AWS4-HMAC-SHA1", "aws4-hmac-sha256", "AWS4-ECDSA-P256-SHA256"])
def test_verify_6a_another_algorithm(scheme: str) -> None:
    error = refusal(verifier(), with_authorization("AWS4-HMAC-SHA256", scheme))
    message = f"Unsupported AWS 'algorithm': '{scheme}'."
    assert fields(error) == ("VERIFY-6a", "IncompleteSignature", 400, message)


def test_verify_6b_a_part_without_an_equal_sign() -> None:
    header = f"AWS4-HMAC-SHA256 Credential={KEY_ID} /20150830/us-east-1/sagemaker/aws4_request"
    error = refusal(verifier(), {**sign(), "Authorization": header})
    message = (
        "'/20150830/us-east-1/sagemaker/aws4_request' not a valid key=value pair (missing equal-sign) "
        f"in Authorization header: '{header}'."
    )
    assert fields(error) == ("VERIFY-6b", "IncompleteSignature", 400, message)


def test_verify_6c_the_last_of_a_repeated_part_counts() -> None:
    headers = with_authorization("Credential=", "Credential=x, Signature=y, Credential=")
    assert verifier().verify("POST", "/", headers, BODY).access_key_id == KEY_ID
    headers = {**sign(), "Authorization": f"{sign()['Authorization']!s}, Signature=0"}
    assert refusal(verifier(), headers).stage == "VERIFY-15"


def test_verify_6_parts_may_be_split_by_only_comma_or_space() -> None:
    for separator in (",", " ", ",  ", " ,\t"):
        headers = with_authorization(", ", separator)
        assert verifier().verify("POST", "/", headers, BODY).access_key_id == KEY_ID


NEEDS = {
    "Credential": "Authorization header requires 'Credential' parameter.",
    "Signature": "Authorization header requires 'Signature' parameter.",
    "SignedHeaders": "Authorization header requires 'SignedHeaders' parameter.",
    "date": "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
}


@pytest.mark.parametrize(
    "missing",
    [(name,) for name in NEEDS] + [("Credential", "SignedHeaders"), ("Signature", "date"), tuple(NEEDS)],
    ids="+".join,
)
def test_verify_6d_all_missing_parts_are_named_in_order(missing: tuple[str, ...]) -> None:
    headers = sign()
    authorization = str(headers["Authorization"])
    scheme, _, parts = authorization.partition(" ")
    kept = [part for part in parts.split(", ") if part.partition("=")[0] not in missing]
    headers["Authorization"] = f"{scheme} {', '.join(kept)}"
    if "date" in missing:
        del headers["X-Amz-Date"]
    message = " ".join(text for name, text in NEEDS.items() if name in missing)
    expected = ("VERIFY-6d", "IncompleteSignature", 400, f"{message} Authorization=AWS4-HMAC-SHA256")
    assert fields(refusal(verifier(), headers)) == expected


def test_a_repeated_authorization_header_is_refused() -> None:
    headers = sign()
    for name in ("Authorization", "authorization"):
        error = refusal(verifier(), [*headers.items(), (name, headers["Authorization"])])
        assert (error.code, error.status) == ("IncompleteSignature", 400)


def test_verify_8_host_must_be_signed() -> None:
    error = refusal(verifier(), with_authorization("host;", ""))
    message = "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."
    assert fields(error) == ("VERIFY-8", "SignatureDoesNotMatch", 403, message)


@pytest.mark.parametrize("name", ["x-amz-target", "x-amz-date"])
def test_verify_8_every_x_amz_header_must_be_signed(name: str) -> None:
    error = refusal(verifier(), with_authorization(f";{name}", ""))
    message = f"'{name}' must be a 'SignedHeader' in the AWS Authorization."
    assert fields(error) == ("VERIFY-8", "SignatureDoesNotMatch", 403, message)


def test_verify_8_an_added_x_amz_header_is_refused_and_any_other_is_not_noticed() -> None:
    assert refusal(verifier(), {**sign(), "X-Amz-Meta-New": "1"}).stage == "VERIFY-8"
    headers = {**sign(), "User-Agent": "x", "Accept": "*/*"}
    assert verifier().verify("POST", "/", headers, BODY).access_key_id == KEY_ID


def test_a_signed_header_that_is_missing_is_a_mismatch() -> None:
    error = refusal(verifier(), without("Content-Type"))
    assert fields(error) == ("VERIFY-15", "SignatureDoesNotMatch", 403, MISMATCH)


@pytest.mark.parametrize(
    "names", ["host;content-type;x-amz-date;x-amz-target", "content-type;host;host;x-amz-date;x-amz-target"]
)
def test_signed_headers_out_of_order_or_repeated_are_a_mismatch(names: str) -> None:
    headers = with_authorization("content-type;host;x-amz-date;x-amz-target", names)
    assert fields(refusal(verifier(), headers)) == ("VERIFY-15", "SignatureDoesNotMatch", 403, MISMATCH)
