"""The local SageMaker without sockets: returns the response to a request and its client."""

from __future__ import annotations

import json
import math
import uuid
from collections.abc import Callable

from sigv4.claim import Verified
from sigv4.error_responses import json_answer
from sigv4.errors import SigningError, VerificationError
from sigv4.request import Request, Response
from sigv4.target import check_url
from sigv4.verifier import Verifier

from ..aws_json import CONTENT_TYPE
from .api import Caller, Result, ServiceState, call
from .clients import Client
from .clock import Clock
from .faults import Faults
from .iam.identities import Identities, Identity
from .notebook_hosts import NOTEBOOKS, notebook_of
from .notebooks import pages
from .notebooks.control import Control
from .notebooks.journal import Evidence, Journal
from .notebooks.sessions import DENIED, NOT_IN_SERVICE, Session
from .service_errors import Refusal
from .serving.bodies import is_read

_TARGET = "SageMaker."
_TOKEN = "authToken="  # noqa: S105 (the name of a parameter)
_PROBES = ("HEAD", "OPTIONS", "TRACE")  # such a request opens no session, and does not use the URL


class Service:
    """Answers as SageMaker does.

    The API is at ``POST /``, notebooks are below ``/notebook/NAME/``, the sign-in page is ``/sign-in``, and
    the control page is at ``control_path``, below ``/_control``. ``hosts`` are the accepted values of Host,
    in lower case; ``cookie`` is the name of the session cookie. ``on_verdict`` is called with the verifier's
    result for each API request. ``random`` returns numbers from 0 up to 1, ``new_request_id`` the ids of the
    answers.
    """

    def __init__(
        self,
        state: ServiceState,
        identities: Identities,
        verifier: Verifier,
        clock: Clock,
        *,
        hosts: frozenset[str],
        cookie: str,
        random: Callable[[], float],
        faults: Faults | None = None,
        on_verdict: Callable[[Verified | VerificationError], None] = lambda verdict: None,
        new_request_id: Callable[[], str] = lambda: str(uuid.uuid4()),
    ) -> None:
        self.journal: Journal = Journal(clock)
        self.control: Control = Control(state, identities, clock, self.journal, faults or Faults())
        self._state = state
        self._identities = identities
        self._verifier = verifier
        self._clock = clock
        self._hosts = hosts
        self._cookie = cookie
        self._random = random
        self._on_verdict = on_verdict
        self._new_request_id = new_request_id

    def answer(self, request: Request, client: Client) -> Response:
        """The response to ``request``, whose URL is the request target exactly as received."""
        if not self.is_ours(request):
            return Response(421)
        request = self.located(request)
        path = request.url.partition("?")[0]
        if path.startswith(NOTEBOOKS):
            admitted = self.admit(request, client)
            if isinstance(admitted, Response):
                return admitted
            return _notebook_page(admitted) if is_read(request) else _read_only()
        if path == "/_control" or path.startswith("/_control/"):
            return self.control.answer(request, client) if _is_target(request.url) else Response(400)
        if not is_read(request):
            return self._api(request, client)
        if not _is_target(request.url):
            return Response(400)
        if path == "/sign-in":
            return pages.signed_out()
        if path == "/":
            return Response(302, (("Location", "/_control"), *pages.SAFE_HEADERS))
        return pages.notice("Not found", "There are only notebooks here: request a URL from the API.", 404)

    def admit(self, request: Request, client: Client) -> Session | Response:
        """The valid session of a request to a target below ``/notebook/NAME/``, or the response to send.

        The response is a redirect with a cookie in place of the token, a redirect to the sign-in page, or a
        refusal.
        """
        if not self.is_ours(request):
            return Response(421)
        request = self.located(request)
        path, _, query = request.url.partition("?")
        if not (path.startswith(NOTEBOOKS) and _is_target(request.url)):
            return Response(400)
        name, _, page = path.removeprefix(NOTEBOOKS).partition("/")
        parameters = query.split("&")
        tokens = [parameter.removeprefix(_TOKEN) for parameter in parameters if parameter.startswith(_TOKEN)]
        if tokens:
            kept = "&".join(parameter for parameter in parameters if not parameter.startswith(_TOKEN))
            if request.method in _PROBES:
                refused = self._state.sessions.refusal(tokens[0], name, client)
                if not refused:
                    return Response(302, (("Location", self._root(request, name)), *pages.SAFE_HEADERS))
                return self._turned_away(request, client, name, refused, "")
            opened = self._state.sessions.open(tokens[0], name, client)
            if isinstance(opened, str):
                return self._turned_away(request, client, name, opened, "")
            return self._opened(request, client, opened, f"{page}?{kept}" if kept else page)
        held = (self._state.sessions.get(cookie, name) for cookie in self._cookies_of(request))
        session = next((session for session in held if session is not None), None)
        if session is None:
            return self._turned_away(request, client, name, "no live session", "")
        refused = session.refusal(client)
        if refused:
            return self._turned_away(request, client, name, refused, session.identity)
        self.journal.add(request, client, 200, "in a live session", session.identity)
        return session

    def delay(self, request: Request) -> float:
        """The delay in seconds before the answer to ``request``, a deliberate fault."""
        return 0.0 if is_read(request) or request.url.startswith(NOTEBOOKS) else self.control.faults.slow

    def is_ours(self, request: Request) -> bool:
        """Whether the request has one Host, and it is an accepted one.

        A call without a Host is left to the verifier.
        """
        hosts = request.header_values("host")
        if not hosts:
            return request.method == "POST" and request.url == "/"
        if len(hosts) != 1:
            return False
        return hosts[0].lower() in self._hosts or bool(notebook_of(hosts[0], self._hosts))

    def located(self, request: Request) -> Request:
        """The request, with its target moved below ``/notebook/NAME/`` if it was sent to a notebook's host.

        A target that is below it already is kept, since Jupyter's pages use it. The sign-in page is kept.
        """
        name = self._own_host(request)
        if not name or not request.url.startswith("/") or request.url.partition("?")[0] == "/sign-in":
            return request
        root = f"{NOTEBOOKS}{name}"
        if request.url.startswith(f"{root}/"):
            return request
        return Request(request.method, root + request.url, request.headers, request.body)

    def _own_host(self, request: Request) -> str:
        """The notebook whose host the request was sent to, as the instance spells its name, else ``""``."""
        name = notebook_of(request.header("host"), self._hosts)
        if not name:
            return ""
        return next((each.name for each in self._state.instances.all() if each.name.lower() == name), name)

    def _root(self, request: Request, notebook: str) -> str:
        """The path of a notebook on the host that the request was sent to."""
        return "/" if self._own_host(request) else f"{NOTEBOOKS}{notebook}/"

    def _opened(self, request: Request, client: Client, opened: tuple[str, Session], page: str) -> Response:
        """A redirect to the same page without the token, with a cookie."""
        cookie, session = opened
        root = self._root(request, session.notebook)
        left = max(0, math.ceil(session.until - self._clock()))
        flags = f"Path={root}; Max-Age={left}; HttpOnly; SameSite=Lax{'; Secure' if client.secure else ''}"
        self.journal.add(request, client, 302, "opened a session", session.identity)
        if root == "/":  # "//host/" would be a redirect to another host
            page = page.lstrip("/\\")
        headers = (("Location", root + page), ("Set-Cookie", f"{self._cookie}={cookie}; {flags}"))
        return Response(302, (*headers, *pages.SAFE_HEADERS))

    def _turned_away(
        self, request: Request, client: Client, name: str, reason: str, identity: str
    ) -> Response:
        if reason == DENIED:
            response = pages.denied(name, client.address)
        elif reason == NOT_IN_SERVICE:
            instance = self._state.instances.get(name)
            response = pages.not_in_service(name, "gone" if instance is None else instance.status)
        else:
            response = pages.sign_in()
        self.journal.add(request, client, response.status, reason, identity)
        return response

    def _cookies_of(self, request: Request) -> list[str]:
        """Every cookie of this name: another port of this host may have set one, too."""
        return [
            pair.strip().partition("=")[2]
            for value in request.header_values("cookie")
            for pair in value.split(";")
            if pair.strip().partition("=")[0] == self._cookie
        ]

    def _api(self, request: Request, client: Client) -> Response:
        identity, refused = None, False
        try:
            verified = self._verifier.verify(*request)
        except VerificationError as error:
            self._on_verdict(error)
            response, refused = self._refused(error), True
            outcome = f"refused at {error.stage}: {error.code}"
        else:
            self._on_verdict(verified)
            identity = self._identities.by_key(verified.access_key_id)
            response, outcome = self._called(request, client, identity)
        if identity is None:
            identity = self._identities.by_key(_claimed_key(request))
        arn, credentials = ("", None) if identity is None else (identity.arn, identity.credentials)
        evidence = Evidence(request, credentials, response, refused)
        operation = request.header("x-amz-target").removeprefix(_TARGET)
        self.journal.add(request, client, response.status, outcome, arn, evidence, operation)
        return response

    def _called(self, request: Request, client: Client, identity: Identity | None) -> tuple[Response, str]:
        target = request.header("x-amz-target")
        name = target.removeprefix(_TARGET) if target.startswith(_TARGET) else ""
        try:
            if identity is None:  # the identity was removed after the signature was verified
                raise Refusal(
                    "UnrecognizedClientException", "The security token included in the request is invalid."
                )
            self.control.faults.strike(self._random)
            result = call(self._state, Caller(identity, client), name, _members(request.body))
        except Refusal as refusal:
            why = f" {refusal.message[:400]}" if refusal.code == "AccessDeniedException" else ""
            members: Result = {"__type": refusal.code}
            if refusal.message:
                members["message"] = refusal.message
            return self._json(refusal.status, members), f"verified; {name[:100]}: {refusal.code}{why}"
        return self._json(200, result), f"verified; {name}"

    def _refused(self, error: VerificationError) -> Response:
        if error.code == "BadRequest":
            return Response(400)  # VERIFY-1: the HTTP layer answers, without a text
        status, code, message = json_answer(error)
        return self._json(status, {"__type": code, "message": message} if message else {"__type": code})

    def _json(self, status: int, members: Result) -> Response:
        headers = (("Content-Type", CONTENT_TYPE), ("x-amzn-RequestId", self._new_request_id()))
        return Response(status, headers, json.dumps(members, separators=(",", ":")).encode("ascii"))


def _members(body: bytes) -> Result:
    try:
        params = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        params = None
    if not isinstance(params, dict):
        raise Refusal("SerializationException", "The request body is not a JSON object")
    return params


def _claimed_key(request: Request) -> str:
    """The access key id that an Authorization header claims, or ``""``."""
    if request.has_header("authorization"):
        return request.header("authorization").partition("Credential=")[2].partition("/")[0]
    return request.url.partition("X-Amz-Credential=")[2].partition("%2F")[0]


def _is_target(target: str) -> bool:
    try:
        check_url(target)
    except SigningError:
        return False
    return True


def _read_only() -> Response:
    return Response(405, (("Allow", "GET, HEAD"), *pages.SAFE_HEADERS))


def _notebook_page(session: Session) -> Response:
    words = f"This session is open until {pages.moment(session.until)}."
    return pages.notice(f"Notebook {session.notebook}", words)
