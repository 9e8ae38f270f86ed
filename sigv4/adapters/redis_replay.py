"""A replay store in Redis or Valkey, which several verifiers share (extra ``redis``)."""

from __future__ import annotations

from math import ceil
from os import urandom
from time import time

from ..errors import MissingDependency, SigningError, expect, is_number
from ..headers import header_value
from ..replay import StoreUnavailable, log
from .redis_settings import NO_TIME_LIMIT, faults_of_settings, has_time_limit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator
    from typing import Any

_RIGHTS = "its user needs SET on keys that begin with the prefix, INFO and CONFIG GET"
# What the name or the text of an error shows, and what to do; the text itself may hold a password.
_OF_CLUSTER = (
    "the server is part of a Cluster: use the client for a Cluster, such as redis.asyncio.RedisCluster"
)
_STRANGE = "an answer to SET that is not a value of the store"
_ADVICE = (
    (
        "MaxConnectionsError",
        "its pool is too small for the requests at once: give it a BlockingConnectionPool",
    ),
    ("syntax error", "the server is too old: Redis 7 or Valkey is needed"),
    ("MOVED", _OF_CLUSTER),
    ("MovedError", _OF_CLUSTER),
    ("CLUSTERDOWN", "its Cluster has no server for some of the keys"),
    ("READONLY", "it is connected to a replica: connect it to the primary"),
    ("ReadOnlyError", "it is connected to a replica: connect it to the primary"),
    ("OutOfMemoryError", "the server has reached its maxmemory: raise it"),
    ("OOM command", "the server has reached its maxmemory: raise it"),
    ("MISCONF", "the server cannot write to its disk"),
    ("NOREPLICAS", "the server has fewer replicas than min-replicas-to-write"),
    ("NoPermissionError", _RIGHTS),
    ("NOPERM", _RIGHTS),
    ("AuthenticationError", "its user name or password is wrong"),
    ("WRONGPASS", "its user name or password is wrong"),
    ("NOAUTH", "it needs a password"),
    ("BusyLoadingError", "the server is loading its data"),
    ("LOADING", "the server is loading its data"),
    ("MASTERDOWN", "it is connected to a replica that has lost its primary: connect it to the primary"),
    ("DB index", "it has no database of the given number"),
    ("Connection refused", "nothing listens at its address"),
    ("No such file", "its Unix socket does not exist"),
    ("not known", "its host name is not known"),
    ("name resolution", "its host name is not known"),
    ("closed by server", "the server closed the connection: it may need TLS"),
    ("CERTIFICATE_VERIFY_FAILED", "its certificate is not signed by a CA that the client trusts"),
    ("SSL", "it does not speak TLS at this port"),
    (_STRANGE, "it does not answer SET with NX and GET as Redis 7 does, or the client changes its answers"),
    ("max number of clients", "the server has as many clients as its maxclients allows"),
    ("InvalidResponse", "the server does not speak the protocol of Redis"),
    ("Event loop is closed", "the client was made for another event loop: make one in each"),
    ("TimeoutError", "it did not answer in time: it may be down, out of reach, or refuse the password"),
    ("different loop", "the client was made for another event loop: make one in each"),
)
_SLACK = 60  # seconds that a key is kept after its request expired, for verifiers with a slow clock
_OUTAGE_ENDS = 60  # seconds without a failure: until then, further failures belong to the same outage


