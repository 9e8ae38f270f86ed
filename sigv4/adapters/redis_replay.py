"""A replay store in Redis or Valkey, which several verifiers share (extra ``redis``)."""

from __future__ import annotations

from math import ceil
from os import urandom
from time import time

from ..errors import MissingDependency, SigningError
from ..replay import StoreUnavailable, log

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

# What the name or the text of an error shows, and what to do; the text itself may hold a password.
_ADVICE = (
    (
        "MaxConnectionsError",
        "its pool is too small for the requests at once: give it a BlockingConnectionPool",
    ),
    ("syntax error", "the server is too old: Redis 7 or Valkey is needed"),
    ("READONLY", "it is connected to a replica: connect it to the primary"),
    ("ReadOnlyError", "it is connected to a replica: connect it to the primary"),
    ("OutOfMemoryError", "the server has reached its maxmemory: raise it"),
    ("MISCONF", "the server cannot write to its disk"),
    ("NOREPLICAS", "the server has fewer replicas than min-replicas-to-write"),
    ("NoPermissionError", "its user needs SET on keys that begin with the prefix, and INFO"),
    ("AuthenticationError", "its user name or password is wrong"),
    ("NOAUTH", "it needs a password"),
    ("BusyLoadingError", "the server is loading its data"),
    ("InvalidResponse", "the server does not speak the protocol of Redis"),
    ("Event loop is closed", "the client was made for another event loop: make one in each"),
    ("different loop", "the client was made for another event loop: make one in each"),
)
_SLACK = 60  # seconds that a key is kept after its request expired, for verifiers with a slow clock


class RedisReplayStore:
    """Keys in Redis 7 or Valkey, for several verifiers that must agree (extra ``redis``).

    ``client`` is a ``redis.asyncio.Redis`` for ``averify``, or a ``redis.Redis`` (called in a thread under
    ``averify``); or a URL such as ``redis://host:6379/0``, from which the latter is made. Clients of Cluster
    and Sentinel work as well. A server that does not answer within ``timeout`` seconds, or answers with an
    error, raises StoreUnavailable; under ``verify`` a client that is given waits for as long as its own
    ``socket_timeout``. ``report`` is called with one sentence for each outage, and at the first use for each
    server setting that allows a replay; by default the sentence is logged. ``clock`` is that of the verifier.
    The clock of the Redis server does not matter; those of the verifiers may differ by a minute.

    Raises SigningError for what is not a client.
    """

    def __init__(
        self,
        client: Any,
        *,
        prefix: str = "sigv4:replay:",
        timeout: float = 1.0,
        report: Callable[[str], object] = log,
        clock: Callable[[], float] = time,
    ) -> None:
        if isinstance(client, str):
            client = _client_at(client, timeout)
        if (
            isinstance(client, type)
            or not callable(getattr(client, "set", None))
            or hasattr(client, "execute")
        ):
            found = client.__name__ if isinstance(client, type) else type(client).__name__
            raise SigningError(
                f"the client of the replay store is {found}: expected a redis.asyncio.Redis or redis.Redis, "
                "such as Sentinel's master_for gives, or a URL"
            )
        if not isinstance(timeout, (int, float)) or not timeout > 0:
            raise SigningError(f"timeout is {timeout!r}: expected seconds, more than 0")
        self.blocking: bool = not any(".asyncio" in kind.__module__ for kind in type(client).__mro__)
        self.timeout = timeout
        self.client = client
        self._prefix = prefix.encode("utf-8")
        self._report = report
        self._clock = clock
        self._looked_at = False
        self._down = False

    def __repr__(self) -> str:
        return f"RedisReplayStore(prefix={self._prefix.decode('utf-8')!r})"

    def first_use(self, key: bytes, until: float) -> bool | Awaitable[bool]:
        """Whether ``key`` is new. Raises StoreUnavailable.

        SET with NX, GET and EX is one atomic step. The value is random: if an answer is lost and the client
        library repeats the command, the store recognises its first attempt. The expiry is given in seconds:
        with a point in time (EXAT), a server with a fast clock would not keep the key at all.
        """
        value = urandom(12).hex()
        seconds = max(0, ceil(until - self._clock())) + _SLACK
        try:
            answer = self.client.set(self._prefix + key, value, nx=True, get=True, ex=seconds)
        except Exception as error:  # each client library has its own errors
            raise self.unavailable(error) from error
        if hasattr(answer, "__await__"):
            return _awaited(self, answer, value)
        if self.is_first_answer():
            try:
                self.look(self.info())
            except Exception as error:  # noqa: BLE001 (as above)
                self.look(error)
        return _is_new(answer, value)

    def unavailable(self, error: Exception) -> StoreUnavailable:
        """The refusal if the server cannot be reached; an outage is reported once."""
        kind = type(error).__name__
        if not self._down:
            self._down = True
            text = f"{kind} {error}"
            advice = next((f": {advice}" for sign, advice in _ADVICE if sign in text), "")
            self._report(
                f"the replay store cannot be asked ({kind}{advice}): requests are refused with 503 until it "
                "can"
            )
        return StoreUnavailable(f"the replay store cannot be asked: {kind}")

    def is_first_answer(self) -> bool:
        """Notes that the server answered; returns whether its settings must still be read."""
        first, self._looked_at, self._down = not self._looked_at, True, False
        return first

    def info(self) -> Any:
        """INFO of the server, or of each primary of a cluster, whose client by default asks only one node."""
        if hasattr(self.client, "get_primaries"):
            return self.client.info(target_nodes="primaries")
        return self.client.info()

    def look(self, info: Any) -> None:
        """Reports the settings of the server, its INFO, under which it loses keys that are still valid."""
        if not isinstance(info, dict):
            self._report(
                "the settings of the replay store's Redis server cannot be read: make sure that its "
                "maxmemory-policy is noeviction, since replays are accepted otherwise"
            )
            return
        nodes = [each for each in info.values() if isinstance(each, dict) and "redis_version" in each]
        for found in nodes or [info]:  # for a cluster, one for each node
            for fault in _faults(found):
                self._report(f"the Redis server of the replay store {fault}")


