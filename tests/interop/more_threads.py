"""More refusals from public threads, rebuilt: searched out after the code that explains them was written.

Each was first tried as it is here; docs/auditing.md has the figures. Names, keys and hosts of people are replaced.
"""

from __future__ import annotations

import base64
import gzip
import json

from .faults import (
    BODY,
    EMPTY,
    JSON,
    LIST,
    MISMATCH,
    SECRET,
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
from .public_threads import (
    GATEWAY,
    MALFORMED,
    NO_MATCH,
    REFUSED,
    S3_REFUSED,
    authorization,
    minio,
    path,
    target,
    thread,
)

INCOMPLETE = "not a valid key=value pair (missing equal-sign) in Authorization header: '…'."
NOT_SIGNED = "There were headers present in the request which were not signed"


def beyond() -> None:
    """What cannot be told from the request: the host that was signed is named nowhere in it."""
    thread(
        "FAIL-15",
        "aquarist-labs/s3gw-tools#45",
        "an ingress rewrote the Host",
        minio("/bucket/?list-type=2", host="s3gw.example.com"),
        header("Host", "s3gw-internal:7480"),
        answer=S3_REFUSED,
    )
    rehosted = Case("GET", "http://10.0.0.5:9000/bucket/name", service="s3", expires=300)
    thread(
        "FAIL-15",
        "minio/minio#9964",
        "a URL signed for host:9000, used with another host",
        rehosted,
        header("Host", "example.com"),
        answer=S3_REFUSED,
    )


def build() -> None:
    _on_the_way()
    _urls()
    _credentials()
    _services()
    _texts()
    _gateways()
    _keys_of_objects()
    _clients_of_services()
    _forms()


def resource(path: str) -> str:
    return xml_answer(
        403, "SignatureDoesNotMatch", NO_MATCH, f"<Resource>{path}</Resource><RequestId>1</RequestId>"
    )


def _on_the_way() -> None:
    cloudflare = header("Cf-Ray", "738058af0e40901c-FRA"), header("Cdn-Loop", "cloudflare")
    encoded = minio("/blog/2.jpg", "PUT", headers={"Accept-Encoding": "identity"}, body=b"x")
    gzipped = header("Accept-Encoding", "gzip")
    thread(
        "FAIL-16",
        "minio/minio#15506",
        "Cloudflare rewrote Accept-Encoding",
        encoded,
        gzipped,
        *cloudflare,
        answer=resource("/blog/2.jpg"),
    )
    tagged = minio(
        "/boe?list-type=2",
        headers={
            "Accept-Encoding": "identity",
            "Amz-Sdk-Invocation-Id": "a-b",
            "Amz-Sdk-Request": "attempt=1; max=5",
        },
    )
    thread(
        "FAIL-16",
        "hashicorp/terraform#36412",
        "a tunnel rewrote Accept-Encoding",
        tagged,
        gzipped,
        answer=S3_REFUSED,
    )
    rayed = Case(
        "PUT",
        "https://0a1b.r2.cloudflarestorage.com/myr2/photo.jpg",
        {"Cf-Ray": "1-AMS", "X-Amz-Copy-Source": "/myr2/photo.jpg"},
        service="s3",
        region="auto",
    )
    thread(
        "FAIL-16",
        "s3tools/s3cmd#1333",
        "Cf-Ray of the answer before was sent and signed",
        rayed,
        header("Cf-Ray", "2-AMS"),
        answer=xml_answer(
            403,
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided. Check your secret access key and signing method.",
        ),
    )
    dotted = minio(
        "/general/a.iso?uploads=", "POST", headers={"X-Amz-Meta-User.xdg.origin.url": "https://x/"}
    )
    thread(
        "FAIL-16",
        "minio/minio#5571",
        "nginx dropped a header with dots in its name",
        dotted,
        answer=S3_REFUSED,
    )
    thread(
        "FAIL-15",
        "minio/minio#1315",
        "nginx without proxy_set_header Host",
        minio("/", host="ym3s.example.io"),
        answer=resource("/"),
    )
    seaweed = (
        minio("/test/", "PUT", host="s3.example.dev"),
        header("X-Forwarded-Host", "s3.example.dev"),
        header("X-Forwarded-Port", "443"),
    )
    thread(
        "FAIL-14",
        "seaweedfs/seaweedfs#6839",
        "the server put X-Forwarded-Port behind the host",
        *seaweed,
        answer=S3_REFUSED,
    )
    quay = minio("/quay/a", host="hcp.example.com"), header("X-Forwarded-Host", "quay.example.com")
    thread(
        "FAIL-15", "quay/quay#3089", "the server took X-Forwarded-Host for the host", *quay, answer=S3_REFUSED
    )
    framed = Case(
        "POST",
        "https://search-x.us-west-2.es.amazonaws.com/i/_doc",
        {"Content-Type": "application/json", "Transfer-Encoding": "chunked"},
        b'{"a":1}',
        service="es",
        region="us-west-2",
    )
    names = authorization(
        "content-type;host", "content-type;host;transfer-encoding"
    )  # botocore would not sign it
    signs = {
        "canonical": both(
            swap("content-type;host;", "content-type;host;transfer-encoding;"),
            swap("x-amz-date:", "transfer-encoding:chunked\nx-amz-date:"),
        )
    }
    thread(
        "FAIL-18",
        "acm19/aws-request-signing-apache-interceptor#29",
        "Transfer-Encoding was signed",
        framed,
        names,
        answer=REFUSED,
        **signs,
    )
    thread(
        "FAIL-18",
        "aws/aws-sdk-java-v2#5895",
        "a proxy took the signed Transfer-Encoding off",
        framed,
        names,
        header("Transfer-Encoding", None),
        answer=REFUSED,
        **signs,
    )
    thread(
        "FAIL-16",
        "FantasticFiasco/aws-signature-version-4#1067",
        "an endpoint rewrote X-Forwarded-For, which was signed",
        Case(
            "GET",
            "https://x.us-west-2.es.amazonaws.com/_cat/indices",
            {"X-Forwarded-For": "15.248.7.84", "X-Forwarded-Port": "443"},
            service="es",
            region="us-west-2",
        ),
        header("X-Forwarded-For", "15.248.7.84, 10.0.0.1"),
        answer=REFUSED,
    )


def _urls() -> None:
    panda = Case(
        "GET", "https://bucket1.s3.amazonaws.com/panda.jpg", service="s3", region="eu-west-3", expires=3600
    )
    thread(
        "FAIL-15",
        "aws/aws-cli#4658",
        "the global host redirects to the region, whose host was not signed",
        panda,
        header("Host", "bucket1.s3.eu-west-3.amazonaws.com"),
        answer=S3_REFUSED,
    )
    put = s3("/testing/signed_1", "PUT", expires=300)
    more = member("target", lambda text: f"{text}&Content-Type=image%2Fjpeg")
    thread("FAIL-40", "aws/aws-sdk-php#239", "a parameter was added to the URL", put, more, answer=S3_REFUSED)
    te = s3("/a", "PUT", expires=300, headers={"x-amz-te": "append-md5"})
    thread(
        "FAIL-40",
        "aws/aws-sdk-java-v2#2154",
        "a signed header is not sent with the URL",
        te,
        header("x-amz-te", None),
        answer=S3_REFUSED,
    )
    store = Case("GET", "https://10.240.193.107/yd-bucket/1.jpg", service="s3", expires=604800)
    thread(
        "FAIL-44",
        "minio/minio#6546",
        "a prefix was put before the path of the URL for nginx",
        store,
        target("/yd-bucket/1.jpg", "/dash/store/yd-bucket/1.jpg"),
        answer=resource("/yd-bucket/1.jpg"),
    )
    acl = s3("/logo.png", "PUT", expires=3600), header("x-amz-acl", "public-read")
    unsigned_acl = xml_answer(
        403, "AccessDenied", NOT_SIGNED, "<HeadersNotSigned>x-amz-acl</HeadersNotSigned>"
    )
    thread(
        "FAIL-40",
        "ex-aws/ex_aws_s3#73",
        "x-amz-acl is sent with the URL and not signed",
        *acl,
        answer=unsigned_acl,
    )
    signed_acl = s3("/steps.svg", "PUT", expires=60, headers={"x-amz-acl": "public-read"})
    thread(
        "FAIL-40",
        "minio/minio#5630",
        "x-amz-acl is signed and not sent with the URL",
        signed_acl,
        header("x-amz-acl", None),
        answer=S3_REFUSED,
    )
    v2 = "<StringToSign>PUT\n\nimage/jpeg\n1616865000\n/bucket/1.jpg</StringToSign>"
    thread(
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
    thread(
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
    thread(
        "FAIL-24",
        "mhart/aws4#30",
        "the token of an IoT URL was signed",
        iot,
        answer="HTTP/1.1 403 Forbidden\n\n",
    )


def _credentials() -> None:
    s3fs = minio("/aaa/", host="objectstore-3.example.com")
    wrong = f"{MALFORMED}the region 'us-east-1' is wrong; expecting 'eu-nl-1'"
    thread(
        "FAIL-27",
        "s3fs-fuse/s3fs-fuse#1186",
        "an S3-compatible region",
        s3fs,
        answer=xml_answer(400, "AuthorizationHeaderMalformed", wrong, "<Region>eu-nl-1</Region>"),
    )
    underscored = Case("GET", "https://s3.us-east-1.amazonaws.com/", service="s3", region="us_east_1")
    thread(
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
    thread(
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
    thread(
        "FAIL-26",
        "zendesk/apt-s3#10",
        "the whole line of the credentials file was taken for the key id",
        *named,
        answer=xml_answer(
            400,
            "AuthorizationHeaderMalformed",
            f'{MALFORMED}the authorization component "Credential=aws_access_key_id= AKIDEXAMPLE/20260304/us-east-1/s3/aws4_request" is malformed.',
        ),
    )
    spaced = LIST, authorization("Credential=", "Credential= ")
    thread(
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
    thread(
        "FAIL-26",
        "awslabs/fhir-works-on-aws-deployment#379",
        "a space behind the access key id",
        *behind,
        answer=json_answer(
            "IncompleteSignatureException", f"'/20260304/us-east-1/sagemaker/aws4_request' {INCOMPLETE}"
        ),
    )
    cut = (
        get("/", "ses", "email.us-east-1.amazonaws.com"),
        header("Authorization", "AWS4-HMAC-SHA256 Credential=ABCDEF"),
    )
    thread(
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
    thread(
        "FAIL-23",
        "kndt84/aws-api-gateway-client#31",
        "the token is the text undefined",
        *undefined,
        answer=rest_answer(
            "UnrecognizedClientException", "The security token included in the request is invalid."
        ),
    )
    unknown = minio("/rookbucket/", "PUT", host="rgw.example.com")
    thread(
        "TOKEN-4",
        "rook/rook#673",
        "the server has no such access key",
        unknown,
        answer=xml_answer(
            403, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records."
        ),
    )
    thread(
        "FAIL-29",
        "aws/aws-sdk-js#527",
        "the clock of a container was two days late",
        LIST,
        answer=json_answer(
            "InvalidSignatureException",
            "Signature expired: 20260304T050607Z is now earlier than 20260306T055445Z (20260306T055945Z - 5 min.)",
        ),
    )


def _services() -> None:
    def scoped(service: str, host: str, wanted: str, where: str) -> None:
        message = f"Credential should be scoped to correct service: '{wanted}'. "
        thread(
            "FAIL-28",
            where,
            f"signed for {service!r}",
            Case("POST", f"https://{host}.us-east-1.amazonaws.com/", JSON, BODY, service=service),
            answer=json_answer("InvalidSignatureException", message),
        )

    scoped("es", "batch", "batch", "cllunsford/aws-signing-proxy#25")
    scoped("emr", "elasticmapreduce", "elasticmapreduce", "aws/aws-sdk-ruby#431")
    scoped("data.mediastore", "data.mediastore", "mediastore", "aws/aws-sdk-go#1850")
    scoped("cloudhsmv2", "cloudhsmv2", "cloudhsm", "aws/aws-sdk-go#1745")
    scoped("runtime.lex", "runtime.lex", "lex", "pplu/aws-sdk-perl#215")
    scoped("autoscaling", "application-autoscaling", "application-autoscaling", "aws/aws-sdk-go-v2#163")
    lattice = get(
        "/", "vpc-lattice-svcs", "x-1.7d67968.vpc-lattice-svcs.us-west-2.on.aws", region="us-west-2"
    )
    thread(
        "FAIL-36",
        "awslabs/aws-sigv4-proxy#116",
        "VPC Lattice wants the hash header",
        lattice,
        answer=rest_answer(
            "IncompleteSignatureException", "Missing the 'x-amz-content-sha256' in canonical headers"
        ),
    )
    aoss = Case(
        "GET", "https://x.us-west-2.aoss.amazonaws.com/_cat/indices", service="aoss", region="us-west-2"
    )
    thread(
        "FAIL-36",
        "mhart/aws4#169",
        "OpenSearch Serverless wants the hash header",
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
    signed_as = {"canonical": lambda text: text.replace(EMPTY, "STREAMING-UNSIGNED-PAYLOAD-TRAILER")}
    thread(
        "FAIL-59",
        "s3s-project/s3s#328",
        "the server does not know trailers",
        *unsigned_trailer,
        answer=xml_answer(400, "XAmzContentSHA256Mismatch", "invalid header: x-amz-content-sha256"),
        **signed_as,
    )
    thread(
        "FAIL-59",
        "seaweedfs/seaweedfs#6517",
        "the same, refused as a mismatch",
        *unsigned_trailer,
        answer=resource("/demo/install"),
        **signed_as,
    )
    thread(
        "FAIL-59",
        "storj/gateway-st#89",
        "the same, for want of a length",
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
    thread(
        "FAIL-59",
        "io7m-com/exfilac#35",
        "the server does not know checksum headers",
        b2,
        answer=xml_answer(
            400, "InvalidArgument", "Unsupported header 'x-amz-checksum-sha256' received for this API call."
        ),
    )
    streamed = Case(
        "PUT",
        "https://0a1b.r2.cloudflarestorage.com/b/a",
        {"Content-Encoding": "aws-chunked", "X-Amz-Decoded-Content-Length": "1"},
        service="s3",
        region="auto",
    )
    thread(
        "FAIL-35",
        "Kyrodan/KeeAnywhere#424",
        "the server does not take signed chunks",
        streamed,
        header("X-Amz-Content-SHA256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"),
        answer=xml_answer(501, "NotImplemented", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD not implemented"),
        canonical=lambda text: text.replace(EMPTY, "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"),
    )
    md5 = s3("/x", "PUT", body=b"x"), header("X-Amz-Content-SHA256", "tjnVEQ5UTP/DL91eAGOmew==")
    thread(
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


def _texts() -> None:
    functions = get("/2015-03-31/functions/?MasterRegion=eu-west-1")
    thread(
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
    thread(
        "FAIL-05",
        "rusoto/rusoto#1035",
        "the ':' of an ARN left raw in the signed path",
        arn,
        canonical=line(1, lambda text: text.replace("%3A", ":")),
        answer=REFUSED,
    )
    spaced = get("/?q=a%20b%2Cc", "lambda", "x.lambda-url.us-east-1.on.aws")
    thread(
        "FAIL-12",
        "apache/apisix#11097",
        "the query was signed decoded",
        spaced,
        canonical=line(2, lambda text: text.replace("%20", " ").replace("%2C", ",")),
        answer=REFUSED,
    )
    joined = get("/a?parameter1=test", "lambda", "x.lambda-url.us-east-1.on.aws")
    thread(
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
    thread(
        "FAIL-44",
        "michalkvasnicak/aws-lambda-graphql#171",
        "CloudFront in front of API Gateway: another host and a stage",
        connections,
        echoed=both(swap("host:d111.cloudfront.net", f"host:{GATEWAY}"), line(1, lambda text: f"/dev{text}")),
    )
    ranged = s3("/user_data.json", headers={"Accept-Encoding": "identity", "Range": "bytes=0-5"})
    thread(
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
    thread(
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
    thread(
        "FAIL-32", "arnemolland/sigv4#13", "the hash of no bytes was sent with a body", empty, answer=REFUSED
    )
    gross = Case(
        "PUT",
        "https://examplebucket.s3.us-east-1.amazonaws.com/x",
        {"X-Amz-Meta-Filename": "groß.jpg"},
        b"x",
        service="s3",
    )
    thread(
        "FAIL-22",
        "aws/aws-sdk-js#820",
        "metadata outside ASCII: UTF-8 signed, Latin-1 sent",
        gross,
        header("X-Amz-Meta-Filename", "base64:" + base64.b64encode("groß.jpg".encode("latin-1")).decode()),
        answer=S3_REFUSED,
    )
    silk = Case(
        "PUT",
        "https://examplebucket.s3.us-east-1.amazonaws.com/x",
        {"X-Amz-Meta-Name": "72  20260922.pdf"},
        b"x",
        service="s3",
    )
    thread(
        "FAIL-20",
        "devlikeapro/waha#2279",
        "two spaces were left in metadata and signed so",
        silk,
        canonical=swap("72 2026", "72  2026"),
        answer=S3_REFUSED,
    )


def _gateways() -> None:
    jwt = "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.4f1JhoEZYj16T9Cfe"
    requires = "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."
    thread(
        "FAIL-57",
        "aws/chalice#828",
        "the route was not built",
        LIST,
        unsigned("POST", f"https://{GATEWAY}/api/users", {"Authorization": jwt}),
        answer=rest_answer("IncompleteSignatureException", f"{requires} Authorization={jwt}"),
    )
    missing = 'HTTP/1.1 403 Forbidden\nx-amzn-ErrorType: MissingAuthenticationTokenException\nx-amz-apigw-id: V=\n\n{"message": "Missing Authentication Token"}'
    thread(
        "FAIL-57",
        "stackery/php-lambda-layer#31",
        "the stage alone, without '/'",
        LIST,
        unsigned("GET", f"https://{GATEWAY}/Prod", {}),
        answer=missing,
    )
    thread(
        "FAIL-57",
        "serverless-operations/serverless-apigateway-service-proxy#110",
        "a '#' in the path cut the URL",
        LIST,
        unsigned("GET", f"https://{GATEWAY}/dev/getPartner/PARTNER", {}),
        answer=missing,
    )


def _keys_of_objects() -> None:
    thread(
        "FAIL-09",
        "durch/rust-s3#148",
        "the key is sent with a raw plus and signed with an escaped one",
        Case("PUT", "https://examplebucket.s3.us-east-1.amazonaws.com/%2Baskhn", {}, b"x", service="s3"),
        target("%2B", "+"),
        answer=S3_REFUSED,
    )
    thread(
        "FAIL-03",
        "agilord/aws_client#402",
        "the ':' of a key escaped twice",
        s3("/test%3Afile.json"),
        canonical=path("%3A", "%253A"),
        answer=S3_REFUSED,
    )
    thread(
        "FAIL-05",
        "TTLabs/EvaporateJS#222",
        "parentheses of a key left raw",
        s3("/a%20%281%29.txt", "PUT", body=b"x"),
        canonical=line(1, both(swap("%28", "("), swap("%29", ")"))),
        answer=S3_REFUSED,
    )
    thread(
        "FAIL-05",
        "rlmcpherson/s3gof3r#110",
        "the ':' of a key left raw",
        s3("/v0/2%3Aabcde"),
        canonical=path("%3A", ":"),
        answer=S3_REFUSED,
    )
    one_line = f"GET /libstdc%20%20-docs.x86_64.rpm host:examplebucket.s3.us-east-1.amazonaws.com x-amz-content-sha256:{EMPTY} x-amz-date:20260304T050607Z host;x-amz-content-sha256;x-amz-date {EMPTY}"
    thread(
        "FAIL-09",
        "anomalizer/ngx_aws_auth#87",
        "nginx read '+' as a space; the answer as a browser shows it, on one line",
        s3("/libstdc%2B%2B-docs.x86_64.rpm"),
        answer=xml_answer(
            403, "SignatureDoesNotMatch", NO_MATCH, f"<CanonicalRequest> {one_line} </CanonicalRequest>"
        ),
    )
    thread(
        "FAIL-05",
        "aws/aws-sdk-js#147",
        "an apostrophe left raw in a URL",
        s3("/owl-white%27.png", expires=900),
        canonical=path("%27", "'"),
        answer=S3_REFUSED,
    )
    download = s3("/a.jpg", "PUT", expires=900), member("method", lambda method: "GET")
    thread(
        "FAIL-40",
        "aws/aws-sdk-js#86",
        "the URL of an upload used for a download",
        *download,
        answer=S3_REFUSED,
    )


def _clients_of_services() -> None:
    hashless = (
        "HTTP/1.1 403 Forbidden\nx-amzn-errortype: InvalidSignatureException\nVia: 1.1 abc.cloudfront.net (CloudFront)\nX-Cache: Error from cloudfront\n\n"
        + json.dumps(
            {
                "message": f"{MISMATCH} Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
            }
        )
    )
    typo = {"Host": "console.example.com", "x-content-sha256": "ab" * 32, "Content-Type": "application/json"}
    thread(
        "FAIL-54",
        "minorun365/html-share#4",
        "the name of the hash header has a typing error",
        LIST,
        unsigned("POST", "/api/pairings/claim", typo, b'{"code":1}'),
        answer=hashless,
    )
    thread(
        "FAIL-54",
        "cdklabs/cdk-nextjs#87",
        "no hash for CloudFront",
        LIST,
        unsigned("POST", "/", {"Host": "d1.cloudfront.net", "Content-Type": "text/plain"}, b"[]"),
        answer=hashless,
    )
    valid = "<ErrorResponse><Error><Type>Sender</Type><Code>SignatureDoesNotMatch</Code><Message>Credential should be scoped to a valid region, not 'ap-southeast-2'. </Message></Error></ErrorResponse>"
    role = get("/?Action=AssumeRole", "sts", "sts.amazonaws.com", region="ap-southeast-2")
    thread(
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
    thread(
        "FAIL-13",
        "aws/aws-sdk-java#2583",
        "a '/' was put behind the path before it was signed",
        query,
        canonical=path("/graphql", "/graphql/"),
        answer=REFUSED,
    )
    thread(
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
    thread(
        "FAIL-19",
        "jonsaw/amazon-cognito-identity-dart#41",
        "Dart's http added a charset",
        table,
        header("Content-Type", "application/x-amz-json-1.0; charset=utf-8"),
        answer=REFUSED,
    )
    thread(
        "FAIL-25",
        "aws/aws-cli#6751",
        "the plus of the secret became a space",
        LIST,
        secret=SECRET.replace("+", " "),
        answer=REFUSED,
    )
    thread(
        "FAIL-25",
        "nabsul/k8s-ecr-login-renew#58",
        "the slash of the secret was lost",
        LIST,
        secret=SECRET.replace("/", ""),
        answer=REFUSED,
    )


def _forms() -> None:
    def form(where: str, notes: str, fields: str, code: str, message: str) -> None:
        parts = "".join(
            f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\nv\r\n' for name in fields.split()
        )
        headers = {"Host": "b.s3.amazonaws.com", "Content-Type": "multipart/form-data; boundary=x"}
        thread(
            "FAIL-53",
            where,
            notes,
            LIST,
            unsigned("POST", "/", headers, f"{parts}--x--\r\n".encode()),
            answer=xml_answer(403, code, message),
        )

    form(
        "aws/aws-sdk-js#1514",
        "another x-amz-date in the form",
        "key X-Amz-Date Policy X-Amz-Signature file",
        "AccessDenied",
        'Invalid according to Policy: Policy Condition failed: ["eq", "$X-Amz-Date", "20170519T041709Z"]',
    )
    form(
        "aws/aws-sdk-php#3292",
        "no condition for a field",
        "key X-Amz-Security-Token Policy X-Amz-Signature file",
        "AccessDenied",
        "Invalid according to Policy: Extra input fields: x-amz-security-token",
    )
    form(
        "minio/minio#17391",
        "the same, in the words of MinIO",
        "key AWSAccessKeyId policy signature file",
        "AccessDenied",
        "Access Denied. (Each form field that you specify in a form (except Awsaccesskeyid, Signature) must appear in the list of conditions.)",
    )
    form(
        "minio/minio#19736",
        "the file comes before the key",
        "file key x-amz-signature policy",
        "MalformedPOSTRequest",
        "The body of your POST request is not well-formed multipart/form-data. (The name of the uploaded key is missing)",
    )
    form(
        "asmcos/requests#36",
        "the same, in the words of S3",
        "file key policy",
        "InvalidArgument",
        "Bucket POST must contain a field named 'key'.  If it is specified, please check the order of the fields.",
    )
