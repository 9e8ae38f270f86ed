"""Causes that a request or an answer shows without a search."""

from __future__ import annotations

import json

import pytest

from sigv4 import Credentials, Request, Response, diagnose
from sigv4.diagnosis.captured_explanation import explain_captured
from sigv4.diagnosis.masking import without_password
from sigv4.signing_names import right_service
from tests.sigv4.diagnosis.seen import KEYS, MISMATCH, S3, changed, presigned, signed, xml

TEMPORARY = Credentials("ASIAIOSFODNN7EXAMPLE", "s" * 40, "THE-TOKEN")
GATEWAY = "https://abc.execute-api.us-east-1.amazonaws.com/prod/a"
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"


def refusal(
    message: str = MISMATCH, code: str = "InvalidSignatureException", status: int = 403, **headers: str
) -> Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(status, {"x-amzn-ErrorType": code, **named}, json.dumps({"message": message}).encode())


def plain(method: str = "GET", url: str = "https://h.example/", body: bytes = b"", **headers: str) -> Request:
    return Request(method, url, [(name.replace("_", "-"), value) for name, value in headers.items()], body)


FORM = b'--x\r\nContent-Disposition: form-data; name="policy"\r\n\r\ne30=\r\n--x--\r\n'
MULTIPART = "multipart/form-data; boundary=x"
BROKEN = "Authorization header requires 'Credential' parameter. Authorization=x"


