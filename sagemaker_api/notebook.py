"""Opens a notebook instance in any status: starts it if asked, waits, requests its URL.

The steps are a generator without input or output, which either client runs, as for a call.
"""

from __future__ import annotations

import time

from sigv4.errors import printable, repr_of
from sigv4.record import Record

from .authorized_url import AuthorizedUrl, at_page, page_of
from .call import Sleep
from .errors import NotebookError, ParamValidationError, ProtocolError, ServiceError
from .model.operations import LONGEST_SESSION, OPERATIONS, SHORTEST_SESSION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping
    from typing import Any, TypeAlias

    from .call import Step
    from .client import AsyncSageMaker, SageMaker

    CallSteps: TypeAlias = Callable[[str, Mapping[str, object]], Generator[Step, Any, dict[str, Any]]]

TIMEOUT = 1800.0  # the waiters' 60 polls of 30 s
_POLL_SECONDS = 5.0
_TICK_SECONDS = 1.0
# For this time after an accepted Start, Describe may still return the old status.
_SETTLING_SECONDS = 15.0
_ENDED = ("Stopped", "Failed")
_USUAL = {"Pending": "2 to 5 min", "Stopping": "1 to 2 min", "Updating": "1 to 2 min"}


class Progress(Record):
    """The progress of the wait for an instance.

    ``usual`` is the usual duration of this ``status``, or ``""``; ``elapsed`` is in seconds since the wait
    began.
    """

    name: str
    status: str
    elapsed: float
    usual: str = ""


class Opening:
    """What to open, and how long it may take.

    ``start``: start the instance if it is Stopped or Failed. ``lab`` and ``path``: as for :func:`page_of`.
    ``session_seconds``: the length of the session that the URL opens (1800 to 43200). ``timeout``: the
    longest wait, in seconds. Raises ParamValidationError.
    """

    __slots__ = ("name", "page", "params", "start", "timeout")

    def __init__(
        self,
        name: str,
        *,
        start: bool = False,
        lab: bool = False,
        path: str | None = None,
        session_seconds: int | None = None,
        timeout: float = TIMEOUT,
    ) -> None:
        if isinstance(timeout, bool) or not isinstance(timeout, (int, float)) or not 0 <= timeout <= 86400:
            found = repr_of(timeout)[:40]
            raise ParamValidationError(f"timeout is {found}: expected seconds, 0 to 86400 (a day)")
        self.name: str = name
        self.page: str = page_of(path, lab=lab)
        self.start: bool = start
        self.params: dict[str, object] = {"NotebookInstanceName": name}
        if session_seconds is not None:
            self.params["SessionExpirationDurationInSeconds"] = session_seconds
        # Checked before anything is started: the service would report it minutes later.
        OPERATIONS["CreatePresignedNotebookInstanceUrl"].checked(self.params)
        if session_seconds is not None and session_seconds > LONGEST_SESSION:
            length = repr_of(session_seconds)[:40]
            raise ParamValidationError(
                f"the session is {length} s: expected {SHORTEST_SESSION} to {LONGEST_SESSION}"
            )
        self.timeout: float | int = timeout


def notebook_url(
    client: SageMaker, name: str, *, on_progress: Callable[[Progress], None] | None = None, **options: Any
) -> AuthorizedUrl:
    """Waits until the instance ``name`` is InService and returns its URL, valid for five minutes.

    ``options`` are those of :class:`Opening`. ``on_progress`` is called with the status every second during
    the wait. Raises NotebookError with the instance's reason if it cannot be opened, and the errors of a
    call.
    """
    return client.drive(opening(Opening(name, **options), client.steps, on_progress))


async def anotebook_url(
    client: AsyncSageMaker,
    name: str,
    *,
    on_progress: Callable[[Progress], None] | None = None,
    **options: Any,
) -> AuthorizedUrl:
    """The same as :func:`notebook_url`."""
    return await client.drive(opening(Opening(name, **options), client.steps, on_progress))


