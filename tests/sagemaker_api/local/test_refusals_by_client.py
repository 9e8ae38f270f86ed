"""One scenario, several clients: the same codes and texts from the local endpoint for all of them."""

from __future__ import annotations

import asyncio
import io
import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import httpx
import pytest

from sagemaker_api import AsyncSageMaker, SageMaker, ServiceError
from sagemaker_api.local import LocalSageMaker, Policy, asgi
from sagemaker_api.local.faults import Faults
from sagemaker_api.local.serving.server import Server
from sigv4 import Credentials

from ...interop import node
from .iam.documented_policies import IP_PAGE_WITH_DENY
from .test_real_clients import curl_that_signs

pytest_plugins = ["sagemaker_api.local.pytest_plugin"]
pytestmark = pytest.mark.interop

ROLE = "arn:aws:iam::123456789012:role/notebooks"
ARN = "arn:aws:sagemaker:us-east-1:123456789012:notebook-instance/new"
_NOTEBOOKS = tempfile.TemporaryDirectory()  # removed when the tests end
# Made only for a test that needs it: without the extra `local` uvicorn is not installed.
SERVERS: dict[str, Callable[[], Any]] = {
    "the standard library": lambda: Server,
    "uvicorn": asgi,
    "uvicorn with Jupyter": lambda: asgi(_NOTEBOOKS.name),
}
Params = dict[str, Any]
# A function that calls an operation with parameters; returns the result, or the code and message of the refusal.
Call = Callable[[str, Params], Any]


