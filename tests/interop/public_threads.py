"""Refusals from public threads, rebuilt: the request, the answer, and the cause that the thread found.

Names, keys and hosts of people are replaced. ``build`` adds them to the corpus of ``tests.interop.faults``.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from typing import Any

from . import faults
from .faults import (
    BODY,
    EMPTY,
    ENDPOINT,
    JSON,
    KEY_ID,
    LIST,
    MISMATCH,
    NOW,
    SECRET,
    TOKEN,
    Arrived,
    Case,
    both,
    get,
    header,
    json_answer,
    line,
    member,
    rest_answer,
    s3,
    swap,
    unsigned,
    xml_answer,
)

GATEWAY = "abc123.execute-api.us-east-1.amazonaws.com"
NO_MATCH = f"{MISMATCH} Check your key and signing method."
S3_REFUSED = xml_answer(403, "SignatureDoesNotMatch", NO_MATCH)
REFUSED = rest_answer(
    "InvalidSignatureException",
    f"{MISMATCH} Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
)
MALFORMED = "The authorization header is malformed; "


def thread(
    id: str, where: str, notes: str, case: Case, *changes: Callable[[Arrived], None], **how: Any
) -> None:
    """One case; ``where`` is owner/repository#number."""
    repository, _, number = where.partition("#")
    faults.fault(id, notes, case, *changes, **how)
    faults.FAULTS[-1]["source"] = f"https://github.com/{repository}/issues/{number}"


def minio(
    target: str = "/bucket/a.txt", method: str = "GET", host: str = "minio.example.com", **more: Any
) -> Case:
    return Case(method, f"https://{host}{target}", service="s3", **more)


def path(old: str, new: str) -> Callable[[str], str]:
    return line(1, swap(old, new))


def authorization(old: str, new: str) -> Callable[[Arrived], None]:
    def changed(arrived: Arrived) -> None:
        arrived["headers"]["Authorization"] = swap(old, new)(arrived["headers"]["Authorization"])

    return changed


def target(old: str, new: str) -> Callable[[Arrived], None]:
    return member("target", swap(old, new))


def build() -> None:
    _paths_and_queries()
    _headers()
    _proxies()
    _credentials_and_scopes()
    _bodies()
    _presigned()
    _other()


