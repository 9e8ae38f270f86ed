"""Documents that are refused: the place, what was found and what was expected, as one whole text."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sagemaker_api import ConfigError
from sagemaker_api.local import Policy

ALLOW = {"Effect": "Allow", "Action": "*", "Resource": "*"}
SCALAR = "expected a text, a number, true or false"
LONG = "x" * 200


def refusal(document: Any, kind: str = "") -> str:
    with pytest.raises(ConfigError) as caught:
        Policy.parse(document, "p", kind)
    return str(caught.value)


def under(condition: Any) -> dict[str, Any]:
    return {"Condition": condition}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"Sid": "a b"}, "Statement.Sid: found 'a b': expected letters A-Z, a-z and digits"),
        ({"Sid": True}, "Statement.Sid: found true: expected letters A-Z, a-z and digits"),
        ({"Sid": False}, "Statement.Sid: found false: expected letters A-Z, a-z and digits"),
        ({"Sid": 5}, "Statement.Sid: found a number: expected letters A-Z, a-z and digits"),
        ({"Sid": {5}}, "Statement.Sid: found set: expected letters A-Z, a-z and digits"),
        ({"Sid": "-" * 120}, f"Statement.Sid: found '{'-' * 120}': expected letters A-Z, a-z and digits"),
        ({"Sid": "-" * 121}, f"Statement.Sid: found '{'-' * 120}'…: expected letters A-Z, a-z and digits"),
        ({"Action": "a b"}, "Statement.Action: found 'a b': expected * or SERVICE:ACTION, such as sagemaker:*NotebookInstance*"),
        ({"Resource": "a"}, "Statement.Resource: found 'a': expected * or an ARN, arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE, no wildcard in SERVICE"),
        ({"Resource": "arn:aws:sagemaker:${aws:userid}:1:*"}, "Statement.Resource: found 'arn:aws:sagemaker:${aws:userid}:1:*': expected policy variables only in the resource, after the fifth colon"),
        ({"NotResource": "*"}, "Statement: found Resource and NotResource: expected one of Resource and NotResource"),
        (under([]), "Statement.Condition: found a list: expected an object of condition operators"),
        (under({"Bool": []}), "Statement.Condition.Bool: found a list: expected an object of condition keys"),
        (under({"Bool": {}}), "Statement.Condition.Bool: found no condition key: expected at least one"),
        (under({"StringEquals": {"aws:userid": "a", "AWS:UserId": "b"}}), "Statement.Condition.StringEquals.AWS:UserId: found the key twice: the names of condition keys are not case-sensitive"),
        (under({"StringEquals": {"aws:userid": []}}), "Statement.Condition.StringEquals.aws:userid: found an empty list: expected at least one value"),
        (under({"StringEquals": {"aws:userid": None}}), f"Statement.Condition.StringEquals.aws:userid: found null: {SCALAR}"),
        (under({"NumericEquals": {"aws:MultiFactorAuthAge": 10**30}}), f"Statement.Condition.NumericEquals.aws:MultiFactorAuthAge: found a number: {SCALAR}"),
        (under({"NumericEquals": {"aws:MultiFactorAuthAge": -(10**30)}}), f"Statement.Condition.NumericEquals.aws:MultiFactorAuthAge: found a number: {SCALAR}"),
        (under({5: {}}), "Statement.Condition: found the name a number: expected names that are texts"),
    ],
)  # fmt: skip
def test_a_statement_is_refused_with_its_place(changed: dict[str, Any], said: str) -> None:
    assert refusal({"Version": "2012-10-17", "Statement": {**ALLOW, **changed}}) == f"p: {said}"


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("[]", 'p: found a list: expected a policy document {"Version": …, "Statement": […]}'),
        ({}, "p: found no Statement: expected one statement, or a list of them"),
        ({"Idx": "x", "Statement": ALLOW}, "p: found the element 'Idx': expected one of Version, Statement, in this spelling"),
        (" " * (2**20 + 1), "p: found 1048577 bytes or characters: expected a policy of at most 1048576"),
        (b"\xef\xbb\xbf[]", 'p: found a list: expected a policy document {"Version": …, "Statement": […]}'),
    ],
)  # fmt: skip
def test_a_document_is_refused_as_a_whole(document: Any, said: str) -> None:
    assert refusal(document) == said


def test_the_size_is_that_of_the_text_without_white_space() -> None:
    document = {"Statement": {**ALLOW, "Action": ["*", "sagemaker:*"], "Sid": "a" * 2000}}
    length = (
        len('{"Statement":{"Effect":"Allow","Action":["*","sagemaker:*"],"Resource":"*","Sid":""}}') + 2000
    )
    assert refusal(document, "user") == (
        f"p: found {length} characters, white space aside: expected at most 2048, "
        "IAM's limit for a policy of the kind 'user'"
    )
    in_unicode = {"Statement": {**ALLOW, "Condition": {"StringEquals": {"aws:userid": "ä" * 1900}}}}
    assert Policy.parse(in_unicode, "p", "user").statements
    assert refusal({"Statement": {5, 6}}, "user").startswith("p cannot be written as JSON: ")


@pytest.mark.parametrize("name", ["y" * 121, "y\n"])
def test_a_name_that_is_long_or_odd_is_quoted_in_a_place(name: str) -> None:
    said = refusal({"Statement": {**ALLOW, "Condition": {name: {"aws:userid": "a"}}}})
    assert said.startswith(f"p: Statement.Condition.{name[:120]!r}: found {name[:120]!r}")


def test_the_longest_texts_are_accepted() -> None:
    statement = {**ALLOW, "Sid": "a" * 2048, **under({"StringEquals": {"aws:userid": "x" * 2048}})}
    (found,) = Policy.parse({"Version": "2012-10-17", "Statement": statement}, "p").statements
    assert len(found.sid) == 2048
    text = json.dumps({"Version": "2012-10-17", "Statement": ALLOW})
    Policy.parse(text + " " * ((1 << 20) - len(text)), "p")
    Policy.parse(b"\xef\xbb\xbf" + text.encode(), "p")


@pytest.mark.parametrize(("length", "shown"), [(120, "n" * 120), (121, repr("n" * 120))])
def test_a_long_name_is_shown_in_part(length: int, shown: str) -> None:
    said = refusal({"Version": "2012-10-17", "Statement": {**ALLOW, **under({"n" * length: {}})}})
    assert f"Statement.Condition.{shown}: " in said
