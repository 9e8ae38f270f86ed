"""Drives the steps of opening a notebook, with scripted answers and a clock that moves only when they sleep."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sagemaker_api import AuthorizedUrl, SageMaker
from sagemaker_api.call import Sleep
from sagemaker_api.notebook import Opening, Progress, opening
from tests.attacks.unseen import frames_of
from tests.sagemaker_api.calls import CREDENTIALS
from tests.sagemaker_api.scripted_transport import Scripted


class Times:
    """A monotonic clock that moves only when the code sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def walk(
    *answers: Any, progress: Callable[[Progress], None] | None = None, **options: Any
) -> tuple[AuthorizedUrl, Scripted, float]:
    """Opens a notebook with these answers; returns the URL, the transport, and the seconds slept."""
    transport, times = Scripted(*answers), Times()
    client = SageMaker("us-east-1", credentials=CREDENTIALS, transport=transport, max_attempts=1)
    steps = opening(Opening("nb", **options), client.steps, progress, monotonic=times)

    def sleeping() -> Any:
        answer: Any = None
        while True:
            try:
                step = steps.send(answer)
            except StopIteration as end:
                return end.value
            if isinstance(step, Sleep):
                times.now += step.seconds
                answer = None
            else:
                answer = yield step

    return client.drive(sleeping()), transport, times.now - 1000.0


def assert_unseen(error: BaseException) -> None:
    """Checks that no frame outside the tests shows the token."""
    frames = list(frames_of(error))
    assert any("at_page" in frame or "open_notebook" in frame for frame in frames)
    assert [frame for frame in frames if "MARKERtoken" in frame] == []
