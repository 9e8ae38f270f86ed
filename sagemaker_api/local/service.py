"""The local SageMaker without its sockets: a request in, a response out."""

from __future__ import annotations

import html
import json
import time
import uuid
from collections.abc import Callable

from sigv4.claim import Verified
from sigv4.errors import SigningError, VerificationError
from sigv4.protocol_style import json_answer
from sigv4.request import Request
from sigv4.response import Response
from sigv4.target import check_url
from sigv4.verifier import Verifier

from ..aws_json import CONTENT_TYPE
from .notebooks import Grant, Notebooks
from .operations import OPERATIONS, Refusal

_TARGET = "SageMaker."
_NOTEBOOK = "/notebook/"
_TOKEN = "authToken="  # noqa: S105 (the name of a parameter)
_PAGE_HEADERS = (
    ("Content-Type", "text/html; charset=utf-8"),
    ("Cache-Control", "no-store"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
)


class Service:
    """Answers as SageMaker does: the API on ``POST /``, notebooks below ``/notebook/NAME/``, ``/sign-in``.

    ``base_url`` is what minted URLs begin with; ``cookie`` the name of the session cookie. ``on_verdict``
    is told what the verifier made of each API request. ``new_request_id`` makes the ids of the answers.
    """

    def __init__(
        self,
        notebooks: Notebooks,
        verifier: Verifier,
        base_url: str,
        cookie: str,
        on_verdict: Callable[[Verified | VerificationError], None] = lambda verdict: None,
        new_request_id: Callable[[], str] = lambda: str(uuid.uuid4()),
    ) -> None:
        self._notebooks = notebooks
        self._verifier = verifier
        self._base_url = base_url
        self._cookie = cookie
        self._on_verdict = on_verdict
        self._new_request_id = new_request_id

    def answer(self, request: Request) -> Response:
        """The response to ``request``, whose URL is the request target exactly as it came."""
        if request.method in ("GET", "HEAD"):
            return self._page(request)
        return self._api(request)

    def _api(self, request: Request) -> Response:
        try:
            self._on_verdict(self._verifier.verify(*request))
        except VerificationError as error:
            self._on_verdict(error)
            if error.code == "BadRequest":
                return Response(400)  # VERIFY-1: the HTTP layer answers, and says nothing
            return self._error(*json_answer(error))
        target = next((str(value) for name, value in request.headers if name.lower() == "x-amz-target"), "")
        operation = OPERATIONS.get(target.removeprefix(_TARGET)) if target.startswith(_TARGET) else None
        if operation is None:
            return self._error(400, "UnknownOperationException", "")
        try:
            params = json.loads(request.body.decode("utf-8"))
        except (ValueError, RecursionError):
            params = None
        if not isinstance(params, dict):
            return self._error(400, "SerializationException", "The request body is not a JSON object")
        try:
            return self._json(200, operation(self._notebooks, self._base_url, params))
        except Refusal as refusal:
            return self._error(400, refusal.code, refusal.message)

    def _json(self, status: int, members: dict[str, object]) -> Response:
        headers = (("Content-Type", CONTENT_TYPE), ("x-amzn-RequestId", self._new_request_id()))
        return Response(status, headers, json.dumps(members, separators=(",", ":")).encode("ascii"))

    def _error(self, status: int, code: str, message: str) -> Response:
        return self._json(status, {"__type": code, "message": message} if message else {"__type": code})

    def _page(self, request: Request) -> Response:
        try:
            check_url(request.url)
        except SigningError:
            return Response(400)
        path, _, query = request.url.partition("?")
        if path == "/sign-in":
            return _html(
                "Signed out", "The URL or the session is over. Ask for a new URL: it opens for 5 minutes."
            )
        if not path.startswith(_NOTEBOOK):
            return _html("Not found", "Here are only notebooks: ask the API for a URL.", 404)
        name, _, page = path.removeprefix(_NOTEBOOK).partition("/")
        parameters = query.split("&")
        tokens = [parameter.removeprefix(_TOKEN) for parameter in parameters if parameter.startswith(_TOKEN)]
        if tokens:
            kept = "&".join(parameter for parameter in parameters if not parameter.startswith(_TOKEN))
            return self._open(name, tokens[0], f"{page}?{kept}" if kept else page)
        session = self._notebooks.session(self._cookie_of(request), name)
        return _sign_in() if session is None else _notebook_page(session)

    def _open(self, name: str, token: str, page: str) -> Response:
        """Trade the token for a cookie, and go on to the same page without it."""
        opened = self._notebooks.open(token, name)
        if opened is None:
            return _sign_in()
        cookie, session = opened
        root = f"{_NOTEBOOK}{session.notebook}/"
        flags = f"Path={root}; Max-Age={session.session_seconds}; HttpOnly; SameSite=Lax"
        return Response(
            302,
            (
                ("Location", root + page),
                ("Set-Cookie", f"{self._cookie}={cookie}; {flags}"),
                *_PAGE_HEADERS[1:3],
            ),
        )

    def _cookie_of(self, request: Request) -> str:
        for name, value in request.headers:
            if name.lower() == "cookie" and isinstance(value, str):
                for pair in value.split(";"):
                    key, _, cookie = pair.strip().partition("=")
                    if key == self._cookie:
                        return cookie
        return ""


def _sign_in() -> Response:
    return Response(302, (("Location", "/sign-in"), *_PAGE_HEADERS[1:3]))


def _notebook_page(session: Grant) -> Response:
    until = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(session.until))
    return _html(f"Notebook {session.notebook}", f"This session is open until {until}.")


def _html(title: str, text: str, status: int = 200) -> Response:
    title, text = html.escape(title), html.escape(text)
    page = f"<!doctype html>\n<title>{title}</title>\n<h1>{title}</h1>\n<p>{text}</p>\n"
    return Response(status, _PAGE_HEADERS, page.encode("utf-8"))