def open_notebook(
    client: SageMaker,
    name: str,
    *,
    browser: Callable[[str], bool] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    **options: Any,
) -> AuthorizedUrl:
    """Waits until the instance ``name`` is InService, opens its URL in a browser, and returns the URL.

    ``browser`` gets the URL and returns whether it was opened; the default is the system's browser. That one
    gets a file that redirects to the URL, because every user of the machine can read its arguments. The rest
    is as for :func:`notebook_url`. Raises NotebookError if there is no browser, and the errors of
    :func:`notebook_url`.
    """
    url = notebook_url(client, name, on_progress=on_progress, **options)
    if browser is None:
        from .redirect_file import open_privately

        browser = open_privately
    if not browser(str(url)):
        url = AuthorizedUrl()  # hidden from tracebacks with locals
        raise NotebookError(name, "InService", "no browser could be opened: print the URL instead")
    return url


def opening(
    wanted: Opening,
    steps: CallSteps,
    on_progress: Callable[[Progress], None] | None = None,
    *,
    monotonic: Callable[[], float] = time.monotonic,
) -> Generator[Step, Any, AuthorizedUrl]:
    """The steps from the instance's status to its URL; ``steps`` returns those of one call."""
    yield from _in_service(wanted, steps, on_progress or (lambda progress: None), monotonic)
    minted = yield from steps("CreatePresignedNotebookInstanceUrl", wanted.params)
    url = minted.pop("AuthorizedUrl", None)
    if url is None:
        raise ProtocolError("CreatePresignedNotebookInstanceUrl returned no AuthorizedUrl")
    return at_page(url, wanted.page)


def _in_service(
    wanted: Opening,
    steps: CallSteps,
    on_progress: Callable[[Progress], None],
    monotonic: Callable[[], float],
) -> Generator[Step, Any, None]:
    """Returns when the instance is InService."""
    begun = monotonic()
    named = {"NotebookInstanceName": wanted.name}
    started: float | None = None
    while True:
        seen = yield from steps("DescribeNotebookInstance", named)
        status = printable(seen.get("NotebookInstanceStatus", ""))
        if status == "InService":
            return
        if status in _ENDED and started is None and wanted.start:
            yield from _start(steps, named)
            started = monotonic()
            status = "Pending"
        settling = started is not None and monotonic() - started < _SETTLING_SECONDS
        reason = "" if status in _ENDED and settling else _in_the_way(status, seen, started is not None)
        if not reason and monotonic() - begun >= wanted.timeout:
            reason = f"it did not become InService within {wanted.timeout:g} s"
        if reason:
            raise NotebookError(wanted.name, status or "in no status", reason)
        next_poll = min(monotonic() + _POLL_SECONDS, begun + wanted.timeout)
        while (left := next_poll - monotonic()) > 0:
            on_progress(Progress(wanted.name, status, monotonic() - begun, _USUAL.get(status, "")))
            yield Sleep(min(left, _TICK_SECONDS))


def _start(steps: CallSteps, named: Mapping[str, object]) -> Generator[Step, Any, None]:
    """Starts the instance; it is not an error if someone else has just started it."""
    try:
        yield from steps("StartNotebookInstance", named)
    except ServiceError as error:
        if not OPERATIONS["StartNotebookInstance"].is_achieved(error.code, error.message):
            raise


def _in_the_way(status: str, seen: Mapping[str, Any], started: bool) -> str:
    """Why an instance in this status will not become InService by waiting, or ``""``."""
    if status == "Deleting":
        return "it is being deleted"
    said = printable(seen.get("FailureReason", "")).strip()
    if status == "Failed" and started:
        return said or "it failed to start, and gave no reason"
    if status == "Stopped" and started:
        return "it was started, and has stopped again"
    if status in _ENDED:
        advice = "start it to open it (start=True, or --start); it costs money while it runs"
        return f"{said.rstrip('.')}. To try again, {advice}" if said else advice
    return ""
