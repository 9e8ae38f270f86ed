"""Identity policies: decided as the IAM User Guide says, and refused at load with the place of the fault.

Page names in the notes are those of the IAM User Guide, shortened: "operators" is "IAM JSON policy elements:
Condition operators", "multivalued" "Conditions with multiple context keys or values", "variables" "IAM policy
elements: Variables and tags", "resource" "IAM JSON policy elements: Resource", "grammar" "Grammar of the IAM
JSON policy language", "evaluation" "Policy evaluation logic".
"""

from __future__ import annotations

import json
import pickle
from functools import partial
from typing import Any

import pytest
from hypothesis import given, strategies as st

from sagemaker_api import ConfigError
from sagemaker_api.local.iam.conditions import OPERATORS
from sagemaker_api.local.iam.patterns import Pattern, fits
from sagemaker_api.local.iam.policy import Access, Decision, Policy, decide
from tests.work import lines_run

from .ip_policies import IP_PAGE, IP_PAGE_WITH_DENY, PRESIGN, ROWS, VPC_PAGE_STATEMENT, Row

ARN = "arn:aws:sagemaker:us-east-1:123456789012:notebook-instance/my-notebook"
USER = "arn:aws:iam::123456789012:user/alice"


def access(action: str = PRESIGN, resource: str = ARN, **context: str | tuple[str, ...]) -> Access:
    """An access whose context keys are written with ``_`` for ``:``."""
    keys = {key.replace("_", ":", 1): value for key, value in context.items()}
    return Access(action, resource, {k: (v,) if isinstance(v, str) else v for k, v in keys.items()})


def document(*statements: dict[str, Any], version: str | None = "2012-10-17") -> dict[str, Any]:
    whole: dict[str, Any] = {"Statement": list(statements)}
    return whole if version is None else {"Version": version, **whole}


