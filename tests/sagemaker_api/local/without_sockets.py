"""A local SageMaker without sockets and with a movable clock, and a client that calls it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from sagemaker_api.local import EXAMPLE, Client, LocalSageMaker
from sigv4 import Credentials, Request, Response, Signer, VerificationError, Verified

AUTHORITY = "127.0.0.1:8080"
BASE = f"http://{AUTHORITY}"
START = 1_800_000_000.0
HERE = Client("127.0.0.1")


class Nowhere:
    """A server that does not listen."""

    port = 8080
    authority = AUTHORITY
    hosts = frozenset((AUTHORITY,))

    def __init__(self, host: str, port: int, clock: Callable[[], float]) -> None:
        pass

    def start(self, local: LocalSageMaker) -> None:
        pass

    def stop(self) -> None:
        pass


class Desk:
    """``local`` and its service. Requests are signed by ``EXAMPLE`` and come from ``client``.

    ``now`` is the endpoint's clock; the caller's clock is ``behind`` seconds late.
    """

    def __init__(self, **settings: Any) -> None:
        self.now = START
        self.behind = 0.0
        self.verdicts: list[Verified | VerificationError] = []
        settings = {"notebooks": {"nb": "InService", "off": "Stopped"}} | settings
        self.local = LocalSageMaker(
            **settings, clock=lambda: self.now, on_verdict=self.verdicts.append, server=Nowhere
        )
        self.service = self.local.service
        self.client = HERE

    def call(
        self,
        params: object,
        *,
        target: str = "SageMaker.CreatePresignedNotebookInstanceUrl",
        credentials: Credentials = EXAMPLE,
        change: Callable[[dict[str, str]], object] = lambda headers: None,
        signer: Signer | None = None,
    ) -> Response:
        body = params if isinstance(params, bytes) else json.dumps(params).encode()
        signer = signer or Signer("sagemaker", self.local.region, credentials)
        headers = signer.sign("POST", f"{BASE}/", {"X-Amz-Target": target}, body, at=self.now - self.behind)
        change(headers)
        return self.service.answer(Request("POST", "/", headers, body), self.client)

    def get(self, target: str, cookie: str = "") -> Response:
        headers = {"Host": AUTHORITY} | ({"Cookie": cookie} if cookie else {})
        return self.service.answer(Request("GET", target, headers), self.client)

    def ask(self, operation: str, **params: object) -> Response:
        return self.call(params, target=f"SageMaker.{operation}")

    def do(self, operation: str, **params: object) -> dict[str, Any]:
        answer = self.ask(operation, **params)
        assert answer.status == 200, answer.body
        return dict(json.loads(answer.body))

    def mint(self, **params: object) -> str:
        answer = self.call({"NotebookInstanceName": "nb", **params})
        assert answer.status == 200, answer.body
        return str(json.loads(answer.body)["AuthorizedUrl"]).removeprefix(BASE)


def refusal(answer: Response) -> tuple[str, str]:
    """The code and message of a refusal, whose status must be 400."""
    assert answer.status == 400, answer.body
    body = json.loads(answer.body)
    return body["__type"], body.get("message", "")


def cookie_of(answer: Response) -> str:
    """The Cookie header that a browser sends for the cookie of an answer."""
    return answer.header("set-cookie").partition(";")[0]
