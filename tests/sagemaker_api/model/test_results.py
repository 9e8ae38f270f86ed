"""Parameters and results of the operations have boto's checks and boto's types."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from sagemaker_api import AsyncSageMaker, ParamValidationError, ProtocolError, SageMaker
from sagemaker_api.model.operations import OPERATIONS
from sagemaker_api.model.results import DESCRIBE, LIST
from sagemaker_api.model.shapes import ListOf, Structure, Timestamp, read, sample
from sagemaker_api.model.timestamps import parse_timestamp
from tests.sagemaker_api.calls import CREDENTIALS
from tests.sagemaker_api.scripted_transport import (
    DONE,
    MINTED,
    URL,
    AsyncScripted,
    Scripted,
    answered,
    described,
)

MOMENT = datetime(2018, 10, 23, 22, 46, 17, 501000, timezone.utc)
NAME = {"NotebookInstanceName": "nb"}


def _client(*answers: Any) -> tuple[SageMaker, Scripted]:
    transport = Scripted(*answers)
    return SageMaker("us-east-1", credentials=CREDENTIALS, transport=transport), transport


# ---- results


def test_a_description_comes_in_botos_types() -> None:
    client, _ = _client(
        described(
            "InService",
            CreationTime=1540334777.501,
            LastModifiedTime=1540334777,
            VolumeSizeInGB=5.0,
            SecurityGroups=["sg-1", None],
            AdditionalCodeRepositories=[],
            KmsKeyId=None,
            InstanceMetadataServiceConfiguration={"MinimumInstanceMetadataServiceVersion": "2", "New": 1},
            SomethingNew={"a": 1},
        )
    )
    found = client.describe_notebook_instance(**NAME)
    assert found == {
        "NotebookInstanceName": "nb",
        "NotebookInstanceStatus": "InService",
        "CreationTime": MOMENT,
        "LastModifiedTime": MOMENT.replace(microsecond=0),
        "VolumeSizeInGB": 5,
        "SecurityGroups": ["sg-1"],
        "AdditionalCodeRepositories": [],
        "InstanceMetadataServiceConfiguration": {"MinimumInstanceMetadataServiceVersion": "2"},
        "ResponseMetadata": found["ResponseMetadata"],
    }
    assert found["CreationTime"].tzinfo is not None
    assert type(found["VolumeSizeInGB"]) is int


def test_a_list_comes_in_botos_types() -> None:
    client, _ = _client(answered({"NotebookInstances": [{"CreationTime": 0}, {}], "NextToken": "t"}))
    found = client.list_notebook_instances()
    instances = [dict(each) for each in found["NotebookInstances"]]
    assert instances == [{"CreationTime": datetime(1970, 1, 1, tzinfo=timezone.utc)}, {}]
    assert found["NextToken"] == "t"


def test_start_and_stop_return_only_metadata() -> None:
    client, transport = _client(DONE, answered({"Anything": 1}))
    assert list(client.start_notebook_instance(**NAME)) == ["ResponseMetadata"]
    assert list(client.stop_notebook_instance(**NAME)) == ["ResponseMetadata"]
    assert transport.calls == [("StartNotebookInstance", NAME), ("StopNotebookInstance", NAME)]


def test_every_method_is_awaited_with_the_same_outcome() -> None:
    resource = {"ResourceArn": "arn"}
    answers = [MINTED, described("Stopped"), DONE, DONE, answered({"NotebookInstances": []})]
    answers += [
        answered({"NotebookInstanceArn": "a"}),
        DONE,
        DONE,
        answered({"Tags": []}),
        answered({}),
        DONE,
    ]
    calls: list[tuple[str, dict[str, Any]]] = [
        ("create_presigned_notebook_instance_url", NAME),
        ("describe_notebook_instance", NAME),
        ("start_notebook_instance", NAME),
        ("stop_notebook_instance", NAME),
        ("list_notebook_instances", {"MaxResults": 3}),
        ("create_notebook_instance", {**NAME, "InstanceType": "ml.t3.medium", "RoleArn": "r" * 20}),
        ("update_notebook_instance", NAME),
        ("delete_notebook_instance", NAME),
        ("add_tags", {**resource, "Tags": [{"Key": "a", "Value": "b"}]}),
        ("list_tags", resource),
        ("delete_tags", {**resource, "TagKeys": ["a"]}),
    ]

    async def main() -> list[Any]:
        async with AsyncSageMaker(
            "us-east-1", credentials=CREDENTIALS, transport=AsyncScripted(*answers)
        ) as client:
            return [await getattr(client, name)(**params) for name, params in calls]

    client, transport = _client(*answers)
    blocking = [getattr(client, name)(**params) for name, params in calls]
    assert blocking == asyncio.run(main())
    assert blocking[0]["AuthorizedUrl"] == URL
    assert [name for name, _ in transport.calls] == list(OPERATIONS)


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"NotebookInstanceStatus": 5}, "NotebookInstanceStatus as int: expected a string"),
        ({"CreationTime": "soon"}, "CreationTime as str: expected a timestamp"),
        ({"CreationTime": 1e300}, "CreationTime as float: expected a timestamp"),
        ({"CreationTime": True}, "CreationTime as bool: expected a timestamp"),
        ({"CreationTime": "1e400"}, "CreationTime as str: expected a timestamp"),
        ({"VolumeSizeInGB": "5"}, "VolumeSizeInGB as str: expected a whole number"),
        ({"VolumeSizeInGB": 5.5}, "VolumeSizeInGB as float: expected a whole number"),
        ({"VolumeSizeInGB": True}, "VolumeSizeInGB as bool: expected a whole number"),
        ({"SecurityGroups": "sg"}, "SecurityGroups as str: expected a list"),
        ({"SecurityGroups": ["a", {}]}, "SecurityGroups[1] as dict: expected a string"),
        ({"InstanceMetadataServiceConfiguration": []}, "Configuration as list: expected an object"),
    ],
)
def test_a_member_of_another_type_is_an_answer_that_no_service_gives(
    members: dict[str, Any], words: str
) -> None:
    client, _ = _client(answered(members))
    with pytest.raises(ProtocolError) as raised:
        client.describe_notebook_instance(**NAME)
    assert str(raised.value).startswith("DescribeNotebookInstance answered ")
    assert words in str(raised.value)


def test_read_shows_nothing_of_what_it_refuses() -> None:
    with pytest.raises(ProtocolError) as raised:
        read(Structure(("A", ListOf(str))), {"A": [["MARKER"]]}, "X answered")
    assert raised.value.__context__ is None
    assert str(raised.value) == "X answered A[0] as list: expected a string"


# ---- timestamps


@pytest.mark.parametrize(
    "value",
    [
        1540334777.501,
        "1540334777.501",
        "2018-10-23T22:46:17.501Z",
        "2018-10-23T22:46:17.501000+00:00",
        "2018-10-23T17:46:17.501-05:00",
        "2018-10-23 22:46:17.501",
        MOMENT,
        MOMENT.replace(tzinfo=None),
        MOMENT.astimezone(timezone(timedelta(hours=9))),
    ],
)
def test_a_moment_in_all_its_forms(value: object) -> None:
    found = parse_timestamp(value)
    assert found == MOMENT
    assert found.tzinfo is not None


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("2018-10-23", datetime(2018, 10, 23, tzinfo=timezone.utc)),
        ("Tue, 23 Oct 2018 22:46:17 GMT", MOMENT.replace(microsecond=0)),
        ("2018-10-23T22:46:17.5010009Z", MOMENT),
        (-1, datetime(1969, 12, 31, 23, 59, 59, tzinfo=timezone.utc)),
    ],
)
def test_other_forms_of_a_moment(value: object, moment: datetime) -> None:
    assert parse_timestamp(value) == moment


@pytest.mark.parametrize(
    "value",
    [
        "",
        "x",
        "nan",
        "inf",
        "2018-13-01",
        None,
        [],
        b"0",
        1e20,
        float("nan"),
        "2018-10-23T22:46:17.Z",
        "9" * 400,
    ],
)
def test_a_value_that_is_not_a_time_is_a_value_error(value: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 (each form has a different text)
        parse_timestamp(value)


# ---- parameters


LIST_CASES: list[tuple[dict[str, object], list[str]]] = [
    ({"MaxResults": 0}, ["Invalid value for parameter MaxResults, value: 0, valid min value: 1"]),
    (
        {"AdditionalCodeRepositoryEquals": ""},
        ["Invalid length for parameter AdditionalCodeRepositoryEquals, value: 0, valid min length: 1"],
    ),
    (
        {"CreationTimeAfter": "x"},
        [
            "Invalid type for parameter CreationTimeAfter, value: x, type: <class 'str'>, "
            "valid types: <class 'datetime.datetime'>, timestamp-string"
        ],
    ),
    (
        {"LastModifiedTimeAfter": None, "SortBy": 3},
        [
            "Invalid type for parameter LastModifiedTimeAfter, value: None, type: <class 'NoneType'>, "
            "valid types: <class 'datetime.datetime'>, timestamp-string",
            "Invalid type for parameter SortBy, value: 3, type: <class 'int'>, valid types: <class 'str'>",
        ],
    ),
    (
        {"Foo": 1},
        [
            'Unknown parameter in input: "Foo", must be one of: NextToken, MaxResults, SortBy, SortOrder, '
            "NameContains, CreationTimeBefore, CreationTimeAfter, LastModifiedTimeBefore, "
            "LastModifiedTimeAfter, StatusEquals, NotebookInstanceLifecycleConfigNameContains, "
            "DefaultCodeRepositoryContains, AdditionalCodeRepositoryEquals"
        ],
    ),
]


@pytest.mark.parametrize(("params", "report"), LIST_CASES)
def test_list_parameters_are_refused_in_botos_words(params: dict[str, Any], report: list[str]) -> None:
    client, transport = _client()
    with pytest.raises(ParamValidationError) as raised:
        client.list_notebook_instances(**params)
    assert raised.value.report.split("\n") == report
    assert transport.calls == []


@pytest.mark.parametrize("operation", ["describe", "start", "stop"])
def test_the_name_is_required(operation: str) -> None:
    client, _ = _client()
    with pytest.raises(
        ParamValidationError, match='Missing required parameter in input: "NotebookInstanceName"'
    ):
        getattr(client, f"{operation}_notebook_instance")()


def test_every_list_parameter_is_sent_and_moments_as_epoch_seconds() -> None:
    params: dict[str, Any] = {
        "NextToken": "t",
        "MaxResults": 5,
        "SortBy": "Name",
        "SortOrder": "Descending",
        "NameContains": "n",
        "CreationTimeBefore": MOMENT,
        "CreationTimeAfter": "2018-10-23T22:46:17.501Z",
        "LastModifiedTimeBefore": 1540334777,
        "LastModifiedTimeAfter": datetime(2018, 10, 23),
        "StatusEquals": "InService",
        "NotebookInstanceLifecycleConfigNameContains": "l",
        "DefaultCodeRepositoryContains": "d",
        "AdditionalCodeRepositoryEquals": "a",
    }
    client, transport = _client(answered({}))
    client.list_notebook_instances(**params)
    assert transport.calls[0][1] == {
        **params,
        "CreationTimeBefore": 1540334777.501,
        "CreationTimeAfter": 1540334777.501,
        "LastModifiedTimeAfter": 1540252800,
    }


# ---- the shapes themselves


def test_a_sample_has_every_member() -> None:
    found = sample(LIST, "", named=True)
    assert found["NextToken"] == "NextToken"
    instances: Any = LIST.members[1][1]  # a list of structures
    assert list(found["NotebookInstances"][0]) == [name for name, _ in instances.item.members]
    assert sample(Timestamp, "x", named=True) == "1970-01-01T00:00:00"
    assert json.dumps(sample(DESCRIBE, "", named=False)).count('""') > 10


def test_shapes_and_operations_are_values() -> None:
    import pickle

    for operation in OPERATIONS.values():
        assert pickle.loads(pickle.dumps(operation.results)) == operation.results
