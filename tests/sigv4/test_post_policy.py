"""S3 POST policies (FORM-1)."""

from __future__ import annotations

import base64
import json
from itertools import product
from typing import Any

import pytest

from sigv4 import Credentials, Signer, SigningError
from sigv4.dialects import S3
from tests.sigv4.post_policies import AT, B_AND_K, DOCUMENT, B, signer


def test_the_published_example() -> None:
    fields = signer().post_policy(DOCUMENT, at=AT)
    assert base64.b64decode(fields.pop("policy")) == DOCUMENT.encode()
    assert fields == {
        "x-amz-algorithm": "AWS4-HMAC-SHA256",
        "x-amz-credential": "AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request",
        "x-amz-date": "20151229T000000Z",
        "x-amz-signature": "8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e",
    }


def test_an_expiry_and_the_conditions_of_the_signature_are_added() -> None:
    temporary = Credentials(B.access_key_id, B.secret_access_key, "TOKEN")
    fields = signer(temporary).post_policy(
        [{"bucket": "b"}, ["starts-with", "$key", "u/"]], expires=90, at=AT
    )
    document = json.loads(base64.b64decode(fields["policy"]))
    assert document == {
        "expiration": "2015-12-29T00:01:30.000Z",
        "conditions": [
            {"bucket": "b"},
            ["starts-with", "$key", "u/"],
            {"x-amz-algorithm": "AWS4-HMAC-SHA256"},
            {"x-amz-credential": "AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request"},
            {"x-amz-date": "20151229T000000Z"},
            {"x-amz-security-token": "TOKEN"},
        ],
    }
    assert fields["x-amz-security-token"] == "TOKEN"
    policy = signer().post_policy([{"bucket": "b"}, ["starts-with", "$key", "u/"]], at=AT)["policy"]
    assert json.loads(base64.b64decode(policy))["expiration"] == "2015-12-29T01:00:00.000Z", "an hour"


@pytest.mark.interop
def test_botocore_signs_the_same_policy_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    auth = pytest.importorskip("botocore.auth", reason="botocore is not installed")
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials as Theirs

    moment = __import__("datetime").datetime(2015, 12, 29)
    monkeypatch.setattr(auth, "get_current_datetime", lambda remove_tzinfo=True: moment)
    request = AWSRequest(method="POST", url="https://b.s3.amazonaws.com")
    request.context["s3-presign-post-fields"] = {}
    request.context["s3-presign-post-policy"] = {
        "expiration": "2015-12-30T12:00:00Z",
        "conditions": [{"bucket": "b"}, ["starts-with", "$key", "u/"]],
    }
    auth.S3SigV4PostAuth(Theirs(B.access_key_id, B.secret_access_key), "s3", "us-east-1").add_auth(request)
    theirs = request.context["s3-presign-post-fields"]
    ours = signer().post_policy(base64.b64decode(theirs["policy"]), at=AT)
    assert ours == theirs


def test_a_document_of_bytes_is_signed_as_its_text_is() -> None:
    document = DOCUMENT.replace("user1", "\u00fc")
    assert signer().post_policy(document.encode(), at=AT) == signer().post_policy(document, at=AT)


def test_conditions_are_refused_exactly_if_no_value_meets_them_all() -> None:
    kinds = [(operator, text) for operator in ("eq", "starts-with") for text in ("", "a", "ab", "b")]
    for chosen in product(kinds, repeat=3):
        values = [
            value
            for value in ("", "a", "ab", "abc", "b", "bc")
            if all(value == text if operator == "eq" else value.startswith(text) for operator, text in chosen)
        ]
        conditions: list[dict[str, str] | list[str | int]] = [
            {"bucket": "b"},
            {"key": "k"},
        ]
        conditions += [[operator, "$acl", text] for operator, text in chosen]
        if values:
            signer().post_policy(conditions, at=AT)
        else:
            with pytest.raises(SigningError, match="for 'acl', which no value satisfies"):
                signer().post_policy(conditions, at=AT)


@pytest.mark.parametrize(
    "conditions",
    [
        [{"bucket": "b"}, ["content-length-range", "1", "1024"], {"key": "k"}],
        [["EQ", "$bucket", "b"], ["Starts-With", "$Content-Type", ""], {"key": "k"}],
        [["starts-with", "$bucket", "b"], {"key": "k"}],
        [{"Bucket": "b"}, {"x-amz-meta-date": "x"}, {"key": "k"}],
        [{"bucket": "b"}, {"key": "a/b"}, ["starts-with", "$key", "a/"]],
        [{"bucket": "b"}, ["starts-with", "$key", "a/"], ["starts-with", "$key", "a/b"], {"key": "a/bc"}],
        [{"bucket": "b"}, ["starts-with", "$key", ""], ["content-length-range", 0, 5368709120]],
        [*B_AND_K, ["content-length-range", 5368709120, 5368709120]],
        [*B_AND_K, ["content-length-range", 0, 2**63 - 1], ["starts-with", "$a", ""]],
        DOCUMENT.replace('{"acl"', '["starts-with", "$x-amz-security-token", ""], {"acl"'),
        DOCUMENT.replace('{"acl"', '{"x-amz-security-token": ""}, {"acl"'),
        DOCUMENT.replace('{"x-amz-date": "20151229T000000Z" }', '["starts-with", "$X-Amz-Date", "20151229"]'),
    ],
)
def test_form_1_a_policy_that_s3_accepts_is_signed(conditions: Any) -> None:
    assert signer().post_policy(conditions, at=AT)["x-amz-signature"]


def test_form_1_the_date_in_the_document_must_be_that_of_the_form() -> None:
    with pytest.raises(SigningError, match="and the form gets '20151229T000001Z'"):
        signer().post_policy(DOCUMENT, at=AT + 1)


def test_form_1_a_document_has_a_condition_for_the_session_token() -> None:
    temporary = signer(Credentials(B.access_key_id, B.secret_access_key, "TOKEN"))
    with pytest.raises(SigningError, match="no condition for 'x-amz-security-token'"):
        temporary.post_policy(DOCUMENT, at=AT)
    named = DOCUMENT.replace('{"acl"', '{"x-amz-security-token": "TOKEN"}, {"acl"')
    assert temporary.post_policy(named, at=AT)["x-amz-security-token"] == "TOKEN"
    with pytest.raises(SigningError, match="'TOKEN' for 'x-amz-security-token' and the form gets None"):
        signer().post_policy(named, at=AT)


@pytest.mark.parametrize("service", ["iam", "sts", "my-service"])
def test_form_1_only_s3_accepts_a_policy(service: str) -> None:
    with pytest.raises(SigningError, match="only S3 has POST policies"):
        Signer(service, "us-east-1", B).post_policy([{"bucket": "b"}, {"key": "k"}], at=AT)
    store = Signer("my-store", "us-east-1", B, dialect=S3)
    assert store.post_policy([{"bucket": "b"}, {"key": "k"}], at=AT)["x-amz-signature"]
