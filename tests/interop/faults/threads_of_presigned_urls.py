"""Faults from public threads: presigned URLs and requests of Signature Version 2. One table."""

from __future__ import annotations

from collections.abc import Iterator

from .answers import NO_MATCH, S3_REFUSED, resource, xml_answer
from .broken_signer import TOKEN, Case, swap
from .fault import EMPTY, LIST, Fault, minio, s3, thread
from .on_the_way import header, member, target, unsigned


def presigned() -> Iterator[Fault]:
    url = s3("/x.jpg", expires=900)
    yield thread(
        "FAIL-40",
        "aws/aws-sdk-php#239",
        "a parameter was added to the URL",
        url,
        member("target", lambda text: f"{text}&Content-Type=image%2Fjpeg"),
        answer=S3_REFUSED,
    )
    yield thread(
        "FAIL-40",
        "aws/aws-sdk-js#457",
        "a URL for GET used with PUT",
        url,
        member("method", lambda method: "PUT"),
        answer=S3_REFUSED,
    )
    yield thread(
        "FAIL-35",
        "iksteen/aws-request-signer#13",
        "the hash of an empty body was signed where S3 expects UNSIGNED-PAYLOAD",
        url,
        canonical=swap("UNSIGNED-PAYLOAD", EMPTY),
        answer=S3_REFUSED,
    )
    yield thread(
        "FAIL-15",
        "minio/minio#19394",
        "a URL signed for the address inside the network",
        minio("/bucket/a.jpg", host="localhost:9000", expires=900),
        header("Host", "files.example.com"),
        answer=S3_REFUSED,
    )
    old = s3("/x.jpg", expires=60)
    yield thread(
        "URL-2",
        "aws/aws-sdk-php#1333",
        "the URL has expired",
        old,
        answer=xml_answer(
            403,
            "AccessDenied",
            "Request has expired",
            "<X-Amz-Expires>60</X-Amz-Expires><Expires>2026-03-04T05:07:07Z</Expires><ServerTime>2026-03-04T06:00:00Z</ServerTime>",
        ),
    )
    yield thread(
        "TOKEN-4",
        "boto/boto3#2392",
        "the signer's session expired before the URL",
        s3("/x.jpg", expires=43200, token=TOKEN),
        answer=xml_answer(400, "ExpiredToken", "The provided token has expired."),
    )
    yield thread(
        "FAIL-41",
        "scality/objectfs#303",
        "a presigned URL with an Authorization header",
        url,
        header("Authorization", "Bearer abcdefgh"),
        answer=xml_answer(
            400,
            "InvalidArgument",
            "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified",
        ),
        secret_known=False,
    )


def urls() -> Iterator[Fault]:
    panda = Case(
        "GET", "https://bucket1.s3.amazonaws.com/panda.jpg", service="s3", region="eu-west-3", expires=3600
    )
    yield thread(
        "FAIL-15",
        "aws/aws-cli#4658",
        "the global host redirects to the region's host, which was not signed",
        panda,
        header("Host", "bucket1.s3.eu-west-3.amazonaws.com"),
        answer=S3_REFUSED,
    )
    put = s3("/testing/signed_1", "PUT", expires=300)
    more = member("target", lambda text: f"{text}&Content-Type=image%2Fjpeg")
    yield thread(
        "FAIL-40", "aws/aws-sdk-php#239", "a parameter was added to the URL", put, more, answer=S3_REFUSED
    )
    te = s3("/a", "PUT", expires=300, headers={"x-amz-te": "append-md5"})
    yield thread(
        "FAIL-40",
        "aws/aws-sdk-java-v2#2154",
        "a signed header is not sent with the URL",
        te,
        header("x-amz-te", None),
        answer=S3_REFUSED,
    )
    store = Case("GET", "https://10.240.193.107/yd-bucket/1.jpg", service="s3", expires=604800)
    yield thread(
        "FAIL-44",
        "minio/minio#6546",
        "the URL for nginx has a prefix before the path",
        store,
        target("/yd-bucket/1.jpg", "/dash/store/yd-bucket/1.jpg"),
        answer=resource("/yd-bucket/1.jpg"),
    )
    acl = s3("/logo.png", "PUT", expires=3600), header("x-amz-acl", "public-read")
    unsigned_acl = xml_answer(
        403,
        "AccessDenied",
        "There were headers present in the request which were not signed",
        "<HeadersNotSigned>x-amz-acl</HeadersNotSigned>",
    )
    yield thread(
        "FAIL-40",
        "ex-aws/ex_aws_s3#73",
        "x-amz-acl is sent with the presigned URL, but is not signed",
        *acl,
        answer=unsigned_acl,
    )
    signed_acl = s3("/steps.svg", "PUT", expires=60, headers={"x-amz-acl": "public-read"})
    yield thread(
        "FAIL-40",
        "minio/minio#5630",
        "x-amz-acl is signed, but not sent with the presigned URL",
        signed_acl,
        header("x-amz-acl", None),
        answer=S3_REFUSED,
    )
    v2 = "<StringToSign>PUT\n\nimage/jpeg\n1616865000\n/bucket/1.jpg</StringToSign>"
    yield thread(
        "FAIL-51",
        "aws-samples/amazon-s3-presigned-urls-aws-sam#7",
        "a URL of Signature Version 2",
        LIST,
        unsigned(
            "PUT",
            "https://b.s3.amazonaws.com/1.jpg?AWSAccessKeyId=AKIDEXAMPLE&Content-Type=image%2Fjpeg&Expires=1616865000&Signature=abc%3D",
            {"Content-Type": "image/jpeg"},
        ),
        answer=xml_answer(403, "SignatureDoesNotMatch", NO_MATCH, v2),
    )
    nginx = (
        "<StringToSign>GET\n\n\n\nx-amz-date:Mon, 20 Jul 2015 20:35:44 GMT\n/bucket/photo.jpg</StringToSign>"
    )
    yield thread(
        "FAIL-51",
        "anomalizer/ngx_aws_auth#17",
        "Signature Version 2 of an nginx module",
        LIST,
        unsigned(
            "GET",
            "https://b.s3.amazonaws.com/photo.jpg",
            {"Authorization": "AWS AKIDEXAMPLE:abc=", "x-amz-date": "Mon, 20 Jul 2015 20:35:44 GMT"},
        ),
        answer=xml_answer(403, "SignatureDoesNotMatch", NO_MATCH, nginx),
    )
    iot = Case(
        "GET",
        "https://x-ats.iot.us-east-1.amazonaws.com/mqtt",
        service="iotdevicegateway",
        token="T/K=",
        expires=900,
    )
    yield thread(
        "FAIL-24",
        "mhart/aws4#30",
        "the token of an IoT URL was signed",
        iot,
        answer="HTTP/1.1 403 Forbidden\n\n",
    )
