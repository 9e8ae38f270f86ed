"""The condition keys of a request to this service: what is known of who asks, from where, and for what.

Source: IAM User Guide, "AWS global condition context keys"; client.md §1.9.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone

from ..clients import Client
from ..notebooks.instances import Account

_PRINCIPAL_TYPES = {
    "root": "Account",
    "user": "User",
    "role": "AssumedRole",
    "assumed-role": "AssumedRole",
    "federated-user": "FederatedUser",
}


def request_context(
    arn: str, account: Account, client: Client, now: float, tags: Mapping[str, str], *, in_vpc: bool = False
) -> dict[str, str]:
    """Condition key -> value, the keys that the request does not have left out.

    ``arn`` is the caller's; ``tags`` are those of the resource; ``now`` is in epoch seconds. A request from
    inside a VPC, which a VPC endpoint says or ``in_vpc``, has no aws:SourceIp.
    """
    inside = in_vpc or bool(client.vpce or client.vpc)
    found = {
        "aws:VpcSourceIp" if inside else "aws:SourceIp": client.address,
        "aws:SourceVpce": client.vpce,
        "aws:SourceVpc": client.vpc,
        "aws:SecureTransport": _flag(client.secure),
        "aws:CurrentTime": datetime.fromtimestamp(now, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "aws:EpochTime": str(int(now)),
        "aws:RequestedRegion": account.region,
        "aws:ResourceAccount": account.account_id,
        "aws:ViaAWSService": _flag(False),
        "aws:PrincipalIsAWSService": _flag(False),
        **_of_the_caller(arn),
    }
    present = {key: value for key, value in found.items() if value}
    for key, value in tags.items():  # a tag without a value has the value ""
        present[f"aws:ResourceTag/{key}"] = present[f"sagemaker:ResourceTag/{key}"] = value
    return present


def _of_the_caller(arn: str) -> dict[str, str]:
    """Of a role's session aws:PrincipalArn is the role; aws:username is a user's alone."""
    account_id, _, name = arn.split(":", 4)[4].partition(":")
    kind, _, path = name.partition("/")
    if kind == "assumed-role":
        partition, role = arn.split(":")[1], path.partition("/")[0]
        arn = f"arn:{partition}:iam::{account_id}:role/{role}"
    return {
        "aws:PrincipalArn": arn,
        "aws:PrincipalAccount": account_id,
        "aws:PrincipalType": _PRINCIPAL_TYPES.get(kind, ""),
        "aws:username": path.rpartition("/")[2] if kind == "user" else "",
    }


def _flag(value: bool) -> str:
    return "true" if value else "false"
