"""Replay protection: a store that is consulted once per request, after the signature has been verified.

The key of a request is made from what was signed, not from the signature, because a 4A signature has a second
valid form (V4A-3). A store checks and adds a key in one atomic step. A full store rejects requests; it never
evicts keys that are still valid.
"""

from __future__ import annotations

import heapq
import threading
from hashlib import sha256
from os import getpid
from time import time

from .claim import check_capacity
from .errors import SigningError, VerificationError, repr_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any, Protocol

    class ReplayStore(Protocol):
        """``first_use`` returns whether ``key`` is new, and keeps it until ``until`` (epoch seconds).

        It raises StoreUnavailable if it cannot tell. It may return an awaitable, but only ``averify`` accepts
        one. ``averify`` calls a store in a thread, unless its ``first_use`` is an ``async def`` or the store
        has the attribute ``blocking = False``.
        """

        def first_use(self, key: bytes, until: float) -> bool | Awaitable[bool]: ...


_PURGED_A_CALL = 16  # a call adds one key at most, so expired keys are removed faster than keys are added
_NEARLY_FULL = 0.8
_SMALLEST_REPORTED = 1000  # smaller stores belong to tests: they are not reported


class StoreUnavailable(VerificationError):
    """A replay store cannot say whether a request is new, so the request is refused: 503, to be retried."""

    def __init__(self, detail: str) -> None:
        message = "The service cannot check this request for replay at present: send it again in a moment."
        super().__init__("REPLAY", "ServiceUnavailable", message, 503)
        self.args: tuple[Any, ...] = (detail,)
        self.detail = detail

    def __str__(self) -> str:
        return self.detail


class StoreFull(StoreUnavailable):
    """A store has no room for another key, or the access key has used up its share of the store."""


class ReplayKey(bytes):
    """The 32 bytes that identify one signed request; ``access_key_id`` is the one that signed it."""

    access_key_id = ""


def replay_key(access_key_id: str, string_to_sign: str) -> ReplayKey:
    """The key of one signed request: SHA-256 of the access key id and the string to sign."""
    key = ReplayKey(sha256(f"{access_key_id}\n{string_to_sign}".encode()).digest())
    key.access_key_id = access_key_id
    return key


def log(message: str) -> None:
    from logging import getLogger

    getLogger("sigv4.replay").warning(message)


