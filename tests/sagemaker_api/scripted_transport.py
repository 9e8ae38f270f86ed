"""A transport without a network: it gives the answers of a script, and records the requests."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeAlias

from sagemaker_api import TransportError
from sigv4 import Request, Response
from sigv4.network.time_limits import TimeLimits

URL = "https://nb-ab12.notebook.us-east-1.sagemaker.aws?authToken=MARKERtoken"

Answer: TypeAlias = "Response | TransportError | Callable[[], Response]"


def answered(members: dict[str, Any]) -> Response:
    return Response(200, {"x-amzn-requestid": "r-1"}, json.dumps(members).encode())


def described(status: str, **members: Any) -> Response:
    return answered({"NotebookInstanceName": "nb", "NotebookInstanceStatus": status, **members})


def refused(code: str, message: str, status: int = 400) -> Response:
    return Response(status, {}, json.dumps({"__type": code, "message": message}).encode())


MINTED = answered({"AuthorizedUrl": URL})
DONE = Response(200)


class Scripted:
    """Gives ``answers`` in turn; ``calls`` are the operations and parameters received."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.requests: list[Request] = []

    def send(self, request: Request, limits: TimeLimits) -> Response:
        return self.answer(request)

    def answer(self, request: Request) -> Response:
        headers = {name.lower(): str(value) for name, value in request.headers}
        self.requests.append(request)
        self.calls.append((headers["x-amz-target"].partition(".")[2], json.loads(request.body)))
        answer = self.answers.pop(0)
        if isinstance(answer, TransportError):
            raise answer
        return answer if isinstance(answer, Response) else answer()

    def close(self) -> None:
        pass


class AsyncScripted(Scripted):
    """A scripted transport whose methods are awaited."""

    async def send(self, request: Request, limits: TimeLimits) -> Response:  # type: ignore[override]  # awaited: what the name says
        return self.answer(request)

    async def aclose(self) -> None:
        pass
