"""Faults from public threads: names of services, and headers that services require. One table."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from .answers import NO_MATCH_IN_FULL, REFUSED, json_answer, resource, rest_answer, xml_answer
from .broken_signer import SECRET, Case, path
from .fault import BODY, EMPTY, JSON, LIST, Fault, get, minio, r2, s3, thread
from .on_the_way import header, member, unsigned


def services() -> Iterator[Fault]:
    def scoped(service: str, host: str, wanted: str, where: str) -> Fault:
        message = f"Credential should be scoped to correct service: '{wanted}'. "
        return thread(
            "FAIL-28",
            where,
            f"signed for {service!r}",
            Case("POST", f"https://{host}.us-east-1.amazonaws.com/", JSON, BODY, service=service),
            answer=json_answer("InvalidSignatureException", message),
        )

    yield scoped("es", "batch", "batch", "cllunsford/aws-signing-proxy#25")
    yield scoped("emr", "elasticmapreduce", "elasticmapreduce", "aws/aws-sdk-ruby#431")
    yield scoped("data.mediastore", "data.mediastore", "mediastore", "aws/aws-sdk-go#1850")
    yield scoped("cloudhsmv2", "cloudhsmv2", "cloudhsm", "aws/aws-sdk-go#1745")
    yield scoped("runtime.lex", "runtime.lex", "lex", "pplu/aws-sdk-perl#215")
    yield scoped("autoscaling", "application-autoscaling", "application-autoscaling", "aws/aws-sdk-go-v2#163")
    lattice = get(
        "/", "vpc-lattice-svcs", "x-1.7d67968.vpc-lattice-svcs.us-west-2.on.aws", region="us-west-2"
    )
    yield thread(
        "FAIL-36",
        "awslabs/aws-sigv4-proxy#116",
        "the hash header is missing, which VPC Lattice requires",
        lattice,
        answer=rest_answer(
            "IncompleteSignatureException", "Missing the 'x-amz-content-sha256' in canonical headers"
        ),
    )
    aoss = Case(
        "GET", "https://x.us-west-2.aoss.amazonaws.com/_cat/indices", service="aoss", region="us-west-2"
    )
    yield thread(
        "FAIL-36",
        "mhart/aws4#169",
        "the hash header is missing, which OpenSearch Serverless requires",
        aoss,
        answer="HTTP/1.1 403 Forbidden\nX-Aoss-Response-Hint: X01:gw-helper-deny\n\nForbidden",
    )
    trailer = minio(
        "/demo/install",
        "PUT",
        body=b"",
        headers={
            "X-Amz-Trailer": "x-amz-checksum-crc64nvme",
            "Content-Encoding": "aws-chunked",
            "X-Amz-Decoded-Content-Length": "1",
        },
    )
    unsigned_trailer = (
        trailer,
        header("X-Amz-Content-SHA256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
        member("body", lambda body: b"1\r\nx\r\n0\r\nx-amz-checksum-crc64nvme:AAAAAAAAAAA=\r\n\r\n"),
    )
    signed_as: dict[str, Any] = {
        "canonical": lambda text: text.replace(EMPTY, "STREAMING-UNSIGNED-PAYLOAD-TRAILER")
    }
    yield thread(
        "FAIL-59",
        "s3s-project/s3s#328",
        "the server does not know trailers",
        *unsigned_trailer,
        answer=xml_answer(400, "XAmzContentSHA256Mismatch", "invalid header: x-amz-content-sha256"),
        **signed_as,
    )
    yield thread(
        "FAIL-59",
        "seaweedfs/seaweedfs#6517",
        "the server does not know trailers, and answers that the signature does not match",
        *unsigned_trailer,
        answer=resource("/demo/install"),
        **signed_as,
    )
    yield thread(
        "FAIL-59",
        "storj/gateway-st#89",
        "the server does not know trailers, and answers that Content-Length is missing",
        *unsigned_trailer,
        answer=xml_answer(411, "MissingContentLength", "You must provide the Content-Length HTTP header."),
        **signed_as,
    )
    b2 = Case(
        "PUT",
        "https://s3.us-west-001.backblazeb2.com/b/a",
        {"x-amz-checksum-sha256": "x" * 43 + "=", "x-amz-sdk-checksum-algorithm": "SHA256"},
        b"x",
        service="s3",
        region="us-west-001",
    )
    yield thread(
        "FAIL-59",
        "io7m-com/exfilac#35",
        "the server does not know checksum headers",
        b2,
        answer=xml_answer(
            400, "InvalidArgument", "Unsupported header 'x-amz-checksum-sha256' received for this API call."
        ),
    )
    streamed = r2("/b/a", {"Content-Encoding": "aws-chunked", "X-Amz-Decoded-Content-Length": "1"})
    yield thread(
        "FAIL-35",
        "Kyrodan/KeeAnywhere#424",
        "the server does not accept signed chunks",
        streamed,
        header("X-Amz-Content-SHA256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"),
        answer=xml_answer(501, "NotImplemented", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD not implemented"),
        canonical=lambda text: text.replace(EMPTY, "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"),
    )
    md5 = s3("/x", "PUT", body=b"x"), header("X-Amz-Content-SHA256", "tjnVEQ5UTP/DL91eAGOmew==")
    yield thread(
        "FAIL-34",
        "irods/irods_resource_plugin_s3#1833",
        "an MD5 sum in place of the hash",
        *md5,
        answer=xml_answer(
            400,
            "InvalidArgument",
            "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, or a valid sha256 value.",
        ),
    )


def clients_of_services() -> Iterator[Fault]:
    hashless = (
        "HTTP/1.1 403 Forbidden\nx-amzn-errortype: InvalidSignatureException\nVia: 1.1 abc.cloudfront.net (CloudFront)\nX-Cache: Error from cloudfront\n\n"
        + json.dumps({"message": NO_MATCH_IN_FULL})
    )
    typo = {"Host": "console.example.com", "x-content-sha256": "ab" * 32, "Content-Type": "application/json"}
    yield thread(
        "FAIL-54",
        "minorun365/html-share#4",
        "the name of the hash header has a typing error",
        LIST,
        unsigned("POST", "/api/pairings/claim", typo, b'{"code":1}'),
        answer=hashless,
    )
    yield thread(
        "FAIL-54",
        "cdklabs/cdk-nextjs#87",
        "the hash of the body is missing, which CloudFront requires",
        LIST,
        unsigned("POST", "/", {"Host": "d1.cloudfront.net", "Content-Type": "text/plain"}, b"[]"),
        answer=hashless,
    )
    valid = "<ErrorResponse><Error><Type>Sender</Type><Code>SignatureDoesNotMatch</Code><Message>Credential should be scoped to a valid region, not 'ap-southeast-2'. </Message></Error></ErrorResponse>"
    role = get("/?Action=AssumeRole", "sts", "sts.amazonaws.com", region="ap-southeast-2")
    yield thread(
        "FAIL-27",
        "cognitect-labs/aws-api#27",
        "the global host of STS, signed for another region",
        role,
        answer=f"HTTP/1.1 403 Forbidden\nContent-Type: text/xml\n\n{valid}",
    )
    query = Case(
        "POST",
        "https://x.appsync-api.us-east-1.amazonaws.com/graphql",
        {"Content-Type": "application/json"},
        b'{"query":"x"}',
        service="appsync",
    )
    yield thread(
        "FAIL-13",
        "aws/aws-sdk-java#2583",
        "a '/' was added to the end of the path before it was signed",
        query,
        canonical=path("/graphql", "/graphql/"),
        answer=REFUSED,
    )
    yield thread(
        "FAIL-39",
        "aws/aws-sdk-js-v3#3530",
        "the path was signed without its first '/'",
        query,
        canonical=path("/graphql", "graphql"),
        answer=REFUSED,
    )
    table = Case(
        "POST",
        "https://dynamodb.us-east-2.amazonaws.com/",
        {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "DynamoDB_20120810.Query"},
        b"{}",
        service="dynamodb",
        region="us-east-2",
    )
    yield thread(
        "FAIL-19",
        "jonsaw/amazon-cognito-identity-dart#41",
        "Dart's http added a charset",
        table,
        header("Content-Type", "application/x-amz-json-1.0; charset=utf-8"),
        answer=REFUSED,
    )
    yield thread(
        "FAIL-25",
        "aws/aws-cli#6751",
        "the plus of the secret became a space",
        LIST,
        secret=SECRET.replace("+", " "),
        answer=REFUSED,
    )
    yield thread(
        "FAIL-25",
        "nabsul/k8s-ecr-login-renew#58",
        "the slash of the secret was lost",
        LIST,
        secret=SECRET.replace("/", ""),
        answer=REFUSED,
    )
