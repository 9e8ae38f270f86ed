"""Operators and quantifiers of conditions compare as the IAM User Guide says.

The notes name its pages as in test_policy.py.
"""

from __future__ import annotations

from typing import Any

import pytest

from sagemaker_api.local.iam.conditions import OPERATORS
from sagemaker_api.local.iam.policy import Access
from tests.sagemaker_api.local.iam.policies import ARN, TAG, USER, access, allows, statement

from .documented_policies import PRESIGN

# The value in the request, the operator, the policy's values, whether the condition is true, and why.
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
    context = {} if found is None else {TAG: (found,)}
    condition = {operator: {TAG: values}}
    assert allows(Access(PRESIGN, ARN, context), statement(Condition=condition)) is holds, note


def test_every_operator_has_rows() -> None:
    shown = {row[1].removesuffix("IfExists") for row in _OPERATOR_ROWS}
    assert shown == set(OPERATORS)


@pytest.mark.parametrize("name", [name for name in OPERATORS if name != "Null"])
def test_an_absent_key_is_true_only_for_if_exists_and_for_all_values(name: str) -> None:
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
        condition = {comparison: {TAG: value[rule.kind]}}
        assert allows(access(), statement(Condition=condition)) is holds, comparison
        assert allows(Access(PRESIGN, ARN, {TAG: ()}), statement(Condition=condition)) is holds, comparison


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
        # Without a quantifier, one value must match; with a negated operator, none may match.
        (("ID", "Tags"), "StringEquals", True),
        (("ID", "Tags"), "StringNotEquals", False),
    ],
)
def test_quantifiers_compare_each_value(found: tuple[str, ...], comparison: str, holds: bool) -> None:
    condition = {comparison: {TAG: ["PostDateTime", "Message", "Tags"]}}
    assert allows(Access(PRESIGN, ARN, {TAG: found}), statement(Condition=condition)) is holds


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
def test_actions_match_in_any_case(elements: dict[str, Any], action: str, applies: bool) -> None:
    assert allows(access(action), {"Effect": "Allow", "Resource": "*", **elements}) is applies