def _paths_and_queries() -> None:
    model = "/model/anthropic.claude-3-sonnet-20240229-v1%3A0/invoke"
    bedrock = Case(
        "POST",
        f"https://bedrock-runtime.us-east-1.amazonaws.com{model}",
        {"Content-Type": "application/json"},
        b'{"a": 1}',
        service="bedrock",
    )
    thread(
        "FAIL-01",
        "tontinton/maki#212",
        "a Bedrock model id with ':', encoded once",
        bedrock,
        canonical=path("%253A", "%3A"),
        answer=REFUSED,
    )
    thread(
        "FAIL-01",
        "OneUptime/oneuptime#3099",
        "the same for an inference profile's ARN",
        get(
            "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Ainference-profile%2Fx/converse",
            "bedrock",
        ),
        canonical=line(1, lambda text: text.replace("%25", "%")),
        answer=REFUSED,
    )
    thread(
        "FAIL-02",
        "alibaba/higress#2396",
        "the gateway escaped the path again; the server shows it",
        bedrock,
        echoed=path("%253A", "%25253A"),
        secret_known=False,
    )
    thread(
        "FAIL-03",
        "aws/aws-sdk-go-v2#833",
        "an S3 key with a space, escaped twice",
        s3("/my%20file.txt"),
        canonical=path("%20", "%2520"),
        answer=S3_REFUSED,
    )
    thread(
        "FAIL-04",
        "r-lib/httr2#843",
        "'%2F' of an ARN decoded by the URL parser",
        get("/tags/a%2Fb"),
        canonical=path("%252F", "/"),
        answer=REFUSED,
    )
    thread(
        "FAIL-05",
        "aws/aws-sdk-js-v3#5797",
        "'(' and ')' of a key left raw",
        s3("/report%20%281%29.pdf"),
        canonical=line(1, both(swap("%28", "("), swap("%29", ")"))),
        answer=S3_REFUSED,
    )
    thread(
        "FAIL-06",
        "rustyconover/net-amazon-s3#64",
        "'~' of a key escaped",
        s3("/~backup/a"),
        canonical=path("~", "%7E"),
        answer=S3_REFUSED,
    )
    thread(
        "FAIL-08",
        "s3tools/s3cmd#780",
        "a space of a prefix signed as '+'",
        s3("/?prefix=my%20folder"),
        canonical=line(2, swap("%20", "+")),
        answer=S3_REFUSED,
    )
    thread(
        "FAIL-09",
        "curl/curl#20543",
        "a plus of the query signed as a space",
        get("/?filter=a%2Bb", "es"),
        canonical=line(2, swap("%2B", "%20")),
        answer=REFUSED,
    )
    thread(
        "FAIL-09",
        "mhart/aws4#115",
        "'%2B' of an S3 key signed as a space",
        s3("/a%2Bb.txt"),
        canonical=path("%2B", "%20"),
        answer=S3_REFUSED,
    )
    thread(
        "FAIL-10",
        "mhart/aws4#103",
        "the query sorted as joined strings",
        get("/?list-type=2&list=1"),
        canonical=line(2, lambda text: "list-type=2&list=1"),
        answer=REFUSED,
    )
    thread(
        "FAIL-11",
        "xcir/libvmod-awsrest#24",
        "'?uploads' signed without '='",
        s3("/big?uploads", "POST"),
        canonical=line(2, swap("uploads=", "uploads")),
        answer=S3_REFUSED,
    )
    thread(
        "FAIL-12",
        "curl/curl#11794",
        "'/' and ':' of a query value left raw",
        get("/sparql?query=http%3A%2F%2Fx", "neptune-db"),
        canonical=line(2, lambda text: text.replace("%3A", ":").replace("%2F", "/")),
        answer=REFUSED,
    )
    thread(
        "FAIL-13",
        "tedder/requests-aws4auth#31",
        "a key with '//', of which the library merged the slashes before it signed",
        s3("/a//b"),
        canonical=path("//", "/"),
        answer=S3_REFUSED,
    )
    thread(
        "FAIL-13",
        "aws/aws-sdk-java-v2#3534",
        "the '//' of a key merged after it was signed",
        s3("/folder//file"),
        target("//", "/"),
        answer=S3_REFUSED,
    )


