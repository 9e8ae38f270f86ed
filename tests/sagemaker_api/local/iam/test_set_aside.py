"""Statements that no request to this service can match are kept and named, whatever they contain."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sagemaker_api import ConfigError
from sagemaker_api.local.api import OPERATIONS
from sagemaker_api.local.iam.condition_keys import REQUEST_KEYS
from sagemaker_api.local.iam.policy import KINDS, Access, Policy, decide

ARN = "arn:aws:sagemaker:us-east-1:123456789012:notebook-instance/nb"
PRESIGN = "sagemaker:CreatePresignedNotebookInstanceUrl"
ALLOW = {"Sid": "Own", "Effect": "Allow", "Action": "sagemaker:*", "Resource": "*"}
NOT_HERE, NOT_OURS = "it names no operation of this service", "its resources belong to other services"


def parsed(*statements: dict[str, Any]) -> Policy:
    return Policy.parse(json.dumps({"Version": "2012-10-17", "Statement": list(statements)}), "p")


def test_the_endpoint_knows_the_keys_of_each_of_its_operations() -> None:
    assert set(REQUEST_KEYS) == set(OPERATIONS)


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ({"Action": "iam:PassRole", "Condition": {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}}, NOT_HERE),
        ({"Action": "iam:PassRole", "Condition": {"StringSounds": {"aws:Nothing": {"a": 1}}}}, NOT_HERE),
        ({"Action": ["s3:*", "sagemaker:CreateTrainingJob"], "Condition": {"Null": {"s3:prefix": "maybe"}}}, NOT_HERE),
        ({"Action": "ec2:*", "Resource": "arn:aws:ec2:*:*:instance/${nobody:knows}"}, NOT_HERE),
        ({"NotAction": "sagemaker:*", "Condition": {"Bool": {"aws:SourceIp": "x"}}}, NOT_HERE),
        ({"Action": "*", "Resource": ["arn:aws:s3:::b/*", "arn:aws:kms:*:*:key/*"], "Condition": {"NumericLike": {"x": 1}}}, NOT_OURS),
    ],
)  # fmt: skip
def test_a_statement_of_other_services_is_kept_and_reported(statement: dict[str, Any], reason: str) -> None:
    for effect in ("Allow", "Deny"):
        policy = parsed(ALLOW, {"Sid": "Other", "Effect": effect, "Resource": "*", **statement})
        assert policy.set_aside == (f"p: Statement[1] (Other): {reason}",)
        assert decide([policy], Access(PRESIGN, ARN, {})).effect == "Allow"
        assert len(policy.statements) == 2


@pytest.mark.parametrize(
    "statement",
    [
        {"Action": "sagemaker:Create*", "Resource": "*"},
        {"Action": ["s3:*", "SageMaker:deletetags"], "Resource": "*"},
        {"NotAction": ["sagemaker:Create*", "s3:*"], "Resource": "*"},
        {"Action": "*", "Resource": ["arn:aws:s3:::b", "arn:aws:SageMaker:*:*:*"]},
        {"Action": "*", "NotResource": "arn:aws:s3:::b"},
    ],
)
def test_a_statement_that_can_match_is_read_whole(statement: dict[str, Any]) -> None:
    assert parsed({"Effect": "Allow", **statement}).set_aside == ()
    with pytest.raises(ConfigError, match="StringSounds"):
        parsed({"Effect": "Allow", **statement, "Condition": {"StringSounds": {"aws:SourceIp": "x"}}})


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ({"Effect": "Permit"}, "expected Allow or Deny"),
        ({"Principal": "*"}, "expected none in an identity policy"),
        ({"Action": "PassRole"}, "SERVICE:ACTION"),
        ({"Resource": 7}, "expected a text"),
        ({"Resource": []}, "at least one"),
        ({"NotResource": "*"}, "one of Resource and NotResource"),
    ],
)
def test_the_elements_of_a_statement_that_is_kept_follow_the_grammar(
    statement: dict[str, Any], words: str
) -> None:
    with pytest.raises(ConfigError, match=words):
        parsed({"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*", **statement})


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "aws-managed"])
def test_the_size_limit_of_a_policy_depends_on_its_kind(kind: str) -> None:
    """IAM User Guide, "IAM and AWS STS quotas": white space does not count."""
    frame = len('{"Version":"2012-10-17","Statement":[]}')
    each = '{"Effect":"Allow","Action":"s3:Get","Resource":"arn:aws:s3:::%s"}'
    room = KINDS[kind] - frame
    texts, size = [], len(each) - 2
    while room > 2 * size + 1000:
        texts.append(each % ("b" * 900))
        room -= size + 900 + 1
    texts.append(each % ("c" * (room - size)))
    text = '{"Version": "2012-10-17",  "Statement": [%s]}'
    assert Policy.parse(text % " , ".join(texts), "p", kind)
    texts[-1] = texts[-1].replace("ccc", "cccc")
    with pytest.raises(ConfigError, match=f"expected at most {KINDS[kind]}, IAM's limit"):
        Policy.parse(text % " , ".join(texts), "p", kind)
    assert Policy.parse(text % " , ".join(texts), "p")


def test_an_unknown_kind_of_policy_is_refused() -> None:
    with pytest.raises(ConfigError, match="expected one of managed, user, group, role, session, aws-managed"):
        Policy.parse({"Statement": [ALLOW]}, "p", "bucket")
    with pytest.raises(ConfigError, match="cannot be written as JSON"):
        Policy.parse({"Statement": [object()]}, "p", "user")
