"""4A through ``Signer`` and ``Verifier``: headers, URLs and chunks whose signature is valid in several regions."""

from __future__ import annotations

import io
from base64 import b64encode
from binascii import crc32
from typing import Any

import pytest

import sigv4
from sigv4 import V4, V4A, Claim, Credentials, Signer, SigningError, VerificationError, Verifier, v4, v4a
from sigv4.scope import Scope
from sigv4.streaming.chunk_decoder import Decoder
from sigv4.streaming.chunk_signatures import SignatureChain

from .signed import BODY, CREDENTIALS, HEADERS, KEY_ID, NOW, TEMPORARY, URL

pytest.importorskip("cryptography", reason="cryptography is not installed (extra `sigv4a`)")

SCOPE = v4a.Scope("20150830", "sagemaker")


def signer(region_set: str = "us-east-1,us-west-2", credentials: Credentials = CREDENTIALS) -> Signer:
    return Signer("sagemaker", region_set, credentials, algorithm=V4A)


def verifier(on_file: Any = CREDENTIALS, region: str = "us-east-1", **options: Any) -> Verifier:
    given: dict[str, Any] = {"algorithms": (V4A,), "clock": lambda: NOW} | options
    return Verifier("sagemaker", region, lambda claim: on_file, **given)


def sign(region_set: str = "us-east-1,us-west-2", credentials: Credentials = CREDENTIALS) -> dict[str, Any]:
    return dict(signer(region_set, credentials).sign("POST", URL, HEADERS, BODY, at=NOW))


def refused(
    checker: Verifier, headers: dict[str, Any], url: str = "/", method: str = "POST"
) -> tuple[str, str]:
    with pytest.raises(VerificationError) as caught:
        checker.verify(method, url, headers, BODY)
    return caught.value.stage, caught.value.message


def test_v4a_1_the_region_set_is_sent_and_signed() -> None:
    signed = sign()
    assert signed["X-Amz-Region-Set"] == "us-east-1,us-west-2"
    assert "x-amz-region-set" in signed["Authorization"].partition("SignedHeaders=")[2]
    assert signed["Authorization"].startswith(
        f"AWS4-ECDSA-P256-SHA256 Credential={KEY_ID}/20150830/sagemaker/aws4_request, "
    )


@pytest.mark.parametrize("credentials", [CREDENTIALS, TEMPORARY], ids=["fixed", "temporary"])
@pytest.mark.parametrize("region_set", ["*", "us-east-1", "us-west-2,us-east-1", "us-*", "*-1"])
def test_what_is_signed_verifies_in_each_of_its_regions(region_set: str, credentials: Credentials) -> None:
    verified = verifier(credentials).verify("POST", "/", sign(region_set, credentials), BODY)
    assert (verified.access_key_id, verified.scope) == (KEY_ID, SCOPE)


@pytest.mark.parametrize("region_set", ["us-west-2", "us-east-10", "us-east", "eu-*", "us-east-1*0", "*-2"])
def test_verify_13_a_region_outside_the_set_is_refused(region_set: str) -> None:
    stage, message = refused(verifier(), sign(region_set))
    assert stage == "VERIFY-13"
    assert message == f"Credential should be scoped to a valid region, not '{region_set}'. "


def test_verify_8_an_unsigned_region_set_is_refused() -> None:
    signed = sign()
    signed["Authorization"] = signed["Authorization"].replace(";x-amz-region-set", "")
    assert refused(verifier(), signed) == (
        "VERIFY-8",
        "'x-amz-region-set' must be a 'SignedHeader' in the AWS Authorization.",
    )


def test_verify_13_a_request_without_a_region_set_is_refused() -> None:
    signed = sign()
    del signed["X-Amz-Region-Set"]
    signed["Authorization"] = signed["Authorization"].replace("x-amz-region-set;", "")
    url = signer().presign("GET", URL, expires=60, at=NOW).replace("X-Amz-Region-Set=", "A=")
    said = ("VERIFY-13", "Credential should be scoped to a valid region, not ''. ")
    assert refused(verifier(), signed) == said
    assert refused(verifier(), {"Host": URL.split("/")[2]}, "/?" + url.partition("?")[2], "GET") == said


def test_a_changed_region_set_is_refused() -> None:
    assert refused(verifier(), sign() | {"X-Amz-Region-Set": "*"})[0] == "VERIFY-15"


def test_verify_12_a_scope_with_a_region_is_refused() -> None:
    signed = sign()
    signed["Authorization"] = signed["Authorization"].replace("/sagemaker/", "/us-east-1/sagemaker/")
    stage, message = refused(verifier(), signed)
    assert stage == "VERIFY-12"
    assert "exactly 4 slash-delimited elements" in message


def test_each_algorithm_is_refused_where_the_other_is_required() -> None:
    assert refused(verifier(algorithms=(V4,)), sign()) == (
        "VERIFY-6a",
        "Unsupported AWS 'algorithm': 'AWS4-ECDSA-P256-SHA256'.",
    )
    plain = Signer("sagemaker", "us-east-1", CREDENTIALS).sign("POST", URL, HEADERS, BODY, at=NOW)
    assert refused(verifier(), dict(plain))[0] == "VERIFY-6a"
    assert verifier(algorithms=(V4, V4A)).verify("POST", "/", plain, BODY).access_key_id == KEY_ID


