"""The last requests, for the control page: what came, what was made of it, and what explains that."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from sigv4.credentials import Credentials
from sigv4.request import Request
from sigv4.response import Response

from .clients import Client

_KEPT = 100
_LONGEST_BODY = 16 * 1024
_LONGEST_PATH = 200


class Entry(NamedTuple):
    """One request and its answer. ``path`` has no query and no token; ``outcome`` is a sentence.

    ``request``, ``credentials`` (those on file for its access key id) and ``refusal`` (the response to a
    signature that was refused) are kept for requests of the API alone, to explain them: they hold secrets.
    """

    number: int
    at: float
    client: Client
    method: str
    path: str
    status: int
    outcome: str
    identity: str
    request: Request | None
    credentials: Credentials | None
    refusal: Response | None

    def __repr__(self) -> str:
        return f"Entry({self.number}, {self.method!r}, {self.path!r}, {self.status}, {self.outcome!r})"


class Journal:
    """The last hundred requests of the API, and the last hundred of the notebooks. Safe between threads."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._number = 0
        self._calls: deque[Entry] = deque(maxlen=_KEPT)
        self._visits: deque[Entry] = deque(maxlen=_KEPT)

    def call(
        self,
        request: Request,
        client: Client,
        status: int,
        outcome: str,
        identity: str,
        credentials: Credentials | None,
        refusal: Response | None,
    ) -> None:
        """Keep a request of the API. One with a long body is kept without what explains it."""
        kept = request if len(request.body) <= _LONGEST_BODY else None
        self._add(self._calls, request, client, status, outcome, identity, kept, credentials, refusal)

    def visit(self, request: Request, client: Client, status: int, outcome: str, identity: str) -> None:
        """Keep a request to a notebook."""
        self._add(self._visits, request, client, status, outcome, identity, None, None, None)

    def entries(self) -> list[Entry]:
        """Newest first."""
        with self._lock:
            kept = [*self._calls, *self._visits]
        return sorted(kept, key=lambda entry: -entry.number)

    def get(self, number: int) -> Entry | None:
        return next((entry for entry in self.entries() if entry.number == number), None)

    def _add(
        self,
        kept: deque[Entry],
        request: Request,
        client: Client,
        status: int,
        outcome: str,
        identity: str,
        explained: Request | None,
        credentials: Credentials | None,
        refusal: Response | None,
    ) -> None:
        # A token that was put into the path by mistake is cut off with what follows it.
        path = request.url.partition("?")[0].partition("authToken")[0]
        with self._lock:
            self._number += 1
            kept.append(
                Entry(
                    self._number,
                    self._clock(),
                    client,
                    request.method[:20],
                    path[:_LONGEST_PATH],
                    status,
                    outcome,
                    identity,
                    explained,
                    credentials,
                    refusal,
                )
            )
