"""A text that is not a valid policy is refused when it is loaded, with the place of the fault."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, strategies as st

from sagemaker_api import ConfigError
from sagemaker_api.local.iam.conditions import OPERATORS
from sagemaker_api.local.iam.policy import Access, Policy, decide
from tests.sagemaker_api.local.iam.policies import ARN, TAG, access, document, statement

from .documented_policies import IP_PAGE, PRESIGN, VPC_PAGE_STATEMENT


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
    (document(statement(Sid="A"), statement(Sid="A")), "Statement[1].Sid: found 'A'", "expected a Sid other than that of Statement[0]"),
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
    (document(statement(Condition={"stringequals": {TAG: "x"}})), "Statement[0].Condition.stringequals: found", "expected one of StringEquals,"),
    (document(statement(Condition={"StringMatches": {TAG: "x"}})), "Statement[0].Condition.StringMatches: found", "expected one of"),
    (document(statement(Condition={"BinaryEquals": {TAG: "x"}})), f"Statement[0].Condition.BinaryEquals.{TAG}: found 'x'", "bytes in base64"),
    (document(statement(Condition={"StringEqualsIfExistsIfExists": {TAG: "x"}})), "IfExistsIfExists: found", "expected one of"),
    (document(statement(Condition={"ForSomeValues:StringEquals": {TAG: "x"}})), ".ForSomeValues:StringEquals: found", "ForAllValues or ForAnyValue"),
    (document(statement(Condition={":StringEquals": {TAG: "x"}})), ".:StringEquals: found", "ForAllValues or ForAnyValue"),
    (document(statement(Condition={"NullIfExists": {TAG: "true"}})), ".NullIfExists: found", "only Null"),
    (document(statement(Condition={"ForAnyValue:Null": {TAG: "true"}})), ".ForAnyValue:Null: found", "only Null"),
    (document(statement(Condition={"StringEquals": {"aws:userids": "x"}})), ".StringEquals.aws:userids: found", "condition key that requests to AWS have, such as aws:userid"),
    (document(statement(Condition={"StringEquals": {"sagemaker:RotAccess": "x"}})), ".StringEquals.sagemaker:RotAccess: found", "such as sagemaker:RootAccess"),
    (document(statement(Condition={"StringEquals": {"aws:PrincipalTag/": "x"}})), ".aws:PrincipalTag/: found", "a tag key of 1 to 128"),
    (document(statement(Condition={"StringEquals": {"userid": "x"}})), ".StringEquals.userid: found", "condition key that requests to AWS have"),
    (document(statement(Condition={"StringEquals": {"aws:ResourceTag/": "x"}})), ".aws:ResourceTag/: found", "a tag key of 1 to 128"),
    (document(statement(Condition={"StringEquals": {TAG: []}})), f".StringEquals.{TAG}: found an empty list", "at least one"),
    (document(statement(Condition={"StringEquals": {TAG: [None]}})), f".{TAG}[0]: found null", "a text, a number, true or false"),
    (document(statement(Condition={"StringEquals": {TAG: {}}})), f".{TAG}: found an object", "a text, a number"),
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
def test_unknown_elements_are_refused_at_load_with_their_place(
    policy: Any, place: str, expected: str
) -> None:
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
    ("text", "words"),
    [
        ('{"Version": "2012-10-17", "Statement": [], "Statement": []}', "p: found 'Statement' twice: expected each name once in an object"),
        ('{"Statement": {"Effect": "Deny", "Effect": "Allow", "Action": "*", "Resource": "*"}}', "p: Statement: found 'Effect' twice: expected each name once in an object"),
        ('{"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"Null": {}, "Null": {}}}]}', "p: Statement[0].Condition: found 'Null' twice: expected each name once in an object"),
        ('{"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"Null": {"aws:SourceIp": true, "aws:SourceIp": false}}}]}', "p: Statement[0].Condition.Null: found 'aws:SourceIp' twice: expected each name once in an object"),
        ('{"Statement": NaN}', "p is not JSON in UTF-8: NaN is not a number of JSON"),
        ('{"Principal": "*"}', "p: found the element 'Principal': expected none in an identity policy, which is about the identity that has it"),
    ],
)  # fmt: skip
def test_a_document_that_is_not_a_policy_is_refused_with_a_reason(text: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Policy.parse(text, "p")
    assert str(caught.value) == words


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
                         "IpAddress", "StringLike", "ForAnyValue:ArnLike", "Null", "aws:SourceIp", TAG])
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
        policy = Policy.parse(document(statement(Condition={operator: {TAG: value}})))
    except ConfigError:
        return
    assert decide([policy], Access(PRESIGN, ARN, {TAG: (found,)})).effect in ("Allow", "")
