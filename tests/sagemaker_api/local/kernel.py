"""Makes and reads the messages for running one cell in a Jupyter kernel."""

from __future__ import annotations

import json
import uuid
from typing import Any


def execute(code: str) -> str:
    """The message that runs ``code``, for a WebSocket without a subprotocol."""
    header = {
        "msg_id": uuid.uuid4().hex,
        "username": "test",
        "session": "test",
        "msg_type": "execute_request",
        "version": "5.3",
        "date": "2026-01-01T00:00:00Z",
    }
    content = {"code": code, "silent": False}
    return json.dumps(
        {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"}
    )


def output(connection: Any) -> str:
    """The first output of the cell."""
    while True:
        message = json.loads(connection.recv(timeout=60))
        if message["msg_type"] == "stream":
            return str(message["content"]["text"])
