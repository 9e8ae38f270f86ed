"""The control page as a service: access to it, the requests of its script, the actions of its buttons."""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from sigv4.config.numbers import signed_number
from sigv4.errors import repr_of
from sigv4.headers import names_of
from sigv4.request import Request, Response

from ...errors import ConfigError
from ..api import ServiceState
from ..clients import Client
from ..faults import Faults
from ..iam.identities import Identities
from ..iam.policy import Policy
from ..notebook_hosts import NOTEBOOKS
from ..service_errors import Refusal
from . import control_page, pages
from .instances import START, STOP
from .journal import Journal
from .sessions import DEFAULT_SESSION

ROOT = "/_control"
_LONGEST_MOVE = 10 * 366 * 86400.0
_LONGEST_BODY = 64 * 1024


class Movable(Protocol):
    """A clock that can be moved."""

    ahead: float

    def __call__(self) -> float: ...

    def move(self, seconds: float) -> None: ...


class Control:
    """Answers requests below ``/_control``, only from browsers on this machine that have ``secret``.

    ``secret`` is part of the page's path, ``/_control/SECRET/``. A script in a notebook has the same origin,
    but does not have the path, and no response contains it. ``faults`` are the current ones, and may be
    replaced here.
    """

    def __init__(
        self,
        state: ServiceState,
        identities: Identities,
        clock: Movable,
        journal: Journal,
        faults: Faults,
        secret: str | None = None,
    ) -> None:
        self.faults: Faults = faults
        self.path: str = f"{ROOT}/{secret or secrets.token_urlsafe(24)}/"
        self._state = state
        self._identities = identities
        self._clock = clock
        self._journal = journal

    def answer(self, request: Request, client: Client) -> Response:
        """The answer to a request to a path below ``/_control``."""
        if not client.is_loopback or _was_forwarded(request):
            return pages.notice("Not here", "The control page is only for this machine.", 403)
        path = request.url.partition("?")[0]
        given, own = path.encode("ascii", "replace"), self.path.encode("ascii")
        if not hmac.compare_digest(given[: len(own)], own):
            return pages.notice(
                "The control page",
                "Its address was printed when this endpoint was started: open that address.",
                403,
            )
        if _is_of_another_page(request):
            return pages.notice("Not from a script", "The control page is for a browser's window.", 403)
        return self._page(request, path[len(own) :])

    def _page(self, request: Request, rest: str) -> Response:
        if request.method == "POST":
            return self._acted(request) if rest == "act" else Response(405)
        if rest == "state":
            clock = self._clock
            return _json(control_page.state(clock(), clock.ahead, self._state, self._journal, self.faults))
        if rest == "":
            names = [each.arn for each in self._identities]
            return control_page.main(names)
        number = rest.removeprefix("requests/")
        kept = number.isascii() and number.isdigit() and len(number) < 10
        entry = self._journal.get(int(number)) if kept and rest != number else None
        if entry is None:
            return pages.notice("Not found", "This request is not stored, or no longer stored.", 404)
        return control_page.one(entry)

    def _acted(self, request: Request) -> Response:
        if request.header_values("content-type") != ["application/json"] or len(request.body) > _LONGEST_BODY:
            return _json({"error": "expected a JSON object of at most 64 KiB"}, 400)
        try:
            asked = json.loads(request.body.decode("utf-8"))
            action = _ACTIONS.get(asked.get("action", "")) if isinstance(asked, dict) else None
            if action is None:
                raise ConfigError(f"expected an action, one of {', '.join(_ACTIONS)}")
            return _json(action(self, asked))
        except (ConfigError, Refusal) as error:
            said = error.message or error.code if isinstance(error, Refusal) else str(error)
            return _json({"error": said}, 400)
        except (ValueError, TypeError, RecursionError):
            return _json({"error": "expected a JSON object with an action"}, 400)

    def _start(self, asked: Mapping[str, Any]) -> dict[str, str]:
        moved = self._state.instances.move(str(asked.get("name")), START)
        return {"said": f"{moved.name} is {moved.status}."}

    def _stop(self, asked: Mapping[str, Any]) -> dict[str, str]:
        moved = self._state.instances.move(str(asked.get("name")), STOP)
        return {"said": f"{moved.name} is {moved.status}."}

    def _mint(self, asked: Mapping[str, Any]) -> dict[str, str]:
        """A URL for the first identity, whose policies are checked when the URL is opened."""
        instance = self._state.instances.get(str(asked.get("name")))
        if instance is None or instance.status != "InService":
            raise ConfigError("the notebook instance is not InService")
        identity = next(iter(self._identities), None)
        if identity is None:
            raise ConfigError("there is no identity for which a URL could be made")
        url = self._state.url_of(instance, identity.arn, DEFAULT_SESSION)
        return {"said": f"A URL of {identity.arn} for {instance.name}: it opens for 5 minutes.", "open": url}

    def _move(self, asked: Mapping[str, Any]) -> dict[str, str]:
        try:
            seconds = signed_number(str(asked.get("value")))
        except ValueError:
            seconds = float("inf")
        if abs(seconds) > _LONGEST_MOVE:
            found = repr_of(asked.get("value"))[:40]
            raise ConfigError(f"expected seconds, at most ten years of them: found {found}")
        self._clock.move(seconds)
        return {"said": f"The clock was moved by {seconds:g} s."}

    def _fault(self, asked: Mapping[str, Any]) -> dict[str, str]:
        text = str(asked.get("value", "")).strip()
        found = Faults.parse(text) if text else Faults()
        self._clock.move(found.skew - self.faults.skew)
        self.faults = found
        return {"said": f"Faults: {text}." if text else "No faults."}

    def _policy(self, asked: Mapping[str, Any]) -> dict[str, str]:
        text, arn = str(asked.get("value", "")).strip(), str(asked.get("identity", ""))
        policies = None if not text else [Policy.parse(text, "the policy of the control page")]
        self._identities.set_policies(arn, policies)
        aside = [each for policy in policies or () for each in policy.set_aside]
        said = "may do everything" if policies is None else "has only this policy"
        return {"said": ". ".join([f"{arn} {said}", *(f"Ignored: {each}" for each in aside)]) + "."}


_ACTIONS: Mapping[str, Callable[[Control, Mapping[str, Any]], dict[str, str]]] = {
    "start": Control._start,
    "stop": Control._stop,
    "mint": Control._mint,
    "move": Control._move,
    "fault": Control._fault,
    "policy": Control._policy,
}


def _json(members: Mapping[str, object], status: int = 200) -> Response:
    headers = (
        ("Content-Type", "application/json"),
        *pages.OWN_HEADERS,
    )
    return Response(status, headers, json.dumps(members).encode("ascii"))


def _was_forwarded(request: Request) -> bool:
    """Whether a proxy forwarded the request: then the loopback address is the proxy's, not the client's."""
    names = names_of(request.headers)
    return any(name in ("forwarded", "via", "x-real-ip") or name.startswith("x-forwarded-") for name in names)


def _is_of_another_page(request: Request) -> bool:
    """Whether a page other than the control page sent this (Fetch Metadata, W3C).

    Clients that are not browsers send none of these fields.
    """
    fields = {name.lower(): str(value) for name, value in request.headers}
    host, origin = fields.get("host", ""), fields.get("origin")
    if NOTEBOOKS in fields.get("referer", "") or origin not in (None, f"http://{host}", f"https://{host}"):
        return True
    if fields.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        return True
    return fields.get("sec-fetch-dest", "document") not in ("document", "empty")