def statement(**elements: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": "*", "Resource": "*", **elements}


def allows(what: Access, *statements: dict[str, Any], version: str | None = "2012-10-17") -> bool:
    return decide([Policy.parse(json.dumps(document(*statements, version=version)))], what).allowed


@pytest.mark.parametrize("row", ROWS, ids=[row.note for row in ROWS])
def test_networks_are_decided_as_documented(row: Row) -> None:
    policy = Policy.parse(json.dumps(row.policy))
    assert decide([policy], Access(PRESIGN, ARN, row.context)).allowed is row.allowed


def test_the_table_of_networks_is_as_wide_as_promised() -> None:
    assert len({(json.dumps(row.policy), row[2:]) for row in ROWS}) >= 100
    assert {row.allowed for row in ROWS} == {True, False}


@pytest.mark.parametrize("page", [IP_PAGE, IP_PAGE_WITH_DENY])
def test_the_documented_policy_of_the_ip_page_works_verbatim(page: str) -> None:
    policy = Policy.parse(page)
    inside = decide([policy], access(aws_SourceIp="203.0.113.7"))
    outside = decide([policy], access(aws_SourceIp="198.51.100.1"))
    assert (inside.allowed, outside.allowed) == (True, False)
    assert outside.effect == ("Deny" if page is IP_PAGE_WITH_DENY else "")


def test_the_documented_policy_of_tags_works_verbatim() -> None:
    """SageMaker Developer Guide, "Control Access to SageMaker Resources by Using Tags"."""
    policy = Policy.parse(
        document(
            {"Effect": "Allow", "Action": "sagemaker:*", "Resource": "*"},
            {
                "Effect": "Deny",
                "Action": "sagemaker:*",
                "Resource": "*",
                "Condition": {"StringEquals": {"sagemaker:ResourceTag/Project": "B"}},
            },
            {"Effect": "Deny", "Action": ["sagemaker:AddTags", "sagemaker:DeleteTags"], "Resource": "*"},
        )
    )
    for project, allowed in (("A", True), ("B", False), ("b", True)):
        assert (
            decide([policy], Access(PRESIGN, ARN, {"sagemaker:ResourceTag/project": (project,)})).allowed
            is allowed
        )
    assert decide([policy], access()).allowed
    assert decide([policy], access("sagemaker:AddTags")).effect == "Deny"


# What the request has, the operator, the policy's values, whether the condition holds, and why.
_TAG = "aws:ResourceTag/k"
_OPERATOR_ROWS: list[tuple[str | None, str, Any, bool, str]] = [
    ("Blue", "StringEquals", "Blue", True, "operators: exact matching"),
    ("blue", "StringEquals", "Blue", False, "operators: case sensitive"),
    ("Blue", "StringEquals", ["Red", "Blue"], True, "multivalued: values are a logical OR"),
    ("Blue", "StringEquals", "Bl*", False, "operators: no wildcards in StringEquals"),
    ("Bl*", "StringEquals", "Bl*", True, "operators: an asterisk is an asterisk"),
    ("", "StringEquals", "", True, "an empty value is a value"),
    ("7", "StringEquals", 7, True, "grammar: quotation marks are optional for numbers"),
    ("true", "StringEquals", True, True, "grammar: and for Booleans"),
    (None, "StringEquals", "Blue", False, "operators: an absent key does not match"),
    ("Blue", "StringNotEquals", "Red", True, "operators: negated matching"),
    ("Blue", "StringNotEquals", ["Red", "Blue"], False, "multivalued: negated values are a logical NOR"),
    (None, "StringNotEquals", "Blue", True, "operators: negated, of an absent key"),
    ("BLUE", "StringEqualsIgnoreCase", "blue", True, "operators: ignoring case"),
    ("blue2", "StringEqualsIgnoreCase", "blue", False, "operators: exact but for case"),
    ("BLUE", "StringNotEqualsIgnoreCase", "blue", False, "operators: negated, ignoring case"),
    ("red", "StringNotEqualsIgnoreCase", "blue", True, "operators: negated, ignoring case"),
    ("a/b/c", "StringLike", "a/*", True, "operators: multi-character wildcard"),
    ("abc", "StringLike", "a?c", True, "operators: single-character wildcard"),
    ("ac", "StringLike", "a?c", False, "operators: ? is one character"),
    ("ac", "StringLike", "a*c", True, "operators: * may be nothing"),
    ("ABC", "StringLike", "a*", False, "operators: case-sensitive"),
    ("abc", "StringLike", "ab", False, "operators: the whole value"),
    ("a*c", "StringLike", "a${*}c", True, "variables: ${*} is an asterisk"),
    ("abc", "StringLike", "a${*}c", False, "variables: ${*} is not a wildcard"),
    ("a?c", "StringLike", "a${?}c", True, "variables: ${?} is a question mark"),
    ("a$c", "StringEquals", "a${$}c", True, "variables: ${$} is a dollar sign"),
    ("a$c", "StringEquals", "a$c", True, "a lone dollar sign is one"),
    ("abc", "StringNotLike", "a*", False, "operators: negated wildcards"),
    ("xbc", "StringNotLike", ["a*", "b*"], True, "operators: negated wildcards"),
    ("10", "NumericEquals", "10", True, "operators: matching"),
    ("10.0", "NumericEquals", 10, True, "operators: a number, not its text"),
    ("10", "NumericEquals", ["9", "10"], True, "multivalued: OR"),
    ("10", "NumericNotEquals", "10", False, "operators: negated"),
    ("11", "NumericNotEquals", "10", True, "operators: negated"),
    ("ten", "NumericEquals", "10", False, "no number matches nothing"),
    ("ten", "NumericNotEquals", "10", True, "no number matches nothing, negated"),
    ("9.5", "NumericLessThan", "10", True, "operators: less than"),
    ("10", "NumericLessThan", "10", False, "operators: less than"),
    ("10", "NumericLessThanEquals", "10", True, "operators: less than or equals"),
    ("-1", "NumericLessThanEquals", "0", True, "operators: less than or equals"),
    ("10", "NumericGreaterThan", "10", False, "operators: greater than"),
    ("100", "NumericGreaterThan", "20", True, "operators: as numbers, not as texts"),
    ("10", "NumericGreaterThanEquals", "10", True, "operators: greater than or equals"),
    (None, "NumericGreaterThanEquals", "10", False, "operators: absent"),
    ("2026-01-31T12:00:00Z", "DateEquals", "2026-01-31T12:00:00Z", True, "operators: date matching"),
    ("2026-01-31T12:00:00Z", "DateEquals", "2026-01-31T13:00:00+01:00", True, "W3C: a zone"),
    ("2026-01-31T12:00:00Z", "DateEquals", "1769860800", True, "operators: or in epoch time"),
    ("1769860800", "DateEquals", "2026-01-31T12:00Z", True, "W3C: minutes, and a request in epoch time"),
    ("2026-01-31T12:00:00Z", "DateNotEquals", "2026-01-31", True, "W3C: a day begins at midnight UTC"),
    ("2026-01-31T00:00:00Z", "DateNotEquals", "2026-01-31", False, "W3C: a day"),
    ("2026-01-31T12:00:00Z", "DateLessThan", "2026-02", True, "W3C: a month"),
    ("2026-01-31T12:00:00Z", "DateLessThan", "2026", False, "W3C: a year"),
    ("2026-01-31T12:00:00.5Z", "DateLessThan", "2026-01-31T12:00:00.6Z", True, "W3C: fractions"),
    ("2026-01-31T12:00:00Z", "DateLessThanEquals", "2026-01-31T12:00:00Z", True, "operators: at or before"),
    ("2026-01-31T12:00:00Z", "DateGreaterThan", "2026-01-31T11:59:59Z", True, "operators: after"),
    ("2026-01-31T12:00:00Z", "DateGreaterThan", "2026-01-31T12:00:00Z", False, "operators: after"),
    ("2026-01-31T12:00:00Z", "DateGreaterThanEquals", "2026-01-31T12:00:00Z", True, "operators: at or after"),
    ("soon", "DateGreaterThan", "2026-01-31", False, "no date matches nothing"),
    ("true", "Bool", "true", True, "operators: Boolean matching"),
    ("false", "Bool", "true", False, "operators: Boolean matching"),
    ("True", "Bool", True, True, "a request's Boolean in any case"),
    ("false", "Bool", "FALSE", True, "a policy's Boolean in any case"),
    ("x", "Null", "False", True, "a policy's Boolean in any case"),
    ("false", "Bool", False, True, "grammar: Booleans without quotation marks"),
    (None, "Bool", "false", False, "operators: an absent key is not false"),
    ("QmluYXJ5", "BinaryEquals", "QmluYXJ5", True, "operators: binary, byte for byte"),
    ("QmluYXJ6", "BinaryEquals", "QmluYXJ5", False, "operators: binary, byte for byte"),
    ("not base64", "BinaryEquals", "QmluYXJ5", False, "what is not base64 matches nothing"),
    ("203.0.113.7", "IpAddress", "203.0.113.0/24", True, "operators: the address or range"),
    ("203.0.113.7", "NotIpAddress", "203.0.113.0/24", False, "operators: all but it"),
    ("no address", "IpAddress", "0.0.0.0/0", False, "no address is in no block"),
    ("no address", "NotIpAddress", "0.0.0.0/0", True, "no address is in no block, negated"),
    (USER, "ArnEquals", USER, True, "operators: ARN"),
    (USER, "ArnEquals", "arn:aws:iam::*:user/*", True, "operators: ArnEquals and ArnLike behave identically"),
    (USER, "ArnLike", "arn:aws:iam::123456789012:user/ali?e", True, "operators: single-character wildcard"),
    (USER, "ArnLike", "arn:aws:iam::123456789012:user/ALICE", False, "operators: case-sensitive"),
    (USER, "ArnLike", "arn:*:*:*:*:*", True, "operators: a wildcard in each part"),
    (USER, "ArnNotEquals", "arn:aws:iam::*:user/*", False, "operators: negated"),
    (USER, "ArnNotLike", "arn:aws:iam::*:role/*", True, "operators: negated"),
    ("no arn", "ArnLike", "arn:*:*:*:*:*", False, "what is not an ARN matches none"),
    ("no arn", "ArnNotLike", "arn:*:*:*:*:*", True, "what is not an ARN matches none, negated"),
    (None, "ArnNotLike", "arn:*:*:*:*:*", True, "operators: negated, absent"),
    (
        "arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt",
        "ArnLike",
        "arn:aws:someservice:*:111122223333:finance/*",
        False,
        "operators: the example of a wildcard that stops at a colon",
    ),
    (
        "arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt",
        "StringLike",
        "arn:aws:someservice:*:111122223333:finance/*",
        True,
        "operators: the same example as a string",
    ),
    (None, "Null", "true", True, "operators: the key does not exist"),
    ("x", "Null", "true", False, "operators: the key does not exist"),
    ("x", "Null", "false", True, "operators: the key exists"),
    (None, "Null", False, False, "operators: the key exists"),
    (None, "StringEqualsIfExists", "a", True, "operators: IfExists, absent"),
    ("b", "StringEqualsIfExists", "a", False, "operators: IfExists, there"),
    (None, "NumericLessThanIfExists", "1", True, "operators: IfExists, absent"),
    (None, "StringNotEqualsIfExists", "a", True, "operators: IfExists negated, absent"),
    (None, "BoolIfExists", "true", True, "operators: IfExists, absent"),
]


@pytest.mark.parametrize(
    ("found", "operator", "values", "holds", "note"),
    _OPERATOR_ROWS,
    ids=[f"{row[1]}-{index}" for index, row in enumerate(_OPERATOR_ROWS)],
)
def test_operators_compare_as_documented(
    found: str | None, operator: str, values: Any, holds: bool, note: str
) -> None:
    context = {} if found is None else {_TAG: (found,)}
    condition = {operator: {_TAG: values}}
    assert allows(Access(PRESIGN, ARN, context), statement(Condition=condition)) is holds, note


def test_every_operator_has_rows() -> None:
    shown = {row[1].removesuffix("IfExists") for row in _OPERATOR_ROWS}
    assert shown == set(OPERATORS)


@pytest.mark.parametrize("name", [name for name in OPERATORS if name != "Null"])
def test_an_absent_key_is_true_to_if_exists_and_for_all_values_alone(name: str) -> None:
    value = {
        "arn": USER,
        "numeric": "1",
        "date": "2026-01-31",
        "bool": "true",
        "ip": "::/0",
        "string": "a",
        "binary": "YQ==",
    }
    rule = OPERATORS[name]
    for comparison, holds in (
        (name, rule.negated),
        (f"{name}IfExists", True),
        (f"ForAllValues:{name}", True),
        (f"ForAllValues:{name}IfExists", True),
        (f"ForAnyValue:{name}", False),
        (f"ForAnyValue:{name}IfExists", False),
    ):
        condition = {comparison: {_TAG: value[rule.kind]}}
        assert allows(access(), statement(Condition=condition)) is holds, comparison
        assert allows(Access(PRESIGN, ARN, {_TAG: ()}), statement(Condition=condition)) is holds, comparison


@pytest.mark.parametrize(
    ("found", "comparison", "holds"),
    [
        # multivalued: the policy has PostDateTime, Message and Tags.
        (("PostDateTime", "Message"), "ForAllValues:StringEquals", True),
        (("PostDateTime", "UserName"), "ForAllValues:StringEquals", False),
        (("PostDateTime", "UserName"), "ForAnyValue:StringEquals", True),
        (("ID", "UserName"), "ForAnyValue:StringEquals", False),
        (("ID", "UserName"), "ForAllValues:StringNotEquals", True),
        (("ID", "Tags"), "ForAllValues:StringNotEquals", False),
        (("ID", "Tags"), "ForAnyValue:StringNotEquals", True),
        (("Message", "Tags"), "ForAnyValue:StringNotEquals", False),
        (("Tags",), "ForAnyValue:StringLike", True),
        (("tags",), "ForAnyValue:StringEqualsIgnoreCase", True),
        # "If the key values resolve to an empty data set (for example, an empty string)".
        (("",), "ForAllValues:StringEquals", True),
        (("",), "ForAnyValue:StringNotEquals", False),
        (("", "Tags"), "ForAllValues:StringEquals", True),
        # Without a quantifier: one of them, or with a negated operator none of them.
        (("ID", "Tags"), "StringEquals", True),
        (("ID", "Tags"), "StringNotEquals", False),
    ],
)
def test_quantifiers_compare_each_value(found: tuple[str, ...], comparison: str, holds: bool) -> None:
    condition = {comparison: {_TAG: ["PostDateTime", "Message", "Tags"]}}
    assert allows(Access(PRESIGN, ARN, {_TAG: found}), statement(Condition=condition)) is holds


@pytest.mark.parametrize(
    ("elements", "action", "applies"),
    [
        ({"Action": "*"}, PRESIGN, True),
        ({"Action": "*:*"}, PRESIGN, True),
        ({"Action": "sagemaker:*"}, PRESIGN, True),
        ({"Action": PRESIGN}, PRESIGN, True),
        ({"Action": "SageMaker:createpresignednotebookinstanceurl"}, PRESIGN, True),
        ({"Action": "sagemaker:*NotebookInstance*"}, PRESIGN, True),
        ({"Action": "sagemaker:*NotebookInstance"}, PRESIGN, False),
        ({"Action": "sagemaker:*NotebookInstance"}, "sagemaker:StartNotebookInstance", True),
        ({"Action": "sagemaker:St?rtNotebookInstance"}, "sagemaker:StartNotebookInstance", True),
        ({"Action": ["s3:*", "sagemaker:Describe*"]}, "sagemaker:DescribeNotebookInstance", True),
        ({"Action": ["s3:*", "sagemaker:Describe*"]}, PRESIGN, False),
        ({"Action": "s3:*"}, PRESIGN, False),
        ({"NotAction": "sagemaker:*"}, PRESIGN, False),
        ({"NotAction": "s3:*"}, PRESIGN, True),
        ({"NotAction": ["sagemaker:Delete*", "sagemaker:Create*"]}, PRESIGN, False),
        ({"NotAction": "sagemaker:DELETE*"}, "sagemaker:DeleteNotebookInstance", False),
    ],
)
def test_actions_fit_whatever_their_case(elements: dict[str, Any], action: str, applies: bool) -> None:
    assert allows(access(action), {"Effect": "Allow", "Resource": "*", **elements}) is applies


@pytest.mark.parametrize(
    ("elements", "applies"),
    [
        ({"Resource": "*"}, True),
        ({"Resource": ARN}, True),
        ({"Resource": ARN.upper().replace("ARN:AWS:SAGEMAKER", "arn:aws:sagemaker")}, False),
        ({"Resource": ["arn:aws:s3:::bucket", ARN]}, True),
        ({"Resource": "arn:aws:sagemaker:*:*:notebook-instance/*"}, True),
        ({"Resource": "arn:aws:sagemaker:us-*-1:123456789012:notebook-instance/my-*"}, True),
        ({"Resource": "arn:aws:sagemaker:us-*-2:123456789012:notebook-instance/my-*"}, False),
        ({"Resource": "arn:aws:sagemaker:us-east-?:??????789012:notebook-instance/my-noteboo?"}, True),
        ({"Resource": "arn:aws:sagemaker:us-east-1:123456789012:notebook-instance/my"}, False),
        ({"Resource": "arn:aws:sagemaker:us-east-1:999999999999:notebook-instance/my-notebook"}, False),
        ({"Resource": "arn:aws:sagemaker:us-east-1:123456789012:*"}, True),
        ({"Resource": "arn:aws:sagemaker:us-east-1:*"}, True),  # resource: beyond the colon boundaries
        ({"Resource": "arn:*:sagemaker:*"}, True),
        ({"Resource": "arn:aws:sagemaker:::*"}, False),
        ({"Resource": "arn:aws:sagemaker:*:*:endpoint/*"}, False),
        ({"NotResource": ARN}, False),
        ({"NotResource": "arn:aws:sagemaker:*:*:notebook-instance/other"}, True),
        ({"NotResource": ["arn:aws:s3:::bucket", "arn:aws:sagemaker:*:*:notebook-instance/my-*"]}, False),
    ],
)
def test_resources_fit_with_wildcards(elements: dict[str, Any], applies: bool) -> None:
    assert allows(access(), {"Effect": "Allow", "Action": "*", **elements}) is applies


def test_what_has_no_resource_of_its_own_needs_an_asterisk() -> None:
    listing = access("sagemaker:ListNotebookInstances", "*")
    assert allows(listing, statement())
    assert not allows(listing, statement(Resource="arn:aws:sagemaker:*:*:notebook-instance/*"))


_OWN = "arn:aws:sagemaker:*:*:notebook-instance/${aws:ResourceTag/owner}-notebook"


@pytest.mark.parametrize(
    ("elements", "context", "version", "applies"),
    [
        ({"Resource": _OWN}, {"aws:ResourceTag/owner": "my"}, "2012-10-17", True),
        ({"Resource": _OWN}, {"aws:ResourceTag/owner": "your"}, "2012-10-17", False),
        ({"Resource": _OWN}, {"AWS:resourcetag/OWNER": "my"}, "2012-10-17", True),
        ({"Resource": _OWN}, {}, "2012-10-17", False),  # variables: will not match any resource
        ({"NotResource": _OWN}, {}, "2012-10-17", False),
        (
            {"Resource": _OWN},
            {"aws:ResourceTag/owner": "*"},
            "2012-10-17",
            False,
        ),  # a value is not a wildcard
        ({"Resource": _OWN.replace("owner", "owner, 'my'")}, {}, "2012-10-17", True),
        (
            {"Resource": _OWN.replace("owner", "owner, 'no'")},
            {"aws:ResourceTag/owner": "my"},
            "2012-10-17",
            True,
        ),
        # variables: under the older version they are literal strings.
        ({"Resource": _OWN}, {"aws:ResourceTag/owner": "my"}, "2008-10-17", False),
        ({"Resource": _OWN}, {"aws:ResourceTag/owner": "my"}, None, False),
        (
            {"Condition": {"StringEquals": {"aws:ResourceTag/a": "${aws:ResourceTag/b}"}}},
            {"aws:ResourceTag/a": "1", "aws:ResourceTag/b": "1"},
            "2012-10-17",
            True,
        ),
        (
            {"Condition": {"StringEquals": {"aws:ResourceTag/a": "${aws:ResourceTag/b}"}}},
            {"aws:ResourceTag/a": "1"},
            "2012-10-17",
            False,
        ),
        (
            {"Condition": {"StringNotEquals": {"aws:ResourceTag/a": "${aws:ResourceTag/b}"}}},
            {"aws:ResourceTag/a": "1"},
            "2012-10-17",
            False,
        ),
        (
            {"Condition": {"StringEquals": {"aws:ResourceTag/a": "${aws:ResourceTag/b, 'it''s'}"}}},
            {"aws:ResourceTag/a": "it's"},
            "2012-10-17",
            True,
        ),
        (
            {"Condition": {"StringEquals": {"aws:ResourceTag/a": "${aws:x}"}}},
            {"aws:ResourceTag/a": "${aws:x}"},
            "2008-10-17",
            True,
        ),
        (
            {"Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/${aws:ResourceTag/owner}"}}},
            {"aws:PrincipalArn": USER, "aws:ResourceTag/owner": "alice"},
            "2012-10-17",
            True,
        ),
        (
            {"Condition": {"ArnEquals": {"aws:PrincipalArn": "${aws:ResourceTag/owner}"}}},
            {"aws:PrincipalArn": USER, "aws:ResourceTag/owner": USER},
            "2012-10-17",
            True,
        ),
        (
            {"Condition": {"ArnEquals": {"aws:PrincipalArn": "${aws:ResourceTag/owner}"}}},
            {"aws:PrincipalArn": USER, "aws:ResourceTag/owner": "arn"},
            "2012-10-17",
            False,
        ),
    ],
)
def test_policy_variables_stand_for_the_values_of_the_request(
    elements: dict[str, Any], context: dict[str, str], version: str | None, applies: bool
) -> None:
    what = Access(PRESIGN, ARN, {key: (value,) for key, value in context.items()})
    whole = {"Effect": "Allow", "Action": "*", "Resource": "*", **elements}
    if "NotResource" in elements:
        del whole["Resource"]
    assert allows(what, whole, version=version) is applies


