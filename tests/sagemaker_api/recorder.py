"""A transport that records its requests, and the answer that a server gives to each."""

from __future__ import annotations

from sigv4 import Request, Response
from sigv4.network.time_limits import TimeLimits
from tests.sagemaker_api.scripted import http

OK = http(200, '{"AuthorizedUrl":"https://h?authToken=t"}')


class Recorder:
    """A transport that keeps what it is given and answers 200."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.limits: list[TimeLimits] = []
        self.closed = False

    def send(self, request: Request, limits: TimeLimits) -> Response:
        self.requests.append(request)
        self.limits.append(limits)
        return Response(200, (), b"{}")

    def close(self) -> None:
        self.closed = True
