"""A decision says which statement made it, and why; the order of statements does not matter."""

from __future__ import annotations

import itertools
import re
from decimal import Decimal
from typing import Any

import pytest

from sagemaker_api import ConfigError
from sagemaker_api.local.iam.patterns import Pattern
from sagemaker_api.local.iam.policy import Access, Decision, Policy, decide
from sagemaker_api.local.iam.values import boolean, moment

ACTION = "sagemaker:CreatePresignedNotebookInstanceUrl"
ARN = "arn:aws:sagemaker:us-east-1:123456789012:notebook-instance/n"
OTHER: dict[str, Any] = {"Sid": "Other", "Effect": "Allow", "Action": "sagemaker:ListTags", "Resource": "*"}
ALLOW: dict[str, Any] = {"Sid": "Open", "Effect": "Allow", "Action": "sagemaker:*", "Resource": "*"}


def policy(*statements: dict[str, Any], name: str = "policy") -> Policy:
    return Policy.parse({"Version": "2012-10-17", "Statement": list(statements)}, name)


def access(**context: tuple[str, ...]) -> Access:
    return Access(ACTION, ARN, {name.replace("_", ":", 1): value for name, value in context.items()})


def test_the_order_of_statements_does_not_matter() -> None:
    unmet = {**ALLOW, "Sid": "Unmet", "Condition": {"Bool": {"aws:SecureTransport": "true"}}}
    for statements in itertools.permutations((OTHER, unmet, ALLOW)):
        decision = decide([policy(*statements)], access())
        assert decision == Decision(True, "Allow", f"policy: Statement[{statements.index(ALLOW)}] (Open)")
    denial = {**ALLOW, "Sid": "Shut", "Effect": "Deny"}
    for statements in itertools.permutations((OTHER, ALLOW, denial)):
        decision = decide([policy(*statements)], access())
        assert (decision.allowed, decision.effect) == (False, "Deny")
    for policies in itertools.permutations((policy(OTHER), policy(ALLOW, name="second"))):
        assert decide(policies, access()).statement == "second: Statement[0] (Open)"


def test_the_first_statement_that_allows_is_named_with_its_conditions() -> None:
    condition = {"Bool": {"aws:SecureTransport": "true"}, "StringEquals": {"aws:SourceVpc": "vpc-1"}}
    first = {**ALLOW, "Sid": "First", "Condition": condition}
    decision = decide([policy(first, ALLOW)], access(aws_SecureTransport=("true",), aws_SourceVpc=("vpc-1",)))
    assert decision.statement == (
        "policy: Statement[0] (First): Bool aws:SecureTransport [true] (in the request: true) and "
        "StringEquals aws:SourceVpc [vpc-1] (in the request: vpc-1)"
    )
    denial = {**first, "Effect": "Deny"}
    decision = decide([policy(denial)], access(aws_SecureTransport=("true",), aws_SourceVpc=("vpc-1",)))
    assert decision == Decision(False, "Deny", decision.statement)
    assert decision.statement.startswith("policy: Statement[0] (First): Bool aws:SecureTransport")


def test_three_statements_that_would_allow_are_named_and_no_more() -> None:
    near = [
        {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"aws:SourceVpc": f"v{n}"}}}
        for n in range(5)
    ]  # fmt: skip
    said = [
        f"policy: Statement[{n}] would, if its condition were true: StringEquals aws:SourceVpc [v{n}] (in the request: not present)"
        for n in range(3)
    ]
    none = f"no statement allows {ACTION} on {ARN}"
    assert decide([policy(*near)], access()) == Decision(False, "", "; ".join([none, *said]))
    assert decide([policy(OTHER)], access()) == Decision(False, "", none)
    assert decide([], access()) == Decision(False, "", none)


def test_a_context_holds_tuples_and_an_access_is_a_value() -> None:
    wrong: Any = {"aws:SourceVpc": "vpc-1"}
    with pytest.raises(TypeError) as caught:
        Access(ACTION, ARN, wrong)
    assert str(caught.value) == "the context maps a key to one text: expected a tuple of texts"
    accesses = [access(), access(aws_SourceVpc=("a",)), access(aws_SourceVpc=("b",))]
    assert len({hash(each) for each in accesses}) == 3
    assert hash(access()) == hash(access())


# --- conditions

USER = "arn:aws:iam::123456789012:user/a:b:c"


def holds(
    operator: str, value: Any, *found: str, key: str = "aws:ResourceTag/k", **more: tuple[str, ...]
) -> bool:
    given = {**ALLOW, "Condition": {operator: {key: value}}}
    context = {name.replace("_", ":", 1): values for name, values in more.items()}
    return decide([policy(given)], Access(ACTION, ARN, {key: found, **context} if found else context)).allowed


