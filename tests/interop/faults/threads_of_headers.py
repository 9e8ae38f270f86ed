"""Faults from public threads: headers. One table."""

from __future__ import annotations

import base64
from collections.abc import Iterator

from .answers import MISMATCH, REFUSED, S3_REFUSED, json_answer
from .broken_signer import Case, swap
from .fault import GATEWAY, LIST, Fault, s3, thread
from .on_the_way import header


def headers() -> Iterator[Fault]:
    typed = Case(
        "POST",
        f"https://{GATEWAY}/prod/pets",
        {"Content-Type": "application/json"},
        b'{"a":1}',
        service="execute-api",
    )
    yield thread(
        "FAIL-19",
        "mhart/aws4#95",
        "axios replaced the Content-Type",
        typed,
        header("Content-Type", "application/json;charset=utf-8"),
        answer=REFUSED,
    )
    form = Case(
        "POST",
        f"https://{GATEWAY}/prod/pets",
        {"Content-Type": "multipart/form-data"},
        b"--x--",
        service="execute-api",
    )
    yield thread(
        "FAIL-19",
        "postmanlabs/postman-app-support#1663",
        "multipart/form-data was signed without its boundary",
        form,
        header("Content-Type", "multipart/form-data; boundary=x"),
        answer=REFUSED,
    )
    yield thread(
        "FAIL-19",
        "arnemolland/sigv4#18",
        "Dart's http added a charset",
        LIST,
        header("Content-Type", "application/x-amz-json-1.1; charset=utf-8"),
        answer=json_answer("InvalidSignatureException", MISMATCH),
    )
    noted = s3("/x", "PUT", headers={"X-Amz-Meta-Title": "two  spaces"}, body=b"x")
    yield thread(
        "FAIL-20",
        "fog/fog-aws#160",
        "two spaces of a metadata value kept",
        noted,
        canonical=swap("two spaces", "two  spaces"),
        answer=S3_REFUSED,
    )
    yield thread(
        "FAIL-20",
        "aws/aws-sdk-ruby#2758",
        "the server's canonical request shows that the spaces were collapsed",
        noted,
        canonical=swap("two spaces", "two  spaces"),
        echoed=swap("two  spaces", "two spaces"),
    )
    latin = s3("/x", "PUT", headers={"X-Amz-Meta-Name": "caf\xe9"}, body=b"x")
    yield thread(
        "FAIL-22",
        "minio/minio-py#764",
        "metadata outside ASCII: UTF-8 signed, Latin-1 sent",
        latin,
        header("X-Amz-Meta-Name", "base64:" + base64.b64encode(b"caf\xe9").decode()),
        answer=S3_REFUSED,
    )
    yield thread(
        "FAIL-37",
        "cockpit-project/bots#3405",
        "the names of the signed headers in upper case",
        s3("/x"),
        canonical=swap("host;x-amz-content-sha256;x-amz-date", "Host;X-Amz-Content-SHA256;X-Amz-Date"),
        answer=S3_REFUSED,
    )
    sized = Case("GET", f"https://{GATEWAY}/prod/pets", {"Content-Length": "0"}, service="execute-api")
    yield thread(
        "FAIL-48",
        "http4k/http4k#1048",
        "Content-Length signed as empty",
        sized,
        canonical=swap("content-length:0", "content-length:"),
        answer=REFUSED,
    )
    yield thread(
        "FAIL-48",
        "aws/aws-sdk-js#86",
        "Content-Length signed as -1",
        s3("/x", "PUT", headers={"Content-Length": "1"}, body=b"x"),
        canonical=swap("content-length:1", "content-length:-1"),
        answer=S3_REFUSED,
    )
    yield thread(
        "FAIL-43",
        "AnWeber/httpyac#769",
        "the signed date header was not sent",
        LIST,
        header("X-Amz-Date", None),
        answer=json_answer(
            "IncompleteSignatureException",
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. Authorization=AWS4-HMAC-SHA256",
        ),
        secret_known=False,
    )
