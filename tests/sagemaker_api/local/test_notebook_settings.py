"""Create and Update refuse what the API's model refuses, with the service's texts."""

from __future__ import annotations

from typing import Any

import pytest

from .without_sockets import Desk, refusal

CREATE = {
    "NotebookInstanceName": "new",
    "InstanceType": "ml.t3.medium",
    "RoleArn": "arn:aws:iam::123456789012:role/R",
}


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"InstanceType": "ml.t3.huge"}, "Value 'ml.t3.huge' at 'instanceType' failed to satisfy constraint: Member must satisfy enum value set: [ml.t2.medium, "),
        ({"InstanceType": None}, "Value null at 'instanceType' failed to satisfy constraint: Member must not be null"),
        ({"PlatformIdentifier": "notebook-al9-v1"}, "at 'platformIdentifier' failed to satisfy constraint: Member must satisfy regular expression pattern: ^(notebook-al1-v1|"),
        ({"SecurityGroupIds": ["sg-1"] * 6}, "at 'securityGroupIds' failed to satisfy constraint: Member must have length less than or equal to 5"),
        ({"SecurityGroupIds": ["sg_1", "sg-2"]}, "Value '[sg_1, sg-2]' at 'securityGroupIds' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy regular expression pattern: [-0-9a-zA-Z]+]"),
        ({"AdditionalCodeRepositories": ["a", "b", "c", "d"]}, "at 'additionalCodeRepositories' failed to satisfy constraint: Member must have length less than or equal to 3"),
        ({"AdditionalCodeRepositories": [""]}, "Member must satisfy constraint: [Member must have length greater than or equal to 1"),
        ({"DefaultCodeRepository": "ftp://x"}, "at 'defaultCodeRepository'"),
        ({"KmsKeyId": "a b"}, "at 'kmsKeyId'"),
        ({"AcceleratorTypes": ["ml.eia9.huge"]}, "Member must satisfy enum value set: [ml.eia1.medium"),
        ({"VolumeSizeInGB": 4}, "at 'volumeSizeInGB' failed to satisfy constraint: Member must have value greater than or equal to 5"),
        ({"InstanceMetadataServiceConfiguration": {}}, "Value null at 'instanceMetadataServiceConfiguration.minimumInstanceMetadataServiceVersion'"),
        ({"InstanceMetadataServiceConfiguration": {"MinimumInstanceMetadataServiceVersion": "3"}}, "pattern: ^(1|2)$"),
        ({"Tags": [{"Key": f"k{n}", "Value": ""} for n in range(51)]}, "at 'tags' failed to satisfy constraint: Member must have length less than or equal to 50"),
    ],
)  # fmt: skip
def test_what_the_model_refuses_is_refused(settings: dict[str, Any], words: str) -> None:
    code, message = refusal(Desk().ask("CreateNotebookInstance", **{**CREATE, **settings}))
    assert (code, words in message) == ("ValidationException", True), message


@pytest.mark.parametrize(
    "settings",
    [
        {"SecurityGroupIds": "sg-1"},
        {"InstanceMetadataServiceConfiguration": "2"},
        {"InstanceMetadataServiceConfiguration": {"MinimumInstanceMetadataServiceVersion": 2}},
        {"VolumeSizeInGB": "5"},
    ],
)
def test_a_value_of_another_type_is_refused(settings: dict[str, Any]) -> None:
    assert (
        refusal(Desk().ask("CreateNotebookInstance", **{**CREATE, **settings}))[0] == "SerializationException"
    )


def test_the_settings_are_described_as_they_were_given() -> None:
    desk = Desk()
    settings = {
        "InstanceMetadataServiceConfiguration": {"MinimumInstanceMetadataServiceVersion": "2"},
        "AdditionalCodeRepositories": ["https://example.com/a"],
        "PlatformIdentifier": "notebook-al2023-v1",
        "DefaultCodeRepository": "mine",
    }
    desk.do("CreateNotebookInstance", **CREATE, **settings)
    described = desk.do("DescribeNotebookInstance", NotebookInstanceName="new")
    assert {name: described[name] for name in settings} == settings


def test_update_removes_settings() -> None:
    desk = Desk()
    desk.do(
        "UpdateNotebookInstance",
        NotebookInstanceName="off",
        LifecycleConfigName="lc",
        DefaultCodeRepository="mine",
    )
    desk.do(
        "UpdateNotebookInstance",
        NotebookInstanceName="off",
        DisassociateLifecycleConfig=True,
        DisassociateDefaultCodeRepository=False,
    )
    described = desk.do("DescribeNotebookInstance", NotebookInstanceName="off")
    assert "NotebookInstanceLifecycleConfigName" not in described
    assert described["DefaultCodeRepository"] == "mine"
    both = {"LifecycleConfigName": "lc", "DisassociateLifecycleConfig": True}
    assert (
        "cannot be set and disassociated"
        in refusal(desk.ask("UpdateNotebookInstance", NotebookInstanceName="off", **both))[1]
    )
    code, _ = refusal(
        desk.ask("UpdateNotebookInstance", NotebookInstanceName="off", DisassociateLifecycleConfig="yes")
    )
    assert code == "SerializationException"
