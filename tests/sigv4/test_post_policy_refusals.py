"""POST policies that are refused, because S3 would take no form with them (FORM-1)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sigv4 import Credentials, SigningError
from tests.sigv4.post_policies import AT, B_AND_K, DOCUMENT, signer
from tests.vectors import read


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        ("{", "not a JSON document"),
        (b"\xff", "not a JSON document"),
        ("[]", "no expiration"),
        ('{"conditions": []}', "no expiration"),
        ('{"expiration": "2030-01-01T00:00:00Z"}', "no list of conditions"),
        ([{}], "the condition {} is neither"),
        (["bucket"], "the condition 'bucket' is neither"),
        ([{"": "x"}], "the condition {'': 'x'} is neither"),
        ([["eq", "$", "x"]], "is neither"),
        ([[5, "$key", "x"]], "is neither"),
        ({"bucket": "b"}, "no list of conditions"),
    ],
)
def test_a_document_that_is_not_a_policy_is_refused(policy: Any, words: str) -> None:
    with pytest.raises(SigningError, match=words):
        signer().post_policy(policy, at=AT)


EXPIRATION = "expected UTC as '2026-01-02T03:04:05.000Z'"


@pytest.mark.parametrize(
    ("policy", "text"),
    [
        (
            "{",
            "the policy is not a JSON document in UTF-8: JSONDecodeError",
        ),
        (b"\xff", "the policy is not a JSON document in UTF-8: UnicodeDecodeError"),
        ("[]", "the policy document has no expiration: expected '2026-01-02T03:04:05.000Z'"),
        ({"bucket": "b"}, "the policy has no list of conditions: expected [{'bucket': …}, …]"),
        (
            DOCUMENT.replace('{"bucket"', '{"bucket": "a", "bucket"'),
            "the policy document has an object with the same name twice: give each once",
        ),
        (
            [*B_AND_K, {"x-amz-date": "x"}],
            "the conditions hold 'x-amz-date', which is added with the signature's own value: leave it out",
        ),
        (
            DOCUMENT.replace("20151229T000000Z", "x"),
            "the policy document has 'x' for 'x-amz-date' and the form gets '20151229T000000Z': S3 refuses the "
            "form. Give the same time and credentials, or conditions in place of a document",
        ),
        (
            [{"key": "k"}],
            "the policy has no condition for the bucket, so S3 refuses every form "
            "(\"Extra input fields: bucket\"): add {'bucket': 'name'}",
        ),
        (
            [{"bucket": "b"}],
            "the policy has no condition for the key, so S3 refuses every form "
            "(\"Extra input fields: key\"): add ['starts-with', '$key', 'user/']",
        ),
        (
            DOCUMENT.replace("x-amz-algorithm", "x-ignore-a"),
            "the policy document has no condition for 'x-amz-algorithm', a field that the signature adds to the "
            'form: S3 refuses it ("Extra input fields: x-amz-algorithm"). Add the condition, or give conditions '
            "in place of a document: those for the signature's fields are then added",
        ),
        (
            DOCUMENT.replace("2015-12-30T12:00:00.000Z", "2015-12-30T12:00:00.xZ"),
            f"the policy's expiration is '2015-12-30T12:00:00.xZ': {EXPIRATION} (its fraction is not made of digits)",
        ),
        (
            DOCUMENT.replace("2015-12-30T12:00:00.000Z", f"20151230T120000.{'0' * 40}Z"),
            f"the policy's expiration is '20151230T120000.{'0' * 24}': {EXPIRATION} (S3 does not accept this form)",
        ),
        (
            [["key", "b"]],
            "the condition ['key', 'b'] is neither an exact match such as {'bucket': 'name'} nor a list for S3: "
            "['eq', '$key', 'a.txt'], ['starts-with', '$key', 'user/'], ['content-length-range', 1, 9]",
        ),
    ],
)
def test_a_refused_policy_says_what_to_give(policy: Any, text: str) -> None:
    with pytest.raises(SigningError) as caught:
        signer().post_policy(policy, at=AT)
    assert str(caught.value) == text


@pytest.mark.parametrize("expires", [0, -1, 604801, True, 1.5])
def test_a_lifetime_outside_seven_days_is_refused(expires: Any) -> None:
    with pytest.raises(SigningError, match="expires is"):
        signer().post_policy([{"bucket": "b"}, {"key": "k"}], expires=expires, at=AT)


@pytest.mark.parametrize(
    ("conditions", "words"),
    [
        ([["starts-with", "$key", "u/"]], "no condition for the bucket"),
        ([["content-length-range", 1, 2]], "no condition for the bucket"),
        ([{"bucket": "b"}], "no condition for the key"),
        ([{"bucket": "b"}, ["starts-with", "$keys", ""], {"acl": "key"}], "no condition for the key"),
        ([{"bucket": "b"}, {"key": ""}], "the condition for the key is empty"),
        ([{"bucket": "b"}, {"key": "a"}, ["starts-with", "$key", "b"]], "both 'a' and 'b' for 'key'"),
        ([{"bucket": "b"}, ["starts-with", "$KEY", "b"], ["eq", "$key", "a"]], "both 'b' and 'a' for 'key'"),
        (
            [{"bucket": "b"}, ["starts-with", "$key", "a/b"], ["starts-with", "$key", "a/c"]],
            "both 'a/b' and 'a/c' for 'key'",
        ),
        (
            [{"bucket": "b"}, {"key": "k"}, ["content-length-range", 5368709121, 9999999999]],
            "more than 5 GiB",
        ),
        (DOCUMENT.replace('{"x-amz-date": "20151229T000000Z" }', '{"acl": "public-read"}'), "'x-amz-date'"),
        (DOCUMENT.replace("x-amz-algorithm", "x-ignore-a"), "no condition for 'x-amz-algorithm'"),
        (DOCUMENT.replace("x-amz-credential", "x-ignore-a"), "no condition for 'x-amz-credential'"),
        (DOCUMENT.replace("$key", "$x-amz-meta-key"), "no condition for the key"),
        (DOCUMENT.replace('{"bucket"', '{"bucket": "a", "bucket"'), "the same name twice"),
        (DOCUMENT.encode("utf-16"), "not a JSON document in UTF-8"),
        *(
            (
                DOCUMENT.replace('{ "exp', f'{{ "ignored": [{word}], "exp'),
                f"the policy has {word}, which is not JSON",
            )
            for word in ("NaN", "Infinity", "-Infinity")
        ),
        (DOCUMENT.encode("utf-8-sig"), "not a JSON document in UTF-8"),
        (DOCUMENT.replace("user/user1/", "\ud800"), "not a JSON document in UTF-8"),
        ([{"bucket": "b"}, {"x-amz-date": "20151229T000000Z"}], "'x-amz-date', which is added"),
        ([{"bucket": "b"}, ["eq", "$X-Amz-Credential", "x"]], "'x-amz-credential', which is added"),
        ([{"bucket": "b"}, ["ends-with", "$key", ".jpg"]], "nor a list for S3"),
        ([{"bucket": "b"}, ["starts-with", "key", "u/"]], "nor a list for S3"),
        ([{"bucket": "b"}, ["starts-with", "$key"]], "nor a list for S3"),
        ([{"bucket": "b"}, ["content-length-range", True, 2]], "nor a list for S3"),
        ([{"bucket": "b"}, ["content-length-range", -1, 2]], "nor a list for S3"),
        ([{"bucket": "b"}, ["content-length-range", 3, 2]], "allows no size"),
        ([*B_AND_K, ["content-length-range", 0, 2**63]], "nor a list for S3"),
        ([{"bucket": "b", "acl": "private"}], "is neither an exact match"),
        ([{"bucket": 3}], "is neither an exact match"),
        ([{"bucket": ""}, {"key": "k"}], "the condition for the bucket is empty"),
        ([{"bucket": "b"}, ["eq", "$Bucket", "c"], {"key": "k"}], "want both 'b' and 'c' for 'bucket'"),
        (
            [{"bucket": "b"}, {"acl": "private"}, {"acl": "public-read"}, {"key": "k"}],
            "for 'acl', which no value satisfies",
        ),
        (DOCUMENT.replace("2015-12-30T12", "2015-12-28T12"), "expired at 2015-12-28T12:00:00.000Z, before"),
        (DOCUMENT.replace("2015-12-30T12:00:00.000Z", "tomorrow"), "the policy's expiration is 'tomorrow'"),
        (
            DOCUMENT.replace("2015-12-30T12:00:00.000Z", "2015-12-30"),
            "the policy's expiration is '2015-12-30'",
        ),
        (DOCUMENT.replace("2015-12-30T12:00:00.000Z", "2015-13-30T12:00:00Z"), "the policy's expiration is"),
        (DOCUMENT.replace("2015-12-30T12:00:00.000Z", "2015-12-30T12:00:00"), "the policy's expiration is"),
        (
            DOCUMENT.replace("2015-12-30T12:00:00.000Z", "2015-12-30T12:00:00.Z"),
            "its fraction is not made of digits",
        ),
        (
            DOCUMENT.replace("2015-12-30T12:00:00.000Z", "2015-12-30T12:00:00.٣Z"),
            "its fraction is not made of digits",
        ),
        (
            DOCUMENT.replace("2015-12-30T12:00:00.000Z", "20151230T120000::--Z"),
            "S3 does not accept this form",
        ),
        (
            DOCUMENT.replace("2015-12-30T12:00:00.000Z", "2015-12-30T12:00:00+01:00"),
            "the policy's expiration is",
        ),
    ],
)
def test_form_1_a_policy_under_which_s3_accepts_no_upload_is_refused(conditions: Any, words: str) -> None:
    with pytest.raises(SigningError, match=words):
        signer().post_policy(conditions, at=AT)


# Each refused vector is this policy with one fault.
RIGHT = {
    "expiration": "2015-12-30T12:00:00.000Z",
    "conditions": [
        {"bucket": "b"},
        ["starts-with", "$key", ""],
        {"acl": "private"},
        ["content-length-range", 1, 10485760],
        {"x-amz-algorithm": "AWS4-HMAC-SHA256"},
        {"x-amz-credential": "AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request"},
        {"x-amz-date": "20151229T000000Z"},
    ],
}


REFUSED_VECTORS = [data for data in read("post_policy.json") if "negative" in data["flags"]]


def _pairs_if_twice(pairs: list[tuple[str, Any]]) -> Any:
    return dict(pairs) if len(dict(pairs)) == len(pairs) else pairs


def _with_one_fault_mended(text: str, token: str | None) -> str:
    """The document with its fault corrected. Fails if it has two faults or none."""
    if text.startswith("["):
        text = text[1:-1]
        assert json.loads(text) == RIGHT
        return text
    if text.endswith("]"):  # the last brace is missing
        assert json.loads(f"{text}}}") == RIGHT
        return f"{text}}}"
    own: list[Any] = [{"x-amz-security-token": token}] if token else []
    right = {**RIGHT, "conditions": [*RIGHT["conditions"], *own]}
    found = json.loads(text, object_pairs_hook=_pairs_if_twice)
    wrong = [name for name in right if found.get(name) != right[name]]
    assert len(wrong) == 1
    conditions = found.get("conditions")
    if isinstance(conditions, dict):
        return json.dumps({**found, "conditions": [{name: conditions[name]} for name in conditions]})
    if wrong == ["conditions"] and conditions is not None:
        assert len([each for each in conditions if each not in right["conditions"]]) <= 1
        assert len([each for each in right["conditions"] if each not in conditions]) <= 1
    return json.dumps({**found, wrong[0]: right[wrong[0]]})


@pytest.mark.parametrize("data", REFUSED_VECTORS, ids=lambda data: data["id"])
def test_form_1_a_refused_vector_has_one_fault(data: dict[str, Any]) -> None:
    given = data["input"]
    token = given["session_token"]
    owner = signer(Credentials(given["access_key_id"], given["secret_access_key"], token))
    with pytest.raises(SigningError):
        owner.post_policy(given["policy"], at=AT)
    mended = _with_one_fault_mended(given["policy"], token)
    assert owner.post_policy(mended, at=AT)["x-amz-signature"]
