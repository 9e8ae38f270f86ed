"""A real browser opens a URL, runs a cell in JupyterLab, and is signed out by a policy or when the session ends."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

for package in ("selenium", "starlette", "uvicorn", "websockets", "jupyterlab", "ipykernel"):
    pytest.importorskip(package, reason=f"{package} is not installed (extra `interop`)")

# ruff: noqa: E402 (the imports below need the packages that are looked for above)
from selenium.common.exceptions import WebDriverException
from selenium.webdriver import Chrome
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from sagemaker_api.local import LocalSageMaker, asgi
from sagemaker_api.local.serving import jupyter
from tests import chromium
from tests.waiting import wait_until

from .visitor import minted

pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(chromium.IS_MISSING, reason=chromium.WHY),
]

FLAGS = (
    "--disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --window-size=1200,800"
).split()
# Runs before any script of the page: records the close code of each WebSocket of a kernel.
WATCH = """
window.kernelCloses = [];
const Native = window.WebSocket;
window.WebSocket = class extends Native {
  constructor(...given) {
    super(...given);
    if (String(given[0]).includes("/channels")) {
      this.addEventListener("close", event => window.kernelCloses.push(event.code));
    }
  }
};
"""


@pytest.fixture
def browser() -> Iterator[Chrome]:
    with chromium.browser(*FLAGS) as driver:
        yield driver


# Runs in the page: returns whether the notebook's kernel is idle.
KERNEL = """
const done = arguments[arguments.length - 1];
fetch("/notebook/nb/api/sessions").then(answer => answer.json()).then(
  all => done(all.length ? all[0].kernel.execution_state : ""), error => done("")
);
"""
# Uses the lab's own command, because typing would need a ready editor.
RUN = """
const done = arguments[arguments.length - 1];
window.jupyterapp.commands.execute("notebook:run-all-cells").then(() => done(true), error => done(false));
"""
CONTROL_PAGE = """
const done = arguments[arguments.length - 1];
fetch("/_control", {referrerPolicy: "no-referrer"}).then(answer => done(answer.status));
"""
OUTPUT = "return [...document.querySelectorAll('.jp-OutputArea-output')].map(each => each.innerText).join('')"
NOTEBOOK = {
    "cells": [
        {
            "cell_type": "code",
            "id": "one",
            "execution_count": None,
            "metadata": {},
            "outputs": [],
            "source": "print('it is', 6 * 7)",
        }
    ],
    "metadata": {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}},
    "nbformat": 4,
    "nbformat_minor": 5,
}


def until(look: Callable[[], Any], what: str, pause: float = 0.1) -> Any:
    def seen() -> Any:
        try:
            return look()
        except WebDriverException:
            return None  # the page is still changing

    try:
        return wait_until(seen, pause)
    except AssertionError:
        raise AssertionError(f"there was no {what}") from None


def open_sockets(local: LocalSageMaker) -> int:
    """The server's connections that are WebSockets at this moment."""
    server: Any = local._server
    connections = server._server.server_state.connections  # uvicorn counts them
    return sum(isinstance(each, WebSocketsSansIOProtocol) for each in connections)


@pytest.fixture
def notebooks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A server with one notebook; its lab allows scripts of the page to run commands (only in this test)."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    settings = {**jupyter._LAB_SETTINGS, "LabApp.expose_app_in_browser": "True"}
    monkeypatch.setattr(jupyter, "_LAB_SETTINGS", settings)
    directory = tmp_path / "notebooks"
    (directory / "nb").mkdir(parents=True)
    (directory / "nb" / "x.ipynb").write_text(json.dumps(NOTEBOOK), "utf-8")
    return directory


def run_until_output(browser: Chrome) -> None:
    """Runs the cells again until there is output: the lab is not ready at once."""

    def look() -> bool:
        if "it is 42" in browser.execute_script(OUTPUT):
            return True
        browser.execute_async_script(RUN)
        return False

    until(look, "output of the cell", pause=1)


def test_a_browser_opens_the_url_runs_a_cell_and_is_signed_out(browser: Chrome, notebooks: Path) -> None:
    browser.set_script_timeout(30)
    browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": WATCH})
    with LocalSageMaker({"nb": "InService"}, server=asgi(notebooks)) as local:
        browser.get(minted(local))
        assert "authToken" not in browser.current_url
        assert browser.current_url.startswith(f"{local.url}/notebook/nb/lab")

        browser.get(f"{local.url}/notebook/nb/lab/tree/x.ipynb")
        until(lambda: browser.execute_async_script(KERNEL) == "idle", "kernel that waits")
        run_until_output(browser)

        assert browser.execute_async_script(CONTROL_PAGE) == 403
        assert browser.execute_script("return window.kernelCloses") == []
        assert open_sockets(local) >= 1
        local.set_policies([])
        until(lambda: 1008 in browser.execute_script("return window.kernelCloses"), "closed kernel socket")
        until(lambda: open_sockets(local) == 0, "end of the server's sockets")

        local.set_policies(None)
        browser.get(f"{local.url}/notebook/nb/lab")
        assert browser.current_url.startswith(f"{local.url}/notebook/nb/lab")
        local.clock.move(43201)
        browser.refresh()
        until(lambda: browser.current_url == f"{local.url}/sign-in", "sign-in page")
        assert "Signed out" in browser.page_source


def test_the_control_page_in_a_browser(browser: Chrome) -> None:
    """Its buttons work, its rows appear without a reload, and it is readable on a phone in dark mode."""
    with LocalSageMaker({"nb": "InService"}) as local:
        browser.get(local.control_url)

        def shown(place: str) -> str:
            return str(browser.execute_script(f"return document.getElementById('{place}').innerText"))

        def pressed(text: str) -> None:
            script = "[...document.querySelectorAll('button')].find(each => each.innerText === arguments[0]).click()"
            browser.execute_script(script, text)

        until(lambda: "InService" in shown("instances"), "row of the instance")
        minted(local)
        until(lambda: "CreatePresignedNotebookInstanceUrl" in shown("requests"), "row of the request")
        pressed("Stop")
        until(lambda: "Stopped" in shown("instances"), "stopped instance")
        pressed("Start")
        until(lambda: "InService" in shown("instances"), "started instance")
        pressed("Move")
        until(lambda: local.clock.ahead == 301, "moved clock")
        browser.execute_cdp_cmd(
            "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
        )
        size = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        assert browser.execute_script("return document.documentElement.scrollWidth") <= 390
        logs = browser.execute("getLog", {"type": "browser"})["value"]
        assert logs == []  # the page does nothing that its Content-Security-Policy forbids
