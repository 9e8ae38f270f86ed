"""Identity policies are decided as the IAM User Guide says; wrong ones are refused when loaded, with the place of the fault.

Page names in the notes are those of the IAM User Guide, shortened: "operators" is "IAM JSON policy elements:
Condition operators", "multivalued" "Conditions with multiple context keys or values", "variables" "IAM policy
elements: Variables and tags", "resource" "IAM JSON policy elements: Resource", "grammar" "Grammar of the IAM
JSON policy language", "evaluation" "Policy evaluation logic".
"""

from __future__ import annotations

import json
import pickle
from functools import partial
from typing import Any, cast

import pytest
from hypothesis import given, strategies as st

from sagemaker_api.local.iam.patterns import Pattern, fits
from sagemaker_api.local.iam.policy import Access, Decision, Policy, decide
from tests.sagemaker_api.local.iam.policies import ARN, TAG, USER, access, allows, document, statement
from tests.work import lines_run

from .documented_policies import IP_PAGE, IP_PAGE_WITH_DENY, PRESIGN
from .ip_policies import ROWS, Row


@pytest.mark.parametrize("row", ROWS, ids=[row.note for row in ROWS])
def test_networks_are_decided_as_documented(row: Row) -> None:
    policy = Policy.parse(json.dumps(row.policy))
    assert decide([policy], Access(PRESIGN, ARN, row.context)).allowed is row.allowed


def test_the_table_of_networks_has_at_least_a_hundred_cases() -> None:
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
        ({"Resource": "arn:aws:sagemaker:us-east-1:*"}, True),  # resource: a wildcard does not cross a colon
        ({"Resource": "arn:*:sagemaker:*"}, True),
        ({"Resource": "arn:aws:sagemaker:::*"}, False),
        ({"Resource": "arn:aws:sagemaker:*:*:endpoint/*"}, False),
        ({"NotResource": ARN}, False),
        ({"NotResource": "arn:aws:sagemaker:*:*:notebook-instance/other"}, True),
        ({"NotResource": ["arn:aws:s3:::bucket", "arn:aws:sagemaker:*:*:notebook-instance/my-*"]}, False),
    ],
)
def test_resources_match_with_wildcards(elements: dict[str, Any], applies: bool) -> None:
    assert allows(access(), {"Effect": "Allow", "Action": "*", **elements}) is applies


def test_operations_without_a_resource_need_an_asterisk() -> None:
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
        ({"Resource": _OWN}, {}, "2012-10-17", False),  # variables: it matches no resource
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
def test_policy_variables_are_replaced_by_the_values_of_the_request(
    elements: dict[str, Any], context: dict[str, str], version: str | None, applies: bool
) -> None:
    what = Access(PRESIGN, ARN, {key: (value,) for key, value in context.items()})
    whole = {"Effect": "Allow", "Action": "*", "Resource": "*", **elements}
    if "NotResource" in elements:
        del whole["Resource"]
    assert allows(what, whole, version=version) is applies


def test_a_variable_with_two_values_matches_nothing() -> None:
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
        f"no statement allows {PRESIGN} on {ARN}; page: Statement[0] would, if its condition were true: IpAddress aws:SourceIp "
        "[192.0.2.0/24, 203.0.113.0/24] (in the request: 198.51.100.1)"
    )
    assert "(in the request: not present)" in decide([policy], access()).statement
    many = {"IpAddress": {TAG.replace("k", "\x1b"): [f"10.0.0.{n}" for n in range(200)]}}
    wide = Policy.parse(document(statement(Condition=many)))
    told = decide([wide], Access(PRESIGN, ARN, {TAG.replace("k", "\x1b"): ("\r\n",)})).statement
    assert told.isprintable()
    assert told.endswith(
        "IpAddress aws:ResourceTag/? [10.0.0.0, 10.0.0.1, 10.0.0.2, 10.0.0.3, 10.0.0.4, 10.0.0.5, 10.0.0.6, 10.0.0.7, …] (in the request: ??)"
    )
    alone = Policy.parse({"Statement": statement()})
    assert decide([alone], access()).statement == "policy: Statement"


def test_an_empty_value_of_the_request_is_shown_as_empty() -> None:
    policy = Policy.parse(document(statement(Effect="Deny", Condition={"StringEquals": {TAG: ""}})))
    decided = decide([policy], Access(PRESIGN, ARN, {TAG: ("",)}))
    assert decided.statement.endswith('(in the request: "")')


def test_values_are_immutable_equal_and_picklable() -> None:
    what = access(aws_SourceIp="203.0.113.7")
    policy = Policy.parse(IP_PAGE)
    name, context, wrong = (
        "name",
        cast(dict[str, object], what.context),
        cast(Any, {"aws:SourceIp": "203.0.113.7"}),
    )
    for value in (what, policy, decide([policy], what)):
        assert pickle.loads(pickle.dumps(value)) == value
        assert hash(pickle.loads(pickle.dumps(value))) == hash(value)
        with pytest.raises(AttributeError):
            setattr(value, name, "other")
    with pytest.raises(TypeError):
        context["aws:sourceip"] = ()
    with pytest.raises(TypeError, match="expected a tuple of texts"):
        Access(PRESIGN, ARN, wrong)


def _reference(pattern: str, text: str) -> bool:
    """Matches wildcards by their definition, recursively."""
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(_reference(pattern[1:], text[at:]) for at in range(len(text) + 1))
    return bool(text) and pattern[0] in ("?", text[0]) and _reference(pattern[1:], text[1:])


@given(st.text("ab*?", max_size=7), st.text("ab", max_size=9))
def test_wildcards_match_by_their_definition(pattern: str, text: str) -> None:
    parsed = Pattern.parse(pattern, wildcards=True, variables=False)
    assert parsed.like(text, {}) is _reference(pattern, text)


@pytest.mark.parametrize("pattern", ["*a", "a*", "*", "?*", "*?a", "*?", "*a?", "a"])
@pytest.mark.parametrize("start", ["", "*", "*?", "a*"])
def test_the_work_of_hostile_wildcards_grows_with_their_length_alone(start: str, pattern: str) -> None:
    """Four times the length takes four times as many steps; a search from each place would take sixteen times."""

    def steps(size: int) -> int:
        units = Pattern.parse(f"{start}{pattern * size}b", wildcards=True, variables=False).units
        plain = [unit for unit in units if isinstance(unit, str)]
        text = "a" * size * 3
        assert not fits(plain, text)
        return lines_run(partial(fits, plain, text))

    assert steps(400) <= 4.5 * steps(100)


def test_the_work_of_wildcards_among_distinct_characters_grows_with_their_number_alone() -> None:
    def steps(size: int) -> int:
        characters = [chr(0x4E00 + number) for number in range(size)]
        plain = ["**", *"?".join(characters).replace("?", "\0"), "**"]
        units = ["??" if unit == "\0" else unit for unit in plain]
        text = f"y{'z'.join(characters)}x"
        assert fits(units, text)
        return lines_run(partial(fits, units, text))

    assert steps(400) <= 4.5 * steps(100)
