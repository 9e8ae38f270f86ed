"""A scripted service for the tests of the verbs."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.sagemaker_api.scripted import ScriptedServer, http

NAMED = ("--notebook-instance-name", "nb")
URL = "https://nb-ab12.notebook.us-east-1.sagemaker.aws?authToken=MARKERtoken"
MINTED = http(200, json.dumps({"AuthorizedUrl": URL}))
DONE = http(200)
Serve = Callable[..., ScriptedServer]


def described(status: str, **members: Any) -> bytes:
    return http(200, json.dumps({"NotebookInstanceName": "nb", "NotebookInstanceStatus": status, **members}))


def sent(server: ScriptedServer) -> list[tuple[str, dict[str, Any]]]:
    return [
        (
            server.headers(number)["x-amz-target"].partition(".")[2],
            json.loads(request.partition(b"\r\n\r\n")[2]),
        )
        for number, request in enumerate(server.requests)
    ]
