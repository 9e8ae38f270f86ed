"""The verbs that create, change, delete and tag send and print the same as the AWS CLI."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sagemaker_api.cli import main
from sagemaker_api.cli.parameter_flags import flag_of
from sagemaker_api.local import LocalSageMaker
from tests.sagemaker_api.scripted import ScriptedServer, http

ROLE = "arn:aws:iam::123456789012:role/notebook"
ARN = "arn:aws:sagemaker:us-east-1:123456789012:notebook-instance/nb"
NAMED = ["--notebook-instance-name", "nb"]
CREATE = ["create-notebook-instance", *NAMED, "--instance-type", "ml.t3.medium", "--role-arn", ROLE]
CREATED = {"NotebookInstanceName": "nb", "InstanceType": "ml.t3.medium", "RoleArn": ROLE}
UPDATE = ["update-notebook-instance", *NAMED]
TAGGED = ["--resource-arn", ARN]
METADATA = "--instance-metadata-service-configuration"
AB = [{"Key": "a", "Value": "b"}]

# Each command line and the parameters that are sent; FILE… is the name of a file with the text after the word FILE.
SENT: list[tuple[list[str], dict[str, Any]]] = [
    (CREATE, CREATED),
    ([*CREATE, "--tags", "Key=a,Value=b", "Key=c,Value="], {**CREATED, "Tags": [*AB, {"Key": "c", "Value": ""}]}),
    ([*CREATE, "--tags", "Key=a,Value='b'"], {**CREATED, "Tags": AB}),
    ([*CREATE, "--tags", '[{"Key": "a", "Value": "b"}]'], {**CREATED, "Tags": AB}),
    ([*CREATE, "--tags", '{"Key": "a", "Value": "b"}', '{"Key": "a", "Value": "b"}'], {**CREATED, "Tags": AB + AB}),
    ([*CREATE, "--tags", 'FILE[{"Key": "a", "Value": "b"}]'], {**CREATED, "Tags": AB}),
    ([*CREATE, "--tags"], {**CREATED, "Tags": []}),
    ([*CREATE, "--security-group-ids", "sg-1", "sg-2"], {**CREATED, "SecurityGroupIds": ["sg-1", "sg-2"]}),
    ([*CREATE, "--security-group-ids", "sg-1,sg-2"], {**CREATED, "SecurityGroupIds": ["sg-1,sg-2"]}),
    ([*CREATE, "--security-group-ids", '["sg-1", "sg-2"]'], {**CREATED, "SecurityGroupIds": ["sg-1", "sg-2"]}),
    ([*CREATE, "--security-group-ids"], {**CREATED, "SecurityGroupIds": []}),
    ([*CREATE, "--volume-size-in-gb", "20"], {**CREATED, "VolumeSizeInGB": 20}),
    ([*CREATE, "--root-access", "Sometimes"], {**CREATED, "RootAccess": "Sometimes"}),
    ([*CREATE, "--subnet-id", "FILEsubnet-1"], {**CREATED, "SubnetId": "subnet-1"}),
    (
        [*CREATE, METADATA, "MinimumInstanceMetadataServiceVersion=2"],
        {**CREATED, "InstanceMetadataServiceConfiguration": {"MinimumInstanceMetadataServiceVersion": "2"}},
    ),
    (
        [*CREATE, METADATA, '{"MinimumInstanceMetadataServiceVersion": "2"}'],
        {**CREATED, "InstanceMetadataServiceConfiguration": {"MinimumInstanceMetadataServiceVersion": "2"}},
    ),
    (
        [*CREATE, "--cli-input-json", '{"SubnetId": "subnet-1", "InstanceType": "x"}'],
        {**CREATED, "SubnetId": "subnet-1"},
    ),
    (
        [*UPDATE, "--disassociate-lifecycle-config", "--no-disassociate-accelerator-types"],
        {"NotebookInstanceName": "nb", "DisassociateLifecycleConfig": True, "DisassociateAcceleratorTypes": False},
    ),
    (
        [*UPDATE, "--disassociate-lifecycle-config", "--no-disassociate-lifecycle-config"],
        {"NotebookInstanceName": "nb", "DisassociateLifecycleConfig": False},
    ),
    (
        [*UPDATE, "--cli-input-json", '{"DisassociateLifecycleConfig": true}', "--no-disassociate-lifecycle-config"],
        {"NotebookInstanceName": "nb", "DisassociateLifecycleConfig": False},
    ),
    (
        [*UPDATE, "--additional-code-repositories", "https://example.com/a.git", "b"],
        {"NotebookInstanceName": "nb", "AdditionalCodeRepositories": ["https://example.com/a.git", "b"]},
    ),
    (["delete-notebook-instance", *NAMED], {"NotebookInstanceName": "nb"}),
    (["add-tags", *TAGGED, "--tags", "Key=a,Value=b"], {"ResourceArn": ARN, "Tags": AB}),
    (["delete-tags", *TAGGED, "--tag-keys", "a", "b"], {"ResourceArn": ARN, "TagKeys": ["a", "b"]}),
    (["delete-tags", *TAGGED, "--tag-keys", '["a", "b"]'], {"ResourceArn": ARN, "TagKeys": ["a", "b"]}),
    (["list-tags", *TAGGED], {"ResourceArn": ARN}),
    (["list-tags", *TAGGED, "--page-size", "60"], {"ResourceArn": ARN, "MaxResults": 60}),
    (["list-tags", *TAGGED, "--no-paginate"], {"ResourceArn": ARN}),
]  # fmt: skip

# Each wrong call and its error. Nothing is sent.
REFUSED = [
    ([*CREATE, "--tags", "Key=a,Value=b,c"], "Invalid type for parameter Tags[0].Value, value: ['b', 'c']"),
    ([*CREATE, "--tags", "Key=a"], 'Missing required parameter in Tags[0]: "Value"'),
    ([*CREATE, "--tags", "team"], "--tags: Expected '=', received the end in 'team' at 4: write Name=Value"),
    ([*CREATE, "--tags", "Key=a,Key=b"], "Second instance of key 'Key'"),
    ([*CREATE, "--tags", "[1"], "--tags is not JSON"),
    ([*CREATE, "--tags", "file:///nowhere/x"], "--tags: Unable to load paramfile file:///nowhere/x"),
    ([*CREATE, "--volume-size-in-gb", "x"], "--volume-size-in-gb is 'x': expected a whole number"),
    ([*CREATE, "--volume-size-in-gb", "4"], "parameter VolumeSizeInGB, value: 4, valid min value: 5"),
    ([*CREATE, METADATA, "X=y"], 'Unknown parameter in InstanceMetadataServiceConfiguration: "X"'),
    ([*CREATE, "--role-arn", "x"], "Invalid length for parameter RoleArn, value: 1, valid min length: 20"),
    (CREATE[:-2], 'Missing required parameter in input: "RoleArn"'),
    (["delete-tags", *TAGGED, "--tag-keys"], "Invalid length for parameter TagKeys, value: 0"),
    (["list-tags", *TAGGED, "--page-size", "5"], "parameter MaxResults, value: 5, valid min value: 50"),
]

LIFE = [
    [*CREATE, "--tags", "Key=a,Value=b", "--volume-size-in-gb", "7", "--security-group-ids", "sg-1"],
    ["list-tags", *TAGGED, "--output", "text"],
    ["stop-notebook-instance", *NAMED],
    [*UPDATE, "--instance-type", "ml.m5.xlarge", "--root-access", "Disabled"],
    ["add-tags", *TAGGED, "--tags", "Key=c,Value=d", "Key=a,Value=x", "--output", "table"],
    ["delete-tags", *TAGGED, "--tag-keys", "a"],
    ["list-tags", *TAGGED, "--query", "Tags[0].Key"],
    ["list-tags", *TAGGED, "--max-items", "0"],
    [
        *["describe-notebook-instance", *NAMED, "--query"],
        "[InstanceType, RootAccess, VolumeSizeInGB, SecurityGroups[0], NotebookInstanceStatus]",
    ],
    ["delete-notebook-instance", *NAMED],
    ["list-tags", *TAGGED],
]
GONE = "An error occurred (ValidationException) when calling the ListTags operation: RecordNotFound"


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in {
        "HOME": str(tmp_path),
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "MARKERsecret",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",  # the variable that the AWS CLI 1 reads
    }.items():
        monkeypatch.setenv(name, value)


def written(arguments: list[str], folder: Path) -> list[str]:
    """The command line, with a file for each argument that begins with FILE."""
    found = []
    for number, argument in enumerate(arguments):
        if argument.startswith("FILE"):
            path = folder / str(number)
            path.write_text(argument.removeprefix("FILE"))
            argument = f"file://{path}"
        found.append(argument)
    return found


def ours(arguments: list[str]) -> int:
    return main(arguments)


def aws_cli(arguments: list[str]) -> int:
    clidriver = pytest.importorskip("awscli.clidriver", reason="awscli is not installed (extra `interop`)")
    os.environ["AWS_DATA_PATH"] = str(Path(clidriver.__file__).parent / "data")
    try:
        return int(clidriver.create_clidriver().main(["sagemaker", *arguments]))
    finally:
        del os.environ["AWS_DATA_PATH"]


BOTH = [pytest.param(ours, id="ours"), pytest.param(aws_cli, marks=pytest.mark.interop, id="the AWS CLI")]


@pytest.mark.slow
@pytest.mark.parametrize("program", BOTH)
@pytest.mark.parametrize(("arguments", "params"), SENT)
def test_a_command_line_sends_these_parameters(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    program: Any,
    arguments: list[str],
    params: dict[str, Any],
) -> None:
    with ScriptedServer(http(200, '{"Tags":[]}')) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
        assert program(written(arguments, tmp_path)) == 0
    assert [json.loads(request.partition(b"\r\n\r\n")[2]) for request in server.requests] == [params]


@pytest.mark.parametrize(("arguments", "words"), REFUSED)
def test_a_wrong_call_is_252_and_says_what_is_wrong(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    with ScriptedServer(http(200, "{}")) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
        assert main(arguments) == 252
    assert words in capsys.readouterr().err
    assert server.requests == []


@pytest.fixture
def local(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalSageMaker]:
    with LocalSageMaker({}) as endpoint:
        for name, value in endpoint.environment.items():
            monkeypatch.setenv(name, value)
        yield endpoint


@pytest.mark.slow
def test_the_life_of_a_notebook_instance(local: LocalSageMaker, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("jmespath")
    printed = [life(ours, arguments, capsys) for arguments in LIFE]
    assert json.loads(printed[0]) == {"NotebookInstanceArn": ARN}
    assert printed[1] == "TAGS\ta\tb\n"
    assert [json.loads(text) for text in printed[6:9]] == [
        "c",
        {"Tags": [], "NextToken": json.loads(printed[7])["NextToken"]},
        ["ml.m5.xlarge", "Disabled", 7, "sg-1", "Stopped"],
    ]
    assert [printed[number] for number in (2, 3, 5, 9)] == [""] * 4
    assert GONE in printed[10]


@pytest.mark.interop
def test_the_aws_cli_prints_the_same_for_the_life_of_an_instance(
    local: LocalSageMaker, capsys: pytest.CaptureFixture[str]
) -> None:
    for program in (ours, aws_cli):
        lives = [life(program, arguments, capsys) for arguments in LIFE]
        lives[-1] = lives[-1].strip().partition("\n")[0]  # this package's text also has advice
        if program is ours:
            expected = lives
    assert lives == expected


def life(program: Any, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """The printed output, including errors."""
    program(arguments)
    out, err = capsys.readouterr()
    return str(out or err)


@pytest.mark.parametrize(
    "arguments", [[*UPDATE, "--volume-size-in-gb", "9"], ["delete-notebook-instance", *NAMED]]
)
def test_an_instance_that_runs_must_be_stopped_first(
    local: LocalSageMaker, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    local.instances.create("nb", {}, {})
    assert main(arguments) == 254
    assert "\nStop the instance first, and 'sagemaker-api wait notebook-inst" in capsys.readouterr().err


def test_flags_have_the_aws_clis_names() -> None:
    assert [flag_of(name) for name in ("VolumeSizeInGB", "KmsKeyId", "Tags")] == [
        "--volume-size-in-gb",
        "--kms-key-id",
        "--tags",
    ]


@pytest.mark.parametrize("program", BOTH)
def test_a_page_size_in_the_json_does_not_limit_the_list_to_one_page(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], program: Any
) -> None:
    pages = [json.dumps({"NotebookInstances": [named(name)], **more}) for name, more in PAGES]
    with ScriptedServer(*[http(200, page) for page in pages]) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
        assert (
            program(["list-notebook-instances", "--cli-input-json", '{"MaxResults": 1, "NextToken": "s"}'])
            == 0
        )
    shown = json.loads(capsys.readouterr().out)["NotebookInstances"]
    assert [each["NotebookInstanceName"] for each in shown] == ["a", "b"]
    sent = [json.loads(request.partition(b"\r\n\r\n")[2]) for request in server.requests]
    assert sent == [{"MaxResults": 1, "NextToken": "s"}, {"MaxResults": 1, "NextToken": "t"}]


PAGES: list[tuple[str, dict[str, str]]] = [("a", {"NextToken": "t"}), ("b", {})]


def named(name: str) -> dict[str, str]:
    return {"NotebookInstanceName": name, "NotebookInstanceArn": ARN}
