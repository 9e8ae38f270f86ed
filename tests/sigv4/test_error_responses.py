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
    json_answer,
    s3_answer,
    xml_element,
    xml_text,
)
from sigv4.errors import mismatch
from sigv4.replay import StoreFull, StoreUnavailable
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
def test_s3_has_its_own_codes_and_texts(error: VerificationError, status: int, code: str, words: str) -> None:
    assert s3_answer(error)[:2] == (status, code)
    response = answer(S3_XML, error, "id")
    root = ElementTree.fromstring(response.body)
    assert (response.status, root.findtext("Code")) == (status, code)
    assert words in (root.findtext("Message") or "")
    assert response.header("x-amz-request-id") == "id"


@given(st.text(), st.text(), st.sampled_from(STYLES))
def test_texts_are_escaped_in_json_and_xml(message: str, code: str, style: ProtocolStyle) -> None:
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


@pytest.mark.parametrize(
    ("style", "headers"),
    [
        (JSON_1_0, (("Content-Type", "application/x-amz-json-1.0"), ("x-amzn-RequestId", "id"))),
        (JSON_1_1, (("Content-Type", "application/x-amz-json-1.1"), ("x-amzn-RequestId", "id"))),
        (
            REST_JSON,
            (
                ("Content-Type", "application/json"),
                ("x-amzn-RequestId", "id"),
                ("x-amzn-ErrorType", "UnrecognizedClientException"),
            ),
        ),
        (QUERY, (("Content-Type", "text/xml"), ("x-amzn-RequestId", "id"))),
        (S3_XML, (("Content-Type", "application/xml"), ("x-amz-request-id", "id"))),
    ],
)
def test_the_headers_of_a_refusal_are_spelled_as_the_service_sends_them(
    style: ProtocolStyle, headers: object
) -> None:
    assert answer(style, UNKNOWN, "id").headers == headers


@pytest.mark.parametrize(("status", "answered"), [(400, 400), (403, 400), (408, 408), (413, 413), (503, 503)])
def test_a_json_service_answers_400_except_to_requests_that_may_be_sent_again(
    status: int, answered: int
) -> None:
    error = VerificationError("BODY", "RequestTooLong", "too long", status)
    assert json_answer(error) == (answered, "RequestTooLong", "too long")
    assert answer(REST_JSON, error, "id").header("x-amzn-ErrorType") == "RequestTooLong"
    assert answer(REST_JSON, error, "id").status == status


def test_an_answer_of_s3_has_the_details_of_the_refusal() -> None:
    details = (("ArgumentName", "Authorization"), ("ArgumentValue", "<x>"))
    body = answer(S3_XML, VerificationError("VERIFY-6a", "IncompleteSignature", "x", 400, details), "id").body
    assert body == (
        b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>InvalidArgument</Code>'
        b"<Message>Unsupported Authorization Type</Message><ArgumentName>Authorization</ArgumentName>"
        b"<ArgumentValue>&lt;x&gt;</ArgumentValue><RequestId>id</RequestId></Error>"
    )
    assert s3_answer(SCOPE_ERROR)[2] == (
        "The authorization header is malformed; Credential should be scoped to correct service: 'sagemaker'."
    )


# XML 1.0, section 2.2: the characters of a document.
ALLOWED = "\t\n\r \ud7ff\ue000\ufffd\U00010000\U0010ffff"
FORBIDDEN = "\0\x08\x0b\x0c\x0e\x1f\ud800\udfff\ufffe\uffff"


def test_what_xml_forbids_is_replaced_and_what_it_reads_is_escaped() -> None:
    for char in ALLOWED.replace("\r", ""):
        assert xml_text(f"a{char}b") == f"a{char}b"
    for char in FORBIDDEN:
        assert xml_text(f"a{char}b") == "a\ufffdb"
    assert xml_text("<&>\rX") == "&lt;&amp;&gt;&#13;X"
    assert ElementTree.fromstring(f"<a>{xml_text(ALLOWED + '<&>]]>')}</a>").text == f"{ALLOWED}<&>]]>"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "b",
        "&lt;b&gt; &amp;amp; &quot;&apos;",
        "&#65;&#x42;&#X43;&#233;&#x1F600;&#1114111;",
        "a;b",
        "x y\nz",
    ],
)
def test_the_text_of_an_element_is_read_as_a_parser_of_xml_reads_it(text: str) -> None:
    for before, after in (("", ""), ("<z>c</z>", "<a>d</a>"), ("</a>", "</a>")):
        assert xml_element(f"{before}<a>{text}</a>{after}", "a") == (
            ElementTree.fromstring(f"<a>{text.replace('&#X', '&#x')}</a>").text or ""
        )


@pytest.mark.parametrize("text", ["", "b", "<a>", "</a>", "</a><a>", "<A>b</A>", "<a b='c'>d</a>"])
def test_a_missing_element_has_no_text(text: str) -> None:
    assert xml_element(text, "a") == ""


@pytest.mark.parametrize(
    "reference",
    [
        "&", "&;", "&lt", "&other;", "&#;", "&#x;", "&#xg;", "&#1114112;", "&#xD800;", "&#57343;", "&#x110000;",
        "&#00000065;", "&#-1;", "&ltgtltgtl;",
    ],
)  # fmt: skip
def test_what_is_not_a_reference_to_a_character_stays(reference: str) -> None:
    assert xml_element(f"<a>b{reference}c&gt;</a>", "a") == f"b{reference}c>"


@pytest.mark.parametrize("style", STYLES)
def test_retryable_refusals_say_so_in_every_style(style: ProtocolStyle) -> None:
    """Only an unreachable replay store and too many bodies at once give 503 with Retry-After."""
    for later in (
        StoreUnavailable("down"),
        StoreFull("full"),
        VerificationError("BODY", "SlowDown", "too many bodies", 503),
    ):
        refused = answer(style, later, "id")
        assert (refused.status, refused.header("retry-after")) == (503, "1")
        assert b"Sender" not in refused.body
    for error in (VerificationError("REPLAY", "RequestReplayed", "again"), mismatch("VERIFY-15")):
        assert answer(style, error, "id").header("retry-after") == ""
