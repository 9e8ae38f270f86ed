"""Records what a browser's DevTools save for one signed request: HAR, HAR without sensitive data, "Copy as cURL".

``python -m tests.interop.browser_captures`` writes the files of fixtures/captures again. Chromium serves its
own DevTools to a second tab; there the functions behind the menu of the Network panel are called.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from selenium import webdriver

from sigv4 import Credentials, Signer
from tests.capture import SECRET, Captured, CapturingServer
from tests.chromium import browser

FOLDER = Path(__file__).parents[2] / "fixtures" / "captures"
BODY = '{"MaxResults": 5, "NameContains": "it\'s \\\\ 100 % \\"x\\"!"}'  # "Copy as cURL (cmd)" loses characters that are not ASCII
TARGET = "/a%3Ab/?x=1%2F2&y="
AT = 1772600767
FLAGS = ("--disable-component-update", "--remote-debugging-port=0", "--remote-allow-origins=*")
REFUSED = '{"message":"The request signature we calculated does not match the signature you provided."}'
# Runs in the tab of DevTools: waits for the request, then calls the functions of the Network panel's menu.
SAVE = """
const [method, done] = [arguments[0], arguments[arguments.length - 1]];
(async () => {
  const {NetworkLog} = await import("/devtools/models/logs/logs.js");
  const {Writer} = await import("/devtools/models/har/har.js");
  const {NetworkLogView} = await import("/devtools/panels/network/network.js");
  const mine = () => NetworkLog.NetworkLog.instance().requests().filter(
    each => each.requestMethod === method && each.finished);
  while (!mine().length) await new Promise(again => setTimeout(again, 50));
  const [request] = mine(), view = NetworkLogView.NetworkLogView;
  const progress = {canceled: false, createSubProgress() { return {canceled: false}; }};
  const har = sanitize => Writer.Writer.harStringForRequests([request], {sanitize}, progress);
  done({
    "chromium.har": await har(false),
    "chromium-sanitized.har": await har(true),
    "chromium-curl.txt": await view.generateCurlCommand(request, "unix"),
    "chromium-curl-cmd.txt": await view.generateCurlCommand(request, "win"),
  });
})().catch(error => done({error: String(error.stack)}));
"""
# Waits until DevTools shows the page: from then on it records requests.
READY = """
const done = arguments[arguments.length - 1];
(async () => {
  const {TargetManager, NetworkManager} = await import("/devtools/core/sdk/sdk.js");
  await import("/devtools/models/logs/logs.js");
  const manager = () => document.title.startsWith("DevTools - ") &&
    TargetManager.TargetManager.instance().primaryPageTarget()?.model(NetworkManager.NetworkManager);
  while (!manager()) await new Promise(again => setTimeout(again, 50));
  done("");
})().catch(error => done(String(error.stack)));
"""
SEND = """
const [url, headers, body] = arguments;
fetch(url, {method: "POST", headers, body});
"""


def _answer(captured: Captured) -> bytes:
    body, kind, status = (
        ("<!doctype html><title>page</title>", "text/html", "200 OK")
        if captured.method == "GET"
        else (REFUSED, "application/json", "403 Forbidden")
    )
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nDate: Wed, 04 Mar 2026 05:06:07 GMT\r\n"
    return f"{head}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}".encode()


def captured_by_chromium() -> dict[str, str]:
    """The texts that chromium's DevTools save for one POST, by the name of the file."""
    with CapturingServer(_answer) as server, browser(*FLAGS) as driver:
        return _saved(driver, server.origin)


def _saved(driver: webdriver.Chrome, origin: str) -> dict[str, str]:
    driver.set_script_timeout(120)
    driver.get(origin)
    page, debugger = (
        driver.current_window_handle,
        driver.capabilities["goog:chromeOptions"]["debuggerAddress"],
    )
    driver.switch_to.new_window("tab")
    tools = driver.current_window_handle
    driver.get(f"http://{debugger}/devtools/inspector.html?ws={debugger}/devtools/page/{page}&panel=network")
    if said := driver.execute_async_script(READY):
        raise RuntimeError(said)
    signed = Signer("lambda", "us-east-1", Credentials("AKIDEXAMPLE", SECRET)).sign(
        "POST", f"{origin}{TARGET}", {"Content-Type": "application/json"}, BODY.encode(), at=AT
    )
    driver.switch_to.window(page)
    driver.execute_script(SEND, f"{origin}{TARGET}", {k: v for k, v in signed.items() if k != "Host"}, BODY)
    driver.switch_to.window(tools)
    found: Any = driver.execute_async_script(SAVE, "POST")
    if "error" in found:
        raise RuntimeError(found["error"])
    return {str(name): str(text) for name, text in found.items()}


def main() -> int:
    for name, text in captured_by_chromium().items():
        (FOLDER / name).write_text(text, "utf-8", newline="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
