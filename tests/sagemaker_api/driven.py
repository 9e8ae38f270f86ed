"""Drives the steps of one call, with scripted answers and a clock that moves only when they sleep."""

from __future__ import annotations

from typing import Any

from sagemaker_api import SageMakerError
from sagemaker_api.call import CallSettings, NeedCredentials, Send, Sleep, call
from sagemaker_api.endpoint import resolve
from sigv4.network.time_limits import TimeLimits
from tests.sagemaker_api.calls import CREDENTIALS, PARAMS
from tests.sagemaker_api.test_call import Times


def settings_of(times: Times) -> CallSettings:
    return CallSettings(
        resolve("us-west-2"),
        TimeLimits(5, 10, 30),
        clock=times.epoch,
        monotonic=times.monotonic,
        jitter=lambda: 1.0,
    )


def drive(
    settings: CallSettings,
    times: Times,
    answers: list[Any],
    *,
    operation: str = "CreatePresignedNotebookInstanceUrl",
    slow: float = 0.0,
) -> tuple[list[Any], list[float]]:
    """Makes one call with these answers; returns the requests and the waits. Each exchange takes ``slow`` seconds."""
    steps = call(settings, operation, PARAMS)
    sent: list[Any] = []
    waits: list[float] = []
    answer: Any = None
    try:
        while True:
            step = steps.send(answer)
            if isinstance(step, NeedCredentials):
                answer = CREDENTIALS
            elif isinstance(step, Send):
                sent.append(step.request)
                times.now += slow
                answer = answers.pop(0)
            else:
                assert isinstance(step, Sleep)
                waits.append(step.seconds)
                times.now += step.seconds
                answer = None
    except (StopIteration, SageMakerError):
        return sent, waits
