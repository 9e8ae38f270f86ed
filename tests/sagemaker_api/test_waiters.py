"""Waiters have boto's names, delays and texts, with both clients; their core neither sleeps nor sends."""

from __future__ import annotations

import asyncio
import pickle
from typing import Any

import pytest

from sagemaker_api import (
    AsyncSageMaker,
    ConfigError,
    ParamValidationError,
    SageMaker,
    TransportError,
    WaiterError,
)
from sagemaker_api.waiters import GOALS
from tests.sagemaker_api.calls import CREDENTIALS
from tests.sagemaker_api.scripted_transport import AsyncScripted, Scripted, described, refused

NAME = {"NotebookInstanceName": "nb"}
PACE = {"Delay": 0, "MaxAttempts": 5}


def blocking(waiter: Any, *answers: Any, **params: Any) -> Scripted:
    """Runs a waiter with these answers; returns the requests."""
    transport = Scripted(*answers)
    with SageMaker("us-east-1", credentials=CREDENTIALS, transport=transport, max_attempts=1) as client:
        client.get_waiter(waiter).wait(**{**NAME, "WaiterConfig": PACE, **params})
    return transport


def awaited(waiter: Any, *answers: Any, **params: Any) -> Scripted:
    async def main() -> Scripted:
        transport = AsyncScripted(*answers)
        async with AsyncSageMaker(
            "us-east-1", credentials=CREDENTIALS, transport=transport, max_attempts=1
        ) as client:
            await client.get_waiter(waiter).wait(**{**NAME, "WaiterConfig": PACE, **params})
        return transport

    return asyncio.run(main())


BOTH = pytest.mark.parametrize("wait", [blocking, awaited])


@BOTH
@pytest.mark.parametrize(
    ("waiter", "last"),
    [
        ("notebook_instance_in_service", described("InService")),
        ("notebook_instance_stopped", described("Stopped")),
        ("notebook_instance_deleted", refused("ValidationException", "RecordNotFound")),
    ],
)
def test_a_wait_ends_where_its_goal_is_reached(wait: Any, waiter: str, last: Any) -> None:
    transport = wait(waiter, described("Pending"), described("Updating"), described("A new one"), last)
    assert [call[0] for call in transport.calls] == ["DescribeNotebookInstance"] * 4
    assert {tuple(call[1].items()) for call in transport.calls} == {tuple(NAME.items())}


@BOTH
@pytest.mark.parametrize("waiter", sorted(GOALS))
def test_a_failed_instance_ends_every_wait(wait: Any, waiter: str) -> None:
    with pytest.raises(WaiterError) as raised:
        wait(waiter, described("Pending"), described("Failed", FailureReason="no room"))
    assert str(raised.value) == (
        f"Waiter {GOALS[waiter].name} failed: Waiter encountered a terminal failure state: For expression "
        '"NotebookInstanceStatus" we matched expected path: "Failed"'
    )
    assert raised.value.last_response["FailureReason"] == "no room"
    assert raised.value.kwargs == {"name": GOALS[waiter].name, "reason": raised.value.reason}


@BOTH
def test_a_refusal_that_no_goal_names_ends_the_wait_at_once(wait: Any) -> None:
    with pytest.raises(WaiterError) as raised:
        wait("notebook_instance_in_service", refused("ValidationException", "RecordNotFound"))
    assert str(raised.value) == (
        "Waiter NotebookInstanceInService failed: An error occurred (ValidationException): RecordNotFound"
    )
    assert raised.value.last_response["Error"]["Code"] == "ValidationException"
    with pytest.raises(WaiterError, match=r"An error occurred \(AccessDeniedException\): no"):
        wait("notebook_instance_deleted", refused("AccessDeniedException", "no"))


@BOTH
def test_the_first_poll_counts_too(wait: Any) -> None:
    with pytest.raises(WaiterError, match=r"failed: Max attempts exceeded$") as raised:
        wait("notebook_instance_stopped", *[described("Stopping")] * 5)
    assert raised.value.last_response["NotebookInstanceStatus"] == "Stopping"


@BOTH
def test_errors_that_are_not_answers_are_raised_unchanged(wait: Any) -> None:
    with pytest.raises(TransportError):
        wait("notebook_instance_stopped", TransportError("connect", "https://h/"))
    client = SageMaker("us-east-1", credentials=CREDENTIALS, transport=Scripted())
    none_given: dict[str, Any] = {}
    with pytest.raises(ParamValidationError, match="Missing required parameter"):
        client.get_waiter("notebook_instance_stopped").wait(**none_given)


def test_a_waiter_sleeps_between_two_polls_and_not_after_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("sagemaker_api.client.time.sleep", slept.append)
    answers = [described("Pending")] * 59 + [described("InService")]
    transport = Scripted(*answers)
    client = SageMaker("us-east-1", credentials=CREDENTIALS, transport=transport)
    client.get_waiter("notebook_instance_in_service").wait(NotebookInstanceName="nb")
    assert (len(transport.calls), slept) == (60, [30.0] * 59)
    transport.answers = [described("Pending")] * 60
    with pytest.raises(WaiterError, match="Max attempts exceeded"):
        client.get_waiter("notebook_instance_in_service").wait(NotebookInstanceName="nb")
    assert len(slept) == 59 * 2


@pytest.mark.parametrize(
    "config",
    [
        {"Delay": -1},
        {"Delay": "5"},
        {"Delay": float("nan")},
        {"Delay": True},
        {"MaxAttempts": 0},
        {"MaxAttempts": 2.5},
        {"Attempts": 2},
        30,
    ],
)
def test_an_invalid_pace_is_refused_before_anything_is_sent(config: Any) -> None:
    with pytest.raises(ParamValidationError, match="WaiterConfig is "):
        blocking("notebook_instance_stopped", WaiterConfig=config)


def test_a_waiter_that_does_not_exist_is_a_value_error_in_botos_words() -> None:
    client = SageMaker("us-east-1", credentials=CREDENTIALS, transport=Scripted())
    with pytest.raises(ConfigError, match=r"^Waiter does not exist: endpoint_deleted$"):
        client.get_waiter("endpoint_deleted")  # type: ignore[arg-type]  # a wrong name
    assert sorted(client.waiter_names) == sorted(GOALS)


def test_a_waiter_error_shows_no_header_and_goals_are_values() -> None:
    error = WaiterError("W", "r", {"ResponseMetadata": {"HTTPHeaders": {"set-cookie": "secret"}}})
    assert "secret" not in repr(error) + str(error)
    for goal in GOALS.values():
        assert pickle.loads(pickle.dumps(goal)) == goal
