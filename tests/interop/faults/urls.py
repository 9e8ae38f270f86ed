"""The faults of paths, queries and presigned URLs. One table."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from .broken_signer import TOKEN, Case, both, line, path, swap
from .fault import ARN, ENDPOINT, JSON, LIST, Fault, fault, get, s3
from .on_the_way import header, member, target


def paths() -> Iterator[Fault]:
    yield fault(
        "FAIL-01",
        "an ARN in the path, encoded once",
        get(ARN),
        canonical=line(1, lambda path: path.replace("%25", "%")),
    )
    yield fault(
        "FAIL-01",
        "a Bedrock model id with ':', encoded once",
        get("/model/amazon.titan-text-v1%3A0/invoke", "bedrock"),
        canonical=path("%253A", "%3A"),
    )
    yield fault(
        "FAIL-02",
        "the HTTP library escaped the path again",
        get("/tags/a%3Ab"),
        target("%3A", "%253A"),
    )
    yield fault(
        "FAIL-02",
        "the path is signed three times encoded",
        get("/tags/a%3Ab"),
        canonical=path("%253A", "%25253A"),
    )
    yield fault(
        "FAIL-02",
        "no secret is known: the server's canonical request shows that the path was escaped again",
        get("/tags/a%3Ab"),
        echoed=path("%253A", "%25253A"),
        secret_known=False,
    )
    yield fault(
        "FAIL-03",
        "an S3 key with a space, encoded twice",
        s3("/a%20b.txt"),
        canonical=path("%20", "%2520"),
    )
    yield fault(
        "FAIL-03",
        "an S3 key with a plus, encoded twice",
        s3("/a%2Bb//c"),
        canonical=line(1, lambda path: path.replace("%2B", "%252B").replace("//", "/")),
    )
    yield fault(
        "FAIL-04",
        "'%2F' within a segment decoded by a URL parser",
        get("/functions/a%2Fb/policy"),
        canonical=path("%252F", "/"),
    )
    yield fault(
        "FAIL-05",
        "parentheses left raw, as encodeURIComponent does",
        get("/tags/report%20(1)"),
        canonical=line(1, both(swap("%28", "("), swap("%29", ")"))),
    )
    yield fault("FAIL-05", "S3: '$' left raw", s3("/test%24file.text"), canonical=path("%24", "$"))
    yield fault(
        "FAIL-05",
        "S3: '!' and \"'\" left raw",
        s3("/it%27s%21"),
        canonical=line(1, both(swap("%27", "'"), swap("%21", "!"))),
    )
    yield fault("FAIL-06", "'~' escaped in an S3 key", s3("/~user/x"), canonical=path("~", "%7E"))
    yield fault("FAIL-06", "'~' escaped in the path", get("/tags/~a"), canonical=path("~", "%7E"))
    yield fault(
        "FAIL-06", "'~' escaped in the query", get("/?marker=~a"), canonical=line(2, swap("~", "%7E"))
    )
    yield fault(
        "FAIL-07",
        "S3: lower-case escapes as sent",
        s3("/a%3Ab%2Cc"),
        canonical=line(1, both(swap("%3A", "%3a"), swap("%2C", "%2c"))),
    )
    yield fault(
        "FAIL-07",
        "lower-case escapes sent, upper-case ones signed",
        get("/tags/a%3ab"),
        canonical=path("%253a", "%253A"),
    )
    yield fault(
        "FAIL-13",
        "S3 key with '//' normalized by the library",
        s3("/a//b/./c"),
        canonical=line(1, lambda path: "/a/b/c"),
    )
    yield fault(
        "FAIL-13",
        "dot segments not normalized by the signer",
        get("/tags/./x/../y"),
        canonical=line(1, lambda path: "/tags/./x/../y"),
    )
    yield fault(
        "FAIL-44",
        "API Gateway: the custom domain added the stage",
        get("/prod/pets", "execute-api", "abc.execute-api.us-east-1.amazonaws.com"),
        canonical=path("/prod/pets", "/pets"),
    )
    yield fault(
        "FAIL-44",
        "API Gateway: the stage was taken off",
        get("/prod/pets", "execute-api", "abc.execute-api.us-east-1.amazonaws.com"),
        target("/prod", ""),
    )


def queries() -> Iterator[Fault]:
    yield fault("FAIL-08", "a space signed as '+'", get("/?q=a%20b"), canonical=line(2, swap("%20", "+")))
    yield fault(
        "FAIL-08",
        "S3 prefix with a space signed as '+'",
        s3("/?prefix=a%20b"),
        canonical=line(2, swap("%20", "+")),
    )
    yield fault(
        "FAIL-09",
        "a plus sign in a query value, signed as a space",
        get("/?q=a%2Bb"),
        canonical=line(2, swap("%2B", "%20")),
    )
    yield fault(
        "FAIL-09", "a plus sign was sent raw and signed escaped", get("/?q=a%2Bb"), target("%2B", "+")
    )
    yield fault("FAIL-09", "S3 key: '%2B' signed as a space", s3("/a%2Bb"), canonical=path("%2B", "%20"))
    yield fault(
        "FAIL-10",
        "the query not sorted",
        get("/?b=1&a=2&c=3"),
        canonical=line(2, lambda query: "b=1&a=2&c=3"),
    )
    yield fault(
        "FAIL-10",
        "the parameters were sorted as strings name=value",
        get("/?Param=2&Param-3=3"),
        canonical=line(2, lambda query: "Param-3=3&Param=2"),
    )
    yield fault(
        "FAIL-10",
        "the parameters were sorted before they were encoded",
        get("/?%E1%88%B4=1&Param=2"),
        canonical=line(2, lambda query: "Param=2&%E1%88%B4=1"),
    )
    yield fault(
        "FAIL-10",
        "repeated names not sorted by value",
        get("/?a=2&a=1"),
        canonical=line(2, lambda query: "a=2&a=1"),
    )
    yield fault("FAIL-11", "'?acl' signed without '='", s3("/?acl"), canonical=line(2, swap("acl=", "acl")))
    yield fault(
        "FAIL-11",
        "parameters with empty values were dropped",
        s3("/?uploads&prefix=a"),
        canonical=line(2, lambda query: "prefix=a"),
    )
    yield fault(
        "FAIL-12",
        "a '/' left raw in a query value",
        s3("/?prefix=a%2Fb"),
        canonical=line(2, swap("%2F", "/")),
    )
    yield fault(
        "FAIL-12", "a ':' left raw in a query value", get("/?arn=a%3Ab"), canonical=line(2, swap("%3A", ":"))
    )
    yield fault(
        "FAIL-12",
        "an '=' in a query value was encoded twice",
        get("/?q=a%3Db"),
        canonical=line(2, swap("%3D", "%253D")),
    )


def presigned_and_redirected() -> Iterator[Fault]:
    url = s3("/x.txt", expires=900)
    yield fault(
        "FAIL-40", "a URL signed for GET, used with HEAD", url, member("method", lambda method: "HEAD")
    )
    yield fault(
        "FAIL-40",
        "the query was written with '&amp;' in place of '&'",
        s3("/x.txt?response-content-type=a", expires=900),
        target("?response", "?amp;response"),
    )
    yield fault(
        "FAIL-40",
        "an x-amz-* header that was not signed",
        url,
        header("X-Amz-Acl", "public-read"),
        secret_known=False,
    )
    yield fault(
        "FAIL-23",
        "presigned: the token was added after signing",
        s3("/x.txt", expires=900),
        member(
            "target",
            lambda target: (
                f"{target}&X-Amz-Security-Token={TOKEN.replace('+', '%2B').replace('/', '%2F').replace('=', '%3D')}"
            ),
        ),
        token_known=TOKEN,
    )
    mqtt = Case(
        "GET",
        "https://x-ats.iot.us-east-1.amazonaws.com/mqtt",
        service="iotdevicegateway",
        token=TOKEN,
        expires=86400,
    )
    yield fault("FAIL-24", "IoT: the token was signed", mqtt)
    yield fault(
        "FAIL-41", "a presigned URL with an Authorization header", url, header("Authorization", "Bearer x")
    )
    yield fault(
        "FAIL-42",
        "a redirect with 302 turned a POST into a GET",
        Case("POST", f"{ENDPOINT}/", JSON),
        member("method", lambda method: "GET"),
    )
    moved = s3("/x")
    yield fault(
        "FAIL-42",
        "redirected to the bucket's region with the old signature",
        moved,
        header("Host", "examplebucket.s3.us-west-2.amazonaws.com"),
    )


def changed_urls() -> Iterator[Fault]:
    """Targets and times that were changed after they were signed."""
    url = s3("/x.txt", expires=900)
    for parameter in (
        "utm_source=mail",
        "versionId=3",
        "response-content-disposition=attachment",
        "fbclid=a%2Bb",
        "x-id=GetObject",
    ):
        yield fault(
            "FAIL-40",
            f"{parameter.partition('=')[0]} was added to a presigned URL",
            url,
            member("target", f"{{}}&{parameter}".format),
        )
    for seconds in ("3600", "86400", "604800"):
        yield fault(
            "FAIL-40",
            f"X-Amz-Expires was raised to {seconds}",
            url,
            member("target", swap("X-Amz-Expires=900", f"X-Amz-Expires={seconds}")),
        )
    yield fault(
        "FAIL-60",
        "two parameters were added",
        get("/tags?a=1"),
        member("target", lambda text: f"{text}&b=2&c=3"),
    )
    yield fault(
        "FAIL-13", "a '/' at the end was stripped", get("/tags/"), member("target", lambda text: "/tags")
    )
    yield fault(
        "FAIL-13", "a '/' at the end was added", get("/tags"), member("target", lambda text: "/tags/")
    )
    yield fault(
        "FAIL-13", "S3: '//' was merged on the way", s3("/a/b//c"), member("target", lambda text: "/a/b/c")
    )
    yield fault("FAIL-02", "a proxy wrote ':' for '%3A'", get("/tags/a%3Ab"), target("%3A", ":"))
    yield fault("FAIL-08", "a proxy wrote '+' for '%20'", get("/tags/a%20b"), target("%20", "+"))
    yield fault(
        "FAIL-43",
        "X-Amz-Date is a second later than the one that was signed",
        LIST,
        header("X-Amz-Date", "20260304T050608Z"),
    )
    yield fault(
        "FAIL-43",
        "a presigned URL: X-Amz-Date is two seconds later than the one that was signed",
        url,
        target("050607Z", "050609Z"),
    )
    upload = s3("/x", "PUT", body=b"abc")
    yield fault(
        "FAIL-35",
        "the hash was replaced by UNSIGNED-PAYLOAD",
        upload,
        header("X-Amz-Content-SHA256", "UNSIGNED-PAYLOAD"),
    )
    yield fault(
        "FAIL-39",
        "CR line ends in the canonical request",
        LIST,
        canonical=lambda text: text.replace("\n", "\r"),
    )
    yield fault(
        "FAIL-39",
        "the host in place of the path",
        get("/tags"),
        canonical=line(1, lambda path: "lambda.us-east-1.amazonaws.com"),
    )
    form = Case(
        "POST",
        "https://sts.us-east-1.amazonaws.com/",
        {"Content-Type": "application/x-www-form-urlencoded"},
        b"Action=x&Name=a+b%2Fc",
        service="sts",
    )
    raw = hashlib.sha256(b"Action=x&Name=a b/c").hexdigest()
    yield fault(
        "FAIL-32",
        "a form hashed before it was URL-encoded",
        form,
        canonical=swap(hashlib.sha256(form.body).hexdigest(), raw),
    )