class MemoryReplayStore:
    """Keys in the memory of this process, at most ``capacity``. Safe to share between threads and tasks.

    A key takes about 250 bytes. ``share`` is the part of the capacity that one access key may use, so that
    one client cannot shut out the others. Raises StoreFull if there is no room. ``report`` is called once,
    with a sentence, when the store becomes 80 % full; by default the sentence is logged.
    """

    blocking = False

    def __init__(
        self,
        capacity: int = 1_000_000,
        *,
        share: float = 0.5,
        clock: Callable[[], float] = time,
        report: Callable[[str], object] = log,
    ) -> None:
        check_capacity(capacity)
        if not isinstance(share, (int, float)) or not 0 < share <= 1:
            raise SigningError(
                f"share is {repr_of(share)}: expected a part of the capacity, more than 0 and up to 1"
            )
        self._capacity = capacity
        self._share = max(1, int(capacity * share))
        self._clock = clock
        self._report = report
        self._reported = False
        self._keys: dict[bytes, float] = {}
        self._used: dict[str, int] = {}  # keys by access key id
        self._ends: list[float] = []  # a heap of the moments in _by_end
        self._by_end: dict[float, list[tuple[bytes, str]]] = {}
        self._forgotten = float("-inf")  # keys that expired by then may have been removed
        self._locks: dict[int, threading.Lock] = {}  # a lock per process: a fork may copy one that is held

    @classmethod
    def for_rate(cls, requests_a_second: float, *, window: float = 300, **options: Any) -> MemoryReplayStore:
        """A store that is large enough for this many requests a second under a verifier's ``window``.

        A key is kept for up to ``window`` + 1 seconds if the client's clock is right; the size is a
        quarter larger, to allow for wrong clocks. ``options`` are those of the class.
        """
        numbers = isinstance(requests_a_second, (int, float)) and isinstance(window, (int, float))
        if not (numbers and 0 < requests_a_second < 1e12 and 0 <= window < 1e12):
            shown = f"{repr_of(requests_a_second)}, window={repr_of(window)}"
            raise SigningError(f"for_rate({shown}): expected a rate above 0 and seconds")
        return cls(int(requests_a_second * (window + 1) * 1.25) + 1, **options)

    def __len__(self) -> int:
        return len(self._keys)

    def __repr__(self) -> str:
        return f"MemoryReplayStore({self._capacity}, holding {len(self)})"

    def first_use(self, key: bytes, until: float) -> bool:
        """Whether ``key`` is new; it is kept until ``until``.

        Raises StoreFull. Raises StoreUnavailable if the clock was set back and ``until`` had passed before
        that: such a key may have been received already, and removed.
        """
        owner = key.access_key_id if isinstance(key, ReplayKey) else ""
        now = self._clock()
        process = getpid()
        with self._locks.get(process) or self._locks.setdefault(process, threading.Lock()):
            self._purge(now)
            kept = self._keys.get(key)
            if kept is not None and kept >= now:
                return False
            if now <= until <= self._forgotten:
                raise StoreUnavailable("the clock was set back: the request may have been received before")
            self._check_room(owner)
            self._add(bytes(key), until, owner)
            nearly_full = not self._reported and self._is_nearly_full()
            self._reported = self._reported or nearly_full
        if nearly_full:
            self._report(
                f"the replay store holds {len(self)} keys of at most {self._capacity}, and refuses requests "
                "when it is full: make it larger (MemoryReplayStore.for_rate(requests a second)), or use "
                "RedisReplayStore for more than one process or some 5,000 requests a second"
            )
        return True

    def _is_nearly_full(self) -> bool:
        return self._capacity >= _SMALLEST_REPORTED and len(self._keys) >= self._capacity * _NEARLY_FULL

    def _add(self, key: bytes, until: float, owner: str) -> None:
        self._keys[key] = until
        self._used[owner] = self._used.get(owner, 0) + 1
        ending = self._by_end.get(until)
        if ending is None:
            ending = self._by_end[until] = []
            heapq.heappush(self._ends, until)
        ending.append((key, owner))

    def _purge(self, now: float) -> None:
        """Removes a bounded number of expired keys, so that no call waits long for the lock."""
        left = _PURGED_A_CALL
        while left and self._ends and self._ends[0] < now:
            end = self._ends[0]
            ending = self._by_end[end]
            while left and ending:
                key, owner = ending.pop()
                left -= 1
                if self._used[owner] == 1:
                    del self._used[owner]
                else:
                    self._used[owner] -= 1
                if self._keys.get(key) == end:
                    del self._keys[key]
                    self._forgotten = max(self._forgotten, end)
            if not ending:
                heapq.heappop(self._ends)
                del self._by_end[end]

    def _check_room(self, owner: str) -> None:
        if len(self._keys) >= self._capacity:
            raise StoreFull(f"all {self._capacity} keys of the replay store are in use")
        if owner and self._used.get(owner, 0) >= self._share:
            raise StoreFull(
                f"the access key {owner} uses its whole share, {self._share} keys, of the replay store"
            )


async def ask(store: ReplayStore, key: bytes, until: float) -> bool:
    """Calls ``store.first_use`` without blocking the event loop."""
    answer: Any
    if getattr(store, "blocking", True) and not _is_async(store.first_use):
        answer = await _in_thread(store, key, until)
    else:
        answer = store.first_use(key, until)
    return bool(await answer if hasattr(answer, "__await__") else answer)


def _is_async(function: Any) -> bool:
    code = getattr(function, "__code__", None)
    return code is not None and bool(code.co_flags & 0x80)  # inspect.CO_COROUTINE


async def _in_thread(store: ReplayStore, key: bytes, until: float) -> Any:
    import asyncio

    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:  # not asyncio's event loop
        return store.first_use(key, until)
    asked = loop.run_in_executor(None, store.first_use, key, until)
    try:
        return await asyncio.wait_for(asked, getattr(store, "timeout", None))
    except asyncio.TimeoutError as error:
        raise StoreUnavailable("the replay store did not answer in time") from error
