"""Real clients, unchanged, get a URL from the local endpoint, and are refused as AWS refuses them."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path

import httpx
import pytest

from sagemaker_api.local import EXAMPLE, LocalSageMaker

pytestmark = pytest.mark.interop

TARGET = "SageMaker.CreatePresignedNotebookInstanceUrl"
BODY = b'{"NotebookInstanceName":"nb"}'


class Clock:
    ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def local(clock: Clock) -> Iterator[LocalSageMaker]:
    with LocalSageMaker({"nb": "InService"}, clock=clock) as running:
        yield running


@pytest.fixture
def environment(local: LocalSageMaker, tmp_path: Path) -> dict[str, str]:
    """The local endpoint's variables and no configuration but them."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    nothing = str(tmp_path / "none")
    return {
        **kept,
        **local.environment,
        "AWS_CONFIG_FILE": nothing,
        "AWS_SHARED_CREDENTIALS_FILE": nothing,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_MAX_ATTEMPTS": "1",
    }


@pytest.fixture
def boto(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]) -> Callable[..., dict[str, str]]:
    """``boto(**client arguments)`` calls the operation with boto3; its result, or code and message."""
    boto3 = pytest.importorskip("boto3")
    from botocore.exceptions import ClientError

    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    def call(change: Callable[[object], None] = lambda request: None, **arguments: str) -> dict[str, str]:
        client = boto3.session.Session().client("sagemaker", **arguments)
        client.meta.events.register("before-send", lambda request, **_: change(request))
        try:
            return dict(client.create_presigned_notebook_instance_url(NotebookInstanceName="nb"))
        except ClientError as error:
            answer = error.response
        finally:
            client.close()
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 400
        return dict(answer["Error"])

    return call


def test_boto3_gets_a_url_that_opens(boto: Callable[..., dict[str, str]]) -> None:
    url = boto()["AuthorizedUrl"]
    with httpx.Client(follow_redirects=True) as browser:
        assert "Notebook nb" in browser.get(url).text


MISMATCH = "The request signature we calculated does not match the signature you provided."


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (
            {"aws_secret_access_key": "wrong", "aws_access_key_id": "AKIDEXAMPLE"},
            "InvalidSignatureException",
            MISMATCH,
        ),
        (
            {"aws_secret_access_key": "x", "aws_access_key_id": "AKIDOTHER"},
            "UnrecognizedClientException",
            "The security token included in the request is invalid",
        ),
        (
            {"region_name": "eu-west-1"},
            "InvalidSignatureException",
            "Credential should be scoped to a valid region, not 'eu-west-1'.",
        ),
        (
            {
                "aws_access_key_id": "AKIDEXAMPLE",
                "aws_secret_access_key": EXAMPLE.secret_access_key,
                "aws_session_token": "t",
            },
            "UnrecognizedClientException",
            "The security token included in the request is invalid",
        ),
    ],
    ids=["secret", "key id", "region", "token"],
)
def test_boto3_is_refused_with_the_code_that_aws_gives(
    boto: Callable[..., dict[str, str]], arguments: dict[str, str], code: str, message: str
) -> None:
    error = boto(**arguments)
    assert error["Code"] == code
    assert error["Message"].startswith(message)


@pytest.mark.parametrize(
    ("ahead", "words"), [(360, "Signature expired: "), (-360, "Signature not yet current: ")]
)
def test_boto3_six_minutes_off_is_told_both_times(
    boto: Callable[..., dict[str, str]], clock: Clock, ahead: float, words: str
) -> None:
    clock.ahead = ahead
    error = boto()
    assert error["Code"] == "InvalidSignatureException"
    assert error["Message"].startswith(words)
    assert error["Message"].endswith("5 min.)")


def _body(request: object) -> None:
    request.body = BODY.replace(b"nb", b"no")  # type: ignore[attr-defined]
    request.headers["Content-Length"] = str(len(BODY))  # type: ignore[attr-defined]


