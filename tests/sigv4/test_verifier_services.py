"""Differences between services in a verifier: windows, validity of URLs, unsigned headers, refusals."""

from __future__ import annotations

from typing import Any

import pytest

from sigv4 import Credentials, Signer, SigningError, VerificationError, Verifier
from sigv4.error_responses import S3_XML, answer
from tests.plan import Plan, signature

KEYS = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
AT = 1440938160  # 20150830T123600Z


def refusal(service: str, *request: Any, now: float = AT, strict: bool = False) -> VerificationError | None:
    verifier = Verifier(service, "us-east-1", lambda claim: KEYS, clock=lambda: now, strict=strict)
    try:
        verifier.verify(*request)
    except VerificationError as error:
        return error
    return None


def without_expires(service: str) -> tuple[str, str, list[tuple[str, str]]]:
    """A presigned URL without X-Amz-Expires, as in IAM's example for EC2, made by the oracle of the tests."""
    given: dict[str, Any] = {
        "method": "GET", "url": f"https://{service}.us-east-1.amazonaws.com/?Action=DescribeInstances&Version=2013-10-15",
        "headers": [], "body": None, "service": service, "region": "us-east-1", "access_key_id": KEYS.access_key_id,
        "secret_access_key": KEYS.secret_access_key, "session_token": None, "at": "20150830T123600Z", "expires": 0,
    }  # fmt: skip

    class WithoutExpires(Plan):
        def parameters(self) -> list[tuple[str, str]]:
            return [pair for pair in super().parameters() if pair[0] != "X-Amz-Expires"]

    plan = WithoutExpires(given)
    url = plan.url(signature(given, plan.string_to_sign()))
    return "GET", "/" + url.split("/", 3)[3], [("Host", plan.host)]


def test_a_url_without_expires_is_valid_for_the_window_except_at_s3() -> None:
    request = without_expires("ec2")
    assert refusal("ec2", *request, now=AT + 300) is None
    late = refusal("ec2", *request, now=AT + 301)
    assert late is not None
    assert late.stage == "VERIFY-10"
    s3 = refusal("s3", *without_expires("s3"))
    assert s3 is not None
    assert (s3.stage, s3.code) == ("VERIFY-7", "AuthorizationQueryParametersError")


@pytest.mark.parametrize(
    ("service", "expires", "life"),
    [("sts", 60, 900), ("sts", 3600, 900), ("iotdevicegateway", 3600, 300), ("service", 60, 60)],
)
def test_expires_counts_only_if_the_service_uses_it(service: str, expires: int, life: int) -> None:
    """EKS tokens are presigned for 60 seconds and are valid for 15 minutes."""
    url = Signer(service, "us-east-1", KEYS).presign(
        "GET", f"https://{service}.amazonaws.com/", expires=expires, at=AT
    )
    request = "GET", "/" + str(url).split("/", 3)[3], [("Host", f"{service}.amazonaws.com")]
    assert refusal(service, *request, now=AT + life) is None
    late = refusal(service, *request, now=AT + life + 1)
    assert late is not None
    assert late.stage == "VERIFY-10"


@pytest.mark.parametrize(("service", "window"), [("sts", 900), ("dynamodb", 900), ("s3", 900), ("iam", 300)])
def test_the_window_is_that_of_the_service(service: str, window: int) -> None:
    headers = Signer(service, "us-east-1", KEYS).sign("GET", f"https://{service}.amazonaws.com/", at=AT)
    for side in (-1, 1):
        assert refusal(service, "GET", "/", headers, now=AT + side * window) is None
        error = refusal(service, "GET", "/", headers, now=AT + side * (window + 1))
        assert error is not None
        assert error.stage == ("VERIFY-10" if side > 0 else "VERIFY-11")


