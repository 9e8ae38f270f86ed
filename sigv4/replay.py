"""Signatures that were used already: a store asked once a request, after its signature was found right.

The key of a request is made of what was signed, never of the signature: one of 4A has a mirror that is right
as well (V4A-3). A store is asked atomically; one that is full refuses, it does not forget.
"""

from __future__ import annotations

import heapq
import threading
from hashlib import sha256
from time import time

from .errors import MissingDependency, SigningError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any, Protocol

    class ReplayStore(Protocol):
        """``first_use`` says whether ``key`` is new, and keeps it until ``until`` (epoch seconds).

        An awaitable answer is for ``averify`` alone.
        """

        def first_use(self, key: bytes, until: float) -> bool | Awaitable[bool]: ...


class StoreFull(RuntimeError):
    """A store could not keep a key, so that the request cannot be taken: make the store larger."""


def replay_key(access_key_id: str, string_to_sign: str) -> bytes:
    """The 32 bytes that stand for one signed request."""
    return sha256(f"{access_key_id}\n{string_to_sign}".encode()).digest()


class MemoryReplayStore:
    """Keys in the memory of this process, at most ``capacity``. Safe to share between threads and tasks.

    Some 200 bytes a key. Raises StoreFull where all that are kept are still of use.
    """

    def __init__(self, capacity: int = 1_000_000, *, clock: Callable[[], float] = time) -> None:
        if not isinstance(capacity, int) or capacity < 1:
            raise SigningError(f"capacity is {capacity!r}: expected how many keys to keep, 1 or more")
        self._capacity = capacity
        self._clock = clock
        self._keys: set[bytes] = set()
        self._deaths: list[tuple[float, bytes]] = []
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._keys)

    def __repr__(self) -> str:
        return f"MemoryReplayStore({self._capacity}, holding {len(self)})"

    def first_use(self, key: bytes, until: float) -> bool:
        """Whether ``key`` is new; it is kept until ``until``. Raises StoreFull."""
        now = self._clock()
        with self._lock:
            while self._deaths and self._deaths[0][0] < now:
                self._keys.discard(heapq.heappop(self._deaths)[1])
            if key in self._keys:
                return False
            if len(self._keys) >= self._capacity:
                raise StoreFull(f"all {self._capacity} keys of the replay store are in use")
            self._keys.add(key)
            heapq.heappush(self._deaths, (until, key))
        return True


class RedisReplayStore:
    """Keys in Redis or Valkey, for several verifiers that must agree (extra ``redis``).

    ``client`` is a ``redis.Redis``, or a ``redis.asyncio.Redis`` for ``averify``; or a URL such as
    ``redis://host:6379/0`` to make the first of. Whatever the client raises passes through: a server that
    cannot be asked is no permission. One with ``maxmemory`` must not evict keys (``noeviction``).
    """

    def __init__(self, client: Any, *, prefix: str = "sigv4:replay:") -> None:
        if isinstance(client, str):
            try:
                import redis
            except ImportError as error:
                raise MissingDependency("redis", "redis") from error
            client = redis.Redis.from_url(client)
        self._client = client
        self._prefix = prefix.encode("utf-8")

    def __repr__(self) -> str:
        return f"RedisReplayStore(prefix={self._prefix.decode('utf-8')!r})"

    def first_use(self, key: bytes, until: float) -> bool | Awaitable[bool]:
        """Whether ``key`` is new; SET with NX and EXAT is one step for the server."""
        answer = self._client.set(self._prefix + key, b"", nx=True, exat=int(until) + 1)
        return _awaited(answer) if hasattr(answer, "__await__") else bool(answer)


async def _awaited(answer: Awaitable[object]) -> bool:
    return bool(await answer)