def _faults(info: dict[str, Any]) -> list[str]:
    found = []
    policy = info.get("maxmemory_policy", "noeviction")
    if policy != "noeviction":
        found.append(
            f"has maxmemory-policy {policy}: it evicts keys that are still valid, and their requests are "
            "accepted again; set it to noeviction"
        )
    if not info.get("aof_enabled", 1):
        found.append(
            "has no append-only file: after a restart, requests of the last minutes are accepted again; "
            "set appendonly yes and appendfsync always where that matters"
        )
    return found


async def _awaited(store: RedisReplayStore, answer: Awaitable[Any], value: str) -> bool:
    from asyncio import wait_for

    try:
        found = await wait_for(answer, store.timeout)
    except Exception as error:
        raise store.unavailable(error) from error
    if store.is_first_answer():
        try:
            store.look(await wait_for(store.info(), store.timeout))
        except Exception as error:  # noqa: BLE001 (as above)
            store.look(error)
    return _is_new(found, value)


def _is_new(answer: Any, value: str) -> bool:
    """Whether SET NX GET found nothing, or the value of this same call."""
    return answer is None or answer in (value, value.encode("ascii"))


def _client_at(url: str, timeout: float) -> Any:
    """A client for a URL, which waits for ``timeout`` seconds at most."""
    try:
        import redis
    except ImportError as error:
        raise MissingDependency("redis", "redis") from error
    try:
        client = redis.Redis.from_url(url)
    except ValueError as error:  # its text says what is wrong, and may repeat a password
        raise SigningError(
            "the URL of the replay store cannot be read: expected redis://host:6379/0, or one with "
            f"rediss:// or unix:// ({type(error).__name__})"
        ) from None
    settings = getattr(getattr(client, "connection_pool", None), "connection_kwargs", {})
    for name in ("socket_timeout", "socket_connect_timeout"):
        settings[name] = settings.get(name) or timeout
    return client
