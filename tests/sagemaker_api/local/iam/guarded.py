"""Makes policies of one statement, and a valid session for tests of the guard."""

from __future__ import annotations

from sagemaker_api.local import Policy, Session
from sigv4 import Request

from ..without_sockets import AUTHORITY, Desk, cookie_of

ARN = "arn:aws:sagemaker:us-east-1:123456789012:notebook-instance/nb"
USER = "arn:aws:iam::123456789012:user/local"
PRESIGN = "sagemaker:CreatePresignedNotebookInstanceUrl"


def policy(*statements: dict[str, object]) -> Policy:
    return Policy.parse({"Version": "2012-10-17", "Statement": list(statements)}, "test")


def statement(effect: str, action: object = "*", resource: object = "*", **more: object) -> dict[str, object]:
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


ALL = policy(statement("Allow"))


def live(desk: Desk) -> Session:
    """The session of a new URL, as a server keeps it while a WebSocket is open."""
    cookie = cookie_of(desk.get(desk.mint()))
    admitted = desk.service.admit(
        Request("GET", "/notebook/nb/api/kernels", {"Host": AUTHORITY, "Cookie": cookie}), desk.client
    )
    assert isinstance(admitted, Session)
    return admitted