@pytest.mark.parametrize(
    ("request_", "response", "id", "said"),
    [
        (plain(Authorization="AWS AKID:c2ln"), None, "FAIL-51", "Version 2"),
        (plain(Authorization="AWS3-HTTPS AWSAccessKeyId=a"), None, "FAIL-51", "Version 3"),
        (plain(url="https://h/?AWSAccessKeyId=a&Signature=b&SignatureVersion=2"), None, "FAIL-51", "a query request"),
        (plain(url="https://h/?AWSAccessKeyId=a&Signature=b&Expires=1"), None, "FAIL-51", "a presigned URL"),
        (plain("POST", body=b"Action=x&AWSAccessKeyId=a&Signature=b"), None, "FAIL-51", "in the body"),
        (plain(Authorization=f"Bearer {TOKEN}"), None, "FAIL-52", "a JSON Web Token"),
        (plain(Authorization="Bearer abc"), None, "FAIL-52", "with a token"),
        (plain(Authorization=TOKEN), None, "FAIL-52", "a JSON Web Token alone"),
        (plain(Authorization="Basic YWJjOmRlZg=="), None, "FAIL-52", "Basic"),
        (plain(Authorization="GOOG4-HMAC-SHA256 Credential=a"), None, "FAIL-52", "another scheme"),
        (plain(url="https://h/?Key-Pair-Id=a&Signature=b&Expires=1"), None, "FAIL-52", "CloudFront"),
        (plain(url="https://h/?X-Goog-Signature=b"), None, "FAIL-52", "Google"),
        (plain(url="https://h/?sig=a&sv=b&se=c"), None, "FAIL-52", "Azure"),
        (plain(Authorization="undefined"), None, "FAIL-50", "never set"),
        (plain(Authorization="[REDACTED]"), None, "FAIL-56", "masked"),
        (plain(url="https://h/?x-amz-signature=b"), None, "FAIL-40", "case-sensitive"),
        (plain(url="https://h/?a=b&amp;X-Amz-Date=c"), None, "FAIL-40", "escaped for HTML"),
        (plain("POST", Content_Type=MULTIPART, body=FORM), None, "FAIL-53", "a policy in its form"),
        (plain("POST", Content_Type=MULTIPART, body=FORM), xml("AccessDenied", "Invalid according to Policy: Extra input fields: acl"), "FAIL-53", "Extra input fields"),
        (plain("POST", Content_Type=MULTIPART, body=FORM), xml("AccessDenied", "Invalid according to Policy: Policy expired."), "FAIL-53", "expired"),
        (plain("POST", Content_Type=MULTIPART, body=FORM), xml("SignatureDoesNotMatch", MISMATCH), "FAIL-53", "does not match"),
        (plain("POST", Content_Type=MULTIPART, body=FORM), xml("EntityTooLarge", "Your proposed upload exceeds"), "FAIL-53", "exceeds"),
        (plain("OPTIONS", Origin="https://a"), None, "FAIL-55", "OPTIONS"),
        (plain("OPTIONS", presigned(), Access_Control_Request_Method="PUT"), None, "FAIL-55", "OPTIONS"),
        (plain("PUT", "https://x.cloudfront.net/a", b"a"), None, "FAIL-54", "not signed by the caller"),
        (plain("PUT", "https://cdn.example/a", b"a", x_amz_content_sha256="0"), xml("SignatureDoesNotMatch", MISMATCH, X_Amz_Cf_Id="a"), "FAIL-54", "CloudFront answered"),
        (plain("GET", "https://cdn.example/a"), xml("AccessDenied", "Access Denied", X_Amz_Cf_Id="a"), "FAIL-50", "VERIFY-5"),
        (plain(X_Amz_Date="20260304T050607Z", Sec_Fetch_Mode="cors"), None, "FAIL-56", "may have omitted it"),
        (plain(X_Amz_Date="20260304T050607Z", User_Agent="Mozilla/5.0"), None, "FAIL-56", "may have omitted it"),
        (plain(X_Amz_Date="20260304T050607Z"), refusal(), "FAIL-56", "x-amz-date"),
        (plain(), refusal(), "FAIL-56", "holds none"),
        (plain(url=GATEWAY), refusal("Missing Authentication Token", "MissingAuthenticationTokenException"), "FAIL-57", "Missing"),
        (plain(url="https://api.example/a"), refusal("Missing Authentication Token", "", x_amz_apigw_id="a"), "FAIL-57", "Missing"),
        (signed(GATEWAY, "execute-api"), refusal("Missing Authentication Token", "MissingAuthenticationTokenException"), "FAIL-57", "Missing"),
        (signed(GATEWAY, "execute-api"), refusal("Unsupported AWS 'algorithm': 'x'.", "IncompleteSignature"), "VERIFY-6", "Unsupported"),
        (plain(url=GATEWAY, Authorization=f"Bearer {TOKEN}"), refusal(f"'{TOKEN}' not a valid key=value pair (missing equal-sign) in Authorization header: 'Bearer {TOKEN}'."), "FAIL-57", "not a valid key=value pair"),
        (plain(url=GATEWAY, Authorization="allow"), refusal(BROKEN), "FAIL-57", "requires 'Credential'"),
        (plain(url="https://es.example/"), refusal("User: anonymous is not authorized to perform: es:ESHttpGet"), "FAIL-50", "VERIFY-5"),
    ],
)  # fmt: skip
def test_what_is_not_version_4_is_named(
    request_: Request, response: Response | None, id: str, said: str
) -> None:
    diagnosis = diagnose(*request_, response=response)
    first = diagnosis.findings[0]
    assert first.id == id, str(diagnosis)
    assert said in first.evidence
    assert diagnosis.signature_matches is None
    for secret in (TOKEN, "YWJjOmRlZg=="):
        assert secret not in str(diagnosis)