def test_the_lookup_sees_the_algorithm_and_may_return_the_public_key() -> None:
    claims: list[Claim] = []
    key = v4a.key_of(CREDENTIALS, SCOPE)
    for on_file in (key, key.public_key):

        def lookup(claim: Claim, on_file: Any = on_file) -> Any:
            claims.append(claim)
            return on_file

        checker = Verifier("sagemaker", "us-east-1", lookup, algorithms=(V4A,), clock=lambda: NOW)
        assert checker.verify("POST", "/", sign(), BODY).access_key_id == KEY_ID
    assert claims == 2 * [Claim(KEY_ID, None, SCOPE, V4A)]
    for wrong in (v4.signing_key("x", Scope("20150830", "us-east-1", "sagemaker")), "AKIDEXAMPLE"):
        with pytest.raises(SigningError, match=r"lookup returned (SigningKey|str) for AWS4-ECDSA"):
            verifier(wrong).verify("POST", "/", sign(), BODY)
    other = v4a.key_of(Credentials("AKIDOTHER", "x"), SCOPE)
    assert refused(verifier(other.public_key), sign())[0] == "VERIFY-15"


def test_a_presigned_url_has_its_region_set() -> None:
    url = signer(credentials=TEMPORARY).presign("GET", URL, expires=60, at=NOW)
    assert "&X-Amz-Region-Set=us-east-1%2Cus-west-2&X-Amz-Security-Token=" in url
    target = "/?" + url.partition("?")[2]
    host = {"Host": "api.sagemaker.us-east-1.amazonaws.com"}
    assert verifier(TEMPORARY).verify("GET", target, host).access_key_id == KEY_ID
    assert refused(verifier(TEMPORARY, region="eu-west-1"), host, target, "GET")[0] == "VERIFY-13"
    changed = target.replace("us-east-1%2Cus-west-2", "%2A")
    with pytest.raises(VerificationError) as caught:
        verifier(TEMPORARY).verify("GET", changed, host)
    assert caught.value.stage == "VERIFY-15"


CRC = b64encode(crc32(66560 * b"a").to_bytes(4, "big")).decode()


@pytest.mark.parametrize("trailers", [(), [("x-amz-checksum-crc32", CRC)]])
def test_a_stream_is_padded_and_verifies_with_the_public_key(trailers: Any) -> None:
    credentials = Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
    upload = Signer("s3", "*", credentials, algorithm=V4A).stream(
        "PUT", "https://x.example/k", length=66560, trailers=trailers, at=1369353600
    )
    body = b"".join(upload.encode(io.BytesIO(66560 * b"a")))
    assert str(len(body)) == upload.headers["Content-Length"]
    if not trailers:
        assert len(body) == 67064  # CHUNK-V4A-1, the sizes of EX-S3-6
    literal = "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD" + ("-TRAILER" if trailers else "")
    assert upload.headers["X-Amz-Content-SHA256"] == literal
    seed = str(upload.headers["Authorization"]).rpartition("=")[2]
    scope = v4a.Scope("20130524", "s3")
    public = v4a.key_of(credentials, scope).public_key
    chain = SignatureChain(public, str(scope), "20130524T000000Z", seed, algorithm=v4a)
    decoder = Decoder(66560, chain, [name for name, _ in trailers])
    assert b"".join(decoder.feed(body)) == 66560 * b"a"
    assert decoder.finish() == dict(trailers)


def test_explain_names_the_rules_of_4a() -> None:
    why = signer().explain("POST", URL, HEADERS, BODY, at=NOW)
    assert "  V4A-2  private key = KDF" in str(why)
    assert f"  V4A-3  {why.signature}" in str(why)
    assert why.string_to_sign.startswith("AWS4-ECDSA-P256-SHA256\n20150830T123600Z\n20150830/sagemaker/")


def test_a_signature_signed_again_replaces_the_region_set() -> None:
    again = signer("*").sign("POST", URL, sign(), BODY, at=NOW)
    assert [value for name, value in again.items() if name.lower() == "x-amz-region-set"] == ["*"]
    plain = Signer("sagemaker", "us-east-1", CREDENTIALS).sign("POST", URL, sign(), BODY, at=NOW)
    assert "x-amz-region-set" not in {name.lower() for name in plain}


def test_values_that_4a_cannot_sign_are_refused() -> None:
    one = "is signed for one region: make a Signer without algorithm=V4A$"
    with pytest.raises(SigningError, match=f"^a POST policy {one}"):
        signer().post_policy([{"bucket": "b"}, {"key": "k"}], at=NOW)
    with pytest.raises(SigningError, match=f"^an event stream {one}"):
        signer().events("POST", URL, at=NOW)
    with pytest.raises(SigningError, match="the region set is 'us east'"):
        signer("us east")
    with pytest.raises(SigningError, match="the algorithm is 'v4a': expected V4"):
        Signer("sagemaker", "*", CREDENTIALS, algorithm="v4a")
    with pytest.raises(SigningError, match="the algorithm is 'RSA'"):
        verifier(algorithms=("RSA",))


def test_the_package_exports_both_algorithms() -> None:
    assert (sigv4.V4, sigv4.V4A) == ("AWS4-HMAC-SHA256", v4a.ALGORITHM)
    assert signer().algorithm == V4A
    assert repr(signer()) == (
        "Signer('sagemaker', 'us-east-1,us-west-2', dialect='event stream', algorithm='AWS4-ECDSA-P256-SHA256')"
    )
