"""Faults from public threads: proxies, gateways and tunnels. One table."""

from __future__ import annotations

from collections.abc import Iterator

from .answers import MISMATCH, REFUSED, S3_REFUSED, json_answer, resource, xml_answer
from .broken_signer import Case, both, swap
from .fault import BODY, ENDPOINT, JSON, Fault, minio, r2, thread
from .on_the_way import authorization, header


def proxies() -> Iterator[Fault]:
    """Requests that were right when sent, and changed before the server received them."""
    yield thread(
        "FAIL-15",
        "usnistgov/dioptra#347",
        "nginx before MinIO did not forward Host",
        minio(),
        answer=S3_REFUSED,
    )
    yield thread(
        "FAIL-15",
        "minio/minio#1315",
        "nginx before MinIO did not forward Host; no region is configured",
        minio("/", host="storage.example.org"),
        answer=S3_REFUSED,
    )
    yield thread(
        "FAIL-15",
        "minio/minio#1315",
        "nginx before MinIO did not forward Host: the request as MinIO received it",
        minio(),
        header("Host", "minio:9000"),
        header("X-Forwarded-Host", "minio.example.com"),
        answer=S3_REFUSED,
    )
    yield thread(
        "FAIL-14",
        "minio/minio#8624",
        "nginx forwarded Host without its port ($host)",
        minio(host="minio.example.com:9443"),
        answer=S3_REFUSED,
    )
    yield thread(
        "FAIL-14",
        "tedder/requests-aws4auth#79",
        "the port was not signed",
        Case("GET", "https://search.example.com:9200/_search", service="es"),
        canonical=swap("search.example.com:9200", "search.example.com"),
        answer=REFUSED,
    )
    yield thread(
        "FAIL-14",
        "aws/aws-cli#2883",
        "the default port was signed",
        minio(host="minio.example.com"),
        canonical=swap("minio.example.com\n", "minio.example.com:443\n"),
        answer=S3_REFUSED,
    )
    shown = S3_REFUSED.replace("</Error>", "<Resource>/bucket/a.jpg</Resource></Error>")
    yield thread(
        "FAIL-44",
        "minio/minio#6546",
        "nginx removed the prefix of the path: the answer shows the path that arrived",
        minio("/dash/store/bucket/a.jpg", host="files.example.com", expires=604800),
        answer=shown,
    )
    encoded = {"Accept-Encoding": "identity", "Amz-Sdk-Request": "attempt=1; max=3"}
    yield thread(
        "FAIL-16",
        "hashicorp/terraform#36412",
        "Cloudflare rewrote the signed Accept-Encoding",
        minio("/bucket?list-type=2", headers=encoded),
        answer=S3_REFUSED,
    )
    yield thread(
        "FAIL-16",
        "hashicorp/terraform#36412",
        "Cloudflare rewrote the signed Accept-Encoding: the request as the server received it",
        minio("/bucket?list-type=2", headers=encoded),
        header("Accept-Encoding", "gzip"),
        answer=S3_REFUSED,
    )
    yield thread(
        "FAIL-16",
        "supabase/storage#729",
        "Cloudflare rewrote the signed Accept-Encoding; no secret is known",
        minio("/bucket?list-type=2", headers=encoded),
        answer=S3_REFUSED,
        secret_known=False,
    )
    yield thread(
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
    yield thread(
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
    yield thread(
        "FAIL-16",
        "minio/minio#5571",
        "nginx dropped headers with '.' in the name",
        minio(method="POST", headers={"X-Amz-Meta-User.xdg.origin.url": "https://example.com"}),
        answer=S3_REFUSED,
    )
    yield thread(
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
    yield thread(
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


def rewritten() -> Iterator[Fault]:
    cloudflare = header("Cf-Ray", "738058af0e40901c-FRA"), header("Cdn-Loop", "cloudflare")
    encoded = minio("/blog/2.jpg", "PUT", headers={"Accept-Encoding": "identity"}, body=b"x")
    gzipped = header("Accept-Encoding", "gzip")
    yield thread(
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
    yield thread(
        "FAIL-16",
        "hashicorp/terraform#36412",
        "a tunnel rewrote Accept-Encoding",
        tagged,
        gzipped,
        answer=S3_REFUSED,
    )
    rayed = r2("/myr2/photo.jpg", {"Cf-Ray": "1-AMS", "X-Amz-Copy-Source": "/myr2/photo.jpg"})
    yield thread(
        "FAIL-16",
        "s3tools/s3cmd#1333",
        "Cf-Ray of an earlier answer was sent and signed",
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
    yield thread(
        "FAIL-16",
        "minio/minio#5571",
        "nginx dropped a header with dots in its name",
        dotted,
        answer=S3_REFUSED,
    )
    yield thread(
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
    yield thread(
        "FAIL-14",
        "seaweedfs/seaweedfs#6839",
        "the server added X-Forwarded-Port to the host",
        *seaweed,
        answer=S3_REFUSED,
    )
    quay = minio("/quay/a", host="hcp.example.com"), header("X-Forwarded-Host", "quay.example.com")
    yield thread(
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
    yield thread(
        "FAIL-18",
        "acm19/aws-request-signing-apache-interceptor#29",
        "Transfer-Encoding was signed",
        framed,
        names,
        answer=REFUSED,
        **signs,
    )
    yield thread(
        "FAIL-18",
        "aws/aws-sdk-java-v2#5895",
        "a proxy removed the signed Transfer-Encoding",
        framed,
        names,
        header("Transfer-Encoding", None),
        answer=REFUSED,
        **signs,
    )
    yield thread(
        "FAIL-16",
        "FantasticFiasco/aws-signature-version-4#1067",
        "the endpoint rewrote X-Forwarded-For, which was signed",
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
