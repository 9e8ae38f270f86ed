"""Leaving boto3 is a change of one line: the same calls on both clients, the same results, codes and messages."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sagemaker_api import SageMaker, StdlibTransport
from sagemaker_api.local import EXAMPLE, LocalSageMaker
from tests.sagemaker_api.answers import REFUSALS, SUCCESSES, Refusal, Success
from tests.sagemaker_api.model.test_operations import CASES, NAME, SECONDS
from tests.sagemaker_api.model.test_results import LIST_CASES, MOMENT
from tests.sagemaker_api.scripted import Answer, ScriptedServer, http

pytestmark = pytest.mark.interop
boto3 = pytest.importorskip("boto3", reason="boto3 is not installed")

Make = Callable[..., Any]


def _sagemaker(**arguments: Any) -> SageMaker:
    return SageMaker(**arguments, transport=StdlibTransport())


def _boto(**arguments: Any) -> Any:
    return boto3.client("sagemaker", **arguments)


@pytest.fixture(scope="module")
def local() -> Iterator[LocalSageMaker]:
    with LocalSageMaker({"my-nb": "InService", "stopped": "Stopped"}) as running:
        yield running


def _outcome(
    make: Make,
    url: str,
    params: dict[str, Any],
    method: str = "create_presigned_notebook_instance_url",
    **others: Any,
) -> tuple[Any, ...]:
    """The result of a call, or the error's text, code, message and metadata."""
    client = make(
        **{
            "region_name": "us-east-1",
            "endpoint_url": url,
            "aws_access_key_id": EXAMPLE.access_key_id,
            "aws_secret_access_key": EXAMPLE.secret_access_key,
            **others,
        }
    )
    try:
        result = getattr(client, method)(**params)
    except Exception as error:  # noqa: BLE001 (all errors of both clients are compared)
        response = getattr(error, "response", None) or {"Error": None, "ResponseMetadata": {}}
        return str(error), response["Error"], _comparable(response["ResponseMetadata"])
    finally:
        client.close()
    return {name: value for name, value in result.items() if name != "ResponseMetadata"}, _comparable(
        result["ResponseMetadata"]
    )


def _comparable(metadata: dict[str, Any]) -> dict[str, Any]:
    """The metadata without what differs from one request to the next."""
    varying = {"RequestId", "x-amzn-requestid", "date", "content-length"}
    kept = {name: value for name, value in metadata.items() if name not in varying}
    kept["HTTPHeaders"] = {n: v for n, v in metadata.get("HTTPHeaders", {}).items() if n not in varying}
    if (
        metadata.get("HTTPStatusCode", 0) < 500
    ):  # boto does not look for a request id in an answer that may be a proxy's page
        kept["has request id"] = "RequestId" in metadata
    return kept


@pytest.mark.parametrize(
    ("params", "others", "word"),
    [
        ({NAME: "my-nb"}, {}, None),
        ({NAME: "my-nb", SECONDS: 1800}, {}, None),
        ({NAME: "-bad name-"}, {}, "(ValidationException)"),
        ({NAME: "x" * 64}, {}, "(ValidationException)"),
        ({}, {}, "Missing required parameter"),
        ({NAME: "my-nb", SECONDS: 43201}, {}, "(ValidationException)"),
        ({NAME: "my-nb", SECONDS: 1799}, {}, "valid min value: 1800"),
        ({NAME: "unknown"}, {}, "RecordNotFound"),
        ({NAME: "stopped"}, {}, "(ValidationException)"),
        ({NAME: "my-nb"}, {"aws_secret_access_key": "wrong"}, "(InvalidSignatureException)"),
        ({NAME: "my-nb"}, {"aws_access_key_id": "AKIDWRONG"}, "(UnrecognizedClientException)"),
        ({NAME: "my-nb"}, {"aws_session_token": "unasked"}, "(UnrecognizedClientException)"),
        ({NAME: "my-nb"}, {"region_name": "eu-west-1"}, "(InvalidSignatureException)"),
    ],
    ids=str,
)
def test_against_the_local_sagemaker(
    local: LocalSageMaker, params: dict[str, Any], others: dict[str, Any], word: str | None
) -> None:
    ours = _outcome(_sagemaker, local.url, params, **others)
    theirs = _outcome(_boto, local.url, params, **others)
    if word is None:
        assert (
            ours[0].pop("AuthorizedUrl").partition("=")[0] == theirs[0].pop("AuthorizedUrl").partition("=")[0]
        )
    else:
        assert word in ours[0]
    assert ours == theirs


@pytest.mark.parametrize("params", [case[0] for case in CASES], ids=str)
def test_client_side_validation(params: dict[str, Any]) -> None:
    ours, theirs = (_outcome(make, "http://127.0.0.1:1", params) for make in (_sagemaker, _boto))
    assert ours == theirs
    assert ours[0].startswith("Parameter validation failed:\n")


