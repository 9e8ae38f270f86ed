"""TOKEN-3: the header of the session token in each S3 Express operation, as botocore's client sends it.

Objects need the credentials of a session; buckets, copies and CreateSession need those of IAM.
"""

from __future__ import annotations

from typing import Any

import pytest

from sigv4 import Credentials, Signer, Verifier
from sigv4.scope import parse_timestamp

pytestmark = pytest.mark.interop
IAM = Credentials("ASIAEXAMPLE", "secret", "STS/TOKEN==")
SESSION = Credentials.of_s3_express_session("SESSIONKEY", "sessionsecret", "SESSION/TOKEN==")
BUCKET = "b--usw2-az1--x-s3"
ANSWER = f"""<?xml version="1.0"?><CreateSessionResult><Credentials>
<SessionToken>{SESSION.session_token}</SessionToken><SecretAccessKey>{SESSION.secret_access_key}</SecretAccessKey>
<AccessKeyId>{SESSION.access_key_id}</AccessKeyId><Expiration>2099-01-01T00:00:00Z</Expiration>
</Credentials></CreateSessionResult>""".encode()
OWN = {"host", "authorization", "x-amz-date", "x-amz-security-token", "x-amz-s3session-token"}


class _Kept(Exception):
    """Raised after the request was recorded, so that it is not sent."""


class Sent:
    """A botocore client whose requests are recorded. CreateSession gets an answer, unless it is the one tested."""

    def __init__(self) -> None:
        boto3 = pytest.importorskip("boto3")
        session = boto3.session.Session(
            IAM.access_key_id, IAM.secret_access_key, IAM.session_token, region_name="us-west-2"
        )
        self.client = session.client("s3")
        self.client.meta.events.register("before-send", self._keep)
        self._wanted = ""
        self._kept: list[Any] = []

    def _keep(self, request: Any, **_: Any) -> Any:
        from botocore.awsrequest import AWSResponse

        if "?session" in request.url and self._wanted != "create_session":
            answer = AWSResponse(request.url, 200, {"content-type": "application/xml"}, None)
            answer._content = ANSWER
            return answer
        self._kept.append(request)
        raise _Kept

    def request(self, operation: str, given: dict[str, Any]) -> Any:
        self._wanted = operation
        with pytest.raises(_Kept):
            getattr(self.client, operation)(**given)
        return self._kept[-1]


@pytest.fixture(scope="module")
def sent() -> Sent:
    return Sent()


WITH_IAM: list[tuple[str, dict[str, Any]]] = [
    ("create_session", {"Bucket": BUCKET}),
    ("list_directory_buckets", {}),
    ("create_bucket", {"Bucket": BUCKET, "CreateBucketConfiguration": {"Bucket": {"Type": "Directory"}}}),
    ("delete_bucket", {"Bucket": BUCKET}),
    ("put_bucket_policy", {"Bucket": BUCKET, "Policy": "{}"}),
    ("get_bucket_policy", {"Bucket": BUCKET}),
    ("get_bucket_encryption", {"Bucket": BUCKET}),
    ("put_bucket_lifecycle_configuration", {"Bucket": BUCKET, "LifecycleConfiguration": {"Rules": []}}),
    ("copy_object", {"Bucket": BUCKET, "Key": "k", "CopySource": f"{BUCKET}/a b"}),
    (
        "upload_part_copy",
        {"Bucket": BUCKET, "Key": "k", "CopySource": f"{BUCKET}/a", "PartNumber": 1, "UploadId": "u"},
    ),
]
WITH_A_SESSION: list[tuple[str, dict[str, Any]]] = [
    ("head_bucket", {"Bucket": BUCKET}),
    ("put_object", {"Bucket": BUCKET, "Key": "a b+c", "Body": b"x"}),
    ("get_object", {"Bucket": BUCKET, "Key": "a b+c"}),
    ("head_object", {"Bucket": BUCKET, "Key": "a/../b"}),
    ("list_objects_v2", {"Bucket": BUCKET, "Prefix": "a b"}),
    ("create_multipart_upload", {"Bucket": BUCKET, "Key": "k"}),
    ("delete_objects", {"Bucket": BUCKET, "Delete": {"Objects": [{"Key": "a"}]}}),
]


