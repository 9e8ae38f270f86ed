"""The tokens of notebook URLs, and the sessions that they open. Uses no sockets; the clock is injected."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from typing import Any, NamedTuple

from sigv4.network.forks import ProcessLock

from ...model.operations import LONGEST_SESSION
from ..clients import Client
from ..iam.guard import Guard
from ..iam.identities import Identities
from .instances import Instance, Instances

URL_LIFETIME = 300
DEFAULT_SESSION = LONGEST_SESSION

# Each browser that opens a URL gets a cookie. If one URL has more cookies than this, the oldest is dropped.
_MOST_COOKIES = 20
# The limit for URLs, and for cookies, so that many calls cannot fill the memory.
_MOST_KEPT = 10_000

OVER, NOT_IN_SERVICE, DENIED = "over", "not in service", "denied"


class Grant(NamedTuple):
    """The rights of a URL: the instance, the identity that called, and the length of the session in seconds.

    The serial numbers distinguish an instance or identity from a later one with the same name.
    """

    notebook: str
    serial: int
    identity: str
    identity_serial: int
    seconds: int


class Session:
    """A session of one identity on one notebook instance, valid until ``until`` in epoch seconds.

    ``identity`` is the ARN of the identity that requested the URL.
    """

    __slots__ = ("_refusal", "grant", "opened", "until")

    def __init__(self, grant: Grant, opened: float, refusal: Callable[[Grant, float, Client], str]) -> None:
        self.grant: Grant = grant
        self.opened: float = opened
        self.until: float = opened + grant.seconds
        self._refusal = refusal

    @property
    def notebook(self) -> str:
        """The name of the notebook instance that the session is for."""
        return self.grant.notebook

    @property
    def identity(self) -> str:
        """The ARN of the identity that asked for the URL."""
        return self.grant.identity

    def allows(self, client: Client) -> bool:
        """Whether the session is still valid for ``client``; call it for each request and WebSocket frame.

        It is valid until its time is over, while the instance is InService and the policies of its identity
        allow the client.
        """
        return not self.refusal(client)

    def refusal(self, client: Client) -> str:
        """Why it is not valid: ``OVER``, ``NOT_IN_SERVICE`` or ``DENIED``; ``""`` if it is valid."""
        return self._refusal(self.grant, self.until, client)

    def __repr__(self) -> str:
        return f"Session({self.notebook!r}, {self.identity!r}, until={self.until})"


class _Minted:
    """A token's grant and the session that it opened; one URL opens one session."""

    __slots__ = ("cookies", "grant", "session", "until")

    def __init__(self, grant: Grant, until: float) -> None:
        self.grant = grant
        self.until = until
        self.session: Session | None = None
        self.cookies: list[bytes] = []


class Sessions:
    """The tokens and sessions of all instances. Safe to share between threads.

    A token is valid for 300 s, with ``single_use`` only once. Its session has the length that was requested,
    no matter how often the URL is opened. Only the SHA-256 of tokens and of cookies is stored, at most ten
    thousand of each: then the oldest are dropped. ``clock`` returns epoch seconds, ``new_secret`` a random
    secret text.
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
        """A new token for ``instance``, requested by the identity with this ARN."""
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
        """The cookie and the session that ``token`` opens on ``notebook``, or the reason for a refusal.

        A refusal does not change the token.
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
        """Why ``token`` would open no session on ``notebook``; ``""`` if it would. The token is not used."""
        minted = self._urls.get(_hashed(token))
        if minted is None or minted.grant.notebook != notebook:
            return OVER
        return self._refusal(minted.grant, minted.until, client)

    def get(self, cookie: str, notebook: str) -> Session | None:
        """The session of ``cookie`` on ``notebook``; None if there is none or it has ended."""
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