@pytest.mark.parametrize(
    ("url", "said", "id"),
    [
        (presigned().replace("X-Amz-Expires=900", "X-Amz-Expires=undefined"), "'undefined'", "URL-2"),
        (presigned().replace("X-Amz-Expires=900", "X-Amz-Expires=700000"), "'700000'", "URL-2"),
        (presigned().replace("X-Amz-Expires=900&", ""), "is missing", "VERIFY-7"),
        (presigned() + "&X-Amz-Expires=900", "is there 2 times", "VERIFY-7"),
        (presigned() + "&X-Amz-Expires=900" * 2 + "&X-Amz-Date=1", "'X-Amz-Date' is there 2 times", "VERIFY-7"),
        (presigned()[:-64] + presigned()[-64:].upper(), "the Signature is in upper case", "FAIL-31"),
        (presigned()[:-1] + "z", "the Signature is not lower-case hex", "FAIL-31"),
        (presigned().replace("&X-Amz-Expires", "&amp;X-Amz-Expires"), "begins with 'amp;'", "FAIL-40"),
        (presigned().partition("&X-Amz-SignedHeaders")[0], "was cut", "FAIL-40"),
        (presigned().partition("&X-Amz-Credential")[0], "X-Amz-Credential, ", "VERIFY-7"),
        (presigned().replace("AWS4-HMAC", "AWS5-HMAC"), "X-Amz-Algorithm is 'AWS5", "VERIFY-7"),
        (presigned()[:-9], "has 55 digits, and should have 64: the URL was cut", "FAIL-40"),
        (presigned().replace("%2F", "%252F"), "was escaped twice", "FAIL-40"),
        (presigned().replace("%2Fus-east-1%2Fs3%2Faws4_request", ""), "the Credential is", "FAIL-38"),
        (presigned().replace("X-Amz-Algorithm", "X-Amz-Algo"), "X-Amz-Algorithm is missing", "VERIFY-7"),
    ],
)  # fmt: skip
def test_the_fault_of_a_changed_url_is_named(url: str, said: str, id: str) -> None:
    findings = diagnose("GET", url, [("Host", "b.s3.us-east-1.amazonaws.com")]).findings
    assert findings[0].id == id, findings
    assert said in findings[0].evidence


AUTHORIZATION = dict(signed().headers)["Authorization"]


@pytest.mark.parametrize(
    ("request_", "id", "said"),
    [
        (changed(signed(), "20260304T050607Z", "Wed, 04 Mar 2026 05:06:07 GMT"), "VERIFY-9", "an HTTP date"),
        (changed(signed(), "20260304T050607Z", "20260304T050607.123Z"), "VERIFY-9", "a fraction"),
        (changed(signed(), "20260304T050607Z", "2026-03-04T05:06:07Z"), "VERIFY-9", "extended form"),
        (changed(signed(), "20260304T050607Z", "1772600767"), "VERIFY-9", "epoch seconds"),
        (changed(signed(), "AKIDEXAMPLE", "undefined"), "TOKEN-4", "it has no access key id"),
        (changed(signed(), "host;x-amz-date", "host;host;x-amz-date"), "FAIL-37", "'host' is there twice"),
        (changed(signed(keys=Credentials("ASIAIOSFODNN7EXAMPLE", "s" * 40)), "", ""), "FAIL-23", "no session token is sent"),
        (signed(keys=Credentials("ASIAIOSFODNN7EXAMPLE", "s" * 40, "undefined")), "FAIL-23", "never set"),
        (signed(keys=Credentials("AKIDEXAMPLE", "s" * 40, "<X-Amz-Security-Token>")), "FAIL-23", "never set"),
        (changed(signed(f"{S3}/a", "s3", "PUT", b"a"), "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb", "ypeBEsobvcr6wjGzmiPcTaeG7/gUfE5yuYB3ha/uSLs="), "FAIL-34", "in Base64"),
        (changed(signed(f"{S3}/a", "s3", "PUT", b"a"), "ca978112ca1bb", "CA978112CA1BB"), "FAIL-34", "in upper case"),
        (changed(signed(f"{S3}/a", "s3", "PUT", b"a"), "ca978112ca1bb", "zz"), "FAIL-34", "not 64 hex digits"),
        (Request("GET", "/a", signed(f"{S3}/a", "s3").headers, b"x"), "FAIL-33", "that of no bytes, the body has 1"),
        (Request("PUT", "/a", signed(f"{S3}/a", "s3", "PUT").headers, b"x"), "FAIL-32", "is that of no bytes"),
        (Request("PUT", "/a", signed(f"{S3}/a", "s3", "PUT", b"x").headers), "FAIL-56", "is not the body's"),
        (signed("https://iam.amazonaws.com/", "iam", region="eu-west-1"), "FAIL-27", "which is in 'us-east-1'"),
        (changed(signed("https://api.sagemaker.us-east-1.amazonaws.com/", "sagemaker"), "/sagemaker/", "/lambda/"), "FAIL-28", "a host of 'sagemaker'"),
        (changed(signed(), "Credential=AKIDEXAMPLE/", "Credential=AKID EXAMPLE/"), "FAIL-26", "VERIFY-6"),
        (changed(signed(), "SignedHeaders=", "Signed="), "VERIFY-6", "VERIFY-6"),
        (Request("GET", "/a", [("Host", "h"), ("Authorization", AUTHORIZATION)]), "FAIL-43", "neither X-Amz-Date nor Date"),
    ],
)  # fmt: skip
def test_faults_that_need_no_key_are_found_without_one(request_: Request, id: str, said: str) -> None:
    first = diagnose(*request_).findings[0]
    assert first.id == id, first
    assert said in first.evidence


