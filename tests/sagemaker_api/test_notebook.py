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
    ProtocolError,
    SageMaker,
    ServiceError,
    anotebook_url,
    notebook_url,
    open_notebook,
)
from sagemaker_api.authorized_url import at_page, page_of
from sagemaker_api.call import Sleep
from sagemaker_api.notebook import Opening, Progress, opening
from sigv4 import Response
from tests.attacks.test_secrets_of_the_client import _frames
from tests.sagemaker_api.calls import CREDENTIALS
from tests.sagemaker_api.redirect_page import RecordingBrowser
from tests.sagemaker_api.scripted_transport import (
    DONE,
    MINTED,
    URL,
    AsyncScripted,
    Scripted,
    answered,
    described,
    refused,
)


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


def operations(transport: Scripted) -> list[str]:
    return [name.removesuffix("NotebookInstance") for name, _ in transport.calls]


def assert_unseen(error: BaseException) -> None:
    """Checks that only frames of this file show the token."""
    frames = [frame for frame in _frames(error) if not frame.startswith(__file__)]
    assert any("at_page" in frame or "open_notebook" in frame for frame in frames)
    assert [frame for frame in frames if "MARKERtoken" in frame] == []


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


def test_a_failed_instance_tells_its_reason_and_may_be_started_again() -> None:
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


def test_a_status_from_before_the_start_is_given_some_seconds() -> None:
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


def test_somebody_elses_start_is_as_good_as_ours() -> None:
    message = "Status (Pending) not in ([Stopped, Failed]). Unable to transition to (Pending) for …"
    begun = [described("Stopped"), refused("ValidationException", message), described("InService"), MINTED]
    assert walk(*begun, start=True)[0] == URL
    with pytest.raises(ServiceError, match=r"Status \(Deleting\) not in"):
        walk(
            described("Stopped"),
            refused("ValidationException", message.replace("Pending", "Deleting", 1)),
            start=True,
        )


def test_progress_is_told_every_second_with_what_is_usual() -> None:
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


def test_both_clients_walk_the_same_way() -> None:
    answers = [described("InService"), MINTED]

    async def main() -> AuthorizedUrl:
        async with AsyncSageMaker(
            "us-east-1", credentials=CREDENTIALS, transport=AsyncScripted(*answers)
        ) as client:
            return await anotebook_url(client, "nb", path="a.ipynb")

    client = SageMaker("us-east-1", credentials=CREDENTIALS, transport=Scripted(*answers))
    assert asyncio.run(main()) == notebook_url(client, "nb", path="a.ipynb")


# ---- deep links


@pytest.mark.parametrize(
    ("path", "lab", "page"),
    [
        (None, False, ""),
        (None, True, "lab"),
        ("a.ipynb", False, "notebooks/a.ipynb"),
        ("a.ipynb", True, "lab/tree/a.ipynb"),
        ("/notebooks/x.ipynb", True, "lab/tree/notebooks/x.ipynb"),
        ("folder/", False, "tree/folder"),
        ("a b/ü?#%&.ipynb", True, "lab/tree/a%20b/%C3%BC%3F%23%25%26.ipynb"),
        ("..a/b..", True, "lab/tree/..a/b.."),
    ],
)
def test_a_path_is_percent_encoded_segment_by_segment(path: str | None, lab: bool, page: str) -> None:
    assert page_of(path, lab=lab) == page


@pytest.mark.parametrize("path", ["", "/", "../x", "a/../b", "a//b", "./a", "a\n", "a\ud800", "\x1b[2J"])
def test_a_path_that_leads_elsewhere_is_refused_before_anything_is_sent(path: str) -> None:
    transport = Scripted()
    client = SageMaker("us-east-1", credentials=CREDENTIALS, transport=transport)
    with pytest.raises(ParamValidationError, match="names no file or folder"):
        notebook_url(client, "nb", path=path)
    assert transport.calls == []


@pytest.mark.parametrize(
    ("url", "opened"),
    [
        ("https://h?authToken=a%2fb+c==&x=%7e", "https://h/lab?authToken=a%2fb+c==&x=%7e"),
        ("https://h/?t", "https://h/lab?t"),
        ("https://h", "https://h/lab"),
        ("https://h?t#f?", "https://h/lab?t#f?"),
        (
            "http://127.0.0.1:8080/notebook/nb/?authToken=t",
            "http://127.0.0.1:8080/notebook/nb/lab?authToken=t",
        ),
        ("http://localhost/notebook/nb?authToken=t@x", "http://localhost/notebook/nb/lab?authToken=t@x"),
        ("http://[::1]:1/?t", "http://[::1]:1/lab?t"),
    ],
)
def test_a_deep_link_keeps_host_path_and_query(url: str, opened: str) -> None:
    found = at_page(AuthorizedUrl(url), "lab")
    assert (str(found), str(at_page(AuthorizedUrl(url), ""))) == (opened, url)
    assert isinstance(found, AuthorizedUrl)


@pytest.mark.parametrize(
    "url",
    [
        "http://h?authToken=MARKERtoken",
        "http://127.0.0.1.evil.example/?authToken=MARKERtoken",
        "http://127.0.0.1@evil.example/?authToken=MARKERtoken",
        "https://user:pass@h?authToken=MARKERtoken",
        "javascript:alert('MARKERtoken')",
        "javascript://h/%0aalert('MARKERtoken')",
        "file:///etc/passwd?MARKERtoken",
        "--version MARKERtoken",
        "https://h\n?authToken=MARKERtoken",
        'https://h"?authToken=MARKERtoken',
        "https://?authToken=MARKERtoken",
        "MARKERtoken",
    ],
)
def test_what_no_browser_should_be_given_is_refused_unseen(url: str) -> None:
    browser = RecordingBrowser()
    transport = Scripted(described("InService"), answered({"AuthorizedUrl": url}))
    client = SageMaker("us-east-1", credentials=CREDENTIALS, transport=transport)
    with pytest.raises(ProtocolError, match="not to be opened") as raised:
        open_notebook(client, "nb", browser=browser)
    assert browser.opened == []
    assert_unseen(raised.value)


def test_no_url_is_an_answer_that_no_service_gives() -> None:
    with pytest.raises(ProtocolError, match="answered no AuthorizedUrl"):
        walk(described("InService"), answered({}))


@pytest.mark.parametrize(
    ("path", "lab", "page"),
    [
        ("/home/ec2-user/SageMaker/x.ipynb", True, "lab/tree/x.ipynb"),
        ("/home/ec2-user/SageMaker/a/x.ipynb", False, "notebooks/a/x.ipynb"),
        ("~/SageMaker/a", False, "tree/a"),
        ("/home/ec2-user/SageMaker/", True, "lab"),
        ("/home/ec2-user/SageMaker", False, "tree"),
        ("/a/x.ipynb", True, "lab/tree/a/x.ipynb"),
    ],
)
def test_the_folder_that_jupyter_shows_may_be_named_as_on_the_instance(
    path: str, lab: bool, page: str
) -> None:
    assert page_of(path, lab=lab) == page