def test_a_variable_with_two_values_has_none() -> None:
    what = Access(PRESIGN, ARN, {"aws:ResourceTag/owner": ("my", "my")})
    assert not allows(what, statement(Resource=_OWN))


@pytest.mark.parametrize(
    ("key", "operator", "value", "found", "holds"),
    [
        ("aws:SecureTransport", "Bool", "true", "true", True),
        ("aws:SecureTransport", "Bool", "true", "false", False),
        ("aws:CurrentTime", "DateLessThan", "2026-02-01T00:00:00Z", "2026-01-31T12:00:00Z", True),
        ("aws:CurrentTime", "DateLessThan", "2026-02-01T00:00:00Z", "2026-02-01T00:00:00Z", False),
        ("aws:EpochTime", "DateGreaterThan", "2026-01-31T12:00:00Z", "1769860801", True),
        ("aws:EpochTime", "NumericLessThan", "1769860801", "1769860800", True),
        ("aws:PrincipalArn", "ArnLike", "arn:aws:iam::*:user/alice", USER, True),
        ("aws:PrincipalArn", "StringNotLike", "arn:aws:iam::*:user/a*", USER, False),
        ("aws:SourceVpc", "StringEquals", "vpc-1", "vpc-1", True),
        ("aws:sourceVpce", "StringNotEquals", "vpce-1", "vpce-2", True),
        ("sagemaker:ResourceTag/Project", "StringEquals", "A", "A", True),
        ("aws:ResourceTag/a:b/c", "StringEquals", "A", "A", True),
        ("aws:VpcSourceIp", "IpAddress", "10.0.0.0/8", "10.1.2.3", True),
    ],
)
def test_every_condition_key_can_be_compared(
    key: str, operator: str, value: str, found: str, holds: bool
) -> None:
    what = Access(PRESIGN, ARN, {key.swapcase(): (found,)})
    assert allows(what, statement(Condition={operator: {key: value}})) is holds


