"""The URLs minted for notebook instances, and the sessions those open. No sockets, no own clock."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from typing import Any, NamedTuple

from sigv4.network.forks import ProcessLock

from ..clients import Client
from ..iam.guard import Guard
from ..iam.identities import Identities
from .instances import Instance, Instances

URL_LIFETIME = 300
DEFAULT_SESSION = 43200

# A browser holds one cookie for a notebook: of more than this from one URL the oldest are dropped.
_MOST_COOKIES = 20
# Of all URLs, and of all cookies: a flood of calls must not fill the memory.
_MOST_KEPT = 10_000

OVER, NOT_IN_SERVICE, DENIED = "over", "not in service", "denied"


class Grant(NamedTuple):
    """What a URL was minted for: an instance, by an identity's call, for so many seconds of session.

    The serial numbers tell an instance and an identity from a later one of the same name.
    """

    notebook: str
    serial: int
    identity: str
    identity_serial: int
    seconds: int


class Session:
    """A live session of one identity on one notebook instance, until a moment in epoch seconds.

    ``identity`` is the ARN of the identity that minted the URL.
    """

    __slots__ = ("_refusal", "grant", "opened", "until")

    def __init__(self, grant: Grant, opened: float, refusal: Callable[[Grant, float, Client], str]) -> None:
        self.grant: Grant = grant
        self.opened: float = opened
        self.until: float = opened + grant.seconds
        self._refusal = refusal

    @property
    def notebook(self) -> str:
        return self.grant.notebook

    @property
    def identity(self) -> str:
        return self.grant.identity

    def allows(self, client: Client) -> bool:
        """Whether it goes on for ``client``: to be asked for every HTTP request and WebSocket frame.

        It does until its time is over, while the instance is InService and the policies of its identity
        allow the client at this moment.
        """
        return not self.refusal(client)

    def refusal(self, client: Client) -> str:
        """Why it does not go on: ``OVER``, ``NOT_IN_SERVICE`` or ``DENIED``; ``""`` where it does."""
        return self._refusal(self.grant, self.until, client)

    def __repr__(self) -> str:
        return f"Session({self.notebook!r}, {self.identity!r}, until={self.until})"


class _Minted:
    """A token's grant, and the session it opened: one URL opens one session."""

    __slots__ = ("cookies", "grant", "session", "until")

    def __init__(self, grant: Grant, until: float) -> None:
        self.grant = grant
        self.until = until
        self.session: Session | None = None
        self.cookies: list[bytes] = []


class Sessions:
    """All that was granted on the instances. Safe between threads.

    A token is valid for 300 s, and with ``single_use`` once; the session it opens lasts the seconds it was
    minted with, however often the URL is opened. Tokens and cookies are kept as their SHA-256 only, ten
    thousand of each: of more, the oldest are dropped.
    ``clock`` returns epoch seconds, ``new_secret`` a text nobody can guess.
    """

    def __init__(
        self,
        instances: Instances,
        identities: Identities,
        guard: Guard,
        clock: Callable[[], float],
        *,
        single_use: bool = False,
        new_secret: Callable[[], str] = secrets.token_urlsafe,
    ) -> None:
        self.single_use = single_use
        self._instances = instances
        self._identities = identities
        self._guard = guard
        self._clock = clock
        self._new_secret = new_secret
        self._urls: dict[bytes, _Minted] = {}
        self._cookies: dict[bytes, Session] = {}
        self._lock = ProcessLock()

    def mint(self, instance: Instance, identity: str, seconds: int) -> str:
        """A new token for ``instance``, on a call of the identity with this ARN."""
        token = self._new_secret()
        now = self._clock()
        grant = Grant(instance.name, instance.serial, identity, self._identities.serial(identity), seconds)
        with self._lock:
            for key in [key for key, old in self._urls.items() if old.until <= now]:
                del self._urls[key]
            for key in [key for key, old in self._cookies.items() if old.until <= now]:
                del self._cookies[key]
            _make_room(self._urls)
            self._urls[_hashed(token)] = _Minted(grant, now + URL_LIFETIME)
        return token

    def open(self, token: str, notebook: str, client: Client) -> tuple[str, Session] | str:
        """The cookie and the session that ``token`` opens on ``notebook``, or why it opens none.

        A refusal leaves the token as it was.
        """
        with self._lock:
            refused = self.refusal(token, notebook, client)
            if refused:
                return refused
            minted = self._urls[_hashed(token)]
            if self.single_use:
                del self._urls[_hashed(token)]
            session = minted.session
            if session is None:
                session = minted.session = Session(minted.grant, self._clock(), self._refusal)
            if len(minted.cookies) == _MOST_COOKIES:
                self._cookies.pop(minted.cookies.pop(0), None)
            cookie = self._new_secret()
            minted.cookies.append(_hashed(cookie))
            _make_room(self._cookies)
            self._cookies[minted.cookies[-1]] = session
        return cookie, session

    def refusal(self, token: str, notebook: str, client: Client) -> str:
        """Why ``token`` opens no session on ``notebook``; ``""`` where it would. Nothing is used up."""
        minted = self._urls.get(_hashed(token))
        if minted is None or minted.grant.notebook != notebook:
            return OVER
        return self._refusal(minted.grant, minted.until, client)

    def get(self, cookie: str, notebook: str) -> Session | None:
        """The session that ``cookie`` holds on ``notebook``, None where there is none or it is over."""
        session = self._cookies.get(_hashed(cookie))
        if session is None or session.notebook != notebook or session.until <= self._clock():
            return None
        return session

    def all(self) -> list[Session]:
        """The sessions whose time is not over, oldest first."""
        now = self._clock()
        with self._lock:
            kept = dict.fromkeys(self._cookies.values())
        return sorted((each for each in kept if each.until > now), key=lambda each: each.opened)

    def _refusal(self, grant: Grant, until: float, client: Client) -> str:
        if self._clock() >= until:
            return OVER
        instance = self._instances.get(grant.notebook)
        identity = self._identities.get(grant.identity)
        if instance is None or instance.serial != grant.serial:
            return OVER
        if identity is None or self._identities.serial(identity.arn) != grant.identity_serial:
            return OVER
        if instance.status != "InService":
            return NOT_IN_SERVICE
        return "" if self._guard.allows(identity, client, instance) else DENIED


def _make_room(kept: dict[bytes, Any]) -> None:
    while len(kept) >= _MOST_KEPT:
        del kept[next(iter(kept))]


def _hashed(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
