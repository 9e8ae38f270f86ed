"""A key that only AWS knows makes a decision unknown, never silently true; a given key decides it."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from typing import Any

import pytest

from sagemaker_api import ConfigError
from sagemaker_api.local import Client, Identity
from sagemaker_api.local.iam.context import Asker, request_context
from sagemaker_api.local.iam.policy import Access, Decision, Policy, decide
from sagemaker_api.local.notebooks.instances import Account
from sigv4 import Credentials

from ..without_sockets import Desk, cookie_of, refusal

ACCOUNT = Account("aws", "us-east-1", "123456789012")
PRESIGN = "CreatePresignedNotebookInstanceUrl"
ARN = ACCOUNT.arn("nb")
USER = "arn:aws:iam::123456789012:user/alice"
ROLE = "arn:aws:sts::123456789012:assumed-role/R/session"
ALLOW = {"Effect": "Allow", "Action": "*", "Resource": "*"}
DENY = {**ALLOW, "Effect": "Deny"}
HERE = Client("203.0.113.7")


def under(operator: str, key: str, value: Any, effect: str = "Allow") -> dict[str, Any]:
    return {**ALLOW, "Effect": effect, "Condition": {operator: {key: value}}}


def policy(*statements: dict[str, Any]) -> Policy:
    return Policy.parse({"Version": "2012-10-17", "Statement": list(statements)}, "p")


def decided(
    *statements: dict[str, Any],
    arn: str = USER,
    temporary: bool | None = None,
    told: Mapping[str, tuple[str, ...] | None] | None = None,
    client: Client = HERE,
    operation: str = PRESIGN,
    **options: Any,
) -> Decision:
    asker = Asker(arn, temporary, told or {})
    known = request_context(asker, ACCOUNT, client, 0, {}, operation=operation, **options)
    return decide([policy(*statements)], Access(f"sagemaker:{operation}", ARN, known.context, known.unknown))


ORGANISATION = under("StringEquals", "aws:PrincipalOrgID", "o-1")
NO_MFA = under("BoolIfExists", "aws:MultiFactorAuthPresent", "false", "Deny")


@pytest.mark.parametrize(
    "operator",
    ["StringEquals", "StringNotEquals", "StringEqualsIfExists", "StringNotEqualsIfExists", "StringLike",
     "ForAllValues:StringEquals", "ForAnyValue:StringEquals", "ForAllValues:StringNotEquals"],
)  # fmt: skip
@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_a_key_that_is_not_known_makes_the_decision_unknown(operator: str, effect: str) -> None:
    found = decided(
        ALLOW if effect == "Deny" else DENY | {"Resource": f"{ARN}-other"},
        under(operator, "aws:PrincipalTag/team", "a", effect),
    )
    assert (found.allowed, found.effect, found.missing) == (False, "Unknown", ("aws:PrincipalTag/team",))
    assert found.statement == (
        "unknown, because the value of aws:PrincipalTag/team is not known: "
        f"p: Statement[1] would {effect.lower()} it depending on aws:PrincipalTag/team"
    )


def test_the_question_whether_a_key_is_there_is_unknown_too() -> None:
    assert decided(under("Null", "aws:userid", "false")).effect == "Unknown"


def test_checks_without_the_key_are_made() -> None:
    assert decided(ALLOW, ORGANISATION).effect == "Allow"
    assert decided(DENY, ORGANISATION).effect == "Deny"
    assert decided(ALLOW, NO_MFA, DENY).effect == "Deny"
    assert decided(NO_MFA).effect == ""
    two = {
        **ORGANISATION,
        "Condition": {**ORGANISATION["Condition"], "Bool": {"aws:SecureTransport": "true"}},
    }
    assert decided(two).effect == ""  # the other condition of the statement is false


def test_a_policy_variable_that_is_not_known() -> None:
    own = {**ALLOW, "Resource": "arn:aws:sagemaker:us-east-1:123456789012:notebook-instance/${aws:userid}-*"}
    assert decided(own).effect == ""  # the name nb does not match, whatever the value of the key
    own = {**ALLOW, "Resource": "arn:aws:sagemaker:us-east-1:123456789012:notebook-instance/${aws:userid}*"}
    assert decided(own).missing == ("aws:userid",)
    assert decided(own, told={"aws:userid": ("n",)}).allowed
    assert decided(own, told={"aws:userid": None}).effect == ""
    assert decided({**own, "Effect": "Deny"}, ALLOW).effect == "Unknown"
    spared = {"Effect": "Deny", "Action": "*", "NotResource": own["Resource"]}
    assert decided(ALLOW, spared).effect == "Unknown"
    assert decided(ALLOW, {**spared, "NotResource": [own["Resource"], ARN]}).effect == "Allow"
    tag = under("StringEquals", "aws:RequestedRegion", "${aws:PrincipalTag/region}")
    assert decided(tag).missing == ("aws:PrincipalTag/region",)
    assert decided(tag, told={"aws:PrincipalTag/region": ("us-east-1",)}).allowed


MFA, FEDERATED, ENDPOINT, ORG = (
    "aws:MultiFactorAuthPresent", "aws:FederatedProvider", "aws:VpceAccount", "aws:PrincipalOrgID",
)  # fmt: skip


@pytest.mark.parametrize(
    ("key", "arn", "temporary", "client", "unknown"),
    [
        (MFA, USER, False, HERE, False),  # "Requests made using long-term credentials" do not have the key
        (MFA, USER, True, HERE, True),
        (MFA, USER, None, HERE, True),
        (MFA, ROLE, False, HERE, True),
        (FEDERATED, USER, True, HERE, False),
        (FEDERATED, ROLE, None, HERE, True),
        ("saml:sub", USER, True, HERE, False),
        ("accounts.google.com:aud", ROLE, True, HERE, True),
        ("iam:PassedToService", ROLE, True, HERE, False),  # such a request never has a key of another service
        (ENDPOINT, USER, False, HERE, False),
        (ENDPOINT, USER, False, Client("10.0.0.1", vpce="vpce-1"), True),
        ("aws:SourceVpc", USER, False, Client("10.0.0.1", vpce="vpce-1"), True),
        ("aws:SourceVpc", USER, False, Client("10.0.0.1", vpc="vpc-1"), False),
        ("aws:SourceIp", USER, False, Client(""), True),
        ("aws:SourceIp", USER, False, HERE, False),
        ("aws:SourceIp", USER, False, Client("", vpce="vpce-1"), False),
        ("aws:VpcSourceIp", USER, False, Client("", vpce="vpce-1"), True),
        (ORG, USER, False, HERE, True),
        ("aws:CalledVia", ROLE, True, HERE, False),
        ("aws:RequestTag/team", USER, False, HERE, False),
        ("sagemaker:RootAccess", USER, False, HERE, False),
    ],
)  # fmt: skip
def test_which_keys_are_known(
    key: str, arn: str, temporary: bool | None, client: Client, unknown: bool
) -> None:
    found = decided(under("Null", key, "true"), arn=arn, temporary=temporary, client=client)
    assert (found.effect == "Unknown") is unknown
    assert (key in (found.missing or ())) is unknown


@pytest.mark.parametrize(
    ("operation", "key", "unknown"),
    [
        ("CreateNotebookInstance", "sagemaker:RootAccess", True),
        ("CreateNotebookInstance", "aws:RequestTag/team", True),
        ("CreateNotebookInstance", "aws:TagKeys", True),
        ("UpdateNotebookInstance", "sagemaker:InstanceTypes", True),
        ("UpdateNotebookInstance", "sagemaker:VpcSubnets", False),
        ("DeleteTags", "aws:TagKeys", True),
        ("DeleteTags", "aws:RequestTag/team", False),
        ("StopNotebookInstance", "aws:TagKeys", False),
    ],
)
def test_keys_of_parameters_are_unknown_if_the_parameters_are_unknown(
    operation: str, key: str, unknown: bool
) -> None:
    assert (decided(under("Null", key, "true"), operation=operation).effect == "Unknown") is unknown
    assert decided(under("Null", key, "true"), operation=operation, parameters={}).effect == "Allow"
    told = {key: ("x",)}
    assert decided(under("StringEquals", key, "x"), operation=operation, told=told).allowed


def test_given_condition_keys_are_checked() -> None:
    context: Any
    for context, words in (
        ({"aws:PrincipalTeam/x": "a"}, "condition key that requests to AWS have"),
        ({"aws:SourceIp": "203.0.113.7"}, "follows from the request"),
        ({"aws:PrincipalTag/x": 7}, "a list of texts"),
        ({"aws:PrincipalTag/x": ["a", 7]}, "a list of texts"),
    ):
        with pytest.raises(ConfigError, match=words):
            Identity(USER, Credentials("AKID", "s"), None, context)
    told = Identity(USER, Credentials("AKID", "s"), None, {"aws:TagKeys": ["a", "b"], "aws:userid": None})
    assert told.context == {"aws:TagKeys": ("a", "b"), "aws:userid": None}
    assert pickle.loads(pickle.dumps(told)) == told
    assert hash(told) == hash(pickle.loads(pickle.dumps(told)))


# --- at the local endpoint

OWN_TEAM = policy(under("StringEquals", "sagemaker:ResourceTag/team", "${aws:PrincipalTag/team}"))


def team(name: str, **context: Any) -> Identity:
    return Identity(
        f"arn:aws:iam::123456789012:user/{name}", Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"), [OWN_TEAM], context.get("context")
    )  # fmt: skip


def test_an_identity_has_the_tags_that_it_is_given() -> None:
    desk = Desk(identities=[team("alice", context={"aws:PrincipalTag/team": "a"})])
    desk.local.instances.change_tags("nb", lambda kept: {"team": "a"})
    desk.local.instances.change_tags("off", lambda kept: {"team": "b"})
    assert desk.mint()
    assert refusal(desk.call({"NotebookInstanceName": "off"}))[0] == "AccessDeniedException"


def test_an_unknown_decision_is_a_refusal_that_says_so() -> None:
    desk = Desk(identities=[team("alice")])
    desk.local.instances.change_tags("nb", lambda kept: {"team": "a"})
    code, message = refusal(desk.call({"NotebookInstanceName": "nb"}))
    assert code == "AccessDeniedException"
    assert "here it is unknown, because the value of aws:PrincipalTag/team is not known" in message
    assert "--context KEY=VALUE" in message
    told = Desk(identities=[team("alice")], context={"aws:PrincipalTag/team": "a"})
    told.local.instances.change_tags("nb", lambda kept: {"team": "a"})
    assert told.mint()


def test_a_session_whose_decision_becomes_unknown_ends() -> None:
    desk = Desk(policies=[policy(ALLOW)])
    cookie = cookie_of(desk.get(desk.mint()))
    assert desk.get("/notebook/nb/", cookie).status == 200
    desk.local.set_policies([policy(ALLOW, under("Bool", "aws:MultiFactorAuthPresent", "false", "Deny"))])
    assert desk.get("/notebook/nb/", cookie).status == 200  # long-term credentials do not have the key
    desk.local.set_policies([policy(ALLOW, under("StringEquals", "aws:PrincipalOrgID", "o-1", "Deny"))])
    assert desk.get("/notebook/nb/", cookie).status == 403


def test_a_caller_whose_address_is_not_known_is_refused_if_policies_depend_on_addresses() -> None:
    for operator, effect in (
        ("NotIpAddress", "Allow"),
        ("IpAddress", "Deny"),
        ("IpAddressIfExists", "Allow"),
    ):
        desk = Desk(policies=[policy(ALLOW, under(operator, "aws:SourceIp", "10.0.0.0/8", effect))])
        if effect == "Allow":
            desk = Desk(policies=[policy(under(operator, "aws:SourceIp", "10.0.0.0/8", effect))])
        desk.client = Client("")
        assert refusal(desk.call({"NotebookInstanceName": "nb"}))[0] == "AccessDeniedException"
    desk = Desk(policies=[policy(ALLOW)])
    desk.client = Client("")
    assert desk.mint()


CREATE = {"InstanceType": "ml.t3.medium", "RoleArn": "arn:aws:iam::123456789012:role/R"}


@pytest.mark.parametrize(
    ("operator", "key", "value", "parameters"),
    [
        ("StringEquals", "sagemaker:RootAccess", "Disabled", {"RootAccess": "Disabled"}),
        ("StringEquals", "sagemaker:DirectInternetAccess", "Disabled", {"DirectInternetAccess": "Disabled"}),
        ("ForAllValues:StringLike", "sagemaker:InstanceTypes", "ml.t3.*", {}),
        ("ForAnyValue:StringEquals", "sagemaker:VpcSubnets", "subnet-1", {"SubnetId": "subnet-1"}),
        ("ForAllValues:StringEquals", "sagemaker:VpcSecurityGroupIds", ["sg-1", "sg-2"], {"SecurityGroupIds": ["sg-2"]}),
        ("ArnLike", "sagemaker:VolumeKmsKeyArn", "arn:aws:kms:*:*:key/*", {"KmsKeyId": "arn:aws:kms:us-east-1:123456789012:key/k"}),
        ("ArnEquals", "sagemaker:NotebookInstanceLifecycleConfigArns", "arn:aws:sagemaker:us-east-1:123456789012:notebook-instance-lifecycle-config/lc", {"LifecycleConfigName": "lc"}),
        ("StringEquals", "aws:RequestTag/team", "a", {"Tags": [{"Key": "team", "Value": "a"}]}),
        ("ForAnyValue:StringEquals", "aws:TagKeys", "team", {"Tags": [{"Key": "team", "Value": "a"}]}),
    ],
)  # fmt: skip
def test_a_policy_about_parameters_is_evaluated_with_them(
    operator: str, key: str, value: Any, parameters: dict[str, Any]
) -> None:
    for allowed, condition in (
        (True, under(operator, key, value)),
        (False, under(operator, key, value, "Deny")),
    ):
        desk = Desk(policies=[policy(condition) if allowed else policy(ALLOW, condition)])
        answer = desk.ask("CreateNotebookInstance", NotebookInstanceName="new", **CREATE, **parameters)
        assert (answer.status == 200) is allowed, answer.body


def test_a_key_named_by_an_alias_has_an_arn_that_only_kms_knows() -> None:
    condition = under("ArnLike", "sagemaker:VolumeKmsKeyArn", "arn:aws:kms:*:*:key/*")
    desk = Desk(policies=[policy(condition)])
    answer = desk.ask("CreateNotebookInstance", NotebookInstanceName="new", **CREATE, KmsKeyId="alias/mine")
    assert "unknown, because the value of sagemaker:VolumeKmsKeyArn" in refusal(answer)[1]


def test_tagging_at_creation_is_asked_with_the_action_that_tags() -> None:
    tagging = {
        **under("StringEquals", "sagemaker:TaggingAction", "CreateNotebookInstance"),
        "Action": "sagemaker:AddTags",
    }
    create = {**ALLOW, "Action": "sagemaker:CreateNotebookInstance"}
    tags = [{"Key": "team", "Value": "a"}]
    desk = Desk(policies=[policy(create, tagging)])
    desk.do("CreateNotebookInstance", NotebookInstanceName="new", **CREATE, Tags=tags)
    answer = desk.ask("AddTags", ResourceArn=desk.local.instances.account.arn("new"), Tags=tags)
    assert refusal(answer)[0] == "AccessDeniedException"


def test_the_user_agent_is_that_of_the_request() -> None:
    condition = under("StringLike", "aws:UserAgent", "*Boto3/*")
    for agent, allowed in (("Boto3/1.44", True), ("curl/8", False)):
        desk = Desk(policies=[policy(condition)])
        desk.client = Client("127.0.0.1", user_agent=agent)
        assert (desk.call({"NotebookInstanceName": "nb"}).status == 200) is allowed


@pytest.mark.parametrize("policies", [None, [policy(ALLOW)], [policy(DENY)]])
def test_an_identity_of_another_account_is_allowed_nothing(policies: list[Policy] | None) -> None:
    desk = Desk()
    arn = "arn:aws:iam::999999999999:user/eve"
    desk.local.identities.replace([Identity(arn, desk.local.credentials, policies)])
    for operation, params in ((PRESIGN, {"NotebookInstanceName": "nb"}), ("ListNotebookInstances", {})):
        code, message = refusal(desk.ask(operation, **params))
        assert code == "AccessDeniedException"
        explicit = policies is not None and policies[0].statements[0].effect == "Deny"
        reason = (
            "explicit deny in an identity-based" if explicit else "because no resource-based policy allows"
        )
        assert reason in message
