"""Faults from public threads: credentials, regions and clocks. One table."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from .answers import MALFORMED, MISMATCH, REFUSED, json_answer, rest_answer, xml_answer
from .broken_signer import KEY_ID, NOW, SECRET, Case
from .fault import GATEWAY, LIST, Fault, get, minio, s3, thread
from .on_the_way import authorization, header

INCOMPLETE = "not a valid key=value pair (missing equal-sign) in Authorization header: '…'."


def credentials_and_scopes() -> Iterator[Fault]:
    yield thread(
        "FAIL-23",
        "mhart/aws4#33",
        "the token is the text 'X-Amz-Security-Token'",
        get("/prod", "execute-api", GATEWAY, token="X-Amz-Security-Token"),
        answer=REFUSED,
    )
    yield thread(
        "FAIL-23",
        "amzn/selling-partner-api-models#1101",
        "an empty token was sent and signed",
        get("/", "execute-api", "sellingpartnerapi-na.amazon.com"),
        header("X-Amz-Security-Token", ""),
        authorization("host;x-amz-date", "host;x-amz-date;x-amz-security-token"),
        answer=json_answer("InvalidSignature", MISMATCH),
    )
    yield thread(
        "FAIL-25",
        "RhinoSecurityLabs/pacu#137",
        "the secret was read with its line end",
        get("/"),
        secret=SECRET + "\n",
        answer=REFUSED,
    )
    yield thread(
        "FAIL-25",
        "aws/aws-cli#602",
        "the secret was read with quotes around it",
        get("/"),
        secret=f'"{SECRET}"',
        answer=REFUSED,
    )
    yield thread(
        "FAIL-26",
        "Noovolari/leapp#88",
        "the access key id has a space after it",
        LIST,
        authorization(KEY_ID, KEY_ID + " "),
        answer=json_answer(
            "IncompleteSignatureException",
            "'/20260304/us-east-1/sagemaker/aws4_request' not a valid key=value pair (missing equal-sign) in Authorization header: 'AWS4-HMAC-SHA256 …'.",
        ),
    )
    yield thread(
        "FAIL-26",
        "zendesk/apt-s3#10",
        "the whole line of the credentials file became the access key id",
        s3("/x"),
        authorization(KEY_ID, f"aws_access_key_id= {KEY_ID}"),
        answer=xml_answer(
            400,
            "AuthorizationHeaderMalformed",
            f'{MALFORMED}the authorization component "Credential=aws_access_key_id= {KEY_ID}/20260304/us-east-1/s3/aws4_request" is malformed.',
        ),
    )
    yield thread(
        "FAIL-27",
        "JuliaServices/CloudStore.jl#52",
        "the region was taken from the wrong label of the host",
        s3("/x"),
        authorization("us-east-1/s3", "s3/s3"),
        answer=xml_answer(
            400,
            "AuthorizationHeaderMalformed",
            f"{MALFORMED}the region 's3' is wrong; expecting 'us-east-1'",
            "<Region>us-east-1</Region>",
        ),
    )
    yield thread(
        "FAIL-27",
        "siderolabs/omni#98",
        "an empty region",
        s3("/x"),
        authorization("us-east-1/s3", "/s3"),
        answer=xml_answer(
            400,
            "AuthorizationHeaderMalformed",
            f"{MALFORMED}a non-empty region must be provided in the credential.",
        ),
    )
    yield thread(
        "FAIL-27",
        "aws/aws-cli#2954",
        "a region with '_'",
        s3("/x"),
        authorization("us-east-1/s3", "us_east_1/s3"),
        answer=xml_answer(
            400,
            "AuthorizationHeaderMalformed",
            f"{MALFORMED}the region 'us_east_1' is wrong; expecting 'us-east-1'",
        ),
    )
    yield thread(
        "FAIL-27",
        "PhantomPhoton/S3-Compatible#28",
        "signed for another region than Garage's own",
        minio(host="garage.example.com"),
        answer=xml_answer(
            400,
            "AuthorizationHeaderMalformed",
            "Authorization header malformed, unexpected scope: 20260304/us-east-1/s3/aws4_request",
            "<Region>garage</Region>",
        ),
    )
    yield thread(
        "FAIL-28",
        "disneystreaming/smithy4s#1568",
        "signed for 'api.sagemaker'",
        LIST,
        authorization("/sagemaker/", "/api.sagemaker/"),
        answer=json_answer(
            "InvalidSignatureException", "Credential should be scoped to correct service: 'sagemaker'. "
        ),
        secret_known=False,
    )
    late = "20260304T051207Z"
    yield thread(
        "FAIL-29",
        "aws-amplify/amplify-js#7913",
        "the phone's clock is six minutes slow",
        get("/prod/pets", "execute-api", GATEWAY),
        answer=rest_answer(
            "InvalidSignatureException",
            f"Signature expired: {NOW} is now earlier than 20260304T050707Z ({late} - 5 min.)",
        ),
    )
    yield thread(
        "FAIL-38",
        "anomalizer/ngx_aws_auth#30",
        "a scope without its region",
        s3("/x"),
        authorization("/us-east-1/s3/", "/s3/"),
        answer=xml_answer(
            400,
            "AuthorizationHeaderMalformed",
            f'{MALFORMED}the Credential is mal-formed; expecting "&lt;YOUR-AKID&gt;/YYYYMMDD/REGION/SERVICE/aws4_request".',
        ),
    )
    yield thread(
        "FAIL-45",
        "aws/aws-sdk-js-v3#5576",
        "CloudFront's KeyValueStore signed with Version 4",
        get("/x", "cloudfront-keyvaluestore", "abc.cloudfront-kvs.global.api.aws"),
        answer=rest_answer(
            "InvalidSignatureException", "Credential should be scoped to a valid region, not 'us-east-1'. "
        ),
    )
    yield thread(
        "FAIL-46",
        "amzn/selling-partner-api-docs#116",
        "the canonical request hashed as UTF-16",
        get("/orders", "execute-api", "sellingpartnerapi-na.amazon.com"),
        digest=lambda text: hashlib.sha256(text.encode("utf-16-le")).hexdigest(),
        answer='HTTP/1.1 403 Forbidden\nContent-Type: application/json\n\n{"errors": [{"message": "'
        + MISMATCH
        + '", "code": "InvalidSignature"}]}',
    )


def credentials() -> Iterator[Fault]:
    s3fs = minio("/aaa/", host="objectstore-3.example.com")
    wrong = f"{MALFORMED}the region 'us-east-1' is wrong; expecting 'eu-nl-1'"
    yield thread(
        "FAIL-27",
        "s3fs-fuse/s3fs-fuse#1186",
        "signed for another region than that of an S3-compatible server",
        s3fs,
        answer=xml_answer(400, "AuthorizationHeaderMalformed", wrong, "<Region>eu-nl-1</Region>"),
    )
    underscored = Case("GET", "https://s3.us-east-1.amazonaws.com/", service="s3", region="us_east_1")
    yield thread(
        "FAIL-27",
        "aws/aws-cli#2954",
        "the region with underscores",
        underscored,
        answer=xml_answer(
            400,
            "AuthorizationHeaderMalformed",
            f"{MALFORMED}the region 'us_east_1' is wrong; expecting 'us-east-1'",
        ),
    )
    none = s3("/?list-type=2"), authorization("/us-east-1/", "//")
    yield thread(
        "FAIL-27",
        "siderolabs/omni#98",
        "no region",
        *none,
        answer=xml_answer(
            400,
            "AuthorizationHeaderMalformed",
            f"{MALFORMED}a non-empty region must be provided in the credential.",
        ),
    )
    named = (
        s3("/pool/main/r/a.deb"),
        authorization("Credential=AKIDEXAMPLE", "Credential=aws_access_key_id= AKIDEXAMPLE"),
    )
    yield thread(
        "FAIL-26",
        "zendesk/apt-s3#10",
        "the whole line of the credentials file was used as the access key id",
        *named,
        answer=xml_answer(
            400,
            "AuthorizationHeaderMalformed",
            f'{MALFORMED}the authorization component "Credential=aws_access_key_id= AKIDEXAMPLE/20260304/us-east-1/s3/aws4_request" is malformed.',
        ),
    )
    spaced = LIST, authorization("Credential=", "Credential= ")
    yield thread(
        "FAIL-26",
        "iann0036/cloud9-sync#10",
        "a space before the access key id",
        *spaced,
        answer=json_answer(
            "IncompleteSignatureException",
            f"'AKIDEXAMPLE/20260304/us-east-1/sagemaker/aws4_request' {INCOMPLETE}",
        ),
    )
    behind = LIST, authorization("Credential=AKIDEXAMPLE", "Credential=AKIDEXAMPLE ")
    yield thread(
        "FAIL-26",
        "awslabs/fhir-works-on-aws-deployment#379",
        "a space after the access key id",
        *behind,
        answer=json_answer(
            "IncompleteSignatureException", f"'/20260304/us-east-1/sagemaker/aws4_request' {INCOMPLETE}"
        ),
    )
    cut = (
        get("/", "ses", "email.us-east-1.amazonaws.com"),
        header("Authorization", "AWS4-HMAC-SHA256 Credential=ABCDEF"),
    )
    yield thread(
        "FAIL-26",
        "brendanhay/amazonka#316",
        "the access key id ends in a line feed, where the header was cut",
        *cut,
        answer=xml_answer(
            400,
            "IncompleteSignature",
            "Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. Authorization=AWS4-HMAC-SHA256 Credential=ABCDEF",
        ),
    )
    undefined = get("/auth/pets", "execute-api", GATEWAY), header("x-amz-security-token", "undefined")
    yield thread(
        "FAIL-23",
        "kndt84/aws-api-gateway-client#31",
        "the token is the text undefined",
        *undefined,
        answer=rest_answer(
            "UnrecognizedClientException", "The security token included in the request is invalid."
        ),
    )
    unknown = minio("/rookbucket/", "PUT", host="rgw.example.com")
    yield thread(
        "TOKEN-4",
        "rook/rook#673",
        "the server has no such access key",
        unknown,
        answer=xml_answer(
            403, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records."
        ),
    )
    yield thread(
        "FAIL-29",
        "aws/aws-sdk-js#527",
        "the clock of a container was two days late",
        LIST,
        answer=json_answer(
            "InvalidSignatureException",
            "Signature expired: 20260304T050607Z is now earlier than 20260306T055445Z (20260306T055945Z - 5 min.)",
        ),
    )
