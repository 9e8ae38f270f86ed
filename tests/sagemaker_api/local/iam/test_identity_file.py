"""Identities and policies in files: parsed strictly, without secrets in errors."""

from __future__ import annotations

import json
import traceback
from pathlib import Path

import pytest

from sagemaker_api.errors import ConfigError
from sagemaker_api.local import Identity
from sagemaker_api.local.iam.identity_file import files_of, read_identities
from sagemaker_api.local.iam.policy_file import read_policy
from sigv4 import Credentials

SECRET = "MARKERsecret"
ALICE = {
    "Arn": "arn:aws:iam::123456789012:user/alice",
    "AccessKeyId": "AKIDALICE",
    "SecretAccessKey": SECRET,
}
ALL = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}


def written(folder: Path, value: object, name: str = "identities.json") -> Path:
    path = folder / name
    path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
    return path


def test_one_identity_or_several_are_read(tmp_path: Path) -> None:
    assert read_identities(written(tmp_path, ALICE)) == [
        Identity(ALICE["Arn"], Credentials("AKIDALICE", SECRET))
    ]
    policy = written(tmp_path, ALL, "policy.json")
    role = {
        "Arn": "arn:aws:sts::123456789012:assumed-role/ops/bob",
        "AccessKeyId": "ASIABOB",
        "SecretAccessKey": SECRET,
        "SessionToken": "token",
        "Expiration": "2027-01-01T00:00:00Z",
        "Policies": ["policy.json", ALL],
    }
    path = written(tmp_path, [ALICE, role])
    alice, bob = read_identities(path)
    assert alice.policies is None
    assert bob.credentials == Credentials("ASIABOB", SECRET, "token", 1_798_761_600.0)
    assert bob.policies is not None
    assert [each.name for each in bob.policies] == [str(policy), f"{path}: identity 2, policy 2"]
    assert files_of(path) == [path, policy]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("{", 'is not JSON in UTF-8: expected {"Arn"'),
        ([], "holds no identity"),
        (["x"], "identity 1 is not an object"),
        ([ALICE, {**ALICE, "Secret": 1}], "identity 2: found 'Secret': expected Arn, AccessKeyId"),
        ({**ALICE, "SecretAccessKey": ""}, "SecretAccessKey is missing, or not a text"),
        ({**ALICE, "SecretAccessKey": 5}, "SecretAccessKey is missing, or not a text"),
        ({"Arn": ALICE["Arn"]}, "AccessKeyId is missing, or not a text"),
        ({**ALICE, "Expiration": "soon"}, "expected a time such as 2026-01-02T03:04:05Z, got 'soon'"),
        ({**ALICE, "SecretAccessKey": "two words"}, "secret_access_key contains a space"),
        ({**ALICE, "Arn": "alice"}, "'alice' is not an ARN of an identity"),
        ({**ALICE, "Policies": ALL}, "Policies is not a list"),
        ({**ALICE, "Policies": [1]}, "identity 1, policy 1 is neither an object nor the name of a file"),
        ({**ALICE, "Policies": [{}]}, "identity 1, policy 1"),
        ({**ALICE, "Policies": ["nothing.json"]}, "nothing.json: No such file"),
    ],
)
def test_a_wrong_identity_is_named_with_its_place_without_its_secret(
    tmp_path: Path, value: object, words: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        read_identities(written(tmp_path, value))
    assert words in str(caught.value)
    shown = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())
    ours = shown.partition("in read_identities")[2]
    assert SECRET not in ours


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    for read in (read_identities, read_policy, files_of):
        with pytest.raises(ConfigError, match=r"none\.json: No such file"):
            read(tmp_path / "none.json")
    with pytest.raises(ConfigError, match=r"\?\[2Jx: "):
        read_policy(tmp_path / "\x1b[2Jx")