def test_policies_decide_together_and_say_which_statement_did() -> None:
    """evaluation: an explicit deny overrides any allow; without an allow there is an implicit deny."""
    allow = Policy.parse(document(statement(Sid="All")), "allow.json")
    deny = Policy.parse(document(statement(), statement(Effect="Deny", Sid="No", Action="*:*")), "deny.json")
    assert decide([allow], access()) == Decision(True, "Allow", "allow.json: Statement[0] (All)")
    assert decide([allow, deny], access()) == Decision(False, "Deny", "deny.json: Statement[1] (No)")
    assert decide([deny, allow], access()) == Decision(False, "Deny", "deny.json: Statement[1] (No)")
    assert decide([], access()) == Decision(False, "", f"no statement allows {PRESIGN} on {ARN}")


def test_a_decision_says_what_was_compared_with_what() -> None:
    policy = Policy.parse(IP_PAGE, "page")
    assert decide([policy], access(aws_SourceIp="198.51.100.1")).statement == (
        f"no statement allows {PRESIGN} on {ARN}; page: Statement[0] would, but for IpAddress aws:SourceIp "
        "[192.0.2.0/24, 203.0.113.0/24] (in the request: 198.51.100.1)"
    )
    assert "(in the request: not present)" in decide([policy], access()).statement
    many = {"IpAddress": {_TAG.replace("k", "\x1b"): [f"10.0.0.{n}" for n in range(200)]}}
    wide = Policy.parse(document(statement(Condition=many)))
    told = decide([wide], Access(PRESIGN, ARN, {_TAG.replace("k", "\x1b"): ("\r\n",)})).statement
    assert told.isprintable()
    assert told.endswith(
        "IpAddress aws:ResourceTag/? [10.0.0.0, 10.0.0.1, 10.0.0.2, 10.0.0.3, 10.0.0.4, 10.0.0.5, 10.0.0.6, 10.0.0.7, …] (in the request: ??)"
    )
    alone = Policy.parse({"Statement": statement()})
    assert decide([alone], access()).statement == "policy: Statement"


