"""The differences between services: a signature of each dialect, and the requests that its verifier refuses."""

from __future__ import annotations

import pickle

import pytest

from sigv4 import (
    DEFAULT,
    S3,
    UNSIGNED_PAYLOAD,
    Credentials,
    Payload,
    Signer,
    SigningError,
    VerificationError,
    Verifier,
    diagnose,
)
from sigv4.dialects import SERVICES, dialect_of

from .signed import CREDENTIALS, NOW, TEMPORARY, TOKEN

HOST = "x.example"
URL = f"https://{HOST}/a"


def signed(
    service: str, body: bytes | Payload | None = b"body", credentials: Credentials = TEMPORARY
) -> dict[str, str]:
    headers = Signer(service, "us-east-1", credentials).sign("PUT", URL, (), body, at=NOW)
    return {name.lower(): str(value) for name, value in headers.items()}


def verifier(service: str, credentials: Credentials = TEMPORARY) -> Verifier:
    return Verifier(service, "us-east-1", lambda claim: credentials, clock=lambda: NOW)


def signed_names(headers: dict[str, str]) -> list[str]:
    return headers["authorization"].partition("SignedHeaders=")[2].partition(",")[0].split(";")


@pytest.mark.parametrize("service", sorted(SERVICES))
def test_every_dialect_verifies_its_own_signatures(service: str) -> None:
    headers = signed(service)
    assert verifier(service).verify("PUT", "/a", headers, b"body").access_key_id == "AKIDEXAMPLE"
    url = Signer(service, "us-east-1", TEMPORARY).presign("GET", f"{URL}?x=y", expires=60, at=NOW)
    sent = {"Host": HOST, **url.headers_to_send}
    target = url.removeprefix(f"https://{HOST}")
    assert verifier(service).verify("GET", target, sent).access_key_id == "AKIDEXAMPLE"
    with pytest.raises(VerificationError):
        verifier(service).verify("GET", target.replace("x=y", "x=z"), sent)


SESSION = Credentials.of_s3_express_session("AKIDEXAMPLE", TEMPORARY.secret_access_key, TOKEN)


def test_token_3_the_credentials_of_an_s3_express_session_have_a_token_header_of_their_own() -> None:
    headers = signed("s3express", credentials=SESSION)
    assert headers["x-amz-s3session-token"] == TOKEN
    assert "x-amz-security-token" not in headers
    assert "x-amz-s3session-token" in signed_names(headers)
    url = Signer("s3express", "us-east-1", SESSION).presign("GET", URL, expires=60, at=NOW)
    assert "&X-Amz-S3session-Token=" in url
    assert "X-Amz-Security-Token" not in url
    renamed = {**headers, "x-amz-s3session-token": "other"}
    with pytest.raises(VerificationError, match="The security token included in the request is invalid"):
        verifier("s3express", SESSION).verify("PUT", "/a", renamed, b"body")
    assert verifier("s3express", SESSION).verify("PUT", "/a", headers, b"body")
    with pytest.raises(SigningError, match="of an S3 Express session, and the signer is for 's3'"):
        signed("s3", credentials=SESSION)


def test_token_3_iam_credentials_keep_their_token_header_with_s3_express() -> None:
    headers = signed("s3express")
    assert headers["x-amz-security-token"] == TOKEN
    assert "x-amz-s3session-token" not in headers
    assert verifier("s3express").verify("PUT", "/a", headers, b"body")
    for other in (verifier("s3express", SESSION), verifier("s3express", Credentials("AKIDEXAMPLE", "s"))):
        with pytest.raises(VerificationError, match="The security token included in the request is invalid"):
            other.verify("PUT", "/a", headers, b"body")
    both = {**headers, "x-amz-s3session-token": TOKEN}
    both["authorization"] = headers["authorization"].replace("token,", "token;x-amz-s3session-token,")
    with pytest.raises(VerificationError) as caught:
        verifier("s3express").verify("PUT", "/a", both, b"body")
    assert caught.value.stage == "VERIFY-14"


def test_token_3_diagnose_says_which_header_the_token_belongs_in() -> None:
    headers = Signer("s3express", "us-east-1", TEMPORARY).sign("GET", URL, at=NOW)
    found = diagnose("GET", "/a", headers, credentials=SESSION, now=NOW).findings
    assert [each.evidence for each in found if each.id == "FAIL-23"] == [
        "the session token is sent as X-Amz-Security-Token; credentials of this kind send it as "
        "X-Amz-S3session-Token"
    ]


def test_token_2_the_iot_gateway_accepts_its_token_unsigned_and_last() -> None:
    headers = signed("iotdevicegateway")
    assert headers["x-amz-security-token"] == TOKEN
    assert "x-amz-security-token" not in signed_names(headers)
    with_token = Signer("iotdevicegateway", "us-east-1", TEMPORARY).presign("GET", URL, expires=60, at=NOW)
    without = Signer("iotdevicegateway", "us-east-1", CREDENTIALS).presign("GET", URL, expires=60, at=NOW)
    assert with_token == f"{without}&X-Amz-Security-Token=SESSION%2FTOKEN%2B%3D%3D"
    target = with_token.removeprefix(f"https://{HOST}")
    with pytest.raises(VerificationError) as caught:
        verifier("iotdevicegateway").verify("GET", target.replace("SESSION", "ANOTHER"), {"Host": HOST})
    assert caught.value.stage == "VERIFY-14"