def _drop(name: str) -> Callable[[object], None]:
    def change(request: object) -> None:
        del request.headers[name]  # type: ignore[attr-defined]

    return change


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (_body, "InvalidSignatureException"),
        (_drop("X-Amz-Target"), "InvalidSignatureException"),
        (_drop("X-Amz-Date"), "IncompleteSignatureException"),
        (_drop("Authorization"), "MissingAuthenticationTokenException"),
    ],
    ids=["body changed", "target dropped", "date dropped", "not signed"],
)
def test_what_is_changed_on_the_way_is_refused(
    boto: Callable[..., dict[str, str]], change: Callable[[object], None], code: str
) -> None:
    assert boto(change)["Code"] == code


def test_the_aws_cli_gets_a_url_and_a_refusal(environment: dict[str, str]) -> None:
    pytest.importorskip("awscli")
    command = [sys.executable, "-m", "awscli", "sagemaker", "create-presigned-notebook-instance-url"]
    command += ["--notebook-instance-name", "nb", "--query", "AuthorizedUrl", "--output", "text"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert httpx.get(done.stdout.strip()).headers["Location"] == "/notebook/nb/"
    wrong = {**environment, "AWS_SECRET_ACCESS_KEY": "wrong"}
    refused = subprocess.run(command, env=wrong, capture_output=True, text=True, check=False)
    assert refused.returncode != 0
    assert "InvalidSignatureException" in refused.stderr


def curl(
    url: str, secret: str = EXAMPLE.secret_access_key, region: str = "us-east-1", service: str = "sagemaker"
) -> dict[str, str]:
    program = shutil.which("curl")
    if program is None:
        pytest.skip("curl is not installed")
    if (
        "--aws-sigv4"
        not in subprocess.run([program, "--help", "all"], capture_output=True, text=True, check=True).stdout
    ):
        pytest.skip("this curl cannot sign")
    command = [
        program,
        "--silent",
        "--aws-sigv4",
        f"aws:amz:{region}:{service}",
        "--user",
        f"AKIDEXAMPLE:{secret}",
    ]
    command += ["--header", "Content-Type: application/x-amz-json-1.1", "--header", f"X-Amz-Target: {TARGET}"]
    command += ["--data", BODY.decode(), url]
    return dict(json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout))


def test_curl_gets_a_url_and_refusals(local: LocalSageMaker) -> None:
    assert curl(local.url)["AuthorizedUrl"].startswith(f"{local.url}/notebook/nb/?authToken=")
    assert curl(local.url, secret="wrong")["message"].startswith(MISMATCH)
    assert curl(local.url, region="eu-west-1")["message"].startswith(
        "Credential should be scoped to a valid region"
    )
    assert (
        curl(local.url, service="iam")["message"]
        == "Credential should be scoped to correct service: 'sagemaker'. "
    )


def crt_signed(local: LocalSageMaker, secret: str = EXAMPLE.secret_access_key) -> dict[str, str]:
    auth, http = pytest.importorskip("awscrt.auth"), pytest.importorskip("awscrt.http")
    config = auth.AwsSigningConfig(
        algorithm=auth.AwsSigningAlgorithm.V4,
        signature_type=auth.AwsSignatureType.HTTP_REQUEST_HEADERS,
        credentials_provider=auth.AwsCredentialsProvider.new_static("AKIDEXAMPLE", secret),
        region="us-east-1",
        service="sagemaker",
        date=datetime.now(timezone.utc),
    )
    headers = [("Host", local.url.removeprefix("http://")), ("X-Amz-Target", TARGET)]
    request = http.HttpRequest("POST", "/", http.HttpHeaders(headers), io.BytesIO(BODY))
    return dict(auth.aws_sign_request(request, config).result().headers)


def test_httpx_with_awscrt_s_signature_gets_a_url_and_a_refusal(local: LocalSageMaker) -> None:
    answer = httpx.post(local.url, headers=crt_signed(local), content=BODY)
    assert answer.json()["AuthorizedUrl"].startswith(f"{local.url}/notebook/nb/")
    answer = httpx.post(local.url, headers=crt_signed(local, "wrong"), content=BODY)
    assert (answer.status_code, answer.json()["__type"]) == (400, "InvalidSignatureException")
