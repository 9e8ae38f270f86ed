"""Notebook instances from creation to deletion: their states over time, and the documented errors."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sagemaker_api.errors import ConfigError
from sagemaker_api.local import LocalSageMaker
from sagemaker_api.local.notebooks.instances import NO_CAPACITY
from sagemaker_api.model.operations import STATUSES

from ..without_sockets import START, Desk, cookie_of, refusal

ARN = "arn:aws:sagemaker:us-east-1:123456789012:notebook-instance/"
ROLE = "arn:aws:iam::123456789012:role/notebooks"


def create(desk: Desk, name: str = "new", **more: object) -> dict[str, Any]:
    return desk.do(
        "CreateNotebookInstance",
        NotebookInstanceName=name,
        InstanceType="ml.t3.medium",
        RoleArn=ROLE,
        **more,
    )


def status(desk: Desk, name: str = "new") -> str:
    return str(desk.do("DescribeNotebookInstance", NotebookInstanceName=name)["NotebookInstanceStatus"])


def test_the_status_of_an_instance_follows_the_clock_from_pending_to_deleted() -> None:
    desk = Desk(notebooks={}, delays={"Pending": 60, "Stopping": 30, "Deleting": 20, "Updating": 10})
    assert create(desk, "New") == {"NotebookInstanceArn": ARN + "new"}
    assert status(desk, "New") == "Pending"
    desk.now += 59.9
    assert status(desk, "New") == "Pending"
    desk.now += 0.1
    assert status(desk, "New") == "InService"
    assert desk.do("StopNotebookInstance", NotebookInstanceName="New") == {}
    assert status(desk, "New") == "Stopping"
    desk.now += 30
    assert status(desk, "New") == "Stopped"
    desk.do("UpdateNotebookInstance", NotebookInstanceName="New", InstanceType="ml.c5.xlarge")
    assert status(desk, "New") == "Updating"
    desk.now += 10
    assert status(desk, "New") == "Stopped"
    found = desk.do("DescribeNotebookInstance", NotebookInstanceName="New")
    assert (found["InstanceType"], found["RoleArn"]) == ("ml.c5.xlarge", ROLE)
    assert (found["CreationTime"], found["LastModifiedTime"]) == (START, START + 100)
    desk.do("DeleteNotebookInstance", NotebookInstanceName="New")
    assert status(desk, "New") == "Deleting"
    desk.now += 20
    assert refusal(desk.ask("DescribeNotebookInstance", NotebookInstanceName="New")) == (
        "ValidationException",
        "RecordNotFound",
    )


def test_without_delays_every_transition_is_over_at_once() -> None:
    desk = Desk(notebooks={"nb": "Stopped"})
    for operation, after in (("Start", "InService"), ("Stop", "Stopped"), ("Start", "InService")):
        desk.do(f"{operation}NotebookInstance", NotebookInstanceName="nb")
        assert status(desk, "nb") == after


ALLOWED = {
    "Start": ("Stopped, Failed", "Pending"),
    "Stop": ("InService", "Stopping"),
    "Update": ("Stopped, Failed", "Updating"),
    "Delete": ("Stopped, Failed", "Deleting"),
}


@pytest.mark.parametrize("operation", sorted(ALLOWED))
@pytest.mark.parametrize("state", STATUSES)
def test_a_call_from_a_wrong_state_is_refused_in_the_service_s_words(operation: str, state: str) -> None:
    desk = Desk(notebooks={"NB": state})
    answer = desk.ask(f"{operation}NotebookInstance", NotebookInstanceName="NB")
    allowed, target = ALLOWED[operation]
    if state in allowed.split(", "):
        assert answer.status == 200
    else:
        message = f"Status ({state}) not in ([{allowed}]). Unable to transition to ({target}) for Notebook Instance ({ARN}nb)."
        assert refusal(answer) == ("ValidationException", message)


@pytest.mark.parametrize("state", sorted({*STATUSES} - {"InService"}))
def test_a_url_is_made_only_for_an_instance_in_service(state: str) -> None:
    desk = Desk(notebooks={"nb": state})
    answer = desk.call({"NotebookInstanceName": "nb"})
    assert refusal(answer) == ("ValidationException", f"Status ({state}) not in ([InService]).")


@pytest.mark.parametrize("operation", ["Describe", "Start", "Stop", "Update", "Delete"])
def test_an_unknown_instance_is_record_not_found(operation: str) -> None:
    answer = Desk().ask(f"{operation}NotebookInstance", NotebookInstanceName="nobody")
    assert refusal(answer) == ("ValidationException", "RecordNotFound")


def test_an_instance_that_cannot_start_says_why_and_can_be_started_again() -> None:
    desk = Desk(notebooks={"nb": "Stopped"}, failing={"nb": NO_CAPACITY}, delays=60)
    desk.do("StartNotebookInstance", NotebookInstanceName="nb")
    assert "FailureReason" not in desk.do("DescribeNotebookInstance", NotebookInstanceName="nb")
    desk.now += 60
    found = desk.do("DescribeNotebookInstance", NotebookInstanceName="nb")
    assert (found["NotebookInstanceStatus"], found["FailureReason"]) == ("Failed", NO_CAPACITY)
    del desk.local.instances.failing["nb"]
    desk.do("StartNotebookInstance", NotebookInstanceName="nb")
    desk.now += 60
    assert status(desk, "nb") == "InService"


def test_a_name_is_in_use_as_long_as_its_arn_is() -> None:
    desk = Desk(notebooks={"NB": "Stopped"})
    answer = desk.ask(
        "CreateNotebookInstance", NotebookInstanceName="nb", InstanceType="ml.t3.medium", RoleArn=ROLE
    )
    assert refusal(answer) == (
        "ValidationException",
        f"Cannot create a duplicate Notebook Instance ({ARN}nb)",
    )
    desk.do("DeleteNotebookInstance", NotebookInstanceName="NB")
    create(desk, "nb")
    assert status(desk, "nb") == "InService"


def test_an_account_has_no_more_instances_than_its_limit() -> None:
    desk = Desk(notebooks={"a": "Stopped"}, limit=2)
    create(desk, "b")
    params = {"NotebookInstanceName": "c", "InstanceType": "ml.t3.medium", "RoleArn": ROLE}
    assert refusal(desk.ask("CreateNotebookInstance", **params)) == (
        "ResourceLimitExceeded",
        "The account-level service limit 'Total number of notebook instances' is 2 NotebookInstances, with "
        "current utilization of 2 NotebookInstances and a request delta of 1 NotebookInstances. Please contact "
        "AWS support to request an increase for this limit.",
    )
    desk.do("DeleteNotebookInstance", NotebookInstanceName="a")
    create(desk, "c")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"RoleArn": "x" * 20}, "satisfy regular expression pattern: ^arn:aws"),
        ({"RoleArn": None}, "Value null at 'roleArn' failed to satisfy constraint: Member must not be null"),
        ({"InstanceType": None}, "Value null at 'instanceType'"),
        (
            {"VolumeSizeInGB": 4},
            "Value '4' at 'volumeSizeInGB' failed to satisfy constraint: Member must have value",
        ),
        ({"RootAccess": "Maybe"}, "Member must satisfy enum value set: [Enabled, Disabled]"),
        ({"Tags": [{"Key": "", "Value": "x"}]}, "at 'tags.1.member.key' failed to satisfy constraint"),
        ({"Tags": [{"Key": "k"}]}, "Value null at 'tags.1.member.value'"),
    ],
)
def test_create_refuses_each_invalid_member(change: dict[str, object], words: str) -> None:
    params = {"NotebookInstanceName": "new", "InstanceType": "ml.t3.medium", "RoleArn": ROLE, **change}
    code, message = refusal(Desk().ask("CreateNotebookInstance", **params))
    assert code == "ValidationException"
    assert words in message


@pytest.mark.parametrize(
    ("member", "value", "words"),
    [
        ("Tags", "x", "STRING_VALUE can not be converted to a List"),
        ("Tags", ["x"], "STRING_VALUE can not be converted to a Structure"),
        ("SecurityGroupIds", [1], "NUMBER_VALUE can not be converted to a String"),
        ("VolumeSizeInGB", 5.5, "NUMBER_VALUE can not be converted to an Integer"),
    ],
)
def test_a_member_of_another_type_is_a_serialization_error(member: str, value: object, words: str) -> None:
    assert refusal(Desk().ask("CreateNotebookInstance", **{member: value})) == (
        "SerializationException",
        words,
    )


def test_what_was_created_is_described_under_the_names_of_the_model() -> None:
    desk = Desk()
    create(desk, LifecycleConfigName="lc", SecurityGroupIds=["sg-1"], VolumeSizeInGB=20)
    found = desk.do("DescribeNotebookInstance", NotebookInstanceName="new")
    assert found == {
        "NotebookInstanceArn": ARN + "new",
        "NotebookInstanceName": "new",
        "NotebookInstanceStatus": "InService",
        "Url": "127.0.0.1:8080/notebook/new/",
        "CreationTime": START,
        "LastModifiedTime": START,
        "InstanceType": "ml.t3.medium",
        "RoleArn": ROLE,
        "DirectInternetAccess": "Enabled",
        "RootAccess": "Enabled",
        "VolumeSizeInGB": 20,
        "PlatformIdentifier": "notebook-al2023-v1",
        "NotebookInstanceLifecycleConfigName": "lc",
        "SecurityGroups": ["sg-1"],
    }


def test_tags_are_kept_replaced_listed_and_dropped() -> None:
    desk = Desk()
    create(desk, Tags=[{"Key": "team", "Value": "a"}])
    added = desk.do(
        "AddTags", ResourceArn=ARN + "new", Tags=[{"Key": "team", "Value": "b"}, {"Key": "x", "Value": ""}]
    )
    both = [{"Key": "team", "Value": "b"}, {"Key": "x", "Value": ""}]
    assert added == {"Tags": both}
    assert desk.do("ListTags", ResourceArn=ARN + "new") == {"Tags": both}
    assert desk.do("DeleteTags", ResourceArn=ARN + "new", TagKeys=["x", "y"]) == {}
    assert desk.do("ListTags", ResourceArn=ARN + "new") == {"Tags": both[:1]}
    assert refusal(desk.ask("ListTags", ResourceArn=ARN + "nobody"))[1] == "RecordNotFound"
    many = [{"Key": str(number), "Value": ""} for number in range(50)]
    assert refusal(desk.ask("AddTags", ResourceArn=ARN + "new", Tags=many))[0] == "ResourceLimitExceeded"


def test_a_session_ends_with_the_instance_and_a_new_one_of_the_same_name_is_another() -> None:
    desk = Desk()
    url = desk.mint()
    session = cookie_of(desk.get(url))
    desk.do("StopNotebookInstance", NotebookInstanceName="nb")
    stopped = desk.get("/notebook/nb/", session)
    assert (stopped.status, b"is Stopped" in stopped.body) == (503, True)
    assert desk.get(url).status == 503
    desk.do("StartNotebookInstance", NotebookInstanceName="nb")
    assert desk.get("/notebook/nb/", session).status == 200
    desk.do("StopNotebookInstance", NotebookInstanceName="nb")
    desk.do("DeleteNotebookInstance", NotebookInstanceName="nb")
    create(desk, "nb")
    assert desk.get("/notebook/nb/", session).header("location") == "/sign-in"
    assert desk.get(url).header("location") == "/sign-in"


def test_a_status_can_be_set_that_no_call_can_set() -> None:
    desk = Desk()
    desk.local.instances.set_status("nb", "Failed", "out of luck")
    assert desk.do("DescribeNotebookInstance", NotebookInstanceName="nb")["FailureReason"] == "out of luck"
    with pytest.raises(ConfigError, match="expected one of Pending"):
        desk.local.instances.set_status("nb", "Gone")
    with pytest.raises(ConfigError, match="no notebook instance 'nobody'"):
        desk.local.instances.set_status("nobody", "Failed")


@pytest.mark.parametrize(
    ("delays", "words"),
    [
        ({"InService": 1}, "'InService' has no delay: expected one of Pending"),
        (-1, "the delay of Pending is -1"),
        ({"Stopping": float("nan")}, "the delay of Stopping is nan"),
        ({"Stopping": True}, "the delay of Stopping is True"),
    ],
)
def test_an_invalid_delay_is_refused(delays: Any, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        LocalSageMaker(delays=delays)


def test_the_arn_follows_region_and_account() -> None:
    desk = Desk(region="cn-north-1", account_id="000000000001")
    found = desk.do("DescribeNotebookInstance", NotebookInstanceName="nb")
    assert found["NotebookInstanceArn"] == (
        "arn:aws-cn:sagemaker:cn-north-1:000000000001:notebook-instance/nb"
    )
    assert json.dumps(found)


def test_a_status_that_was_set_ends_a_change_that_was_under_way() -> None:
    desk = Desk(delays=60)
    desk.do("StopNotebookInstance", NotebookInstanceName="nb")
    desk.now += 5
    desk.local.instances.set_status("nb", "InService")
    desk.now += 600
    found = desk.local.instances.get("nb")
    assert found is not None
    assert (found.status, found.changed, found.failure_reason) == ("InService", START + 5, "")
    assert "FailureReason" not in desk.do("DescribeNotebookInstance", NotebookInstanceName="nb")
