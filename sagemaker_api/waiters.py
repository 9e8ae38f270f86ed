"""Waits until a notebook instance has a status, as boto's waiters do; the driver sleeps.

Source: the waiters published with the SageMaker service model.
"""

from __future__ import annotations

from sigv4.errors import repr_of
from sigv4.record import Record

from .call import Sleep
from .errors import ConfigError, ParamValidationError, ServiceError, WaiterError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping
    from typing import Any

    from .call import Step

_DELAY = 30.0
_MAX_ATTEMPTS = 60


class Goal(Record):
    """A waiter's goal: the instance has ``status``, or Describe is refused with the code ``error``.

    The status Failed ends every wait.
    """

    name: str
    status: str = ""
    error: str = ""


GOALS = {
    "notebook_instance_deleted": Goal("NotebookInstanceDeleted", error="ValidationException"),
    "notebook_instance_in_service": Goal("NotebookInstanceInService", status="InService"),
    "notebook_instance_stopped": Goal("NotebookInstanceStopped", status="Stopped"),
}


def goal_of(waiter_name: str) -> Goal:
    """The goal of the waiter of this name. Raises ConfigError (a ValueError, as in boto) for any other."""
    try:
        return GOALS[waiter_name]
    except (KeyError, TypeError):  # TypeError: not a text
        raise ConfigError(f"Waiter does not exist: {waiter_name}") from None


def waiting(
    goal: Goal,
    params: Mapping[str, Any],
    steps: Callable[[str, Mapping[str, object]], Generator[Step, Any, dict[str, Any]]],
) -> Generator[Step, Any, None]:
    """The steps of one wait; ``steps`` returns those of one call.

    ``params`` are those of DescribeNotebookInstance, and ``WaiterConfig``: ``Delay`` (seconds between two
    polls) and ``MaxAttempts`` (polls). The first poll is made at once. Raises WaiterError,
    ParamValidationError, and the errors of a call except ServiceError.
    """
    polled = dict(params)
    delay, polls = _pace(polled.pop("WaiterConfig", {}))
    for poll in range(1, polls + 1):
        try:
            seen = yield from steps("DescribeNotebookInstance", polled)
        except ServiceError as error:
            seen = error.response
            if error.code == goal.error:
                return
            reason = f"An error occurred ({error.code}): {error.message}"
            raise WaiterError(goal.name, reason, seen) from None
        status = seen.get("NotebookInstanceStatus")
        if goal.status and status == goal.status:
            return
        if status == "Failed":
            reason = (
                'Waiter encountered a terminal failure state: For expression "NotebookInstanceStatus" '
                'we matched expected path: "Failed"'
            )
            raise WaiterError(goal.name, reason, seen)
        if poll == polls:
            raise WaiterError(goal.name, "Max attempts exceeded", seen)
        yield Sleep(delay)


def _pace(config: Any) -> tuple[float, int]:
    """The delay and the number of polls."""
    found = config if isinstance(config, dict) else {"": config}
    delay, polls = found.get("Delay", _DELAY), found.get("MaxAttempts", _MAX_ATTEMPTS)
    if set(found) - {"Delay", "MaxAttempts"} or not (
        type(delay) in (int, float) and 0 <= delay <= 86400 and type(polls) is int and polls >= 1
    ):
        raise ParamValidationError(
            f"WaiterConfig is {repr_of(config)[:80]}: expected a dict of Delay, 0 to 86400 seconds, "
            "and MaxAttempts, 1 or more"
        )
    return delay, polls