@pytest.mark.parametrize(
    ("operation", "given", "credentials"),
    [(*each, IAM) for each in WITH_IAM] + [(*each, SESSION) for each in WITH_A_SESSION],
    ids=[name for name, _ in WITH_IAM + WITH_A_SESSION],
)
def test_token_3_each_operation_is_signed_as_botocore_signs_it(
    sent: Sent, operation: str, given: dict[str, Any], credentials: Credentials
) -> None:
    theirs = sent.request(operation, given)
    headers = {
        name: value.decode() if isinstance(value, bytes) else str(value)
        for name, value in theirs.headers.items()
    }
    authorization = headers["Authorization"]
    named = authorization.partition("SignedHeaders=")[2].partition(",")[0].split(";")
    assert f"Credential={credentials.access_key_id}/" in authorization
    assert credentials.token_name.lower() in named
    signed = {name: value for name, value in headers.items() if name.lower() in set(named) - OWN}
    signer = Signer("s3express", "us-west-2", credentials)
    at = parse_timestamp(headers["X-Amz-Date"])
    ours = signer.sign(theirs.method, theirs.url, signed, theirs.body, at=at)
    assert ours["Authorization"] == authorization
    assert ours[credentials.token_name] == credentials.session_token
    verifier = Verifier("s3express", "us-west-2", lambda claim: credentials, clock=lambda: at)
    host = theirs.url.partition("://")[2].partition("/")[0]
    target = theirs.url.partition(host)[2]
    pairs = [("Host", host), *((name, value) for name, value in headers.items() if name.lower() != "host")]
    head = verifier.verify_head(theirs.method, target, pairs)
    if not head.is_stream:
        head.check_body(theirs.body or b"")


@pytest.mark.parametrize(("operation", "method"), [("get_object", "GET"), ("put_object", "PUT")])
def test_token_3_a_presigned_url_of_a_session_is_the_same_as_that_of_botocore(
    sent: Sent, operation: str, method: str
) -> None:
    url = sent.client.generate_presigned_url(operation, {"Bucket": BUCKET, "Key": "a b/ü+c"}, ExpiresIn=60)
    base, _, query = url.partition("?")
    at = parse_timestamp(query.partition("X-Amz-Date=")[2].partition("&")[0])
    ours = Signer("s3express", "us-west-2", SESSION).presign(method, base, expires=60, at=at)
    assert ours.partition("?")[0] == base
    assert sorted(ours.partition("?")[2].split("&")) == sorted(query.split("&"))
    assert "X-Amz-S3session-Token=" in ours


def test_token_3_a_url_presigned_with_iam_credentials_has_the_token_of_iam() -> None:
    """awscrt gives the expected value, because botocore presigns CreateSession with an older signature version."""
    auth, http = pytest.importorskip("awscrt.auth"), pytest.importorskip("awscrt.http")
    from datetime import datetime, timezone

    host = f"{BUCKET}.s3express-usw2-az1.us-west-2.amazonaws.com"
    config = auth.AwsSigningConfig(
        algorithm=auth.AwsSigningAlgorithm.V4,
        signature_type=auth.AwsSignatureType.HTTP_REQUEST_QUERY_PARAMS,
        credentials_provider=auth.AwsCredentialsProvider.new_static(
            IAM.access_key_id, IAM.secret_access_key, IAM.session_token
        ),
        region="us-west-2",
        service="s3express",
        date=datetime.fromtimestamp(1440938160, timezone.utc),
        use_double_uri_encode=False,
        should_normalize_uri_path=False,
        signed_body_value="UNSIGNED-PAYLOAD",
        expiration_in_seconds=60,
    )
    request = http.HttpRequest("GET", "/?session", http.HttpHeaders([("Host", host)]))
    theirs = auth.aws_sign_request(request, config).result(timeout=60).path
    ours = Signer("s3express", "us-west-2", IAM).presign(
        "GET", f"https://{host}/?session", expires=60, at=1440938160
    )
    assert ours.rpartition("X-Amz-Signature=")[2] == theirs.rpartition("X-Amz-Signature=")[2]
    assert "X-Amz-Security-Token=" in ours
    assert "S3session" not in ours
