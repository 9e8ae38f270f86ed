"""What the local SageMaker answers to requests that it does not serve: codes and words."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, strategies as st

from sagemaker_api.local import EXAMPLE
from sagemaker_api.local.api import ServiceState
from sagemaker_api.local.clock import Clock
from sagemaker_api.local.iam.guard import Guard
from sagemaker_api.local.iam.identities import Identities, Identity
from sagemaker_api.local.notebooks.instances import Account, Instances
from sagemaker_api.local.notebooks.sessions import Sessions
from sagemaker_api.local.service import Service
from sigv4 import Credentials, Request, Response, Signer, VerificationError, Verifier

from .without_sockets import AUTHORITY, BASE, HERE, START, Desk


@pytest.fixture
def desk() -> Desk:
    return Desk()


def error(answer: Response) -> tuple[int, str, str]:
    body = json.loads(answer.body)
    return answer.status, body["__type"], body.get("message", "")


def cookie(answer: Response) -> str:
    return answer.header("set-cookie").partition(";")[0]


@pytest.mark.parametrize(
    ("params", "message"),
    [
        (
            {},
            "1 validation error detected: Value null at 'notebookInstanceName' failed to satisfy constraint: Member must not be null",
        ),
        ({"NotebookInstanceName": "nobody"}, "RecordNotFound"),
        ({"NotebookInstanceName": "off"}, "Status (Stopped) not in ([InService])."),
        (
            {"NotebookInstanceName": "a_b"},
            "1 validation error detected: Value 'a_b' at 'notebookInstanceName' failed to satisfy constraint: Member "
            "must satisfy regular expression pattern: ^[a-zA-Z0-9](-*[a-zA-Z0-9])*",
        ),
        (
            {"NotebookInstanceName": "n" * 64, "SessionExpirationDurationInSeconds": 1799},
            f"2 validation errors detected: Value '{'n' * 64}' at 'notebookInstanceName' failed to satisfy constraint: "
            "Member must have length less than or equal to 63; Value '1799' at 'sessionExpirationDurationInSeconds' "
            "failed to satisfy constraint: Member must have value greater than or equal to 1800",
        ),
        (
            {"NotebookInstanceName": "nb", "SessionExpirationDurationInSeconds": 43201},
            "1 validation error detected: Value '43201' at 'sessionExpirationDurationInSeconds' failed to satisfy "
            "constraint: Member must have value less than or equal to 43200",
        ),
    ],
)
def test_refusals_have_the_codes_and_texts_of_the_service(desk: Desk, params: object, message: str) -> None:
    assert error(desk.call(params)) == (400, "ValidationException", message)


def test_an_answer_has_the_form_that_was_seen_on_the_wire(desk: Desk) -> None:
    answer = desk.call({}, signer=Signer("iam", "us-east-1", EXAMPLE))
    # SageMaker's own answer of 112 bytes (awsJson1.1)
    assert answer.body == (
        b'{"__type":"InvalidSignatureException",'
        b'"message":"Credential should be scoped to correct service: \'sagemaker\'. "}'
    )
    assert answer.header("content-type") == "application/x-amz-json-1.1"
    assert len(answer.header("x-amzn-requestid")) == 36


def test_clock_and_randomness_are_injected() -> None:
    account = Account("aws", "us-east-1", "123456789012")
    identities = Identities([Identity("arn:aws:iam::123456789012:user/local", EXAMPLE)])
    guard = Guard(account, lambda: START)
    instances = Instances({"nb": "InService"}, account, lambda: START, {}, {})
    sessions = Sessions(instances, identities, guard, lambda: START, new_secret=lambda: "secret")
    service = Service(
        ServiceState(instances, sessions, guard, BASE),
        identities,
        Verifier("sagemaker", "us-east-1", identities.lookup, clock=lambda: START),
        Clock(lambda: START),
        hosts=frozenset((AUTHORITY,)),
        cookie="cookie",
        random=lambda: 0.0,
        new_request_id=lambda: "id",
    )
    body = b'{"NotebookInstanceName":"nb"}'
    target = {"X-Amz-Target": "SageMaker.CreatePresignedNotebookInstanceUrl"}
    headers = Signer("sagemaker", "us-east-1", EXAMPLE).sign("POST", f"{BASE}/", target, body, at=START)
    assert service.answer(Request("POST", "/", headers, body), HERE) == Response(
        200,
        (("Content-Type", "application/x-amz-json-1.1"), ("x-amzn-RequestId", "id")),
        b'{"AuthorizedUrl":"http://127.0.0.1:8080/notebook/nb/?authToken=secret"}',
    )


def test_a_name_of_allowed_characters_that_is_too_long_has_one_fault(desk: Desk) -> None:
    _, _, message = error(desk.call({"NotebookInstanceName": "a" * 63 + "-b"}))
    assert message.startswith("1 validation error detected: ")
    assert message.endswith("Member must have length less than or equal to 63")


def test_a_whole_number_written_as_a_float_is_accepted(desk: Desk) -> None:
    session = desk.get(desk.mint(SessionExpirationDurationInSeconds=3600.0))
    assert "Max-Age=3600;" in session.header("set-cookie")


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"NotebookInstanceName": 1}, "NUMBER_VALUE can not be converted to a String"),
        ({"NotebookInstanceName": True}, "TRUE_VALUE can not be converted to a String"),
        ({"NotebookInstanceName": ["nb"]}, "Start of list found where not expected."),
        ({"NotebookInstanceName": {}}, "Start of structure or map found where not expected."),
        (
            {"NotebookInstanceName": "nb", "SessionExpirationDurationInSeconds": "3600"},
            "STRING_VALUE can not be converted to an Integer",
        ),
        (
            {"NotebookInstanceName": "nb", "SessionExpirationDurationInSeconds": 3600.5},
            "NUMBER_VALUE can not be converted to an Integer",
        ),
    ],
)
def test_a_value_of_another_type_is_named_in_the_service_s_words(
    desk: Desk, params: object, message: str
) -> None:
    assert error(desk.call(params)) == (400, "SerializationException", message)


def test_null_counts_as_absent(desk: Desk) -> None:
    session = desk.get(desk.mint(SessionExpirationDurationInSeconds=None))
    assert "Max-Age=43200;" in session.header("set-cookie")


def test_a_request_that_is_not_http_gets_a_bare_400(desk: Desk) -> None:
    assert desk.service.answer(Request("POST", "no-slash", {"Host": AUTHORITY}), HERE) == Response(400)


HOSTILE = Desk()
TEXT = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\0"))
TARGET = st.builds(
    str.__add__, st.sampled_from(["/", "/notebook/", "/notebook/nb/?authToken=", "*", ""]), TEXT
)


@given(
    st.sampled_from(["GET", "HEAD", "POST", "PUT", "x y"]),
    TARGET,
    st.lists(st.tuples(TEXT, TEXT)),
    st.binary(),
)
def test_arbitrary_requests_raise_no_error_and_get_no_cookie(
    method: str, target: str, headers: list[tuple[str, str]], body: bytes
) -> None:
    headers = [("Host", AUTHORITY), *headers]
    answer = HOSTILE.service.answer(Request(method, target, headers, body), HERE)
    assert answer.status in (400, 403, 404, 421) or answer.header("location") in ("/sign-in", "/_control")
    assert answer.header("set-cookie") == ""


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b"\xff",
        b'{"NotebookInstanceName":1}',
        b"[" * 100_000,
        b'{"NotebookInstanceName":"nb","SessionExpirationDurationInSeconds":true}',
    ],
)
def test_a_body_with_wrong_types_is_a_serialization_error(desk: Desk, body: bytes) -> None:
    assert error(desk.call(body))[:2] == (400, "SerializationException")


@pytest.mark.parametrize("target", ["SageMaker.Nothing", "CreatePresignedNotebookInstanceUrl", ""])
def test_an_unknown_operation_has_its_own_error_code(desk: Desk, target: str) -> None:
    assert error(desk.call({}, target=target)) == (400, "UnknownOperationException", "")


def refused(desk: Desk, **how: Any) -> tuple[str, str]:
    status, code, message = error(desk.call({"NotebookInstanceName": "nb"}, **how))
    assert status == 400
    return code, message


def test_a_wrong_signature_is_refused_in_the_service_s_code_and_words(desk: Desk) -> None:
    code, message = refused(
        desk, signer=Signer("sagemaker", "us-east-1", Credentials("AKIDEXAMPLE", "wrong"))
    )
    assert code == "InvalidSignatureException"
    assert message.startswith(
        "The request signature we calculated does not match the signature you provided."
    )
    assert isinstance(desk.verdicts[-1], VerificationError)


def test_a_wrong_scope_is_refused_in_the_service_s_words(desk: Desk) -> None:
    assert refused(desk, signer=Signer("iam", "us-east-1", EXAMPLE)) == (
        "InvalidSignatureException",
        "Credential should be scoped to correct service: 'sagemaker'. ",
    )
    assert refused(desk, signer=Signer("sagemaker", "eu-west-1", EXAMPLE)) == (
        "InvalidSignatureException",
        "Credential should be scoped to a valid region, not 'eu-west-1'. ",
    )


def test_an_unsigned_request_is_refused_in_the_service_s_words(desk: Desk) -> None:
    assert refused(desk, change=lambda headers: headers.pop("Authorization")) == (
        "MissingAuthenticationTokenException",
        "Request is missing Authentication Token",
    )


@pytest.mark.parametrize(
    ("moved", "relation"), [(360, "Signature expired"), (-360, "Signature not yet current")]
)
def test_a_clock_that_is_six_minutes_wrong_is_refused_in_the_service_s_words(
    desk: Desk, moved: int, relation: str
) -> None:
    desk.behind = moved
    code, message = refused(desk)
    assert code == "InvalidSignatureException"
    assert message.startswith(relation)
