"""The parts of a received request, and what a refusal of one says (VERIFY-1...11)."""

from __future__ import annotations

import traceback
from typing import Any

import pytest

from sigv4 import V4, Signer, VerificationError
from sigv4.dialects import dialect_of
from sigv4.signed_request import SignedRequest, clock_error

from .signed import BODY, HEADERS, NOW, TEMPORARY, URL, fields, refusal, sign, verifier

HOST = "api.sagemaker.us-east-1.amazonaws.com"


def received(url: str = "/", headers: Any = (), service: str = "sagemaker", **options: Any) -> SignedRequest:
    return SignedRequest("POST", url, headers, dialect_of(service), (V4,), **options)


def refused(*arguments: Any, **options: Any) -> tuple[str, str, int, str]:
    with pytest.raises(VerificationError) as caught:
        received(*arguments, **options)
    return fields(caught.value)


def test_repeated_parts_are_refused_only_if_that_is_asked() -> None:
    headers = sign()
    twice = str(headers["Authorization"]).replace("SignedHeaders=", "SignedHeaders=a, SignedHeaders=")
    headers["Authorization"] = twice
    assert received(headers=headers).signed_headers == "content-type;host;x-amz-date;x-amz-target"
    assert refused(headers=headers, strict=True)[0] == "VERIFY-6c"


def test_a_request_that_was_not_read_to_its_end_can_be_shown() -> None:
    with pytest.raises(VerificationError) as caught:
        received("/#")
    shown = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    assert "self = SignedRequest('POST', '')" in "".join(shown.format())


def test_verify_6_an_authorization_header_is_not_empty_and_not_repeated() -> None:
    code = "IncompleteSignature"
    headers = sign()
    assert refused(headers={**headers, "Authorization": ""}) == (
        "VERIFY-6a", code, 400, "Unsupported AWS 'algorithm': ''.",
    )  # fmt: skip
    assert refused(headers=[*headers.items(), ("authorization", "x")]) == (
        "VERIFY-6", code, 400, "Authorization header is repeated: exactly one is required.",
    )  # fmt: skip


def test_verify_14_a_token_has_one_place() -> None:
    said = ("VERIFY-14", "InvalidClientTokenId", 403, "The security token included in the request is invalid")
    url = Signer("sagemaker", "us-east-1", TEMPORARY).presign("POST", URL, expires=60, at=NOW)
    target = "/?" + url.partition("?")[2]
    assert refused(target, {"Host": HOST, "X-Amz-Security-Token": "T"}) == said
    both = sign(TEMPORARY, service="s3express") | {"X-Amz-S3session-Token": "T"}
    assert refused(headers=both, service="s3express") == said


def test_verify_8_required_headers_do_not_excuse_others() -> None:
    checker = verifier(required_headers=("content-type",))
    checker.verify("POST", "/", sign(), BODY)
    found = refusal(checker, sign() | {"X-Amz-Meta-A": "b"})
    assert (found.stage, found.message) == (
        "VERIFY-8",
        "'x-amz-meta-a' must be a 'SignedHeader' in the AWS Authorization.",
    )
    without = sign(headers={"X-Amz-Target": "T"})
    assert refusal(checker, without).stage == "VERIFY-8"


def test_verify_8_many_headers_are_signed() -> None:
    many = HEADERS | {f"X-Amz-Meta-{number}": "a" for number in range(40)}
    verifier().verify("POST", "/", sign(headers=many), BODY)
    assert refusal(verifier(), sign(headers=many) | {"X-Amz-Meta-A": "b"}).stage == "VERIFY-8"


def test_verify_10_11_the_clock_of_a_refused_request_is_shown() -> None:
    error = clock_error("VERIFY-10", "20150830T123600Z", NOW, NOW + 100, 60, 300)
    assert error.message == (
        "Signature expired: 20150830T123600Z is now earlier than 20150830T123640Z (20150830T123740Z - 1 min.)"
    )
    assert error.details == (
        ("X-Amz-Expires", "60"),
        ("Expires", "2015-08-30T12:37:00Z"),
        ("ServerTime", "2015-08-30T12:37:40Z"),
    )
    error = clock_error("VERIFY-11", "20150830T123600Z", NOW, NOW - 400, None, 300)
    assert error.message == (
        "Signature not yet current: 20150830T123600Z is still later than 20150830T123420Z "
        "(20150830T122920Z + 5 min.)"
    )
    assert error.details == (
        ("RequestTime", "20150830T123600Z"),
        ("ServerTime", "2015-08-30T12:29:20Z"),
        ("MaxAllowedSkewMilliseconds", "300000"),
    )
