"""Faults from public threads: forms, routes and requests without a signature. One table."""

from __future__ import annotations

from collections.abc import Iterator

from .answers import S3_REFUSED, rest_answer, xml_answer
from .fault import BUCKET, GATEWAY, LIST, Fault, get, s3, thread
from .on_the_way import unsigned


def other() -> Iterator[Fault]:
    yield thread(
        "FAIL-51",
        "aws/aws-sdk-js#948",
        "a presigned URL of Version 2, used with another method",
        s3("/x"),
        unsigned(
            "PUT",
            "/profiles.csv?AWSAccessKeyId=AKIDEXAMPLE&Content-Type=text%2Fcsv&Expires=1459297656&Signature=R%2B1qJtXCgijtxDJZyXQz7lx2jyg%3D&x-amz-acl=public-read",
            {"Host": BUCKET},
        ),
        answer=S3_REFUSED,
        secret_known=False,
    )
    yield thread(
        "FAIL-57",
        "serverless/serverless#3205",
        "a request with a token for a route that is not deployed",
        get("/prod", "execute-api", GATEWAY),
        unsigned("GET", "/dev/users", {"Host": GATEWAY, "Authorization": "allow"}),
        answer=rest_answer(
            "IncompleteSignatureException",
            "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. Authorization=allow",
        ),
        secret_known=False,
    )
    form = b'--x\r\nContent-Disposition: form-data; name="policy"\r\n\r\ne30=\r\n--x\r\nContent-Disposition: form-data; name="x-amz-date"\r\n\r\n20260304T050607Z\r\n--x--\r\n'
    yield thread(
        "FAIL-53",
        "aws/aws-sdk-js#1514",
        "a form has a field for which its policy has no condition",
        s3("/"),
        unsigned("POST", "/", {"Host": BUCKET, "Content-Type": "multipart/form-data; boundary=x"}, form),
        answer=xml_answer(
            403,
            "AccessDenied",
            'Invalid according to Policy: Policy Condition failed: ["eq", "$x-amz-date", "20260304T000000Z"]',
        ),
        secret_known=False,
    )


def gateways() -> Iterator[Fault]:
    jwt = "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.4f1JhoEZYj16T9Cfe"
    requires = "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."
    yield thread(
        "FAIL-57",
        "aws/chalice#828",
        "the route was not built",
        LIST,
        unsigned("POST", f"https://{GATEWAY}/api/users", {"Authorization": jwt}),
        answer=rest_answer("IncompleteSignatureException", f"{requires} Authorization={jwt}"),
    )
    missing = 'HTTP/1.1 403 Forbidden\nx-amzn-ErrorType: MissingAuthenticationTokenException\nx-amz-apigw-id: V=\n\n{"message": "Missing Authentication Token"}'
    yield thread(
        "FAIL-57",
        "stackery/php-lambda-layer#31",
        "the path was the stage alone, without '/'",
        LIST,
        unsigned("GET", f"https://{GATEWAY}/Prod", {}),
        answer=missing,
    )
    yield thread(
        "FAIL-57",
        "serverless-operations/serverless-apigateway-service-proxy#110",
        "a '#' in the path cut the URL",
        LIST,
        unsigned("GET", f"https://{GATEWAY}/dev/getPartner/PARTNER", {}),
        answer=missing,
    )


def forms() -> Iterator[Fault]:
    def form(where: str, notes: str, fields: str, code: str, message: str) -> Fault:
        parts = "".join(
            f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\nv\r\n' for name in fields.split()
        )
        headers = {"Host": "b.s3.amazonaws.com", "Content-Type": "multipart/form-data; boundary=x"}
        return thread(
            "FAIL-53",
            where,
            notes,
            LIST,
            unsigned("POST", "/", headers, f"{parts}--x--\r\n".encode()),
            answer=xml_answer(403, code, message),
        )

    yield form(
        "aws/aws-sdk-js#1514",
        "the form has another x-amz-date than its policy",
        "key X-Amz-Date Policy X-Amz-Signature file",
        "AccessDenied",
        'Invalid according to Policy: Policy Condition failed: ["eq", "$X-Amz-Date", "20170519T041709Z"]',
    )
    yield form(
        "aws/aws-sdk-php#3292",
        "the form has a field for which the policy has no condition",
        "key X-Amz-Security-Token Policy X-Amz-Signature file",
        "AccessDenied",
        "Invalid according to Policy: Extra input fields: x-amz-security-token",
    )
    yield form(
        "minio/minio#17391",
        "the form has a field for which the policy has no condition; MinIO's answer",
        "key AWSAccessKeyId policy signature file",
        "AccessDenied",
        "Access Denied. (Each form field that you specify in a form (except Awsaccesskeyid, Signature) must appear in the list of conditions.)",
    )
    yield form(
        "minio/minio#19736",
        "the file comes before the key",
        "file key x-amz-signature policy",
        "MalformedPOSTRequest",
        "The body of your POST request is not well-formed multipart/form-data. (The name of the uploaded key is missing)",
    )
    yield form(
        "asmcos/requests#36",
        "the file comes before the key; S3's answer",
        "file key policy",
        "InvalidArgument",
        "Bucket POST must contain a field named 'key'.  If it is specified, please check the order of the fields.",
    )
