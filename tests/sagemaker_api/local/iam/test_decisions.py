"""Decisions on resources of another account and on unknown keys, each with its whole text."""

from __future__ import annotations

import pytest

from sagemaker_api.local.iam.policy import Access, Decision, Policy, decide

ALLOW = {"Effect": "Allow", "Action": "*", "Resource": "*"}
MINE = {"aws:PrincipalAccount": ("123456789012",)}
ARN = "arn:aws:sagemaker:us-east-1:123456789012:notebook-instance/nb"


def decided(resource: str, context: dict[str, tuple[str, ...]]) -> Decision:
    policy = Policy.parse({"Version": "2012-10-17", "Statement": [ALLOW]}, "p")
    return decide([policy], Access("sagemaker:StopNotebookInstance", resource, context))


@pytest.mark.parametrize(
    ("resource", "context"),
    [
        (ARN.replace("123456789012", "999999999999"), MINE),
        (f"{ARN.replace('123456789012', '999999999999')}:1:2", MINE),
        ("*", {**MINE, "aws:ResourceAccount": ("999999999999",)}),
    ],
)
def test_a_resource_of_another_account_allows_nothing(
    resource: str, context: dict[str, tuple[str, ...]]
) -> None:
    assert decided(resource, context) == Decision(
        False,
        "",
        "the caller is of the account 123456789012, the resource of 999999999999: without a policy of the "
        "resource, and a notebook instance has none, nothing is allowed",
    )


@pytest.mark.parametrize(
    ("resource", "context"),
    [
        (ARN, MINE),
        (f"{ARN}:1:2", MINE),
        (ARN, {**MINE, "aws:ResourceAccount": ("999999999999",)}),
        ("*", {**MINE, "aws:ResourceAccount": ("123456789012",)}),
        ("*", MINE),
        ("arn:aws:s3:::bucket", MINE),
        (ARN, {}),
    ],
)
def test_a_resource_of_the_callers_account_or_of_none_is_decided_by_the_statements(
    resource: str, context: dict[str, tuple[str, ...]]
) -> None:
    assert decided(resource, context) == Decision(True, "Allow", "p: Statement[0]")


def of(*statements: dict[str, object]) -> Decision:
    """The decision where the organisation and the user id of the caller are unknown."""
    policy = Policy.parse({"Version": "2012-10-17", "Statement": list(statements)}, "p")
    unknown = frozenset(("aws:principalorgid", "aws:userid"))
    return decide([policy], Access("sagemaker:StopNotebookInstance", ARN, MINE, unknown))


def test_an_unknown_decision_names_its_keys_and_three_statements() -> None:
    def under(*keys: str) -> dict[str, object]:
        return {**ALLOW, "Condition": {"StringEquals": dict.fromkeys(keys, "a")}}

    one, both = under("aws:userid"), under("aws:PrincipalOrgID", "aws:userid")
    assert of(one) == Decision(
        False,
        "Unknown",
        "unknown, because the value of aws:userid is not known: "
        "p: Statement[0] would allow it depending on aws:userid",
        ("aws:userid",),
    )
    assert of(both, one, one, one) == Decision(
        False,
        "Unknown",
        "unknown, because the values of aws:PrincipalOrgID, aws:userid are not known: "
        "p: Statement[0] would allow it depending on aws:PrincipalOrgID, aws:userid; "
        "p: Statement[1] would allow it depending on aws:userid; "
        "p: Statement[2] would allow it depending on aws:userid",
        ("aws:PrincipalOrgID", "aws:userid"),
    )


OWN = ARN.replace("/nb", "/${aws:userid}")


def test_an_unknown_variable_does_not_matter_if_the_resource_is_listed_too() -> None:
    assert of({**ALLOW, "Resource": [OWN, ARN]}).allowed
    assert of({**ALLOW, "Resource": OWN}).missing == ("aws:userid",)


def test_the_unknown_keys_of_conditions_and_of_resources_are_named() -> None:
    condition = {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}
    assert of({**ALLOW, "Resource": OWN, "Condition": condition}).missing == (
        "aws:PrincipalOrgID", "aws:userid",
    )  # fmt: skip
