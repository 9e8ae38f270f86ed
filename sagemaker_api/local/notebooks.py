"""Notebook instances, the URLs minted for them, and the sessions those open. No sockets, no own clock."""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections.abc import Callable, Mapping
from typing import NamedTuple

URL_LIFETIME = 300
DEFAULT_SESSION = 43200
STATUSES = (
    "Pending",
    "InService",
    "Stopping",
    "Stopped",
    "Failed",
    "Deleting",
    "Updating",
    "PendingMaintenance",
    "InMaintenance",
)


class Grant(NamedTuple):
    """What a token or a cookie stands for: a notebook, until a moment in epoch seconds."""

    notebook: str
    until: float
    session_seconds: int


class Notebooks:
    """The instances by name with their status, and all that was granted on them. Safe between threads.

    A token is valid for 300 s, the session it opens for the seconds it was minted with. Tokens and cookies
    are kept as their SHA-256 only. ``clock`` returns epoch seconds, ``new_secret`` a text nobody can guess.
    """

    def __init__(
        self,
        statuses: Mapping[str, str],
        clock: Callable[[], float],
        new_secret: Callable[[], str] = secrets.token_urlsafe,
    ) -> None:
        self.statuses = dict(statuses)
        self._new_secret = new_secret
        self._clock = clock
        self._urls: dict[bytes, Grant] = {}
        self._sessions: dict[bytes, Grant] = {}
        self._lock = threading.Lock()

    def mint(self, notebook: str, session_seconds: int) -> str:
        """A new token for ``notebook``."""
        return self._grant(self._urls, Grant(notebook, self._clock() + URL_LIFETIME, session_seconds))

    def open(self, token: str, notebook: str) -> tuple[str, Grant] | None:
        """The cookie and the session that ``token`` opens on ``notebook``; None once its 300 s are over."""
        grant = self._find(self._urls, token, notebook)
        if grant is None:
            return None
        session = grant._replace(until=self._clock() + grant.session_seconds)
        return self._grant(self._sessions, session), session

    def session(self, cookie: str, notebook: str) -> Grant | None:
        """The session that ``cookie`` holds on ``notebook``, or None where there is none or it is over."""
        return self._find(self._sessions, cookie, notebook)

    def _grant(self, table: dict[bytes, Grant], grant: Grant) -> str:
        secret = self._new_secret()
        now = self._clock()
        with self._lock:
            for key in [key for key, old in table.items() if old.until <= now]:
                del table[key]
            table[_hashed(secret)] = grant
        return secret

    def _find(self, table: dict[bytes, Grant], secret: str, notebook: str) -> Grant | None:
        with self._lock:
            grant = table.get(_hashed(secret))
        if grant is None or grant.notebook != notebook or grant.until <= self._clock():
            return None
        return grant


def _hashed(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
