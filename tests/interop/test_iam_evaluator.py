"""Compares decisions of seeded policies and requests with an independent evaluator: equal, or explained here."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import Any, NamedTuple

import pytest

from sagemaker_api.local.iam.policy import Access, Policy, decide

from . import node

pytestmark = [pytest.mark.interop, pytest.mark.slow]

CASES = 50_000
ACCOUNT = "123456789012"
USER = f"arn:aws:iam::{ACCOUNT}:user/alice"
NOTEBOOKS = [
    f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:notebook-instance/{name}" for name in ("nb", "nb-2", "a-b", "x")
]
ACTIONS = [
    "sagemaker:CreatePresignedNotebookInstanceUrl", "sagemaker:DescribeNotebookInstance", "sagemaker:StopNotebookInstance",
    "sagemaker:AddTags", "sagemaker:ListTags",
]  # fmt: skip
ACTION_PATTERNS = [
    *ACTIONS, "*", "sagemaker:*", "sagemaker:*Notebook*", "sagemaker:Describe*", "SageMaker:stopnotebookinstance",
    "sagemaker:????Tags", "sagemaker:*Url", "s3:*", "sagemaker:Create*Url", "iam:PassRole",
]  # fmt: skip
RESOURCE_PATTERNS = [
    *NOTEBOOKS, "*", "arn:aws:sagemaker:*", "arn:aws:sagemaker:*:*:notebook-instance/nb*", "arn:*:sagemaker:us-east-1:*:*",
    f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:notebook-instance/?-b", "arn:aws:s3:::bucket/*",
    "arn:aws:sagemaker:*:*:notebook-instance/${aws:username}*", "arn:aws:sagemaker:*:*:notebook-instance/${aws:PrincipalTag/team, 'nb'}",
]  # fmt: skip


class Kind(NamedTuple):
    keys: tuple[str, ...]
    operators: tuple[str, ...]
    values: tuple[str, ...]  # in policies
    found: tuple[str, ...]  # in requests


_TAGS = ("aws:ResourceTag/k", "sagemaker:ResourceTag/team", "aws:PrincipalTag/team")
_ORDERS = ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")
KINDS = [
    Kind(
        (*_TAGS, "aws:SourceVpc", "aws:RequestedRegion", "aws:userid"),
        ("StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "StringLike", "StringNotLike"),
        ("a", "A", "ab", "a*", "?b", "*", "b", "nb", "${aws:username}", "${aws:userid}", "${*}", "vpc-1", "us-east-1"),
        ("a", "A", "ab", "b", "alice", "*", "vpc-1", "nb", "us-east-1"),
    ),
    Kind(
        ("aws:SourceIp", "aws:VpcSourceIp"),
        ("IpAddress", "NotIpAddress"),
        ("203.0.113.0/24", "203.0.113.7", "10.0.0.0/8", "0.0.0.0/0", "203.0.113.128/25", "2001:db8::/32", "2001:db8::1/128", "::/0"),
        ("203.0.113.7", "203.0.113.200", "10.1.2.3", "198.51.100.1", "2001:db8::1", "2001:db9::1"),
    ),
    Kind(("aws:SecureTransport", "aws:MultiFactorAuthPresent"), ("Bool",), ("true", "false", "True", "FALSE"), ("true", "false")),
    Kind(
        ("aws:EpochTime", "aws:MultiFactorAuthAge"),
        tuple(f"Numeric{order}" for order in _ORDERS),
        ("0", "10", "10.5", "1800000000", "-1"),
        ("0", "10", "11", "1800000000"),
    ),
    Kind(
        ("aws:CurrentTime", "aws:TokenIssueTime"),
        tuple(f"Date{order}" for order in _ORDERS),
        ("2026-01-31T12:00:00Z", "2026-02-01T00:00:00Z", "2027-01-01T00:00:00Z"),
        ("2026-01-31T12:00:00Z", "2026-06-01T00:00:00Z"),
    ),
    Kind(
        ("aws:PrincipalArn", "aws:SourceArn"),
        ("ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"),
        (USER, f"arn:aws:iam::{ACCOUNT}:user/*", "arn:aws:iam::*:role/*", "arn:*:*:*:*:*", "arn:aws:iam::123456789012:user/ali?e"),
        (USER, f"arn:aws:iam::{ACCOUNT}:role/R"),
    ),
]  # fmt: skip
MULTIVALUED = ("aws:TagKeys", "aws:PrincipalOrgPaths")


class Case(NamedTuple):
    policies: list[dict[str, Any]]
    action: str
    resource: str
    context: dict[str, Any]


def cases(seed: int) -> Iterator[Case]:
    random = Random(seed)
    for _ in range(CASES):
        policies = [
            {"Version": "2012-10-17", "Statement": [_statement(random) for _ in range(random.randint(1, 3))]}
            for _ in range(random.choice((1, 1, 2)))
        ]
        yield Case(policies, random.choice(ACTIONS), random.choice(NOTEBOOKS), _context(random))


def _statement(random: Random) -> dict[str, Any]:
    statement: dict[str, Any] = {"Effect": random.choice(("Allow", "Allow", "Deny"))}
    action = "NotAction" if random.random() < 0.1 else "Action"
    statement[action] = (
        random.choice(ACTION_PATTERNS) if random.random() < 0.6 else random.sample(ACTION_PATTERNS, 2)
    )
    resource = "NotResource" if random.random() < 0.1 else "Resource"
    statement[resource] = (
        "*" if random.random() < 0.4 else random.sample(RESOURCE_PATTERNS, random.randint(1, 2))
    )
    if random.random() < 0.8:
        condition: dict[str, Any] = {}
        for _ in range(random.choice((1, 1, 2))):
            name, key, values = _condition(random)
            condition.setdefault(name, {})[key] = values
        statement["Condition"] = condition
    return statement


def _condition(random: Random) -> tuple[str, str, Any]:
    if random.random() < 0.08:
        return (
            "Null",
            random.choice((*_TAGS, *MULTIVALUED, "aws:SourceIp")),
            random.choice(("true", "false", "False")),
        )
    kind = random.choice(KINDS)
    key, name = random.choice(kind.keys), random.choice(kind.operators)
    if kind is KINDS[0] and random.random() < 0.4:
        key, name = random.choice(MULTIVALUED), f"{random.choice(('ForAllValues', 'ForAnyValue'))}:{name}"
    if random.random() < 0.2:
        name += "IfExists"
    values = random.sample(kind.values, random.randint(1, min(3, len(kind.values))))
    return name, key, values[0] if len(values) == 1 else values


def _context(random: Random) -> dict[str, Any]:
    context: dict[str, Any] = {"aws:PrincipalAccount": ACCOUNT, "aws:ResourceAccount": ACCOUNT}
    for kind in KINDS:
        for key in kind.keys:
            if random.random() < 0.6:
                context[key] = random.choice(kind.found)
    for key in MULTIVALUED:
        if random.random() < 0.7:
            context[key] = random.sample(KINDS[0].found, random.randint(1, 3))
    if random.random() < 0.7:
        context["aws:username"] = random.choice(("alice", "nb", "x"))
    return context


# The same policy in a form that the evaluator reads in the same way. "If you specify an
# IP address without the associated routing prefix, IAM uses the default prefix value of /32" ("Condition
# operators"): the evaluator does not support NotIpAddress with a bare address for a client of the other family.
# 0.0.0.0/0 contains every IPv4 address (RFC 4632): the evaluator finds none in it.
SAME = {'"203.0.113.7"': '"203.0.113.7/32"', '"0.0.0.0/0"': '"0.0.0.0/1", "128.0.0.0/1"'}


# "${*} - use where you need an * (asterisk) character" ("Variables and tags"): in a text that is compared exactly
# "${*}" is an asterisk, as "*" is; the evaluator reads it as part of a regular expression.
SAME_EXACTLY = {'"${*}"': '"*"'}


def _in_other_words(operator: str, keys: dict[str, Any]) -> dict[str, Any]:
    words = {**SAME, **(SAME_EXACTLY if "Equals" in operator else {})}
    found = {}
    for key, values in keys.items():
        text = json.dumps(values if isinstance(values, list) else [values])
        for said, same in words.items():
            text = text.replace(said, same)
        found[key] = json.loads(text)
    return found


def _rewritten(policy: dict[str, Any]) -> dict[str, Any]:
    statements = [
        {
            **each,
            "Condition": {
                name: _in_other_words(name, keys) for name, keys in each.get("Condition", {}).items()
            },
        }
        for each in policy["Statement"]
    ]
    return {**policy, "Statement": statements}


def theirs(asked: list[Case]) -> list[str]:
    lines = [
        json.dumps(
            {
                **case._asdict(),
                "policies": [_rewritten(each) for each in case.policies],
                "principal": USER,
                "account": ACCOUNT,
            },
            ensure_ascii=True,
        )
        for case in asked
    ]
    command = ["node", str(node.HERE / "iam.mjs"), str(node.modules().parent)]
    done = subprocess.run(
        command, input="\n".join(lines).encode(), stdout=subprocess.PIPE, check=True, timeout=540
    )
    return done.stdout.decode().splitlines()


def ours(case: Case) -> str:
    policies = [Policy.parse(each) for each in case.policies]
    context = {
        key: (value,) if isinstance(value, str) else tuple(value) for key, value in case.context.items()
    }
    effect = decide(policies, Access(case.action, case.resource, context)).effect
    return {"Allow": "Allowed", "Deny": "ExplicitlyDenied", "": "ImplicitlyDenied"}[effect]


@pytest.mark.skipif(node.missing() is not None, reason=str(node.missing()))
def test_every_decision_is_that_of_the_independent_evaluator() -> None:
    asked = list(cases(20))
    answers = theirs(asked)
    assert len(answers) == len(asked) >= 50_000
    wrong = [
        (case, mine, answer)
        for case, answer in zip(asked, answers, strict=True)
        if (mine := ours(case)) != answer
    ]
    decided = Counter(answers)
    assert min(decided[each] for each in ("Allowed", "ExplicitlyDenied", "ImplicitlyDenied")) > CASES // 20, (
        decided
    )
    assert wrong[:3] == [], f"{len(wrong)} of {len(asked)} differ"