def test_an_empty_value_of_the_request_is_shown_as_one() -> None:
    policy = Policy.parse(document(statement(Effect="Deny", Condition={"StringEquals": {_TAG: ""}})))
    decided = decide([policy], Access(PRESIGN, ARN, {_TAG: ("",)}))
    assert decided.statement.endswith('(in the request: "")')


def test_values_are_immutable_equal_and_picklable() -> None:
    what = access(aws_SourceIp="203.0.113.7")
    policy = Policy.parse(IP_PAGE)
    for value in (what, policy, decide([policy], what)):
        assert pickle.loads(pickle.dumps(value)) == value
        assert hash(pickle.loads(pickle.dumps(value))) == hash(value)
        with pytest.raises(AttributeError):
            value.name = "other"
    with pytest.raises(TypeError):
        what.context["aws:sourceip"] = ()
    with pytest.raises(TypeError, match="expected a tuple of texts"):
        Access(PRESIGN, ARN, {"aws:SourceIp": "203.0.113.7"})


def test_a_policy_may_come_as_text_bytes_or_object() -> None:
    page = Policy.parse(IP_PAGE)
    assert Policy.parse(IP_PAGE.encode()) == page
    assert Policy.parse(b"\xef\xbb\xbf" + IP_PAGE.encode()) == page
    assert Policy.parse(json.loads(IP_PAGE)) == page


