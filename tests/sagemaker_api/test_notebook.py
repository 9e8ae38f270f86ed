"""Opening a notebook: the instance is started only if asked; the URL is requested last and never shown."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from sagemaker_api import (
    AsyncSageMaker,
    AuthorizedUrl,
    NotebookError,
    ParamValidationError,
    SageMaker,
    ServiceError,
    anotebook_url,
    notebook_url,
    open_notebook,
)
from sagemaker_api.notebook import Progress
from sigv4 import Response
from tests.sagemaker_api.calls import CREDENTIALS
from tests.sagemaker_api.opening import assert_unseen, walk
from tests.sagemaker_api.redirect_page import RecordingBrowser
from tests.sagemaker_api.scripted_transport import (
    DONE,
    MINTED,
    URL,
    AsyncScripted,
    Scripted,
    described,
    refused,
)


def operations(transport: Scripted) -> list[str]:
    return [name.removesuffix("NotebookInstance") for name, _ in transport.calls]


MINT = "CreatePresignedNotebookInstanceUrl"


def test_an_instance_in_service_is_opened_at_once() -> None:
    url, transport, slept = walk(described("InService"), MINTED)
    assert (url, operations(transport), slept) == (URL, ["Describe", MINT], 0.0)
    assert isinstance(url, AuthorizedUrl)


def test_a_stopped_instance_is_started_only_if_asked() -> None:
    with pytest.raises(
        NotebookError,
        match=r"^The notebook instance nb is Stopped: start it to open it \(start=True, or --start",
    ):
        walk(described("Stopped"))
    url, transport, _ = walk(
        described("Stopped"), DONE, described("Pending"), described("InService"), MINTED, start=True
    )
    assert url == URL
    assert operations(transport) == ["Describe", "Start", "Describe", "Describe", MINT]


def test_a_failed_instance_shows_its_reason_and_may_be_started_again() -> None:
    with pytest.raises(NotebookError) as raised:
        walk(described("Failed", FailureReason="Insufficient capacity."))
    assert "nb is Failed: Insufficient capacity. To try again, start it" in str(raised.value)
    assert walk(described("Failed"), DONE, described("InService"), MINTED, start=True)[0] == URL


def test_a_pending_instance_is_awaited_and_a_stopping_one_started_later() -> None:
    statuses = ["Stopping", "Stopping", "Stopped", "Pending", "InService"]
    answers: list[Any] = [described(status) for status in statuses]
    answers.insert(3, DONE)
    url, transport, slept = walk(*answers, MINTED, start=True)
    assert (url, slept) == (URL, 20.0)
    assert operations(transport) == ["Describe"] * 3 + ["Start"] + ["Describe"] * 2 + [MINT]
    for status in ("Pending", "Updating", "PendingMaintenance", "InMaintenance", "A new one"):
        assert walk(described(status), described("InService"), MINTED)[0] == URL


def test_a_status_from_before_the_start_is_ignored_for_some_seconds() -> None:
    stale = [described("Failed", FailureReason="the old one")] * 2
    assert walk(stale[0], DONE, *stale, described("Pending"), described("InService"), MINTED, start=True)[0]


@pytest.mark.parametrize(
    ("last", "words"),
    [
        (
            described("Failed", FailureReason="Lifecycle script\x1b[2J failed"),
            "is Failed: Lifecycle script[2J failed",
        ),
        (described("Failed"), "is Failed: it failed to start, and gave no reason"),
        (described("Stopped"), "is Stopped: it was started, and has stopped again"),
        (described("Deleting"), "is Deleting: it is being deleted"),
    ],
)
def test_a_failed_start_shows_the_reason_of_the_instance(last: Response, words: str) -> None:
    with pytest.raises(NotebookError) as raised:
        walk(described("Stopped"), DONE, *[described("Pending")] * 3, last, start=True)
    assert words in str(raised.value)


def test_the_wait_has_an_end() -> None:
    with pytest.raises(NotebookError, match=r"is Pending: it did not become InService within 12 s$"):
        walk(*[described("Pending")] * 4, timeout=12.0)
    with pytest.raises(NotebookError, match=r"within 0 s$"):
        walk(described("Pending"), timeout=0)
    for timeout in (-1, "9", float("nan"), True):
        with pytest.raises(ParamValidationError, match="timeout is "):
            walk(timeout=timeout)


def test_a_start_by_someone_else_is_not_an_error() -> None:
    message = "Status (Pending) not in ([Stopped, Failed]). Unable to transition to (Pending) for …"
    begun = [described("Stopped"), refused("ValidationException", message), described("InService"), MINTED]
    assert walk(*begun, start=True)[0] == URL
    with pytest.raises(ServiceError, match=r"Status \(Deleting\) not in"):
        walk(
            described("Stopped"),
            refused("ValidationException", message.replace("Pending", "Deleting", 1)),
            start=True,
        )


def test_progress_is_reported_every_second_with_the_usual_duration() -> None:
    told: list[Progress] = []
    walk(*[described("Pending")] * 2, described("InService"), MINTED, progress=told.append)
    assert [each.elapsed for each in told] == [float(second) for second in range(10)]
    assert {(each.name, each.status, each.usual) for each in told} == {("nb", "Pending", "2 to 5 min")}


def test_a_refusal_is_the_services_own() -> None:
    with pytest.raises(ServiceError, match="RecordNotFound"):
        walk(refused("ValidationException", "RecordNotFound"))
    with pytest.raises(ServiceError, match=r"Status \(Stopping\) not in"):
        walk(
            described("InService"), refused("ValidationException", "Status (Stopping) not in ([InService]).")
        )


def test_the_session_lasts_as_long_as_is_asked_for() -> None:
    _, transport, _ = walk(described("InService"), MINTED, session_seconds=1800)
    assert transport.calls[-1][1]["SessionExpirationDurationInSeconds"] == 1800
    assert "SessionExpirationDurationInSeconds" not in walk(described("InService"), MINTED)[1].calls[-1][1]


# ---- the browser


def test_the_url_is_minted_after_the_wait_and_opened_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sagemaker_api.notebook._POLL_SECONDS", 0.01)
    done: list[str] = []

    def mint() -> Response:
        done.append("minted")
        return MINTED

    def poll(answer: Response) -> Callable[[], Response]:
        def asked() -> Response:
            done.append("polled")
            return answer

        return asked

    def browse(url: str) -> bool:
        done.append(url)
        return True

    transport = Scripted(poll(described("Pending")), poll(described("InService")), mint)
    with SageMaker("us-east-1", credentials=CREDENTIALS, transport=transport) as client:
        url = open_notebook(client, "nb", lab=True, browser=browse)
    assert done == ["polled", "polled", "minted", url]
    assert url == URL.replace("?", "/lab?")
    assert type(done[-1]) is str


def test_no_browser_is_an_error_that_does_not_show_the_url() -> None:
    transport = Scripted(described("InService"), MINTED)
    with (
        SageMaker("us-east-1", credentials=CREDENTIALS, transport=transport) as client,
        pytest.raises(NotebookError, match="no browser could be opened") as raised,
    ):
        open_notebook(client, "nb", browser=lambda url: False)
    assert_unseen(raised.value)


def test_the_systems_browser_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    browser = RecordingBrowser()
    monkeypatch.setattr("webbrowser.open", browser)
    transport = Scripted(described("InService"), MINTED)
    open_notebook(SageMaker("us-east-1", credentials=CREDENTIALS, transport=transport), "nb")
    assert browser.opened == [URL]


def test_both_clients_take_the_same_steps() -> None:
    answers = [described("InService"), MINTED]

    async def main() -> AuthorizedUrl:
        async with AsyncSageMaker(
            "us-east-1", credentials=CREDENTIALS, transport=AsyncScripted(*answers)
        ) as client:
            return await anotebook_url(client, "nb", path="a.ipynb")

    client = SageMaker("us-east-1", credentials=CREDENTIALS, transport=Scripted(*answers))
    assert asyncio.run(main()) == notebook_url(client, "nb", path="a.ipynb")
