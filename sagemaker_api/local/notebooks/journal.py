"""Stores the last requests for the control page, with their results and explanations."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from sigv4.credentials import Credentials
from sigv4.network.forks import ProcessLock
from sigv4.request import Request, Response

from ..clients import Client

_KEPT = 100
_LONGEST_BODY = 16 * 1024
_LONGEST_PATH = 200


class Evidence(NamedTuple):
    """The data that explain a verifier's result. They hold secrets, which ``repr`` does not show.

    ``request`` is None if it was too long to be stored; ``credentials`` are those for its access key id;
    ``answer`` is the response, ``refused`` says whether the signature was refused.
    """

    request: Request | None
    credentials: Credentials | None
    answer: Response
    refused: bool


class Entry(NamedTuple):
    """One request and its answer.

    ``path`` has no query and no token; ``operation`` is that of an API request, else ``""``; ``outcome`` is a
    sentence; ``identity`` an ARN or ``""``; only API requests have ``evidence``.
    """

    number: int
    at: float
    client: Client
    method: str
    path: str
    status: int
    outcome: str
    identity: str
    evidence: Evidence | None
    operation: str = ""


class Journal:
    """The last hundred API requests and the last hundred to notebooks. Safe to share between threads."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = ProcessLock()
        self._number = 0
        self._calls: deque[Entry] = deque(maxlen=_KEPT)
        self._visits: deque[Entry] = deque(maxlen=_KEPT)

    def add(
        self,
        request: Request,
        client: Client,
        status: int,
        outcome: str,
        identity: str,
        evidence: Evidence | None = None,
        operation: str = "",
    ) -> None:
        """Stores an API request, with its evidence, or a request to a notebook."""
        # A token that is in the path by mistake is removed with the text after it.
        path = request.url.partition("?")[0].partition("authToken")[0]
        if evidence is not None and len(request.body) > _LONGEST_BODY:
            evidence = evidence._replace(request=None)
        kept = self._visits if evidence is None else self._calls
        shown = (request.method[:20], path[:_LONGEST_PATH], status, outcome, identity)
        with self._lock:
            self._number += 1
            kept.append(Entry(self._number, self._clock(), client, *shown, evidence, operation[:100]))

    def entries(self) -> list[Entry]:
        """Newest first."""
        with self._lock:
            kept = [*self._calls, *self._visits]
        return sorted(kept, key=lambda entry: -entry.number)

    def get(self, number: int) -> Entry | None:
        return next((entry for entry in self.entries() if entry.number == number), None)
