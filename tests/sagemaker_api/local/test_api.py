"""The operations of the local service, without sockets: their results, their refusals and their effects.

test_refusals_by_client.py checks that boto3, the AWS CLI and other clients show these texts.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from sagemaker_api.local import Policy

from .without_sockets import AUTHORITY, START, Desk, refusal

ROLE = "arn:aws:iam::123456789012:role/notebooks"
ARN = "arn:aws:sagemaker:us-east-1:123456789012:notebook-instance/nb"
NB = {"NotebookInstanceName": "nb"}
NEW = {"NotebookInstanceName": "New", "InstanceType": "ml.t3.medium", "RoleArn": ROLE}
NO_RECORD = ("ValidationException", "RecordNotFound")


@pytest.fixture
def desk() -> Desk:
    return Desk(delays=60)


def wrong_status(status: str, allowed: str, target: str, name: str) -> tuple[str, str]:
    message = f"Status ({status}) not in ([{allowed}])."
    if target:
        message += f" Unable to transition to ({target}) for Notebook Instance ({ARN[:-2]}{name})."
    return "ValidationException", message


def test_what_an_instance_without_settings_is_described_as(desk: Desk) -> None:
    assert desk.do("DescribeNotebookInstance", **NB) == {
        "NotebookInstanceArn": ARN,
        "NotebookInstanceName": "nb",
        "NotebookInstanceStatus": "InService",
        "Url": f"{AUTHORITY}/notebook/nb/",
        "CreationTime": START,
        "LastModifiedTime": START,
        "InstanceType": "ml.t3.medium",
        "RoleArn": "arn:aws:iam::123456789012:role/local",
        "DirectInternetAccess": "Enabled",
        "RootAccess": "Enabled",
        "VolumeSizeInGB": 5,
        "PlatformIdentifier": "notebook-al2023-v1",
    }


def test_urls_with_a_host_for_each_notebook() -> None:
    desk = Desk(url_form="host", notebooks={"Nb": "InService"})
    url = desk.do("CreatePresignedNotebookInstanceUrl", NotebookInstanceName="Nb")["AuthorizedUrl"]
    assert url.startswith("http://nb.localhost:8080/?authToken=")
    assert desk.do("DescribeNotebookInstance", NotebookInstanceName="Nb")["Url"] == "nb.localhost:8080"


def test_the_settings_of_a_new_instance_are_its_description(desk: Desk) -> None:
    settings = {
        "InstanceType": "ml.m5.xlarge",
        "RoleArn": ROLE,
        "SubnetId": "subnet-1",
        "DirectInternetAccess": "Disabled",
        "VolumeSizeInGB": 9,
        "AdditionalCodeRepositories": ["https://r.example/a"],
    }
    renamed = {"SecurityGroupIds": ["sg-1"], "LifecycleConfigName": "lc"}
    tags = [{"Key": "team", "Value": "data"}]
    given = {"NotebookInstanceName": "New", **settings, **renamed, "Tags": tags}
    assert desk.do("CreateNotebookInstance", **given) == {"NotebookInstanceArn": f"{ARN[:-2]}new"}
    found = desk.do("DescribeNotebookInstance", NotebookInstanceName="New")
    assert {name: found[name] for name in settings} == settings
    assert (found["SecurityGroups"], found["NotebookInstanceLifecycleConfigName"]) == (["sg-1"], "lc")
    assert found["NotebookInstanceStatus"] == "Pending"
    assert not {"SecurityGroupIds", "LifecycleConfigName", "Tags", "FailureReason"} & found.keys()
    assert desk.do("ListTags", ResourceArn=f"{ARN[:-2]}new") == {"Tags": tags}
    assert refusal(desk.ask("CreateNotebookInstance", **given)) == (
        "ValidationException",
        f"Cannot create a duplicate Notebook Instance ({ARN[:-2]}new)",
    )


def test_an_instance_that_failed_says_why() -> None:
    desk = Desk(failing={"off": "out of luck"})
    desk.do("StartNotebookInstance", NotebookInstanceName="off")
    found = desk.do("DescribeNotebookInstance", NotebookInstanceName="off")
    assert (found["NotebookInstanceStatus"], found["FailureReason"]) == ("Failed", "out of luck")


def test_each_change_of_status_needs_a_certain_status_and_lasts_for_its_delay(desk: Desk) -> None:
    off = {"NotebookInstanceName": "off"}
    for operation, allowed, target in (
        ("StartNotebookInstance", "Stopped, Failed", "Pending"),
        ("DeleteNotebookInstance", "Stopped, Failed", "Deleting"),
        ("UpdateNotebookInstance", "Stopped, Failed", "Updating"),
    ):
        assert refusal(desk.ask(operation, **NB)) == wrong_status("InService", allowed, target, "nb")
        assert desk.do(operation, **off) == {}
        assert desk.local.instances.existing("off").status == target
        if operation == "StartNotebookInstance":
            minted = refusal(desk.ask("CreatePresignedNotebookInstanceUrl", **off))
            assert minted == wrong_status("Pending", "InService", "", "off")
            desk.now += 60
            assert desk.do("StopNotebookInstance", **off) == {}
            assert desk.local.instances.existing("off").status == "Stopping"
            assert refusal(desk.ask("StopNotebookInstance", **off)) == wrong_status(
                "Stopping", "InService", "Stopping", "off"
            )
        elif operation == "DeleteNotebookInstance":
            desk.local.instances.set_status("off", "Stopped")
            continue
        desk.now += 60
        assert desk.local.instances.existing("off").status == "Stopped"
    desk.do("DeleteNotebookInstance", **off)
    desk.now += 60
    for operation in ("DescribeNotebookInstance", "StartNotebookInstance", "DeleteNotebookInstance"):
        assert refusal(desk.ask(operation, **off)) == NO_RECORD


def test_an_update_changes_what_it_names_and_removes_what_it_disassociates(desk: Desk) -> None:
    settings = {"LifecycleConfigName": "lc", "DefaultCodeRepository": "r"}
    desk.do("CreateNotebookInstance", **NEW, **settings)
    desk.local.instances.set_status("New", "Stopped")
    name = {"NotebookInstanceName": "New"}
    both = desk.ask("UpdateNotebookInstance", **name, **settings, DisassociateLifecycleConfig=True)
    assert refusal(both) == (
        "ValidationException",
        "LifecycleConfigName cannot be set and disassociated in one request.",
    )
    changes: dict[str, Any] = {"InstanceType": "ml.m5.xlarge", "DisassociateDefaultCodeRepository": False}
    desk.do("UpdateNotebookInstance", **name, **changes, DisassociateLifecycleConfig=True)
    found = desk.do("DescribeNotebookInstance", **name)
    assert (found["InstanceType"], found["RoleArn"], found["DefaultCodeRepository"]) == (
        "ml.m5.xlarge",
        ROLE,
        "r",
    )
    assert not [member for member in found if "Lifecycle" in member or "Disassociate" in member]


def test_tags_are_added_listed_and_removed(desk: Desk) -> None:
    resource = {"ResourceArn": ARN}
    one, two, other = ({"Key": key, "Value": value} for key, value in (("a", "1"), ("b", ""), ("a", "2")))
    assert desk.do("AddTags", **resource, Tags=[one]) == {"Tags": [one]}
    assert desk.do("AddTags", **resource, Tags=[two, other]) == {"Tags": [other, two]}
    assert desk.do("ListTags", **resource) == {"Tags": [other, two]}
    assert desk.do("DeleteTags", **resource, TagKeys=["a", "c"]) == {}
    assert desk.do("ListTags", **resource) == {"Tags": [two]}
    full = [{"Key": f"k{number}", "Value": ""} for number in range(49)]
    assert len(desk.do("AddTags", **resource, Tags=full)["Tags"]) == 50
    assert refusal(desk.ask("AddTags", **resource, Tags=[one])) == (
        "ResourceLimitExceeded",
        "A resource cannot have more than 50 tags.",
    )
    for operation, more in (
        ("AddTags", {"Tags": [one]}),
        ("DeleteTags", {"TagKeys": ["a"]}),
        ("ListTags", {}),
    ):
        assert refusal(desk.ask(operation, ResourceArn=f"{ARN}2", **more)) == NO_RECORD


def test_a_list_has_the_members_that_aws_lists(desk: Desk) -> None:
    desk.do("CreateNotebookInstance", **NEW, LifecycleConfigName="lc", SecurityGroupIds=["sg"], SubnetId="s")
    found = desk.do("ListNotebookInstances", SortBy="Name", MaxResults=1)
    (item,) = found["NotebookInstances"]
    assert list(item) == [
        "NotebookInstanceArn",
        "NotebookInstanceName",
        "NotebookInstanceStatus",
        "Url",
        "CreationTime",
        "LastModifiedTime",
        "InstanceType",
        "NotebookInstanceLifecycleConfigName",
    ]
    rest = desk.do("ListNotebookInstances", SortBy="Name", NextToken=found["NextToken"], MaxResults=2)
    assert [each["NotebookInstanceName"] for each in rest["NotebookInstances"]] == ["nb", "off"]
    assert "NextToken" not in rest


def test_creation_with_tags_needs_the_permission_to_tag() -> None:
    create: dict[str, Any] = {
        "Effect": "Allow",
        "Action": "sagemaker:CreateNotebookInstance",
        "Resource": "*",
    }
    tag = {
        **create,
        "Action": "sagemaker:AddTags",
        "Condition": {"StringEquals": {"sagemaker:TaggingAction": "CreateNotebookInstance"}},
    }
    for statements, is_allowed in (([create], False), ([create, tag], True), ([tag], False)):
        policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
        desk = Desk(policies=[Policy.parse(policy, "p")])
        answer = desk.ask("CreateNotebookInstance", **NEW, Tags=[{"Key": "a", "Value": ""}])
        assert (answer.status == 200) is is_allowed
        if not is_allowed:
            code, message = refusal(answer)
            assert code == "AccessDeniedException"
            action = "CreateNotebookInstance" if statements == [tag] else "AddTags"
            assert f"to perform: sagemaker:{action} on resource: {ARN[:-2]}new" in message