def test_payload_4_lattice_signs_no_body_whatever_is_given() -> None:
    headers = signed("vpc-lattice-svcs")
    assert headers["x-amz-content-sha256"] == "UNSIGNED-PAYLOAD"
    assert "x-amz-content-sha256" in signed_names(headers)
    verifier("vpc-lattice-svcs").verify("PUT", "/a", headers, b"any other body")
    url = Signer("vpc-lattice-svcs", "us-east-1", CREDENTIALS).presign("GET", URL, expires=60, at=NOW)
    assert url.headers_to_send == {"X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD"}
    signer = Signer("vpc-lattice-svcs", "us-east-1", CREDENTIALS)
    with pytest.raises(SigningError, match="vpc-lattice-svcs does not accept a payload hash"):
        signer.sign("PUT", URL, (), Payload.sha256(64 * "0"))
    with pytest.raises(SigningError, match="STREAMING-AWS4-HMAC-SHA256-PAYLOAD is not accepted"):
        signer.stream("PUT", URL, length=1)


def test_payload_4_a_hash_is_refused_if_bodies_are_never_signed() -> None:
    hashed = Signer("vpc-lattice-svcs", "us-east-1", CREDENTIALS, dialect=dialect_of("aoss"))
    headers = hashed.sign("PUT", URL, (), b"body", at=NOW)
    with pytest.raises(VerificationError) as caught:
        verifier("vpc-lattice-svcs", CREDENTIALS).verify("PUT", "/a", headers, b"body")
    assert caught.value.stage == "VERIFY-15"


def test_payload_4_the_header_is_added_if_it_is_required() -> None:
    assert (
        signed("aoss")["x-amz-content-sha256"]
        == Payload.sha256("230d8358dc8e8890b4c58deeb62912ee2f20357ae92a5cc861b98e68fe31acb5").line
    )
    without = Signer("aoss", "us-east-1", CREDENTIALS, dialect=DEFAULT).sign("PUT", URL, (), b"body", at=NOW)
    with pytest.raises(VerificationError, match="Missing required header"):
        verifier("aoss", CREDENTIALS).verify("PUT", "/a", without, b"body")


def test_payload_5_aoss_accepts_an_unsigned_payload() -> None:
    assert signed("aoss", UNSIGNED_PAYLOAD)["x-amz-content-sha256"] == "UNSIGNED-PAYLOAD"


def test_a_verifier_may_refuse_unsigned_payloads_of_any_dialect() -> None:
    checker = Verifier("s3", "us-east-1", lambda claim: TEMPORARY, unsigned_payloads=False, clock=lambda: NOW)
    with pytest.raises(VerificationError) as caught:
        checker.verify("PUT", "/a", signed("s3", UNSIGNED_PAYLOAD), b"body")
    assert (caught.value.code, caught.value.status) == ("AccessDenied", 403)
    url = Signer("s3", "us-east-1", TEMPORARY).presign("GET", URL, expires=60, at=NOW)
    with pytest.raises(VerificationError, match="unsigned"):
        checker.verify("GET", url.removeprefix(f"https://{HOST}"), {"Host": HOST})
    assert checker.verify("PUT", "/a", signed("s3"), b"body").payload != "UNSIGNED-PAYLOAD"


def test_event_6_the_seed_of_an_event_stream_is_signed() -> None:
    headers = signed("transcribe", Payload("STREAMING-AWS4-HMAC-SHA256-EVENTS"))
    assert headers["x-amz-content-sha256"] == "STREAMING-AWS4-HMAC-SHA256-EVENTS"
    with pytest.raises(SigningError, match="is not accepted by iam"):
        signed("iam", Payload("STREAMING-AWS4-HMAC-SHA256-EVENTS"))


@pytest.mark.parametrize("service", ["bedrock", "health-agent", "lex", "rekognition", "sagemaker"])
def test_event_6_services_with_event_streams_accept_the_seed(service: str) -> None:
    headers = signed(service, Payload("STREAMING-AWS4-HMAC-SHA256-EVENTS"))
    verifier(service).verify_stream("PUT", "/a", headers)


def test_a_dialect_is_a_value() -> None:
    mine = S3.replace(name="mine", window=60, sign_token=False)
    assert pickle.loads(pickle.dumps(mine)) == mine != S3
    assert hash(mine) == hash(pickle.loads(pickle.dumps(mine))) != hash(S3)
    with pytest.raises(TypeError, match=r"Dialect takes .*: got colour after"):
        S3.replace(colour="red")


def test_required_headers_must_be_signed() -> None:
    checker = Verifier(
        "sagemaker",
        "us-east-1",
        lambda claim: TEMPORARY,
        required_headers=["Content-Type"],
        clock=lambda: NOW,
    )
    with pytest.raises(VerificationError, match="'content-type' must be a 'SignedHeader'"):
        checker.verify("PUT", "/a", signed("sagemaker"), b"body")
    more = {**signed("sagemaker"), "content-type": "a/b"}
    del more["authorization"]
    headers = Signer("sagemaker", "us-east-1", TEMPORARY).sign("PUT", URL, more, b"body", at=NOW)
    assert checker.verify("PUT", "/a", headers, b"body").signed_headers[0] == "content-type"
    with pytest.raises(SigningError, match="required_headers is 'content-type': expected several"):
        Verifier("sagemaker", "us-east-1", lambda claim: None, required_headers="content-type")