def _headers() -> None:
    typed = Case(
        "POST",
        f"https://{GATEWAY}/prod/pets",
        {"Content-Type": "application/json"},
        b'{"a":1}',
        service="execute-api",
    )
    thread(
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
    thread(
        "FAIL-19",
        "postmanlabs/postman-app-support#1663",
        "multipart/form-data was signed without its boundary",
        form,
        header("Content-Type", "multipart/form-data; boundary=x"),
        answer=REFUSED,
    )
    thread(
        "FAIL-19",
        "arnemolland/sigv4#18",
        "Dart's http added a charset",
        LIST,
        header("Content-Type", "application/x-amz-json-1.1; charset=utf-8"),
        answer=json_answer("InvalidSignatureException", MISMATCH),
    )
    noted = Case(
        "PUT",
        "https://examplebucket.s3.us-east-1.amazonaws.com/x",
        {"X-Amz-Meta-Title": "two  spaces"},
        b"x",
        service="s3",
    )
    thread(
        "FAIL-20",
        "fog/fog-aws#160",
        "two spaces of a metadata value kept",
        noted,
        canonical=swap("two spaces", "two  spaces"),
        answer=S3_REFUSED,
    )
    thread(
        "FAIL-20",
        "aws/aws-sdk-ruby#2758",
        "the server's echo shows the spaces collapsed",
        noted,
        canonical=swap("two spaces", "two  spaces"),
        echoed=swap("two  spaces", "two spaces"),
    )
    latin = Case(
        "PUT",
        "https://examplebucket.s3.us-east-1.amazonaws.com/x",
        {"X-Amz-Meta-Name": "caf\xe9"},
        b"x",
        service="s3",
    )
    thread(
        "FAIL-22",
        "minio/minio-py#764",
        "metadata outside ASCII: UTF-8 signed, Latin-1 sent",
        latin,
        header("X-Amz-Meta-Name", "base64:" + base64.b64encode(b"caf\xe9").decode()),
        answer=S3_REFUSED,
    )
    thread(
        "FAIL-37",
        "cockpit-project/bots#3405",
        "the names of the signed headers in upper case",
        s3("/x"),
        canonical=swap("host;x-amz-content-sha256;x-amz-date", "Host;X-Amz-Content-SHA256;X-Amz-Date"),
        answer=S3_REFUSED,
    )
    sized = Case("GET", f"https://{GATEWAY}/prod/pets", {"Content-Length": "0"}, service="execute-api")
    thread(
        "FAIL-48",
        "http4k/http4k#1048",
        "Content-Length signed as empty",
        sized,
        canonical=swap("content-length:0", "content-length:"),
        answer=REFUSED,
    )
    thread(
        "FAIL-48",
        "aws/aws-sdk-js#86",
        "Content-Length signed as -1",
        Case(
            "PUT",
            "https://examplebucket.s3.us-east-1.amazonaws.com/x",
            {"Content-Length": "1"},
            b"x",
            service="s3",
        ),
        canonical=swap("content-length:1", "content-length:-1"),
        answer=S3_REFUSED,
    )
    thread(
        "FAIL-43",
        "AnWeber/httpyac#769",
        "the date header was not sent",
        LIST,
        header("X-Amz-Date", None),
        answer=json_answer(
            "IncompleteSignatureException",
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. Authorization=AWS4-HMAC-SHA256",
        ),
        secret_known=False,
    )


def _proxies() -> None:
    """Right as they were sent; what the server received was another request."""
    thread(
        "FAIL-15",
        "usnistgov/dioptra#347",
        "nginx in front of MinIO did not pass the Host on",
        minio(),
        answer=S3_REFUSED,
    )
    thread(
        "FAIL-15",
        "minio/minio#1315",
        "the same, without a region of its own",
        minio("/", host="storage.example.org"),
        answer=S3_REFUSED,
    )
    thread(
        "FAIL-15",
        "minio/minio#1315",
        "the same, as the server received it",
        minio(),
        header("Host", "minio:9000"),
        header("X-Forwarded-Host", "minio.example.com"),
        answer=S3_REFUSED,
    )
    thread(
        "FAIL-14",
        "minio/minio#8624",
        "nginx passed the Host on without its port ($host)",
        minio(host="minio.example.com:9443"),
        answer=S3_REFUSED,
    )
    thread(
        "FAIL-14",
        "tedder/requests-aws4auth#79",
        "the port was not signed",
        Case("GET", "https://search.example.com:9200/_search", service="es"),
        canonical=swap("search.example.com:9200", "search.example.com"),
        answer=REFUSED,
    )
    thread(
        "FAIL-14",
        "aws/aws-cli#2883",
        "the default port was signed",
        minio(host="minio.example.com"),
        canonical=swap("minio.example.com\n", "minio.example.com:443\n"),
        answer=S3_REFUSED,
    )
    shown = S3_REFUSED.replace("</Error>", "<Resource>/bucket/a.jpg</Resource></Error>")
    thread(
        "FAIL-44",
        "minio/minio#6546",
        "nginx took the prefix off the path: the answer shows the path that arrived",
        minio("/dash/store/bucket/a.jpg", host="files.example.com", expires=604800),
        answer=shown,
    )
    encoded = {"Accept-Encoding": "identity", "Amz-Sdk-Request": "attempt=1; max=3"}
    thread(
        "FAIL-16",
        "hashicorp/terraform#36412",
        "Cloudflare rewrote the signed Accept-Encoding",
        minio("/bucket?list-type=2", headers=encoded),
        answer=S3_REFUSED,
    )
    thread(
        "FAIL-16",
        "hashicorp/terraform#36412",
        "the same, as the server received it",
        minio("/bucket?list-type=2", headers=encoded),
        header("Accept-Encoding", "gzip"),
        answer=S3_REFUSED,
    )
    thread(
        "FAIL-16",
        "supabase/storage#729",
        "the same; no secret is known",
        minio("/bucket?list-type=2", headers=encoded),
        answer=S3_REFUSED,
        secret_known=False,
    )
    thread(
        "FAIL-16",
        "mhart/aws4fetch#77",
        "a header that the proxy adds was signed",
        Case(
            "GET",
            "https://abc.lambda-url.us-east-1.on.aws/",
            {"CF-Connecting-IP": "192.0.2.1"},
            service="lambda",
        ),
        header("CF-Connecting-IP", None),
        answer=REFUSED,
    )
    thread(
        "FAIL-16",
        "jetbridge/cdk-nextjs#265",
        "Via was signed",
        Case(
            "GET",
            "https://abc.lambda-url.us-east-1.on.aws/",
            {"Via": "2.0 x.cloudfront.net (CloudFront)"},
            service="lambda",
        ),
        answer=REFUSED,
    )
    thread(
        "FAIL-16",
        "minio/minio#5571",
        "nginx dropped headers with '.' in the name",
        minio(method="POST", headers={"X-Amz-Meta-User.xdg.origin.url": "https://example.com"}),
        answer=S3_REFUSED,
    )
    thread(
        "FAIL-18",
        "aws/mcp-proxy-for-aws#313",
        "Content-Length was signed, and chunked transfer replaced it",
        Case("POST", f"{ENDPOINT}/", {**JSON, "Content-Length": str(len(BODY))}, BODY),
        header("Content-Length", None),
        header("Transfer-Encoding", "chunked"),
        answer=json_answer("InvalidSignatureException", MISMATCH),
    )

    chunked = Case(
        "POST",
        "https://search-x.us-east-1.es.amazonaws.com/a/_doc",
        {"Transfer-Encoding": "chunked"},
        b"{}",
        service="es",
    )
    thread(
        "FAIL-18",
        "acm19/aws-request-signing-apache-interceptor#29",
        "Transfer-Encoding was signed",
        chunked,
        authorization("host;", "host;transfer-encoding;"),
        canonical=both(
            swap("\nx-amz-date:", "\ntransfer-encoding:chunked\nx-amz-date:"),
            swap("host;", "host;transfer-encoding;"),
        ),
        answer=REFUSED,
    )


def _credentials_and_scopes() -> None:
    thread(
        "FAIL-23",
        "mhart/aws4#33",
        "the token is the text 'X-Amz-Security-Token'",
        get("/prod", "execute-api", GATEWAY, token="X-Amz-Security-Token"),
        answer=REFUSED,
    )
    thread(
        "FAIL-23",
        "amzn/selling-partner-api-models#1101",
        "an empty token was sent and signed",
        get("/", "execute-api", "sellingpartnerapi-na.amazon.com"),
        header("X-Amz-Security-Token", ""),
        authorization("host;x-amz-date", "host;x-amz-date;x-amz-security-token"),
        answer=json_answer("InvalidSignature", MISMATCH),
    )
    thread(
        "FAIL-25",
        "RhinoSecurityLabs/pacu#137",
        "the secret was read with its line end",
        get("/"),
        secret=SECRET + "\n",
        answer=REFUSED,
    )
    thread(
        "FAIL-25",
        "aws/aws-cli#602",
        "the secret was read with quotes around it",
        get("/"),
        secret=f'"{SECRET}"',
        answer=REFUSED,
    )
    thread(
        "FAIL-26",
        "Noovolari/leapp#88",
        "the access key id has a space behind it",
        LIST,
        authorization(KEY_ID, KEY_ID + " "),
        answer=json_answer(
            "IncompleteSignatureException",
            "'/20260304/us-east-1/sagemaker/aws4_request' not a valid key=value pair (missing equal-sign) in Authorization header: 'AWS4-HMAC-SHA256 …'.",
        ),
    )
    thread(
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
    thread(
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
    thread(
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
    thread(
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
    thread(
        "FAIL-27",
        "PhantomPhoton/S3-Compatible#28",
        "Garage wants its own region",
        minio(host="garage.example.com"),
        answer=xml_answer(
            400,
            "AuthorizationHeaderMalformed",
            "Authorization header malformed, unexpected scope: 20260304/us-east-1/s3/aws4_request",
            "<Region>garage</Region>",
        ),
    )
    thread(
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
    thread(
        "FAIL-29",
        "aws-amplify/amplify-js#7913",
        "the phone's clock is six minutes slow",
        get("/prod/pets", "execute-api", GATEWAY),
        answer=rest_answer(
            "InvalidSignatureException",
            f"Signature expired: {NOW} is now earlier than 20260304T050707Z ({late} - 5 min.)",
        ),
    )
    thread(
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
    thread(
        "FAIL-45",
        "aws/aws-sdk-js-v3#5576",
        "CloudFront's KeyValueStore signed with Version 4",
        get("/x", "cloudfront-keyvaluestore", "abc.cloudfront-kvs.global.api.aws"),
        answer=rest_answer(
            "InvalidSignatureException", "Credential should be scoped to a valid region, not 'us-east-1'. "
        ),
    )
    thread(
        "FAIL-46",
        "amzn/selling-partner-api-docs#116",
        "the canonical request hashed as UTF-16",
        get("/orders", "execute-api", "sellingpartnerapi-na.amazon.com"),
        digest=lambda text: hashlib.sha256(text.encode("utf-16-le")).hexdigest(),
        answer='HTTP/1.1 403 Forbidden\nContent-Type: application/json\n\n{"errors": [{"message": "'
        + MISMATCH
        + '", "code": "InvalidSignature"}]}',
    )


def _bodies() -> None:
    sha = hashlib.sha256(b"x").hexdigest()
    upload = minio(method="PUT", body=b"x")
    trailer = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
    trailed = {"X-Amz-Trailer": "x-amz-checksum-crc32", "X-Amz-Sdk-Checksum-Algorithm": "CRC32"}
    streamed = minio(method="PUT", body=b"x", headers=trailed)

    def literal(text: str) -> str:
        return text.replace(sha, trailer)

    declare = header("X-Amz-Content-SHA256", trailer)
    thread(
        "FAIL-59",
        "seaweedfs/seaweedfs#6517",
        "the server does not know checksums in a trailer",
        streamed,
        declare,
        canonical=literal,
        answer=S3_REFUSED,
        secret_known=False,
    )
    thread(
        "FAIL-59",
        "storj/gateway-st#89",
        "the same, answered as a missing Content-Length",
        streamed,
        declare,
        canonical=literal,
        answer=xml_answer(411, "MissingContentLength", "You must provide the Content-Length HTTP header."),
    )
    thread(
        "FAIL-59",
        "s3s-project/s3s#328",
        "the same, answered as a wrong hash",
        streamed,
        declare,
        canonical=literal,
        answer=xml_answer(400, "XAmzContentSHA256Mismatch", "invalid header: x-amz-content-sha256"),
    )
    thread(
        "FAIL-34",
        "aws/aws-sdk-java-v2#3807",
        "the hash of the body in Base64",
        upload,
        header("X-Amz-Content-SHA256", base64.b64encode(bytes.fromhex(sha)).decode()),
        canonical=lambda text: text.replace(sha, base64.b64encode(bytes.fromhex(sha)).decode()),
        answer=S3_REFUSED,
    )
    thread(
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
    thread(
        "FAIL-33",
        "aws/aws-sdk-js-v3#2996",
        "a GET with a body, which was hashed as empty",
        search,
        canonical=swap(hashlib.sha256(search.body).hexdigest(), EMPTY),
        answer=REFUSED,
    )
    thread(
        "FAIL-33",
        "aws/aws-sdk-js-v3#2996",
        "a GET whose body the proxy dropped",
        search,
        answer=REFUSED,
    )
    thread(
        "FAIL-32",
        "mhart/aws4#110",
        "the JSON was written anew after it was signed",
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


def _presigned() -> None:
    url = s3("/x.jpg", expires=900)
    thread(
        "FAIL-40",
        "aws/aws-sdk-php#239",
        "a parameter was added to the URL",
        url,
        member("target", lambda text: f"{text}&Content-Type=image%2Fjpeg"),
        answer=S3_REFUSED,
    )
    thread(
        "FAIL-40",
        "aws/aws-sdk-js#457",
        "a URL for GET used with PUT",
        url,
        member("method", lambda method: "PUT"),
        answer=S3_REFUSED,
    )
    thread(
        "FAIL-35",
        "iksteen/aws-request-signer#13",
        "the hash of no bytes signed where S3 has UNSIGNED-PAYLOAD",
        url,
        canonical=swap("UNSIGNED-PAYLOAD", EMPTY),
        answer=S3_REFUSED,
    )
    thread(
        "FAIL-15",
        "minio/minio#19394",
        "a URL signed for the address inside the network",
        minio("/bucket/a.jpg", host="localhost:9000", expires=900),
        header("Host", "files.example.com"),
        answer=S3_REFUSED,
    )
    old = s3("/x.jpg", expires=60)
    thread(
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
    thread(
        "TOKEN-4",
        "boto/boto3#2392",
        "the session of the signer ended before the URL",
        s3("/x.jpg", expires=43200, token=TOKEN),
        answer=xml_answer(400, "ExpiredToken", "The provided token has expired."),
    )
    thread(
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


def _other() -> None:
    host = "examplebucket.s3.us-east-1.amazonaws.com"
    thread(
        "FAIL-51",
        "aws/aws-sdk-js#948",
        "a presigned URL of Version 2, used with another method",
        s3("/x"),
        unsigned(
            "PUT",
            "/profiles.csv?AWSAccessKeyId=AKIDEXAMPLE&Content-Type=text%2Fcsv&Expires=1459297656&Signature=R%2B1qJtXCgijtxDJZyXQz7lx2jyg%3D&x-amz-acl=public-read",
            {"Host": host},
        ),
        answer=S3_REFUSED,
        secret_known=False,
    )
    thread(
        "FAIL-57",
        "serverless/serverless#3205",
        "a route that is not deployed, asked with a token",
        get("/prod", "execute-api", GATEWAY),
        unsigned("GET", "/dev/users", {"Host": GATEWAY, "Authorization": "allow"}),
        answer=rest_answer(
            "IncompleteSignatureException",
            "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. Authorization=allow",
        ),
        secret_known=False,
    )
    form = b'--x\r\nContent-Disposition: form-data; name="policy"\r\n\r\ne30=\r\n--x\r\nContent-Disposition: form-data; name="x-amz-date"\r\n\r\n20260304T050607Z\r\n--x--\r\n'
    thread(
        "FAIL-53",
        "aws/aws-sdk-js#1514",
        "a form with a field that the policy does not name",
        s3("/"),
        unsigned("POST", "/", {"Host": host, "Content-Type": "multipart/form-data; boundary=x"}, form),
        answer=xml_answer(
            403,
            "AccessDenied",
            'Invalid according to Policy: Policy Condition failed: ["eq", "$x-amz-date", "20260304T000000Z"]',
        ),
        secret_known=False,
    )
