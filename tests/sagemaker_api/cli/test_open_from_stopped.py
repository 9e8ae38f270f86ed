"""``sagemaker-api open`` from a stopped instance to its page, against the local SageMaker: only the browser is
replaced."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from sagemaker_api.cli import main
from sagemaker_api.local import LocalSageMaker
from tests.sagemaker_api.cli.called import ROOT
from tests.sagemaker_api.redirect_page import url_in
from tests.waiting import wait_until

OPEN = ("open", "my-notebook", "--start", "--lab", "--path", "reports/May 1.ipynb")
PAGE = "/notebook/my-notebook/lab/tree/reports/May%201.ipynb"

# The verb, with a shorter time between two polls.
PROGRAM = """
import sys
from sagemaker_api import notebook
from sagemaker_api.cli import main
notebook._POLL_SECONDS = 0.1
sys.exit(main(sys.argv[1:]))
"""
# Follows the links to the page as a browser does, and writes a file with the result.
BROWSER = """
import json, sys
from http.cookiejar import CookieJar
from tests.sagemaker_api.redirect_page import url_in
from pathlib import Path
from urllib.request import HTTPCookieProcessor, ProxyHandler, build_opener
url = url_in(sys.argv[2])
with build_opener(ProxyHandler({}), HTTPCookieProcessor(CookieJar())).open(url, timeout=60) as page:
    found = {"status": page.status, "url": page.url, "asked": url}
Path(sys.argv[1]).write_text(json.dumps(found))
"""


class Desk:
    """A local SageMaker whose instance takes ``pending`` seconds to start; ``calls`` are the answered operations.

    Its clock moves only by 0.1 s with each call, so that the number of calls does not depend on the machine.
    It begins at this machine's time, with which the client signs.
    """

    def __init__(self, pending: float) -> None:
        self.calls: list[str] = []
        began = time.time()
        self.local = LocalSageMaker(
            {"my-notebook": "Stopped"},
            delays={"Pending": pending},
            clock=lambda: began + 0.1 * len(self.calls),
            on_verdict=lambda verdict: self.calls.append(str(verdict)),
        )

    def status(self) -> str:
        from sagemaker_api import SageMaker

        with SageMaker(
            "us-east-1", endpoint_url=self.local.url, credentials=self.local.credentials
        ) as client:
            return client.describe_notebook_instance(NotebookInstanceName="my-notebook")[
                "NotebookInstanceStatus"
            ]


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[Desk]:
    found = Desk(getattr(request, "param", 0.3))
    with found.local as local:
        for name in [each for each in os.environ if each.startswith("AWS_ENDPOINT_URL")]:
            monkeypatch.delenv(name)
        for name, value in local.environment.items():
            monkeypatch.setenv(name, value)
        yield found


def test_open_starts_a_stopped_instance_and_opens_its_page(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opened: list[tuple[str, int]] = []
    monkeypatch.setattr("sagemaker_api.notebook._POLL_SECONDS", 0.1)

    def open_page(page: str) -> bool:
        opened.append((url_in(page), len(desk.calls)))
        return True

    monkeypatch.setattr("webbrowser.open", open_page)
    assert main(OPEN) == 0
    (url, calls_before), *others = opened
    assert others == []
    assert url.startswith(f"{desk.local.url}{PAGE}?authToken=")
    assert calls_before == len(desk.calls) > 4, "the start was waited for, and nothing came after the minting"
    with httpx.Client(trust_env=False, follow_redirects=True) as browser:
        page = browser.get(url)
    assert (page.status_code, page.url.raw_path.decode()) == (200, PAGE)
    assert capsys.readouterr() == ("", "")


def command(program: str) -> list[str]:
    return [sys.executable, "-c", program, *OPEN]


@pytest.mark.slow
def test_the_same_in_a_separate_process_with_the_systems_browser(desk: Desk, tmp_path: Path) -> None:
    script, result = tmp_path / "browser.py", tmp_path / "found.json"
    script.write_text(BROWSER)
    environ = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "BROWSER": f"{sys.executable} {script} {result} %s",
    }
    done = subprocess.run(
        command(PROGRAM), capture_output=True, text=True, timeout=60, env=environ, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    found = json.loads(result.read_text())
    assert (found["status"], found["url"]) == (200, f"{desk.local.url}{PAGE}")
    assert "authToken=" in found["asked"]


@pytest.mark.parametrize("desk", [600.0], indirect=True)
@pytest.mark.slow
def test_ctrl_c_during_the_start_prints_nothing_and_makes_no_url(desk: Desk, tmp_path: Path) -> None:
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "BROWSER": f"{sys.executable} -c pass %s"}
    with subprocess.Popen(
        command("import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n" + PROGRAM),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environ,
    ) as process:
        wait_until(lambda: len(desk.calls) >= 3)  # Describe, Start, Describe
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, "", "")
    assert desk.status() == "Pending"
    shown = httpx.get(f"{desk.local.control_url}state", trust_env=False).text
    assert "StartNotebookInstance" in shown
    assert "CreatePresignedNotebookInstanceUrl" not in shown
