"""Faults from public threads: paths, queries and keys of objects. One table."""

from __future__ import annotations

from collections.abc import Iterator

from .answers import NO_MATCH, REFUSED, S3_REFUSED, xml_answer
from .broken_signer import Case, both, line, path, swap
from .fault import EMPTY, Fault, get, s3, thread
from .on_the_way import member, target


def paths_and_queries() -> Iterator[Fault]:
    model = "/model/anthropic.claude-3-sonnet-20240229-v1%3A0/invoke"
    bedrock = Case(
        "POST",
        f"https://bedrock-runtime.us-east-1.amazonaws.com{model}",
        {"Content-Type": "application/json"},
        b'{"a": 1}',
        service="bedrock",
    )
    yield thread(
        "FAIL-01",
        "tontinton/maki#212",
        "a Bedrock model id with ':', encoded once",
        bedrock,
        canonical=path("%253A", "%3A"),
        answer=REFUSED,
    )
    yield thread(
        "FAIL-01",
        "OneUptime/oneuptime#3099",
        "the ARN of an inference profile, encoded once",
        get(
            "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Ainference-profile%2Fx/converse",
            "bedrock",
        ),
        canonical=line(1, lambda text: text.replace("%25", "%")),
        answer=REFUSED,
    )
    yield thread(
        "FAIL-02",
        "alibaba/higress#2396",
        "the gateway escaped the path again; the server shows it",
        bedrock,
        echoed=path("%253A", "%25253A"),
        secret_known=False,
    )
    yield thread(
        "FAIL-03",
        "aws/aws-sdk-go-v2#833",
        "an S3 key with a space, escaped twice",
        s3("/my%20file.txt"),
        canonical=path("%20", "%2520"),
        answer=S3_REFUSED,
    )
    yield thread(
        "FAIL-04",
        "r-lib/httr2#843",
        "'%2F' of an ARN decoded by the URL parser",
        get("/tags/a%2Fb"),
        canonical=path("%252F", "/"),
        answer=REFUSED,
    )
    yield thread(
        "FAIL-05",
        "aws/aws-sdk-js-v3#5797",
        "'(' and ')' of a key left raw",
        s3("/report%20%281%29.pdf"),
        canonical=line(1, both(swap("%28", "("), swap("%29", ")"))),
        answer=S3_REFUSED,
    )
    yield thread(
        "FAIL-06",
        "rustyconover/net-amazon-s3#64",
        "'~' of a key escaped",
        s3("/~backup/a"),
        canonical=path("~", "%7E"),
        answer=S3_REFUSED,
    )
    yield thread(
        "FAIL-08",
        "s3tools/s3cmd#780",
        "a space of a prefix signed as '+'",
        s3("/?prefix=my%20folder"),
        canonical=line(2, swap("%20", "+")),
        answer=S3_REFUSED,
    )
    yield thread(
        "FAIL-09",
        "curl/curl#20543",
        "a plus of the query signed as a space",
        get("/?filter=a%2Bb", "es"),
        canonical=line(2, swap("%2B", "%20")),
        answer=REFUSED,
    )
    yield thread(
        "FAIL-09",
        "mhart/aws4#115",
        "'%2B' of an S3 key signed as a space",
        s3("/a%2Bb.txt"),
        canonical=path("%2B", "%20"),
        answer=S3_REFUSED,
    )
    yield thread(
        "FAIL-10",
        "mhart/aws4#103",
        "the query sorted as joined strings",
        get("/?list-type=2&list=1"),
        canonical=line(2, lambda text: "list-type=2&list=1"),
        answer=REFUSED,
    )
    yield thread(
        "FAIL-11",
        "xcir/libvmod-awsrest#24",
        "'?uploads' signed without '='",
        s3("/big?uploads", "POST"),
        canonical=line(2, swap("uploads=", "uploads")),
        answer=S3_REFUSED,
    )
    yield thread(
        "FAIL-12",
        "curl/curl#11794",
        "'/' and ':' of a query value left raw",
        get("/sparql?query=http%3A%2F%2Fx", "neptune-db"),
        canonical=line(2, lambda text: text.replace("%3A", ":").replace("%2F", "/")),
        answer=REFUSED,
    )
    yield thread(
        "FAIL-13",
        "tedder/requests-aws4auth#31",
        "the library merged the '//' of a key before it signed",
        s3("/a//b"),
        canonical=path("//", "/"),
        answer=S3_REFUSED,
    )
    yield thread(
        "FAIL-13",
        "aws/aws-sdk-java-v2#3534",
        "the '//' of a key merged after it was signed",
        s3("/folder//file"),
        target("//", "/"),
        answer=S3_REFUSED,
    )


def keys_of_objects() -> Iterator[Fault]:
    yield thread(
        "FAIL-09",
        "durch/rust-s3#148",
        "the S3 key is sent with a raw plus sign and signed with an escaped one",
        s3("/%2Baskhn", "PUT", body=b"x"),
        target("%2B", "+"),
        answer=S3_REFUSED,
    )
    yield thread(
        "FAIL-03",
        "agilord/aws_client#402",
        "the ':' of a key escaped twice",
        s3("/test%3Afile.json"),
        canonical=path("%3A", "%253A"),
        answer=S3_REFUSED,
    )
    yield thread(
        "FAIL-05",
        "TTLabs/EvaporateJS#222",
        "parentheses of a key left raw",
        s3("/a%20%281%29.txt", "PUT", body=b"x"),
        canonical=line(1, both(swap("%28", "("), swap("%29", ")"))),
        answer=S3_REFUSED,
    )
    yield thread(
        "FAIL-05",
        "rlmcpherson/s3gof3r#110",
        "the ':' of a key left raw",
        s3("/v0/2%3Aabcde"),
        canonical=path("%3A", ":"),
        answer=S3_REFUSED,
    )
    one_line = f"GET /libstdc%20%20-docs.x86_64.rpm host:examplebucket.s3.us-east-1.amazonaws.com x-amz-content-sha256:{EMPTY} x-amz-date:20260304T050607Z host;x-amz-content-sha256;x-amz-date {EMPTY}"
    yield thread(
        "FAIL-09",
        "anomalizer/ngx_aws_auth#87",
        "nginx read '+' as a space; the answer as a browser shows it, on one line",
        s3("/libstdc%2B%2B-docs.x86_64.rpm"),
        answer=xml_answer(
            403, "SignatureDoesNotMatch", NO_MATCH, f"<CanonicalRequest> {one_line} </CanonicalRequest>"
        ),
    )
    yield thread(
        "FAIL-05",
        "aws/aws-sdk-js#147",
        "an apostrophe left raw in a URL",
        s3("/owl-white%27.png", expires=900),
        canonical=path("%27", "'"),
        answer=S3_REFUSED,
    )
    download = s3("/a.jpg", "PUT", expires=900), member("method", lambda method: "GET")
    yield thread(
        "FAIL-40",
        "aws/aws-sdk-js#86",
        "a URL for an upload, used for a download",
        *download,
        answer=S3_REFUSED,
    )
