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
from typing import Any, NamedTuple

import httpx
import pytest

from sagemaker_api.local import EXAMPLE, LocalSageMaker
from sagemaker_api.local.serving.server import Server
from sigv4 import Request

pytestmark = pytest.mark.interop

TARGET = "SageMaker.CreatePresignedNotebookInstanceUrl"
BODY = b'{"NotebookInstanceName":"nb"}'
MISMATCH = "The request signature we calculated does not match the signature you provided."
INVALID = "The security token included in the request is invalid"


class Clock:
    ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


class Setup(NamedTuple):
    """The settings of a client, which are right unless a fault changes them."""

    access_key_id: str = EXAMPLE.access_key_id
    secret_access_key: str = EXAMPLE.secret_access_key
    session_token: str = ""
    region: str = "us-east-1"
    service: str = "sagemaker"
    signed: bool = True


class Local(NamedTuple):
    endpoint: LocalSageMaker
    clock: Clock
    nothing: str

    @property
    def url(self) -> str:
        return self.endpoint.url

    def tamper(self, change: Callable[[Request], Request]) -> None:
        """Changes every request before it reaches the server."""
        server = self.endpoint._server
        assert isinstance(server, Server)
        answer = server.answer
        server.answer = lambda request, peer: answer(change(request), peer)

    def environment(self, setup: Setup) -> dict[str, str]:
        """The endpoint's variables, the client's credentials and region, and no other configuration."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return {
            **kept,
            **self.endpoint.environment,
            "AWS_ACCESS_KEY_ID": setup.access_key_id,
            "AWS_SECRET_ACCESS_KEY": setup.secret_access_key,
            "AWS_SESSION_TOKEN": setup.session_token,
            "AWS_DEFAULT_REGION": setup.region,
            "AWS_REGION": setup.region,
            "AWS_CONFIG_FILE": self.nothing,
            "AWS_SHARED_CREDENTIALS_FILE": self.nothing,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_MAX_ATTEMPTS": "1",
        }


@pytest.fixture
def local(tmp_path: Path) -> Iterator[Local]:
    clock = Clock()
    with LocalSageMaker({"nb": "InService"}, clock=clock) as endpoint:
        yield Local(endpoint, clock, str(tmp_path / "none"))


# One function for each client: returns the AuthorizedUrl, or the code and message that the client's user sees.
Outcome = str | tuple[str, str]


def boto3_client(local: Local, setup: Setup) -> Outcome:
    pytest.importorskip("boto3")
    from boto3.session import Session
    from botocore import UNSIGNED
    from botocore.config import Config
    from botocore.exceptions import ClientError

    def before_sign(request: Any, **_: object) -> None:
        request.context["signing"] = {"signing_name": setup.service}

    with pytest.MonkeyPatch.context() as patch:
        for name in os.environ:
            patch.delenv(name)
        for name, value in local.environment(setup).items():
            patch.setenv(name, value)
        client = Session().client(
            "sagemaker", config=Config() if setup.signed else Config(signature_version=UNSIGNED)
        )
    if setup.service != "sagemaker":
        client.meta.events.register("before-sign", before_sign)
    try:
        return str(client.create_presigned_notebook_instance_url(NotebookInstanceName="nb")["AuthorizedUrl"])
    except ClientError as error:
        refusal = error.response
    finally:
        client.close()
    assert refusal["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert len(refusal["ResponseMetadata"]["RequestId"]) == 36
    return refusal["Error"]["Code"], refusal["Error"]["Message"]


def aws_cli(local: Local, setup: Setup) -> Outcome:
    pytest.importorskip("awscli")
    command = [sys.executable, "-m", "awscli", "sagemaker", "create-presigned-notebook-instance-url"]
    command += ["--notebook-instance-name", "nb", "--query", "AuthorizedUrl", "--output", "text"]
    command += [] if setup.signed else ["--no-sign-request"]
    done = subprocess.run(command, env=local.environment(setup), capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return done.stdout.strip()
    head, _, message = done.stderr.partition(" operation: ")
    return head.partition("(")[2].partition(")")[0], message.rstrip("\n")


def curl_that_signs() -> str:
    program = shutil.which("curl")
    if program is None:
        pytest.skip("curl is not installed")
    options = subprocess.run([program, "--help", "all"], capture_output=True, text=True, check=True).stdout
    if "--aws-sigv4" not in options:
        pytest.skip("this curl cannot sign")
    return program


def curl(local: Local, setup: Setup) -> Outcome:
    program = curl_that_signs()
    command = [program, "--disable", "--silent", "--noproxy", "*"]
    if setup.signed:
        command += ["--aws-sigv4", f"aws:amz:{setup.region}:{setup.service}"]
        command += ["--user", f"{setup.access_key_id}:{setup.secret_access_key}"]
    if setup.session_token:
        command += ["--header", f"X-Amz-Security-Token: {setup.session_token}"]
    command += ["--header", "Content-Type: application/x-amz-json-1.1", "--header", f"X-Amz-Target: {TARGET}"]
    command += ["--data", BODY.decode(), local.url]
    return answer(json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout))


def httpx_with_awscrt(local: Local, setup: Setup) -> Outcome:
    auth, http = pytest.importorskip("awscrt.auth"), pytest.importorskip("awscrt.http")
    keys = (setup.access_key_id, setup.secret_access_key, setup.session_token or None)
    config = auth.AwsSigningConfig(
        algorithm=auth.AwsSigningAlgorithm.V4,
        signature_type=auth.AwsSignatureType.HTTP_REQUEST_HEADERS,
        credentials_provider=auth.AwsCredentialsProvider.new_static(*keys),
        region=setup.region,
        service=setup.service,
        date=datetime.now(timezone.utc),
    )
    headers = [("Host", local.url.removeprefix("http://")), ("X-Amz-Target", TARGET)]
    request = http.HttpRequest("POST", "/", http.HttpHeaders(headers), io.BytesIO(BODY))
    if setup.signed:
        request = auth.aws_sign_request(request, config).result(timeout=60)
    with httpx.Client(trust_env=False) as client:
        response = client.post(local.url, headers=dict(request.headers), content=BODY)
    assert response.status_code == (400 if "__type" in response.json() else 200)
    return answer(response.json())


def answer(members: dict[str, str]) -> Outcome:
    return members.get("AuthorizedUrl") or (members["__type"], members["message"])


CLIENTS = [boto3_client, aws_cli, curl, httpx_with_awscrt]
Client = Callable[[Local, Setup], Outcome]


@pytest.mark.parametrize("client", CLIENTS)
def test_a_real_client_gets_a_url_that_opens(local: Local, client: Client) -> None:
    url = client(local, Setup())
    assert isinstance(url, str), url
    assert url.startswith(f"{local.url}/notebook/nb/?authToken=")
    with httpx.Client(follow_redirects=True, trust_env=False) as browser:
        assert "Notebook nb" in browser.get(url).text


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize(
    ("setup", "code", "message"),
    [
        (Setup(secret_access_key="wrong"), "InvalidSignatureException", MISMATCH),
        (Setup(access_key_id="AKIDOTHER"), "UnrecognizedClientException", INVALID),
        (Setup(session_token="left-over"), "UnrecognizedClientException", INVALID),
        (
            Setup(region="eu-west-1"),
            "InvalidSignatureException",
            "Credential should be scoped to a valid region, not 'eu-west-1'.",
        ),
        (
            Setup(signed=False),
            "MissingAuthenticationTokenException",
            "Request is missing Authentication Token",
        ),
    ],
    ids=["secret", "key id", "token", "region", "not signed"],
)
def test_a_wrongly_configured_client_gets_the_code_and_the_text_of_aws(
    local: Local, client: Client, setup: Setup, code: str, message: str
) -> None:
    outcome = client(local, setup)
    assert outcome[0] == code
    assert outcome[1].startswith(message)


@pytest.mark.parametrize("client", [boto3_client, curl, httpx_with_awscrt])
def test_a_real_client_that_signs_for_another_service_is_told_the_right_one(
    local: Local, client: Client
) -> None:
    assert client(local, Setup(service="iam")) == (
        "InvalidSignatureException",
        "Credential should be scoped to correct service: 'sagemaker'. ",
    )


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize(
    ("ahead", "words"), [(360, "Signature expired: "), (-360, "Signature not yet current: ")]
)
def test_a_real_client_whose_clock_is_six_minutes_off_is_told_both_times(
    local: Local, client: Client, ahead: float, words: str
) -> None:
    local.clock.ahead = ahead
    outcome = client(local, Setup())
    assert isinstance(outcome, tuple)
    code, message = outcome
    assert code == "InvalidSignatureException"
    assert message.startswith(words)
    assert message.endswith("5 min.)")


@pytest.mark.parametrize("ahead", [240, -240])
def test_a_real_client_whose_clock_is_four_minutes_off_is_served(local: Local, ahead: float) -> None:
    local.clock.ahead = ahead
    assert isinstance(boto3_client(local, Setup()), str)


def body_changed(request: Request) -> Request:
    return request.replace(body=request.body.replace(b"nb", b"no"))


def dropped(name: str) -> Callable[[Request], Request]:
    def change(request: Request) -> Request:
        kept = [(key, value) for key, value in request.headers if key.lower() != name]
        assert len(kept) < len(request.headers)
        return Request(request.method, request.url, kept, request.body)

    return change


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize(
    ("change", "code"),
    [
        (body_changed, "InvalidSignatureException"),
        (dropped("x-amz-target"), "InvalidSignatureException"),
        (dropped("host"), "InvalidSignatureException"),
        (dropped("x-amz-date"), "IncompleteSignatureException"),
        (dropped("authorization"), "MissingAuthenticationTokenException"),
    ],
    ids=["body changed", "target dropped", "host dropped", "date dropped", "signature dropped"],
)
def test_a_changed_request_is_refused(
    local: Local, client: Client, change: Callable[[Request], Request], code: str
) -> None:
    local.tamper(change)
    assert client(local, Setup())[0] == code
