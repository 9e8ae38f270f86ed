"""``sagemaker-api open``: what it prints, what the browser gets, and how it ends."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys

import pytest

from sigv4.cli.progress import shown_time
from tests.sagemaker_api.cli.called import ROOT, run
from tests.sagemaker_api.cli.served import DONE, MINTED, URL, Serve, described, sent
from tests.sagemaker_api.redirect_page import RecordingBrowser
from tests.waiting import wait_until


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The arguments of the browser; the polls follow each other without a wait."""
    browser = RecordingBrowser()
    monkeypatch.setattr("sagemaker_api.notebook._POLL_SECONDS", 0.05)
    monkeypatch.setattr("webbrowser.open", browser)
    return browser.opened


def test_open_starts_waits_mints_and_opens(
    serve: Serve, opened: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    server = serve(described("Stopped"), DONE, described("Pending"), described("InService"), MINTED)
    assert run("open", "nb", "--start", "--lab", "--path", "reports/May 1.ipynb") == 0
    assert opened == [URL.replace("?", "/lab/tree/reports/May%201.ipynb?")]
    assert [name for name, _ in sent(server)] == [
        "DescribeNotebookInstance",
        "StartNotebookInstance",
        "DescribeNotebookInstance",
        "DescribeNotebookInstance",
        "CreatePresignedNotebookInstanceUrl",
    ]
    assert capsys.readouterr() == ("", ""), (
        "without a terminal nothing is printed, and the URL is never shown"
    )


def test_open_prints_the_url_only_if_it_is_asked_to(
    serve: Serve, opened: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    serve(described("InService"), MINTED)
    assert run("open", "nb", "--print-url", "--session-expiration-duration-in-seconds", "1800") == 0
    assert capsys.readouterr() == (f"{URL}\n", "")
    assert opened == []


def test_open_names_start_where_the_instance_is_stopped(
    serve: Serve, opened: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    server = serve(described("Stopped"))
    assert run("open", "nb") == 255
    assert (
        "The notebook instance nb is Stopped: start it to open it (start=True, or --start)"
        in capsys.readouterr().err
    )
    assert (len(server.requests), opened) == (1, [])


def test_open_prints_the_failure_reason_of_the_instance(
    serve: Serve, opened: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    reason = "Insufficient notebook instance capacity. Retry later or with a different instance type."
    serve(described("Pending"), described("Failed", FailureReason=reason))
    assert run("open", "nb") == 255
    assert f"The notebook instance nb is Failed: {reason} To try again, " in capsys.readouterr().err


def test_open_without_a_browser_names_print_url(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("webbrowser.open", lambda url: False)
    serve(described("InService"), MINTED)
    assert run("open", "nb") == 255
    err = capsys.readouterr().err
    assert "--print-url" in err
    assert "MARKER" not in err


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_one_live_line_that_is_gone_at_the_end(
    serve: Serve, opened: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    serve(described("Pending"), described("InService"), MINTED)
    assert run("open", "nb") == 0
    shown = terminal.getvalue()
    assert shown.startswith("\rnb: Pending, 0 s (usually 2 to 5 min)")
    assert shown.endswith(" \r")
    assert "\n" not in shown
    assert "MARKER" not in shown


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0.9, "0 s"), (59, "59 s"), (60, "1 min 00 s"), (754.2, "12 min 34 s")]
)
def test_the_time_that_has_passed(seconds: float, shown: str) -> None:
    assert shown_time(seconds) == shown


@pytest.mark.slow
def test_ctrl_c_during_the_wait_prints_no_traceback(serve: Serve) -> None:
    server = serve(described("Pending"))
    with subprocess.Popen(
        [sys.executable, "-m", "sagemaker_api", "open", "nb"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as process:
        wait_until(lambda: bool(server.requests))
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, "", "")