@pytest.mark.parametrize("params", [case[0] for case in LIST_CASES], ids=str)
def test_client_side_validation_of_a_list(params: dict[str, Any]) -> None:
    ours, theirs = (
        _outcome(make, "http://127.0.0.1:1", params, "list_notebook_instances")
        for make in (_sagemaker, _boto)
    )
    assert ours == theirs
    assert ours[0].startswith("Parameter validation failed:\n")


@pytest.mark.parametrize(
    "moment", [MOMENT, MOMENT.replace(tzinfo=None), "2018-10-23T22:46:17Z", "2018-10-23", 7, "7"]
)
def test_moments_are_sent_as_boto_sends_them(moment: Any) -> None:
    bodies = []
    for make in (_sagemaker, _boto):
        with ScriptedServer(http(200, "{}")) as server:
            _outcome(make, server.url, {"CreationTimeAfter": moment}, "list_notebook_instances")
        bodies.append(json.loads(server.requests[0].partition(b"\r\n\r\n")[2]))
    assert bodies[0] == bodies[1]


@pytest.mark.parametrize(
    "body",
    [
        {"CreationTime": 1540334777.501, "LastModifiedTime": 1540334777},
        {"CreationTime": "1540334777", "LastModifiedTime": "2018-10-23T22:46:17.501Z"},
        {"CreationTime": "Tue, 23 Oct 2018 22:46:17 GMT", "VolumeSizeInGB": 5, "New": 1, "Url": None},
        {"InstanceMetadataServiceConfiguration": {"New": 1}, "SecurityGroups": [], "AcceleratorTypes": ["a"]},
    ],
    ids=str,
)
def test_descriptions_are_read_as_boto_reads_them(body: dict[str, Any]) -> None:
    with ScriptedServer(http(200, json.dumps(body))) as server:
        ours, theirs = (
            _outcome(make, server.url, {NAME: "x"}, "describe_notebook_instance")
            for make in (_sagemaker, _boto)
        )
    assert ours == theirs
    for name, value in theirs[0].items():
        assert (
            getattr(ours[0][name], "tzinfo", None) is None or ours[0][name].utcoffset() == value.utcoffset()
        )


# Cases that are not compared, with the reason: boto crashes; it looks in fewer places for the code, the message and
# the request id; or its text does not help (a redirect, or a page whose markup it shows).
BOTO_DIFFERS = {
    "__type with white space",
    "code",
    "code before __type",
    "code that is not a string",
    "header before all",
    "header and no body",
    "types of the wrong type",
    "empty type",
    "errorMessage",
    "null message",
    "message that is not a string",
    "control characters",
    "4xx, long text",
    "4xx, not UTF-8",
    "array",
    "string",
    "null",
    "501, page with doctype",
    "compressed",
    "304",
}


@pytest.mark.parametrize(
    "answer",
    [*SUCCESSES, *(refusal for refusal in REFUSALS if refusal.name not in BOTO_DIFFERS)],
    ids=lambda answer: answer.name,
)
def test_answers(answer: Success | Refusal) -> None:
    headers = (("x-amzn-RequestId", "r-1"), *answer.headers)
    with ScriptedServer(http(answer.status, answer.body, *headers)) as server:
        ours, theirs = (_outcome(make, server.url, {NAME: "x"}) for make in (_sagemaker, _boto))
    assert ours == theirs


@pytest.mark.parametrize(
    "answers",
    [
        [http(503, "<html>")],
        [http(500, '{"__type":"InternalFailure"}')],
        [http(503), http(503), http(200, '{"AuthorizedUrl":"u"}')],
        [http(503), http(503), http(400, '{"__type":"ValidationException","message":"m"}')],
        [http(400, '{"__type":"ValidationException","message":"m"}')],
        [http(403, "<html>no</html>")],
    ],
    ids=["503", "500", "503 503 200", "503 503 400", "400", "403 page"],
)
def test_retries(answers: list[Answer]) -> None:
    outcomes = []
    for make in (_sagemaker, _boto):
        with ScriptedServer(*answers) as server:
            outcomes.append((_outcome(make, server.url, {NAME: "x"}), len(server.requests)))
    assert outcomes[0] == outcomes[1]


def test_connections_that_the_server_closes() -> None:
    with ScriptedServer(None) as server:
        ours, theirs = (_outcome(make, server.url, {NAME: "x"}) for make in (_sagemaker, _boto))
    assert ours == theirs
    assert ours[0].startswith("Connection was closed before we received a valid response from endpoint URL: ")


def test_no_server_listens() -> None:
    ours, theirs = (_outcome(make, "http://127.0.0.1:1/p", {NAME: "x"}) for make in (_sagemaker, _boto))
    assert ours == theirs
    assert ours[0] == 'Could not connect to the endpoint URL: "http://127.0.0.1:1/p"'


