"""The findings that ``diagnose`` makes from the server's refusal."""

from __future__ import annotations

import json

import pytest

from sigv4 import Credentials, Response, diagnose
from sigv4.scope import format_timestamp
from tests.sigv4.diagnosis.seen import KEYS, NOW, changed, signed

TOKEN = Credentials("AKIDEXAMPLE", "s" * 40, "THE-TOKEN")
REQUEST = signed("https://api.sagemaker.us-east-1.amazonaws.com/", "sagemaker", "POST", keys=TOKEN)


def test_the_skew_and_the_time_zone_are_calculated() -> None:
    for server, said in (
        (NOW + 400, "set the clock forward by 400 s"),
        (NOW - 7200, "+2 h may be a time zone"),
    ):
        now, bound = format_timestamp(server), format_timestamp(server - 300)
        message = f"Signature expired: {format_timestamp(NOW)} is now earlier than {bound} ({now} - 5 min.)"
        answer = Response(
            400, {}, json.dumps({"__type": "InvalidSignatureException", "message": message}).encode()
        )
        first = diagnose(*REQUEST, response=answer).findings[0]
        assert (first.id, first.certainty) == ("FAIL-29", "proved")
        assert said in first.fix


def test_the_region_the_server_wants_is_named() -> None:
    body = b"<Error><Code>AuthorizationHeaderMalformed</Code><Message>The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-west-1'</Message></Error>"
    assert "'eu-west-1'" in diagnose(*REQUEST, response=Response(400, {}, body)).findings[0].fix


def test_a_denied_call_is_not_a_signature_fault() -> None:
    message = "User: arn:aws:iam::1:user/u is not authorized to perform: sagemaker:X because no identity-based policy allows it"
    answer = Response(400, {}, json.dumps({"__type": "AccessDeniedException", "Message": message}).encode())
    assert diagnose(*REQUEST, response=answer).findings[0].id == "VERIFY-16"


@pytest.mark.slow
def test_no_token_appears_in_a_diagnosis() -> None:
    canonical = b"POST\n/\n\nhost:h\nx-amz-date:1\nx-amz-security-token:OTHER-TOKEN\n\nhost;x-amz-date;x-amz-security-token\n0"
    message = f"It does not match.\n\nThe Canonical String for this request should have been\n'{canonical.decode()}'\n"
    answer = Response(
        403,
        {"x-amzn-ErrorType": "InvalidSignatureException:http://x"},
        json.dumps({"message": message}).encode(),
    )
    for credentials in (None, Credentials("AKIDEXAMPLE", "t" * 40, "THE-TOKEN")):
        shown = str(diagnose(*REQUEST, response=answer, credentials=credentials)) + repr(
            diagnose(*REQUEST, response=answer, credentials=credentials)
        )
        assert "TOKEN" not in shown.replace("TOKEN-4", "").replace("TOKEN-1", "")
        assert "t" * 40 not in shown


def test_the_servers_words_are_enough_if_no_clock_is_known() -> None:
    """VERIFY-10, for a request whose date has a form that cannot be compared."""
    body = b'{"__type": "InvalidSignatureException", "message": "Signature expired: x"}'
    answer = Response(400, {}, body)
    found = diagnose(*changed(signed(), format_timestamp(NOW), "yesterday"), response=answer).findings
    said = next(each for each in found if each.id == "FAIL-29")
    assert (said.certainty, said.evidence) == (
        "proved",
        "the server answered 400 InvalidSignatureException: Signature expired: x",
    )


@pytest.mark.parametrize(
    ("code", "message", "id"),
    [
        ("IncompleteSignature", "Authorization header requires 'Credential' parameter. Authorization=x", "VERIFY-6"),
        ("SignatureDoesNotMatch", "'x-amz-security-token' must be a 'SignedHeader' in the AWS Authorization.", "FAIL-23"),
        ("SignatureDoesNotMatch", "'x-amz-acl' must be a 'SignedHeader' in the AWS Authorization.", "VERIFY-8"),
        ("AccessDenied", "There were headers present in the request which were not signed", "VERIFY-8"),
        ("BadDigest", "anything", "FAIL-32"),
        ("ExpiredTokenException", "anything", "TOKEN-4"),
    ],
)  # fmt: skip
def test_a_refusal_with_awss_text_has_its_cause(code: str, message: str, id: str) -> None:
    answer = Response(403, {"x-amzn-errortype": code}, json.dumps({"message": message}).encode())
    found = diagnose(*signed(), response=answer).findings[0]
    assert (found.id, found.certainty) == (id, "proved")


def test_an_unsigned_request_is_reported_as_unsigned() -> None:
    message = "Authorization header requires 'Credential' parameter. Authorization=x"
    answer = Response(403, {}, json.dumps({"message": message}).encode())
    found = diagnose("GET", "/", [("Host", "h")], response=answer).findings
    assert [each.id for each in found] == ["FAIL-50"]


def test_a_right_signature_that_is_refused_may_have_another_secret() -> None:
    answer = Response(403, {}, b'{"__type": "SignatureDoesNotMatch", "message": "no"}')
    found = diagnose(*signed(), credentials=KEYS, response=answer).findings
    assert [(each.id, each.certainty) for each in found] == [("FAIL-58", "likely"), ("FAIL-25", "possible")]


def test_names_of_headers_may_be_bytes() -> None:
    """The findings for names as bytes, which servers pass on, are the same, and the token is masked."""
    method, url, given, body = REQUEST
    headers = [*given[:-1], ("X-Two", "a  b"), ("X-Amz-Meta", "1"), given[-1]]
    raw = [(name.encode(), str(value).encode()) for name, value in headers]
    answer = Response(
        403, {}, b"<Error><Code>SignatureDoesNotMatch</Code><Message>THE-TOKEN</Message></Error>"
    )
    found = diagnose(method, url, raw, body, response=answer)
    assert found == diagnose(method, url, headers, body, response=answer)
    assert "VERIFY-8" in [each.id for each in found.findings]
    assert "THE-TOKEN" not in str(found)