@pytest.fixture
def local(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> LocalSageMaker:
    """The endpoint of the pytest plugin; the test's parameter names its server."""
    if hasattr(request, "param"):
        request.node.add_marker(pytest.mark.local_sagemaker(server=SERVERS[request.param]()))
    endpoint: LocalSageMaker = request.getfixturevalue("local_sagemaker")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    endpoint.instances.delays["Pending"] = 60
    return endpoint


@pytest.fixture
def boto3_call(local: LocalSageMaker) -> Iterator[Call]:
    boto3 = pytest.importorskip("boto3")
    from botocore.exceptions import ClientError

    client = boto3.client("sagemaker")

    def call(operation: str, params: Params) -> Any:
        name = "".join(f"_{char.lower()}" if char.isupper() else char for char in operation)[1:]
        try:
            return getattr(client, name)(**params)
        except ClientError as error:
            return error.response["Error"]["Code"], error.response["Error"]["Message"]

    yield call
    client.close()


@pytest.fixture
def our_call(local: LocalSageMaker) -> Iterator[Call]:
    with SageMaker() as client:

        def call(operation: str, params: Params) -> Any:
            try:
                return client.call(operation, params)
            except ServiceError as error:
                return error.code, error.message

        yield call


@pytest.fixture
def our_async_call(local: LocalSageMaker) -> Call:
    async def called(operation: str, params: Params) -> Any:
        async with AsyncSageMaker() as client:
            try:
                return await client.call(operation, params)
            except ServiceError as error:
                return error.code, error.message

    return lambda operation, params: asyncio.run(called(operation, params))


@pytest.fixture
def aws_cli_call(local: LocalSageMaker, monkeypatch: pytest.MonkeyPatch) -> Call:
    """In this process: sixty starts of the AWS CLI take a minute. test_real_clients.py starts it."""
    clidriver = pytest.importorskip("awscli.clidriver")
    monkeypatch.setenv("AWS_DATA_PATH", str(Path(clidriver.__file__).parent / "data"))

    def call(operation: str, params: Params) -> Any:
        name = "".join(f"-{char.lower()}" if char.isupper() else char for char in operation)[1:]
        with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
            code = clidriver.create_clidriver().main(
                ["sagemaker", name, "--cli-input-json", json.dumps(params)]
            )
        if code == 0:
            return json.loads(out.getvalue() or "{}")
        head, _, tail = err.getvalue().partition(" operation")
        return head.partition("(")[2].partition(")")[0], tail.removeprefix(" (reached max retries: 0)")[2:-1]

    return call


@pytest.fixture
def curl_call(local: LocalSageMaker) -> Call:
    program = curl_that_signs()

    def call(operation: str, params: Params) -> Any:
        command = [program, "--disable", "--silent", "--noproxy", "*", local.url]
        command += ["--aws-sigv4", "aws:amz:us-east-1:sagemaker", "--data", json.dumps(params)]
        command += [
            "--user",
            f"{os.environ['AWS_ACCESS_KEY_ID']}:{os.environ['AWS_SECRET_ACCESS_KEY']}",
        ]
        command += ["--header", "Content-Type: application/x-amz-json-1.1"]
        command += ["--header", f"X-Amz-Target: SageMaker.{operation}"]
        answer = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        return (answer["__type"], answer.get("message", "")) if "__type" in answer else answer

    return call


@pytest.fixture
def aws_sdk_js_call(local: LocalSageMaker) -> Call:
    absent = node.missing()
    if absent:
        pytest.skip(absent)

    def call(operation: str, params: Params) -> Any:
        script = str(node.HERE / "sagemaker.mjs")
        command = ["node", script, str(node.modules().parent), operation, json.dumps(params)]
        answer = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        return (answer["code"], answer["message"]) if "code" in answer else answer

    return call


@pytest.fixture(params=["boto3", "our", "our_async", "aws_cli", "curl", "aws_sdk_js"])
def call(request: pytest.FixtureRequest) -> Call:
    found: Call = request.getfixturevalue(f"{request.param}_call")
    return found


def test_the_life_of_an_instance_in_the_same_words(local: LocalSageMaker, call: Call) -> None:
    name = {"NotebookInstanceName": "New"}
    made = {**name, "InstanceType": "ml.t3.medium", "RoleArn": ROLE}
    mint = "CreatePresignedNotebookInstanceUrl"
    no_record = ("ValidationException", "RecordNotFound")

    def wrong(status: str, allowed: str, target: str) -> tuple[str, str]:
        message = f"Status ({status}) not in ([{allowed}])."
        if target:
            message += f" Unable to transition to ({target}) for Notebook Instance ({ARN})."
        return "ValidationException", message

    def status() -> str:
        return str(call("DescribeNotebookInstance", name)["NotebookInstanceStatus"])

    assert call("DescribeNotebookInstance", name) == no_record
    assert call("CreateNotebookInstance", made)["NotebookInstanceArn"] == ARN
    assert call("CreateNotebookInstance", made) == (
        "ValidationException",
        f"Cannot create a duplicate Notebook Instance ({ARN})",
    )
    assert status() == "Pending"
    assert call(mint, name) == wrong("Pending", "InService", "")
    assert call("StopNotebookInstance", name) == wrong("Pending", "InService", "Stopping")
    local.clock.move(60)
    assert call("StartNotebookInstance", name) == wrong("InService", "Stopped, Failed", "Pending")
    assert call("DeleteNotebookInstance", name) == wrong("InService", "Stopped, Failed", "Deleting")
    assert "authToken=" in call(mint, name)["AuthorizedUrl"]
    assert isinstance(call("StopNotebookInstance", name), dict)
    assert status() == "Stopped"
    assert isinstance(call("DeleteNotebookInstance", name), dict)
    assert call("DescribeNotebookInstance", name) == no_record


@pytest.mark.parametrize("local", SERVERS, indirect=True)
def test_every_operation_on_every_server(
    local: LocalSageMaker, call: Call, request: pytest.FixtureRequest
) -> None:
    is_jupyter = "Jupyter" in request.node.name
    name, resource = {"NotebookInstanceName": "New"}, {"ResourceArn": ARN}
    tag, more = {"Key": "team", "Value": "data"}, {"Key": "stage", "Value": ""}
    made = {**name, "InstanceType": "ml.t3.medium", "RoleArn": ROLE, "Tags": [tag]}

    def described(member: str) -> Any:
        return call("DescribeNotebookInstance", name)[member]

    assert call("CreateNotebookInstance", made)["NotebookInstanceArn"] == ARN
    local.clock.move(60)
    found = call("ListNotebookInstances", {"SortBy": "Name"})["NotebookInstances"]
    assert [each["NotebookInstanceName"] for each in found] == ["New", "my-notebook"]
    assert call("AddTags", {**resource, "Tags": [more]})["Tags"] == [tag, more]
    call("DeleteTags", {**resource, "TagKeys": ["team"]})
    assert call("ListTags", resource)["Tags"] == [more]
    minted = call("CreatePresignedNotebookInstanceUrl", {**name, "SessionExpirationDurationInSeconds": 1800})
    with httpx.Client(trust_env=False, timeout=60, follow_redirects=True) as browser:
        root = minted["AuthorizedUrl"].partition("?")[0]
        assert (
            browser.get(root, follow_redirects=False).status_code == 302
        )  # redirects to the page that asks for a URL
        opened = browser.get(minted["AuthorizedUrl"])
        assert opened.status_code == 200
        api = browser.get(f"{root}api")
        assert ("version" in api.text) is is_jupyter
        call("StopNotebookInstance", name)
        assert browser.get(f"{root}api").status_code != 200
    call("UpdateNotebookInstance", {**name, "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 9})
    assert (described("InstanceType"), described("VolumeSizeInGB")) == ("ml.m5.xlarge", 9)
    call("StartNotebookInstance", name)
    assert described("NotebookInstanceStatus") == "Pending"
    local.clock.move(60)
    call("StopNotebookInstance", name)
    call("DeleteNotebookInstance", name)
    assert call("ListTags", resource) == ("ValidationException", "RecordNotFound")


def test_refusals_in_the_same_words(
    local: LocalSageMaker, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = {"NotebookInstanceName": "my-notebook"}
    mint = "CreatePresignedNotebookInstanceUrl"
    assert call(mint, {"NotebookInstanceName": "a_b"}) == (
        "ValidationException",
        "1 validation error detected: Value 'a_b' at 'notebookInstanceName' failed to satisfy constraint: "
        "Member must satisfy regular expression pattern: ^[a-zA-Z0-9](-*[a-zA-Z0-9])*",
    )
    local.set_policies([Policy.parse(IP_PAGE_WITH_DENY, "IP page")])
    arn = ARN.replace("/new", "/my-notebook")
    assert call(mint, name) == (
        "AccessDeniedException",
        f"User: arn:aws:iam::123456789012:user/local is not authorized to perform: sagemaker:{mint} on "
        f"resource: {arn} with an explicit deny in an identity-based policy",
    )
    local.set_policies(None)
    local.service.control.faults = Faults(throttle=1)
    assert call(mint, name) == ("ThrottlingException", "Rate exceeded")


def test_boto3_waits_lists_in_pages_and_tags(local: LocalSageMaker, boto3_call: Call) -> None:
    boto3 = pytest.importorskip("boto3")
    from botocore.exceptions import ClientError, WaiterError

    client = boto3.client("sagemaker")
    quick = {"Delay": 0, "MaxAttempts": 2}
    name = {"NotebookInstanceName": "my-notebook"}
    began = local.clock()
    client.stop_notebook_instance(**name)
    client.get_waiter("notebook_instance_stopped").wait(**name, WaiterConfig=quick)
    client.start_notebook_instance(**name)
    with pytest.raises(WaiterError, match="Max attempts exceeded"):
        client.get_waiter("notebook_instance_in_service").wait(**name, WaiterConfig=quick)
    local.clock.move(60)
    client.get_waiter("notebook_instance_in_service").wait(**name, WaiterConfig=quick)
    found = client.describe_notebook_instance(**name)
    assert int(began) <= found["LastModifiedTime"].timestamp() <= local.clock()
    for number in range(5):
        client.create_notebook_instance(
            NotebookInstanceName=f"nb{number}",
            InstanceType="ml.t3.medium",
            RoleArn=ROLE,
            Tags=[{"Key": "n", "Value": str(number)}],
        )
    pages = client.get_paginator("list_notebook_instances").paginate(
        PaginationConfig={"PageSize": 4}, SortBy="CreationTime"
    )
    assert [len(page["NotebookInstances"]) for page in pages] == [4, 2]
    assert client.list_tags(ResourceArn=ARN.replace("/new", "/nb3"))["Tags"] == [{"Key": "n", "Value": "3"}]
    client.stop_notebook_instance(**name)
    client.delete_notebook_instance(**name)
    client.get_waiter("notebook_instance_deleted").wait(**name, WaiterConfig=quick)
    with pytest.raises(ClientError, match="RecordNotFound"):
        client.describe_notebook_instance(**name)
    client.close()


def test_boto3_is_told_that_its_credentials_have_expired(
    local: LocalSageMaker, boto3_call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sagemaker_api.local import Identity

    arn = "arn:aws:sts::123456789012:assumed-role/ops/bob"
    keys = Credentials("ASIABOB", "secret", "token", local.clock() + 900)
    local.identities.replace([Identity(arn, keys)])
    for name, value in local.environment_of(arn).items():
        monkeypatch.setenv(name, value)
    boto3 = pytest.importorskip("boto3")
    from botocore.exceptions import ClientError

    client = boto3.session.Session().client("sagemaker")
    client.describe_notebook_instance(NotebookInstanceName="my-notebook")
    local.identities.replace([Identity(arn, Credentials("ASIABOB", "secret", "token", local.clock()))])
    with pytest.raises(ClientError) as refused:
        client.describe_notebook_instance(NotebookInstanceName="my-notebook")
    assert refused.value.response["Error"] == {
        "Code": "ExpiredTokenException",
        "Message": "The security token included in the request is expired",
    }
    client.close()
