"""The faults of requests without a Version 4 signature. One table."""

from __future__ import annotations

from collections.abc import Iterator

from .answers import MISMATCH, S3_REFUSED, json_answer, rest_answer, xml_answer
from .broken_signer import Case
from .fault import BODY, BUCKET, ENDPOINT, GATEWAY, JSON, LIST, Fault, fault, get, s3
from .on_the_way import header, member, unsigned


def not_version_4() -> Iterator[Fault]:
    """Requests with another mechanism than Version 4, or with none."""
    v2 = "AWS AKIDEXAMPLE:bWq2s1WEIj+Ydj0vQ697zp+IXMU="
    yield fault(
        "FAIL-51",
        "Signature Version 2 in the header",
        s3("/x"),
        unsigned("GET", "/x", {"Host": BUCKET, "Date": "Wed, 04 Mar 2026 05:06:07 GMT", "Authorization": v2}),
        answer=xml_answer(
            400,
            "InvalidRequest",
            "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.",
        ),
        secret_known=False,
    )
    yield fault(
        "FAIL-51",
        "a presigned URL of Signature Version 2",
        s3("/x"),
        unsigned(
            "GET", "/x?AWSAccessKeyId=AKIDEXAMPLE&Expires=1772601667&Signature=vjbyPxybd%3D", {"Host": BUCKET}
        ),
        secret_known=False,
    )
    yield fault(
        "FAIL-52",
        "a JSON Web Token as a bearer token at OpenSearch",
        get("/", "es"),
        unsigned(
            "GET",
            "/",
            {
                "Host": "search-x.us-east-1.es.amazonaws.com",
                "Authorization": "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJlc2lnbmF0dXJl",
            },
        ),
        answer=rest_answer(
            "IncompleteSignatureException",
            "'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJlc2lnbmF0dXJl' not a valid key=value pair (missing equal-sign) in Authorization header: 'Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJlc2lnbmF0dXJl'.",
        ),
        secret_known=False,
    )
    form = b'--x\r\nContent-Disposition: form-data; name="key"\r\n\r\na\r\n--x\r\nContent-Disposition: form-data; name="policy"\r\n\r\ne30=\r\n--x--\r\n'
    yield fault(
        "FAIL-53",
        "a form has a field for which its policy has no condition (aws/aws-sdk-php#3292)",
        s3("/"),
        unsigned("POST", "/", {"Host": BUCKET, "Content-Type": "multipart/form-data; boundary=x"}, form),
        answer=xml_answer(403, "AccessDenied", "Invalid according to Policy: Extra input fields: bucket"),
        secret_known=False,
    )
    yield fault(
        "FAIL-54",
        "a PUT through CloudFront origin access control without the hash of the body",
        s3("/x"),
        unsigned(
            "PUT", "/x", {"Host": "d111111abcdef8.cloudfront.net", "Content-Type": "text/plain"}, b"abc"
        ),
        answer=S3_REFUSED.replace(
            "Content-Type:", "Via: 1.1 x.cloudfront.net (CloudFront)\nContent-Type:", 1
        ),
        secret_known=False,
    )
    yield fault(
        "FAIL-55",
        "a CORS preflight",
        s3("/x"),
        unsigned(
            "OPTIONS",
            "/x",
            {"Host": BUCKET, "Origin": "https://app.example", "Access-Control-Request-Method": "PUT"},
        ),
        answer=xml_answer(403, "AccessForbidden", "CORSResponse: CORS is not enabled for this bucket."),
        secret_known=False,
    )
    yield fault(
        "FAIL-56",
        "a HAR file of Chrome, without Authorization",
        LIST,
        header("Authorization", None),
        header("Sec-Fetch-Mode", "cors"),
        answer=json_answer("InvalidSignatureException", f"{MISMATCH} Check your AWS Secret Access Key."),
    )
    yield fault(
        "FAIL-56",
        "a capture without its body",
        Case("POST", f"{ENDPOINT}/", {**JSON, "Content-Length": str(len(BODY))}, BODY),
        member("body", lambda body: b""),
    )
    yield fault(
        "FAIL-57",
        "a request with a right signature for a route that API Gateway does not have",
        get("/prod/pets", "execute-api", GATEWAY),
        answer=rest_answer("MissingAuthenticationTokenException", "Missing Authentication Token"),
    )
    yield fault(
        "FAIL-57",
        "a request with a bearer token for a route that API Gateway does not have (aws/chalice#828)",
        get("/prod/pets", "execute-api", GATEWAY),
        unsigned("GET", "/prod/pet", {"Host": GATEWAY, "Authorization": "Bearer abcdefghij"}),
        answer=rest_answer(
            "IncompleteSignatureException",
            "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization=Bearer abcdefghij",
        ),
        secret_known=False,
    )
