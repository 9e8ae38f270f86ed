"""Reads the control page of a desk."""

from __future__ import annotations

import html
import json
import re
from typing import Any

from sigv4 import Response

from ..without_sockets import Desk

NAME = {"NotebookInstanceName": "nb"}


def root(desk: Desk) -> str:
    return desk.service.control.path


def state(desk: Desk) -> dict[str, Any]:
    answer = desk.get(f"{root(desk)}state")
    assert answer.status == 200
    return dict(json.loads(answer.body))


def text(answer: Response) -> str:
    assert answer.status == 200, answer
    return html.unescape(re.sub("<[^>]*>", "\n", answer.body.decode()))
