"""docs/jobs.md: every job gives the same result as botocore, the AWS CLI or a published value."""

from __future__ import annotations

import base64
import datetime
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import parse_qs, urlsplit

import pytest

from sigv4 import Credentials
from sigv4.scope import parse_timestamp

pytestmark = pytest.mark.interop
PAGE = Path(__file__).parents[2] / "docs" / "jobs.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
AT = 1440938160
WHEN = datetime.datetime.fromtimestamp(AT, datetime.timezone.utc)
OURS = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "SESSION/TOKEN+==")
REGION = "eu-west-1"


def job(name: str) -> Callable[..., Any]:
    block = next(block for block in BLOCKS if f"def {name}(" in block)
    namespace: dict[str, Any] = {}
    exec(compile(block, f"docs/jobs.md: {name}", "exec"), namespace)  # the page belongs to this repository
    found: Callable[..., Any] = namespace[name]
    return found


@pytest.fixture
def auth() -> Iterator[Any]:
    auth = pytest.importorskip("botocore.auth")

    def now(remove_tzinfo: bool = True) -> datetime.datetime:
        return WHEN.replace(tzinfo=None) if remove_tzinfo else WHEN

    with mock.patch.object(auth, "get_current_datetime", now):
        yield auth


def keys(token: bool = True) -> Any:
    from botocore.credentials import Credentials as Theirs

    return Theirs(OURS.access_key_id, OURS.secret_access_key, OURS.session_token if token else None)


def theirs(
    signer: Any, method: str, url: str, service: str, region: str = REGION, *, headers: Any = (), body: Any = None,
    token: bool = True, **options: Any,
) -> Any:  # fmt: skip
    from botocore.awsrequest import AWSRequest

    request = AWSRequest(method=method, url=url, data=body, headers=dict(headers))
    signer(keys(token), service, region, **options).add_auth(request)
    return request


def parameters(url: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(url if "://" in url else f"https://{url}").query, keep_blank_values=True)


def same_url(ours: str, other: str) -> None:
    """Whether two URLs are equal except for the order of parameters, which the signature does not cover."""
    assert parameters(ours) == parameters(other)
    assert ours.partition("?")[0] == other.partition("?")[0]


def signed_at(url: str) -> int:
    return parse_timestamp(parameters(url)["X-Amz-Date"][0])


def test_every_job_has_at_most_fifteen_lines_of_code() -> None:
    assert len(BLOCKS) >= 17
    for block in BLOCKS:
        code = [line for line in block.splitlines() if line.strip()]
        assert len(code) <= 15, block
        assert max(map(len, code)) <= 118


def test_s3_urls(auth: Any) -> None:
    get, put = job("s3_urls")(OURS, REGION, "bucket", "my files/a+b.png", AT)
    url = f"https://bucket.s3.{REGION}.amazonaws.com/my%20files/a%2Bb.png"
    same_url(get, theirs(auth.S3SigV4QueryAuth, "GET", url, "s3", expires=900).url)
    same_url(
        put, theirs(auth.S3SigV4QueryAuth, "PUT", url, "s3", expires=900, headers=put.headers_to_send).url
    )


def test_s3_form(auth: Any) -> None:
    fields = job("s3_form")(OURS, REGION, "bucket", "user/", AT)
    document = json.loads(base64.b64decode(fields["policy"]))
    assert {"bucket": "bucket"} in document["conditions"]
    assert {"x-amz-security-token": OURS.session_token} in document["conditions"]
    from botocore.awsrequest import AWSRequest

    request = AWSRequest(method="POST", url="https://bucket.s3.amazonaws.com")
    request.context["timestamp"] = fields["x-amz-date"]
    signer = auth.S3SigV4PostAuth(keys(), "s3", REGION)
    assert fields["x-amz-signature"] == signer.signature(fields["policy"], request)
    assert fields["x-amz-credential"] == f"AKIDEXAMPLE/20150830/{REGION}/s3/aws4_request"


def test_s3_part() -> None:
    pytest.importorskip("awscrt")
    from awscrt import checksums

    from tests.interop.vector_referees import awscrt
    from tests.plan import Plan

    url, data = f"https://bucket.s3.{REGION}.amazonaws.com/key?partNumber=1&uploadId=ID", b"data" * 30_000
    headers, body = job("s3_part")(OURS, REGION, url, data, AT)
    framed = b"".join(body)
    checksum = base64.b64encode(checksums.crc32c(data).to_bytes(4, "big"))
    assert b"\r\nx-amz-checksum-crc32c:" + checksum + b"\r\n" in framed
    assert headers["Content-Length"] == str(len(framed))
    own = {"authorization", "host", "x-amz-date", "x-amz-security-token"}
    given = {
        "method": "PUT", "url": url, "headers": [pair for pair in headers.items() if pair[0].lower() not in own],
        "body": None, "service": "s3", "region": REGION, "access_key_id": OURS.access_key_id,
        "secret_access_key": OURS.secret_access_key, "session_token": OURS.session_token, "at": "20150830T123600Z",
    }  # fmt: skip
    assert headers["Authorization"].rpartition("Signature=")[2] == awscrt(Plan(given))