def test_a_token_that_api_gateway_accepts_unsigned_proves_nothing() -> None:
    request = signed(GATEWAY, "execute-api")
    pairs = [*request.headers, ("X-Amz-Security-Token", "abc")]
    first = diagnose(request.method, request.url, pairs).findings[0]
    assert (first.id, first.certainty) == ("FAIL-23", "likely")


def test_the_token_is_compared_with_that_of_the_credentials() -> None:
    request = signed(keys=TEMPORARY)
    assert diagnose(*request, credentials=TEMPORARY).verdict == "right"
    for token, said in ((None, "have none to compare it with"), ("OTHER", "is not that of the credentials")):
        other = Credentials(TEMPORARY.access_key_id, TEMPORARY.secret_access_key, token)
        first = diagnose(*request, credentials=other).findings[0]
        assert (first.id, first.certainty) == ("TOKEN-4", "likely")
        assert said in first.evidence


def test_a_literal_that_the_service_does_not_accept_is_named() -> None:
    from sigv4 import DEFAULT, v4
    from sigv4.scope import Scope

    scope = Scope("20260304", "us-east-1", "lambda")
    names = "host;x-amz-content-sha256;x-amz-date"
    canonical = f"GET\n/a\n\nhost:h\nx-amz-content-sha256:UNSIGNED-PAYLOAD\nx-amz-date:20260304T050607Z\n\n{names}\nUNSIGNED-PAYLOAD"
    signature = v4.sign(
        v4.signing_key(KEYS.secret_access_key, scope),
        v4.string_to_sign("20260304T050607Z", str(scope), canonical.encode()),
    )
    pairs = {
        "Host": "h",
        "X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD",
        "X-Amz-Date": "20260304T050607Z",
        "Authorization": f"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/{scope}, SignedHeaders={names}, Signature={signature}",
    }
    first = diagnose("GET", "/a", pairs, credentials=KEYS, dialect=DEFAULT).findings[0]
    assert (first.id, first.certainty) == ("FAIL-35", "proved")


