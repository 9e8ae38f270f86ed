"""``--debug``: logs every request and answer on stderr, with secrets, tokens and URLs masked."""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sigv4.errors import printable
from sigv4.headers import shown_value
from sigv4.network.time_limits import TimeLimits
from sigv4.request import Request, Response

from ..authorized_url import AuthorizedUrl
from ..client import SageMaker
from ..response_masking import masked, secrets_of, without_echoes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigv4.headers import HeaderPairs

    from ..transports.default import Transport

_LOGGER = logging.getLogger("sagemaker_api")
# A URL's path, query and user name may be secrets.
_URL = re.compile(r"(https?://)(?:[^\s/?#\"'<>]*@)?([^\s/?#@\"'<>]*)([/?#][^\s\"'<>]*)?", re.IGNORECASE)


class ShownSageMaker(SageMaker):
    """A client whose requests and answers are logged."""

    def _open_transport(self) -> Transport:
        return _ShownTransport(super()._open_transport())


class _ShownTransport:
    def __init__(self, inner: Transport) -> None:
        self._inner = inner

    def send(self, request: Request, limits: TimeLimits) -> Response:
        for line in shown_request(request):
            _LOGGER.debug("> %s", line)
        response = self._inner.send(request, limits)
        for line in shown_response(response, request):
            _LOGGER.debug("< %s", line)
        return response

    def close(self) -> None:
        self._inner.close()


@contextmanager
def debug_log() -> Iterator[None]:
    """Prints this package's log on stderr. It has no secrets; HTTP libraries would log headers and URLs."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(name)s: %(message)s"))
    _LOGGER.addHandler(handler)
    _LOGGER.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        _LOGGER.removeHandler(handler)
        _LOGGER.setLevel(logging.NOTSET)


def shown_request(request: Request) -> list[str]:
    """The request, line by line, with the signature masked."""
    first = f"{request.method} {request.url.partition('?')[0]}"
    return [first, *_headers(request.headers), "", *_body(request.body, [])]


def shown_response(response: Response, request: Request) -> list[str]:
    """The answer, line by line, without secrets that it repeats from the request."""
    answer = without_echoes(response, request)
    return [
        f"HTTP {answer.status}",
        *_headers(answer.headers),
        "",
        *_body(answer.body, secrets_of(request)),
    ]


def _headers(headers: HeaderPairs) -> list[str]:
    lines = []
    for name, value in headers:
        lines.append(printable(f"{name}: {_without_urls(shown_value(name, value))}", "?"))
    return lines


def _body(body: bytes, secrets: list[str]) -> list[str]:
    if not body:
        return []
    try:
        text = json.dumps(_masked(masked(json.loads(body), secrets)), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return [f"({len(body)} bytes that are not JSON)"]
    return [printable(line, "?") for line in text.split("\n")]


def _masked(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {_without_urls(str(key)): _masked(item, str(key)) for key, item in value.items()}
    if isinstance(value, list):
        return [_masked(item, name) for item in value]
    if isinstance(value, str):
        if name == "AuthorizedUrl":
            return repr(AuthorizedUrl(value))
        return "***" if "token" in name.lower() else _without_urls(value)
    return value


def _without_urls(text: str) -> str:
    return _URL.sub(lambda url: url[1] + url[2] + ("/***" if url[3] else ""), text)