def test_s3_express_session(auth: Any) -> None:
    host = "b--euw1-az1--x-s3.s3express-euw1-az1.eu-west-1.amazonaws.com"
    headers, of_answer = job("s3_express_session")(OURS, REGION, host, AT)
    request = theirs(auth.S3SigV4Auth, "GET", f"https://{host}/?session", "s3express")
    assert headers["Authorization"] == request.headers["Authorization"]
    found = of_answer(OURS.access_key_id, OURS.secret_access_key, OURS.session_token)
    url = f"https://{host}/key"
    request = theirs(auth.S3ExpressAuth, "GET", url, "s3express", identity_cache=None)
    assert found.sign("GET", url, at=AT)["Authorization"] == request.headers["Authorization"]


@pytest.mark.parametrize(
    ("endpoint", "region"), [("http://minio.example:9000", "us-east-1"), ("https://id.r2.example", "auto")]
)
def test_s3_compatible(auth: Any, endpoint: str, region: str) -> None:
    url, headers = job("s3_compatible")(OURS, endpoint, region, "bucket", "a b.txt", b"data", AT)
    given = {"Content-Type": "text/plain", "X-Amz-Content-SHA256": headers["X-Amz-Content-SHA256"]}
    request = theirs(auth.S3SigV4Auth, "PUT", url, "s3", region, headers=given, body=b"data")
    assert headers["Authorization"] == request.headers["Authorization"]


def test_rds_token(auth: Any) -> None:
    boto3 = pytest.importorskip("boto3")
    session = boto3.session.Session(*keys().get_frozen_credentials()[:3], REGION)
    other = session.client("rds").generate_db_auth_token("db.example", 3306, "jane doe")
    ours = job("rds_token")(OURS, REGION, "db.example", 3306, "jane doe", signed_at(other))
    same_url(ours, other)


@pytest.mark.parametrize("service", ["elasticache", "memorydb"])
@pytest.mark.parametrize("serverless", [False, True])
def test_cache_token(auth: Any, service: str, serverless: bool) -> None:
    ours = job("cache_token")(OURS, REGION, "my-cache", "jane", service, AT, serverless)
    asked = "http://my-cache/?Action=connect&User=jane" + "&ResourceType=ServerlessCache" * serverless
    request = theirs(auth.SigV4QueryAuth, "GET", asked, service, expires=900)
    same_url(ours, request.url.removeprefix("http://"))


def test_msk_token(auth: Any) -> None:
    token, expires_at = job("msk_token")(OURS, REGION, AT)
    url = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()
    asked = f"https://kafka.{REGION}.amazonaws.com/?Action=kafka-cluster%3AConnect"
    request = theirs(auth.SigV4QueryAuth, "GET", asked, "kafka-cluster", expires=900)
    same_url(url, f"{request.url}&User-Agent=sigv4")
    assert expires_at == AT + 900


@pytest.mark.parametrize("admin", [False, True])
def test_dsql_token(auth: Any, admin: bool) -> None:
    boto3 = pytest.importorskip("boto3")
    session = boto3.session.Session(*keys().get_frozen_credentials()[:3], REGION)
    client = session.client("dsql")
    make = client.generate_db_connect_admin_auth_token if admin else client.generate_db_connect_auth_token
    other = make("x.dsql.eu-west-1.on.aws")
    same_url(job("dsql_token")(OURS, REGION, "x.dsql.eu-west-1.on.aws", admin, signed_at(other)), other)


def test_eks_token(auth: Any) -> None:
    token = job("eks_token")(OURS, REGION, "my-cluster", AT).removeprefix("k8s-aws-v1.")
    url = f"https://sts.{REGION}.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15"
    headers = {"x-k8s-aws-id": "my-cluster"}
    request = theirs(auth.SigV4QueryAuth, "GET", url, "sts", expires=60, headers=headers)
    same_url(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode(), request.url)