@pytest.mark.parametrize(
    ("request_", "response", "id", "fix"),
    [
        (signed(f"{S3}/a", "s3"), xml("AuthorizationHeaderMalformed", 'incorrect service "x". This endpoint belongs to "s3".'), "FAIL-28", "'s3'"),
        (signed(), refusal("Credential should be scoped to correct service"), "FAIL-28", "signing name"),
        (signed(), refusal("Malformed Access Key Id", "InvalidAccessKeyId"), "TOKEN-4", "of this provider"),
        (signed(), xml("InvalidArgument", "Credential access key has length 20, should be 32"), "TOKEN-4", "of this provider"),
        (signed(keys=TEMPORARY, region="af-south-1"), refusal("The security token included in the request is invalid.", "UnrecognizedClientException"), "TOKEN-4", "sts.af-south-1.amazonaws.com"),
        (signed(keys=TEMPORARY), refusal("The security token included in the request is expired", "ExpiredTokenException"), "TOKEN-4", "sign again"),
        (signed(), refusal("x", "InvalidClientTokenId"), "TOKEN-4", "one set of credentials"),
        (signed(f"{S3}/a", "s3"), xml("AuthorizationHeaderMalformed", "Authorization header malformed, unexpected scope: 20260304/us-east-1/s3/aws4_request"), "FAIL-27", "'garage'"),
        (signed(), Response(403, {}, b'{"Code":"AuthFailure","Message":"AWS was not able to validate the provided access credentials"}'), "TOKEN-4", "one set"),
        (signed(f"{S3}/a", "s3"), xml("AccessDenied", "Access Denied"), "VERIFY-16", "IAM policies"),
        (signed(), Response(403, {}, b'{"error":{"code":"Unauthorized","message":"Access to requested resource is denied."}}'), "VERIFY-16", "IAM policies"),
        (signed(), refusal("Signature expired: x"), "FAIL-29", "set the clock"),
        (Request("PUT", presigned(), [("Host", "b.s3.us-east-1.amazonaws.com"), ("X-Amz-Acl", "a")]), xml("AccessDenied", "There were headers present in the request which were not signed"), "FAIL-40", "byte for byte"),
        (signed(f"{S3}/a", "s3"), xml("NotImplemented", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD not implemented", status=501), "FAIL-35", "UNSIGNED-PAYLOAD"),
        (signed(f"{S3}/a", "s3"), xml("NotImplemented", "STREAMING-UNSIGNED-PAYLOAD-TRAILER not implemented", status=501), "FAIL-59", "when_required"),
        (signed(f"{S3}/a", "s3"), xml("InvalidArgument", "Unsupported header 'x-amz-checksum-crc32' received for this API call.", status=400), "FAIL-59", "when_required"),
        (signed(f"{S3}/a", "s3"), xml("NotImplemented", "Header 'x-amz-sdk-checksum-algorithm' with value 'CRC32' not implemented", status=501), "FAIL-59", "when_required"),
        (signed(f"{S3}/a", "s3"), xml("PermanentRedirect", "The bucket you are attempting to access must be addressed using the specified endpoint.", status=301, x_amz_bucket_region="eu-west-3"), "FAIL-27", "s3.eu-west-3.amazonaws.com"),
        (signed(f"{S3}/a", "s3"), xml("TemporaryRedirect", "Please re-send this request to the specified temporary endpoint.", status=307), "FAIL-27", "the endpoint that the answer names"),
        (Request("GET", "/a", [*signed().headers, ("X-Amz-Security-Token", "undefined")]), refusal("The security token included in the request is invalid.", "UnrecognizedClientException"), "FAIL-23", "before signing"),
        (plain(Authorization="AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE", X_Amz_Date="20260304T050607Z"), None, "FAIL-26", "strip the access key id"),
        (signed("https://x.vpc-lattice-svcs.us-east-1.on.aws/", "vpc-lattice-svcs"), refusal("Missing the 'x-amz-content-sha256' in canonical headers"), "FAIL-36", "sign it"),
    ],
)  # fmt: skip
def test_an_answer_is_read_with_the_request_that_it_answers(
    request_: Request, response: Response | None, id: str, fix: str
) -> None:
    first = diagnose(*request_, response=response).findings[0]
    assert first.id == id
    assert fix in first.fix


def test_a_token_that_was_never_set_is_shown_as_what_it_is() -> None:
    """Such a token is not a secret, and the report must show it."""
    request = signed(keys=Credentials("ASIAIOSFODNN7EXAMPLE", "s" * 40, "undefined"))
    assert "the text 'undefined'" in str(diagnose(*request))


SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"


@pytest.mark.parametrize("secret", [SECRET, SECRET.replace("/", "a")])
@pytest.mark.parametrize("credentials", [None, KEYS])
def test_a_secret_in_the_place_of_its_id_is_named_and_not_shown(
    secret: str, credentials: Credentials | None
) -> None:
    for request in (
        changed(signed(), "AKIDEXAMPLE", secret),
        Request("GET", presigned().replace("AKIDEXAMPLE", secret.replace("/", "%2F")), [("Host", "h")]),
    ):
        diagnosis = diagnose(*request, credentials=credentials)
        assert "TOKEN-4" in [each.id for each in diagnosis.findings], str(diagnosis)
        assert "exchanged" in str(diagnosis)
        assert secret[-12:] not in str(diagnosis)
        assert secret[-12:] not in repr(diagnosis)
        explained = explain_captured(request, credentials)
        assert explained is None or secret[-12:] not in str(explained.explanation)


def test_an_explanation_says_whether_the_signatures_agree() -> None:
    other = Credentials("AKIDEXAMPLE", "t" * 40)
    for request in (signed(), Request("GET", presigned(), [("Host", "b.s3.us-east-1.amazonaws.com")])):
        for keys, agrees, said in (
            (KEYS, True, "They agree."),
            (other, False, "They differ"),
            (None, None, ""),
        ):
            explained = explain_captured(request, keys)
            assert explained is not None
            assert explained.agrees is agrees
            assert said in explained.summary()
            assert ("They" in explained.summary()) == bool(said)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("got b'https://a:b@h/x@y'", "got b'https://***@h/x@y'"),
        ("https://h/a@b", "https://h/a@b"),
        ("https://a@h?b", "https://***@h?b"),
        ("no URL", "no URL"),
    ],
)
def test_the_password_of_a_url_is_masked(text: str, shown: str) -> None:
    assert without_password(text) == shown


