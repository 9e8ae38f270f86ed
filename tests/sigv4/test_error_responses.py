"""The refusals of the verifier as JSON 1.0 and 1.1, restJson, query and S3 services answer them."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree

import pytest
from hypothesis import given, strategies as st

from sigv4 import VerificationError
from sigv4.error_responses import (
    JSON_1_0,
    JSON_1_1,
    QUERY,
    REST_JSON,
    S3_XML,
    ProtocolStyle,
    answer,
    expanded,
    s3_answer,
)
from tests.sigv4.signed import MISMATCH

SCOPE_ERROR = VerificationError(
    "VERIFY-13", "SignatureDoesNotMatch", "Credential should be scoped to correct service: 'sagemaker'. "
)
UNKNOWN = VerificationError(
    "VERIFY-14", "InvalidClientTokenId", "The security token included in the request is invalid."
)
STYLES = [JSON_1_0, JSON_1_1, REST_JSON, QUERY, S3_XML]


def test_json_1_1_is_sagemakers_answer_byte_for_byte() -> None:
    """SageMaker ListEndpoints: 112 bytes, status 400."""
    response = answer(JSON_1_1, SCOPE_ERROR, "id")
    assert response.status == 400
    assert len(response.body) == 112
    assert json.loads(response.body) == {
        "__type": "InvalidSignatureException",
        "message": "Credential should be scoped to correct service: 'sagemaker'. ",
    }
    assert response.header("Content-Type") == "application/x-amz-json-1.1"
    assert answer(JSON_1_0, SCOPE_ERROR, "id").header("Content-Type") == "application/x-amz-json-1.0"


def test_rest_json_names_the_code_in_a_header() -> None:
    """API Gateway: 68 bytes, status 403."""
    response = answer(REST_JSON, UNKNOWN, "id")
    assert (response.status, response.header("x-amzn-ErrorType")) == (403, "UnrecognizedClientException")
    assert json.loads(response.body) == {"message": UNKNOWN.message}


def test_query_answers_in_xml() -> None:
    root = ElementTree.fromstring(answer(QUERY, UNKNOWN, "an id").body)
    assert root.tag == "ErrorResponse"
    assert root.findtext("Error/Type") == "Sender"
    assert root.findtext("Error/Code") == "InvalidClientTokenId"
    assert root.findtext("Error/Message") == UNKNOWN.message
    assert root.findtext("RequestId") == "an id"


@pytest.mark.parametrize(
    ("error", "status", "code", "words"),
    [
        (VerificationError("VERIFY-15", "SignatureDoesNotMatch", MISMATCH), 403, "SignatureDoesNotMatch", "Check your key and signing method."),
        (VerificationError("VERIFY-10", "SignatureDoesNotMatch", "x"), 403, "RequestTimeTooSkewed", "difference between the request time"),
        (VerificationError("VERIFY-6a", "IncompleteSignature", "x", 400), 400, "InvalidArgument", "Unsupported Authorization Type"),
        (VerificationError("VERIFY-6a", "IncompleteSignature", "x", 400, (("ArgumentValue", "AWS"),)), 400, "InvalidRequest", "Please use AWS4-HMAC-SHA256"),
        (VerificationError("VERIFY-5", "SignatureDoesNotMatch", ""), 400, "InvalidArgument", "Only one auth mechanism allowed"),
        (VerificationError("VERIFY-10", "SignatureDoesNotMatch", "x", 403, (("X-Amz-Expires", "60"),)), 403, "AccessDenied", "Request has expired"),
        (VerificationError("VERIFY-11", "SignatureDoesNotMatch", "x", 403, (("X-Amz-Expires", "60"),)), 403, "AccessDenied", "Request is not valid yet"),
        (VerificationError("VERIFY-6d", "IncompleteSignature", "x", 400), 400, "AuthorizationHeaderMalformed", "three components"),
        (VerificationError("VERIFY-7", "AuthorizationQueryParametersError", "X-Amz-Expires should be a number", 400), 400, "AuthorizationQueryParametersError", "X-Amz-Expires should be a number"),
        (VerificationError("VERIFY-7", "IncompleteSignature", "x", 400), 400, "AuthorizationQueryParametersError", "requires the X-Amz-Algorithm"),
        (VerificationError("VERIFY-8", "SignatureDoesNotMatch", "x"), 403, "AccessDenied", "which were not signed"),
        (SCOPE_ERROR, 400, "AuthorizationHeaderMalformed", "malformed; Credential should be scoped"),
        (UNKNOWN, 403, "InvalidAccessKeyId", "does not exist in our records."),
        (VerificationError("VERIFY-14", "ExpiredToken", "x"), 400, "ExpiredToken", "The provided token has expired."),
        (VerificationError("VERIFY-15", "XAmzContentSHA256Mismatch", "The provided 'x'", 400), 400, "XAmzContentSHA256Mismatch", "The provided 'x'"),
        (VerificationError("CHUNK-5", "InvalidChunkSizeError", "Only the last", 400), 400, "InvalidChunkSizeError", "Only the last"),
        (VerificationError("VERIFY-5", "MissingAuthenticationToken", "x"), 403, "AccessDenied", "Access Denied"),
    ],
)  # fmt: skip
def test_s3_has_codes_and_words_of_its_own(
    error: VerificationError, status: int, code: str, words: str
) -> None:
    assert s3_answer(error)[:2] == (status, code)
    response = answer(S3_XML, error, "id")
    root = ElementTree.fromstring(response.body)
    assert (response.status, root.findtext("Code")) == (status, code)
    assert words in (root.findtext("Message") or "")
    assert response.header("x-amz-request-id") == "id"


@given(st.text(), st.text(), st.sampled_from(STYLES))
def test_no_words_break_out_of_the_document(message: str, code: str, style: ProtocolStyle) -> None:
    error = VerificationError("OTHER", code, message)
    if any("\ud800" <= char <= "\udfff" for char in message + code):
        return
    body = answer(style, error, message).body
    if style.layout in ("json", "rest-json"):
        assert json.loads(body)["message"] == message
        return
    root = ElementTree.fromstring(body)
    shown = root.findtext("Message" if style.layout == "s3" else "Error/Message") or ""
    assert re.sub(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", message) == shown
    assert len(list(root.iter())) == (4 if style.layout == "s3" else 6)


def test_verify_17_the_expanded_text() -> None:
    text = expanded("No match.", "GET\n/", "AWS4-HMAC-SHA256\nx")
    assert text == (
        "No match.\n\nThe Canonical String for this request should have been\n'GET\n/'\n\n"
        "The String-to-Sign should have been\n'AWS4-HMAC-SHA256\nx'\n"
    )