def test_iot_url(auth: Any) -> None:
    ours = job("iot_url")(OURS, REGION, "a1.iot.eu-west-1.amazonaws.com", AT)
    url = "wss://a1.iot.eu-west-1.amazonaws.com/mqtt"
    request = theirs(auth.SigV4QueryAuth, "GET", url, "iotdevicegateway", token=False, expires=300)
    same_url(ours, f"{request.url}&X-Amz-Security-Token=SESSION%2FTOKEN%2B%3D%3D")
    assert ours.endswith("&X-Amz-Security-Token=SESSION%2FTOKEN%2B%3D%3D")


def test_transcribe_url(auth: Any) -> None:
    ours = job("transcribe_url")(OURS, REGION, "en-US", AT)
    before = "language-code=en-US&media-encoding=pcm&sample-rate=16000"
    url = f"wss://transcribestreaming.{REGION}.amazonaws.com:8443/stream-transcription-websocket?{before}"
    same_url(ours, theirs(auth.SigV4QueryAuth, "GET", url, "transcribe", expires=300).url)


@pytest.mark.parametrize(
    ("service", "url"),
    [
        ("appsync", "https://x.appsync-api.eu-west-1.amazonaws.com/graphql"),
        ("execute-api", "https://x.execute-api.eu-west-1.amazonaws.com/prod/items"),
        ("lambda", "https://x.lambda-url.eu-west-1.on.aws/"),
        ("es", "https://search-x.eu-west-1.es.amazonaws.com/_search"),
        ("aoss", "https://x.eu-west-1.aoss.amazonaws.com/index/_search"),
        ("bedrock", "https://bedrock-runtime.eu-west-1.amazonaws.com/model/a.b-v1%3A0/invoke"),
    ],
)
def test_json_call(auth: Any, service: str, url: str) -> None:
    headers, body = job("json_call")(OURS, service, REGION, url, {"query": "{ü}"}, AT)
    given = {
        name: value for name, value in headers.items() if name in ("Content-Type", "X-Amz-Content-SHA256")
    }
    request = theirs(auth.SigV4Auth, "POST", url, service, headers=given, body=body)
    assert headers["Authorization"] == request.headers["Authorization"]


def test_bedrock_api_key(auth: Any) -> None:
    key = job("bedrock_api_key")(OURS, REGION, AT)
    url = base64.b64decode(key.removeprefix("bedrock-api-key-")).decode()
    assert url.endswith("&Version=1")
    asked = "https://bedrock.amazonaws.com/?Action=CallWithBearerToken"
    request = theirs(auth.SigV4QueryAuth, "POST", asked, "bedrock", expires=43200)
    same_url(url, f"{request.url.removeprefix('https://')}&Version=1")


def test_ses_smtp_password(auth: Any) -> None:
    """botocore's key for the day 11111111, and its HMAC of SendRawEmail."""
    from botocore.awsrequest import AWSRequest

    request = AWSRequest()
    request.context["timestamp"] = "11111111T000000Z"
    hexed = auth.SigV4Auth(keys(), "ses", REGION).signature("SendRawEmail", request)
    expected = base64.b64encode(b"\x04" + bytes.fromhex(hexed)).decode()
    assert job("ses_smtp_password")(OURS.secret_access_key, REGION) == expected


def test_codecommit_password(auth: Any) -> None:
    """botocore's string to sign for the same request."""
    import hashlib

    from botocore.awsrequest import AWSRequest

    host, path = f"git-codecommit.{REGION}.amazonaws.com", "/v1/repos/my-repo"
    request = AWSRequest(method="GIT", url=f"https://{host}{path}")
    request.context["timestamp"] = "20150830T123600"
    signer = auth.SigV4Auth(keys(), "codecommit", REGION)
    canonical = f"GIT\n{path}\n\nhost:{host}\n\nhost\n"
    text = signer.string_to_sign(request, canonical)
    assert hashlib.sha256(canonical.encode()).hexdigest() in text
    found = job("codecommit_password")(OURS, REGION, host, path, "20150830T123600")
    assert found == f"20150830T123600Z{signer.signature(text, request)}"


def test_keyspaces_answer() -> None:
    """The example of aws-sigv4-auth-cassandra-python-driver (Apache-2.0), which AWS publishes."""
    credentials = Credentials("UserID-1", "UserSecretKey-1")
    answer = job("keyspaces_answer")(
        credentials, "us-west-2", b"91703fdc2ef562e19fbdab0f58e42fe5", "2020-06-09T22:41:51.000Z"
    )
    signature = "7f3691c18a81b8ce7457699effbfae5b09b4e0714ab38c1292dbdf082c9ddd87"
    assert answer == f"signature={signature},access_key=UserID-1,amzdate=2020-06-09T22:41:51.000Z"