_NAMES = "expected one of Sid, Effect, Action, NotAction, Resource, NotResource, Condition"
_PLACED: list[tuple[Any, str, str]] = [
    ([], "found a list", "expected a policy document"),
    ({"Version": "2012-10-17"}, "found no Statement", "expected one statement"),
    ({"Statement": []}, "Statement: found an empty list", "at least one"),
    ({"Statement": "x"}, "Statement: found 'x'", "expected a statement, an object"),
    ({"Statement": None}, "Statement: found null", "expected a statement"),
    ({"Statement": [statement(), 3]}, "Statement[1]: found a number", "expected a statement"),
    ({"Version": "2012-10-18", "Statement": statement()}, "Version: found '2012-10-18'", "2012-10-17 or 2008-10-17"),
    ({"Version": 2012, "Statement": statement()}, "Version: found a number", "2012-10-17"),
    ({"statement": statement()}, "found the element 'statement'", "expected one of Version, Statement, in this spelling"),
    ({"Id": "notebook-example-1", "Statement": statement()}, "found the element 'Id'", "expected none in an identity policy"),
    (document(statement(Principal="*")), "Statement[0]: found the element 'Principal'", "expected none in an identity policy"),
    (document(statement(NotPrincipal={"AWS": "1"})), "Statement[0]: found the element 'NotPrincipal'", "expected none"),
    (document(statement(Resources="*")), "Statement[0]: found the element 'Resources'", _NAMES),
    (document(statement(), statement(effect="Deny")), "Statement[1]: found the element 'effect'", _NAMES),
    (document(statement(Sid="Enable Notebook Access")), "Statement[0].Sid: found 'Enable Notebook Access'", "letters A-Z, a-z and digits"),
    (document(statement(Sid=1)), "Statement[0].Sid: found a number", "letters"),
    (document(statement(Sid="A"), statement(Sid="A")), "Statement[1].Sid: found 'A'", "expected another than Statement[0] has"),
    (document({"Action": "*", "Resource": "*"}), "Statement[0].Effect: found nothing", "expected Allow or Deny"),
    (document(statement(Effect="deny")), "Statement[0].Effect: found 'deny'", "in this spelling"),
    (document(statement(Effect=["Deny"])), "Statement[0].Effect: found a list", "expected Allow or Deny"),
    (document({"Effect": "Allow", "Resource": "*"}), "Statement[0]: found no Action", "one of Action and NotAction"),
    (document(statement(NotAction="*")), "Statement[0]: found Action and NotAction", "one of Action and NotAction"),
    (document({"Effect": "Allow", "Action": "*"}), "Statement[0]: found no Resource", "one of Resource and NotResource"),
    (document(statement(NotResource="*")), "Statement[0]: found Resource and NotResource", "one of"),
    (document(statement(Action=[])), "Statement[0].Action: found an empty list", "at least one"),
    (document(statement(Action=["*", 1])), "Statement[0].Action[1]: found a number", "expected a text"),
    (document(statement(Action="DescribeNotebookInstance")), "Statement[0].Action: found 'Desc", "SERVICE:ACTION"),
    (document(statement(Action="sage*:Describe*")), "Statement[0].Action: found 'sage*:Describe*'", "SERVICE:ACTION"),
    (document(statement(Action="sagemaker:${aws:x}")), "Statement[0].Action: found", "SERVICE:ACTION"),
    (document(statement(Action="sagemaker:")), "Statement[0].Action: found 'sagemaker:'", "SERVICE:ACTION"),
    (document(statement(Resource="my-notebook")), "Statement[0].Resource: found 'my-notebook'", "or an ARN"),
    (document(statement(Resource="")), "Statement[0].Resource: found ''", "or an ARN"),
    (document(statement(Resource="**")), "Statement[0].Resource: found '**'", "or an ARN"),
    (document(statement(Resource=["*", "arn:aws:sagemaker:us-east-1"])), "Statement[0].Resource[1]: found", "or an ARN"),
    (document(statement(Resource="arn:aws:*:us-east-1:1:x")), "Statement[0].Resource: found", "no wildcard in SERVICE"),
    (document(statement(Resource="arn:aws:sagemaker:${aws:SourceVpc}:1:x")), "Statement[0].Resource: found", "after the fifth colon"),
    (document(statement(Resource="arn:aws:sagemaker:::${aws:user}")), "Statement[0].Resource: found", "condition key"),
    (document(statement(Resource="arn:aws:sagemaker:::${aws:SourceVpc")), "Statement[0].Resource: found", "expected a }"),
    (document(statement(Resource="arn:aws:sagemaker:::${}")), "Statement[0].Resource: found", "expected a policy variable"),
    (document(statement(Resource="arn:aws:sagemaker:::${aws:SourceVpc, x}")), "Statement[0].Resource: found", "'default'"),
    (document(statement(Resource="arn:aws:sagemaker:::" + "x" * 2048)), "Statement[0].Resource: found 2068 characters", "at most 2048"),
    (document(statement(Condition=[])), "Statement[0].Condition: found a list", "an object of condition operators"),
    (document(statement(Condition={"StringEquals": "x"})), "Statement[0].Condition.StringEquals: found 'x'", "condition keys"),
    (document(statement(Condition={"StringEquals": {}})), "Statement[0].Condition.StringEquals: found no condition key", "at least one"),
    (document(statement(Condition={"stringequals": {_TAG: "x"}})), "Statement[0].Condition.stringequals: found", "expected one of StringEquals,"),
    (document(statement(Condition={"StringMatches": {_TAG: "x"}})), "Statement[0].Condition.StringMatches: found", "expected one of"),
    (document(statement(Condition={"BinaryEquals": {_TAG: "x"}})), f"Statement[0].Condition.BinaryEquals.{_TAG}: found 'x'", "bytes in base64"),
    (document(statement(Condition={"StringEqualsIfExistsIfExists": {_TAG: "x"}})), "IfExistsIfExists: found", "expected one of"),
    (document(statement(Condition={"ForSomeValues:StringEquals": {_TAG: "x"}})), ".ForSomeValues:StringEquals: found", "ForAllValues or ForAnyValue"),
    (document(statement(Condition={":StringEquals": {_TAG: "x"}})), ".:StringEquals: found", "ForAllValues or ForAnyValue"),
    (document(statement(Condition={"NullIfExists": {_TAG: "true"}})), ".NullIfExists: found", "only Null"),
    (document(statement(Condition={"ForAnyValue:Null": {_TAG: "true"}})), ".ForAnyValue:Null: found", "only Null"),
    (document(statement(Condition={"StringEquals": {"aws:userids": "x"}})), ".StringEquals.aws:userids: found", "condition key that requests to AWS have, such as aws:userid"),
    (document(statement(Condition={"StringEquals": {"sagemaker:RotAccess": "x"}})), ".StringEquals.sagemaker:RotAccess: found", "such as sagemaker:RootAccess"),
    (document(statement(Condition={"StringEquals": {"aws:PrincipalTag/": "x"}})), ".aws:PrincipalTag/: found", "a tag key of 1 to 128"),
    (document(statement(Condition={"StringEquals": {"userid": "x"}})), ".StringEquals.userid: found", "condition key that requests to AWS have"),
    (document(statement(Condition={"StringEquals": {"aws:ResourceTag/": "x"}})), ".aws:ResourceTag/: found", "a tag key of 1 to 128"),
    (document(statement(Condition={"StringEquals": {_TAG: []}})), f".StringEquals.{_TAG}: found an empty list", "at least one"),
    (document(statement(Condition={"StringEquals": {_TAG: [None]}})), f".{_TAG}[0]: found null", "a text, a number, true or false"),
    (document(statement(Condition={"StringEquals": {_TAG: {}}})), f".{_TAG}: found an object", "a text, a number"),
    (document(statement(Condition={"StringEquals": {"aws:SourceIp": "1.2.3.4", "aws:sourceip": "1.2.3.4"}})), ".aws:sourceip: found the key twice", "not case-sensitive"),
    (document(statement(Condition={"IpAddress": {"aws:SourceVpc": "10.0.0.0/8"}})), ".IpAddress.aws:SourceVpc: found", "IpAddress cannot compare this key: expected one of StringEquals"),
    (document(statement(Condition={"Bool": {"aws:SourceIp": "true"}})), ".Bool.aws:SourceIp: found", "cannot compare this key"),
    (document(statement(Condition={"NumericEquals": {"aws:CurrentTime": "1"}})), ".aws:CurrentTime: found", "cannot compare this key"),
    (document(statement(), statement(Condition={"IpAddress": {"aws:SourceIp": ["10.0.0.0/33"]}})), "Statement[1].Condition.IpAddress.aws:SourceIp[0]: found '10.0.0.0/33'", "or a CIDR block"),
    *(
        (document(statement(Condition={"IpAddress": {"aws:SourceIp": bad}})), f".aws:SourceIp: found {bad!r}", "CIDR block")
        for bad in ("", "10.0.0", "10.0.0.0/", "10.0.0.0/08", "10.0.0.0/-1", "10.0.0.0/255.0.0.0", "010.0.0.1", "10.0.0.256", "::/129", "1::2::3", "fe80::1%eth0", "10.0.0.0/8/8", " 10.0.0.0/8", "${aws:SourceIp}", "*", "localhost", "١.1.1.1", "::ffff:1.2.3.4/129")
    ),
    *(
        (document(statement(Condition={"DateEquals": {"aws:CurrentTime": bad}})), f".aws:CurrentTime: found {bad!r}", "expected a date")
        for bad in ("soon", "2026-13", "2026-02-30", "2026-01-31T12:00:00", "2026-01-31 12:00:00Z", "2026-01-31T25:00Z", "2026-01-31T12:00+24:00", "2026-*", "1e9", "")
    ),
    *(
        (document(statement(Condition={"NumericEquals": {"aws:EpochTime": bad}})), f".aws:EpochTime: found {bad!r}", "integer or decimal")
        for bad in ("ten", "", "1,5", "0x10", "Infinity", "nan", "1e9999", "٣")
    ),
    *(
        (document(statement(Condition={"Bool": {"aws:SecureTransport": bad}})), f".aws:SecureTransport: found {bad!r}", "expected true or false")
        for bad in ("T", "yes", "", "1", "true ")
    ),
    *(
        (document(statement(Condition={"ArnLike": {"aws:PrincipalArn": bad}})), f".aws:PrincipalArn: found {bad!r}", "six parts")
        for bad in ("alice", "*", "arn:aws:iam::1", "urn:aws:iam::1:user/a", "arn:*")
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("policy", "place", "expected"),
    _PLACED,
    ids=[f"{index}-{row[1][:40]}" for index, row in enumerate(_PLACED)],
)
def test_what_is_unknown_is_refused_at_load_with_its_place(policy: Any, place: str, expected: str) -> None:
    for given_ in (json.dumps(policy), policy) if isinstance(policy, dict) else (json.dumps(policy),):
        with pytest.raises(ConfigError) as caught:
            Policy.parse(given_, "p.json")
        text = str(caught.value)
        assert text.startswith("p.json: ")
        assert place in text
        assert expected in text
        assert len(text) < 700


def test_the_policies_of_the_vpc_page_are_refused_for_what_an_identity_policy_cannot_have() -> None:
    """The page writes an "Id" and a "Sid" with spaces; "grammar" allows neither in an identity policy."""
    condition = {"StringEquals": {"aws:SourceVpc": "vpc-111bbaaa"}}
    plain = {**VPC_PAGE_STATEMENT, "Condition": condition}
    assert decide([Policy.parse(document(plain))], access(aws_SourceVpc="vpc-111bbaaa")).allowed
    with pytest.raises(ConfigError, match="Id"):
        Policy.parse({"Id": "notebook-example-1", **document(plain)})
    with pytest.raises(ConfigError, match="Sid"):
        Policy.parse(document({**plain, "Sid": "Enable Notebook Access"}))


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{"Version": "2012-10-17", "Statement": [], "Statement": []}', "p: found 'Statement' twice"),
        ('{"Statement": {"Effect": "Deny", "Effect": "Allow", "Action": "*", "Resource": "*"}}', "p: Statement: found 'Effect' twice"),
        ('{"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"Null": {}, "Null": {}}}]}', "p: Statement[0].Condition: found 'Null' twice"),
        ('{"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"Null": {"aws:SourceIp": true, "aws:SourceIp": false}}}]}', "p: Statement[0].Condition.Null: found 'aws:SourceIp' twice"),
    ],
)  # fmt: skip
def test_an_object_that_names_an_element_twice_is_refused(text: str, place: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Policy.parse(text, "p")
    assert str(caught.value).startswith(place)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"\xff",
        b"\xff\xfe{\x00}\x00",
        b"null",
        b"NaN",
        b"[" * 60000,
        b'{"a":' * 10000,
        b" " * 70000,
        b'{"Statement": 1e999}',
        b'{"Statement": ' + b"9" * 5000 + b"}",
        json.dumps(document(statement(Condition={"NumericEquals": {"aws:EpochTime": 10**31}}))).encode(),
        b'{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"NumericEquals": {"aws:EpochTime": 1e999}}}}',
        '{"Statement": {"Effect": "\ud800", "\ud800": 1}}',
    ],
)
def test_hostile_text_ends_in_a_config_error_that_can_be_printed(text: bytes | str) -> None:
    with pytest.raises(ConfigError) as caught:
        Policy.parse(text)
    assert str(caught.value).encode("utf-8").isascii() or str(caught.value).isprintable()


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
    | st.sampled_from(["Allow", "Deny", "*", ARN, "arn:", "${aws:SourceIp}", "10.0.0.0/8", "2026", PRESIGN]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["Version", "Statement", "Effect", "Action", "NotAction", "Resource", "Condition", "Sid",
                         "IpAddress", "StringLike", "ForAnyValue:ArnLike", "Null", "aws:SourceIp", _TAG])
        | st.text(max_size=8),
        inner,
        max_size=5,
    ),
    max_leaves=12,
)  # fmt: skip


