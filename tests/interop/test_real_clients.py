"""``Verifier`` accepts the requests of real clients in every protocol and with every form of body."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sigv4 import Credentials, VerificationError, Verifier
from sigv4.streaming.chunk_decoder import Decoder
from tests.capture import Captured, CapturingServer
from tests.sagemaker_api.pki import Pki

boto3 = pytest.importorskip("boto3", reason="boto3 is not installed (extra `interop`)")
config = pytest.importorskip("botocore.config")

pytestmark = pytest.mark.interop

KEYS = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "SESSION/TOKEN+==")
DATA = bytes(range(256)) * 300


def answer(captured: Captured) -> bytes:
    body = b"{}"
    if captured.header("Content-Type") == b"application/x-www-form-urlencoded; charset=utf-8":
        body = b"<R><GetCallerIdentityResult></GetCallerIdentityResult></R>"
    if b"s3" in (captured.header("Authorization") or b"") or "X-Amz-" in captured.target:
        body = b""
    return f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return Pki(tmp_path_factory.mktemp("pki"))


@pytest.fixture(params=["http", "https"])
def server(request: pytest.FixtureRequest, pki: Pki) -> Iterator[CapturingServer]:
    with CapturingServer(answer, tls=pki.server if request.param == "https" else None) as found:
        yield found


def client(service: str, server: CapturingServer, pki: Pki, **options: Any) -> Any:
    return boto3.session.Session(KEYS.access_key_id, KEYS.secret_access_key, KEYS.session_token).client(
        service,
        region_name="us-east-1",
        endpoint_url=server.origin,
        verify=str(pki.bundle),
        config=config.Config(
            connect_timeout=5,
            read_timeout=5,
            retries={"max_attempts": 0},
            proxies={},
            s3={"addressing_style": "path"},
            **options,
        ),
    )


def verify(captured: Captured, service: str) -> bytes:
    """Verifies a request, if needed piece by piece, and returns its body. Raises VerificationError."""
    verifier = Verifier(service, "us-east-1", lambda claim: KEYS)
    if (captured.header("x-amz-content-sha256") or b"").startswith(b"STREAMING-"):
        _, body = verifier.verify_stream(captured.method, captured.target, captured.headers)
        assert isinstance(body, Decoder)
        data = b"".join(body.feed(captured.body))
        assert body.finish()
        return data
    verifier.verify(captured.method, captured.target, captured.headers, captured.body)
    return captured.body


@pytest.mark.parametrize(
    ("service", "signing_name", "call"),
    [
        ("sagemaker", "sagemaker", lambda c: c.list_notebook_instances(NameContains="a b/ü")),
        ("dynamodb", "dynamodb", lambda c: c.list_tables()),
        ("sts", "sts", lambda c: c.get_caller_identity()),
        ("lambda", "lambda", lambda c: c.get_function(FunctionName="arn:aws:lambda:us-east-1:123456789012:function:f")),
        ("sesv2", "ses", lambda c: c.list_contact_lists()),
        ("sagemaker-runtime", "sagemaker", lambda c: c.invoke_endpoint(EndpointName="e", Body=DATA)),
        ("glacier", "glacier", lambda c: c.list_vaults()),
    ],
    ids=["json-1.1", "json-1.0", "query", "rest-json", "ses", "runtime", "glacier"],
)  # fmt: skip
def test_boto3_in_every_protocol(
    service: str, signing_name: str, call: Callable[[Any], Any], server: CapturingServer, pki: Pki
) -> None:
    call(client(service, server, pki))
    verify(server.last, signing_name)
    with pytest.raises(VerificationError):
        verify(server.last._replace(body=server.last.body + b" "), signing_name)


@pytest.mark.parametrize("algorithm", ["CRC32", "SHA256", None])
@pytest.mark.parametrize("key", ["k", "a b/ü+~*'()/.././/x%2F", "dir//"])
def test_boto3_uploads_to_s3_with_checksums(
    key: str, algorithm: str | None, server: CapturingServer, pki: Pki
) -> None:
    s3 = client("s3", server, pki)
    options = {"ChecksumAlgorithm": algorithm} if algorithm else {}
    for body in (DATA, io.BytesIO(DATA)):
        s3.put_object(Bucket="bucket", Key=key, Body=body, **options)
        assert verify(server.last, "s3") == DATA
    streamed = (server.last.header("x-amz-content-sha256") or b"").startswith(b"STREAMING-")
    assert streamed is server.origin.startswith("https")


def test_boto3_presigns_for_s3(server: CapturingServer, pki: Pki) -> None:
    s3 = client("s3", server, pki, signature_version="s3v4")
    for method, call in (("GET", "get_object"), ("PUT", "put_object")):
        params = {"Bucket": "bucket", "Key": "a b/ü+c"}
        url = s3.generate_presigned_url(call, Params=params, ExpiresIn=60)
        target = url.removeprefix(server.origin)
        host = server.origin.partition("://")[2]
        verifier = Verifier("s3", "us-east-1", lambda claim: KEYS)
        verifier.verify(method, target, {"Host": host}, DATA if method == "PUT" else b"")
        with pytest.raises(VerificationError):
            verifier.verify("DELETE", target, {"Host": host})


def test_boto3_lists_and_reads_from_s3(server: CapturingServer, pki: Pki, tmp_path: Path) -> None:
    s3 = client("s3", server, pki)
    s3.get_object(Bucket="bucket", Key="a/../b//c", Range="bytes=0-9", VersionId="x+/=")
    verify(server.last, "s3")
    s3.head_object(Bucket="bucket", Key="ü")
    verify(server.last, "s3")
    s3.upload_fileobj(io.BytesIO(DATA), "bucket", "through the transfer manager")
    assert verify(server.last, "s3") == DATA


@pytest.mark.parametrize(
    ("service", "arguments"),
    [
        ("sagemaker", ["sagemaker", "list-notebook-instances", "--name-contains", "a"]),
        ("sts", ["sts", "get-caller-identity"]),
        (
            "lambda",
            ["lambda", "get-policy", "--function-name", "arn:aws:lambda:us-east-1:123456789012:function:f"],
        ),
        ("s3", ["s3api", "list-objects-v2", "--bucket", "b", "--prefix", "a b/ü+~"]),
        ("s3", ["s3", "cp", "FILE", "s3://b/a b/ü+~.txt"]),
    ],
    ids=lambda value: value if isinstance(value, str) else value[1],
)
def test_the_aws_cli(
    service: str, arguments: list[str], pki: Pki, server: CapturingServer, tmp_path: Path
) -> None:
    program = shutil.which("aws", path=str(Path(sys.executable).parent)) or shutil.which("aws")
    if program is None:
        pytest.skip("the AWS CLI is not installed (extra `interop`)")
    file = tmp_path / "file"
    file.write_bytes(DATA)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "AWS_ACCESS_KEY_ID": KEYS.access_key_id,
        "AWS_SECRET_ACCESS_KEY": KEYS.secret_access_key,
        "AWS_SESSION_TOKEN": str(KEYS.session_token),
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CA_BUNDLE": str(pki.bundle),
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_MAX_ATTEMPTS": "1",
    }
    words = [str(file) if word == "FILE" else word for word in arguments]
    subprocess.run(
        [sys.executable, program, "--endpoint-url", server.origin, *words],
        env=environment,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert server.captured
    bodies = [verify(captured, service) for captured in server.captured]
    if words[0] == "s3":
        assert bodies == [DATA]