def test_s3_accepts_its_hash_header_unsigned_and_no_other() -> None:
    """S3's page on header-based authentication: the value is the payload line even if the header is not signed."""
    given: dict[str, Any] = {
        "method": "PUT", "url": "https://s3.amazonaws.com/key", "headers": [], "body": "data", "service": "iam",
        "region": "us-east-1", "access_key_id": KEYS.access_key_id, "secret_access_key": KEYS.secret_access_key,
        "session_token": None, "at": "20150830T123600Z",
    }  # fmt: skip
    plan = Plan(given)  # the hash header is not signed, but is the payload line; the path follows S3's rule
    plan.service = "s3"
    sign = signature({**given, "service": "s3"}, plan.string_to_sign())
    authorization = (
        f"AWS4-HMAC-SHA256 Credential={plan.credential}, SignedHeaders=host;x-amz-date, Signature={sign}"
    )
    digest = plan.payload
    headers = [
        ("Host", "s3.amazonaws.com"), ("X-Amz-Date", given["at"]), ("X-Amz-Content-SHA256", digest),
        ("Authorization", authorization),
    ]  # fmt: skip
    assert refusal("s3", "PUT", "/key", headers, b"data") is None
    other = refusal("s3", "PUT", "/key", headers, b"other")
    assert other is not None
    assert other.code == "XAmzContentSHA256Mismatch"
    more = refusal("s3", "PUT", "/key", [*headers, ("X-Amz-Acl", "private")], b"data")
    assert more is not None
    assert more.stage == "VERIFY-8"
    # For other services the header must be signed.
    iam = refusal("iam", "PUT", "/key", [(n, str(v).replace("/s3/", "/iam/")) for n, v in headers], b"data")
    assert iam is not None
    assert iam.stage == "VERIFY-8"


@pytest.mark.parametrize(
    ("service", "header", "stage", "words"),
    [
        ("iam", "Bearer abc", "VERIFY-6a", "Unsupported AWS 'algorithm': 'Bearer'."),
        ("execute-api", "Bearer abc", "VERIFY-6b", "'abc' not a valid key=value pair"),
        ("execute-api", "eyJhbGciOi", "VERIFY-6d", "SignedHeaders' parameter. Authorization=eyJhbGciOi"),
        ("execute-api", "Basic a=b", "VERIFY-6d", "Authorization=Basic a=b"),
        ("execute-api", "AWS5 Credential=a, SignedHeaders=host, Signature=b", "VERIFY-6a", "'AWS5'"),
        ("execute-api", "AWS4-HMAC-SHA256 Credential=a", "VERIFY-6d", "Authorization=AWS4-HMAC-SHA256"),
    ],
)
def test_api_gateway_reads_the_parts_before_the_algorithm(
    service: str, header: str, stage: str, words: str
) -> None:
    headers = [("Host", "h"), ("X-Amz-Date", "20150830T123600Z"), ("Authorization", header)]
    error = refusal(service, "GET", "/", headers)
    assert error is not None
    assert error.stage == stage
    assert words in error.message


def test_s3_names_the_times_of_an_expired_url() -> None:
    url = Signer("s3", "us-east-1", KEYS).presign("GET", "https://b.s3.amazonaws.com/k", expires=60, at=AT)
    error = refusal(
        "s3", "GET", "/" + str(url).split("/", 3)[3], [("Host", "b.s3.amazonaws.com")], now=AT + 61
    )
    assert error is not None
    response = answer(S3_XML, error, "id")
    body = response.body.decode()
    assert response.status == 403
    assert "<Code>AccessDenied</Code><Message>Request has expired</Message>" in body
    assert "<X-Amz-Expires>60</X-Amz-Expires><Expires>2015-08-30T12:37:00Z</Expires>" in body
    assert "<ServerTime>2015-08-30T12:37:01Z</ServerTime>" in body
    headers = Signer("s3", "us-east-1", KEYS).sign("GET", "https://b.s3.amazonaws.com/k", at=AT)
    error = refusal("s3", "GET", "/k", headers, now=AT + 901)
    assert error is not None
    body = answer(S3_XML, error, "id").body.decode()
    assert "<Code>RequestTimeTooSkewed</Code>" in body
    assert "<RequestTime>20150830T123600Z</RequestTime>" in body
    assert "<MaxAllowedSkewMilliseconds>900000</MaxAllowedSkewMilliseconds>" in body


def test_the_region_of_a_verifier_is_checked_for_its_service() -> None:
    """Other clouds have stores in regions such as ``us-east1``; only AWS has SageMaker."""
    assert Verifier("s3", "us-east1", lambda claim: KEYS).region == "us-east1"
    with pytest.raises(SigningError, match="the region is 'us-east1': AWS spells it 'us-east-1'"):
        Verifier("sagemaker", "us-east1", lambda claim: KEYS)
