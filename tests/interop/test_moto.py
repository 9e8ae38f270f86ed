"""Calls Describe, Start, Stop and List at moto's server; results, types and errors equal those of boto3."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from typing import Any

import pytest

from sagemaker_api import AsyncSageMaker, SageMaker
from sagemaker_api.cli import main

boto3 = pytest.importorskip("boto3", reason="boto3 is not installed (extra `interop`)")
moto = pytest.importorskip("moto.server", reason="moto[server] is not installed (extra `interop`)")

pytestmark = [
    pytest.mark.interop,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # the warnings are moto's own
]

KEYS = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """moto's server with four instances: two of them stopped."""
    server = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        boto = boto3.client(
            "sagemaker", region_name="us-east-1", endpoint_url=f"http://{host}:{port}", **KEYS
        )
        for name in ("one", "two", "three", "four"):
            boto.create_notebook_instance(
                NotebookInstanceName=name,
                InstanceType="ml.t2.medium",
                RoleArn="arn:aws:iam::123456789012:role/service-role/notebooks",
                SecurityGroupIds=["sg-1", "sg-2"],
                VolumeSizeInGB=7,
                AdditionalCodeRepositories=["https://github.com/a/b"],
            )
        for name in ("three", "four"):
            boto.stop_notebook_instance(NotebookInstanceName=name)
        yield f"http://{host}:{port}"
    finally:
        server.stop()


class Awaited:
    """The asyncio client with the interface of the others."""

    def __init__(self, **arguments: Any) -> None:
        self._arguments = arguments

    def __getattr__(self, name: str) -> Callable[..., Any]:
        async def run(params: dict[str, Any]) -> Any:
            async with AsyncSageMaker(**self._arguments) as client:
                return await getattr(client, name)(**params)

        return lambda **params: asyncio.run(run(params))


def _boto(**arguments: Any) -> Any:
    return boto3.client("sagemaker", **arguments)


MAKERS: tuple[Callable[..., Any], ...] = (_boto, SageMaker, Awaited)


def _outcomes(url: str, name: str, params: dict[str, Any]) -> list[Any]:
    """The results of each of the three clients."""
    found: list[tuple[Any, ...]] = []
    for make in MAKERS:
        client = make(region_name="us-east-1", endpoint_url=url, **KEYS)
        try:
            result = dict(getattr(client, name)(**params))
        except Exception as error:  # noqa: BLE001 (all errors of the clients are compared)
            response = getattr(error, "response", {})
            found.append((str(error), response.get("Error")))
            continue
        metadata = result.pop("ResponseMetadata")
        found.append((result, metadata["HTTPStatusCode"], metadata["RetryAttempts"], _types(result)))
    return found


def _types(value: Any) -> Any:
    """The types in a result; for datetimes, whether they are aware."""
    if isinstance(value, dict):
        return {name: _types(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_types(item) for item in value]
    return "aware" if isinstance(value, datetime) and value.utcoffset() is not None else type(value)


LATER = datetime(2126, 1, 1, tzinfo=timezone.utc)  # a constant, since names of tests contain it


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("describe_notebook_instance", {"NotebookInstanceName": "one"}),
        ("describe_notebook_instance", {"NotebookInstanceName": "three"}),
        ("describe_notebook_instance", {"NotebookInstanceName": "nobody"}),
        ("describe_notebook_instance", {}),
        ("start_notebook_instance", {"NotebookInstanceName": "one"}),
        ("start_notebook_instance", {"NotebookInstanceName": "three"}),
        ("stop_notebook_instance", {"NotebookInstanceName": "three"}),
        ("stop_notebook_instance", {"NotebookInstanceName": "nobody"}),
        ("list_notebook_instances", {}),
        ("list_notebook_instances", {"SortBy": "Name", "SortOrder": "Ascending"}),
        ("list_notebook_instances", {"NameContains": "o"}),
        ("list_notebook_instances", {"StatusEquals": "Stopped"}),
        ("list_notebook_instances", {"CreationTimeAfter": LATER}),
        ("list_notebook_instances", {"CreationTimeBefore": LATER.isoformat()}),
        ("list_notebook_instances", {"MaxResults": 2}),
        ("list_notebook_instances", {"Foo": 1, "MaxResults": 0}),
    ],
    ids=str,
)
def test_results_and_errors_are_botos(url: str, name: str, params: dict[str, Any]) -> None:
    theirs, ours, awaited = _outcomes(url, name, params)
    assert ours == theirs
    assert awaited == theirs
    assert theirs[0] or name.startswith(("start", "stop"))


@pytest.mark.parametrize("config", [{}, {"PageSize": 1}, {"MaxItems": 3, "PageSize": 2}, {"MaxItems": 2}])
def test_pages_are_botos(url: str, config: dict[str, int]) -> None:
    found = []
    for make in MAKERS[:2]:
        client = make(region_name="us-east-1", endpoint_url=url, **KEYS)
        paginator = client.get_paginator("list_notebook_instances")
        pages = paginator.paginate(PaginationConfig=config)
        listed = [page["NotebookInstances"] for page in pages]
        whole = paginator.paginate(PaginationConfig=config).build_full_result()
        found.append((listed, pages.resume_token, whole))
    assert found[0] == found[1]
    assert found[0][0]


@pytest.mark.parametrize(
    ("waiter", "name"),
    [
        ("notebook_instance_in_service", "one"),
        ("notebook_instance_in_service", "three"),
        ("notebook_instance_in_service", "nobody"),
        ("notebook_instance_stopped", "four"),
        ("notebook_instance_deleted", "nobody"),
        ("notebook_instance_deleted", "one"),
    ],
)
def test_waiters_end_as_botos_do(url: str, waiter: str, name: str) -> None:
    ends = []
    for make in MAKERS[:2]:
        client = make(region_name="us-east-1", endpoint_url=url, **KEYS)
        try:
            ends.append(
                client.get_waiter(waiter).wait(
                    NotebookInstanceName=name, WaiterConfig={"Delay": 0, "MaxAttempts": 2}
                )
            )
        except Exception as caught:  # noqa: BLE001 (all errors of the clients are compared)
            error: Any = caught
            last = dict(error.last_response)
            last.pop("ResponseMetadata")
            ends.append((str(error), error.kwargs, last))
    assert ends[0] == ends[1]


def test_the_command_line_leads_an_instance_through_its_statuses(
    url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in KEYS.items():
        monkeypatch.setenv(name.upper(), value)
    monkeypatch.setenv("AWS_ENDPOINT_URL_SAGEMAKER", url)
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    named = ["--notebook-instance-name", "two"]
    status = ["describe-notebook-instance", *named, "--query", "NotebookInstanceStatus", "--output", "text"]
    assert [
        main(["stop-notebook-instance", *named]),
        main(["wait", "notebook-instance-stopped", *named]),
    ] == [0, 0]
    assert main(status) == 0
    assert [
        main(["start-notebook-instance", *named]),
        main(["wait", "notebook-instance-in-service", *named]),
    ] == [0, 0]
    assert main(status) == 0
    assert capsys.readouterr().out == "Stopped\nInService\n"