class RedisReplayStore:
    """Keys in Redis 7 or Valkey, for several verifiers that must agree (extra ``redis``).

    ``client`` is a ``redis.asyncio.Redis`` for ``averify``, or a ``redis.Redis`` (called in a thread
    under ``averify``); or a URL such as ``redis://host:6379/0``, from which the latter is made. Clients
    of Cluster and Sentinel work as well, and so do those of the package ``valkey``. A server that does
    not answer within ``timeout`` seconds, or answers with an error, raises StoreUnavailable; under
    ``verify`` a client that is given waits for its own ``socket_timeout`` at each of its attempts, of which
    redis-py makes up to eleven. ``report`` is
    called with one sentence for each outage, which ends after a minute without a failure. It is called as
    well for each setting that allows a replay, at the first use and after each outage, because another
    server may have taken over. By default the sentence is logged. ``clock`` is that of the verifier. The
    clock of the Redis server does not matter; those of the verifiers may differ by a minute.

    Raises SigningError if ``client`` is none of these.
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
            raise _not_a_client(client)
        missing = _missing_options(client.set)
        if missing:
            raise _not_a_client(client, f", whose set does not accept {', '.join(missing)}")
        if not isinstance(prefix, str):
            raise SigningError(f"prefix is {type(prefix).__name__}: expected a str that the keys begin with")
        expect(callable(report), "report", report, "a function of a text")
        expect(callable(clock), "clock", clock, "a function that returns epoch seconds")
        if not is_number(timeout) or not timeout > 0:
            raise SigningError(f"timeout is {timeout!r}: expected seconds, more than 0")
        self.blocking: bool = not any(".asyncio" in kind.__module__ for kind in type(client).__mro__)
        self.timeout = timeout
        self.client = client
        self._prefix = prefix.encode("utf-8")
        self._report = report
        self._clock = clock
        self._must_look = True
        self._told: set[str] = set()  # the faults of settings that were reported
        self._failed = float("-inf")  # when the last failure was

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
            return _Later(self, answer, value)
        is_new = self.is_new(answer, value)
        if self.must_look():
            self.look(*[_settings_of(self, command, *names) for command, *names in _SETTINGS])
        return is_new

    def is_new(self, answer: Any, value: str) -> bool:
        """Whether SET NX GET found nothing, or the value of this same call. Raises StoreUnavailable."""
        if answer is None:
            return True
        found = header_value(answer) if isinstance(answer, (str, bytes)) else ""
        if len(found) != len(value):
            # "OK", for example, would refuse every request as a replay.
            raise self.unavailable(TypeError(f"{_STRANGE}: {type(answer).__name__}"))
        return found == value

    def unavailable(self, error: Exception) -> StoreUnavailable:
        """The refusal if the server cannot be reached; an outage is reported once."""
        kind = type(error).__name__
        now, before = self._clock(), self._failed
        self._failed = now
        if not abs(now - before) < _OUTAGE_ENDS:
            self._must_look = True
            text = f"{kind} {error}"
            advice = next((f": {advice}" for sign, advice in _ADVICE if sign in text), "")
            self._report(
                f"the replay store cannot be reached ({kind}{advice}): requests are refused with 503 until "
                "it can"
            )
        return StoreUnavailable(f"the replay store cannot be reached: {kind}")

    def must_look(self) -> bool:
        """Whether the settings of the server must be read now, after its first answer since an outage."""
        must, self._must_look = self._must_look, False
        return must

    def asked(self, command: str, *names: str) -> Any:
        """The answer to INFO or CONFIG GET of the server; of each primary, if it is a Cluster."""
        options = {"target_nodes": "primaries"} if hasattr(self.client, "get_primaries") else {}
        return getattr(self.client, command)(*names, **options)

    def look(self, info: object, config: object) -> None:
        """Reports the settings of the server under which it loses keys that are still valid."""
        faults = faults_of_settings(info, config)
        if self.blocking and not has_time_limit(self.client):
            faults.append(NO_TIME_LIMIT)
        for fault in faults:
            if fault not in self._told:
                self._told.add(fault)
                self._report(fault)


_FOR_REDIS = {"valkey": "redis", "valkeys": "rediss"}  # schemes of the package valkey
_SETTINGS = (("info",), ("config_get", "appendfsync"))


def _not_a_client(client: object, fault: str = "") -> SigningError:
    found = client.__name__ if isinstance(client, type) else type(client).__name__
    return SigningError(
        f"the client of the replay store is {found}{fault}: expected a redis.asyncio.Redis or redis.Redis, "
        "such as Sentinel's master_for gives, one of the package valkey, or a URL"
    )


def _missing_options(function: Any) -> list[str]:
    """The options of SET that ``function`` does not accept: then it belongs to another kind of client."""
    from inspect import Parameter, signature

    try:
        taken = signature(function).parameters
    except (TypeError, ValueError):  # it has no signature that Python can read
        return []
    if any(each.kind is Parameter.VAR_KEYWORD for each in taken.values()):
        return []
    return [name for name in ("nx", "get", "ex") if name not in taken]


def _settings_of(store: RedisReplayStore, command: str, *names: str) -> object:
    """The answer of the server, or the error: a server may refuse to show its settings."""
    try:
        return store.asked(command, *names)
    except Exception as error:  # noqa: BLE001 (each client library has its own errors)
        return error


class _Later:
    """The answer of an asyncio client, which must be awaited, or dropped with ``close``."""

    def __init__(self, store: RedisReplayStore, answer: Awaitable[Any], value: str) -> None:
        self._store = store
        self._answer = answer
        self._value = value

    def __await__(self) -> Generator[Any, Any, bool]:
        return self._awaited().__await__()

    def close(self) -> None:
        close = getattr(self._answer, "close", None)  # a coroutine has one, a future has not
        if close is not None:
            close()

    async def _awaited(self) -> bool:
        from asyncio import wait_for

        store = self._store
        try:
            found = await wait_for(self._answer, store.timeout)
        except Exception as error:
            raise store.unavailable(error) from error
        is_new = store.is_new(found, self._value)
        if store.must_look():
            store.look(*[await self._settings(*each) for each in _SETTINGS])
        return is_new

    async def _settings(self, command: str, *names: str) -> object:
        from asyncio import wait_for

        try:
            return await wait_for(self._store.asked(command, *names), self._store.timeout)
        except Exception as error:  # noqa: BLE001 (as above)
            return error


def _client_at(url: str, timeout: float) -> Any:
    """A client for a URL, which waits for ``timeout`` seconds at most."""
    scheme, colon, rest = url.partition(":")
    try:
        import redis
    except ImportError as error:
        raise MissingDependency("redis", "redis") from error
    try:
        client = redis.Redis.from_url(_FOR_REDIS.get(scheme, scheme) + colon + rest)
    except ValueError as error:  # its text says what is wrong, and may repeat a password
        raise SigningError(
            "the URL of the replay store cannot be read: expected redis://host:6379/0, or one with "
            f"rediss:// or unix:// ({type(error).__name__})"
        ) from None
    settings = getattr(getattr(client, "connection_pool", None), "connection_kwargs", {})
    for name in ("socket_timeout", "socket_connect_timeout"):
        settings[name] = settings.get(name) or timeout
    return client
