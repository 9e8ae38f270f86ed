"""The errors for a payload line that is refused, in headers and in presigned URLs (PAYLOAD-2, 4)."""

from __future__ import annotations

import pytest

from sigv4.dialects import dialect_of
from sigv4.errors import SigningError
from sigv4.headers import HeaderSet
from sigv4.payload_hash import line_to_presign, line_to_sign

EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
LONG = "0123456789" * 20


def test_a_declared_hash_that_is_not_of_the_body_is_shown_with_the_right_one() -> None:
    for line_of in (line_to_sign, line_to_presign):
        with pytest.raises(SigningError) as caught:
            line_of(b"", dialect_of("s3"), "s3", HeaderSet([("x-amz-content-sha256", LONG)]))
        assert str(caught.value) == (
            f"the header x-amz-content-sha256 declares '{LONG[:80]}' and the body gives '{EMPTY}': "
            "leave the header out; it is added if the service needs it"
        )


def test_a_declared_line_that_is_neither_a_hash_nor_a_literal_is_named() -> None:
    for line_of in (line_to_sign, line_to_presign):
        with pytest.raises(SigningError) as caught:
            line_of(None, dialect_of("s3"), "s3", HeaderSet([("x-amz-content-sha256", LONG)]))
        assert str(caught.value) == (
            f"the header x-amz-content-sha256 is '{LONG[:80]}': expected 64 lower-case hex digits or a literal "
            "such as UNSIGNED-PAYLOAD"
        )


def test_a_literal_that_the_service_does_not_accept_is_refused_with_its_name() -> None:
    headers = HeaderSet([("x-amz-content-sha256", "UNSIGNED-PAYLOAD")])
    for line_of in (line_to_sign, line_to_presign):
        with pytest.raises(SigningError, match=r"^UNSIGNED-PAYLOAD is not accepted by sagemaker \(dialect "):
            line_of(None, dialect_of("sagemaker"), "sagemaker", headers)
