"""The condition keys of a request: those that are present, and those that are absent."""

from __future__ import annotations

import pytest

from sagemaker_api.local.clients import Client
from sagemaker_api.local.iam.context import Asker, request_context
from sagemaker_api.local.iam.policy import Access, Policy, decide
from sagemaker_api.local.notebooks.instances import Account

ACCOUNT = Account("aws-cn", "cn-north-1", "123456789012")
TAGS = {"Project": "A"}

# IAM User Guide, "AWS: Denies access to AWS based on the source IP", verbatim.
SOURCE_IP_PAGE = """
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Deny",
    "Action": "*",
    "Resource": "*",
    "Condition": {
      "NotIpAddress": {
        "aws:SourceIp": [
          "192.0.2.0/24",
          "203.0.113.0/24"
        ]
      },
      "Bool": {"aws:ViaAWSService": "false"}
    }
  }
}
"""


def context(arn: str, client: Client, *, in_vpc: bool = False) -> dict[str, str]:
    known = request_context(Asker(arn), ACCOUNT, client, 0, TAGS, in_vpc=in_vpc)
    return {key: value for key, (value,) in known.context.items()}


@pytest.mark.parametrize(
    ("arn", "principal", "kind", "username"),
    [
        ("arn:aws-cn:iam::123456789012:user/team/alice", None, "User", "alice"),
        ("arn:aws-cn:sts::123456789012:assumed-role/R/session", "arn:aws-cn:iam::123456789012:role/R", "AssumedRole", None),
        ("arn:aws-cn:sts::123456789012:federated-user/bob", None, "FederatedUser", None),
        ("arn:aws-cn:iam::123456789012:root", None, "Account", None),
    ],
)  # fmt: skip
def test_the_condition_keys_of_the_caller(
    arn: str, principal: str | None, kind: str, username: str | None
) -> None:
    found = context(arn, Client("203.0.113.7"))
    assert found["aws:PrincipalArn"] == (principal or arn)
    assert found["aws:PrincipalAccount"] == "123456789012"
    assert found["aws:PrincipalType"] == kind
    assert found.get("aws:username") == username


@pytest.mark.parametrize(
    ("client", "in_vpc", "expected"),
    [
        (Client("203.0.113.7", True), False, {"aws:SourceIp": "203.0.113.7"}),
        (Client("10.0.0.1"), True, {"aws:VpcSourceIp": "10.0.0.1"}),
        (Client("10.0.0.1", vpce="vpce-1"), False, {"aws:VpcSourceIp": "10.0.0.1", "aws:SourceVpce": "vpce-1"}),
        (Client("10.0.0.1", vpc="vpc-1"), False, {"aws:VpcSourceIp": "10.0.0.1", "aws:SourceVpc": "vpc-1"}),
        (Client(""), False, {}),
    ],
)  # fmt: skip
def test_the_condition_keys_of_the_network(client: Client, in_vpc: bool, expected: dict[str, str]) -> None:
    found = context("arn:aws-cn:iam::123456789012:user/alice", client, in_vpc=in_vpc)
    keys = ("aws:SourceIp", "aws:VpcSourceIp", "aws:SourceVpce", "aws:SourceVpc")
    assert {key: found[key] for key in keys if key in found} == expected
    assert found["aws:SecureTransport"] == ("true" if client.secure else "false")


def test_a_tag_without_a_value_is_present() -> None:
    asker = Asker("arn:aws:iam::123456789012:user/alice")
    found = request_context(asker, ACCOUNT, Client("203.0.113.7"), 0, {"team": ""}).context
    asked = Access("sagemaker:ListTags", "*", found)
    for condition in (
        {"Null": {"aws:ResourceTag/team": "false"}},
        {"StringEquals": {"sagemaker:ResourceTag/team": ""}},
    ):
        allow = {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition}
        decided = decide([Policy.parse({"Version": "2012-10-17", "Statement": allow})], asked)
        assert decided.allowed
        assert decided.statement.endswith('(in the request: "")')


def test_the_condition_keys_of_the_region_the_resource_and_the_time() -> None:
    found = context("arn:aws-cn:iam::123456789012:user/alice", Client("203.0.113.7"))
    assert found["aws:RequestedRegion"] == "cn-north-1"
    assert found["aws:ResourceTag/Project"] == found["sagemaker:ResourceTag/Project"] == "A"
    assert found["aws:CurrentTime"] == "1970-01-01T00:00:00Z"


@pytest.mark.parametrize(("address", "effect"), [("203.0.113.7", ""), ("198.51.100.1", "Deny")])
def test_the_source_ip_page_of_iam_works_verbatim(address: str, effect: str) -> None:
    found = context("arn:aws-cn:iam::123456789012:user/alice", Client(address))
    asked = Access("sagemaker:ListNotebookInstances", "*", {key: (value,) for key, value in found.items()})
    assert decide([Policy.parse(SOURCE_IP_PAGE)], asked).effect == effect
