"""Faults from public threads: bodies, their hashes, and signed texts that differ from the sent ones. One table."""

from __future__ import annotations

import base64
import gzip
import hashlib
from collections.abc import Iterator

from .answers import REFUSED, S3_REFUSED, xml_answer
from .broken_signer import Case, both, line, path, swap
from .fault import EMPTY, GATEWAY, Fault, get, minio, s3, thread
from .on_the_way import authorization, header, member


def bodies() -> Iterator[Fault]:
    sha = hashlib.sha256(b"x").hexdigest()
    upload = minio(method="PUT", body=b"x")
    trailer = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
    trailed = {"X-Amz-Trailer": "x-amz-checksum-crc32", "X-Amz-Sdk-Checksum-Algorithm": "CRC32"}
    streamed = minio(method="PUT", body=b"x", headers=trailed)

    def literal(text: str) -> str:
        return text.replace(sha, trailer)

    declare = header("X-Amz-Content-SHA256", trailer)
    yield thread(
        "FAIL-59",
        "seaweedfs/seaweedfs#6517",
        "the server does not know checksums in a trailer",
        streamed,
        declare,
        canonical=literal,
        answer=S3_REFUSED,
        secret_known=False,
    )
    yield thread(
        "FAIL-59",
        "storj/gateway-st#89",
        "the server does not know checksums in a trailer, and answers that Content-Length is missing",
        streamed,
        declare,
        canonical=literal,
        answer=xml_answer(411, "MissingContentLength", "You must provide the Content-Length HTTP header."),
    )
    yield thread(
        "FAIL-59",
        "s3s-project/s3s#328",
        "the server does not know checksums in a trailer, and answers that the hash is wrong",
        streamed,
        declare,
        canonical=literal,
        answer=xml_answer(400, "XAmzContentSHA256Mismatch", "invalid header: x-amz-content-sha256"),
    )
    yield thread(
        "FAIL-34",
        "aws/aws-sdk-java-v2#3807",
        "the hash of the body in Base64",
        upload,
        header("X-Amz-Content-SHA256", base64.b64encode(bytes.fromhex(sha)).decode()),
        canonical=lambda text: text.replace(sha, base64.b64encode(bytes.fromhex(sha)).decode()),
        answer=S3_REFUSED,
    )
    yield thread(
        "FAIL-36",
        "aws/aws-cli#2243",
        "x-amz-content-sha256 is not sent",
        Case("PUT", "https://s3.example.com/b/a.txt", {"Content-Type": "text/plain"}, b"x", service="s3"),
        header("X-Amz-Content-SHA256", None),
        authorization("x-amz-content-sha256;", ""),
        answer=S3_REFUSED,
        secret_known=False,
    )
    search = Case(
        "GET",
        "https://search-x.us-east-1.es.amazonaws.com/_search",
        {"Content-Type": "application/json"},
        b'{"size": 1}',
        service="es",
    )
    yield thread(
        "FAIL-33",
        "aws/aws-sdk-js-v3#2996",
        "a GET with a body, which was hashed as empty",
        search,
        canonical=swap(hashlib.sha256(search.body).hexdigest(), EMPTY),
        answer=REFUSED,
    )
    yield thread(
        "FAIL-33",
        "aws/aws-sdk-js-v3#2996",
        "a GET whose body the proxy dropped",
        search,
        answer=REFUSED,
    )
    yield thread(
        "FAIL-32",
        "mhart/aws4#110",
        "the JSON was written again after it was signed",
        Case(
            "POST",
            f"https://{GATEWAY}/prod/pets",
            {"Content-Type": "application/json"},
            b'{"a":1,"b":"c"}',
            service="execute-api",
        ),
        member("body", lambda body: b'{"a": 1, "b": "c"}'),
        answer=REFUSED,
    )