@given(_JSON)
@pytest.mark.slow
def test_any_json_is_a_policy_or_a_config_error(value: Any) -> None:
    for given_ in (json.dumps(value), value if isinstance(value, dict) else {"Statement": value}):
        try:
            policy = Policy.parse(given_)
        except ConfigError:
            continue
        assert decide([policy], access(aws_SourceIp="10.0.0.1")).effect in ("Allow", "Deny", "")


@given(st.binary(max_size=200))
def test_any_bytes_are_a_policy_or_a_config_error(text: bytes) -> None:
    with pytest.raises(ConfigError):
        Policy.parse(text)


@given(st.sampled_from(sorted(OPERATORS)), st.text(max_size=30), st.text(max_size=30))
@pytest.mark.slow
def test_any_values_compare_without_an_error(operator: str, value: str, found: str) -> None:
    try:
        policy = Policy.parse(document(statement(Condition={operator: {_TAG: value}})))
    except ConfigError:
        return
    assert decide([policy], Access(PRESIGN, ARN, {_TAG: (found,)})).effect in ("Allow", "")


def _reference(pattern: str, text: str) -> bool:
    """The wildcards by their definition, recursively."""
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(_reference(pattern[1:], text[at:]) for at in range(len(text) + 1))
    return bool(text) and pattern[0] in ("?", text[0]) and _reference(pattern[1:], text[1:])


@given(st.text("ab*?", max_size=7), st.text("ab", max_size=9))
def test_wildcards_match_by_their_definition(pattern: str, text: str) -> None:
    parsed = Pattern.parse(pattern, wildcards=True, variables=False)
    assert parsed.like(text, {}) is _reference(pattern, text)


def test_hostile_wildcards_cost_no_more_than_their_length_squared() -> None:
    """With backtracking they would never end."""
    size = 300
    text = "a" * size
    for pattern in (
        "*a" * (size // 2) + "b",
        "a*" * (size // 2) + "b",
        "*" * size + "b",
        "*" + "a" * (size // 2) + "b",
        "?*" * (size // 2) + "b",
    ):
        units = Pattern.parse(pattern, wildcards=True, variables=False).units
        plain = [unit for unit in units if isinstance(unit, str)]
        assert not fits(plain, text)
        assert lines_run(partial(fits, plain, text)) <= 8 * size * size
