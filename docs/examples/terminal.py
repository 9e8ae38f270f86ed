"""Runs one command in a terminal of a notebook instance, over the WebSocket that JupyterLab's terminals use.

    python terminal.py my-notebook 'df -h'

Needs the packages httpx and websockets.
"""

from __future__ import annotations

import json
import sys

import httpx
from websockets.sync.client import connect

from sagemaker_api import SageMaker

END = "the command has ended"


def run(notebook: str, command: str) -> str:
    """What the terminal shows until the command has ended."""
    with SageMaker() as client:
        answer = client.create_presigned_notebook_instance_url(NotebookInstanceName=notebook)
    url = str(answer["AuthorizedUrl"])
    root = url.partition("?")[0]
    with httpx.Client(follow_redirects=True, timeout=60) as browser:
        browser.get(url).raise_for_status()  # exchanges the token for the session's cookie
        browser.get(f"{root}api").raise_for_status()
        headers = {"X-XSRFToken": browser.cookies.get("_xsrf", "")}
        name = browser.post(f"{root}api/terminals", headers=headers).raise_for_status().json()["name"]
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in browser.cookies.jar)
    origin = "/".join(url.split("/", 3)[:3])
    place = f"{root.replace('http', 'ws', 1)}terminals/websocket/{name}"
    shown = ""
    with connect(
        place, additional_headers={"Cookie": cookies, "Origin": origin}, open_timeout=60
    ) as terminal:
        first, _, rest = END.partition(" ")  # in two parts, so that the echo of the line is not the end
        terminal.send(json.dumps(["stdin", f"{command}; echo '{first}' '{rest}'\r"]))
        while END not in shown:
            kind, *texts = json.loads(terminal.recv(timeout=60))
            shown += "".join(texts) if kind == "stdout" else ""
    return shown


if __name__ == "__main__":
    sys.stdout.write(run(*sys.argv[1:3]))