def test_an_expired_url_of_temporary_credentials_says_that_it_expires_with_them() -> None:
    url, host = presigned(keys=TEMPORARY), [("Host", "b.s3.us-east-1.amazonaws.com")]
    late = xml("AccessDenied", "Request has expired", "<ServerTime>2026-03-04T06:00:00Z</ServerTime>")
    first = diagnose("GET", url, host, response=late).findings[0]
    assert first.id == "URL-2"
    assert "s before the server's time" in first.evidence
    assert "URL expires with them" in first.fix
    early = xml("AccessDenied", "Request has expired", "<ServerTime>2026-03-04T05:07:00Z</ServerTime>")
    assert "before the server's time" not in diagnose("GET", url, host, response=early).findings[0].evidence
    gone = xml("ExpiredToken", "The provided token has expired.")
    assert "presign again" in diagnose("GET", url, host, response=gone).findings[0].fix


def test_the_report_can_be_text_or_json() -> None:
    right = diagnose(*signed(), credentials=KEYS)
    assert right.as_dict() == {
        "verdict": "right",
        "signature_matches": True,
        "not_tried": "",
        "left_out": [],
        "findings": [],
    }
    assert str(right).endswith("Nothing else was found.")
    other = diagnose(*signed(), credentials=Credentials("AKIDOTHER", "t" * 40))
    assert other.signature_matches is None
    assert "another access key" in str(other)
    assert other.verdict == "wrong"


def test_wrong_service_names_have_a_signing_name() -> None:
    assert right_service("email") == "ses"


def test_a_token_in_an_answer_is_not_repeated() -> None:
    diagnosis = diagnose(*signed(), response=refusal(f"Signature expired: the token '{TOKEN}' and eyJ.short"))
    assert TOKEN not in str(diagnosis)
    assert "'***'" in diagnosis.findings[0].evidence
    assert "eyJ.short" in diagnosis.findings[0].evidence


def test_an_unsigned_hash_header_proves_nothing() -> None:
    """VERIFY-8: S3 accepts an unsigned hash header, other services refuse it."""
    pairs = [
        *signed().headers,
        ("X-Amz-Content-SHA256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ]
    found = diagnose("GET", "/a", pairs).findings
    assert (
        "VERIFY-8",
        "'x-amz-content-sha256' is present but not signed: S3 accepts that, other services do not",
    ) in [(each.id, each.evidence) for each in found]


def test_the_place_of_a_token_is_that_of_its_kind() -> None:
    """TOKEN-3."""
    url = "https://b--use1-az4--x-s3.s3express-use1-az4.us-east-1.amazonaws.com/a"
    request = signed(url, "s3express", keys=TEMPORARY)
    session = Credentials.of_s3_express_session(TEMPORARY.access_key_id, "s" * 40, "THE-TOKEN")
    first = diagnose(*request, credentials=session).findings[0]
    assert first.id == "FAIL-23"
    assert "credentials of this kind send it as" in first.evidence