def texts() -> Iterator[Fault]:
    functions = get("/2015-03-31/functions/?MasterRegion=eu-west-1")
    yield thread(
        "FAIL-13",
        "soto-project/soto#375",
        "the library took the final '/' off the path before it signed",
        functions,
        canonical=path("functions/", "functions"),
        answer=REFUSED,
    )
    arn = Case(
        "POST",
        "https://lambda.us-east-1.amazonaws.com/2015-03-31/functions/arn:aws:lambda:us-east-1:123456789012:function:f/invocations",
        body=b"{}",
        service="lambda",
    )
    yield thread(
        "FAIL-05",
        "rusoto/rusoto#1035",
        "the ':' of an ARN left raw in the signed path",
        arn,
        canonical=line(1, lambda text: text.replace("%3A", ":")),
        answer=REFUSED,
    )
    spaced = get("/?q=a%20b%2Cc", "lambda", "x.lambda-url.us-east-1.on.aws")
    yield thread(
        "FAIL-12",
        "apache/apisix#11097",
        "the query was signed decoded",
        spaced,
        canonical=line(2, lambda text: text.replace("%20", " ").replace("%2C", ",")),
        answer=REFUSED,
    )
    joined = get("/a?parameter1=test", "lambda", "x.lambda-url.us-east-1.on.aws")
    yield thread(
        "FAIL-39",
        "aws-samples/aws-lambda-function-url-secured#26",
        "the query was signed as a part of the path",
        joined,
        canonical=both(line(1, lambda text: "/a?parameter1=test"), line(2, lambda text: "")),
        answer=REFUSED,
    )
    connections = Case(
        "POST",
        "https://d111.cloudfront.net/@connections/OoJBxe3PywMCHWA%3D",
        body=b"{}",
        service="execute-api",
    )
    yield thread(
        "FAIL-44",
        "michalkvasnicak/aws-lambda-graphql#171",
        "CloudFront in front of API Gateway: another host and a stage",
        connections,
        echoed=both(swap("host:d111.cloudfront.net", f"host:{GATEWAY}"), line(1, lambda text: f"/dev{text}")),
    )
    ranged = s3("/user_data.json", headers={"Accept-Encoding": "identity", "Range": "bytes=0-5"})
    yield thread(
        "FAIL-16",
        "mhart/aws4fetch#39",
        "the worker's runtime put another Accept-Encoding",
        ranged,
        echoed=swap("accept-encoding:identity", "accept-encoding:gzip, identity"),
    )
    bulk = Case(
        "POST",
        "https://x.eu-west-3.es.amazonaws.com/_bulk?timeout=1m",
        {"Content-Type": "application/json"},
        b'{"index":{}}\n{"a":1}\n',
        service="es",
        region="eu-west-3",
    )
    squeezed = gzip.compress(bulk.body, mtime=0)
    yield thread(
        "FAIL-32",
        "amazon-archives/aws-request-signing-apache-interceptor#10",
        "the body was compressed after it was signed",
        bulk,
        member("body", lambda body: squeezed),
        header("Content-Encoding", "gzip"),
        answer=REFUSED,
    )
    empty = Case(
        "POST",
        "https://runtime.sagemaker.us-east-1.amazonaws.com/endpoints/e/invocations",
        {"X-Amz-Content-SHA256": EMPTY, "Accept": "application/json"},
        b'{"my": "payload"}',
        service="sagemaker",
    )
    yield thread(
        "FAIL-32",
        "arnemolland/sigv4#13",
        "the hash of an empty body was sent with a body",
        empty,
        answer=REFUSED,
    )
    gross = s3("/x", "PUT", headers={"X-Amz-Meta-Filename": "groß.jpg"}, body=b"x")
    yield thread(
        "FAIL-22",
        "aws/aws-sdk-js#820",
        "metadata outside ASCII: UTF-8 signed, Latin-1 sent",
        gross,
        header("X-Amz-Meta-Filename", "base64:" + base64.b64encode("groß.jpg".encode("latin-1")).decode()),
        answer=S3_REFUSED,
    )
    silk = s3("/x", "PUT", headers={"X-Amz-Meta-Name": "72  20260922.pdf"}, body=b"x")
    yield thread(
        "FAIL-20",
        "devlikeapro/waha#2279",
        "two spaces of a metadata value were signed without collapsing",
        silk,
        canonical=swap("72 2026", "72  2026"),
        answer=S3_REFUSED,
    )