@pytest.mark.parametrize(
    "others",
    [
        {"region_name": None},
        {"region_name": "x.evil.com/"},
        {"aws_secret_access_key": None},
        {"aws_access_key_id": None},
    ],
    ids=str,
)
def test_clients_that_cannot_be_built(others: dict[str, Any]) -> None:
    texts = []
    for make in (_sagemaker, _boto):
        with pytest.raises(Exception) as raised:  # noqa: PT011 (the text is compared)
            _outcome(make, "http://127.0.0.1:1", {NAME: "x"}, **others)
        texts.append(str(raised.value))
    assert texts[0] == texts[1]


_ROLE_ARN = "arn:aws:iam::123456789012:role/Notebooks"
_MADE = {NAME: "made", "InstanceType": "ml.t3.medium", "RoleArn": _ROLE_ARN}
_METADATA = "InstanceMetadataServiceConfiguration"


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("create_notebook_instance", {}),
        ("create_notebook_instance", {**_MADE, "RoleArn": "short"}),
        ("create_notebook_instance", {**_MADE, "VolumeSizeInGB": 4, "SecurityGroupIds": "sg-1"}),
        ("create_notebook_instance", {**_MADE, "SecurityGroupIds": ["a", 1, None], "AcceleratorTypes": {}}),
        (
            "create_notebook_instance",
            {**_MADE, "Tags": [{"Key": ""}, {"Value": "v"}, "t", {"Key": "k", "Value": 1, "X": 2}]},
        ),
        ("create_notebook_instance", {**_MADE, "Tags": {"a": "b"}, "Foo": 1}),
        ("create_notebook_instance", {**_MADE, _METADATA: {}}),
        ("create_notebook_instance", {**_MADE, _METADATA: "2", "AdditionalCodeRepositories": ["", "r"]}),
        (
            "create_notebook_instance",
            {**_MADE, _METADATA: {"MinimumInstanceMetadataServiceVersion": 2, "New": 1}},
        ),
        ("update_notebook_instance", {"RoleArn": "short", "DisassociateLifecycleConfig": "yes"}),
        ("update_notebook_instance", {NAME: "x", "DisassociateAcceleratorTypes": 1, "Unknown": None}),
        ("delete_notebook_instance", {"Name": "x"}),
        ("add_tags", {}),
        ("add_tags", {"ResourceArn": 1, "Tags": [[], {}]}),
        ("list_tags", {"ResourceArn": "a", "MaxResults": 1}),
        ("delete_tags", {"ResourceArn": "a", "TagKeys": []}),
        ("delete_tags", {"ResourceArn": "a", "TagKeys": ["", 1]}),
    ],
    ids=str,
)
def test_client_side_validation_of_lists_and_objects(method: str, params: dict[str, Any]) -> None:
    ours, theirs = (_outcome(make, "http://127.0.0.1:1", params, method) for make in (_sagemaker, _boto))
    assert ours == theirs
    assert ours[0].startswith("Parameter validation failed:\n")


def test_an_instance_from_creation_to_deletion_is_the_same_as_with_boto() -> None:
    outcomes = []
    for make in (_sagemaker, _boto):
        seen = []
        with LocalSageMaker({"stopped": "Stopped"}) as running:
            made = {
                **_MADE,
                "Tags": [{"Key": "team", "Value": "a"}],
                "VolumeSizeInGB": 20,
                "SecurityGroupIds": ("sg-1",),
            }
            seen.append(_outcome(make, running.url, made, "create_notebook_instance"))
            arn = {"ResourceArn": seen[0][0]["NotebookInstanceArn"]}
            for method, params in (
                ("create_notebook_instance", made),
                ("update_notebook_instance", {NAME: "stopped", "VolumeSizeInGB": 30}),
                ("add_tags", {**arn, "Tags": [{"Key": "b", "Value": "c"}]}),
                ("list_tags", arn),
                ("delete_tags", {**arn, "TagKeys": ["team"]}),
                ("list_tags", arn),
                ("list_tags", {"ResourceArn": arn["ResourceArn"] + "x"}),
                ("delete_notebook_instance", {NAME: "made"}),
                ("delete_notebook_instance", {NAME: "none"}),
            ):
                seen.append(_outcome(make, running.url, params, method))
        outcomes.append(seen)
    assert outcomes[0] == outcomes[1]
    assert [
        each[0].get("Tags") for each in outcomes[0] if isinstance(each[0], dict) and "Tags" in each[0]
    ] == [
        [{"Key": "team", "Value": "a"}, {"Key": "b", "Value": "c"}],
        [{"Key": "team", "Value": "a"}, {"Key": "b", "Value": "c"}],
        [{"Key": "b", "Value": "c"}],
    ]