@pytest.mark.parametrize(
    "operator", ["StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnLike", "ArnEquals"]
)
def test_a_policy_variable_has_the_requests_value_and_without_one_nothing_matches(operator: str) -> None:
    value = "${aws:PrincipalArn}"
    assert holds(operator, value, USER, aws_PrincipalArn=(USER,))
    assert not holds(operator, value, USER, aws_PrincipalArn=(f"{USER}x",))
    assert not holds(operator, value, USER)
    assert not holds(operator, value, USER, aws_PrincipalArn=(USER, USER))
    assert not holds(operator.replace("String", "StringNot").replace("Arn", "ArnNot"), value, USER, aws_PrincipalArn=(USER,))  # fmt: skip


@pytest.mark.parametrize(
    ("value", "found", "right"),
    [
        ("arn:aws:iam::123456789012:user/a:b:c", USER, True),
        ("arn:aws:iam::123456789012:user/*", USER, True),
        ("arn:aws:iam::123456789012:user/a:*:c", USER, True),
        ("arn:aws:iam::123456789012:user/a:b", USER, False),
        ("arn:aws:iam:*:user/a:b:c", "arn:aws:iam::123456789012:user/a:b:c", False),
        ("arn:*:*:*:*:*", USER, True),
        ("arn:*:*:*:*:*", "arn:aws:iam::123456789012", False),
        ("arn:*:*:*:*:*", "text", False),
    ],
)
def test_an_arn_has_six_parts_and_the_last_may_hold_colons(value: str, found: str, right: bool) -> None:
    if value.count(":") < 5:
        with pytest.raises(ConfigError, match="expected an ARN of six parts, arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE"):  # fmt: skip
            holds("ArnLike", value, found)
    else:
        assert holds("ArnLike", value, found) is right
        assert holds("ArnNotLike", value, found) is not right


def test_a_condition_is_shown_with_its_operator_and_what_the_request_has() -> None:
    values = [str(n) for n in range(9)]
    for operator, given, found, said in (
        ("ForAnyValue:StringEqualsIfExists", ["a"], (), "ForAnyValue:StringEqualsIfExists aws:ResourceTag/k [a] (in the request: not present)"),
        ("StringEquals", values[:8], ("x",), f"StringEquals aws:ResourceTag/k [{', '.join(values[:8])}] (in the request: x)"),
        ("StringEquals", values, ("\x07",), f"StringEquals aws:ResourceTag/k [{', '.join(values[:8])}, …] (in the request: ?)"),
    ):  # fmt: skip
        (statement,) = policy({**ALLOW, "Condition": {operator: {"aws:ResourceTag/k": given}}}).statements
        context = {"aws:resourcetag/k": found} if found else {}
        assert statement.conditions[0].said(context) == said


def test_an_action_never_depends_on_the_request() -> None:
    """Policy variables are supported only in resources and conditions."""
    assert decide([policy({**ALLOW, "Action": ["sagemaker:*Url", "sagemaker:List?ags"]})], access()).allowed


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2026", "1767225600"),
        ("2026-02", "1769904000"),
        ("2026-02-03", "1770076800"),
        ("2026-02-03T04:05Z", "1770091500"),
        ("2026-02-03T04:05:06Z", "1770091506"),
        ("2026-02-03T04:05:06.125Z", "1770091506.125"),
        ("2026-02-03T04:05:06+01:30", "1770086106"),
        ("2026-02-03T04:05:06-01:30", "1770096906"),
        ("1969-12-31T23:59:59.5Z", "-0.5"),
        ("-1.5", "-1.5"),
        ("1770091506", "1770091506"),
    ],
)
def test_a_date_means_its_first_moment_in_its_zone(text: str, seconds: str) -> None:
    assert moment(text) == Decimal(seconds)


def test_a_boolean_is_one_of_two_texts() -> None:
    assert (boolean("true"), boolean("false"), boolean("TRUE")) == (True, False, True)
    with pytest.raises(ValueError, match=r"\Aexpected true or false\Z"):
        boolean("T")


def test_a_variable_of_another_form_is_refused_with_a_reason() -> None:
    for text, words in (
        ("${", "expected a } to end the policy variable; a lone ${ is written ${$}{"),
        ("${}", "expected a policy variable ${KEY} or ${KEY, 'default'}, or one of ${*}, ${?} and ${$}"),
    ):
        with pytest.raises(ValueError, match=f"\\A{re.escape(words)}\\Z"):
            Pattern.parse(text, wildcards=True, variables=True)


def test_a_value_that_is_not_an_arn_is_refused_with_a_reason() -> None:
    with pytest.raises(ConfigError) as caught:
        holds("ArnLike", "x", USER)
    said = "expected an ARN of six parts, arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE"
    assert str(caught.value).endswith(f"found 'x': {said}")
