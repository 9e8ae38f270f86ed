"""The replay store in Redis: its commands, its reports of outages, and the arguments that it refuses."""

from __future__ import annotations

import asyncio
import inspect
import subprocess
import sys
import types
from typing import Any

import pytest

from sigv4 import (
    MissingDependency,
    RedisReplayStore,
    SigningError,
)
from sigv4.replay import StoreUnavailable, ask
from tests.sigv4.replayed import Client


def test_redis_is_asked_in_one_step() -> None:
    client = Client()
    store = RedisReplayStore(client, prefix="p:", clock=lambda: -10.0)
    assert store.first_use(b"k", 1.2) is True
    assert store.first_use(b"k", 1.2) is False
    name, value, *options = client.calls[0]
    assert (name, options) == (b"p:k", [True, True, 12 + 60])
    assert value != client.calls[1][1], "each call has a random value of its own"
    assert repr(store) == "RedisReplayStore(prefix='p:')"


def test_a_lost_answer_is_not_a_replay() -> None:
    class Retrying(Client):
        """A client library that repeats a command, because the first answer did not arrive."""

        def set(self, name: bytes, value: str, **options: Any) -> Any:
            super().set(name, value, **options)
            return super().set(name, value, **options)

    for encoded in (str, str.encode):
        store = RedisReplayStore(Retrying())
        store.client.set = lambda name, value, encoded=encoded, set=store.client.set, **options: (
            None if (answer := set(name, value, **options)) is None else encoded(answer)
        )
        assert store.first_use(b"k", 1.0) is True
        assert store.first_use(b"k", 1.0) is False


def test_an_answer_that_is_not_awaited_is_given_up() -> None:
    given_up: Any = RedisReplayStore(Client(later=True)).first_use(b"k", 1.0)
    given_up.close()
    assert inspect.getcoroutinestate(given_up._answer) == inspect.CORO_CLOSED
    client: Any = Client()
    client.set = lambda *_, **__: Future()  # a future of asyncio has no close
    given_up = RedisReplayStore(client).first_use(b"k", 1.0)
    given_up.close()


class Future:
    def __await__(self) -> Any:
        yield


@pytest.mark.parametrize("later", [False, True])
def test_an_outage_is_a_503_and_reported_once(later: bool) -> None:
    said: list[str] = []

    class Down(Client):
        down = True

        def set(self, name: bytes, value: str, **options: Any) -> Any:
            if self.down and not later:
                raise ConnectionError("redis://secret@host")
            return super().set(name, value, **options)

        async def _later(self, answer: str | None) -> str | None:
            if self.down:
                raise ConnectionError("redis://secret@host")
            return answer

    client, now = Down(later), [0.0]
    store = RedisReplayStore(client, report=said.append, clock=lambda: now[0])

    async def asked(key: bytes) -> bool:
        return await ask(store, key, 1.0)

    for _ in range(3):
        with pytest.raises(StoreUnavailable) as caught:
            asyncio.run(asked(b"k"))
        assert (caught.value.status, caught.value.code) == (503, "ServiceUnavailable")
        assert "secret" not in f"{caught.value} {caught.value.message}"
    assert said == [
        "the replay store cannot be reached (ConnectionError): requests are refused with 503 until it can"
    ]
    client.down = False
    assert asyncio.run(asked(b"other"))
    assert len(said) == 2, "the settings could not be read"
    for seconds, lines in ((59, 2), (118, 2), (179, 3), (0, 4), (-1, 4)):
        now[0] = seconds
        client.down = True
        with pytest.raises(StoreUnavailable):
            asyncio.run(asked(b"third"))
        client.down = False
        assert asyncio.run(asked(b"%d" % seconds))
        assert len(said) == lines, "failures less than a minute apart are one outage"


SAFE = {"maxmemory_policy": "noeviction", "aof_enabled": 1, "role": "master"}
ALWAYS = {"appendfsync": "always"}


class WithSettings(Client):
    """A client whose server shows its settings, or refuses to."""

    def __init__(self, info: Any, config: Any, later: bool = False) -> None:
        super().__init__(later)
        self.settings = {"info": info, "config": config}
        self.asked: list[str] = []

    def info(self) -> Any:
        return self._told("info")

    def config_get(self, name: str) -> Any:
        assert name == "appendfsync"
        return self._told("config")

    def _told(self, what: str) -> Any:
        self.asked.append(what)
        if self.later:
            return self._told_later(what)
        if self.settings[what] is None:
            raise PermissionError("NOPERM")
        return self.settings[what]

    async def _told_later(self, what: str) -> Any:
        if self.settings[what] is None:
            raise PermissionError("NOPERM")
        return self.settings[what]


@pytest.mark.parametrize("later", [False, True])
@pytest.mark.parametrize(
    ("info", "config", "expected"),
    [
        (SAFE, ALWAYS, []),
        (SAFE, {}, []),
        ({}, ALWAYS, []),  # what a server does not tell is not a fault
        *(({**SAFE, "maxmemory_policy": policy}, ALWAYS, [policy]) for policy in (
            "allkeys-lru", "allkeys-lfu", "allkeys-lrm", "allkeys-random",
            "volatile-lru", "volatile-lfu", "volatile-lrm", "volatile-random", "volatile-ttl",
        )),
        ({**SAFE, "maxmemory_policy": "allkeys-lru", "aof_enabled": 0}, ALWAYS, ["allkeys-lru", "append-only"]),
        ({**SAFE, "aof_enabled": 0}, {"appendfsync": "everysec"}, ["no append-only file"]),
        (SAFE, {"appendfsync": "everysec"}, ["appendfsync everysec"]),
        (SAFE, {"appendfsync": "no"}, ["appendfsync no"]),
        (SAFE, None, ["does not show its appendfsync"]),
        ({**SAFE, "role": "slave"}, ALWAYS, ["a replica that takes writes"]),
        ({"a": {**SAFE, "redis_version": "7", "maxmemory_policy": "volatile-ttl"}}, {"a": ALWAYS}, ["volatile-ttl"]),
        (
            {name: {**SAFE, "redis_version": "7"} for name in "abc"},
            {"a": ALWAYS, "b": {"appendfsync": "no"}, "c": {"appendfsync": "no"}},
            ["appendfsync no"],
        ),
        (None, ALWAYS, ["cannot be read"]),
    ],
)  # fmt: skip
def test_settings_that_let_replays_through_are_reported_at_the_first_use(
    later: bool, info: Any, config: Any, expected: list[str]
) -> None:
    said: list[str] = []
    client = WithSettings(info, config, later)
    store = RedisReplayStore(client, report=said.append)
    for key in (b"a", b"b"):
        assert asyncio.run(ask(store, key, 1.0))
    assert len(said) == len(expected)
    assert all(word in sentence for word, sentence in zip(expected, said, strict=True))
    assert client.asked == ["info", "config"], "once, not at each request"


def test_after_an_outage_the_settings_are_read_again_because_another_server_may_have_taken_over() -> None:
    said: list[str] = []
    client = WithSettings({**SAFE, "maxmemory_policy": "allkeys-lru"}, ALWAYS)
    store = RedisReplayStore(client, report=said.append, clock=lambda: 0.0)
    assert store.first_use(b"a", 1.0)
    store.unavailable(ConnectionError())
    client.settings = {"info": {**SAFE, "maxmemory_policy": "allkeys-lru", "role": "slave"}, "config": ALWAYS}
    assert store.first_use(b"b", 1.0)
    assert [word in sentence for word, sentence in zip(("allkeys", "cannot be reached", "a replica"), said, strict=True)]  # fmt: skip
    assert len(client.asked) == 4


@pytest.mark.parametrize(
    ("holder", "options", "told"),
    [
        ("connection_pool", {"socket_timeout": None}, True),
        ("connection_pool", {}, True),
        ("nodes_manager", {"socket_timeout": 0}, True),
        ("connection_pool", {"socket_timeout": 2.5}, False),
        ("another", {}, False),
    ],
)
def test_a_client_that_would_wait_forever_is_named(holder: str, options: dict[str, Any], told: bool) -> None:
    said: list[str] = []
    client = WithSettings(SAFE, ALWAYS)
    setattr(client, holder, types.SimpleNamespace(connection_kwargs=options))
    assert RedisReplayStore(client, report=said.append).first_use(b"a", 1.0)
    assert ["no socket_timeout" in line for line in said] == [True] * told


class Connection:
    def __init__(self, *, socket_timeout: float | None = 5) -> None: ...


class WithoutLimit:
    def __init__(self, socket_timeout: float | None = None) -> None: ...


class Ssl(Connection):
    def __init__(self, **options: Any) -> None: ...


@pytest.mark.parametrize(
    ("kind", "told"), [(Connection, []), (Ssl, []), (WithoutLimit, [True]), (Client, [True])]
)
def test_the_time_limit_that_a_library_gives_its_connections_counts(kind: type, told: list[bool]) -> None:
    """redis-py has one since version 8; the options of a client made from a URL do not show it."""
    said: list[str] = []
    client: Any = WithSettings(SAFE, ALWAYS)
    client.connection_pool = types.SimpleNamespace(connection_kwargs={}, connection_class=kind)
    assert RedisReplayStore(client, report=said.append).first_use(b"a", 1.0)
    assert ["no socket_timeout" in line for line in said] == told


def test_of_a_cluster_each_primary_is_asked() -> None:
    class Cluster(Client):
        def get_primaries(self) -> None: ...

        def info(self, *, target_nodes: str) -> Any:
            return {"a": {**SAFE, "redis_version": target_nodes}}

        def config_get(self, name: str, *, target_nodes: str) -> Any:
            return {"a": {name: target_nodes}}

    said: list[str] = []
    assert RedisReplayStore(Cluster(), report=said.append).first_use(b"a", 1.0)
    assert len(said) == 1
    assert "appendfsync primaries" in said[0]


class OfMemcached:
    def set(self, key: bytes, value: bytes, expire: int = 0, noreply: bool = True) -> Any: ...


class OldRedis:
    def set(self, name: Any, value: Any, ex: Any = None, px: Any = None, nx: bool = False) -> Any: ...


class NotTelling:
    """A client in C, which has no signature."""

    def __init__(self) -> None:
        self.set = Set()


class Set:
    __signature__ = "none"

    def __call__(self, name: Any, value: Any, *, nx: bool, get: bool, ex: int) -> None: ...


def test_a_client_whose_set_has_other_options_is_refused_at_once() -> None:
    with pytest.raises(SigningError, match="OfMemcached, whose set does not take nx, get, ex"):
        RedisReplayStore(OfMemcached())
    with pytest.raises(SigningError, match="OldRedis, whose set does not take get: expected"):
        RedisReplayStore(OldRedis())
    assert RedisReplayStore(NotTelling()).first_use(b"k", 1)
    prefix: Any = b"p:"
    with pytest.raises(SigningError, match="prefix is bytes: expected a str"):
        RedisReplayStore(Client(), prefix=prefix)


@pytest.mark.parametrize(
    ("kind", "text", "advice"),
    [
        ("MaxConnectionsError", "Too many connections", "BlockingConnectionPool"),
        ("ResponseError", "ERR syntax error", "Redis 7 or Valkey is needed"),
        ("ReadOnlyError", "You can't write against a read only replica.", "connect it to the primary"),
        ("ResponseError", "READONLY You can't write", "connect it to the primary"),
        ("OutOfMemoryError", "command not allowed when used memory > 'maxmemory'.", "maxmemory"),
        ("ResponseError", "MISCONF Redis is configured to save RDB snapshots", "cannot write to its disk"),
        ("ResponseError", "NOREPLICAS Not enough good replicas", "min-replicas-to-write"),
        ("NoPermissionError", "No permissions to access a key", "its user needs SET"),
        ("AuthenticationError", "invalid username-password pair", "password is wrong"),
        ("AuthenticationRequiredError", "NOAUTH Authentication required.", "it needs a password"),
        ("BusyLoadingError", "Redis is loading the dataset in memory", "is loading its data"),
        ("InvalidResponse", "Protocol Error: b'HTTP/1.1 400'", "does not speak the protocol"),
        ("RuntimeError", "Event loop is closed", "another event loop"),
        ("TimeoutError", "", "refuse the password"),
        ("MovedError", "MOVED 1234 10.0.0.1:6379", "RedisCluster"),
        ("ResponseError", "OOM command not allowed", "maxmemory"),
        ("ResponseError", "NOPERM this user has no permissions", "its user needs SET"),
        ("ResponseError", "WRONGPASS invalid username-password pair", "password is wrong"),
        ("ResponseError", "LOADING Redis is loading the dataset in memory", "is loading its data"),
        ("MasterDownError", "MASTERDOWN Link with MASTER is down", "connect it to the primary"),
        ("ClusterDownError", "CLUSTERDOWN Hash slot not served", "no server for some of the keys"),
        ("ConnectionError", "max number of clients reached", "maxclients"),
        ("OddError", "redis://:hunter2@host", "(OddError)"),
    ],
)
def test_an_outage_is_reported_with_what_to_do_and_no_secret(kind: str, text: str, advice: str) -> None:
    class Failing(Client):
        def set(self, *_: Any, **__: Any) -> Any:
            raise type(kind, (Exception,), {})(f"{text} hunter2")

    said: list[str] = []
    with pytest.raises(StoreUnavailable) as caught:
        RedisReplayStore(Failing(), report=said.append).first_use(b"k", 1.0)
    assert len(said) == 1
    assert advice in said[0]
    assert kind in said[0]
    assert "hunter2" not in said[0] + str(caught.value) + caught.value.message


@pytest.mark.parametrize(
    "client", [None, 5, object(), Client, type("Pipeline", (Client,), {"execute": None})()]
)
def test_what_is_not_a_client_is_refused_at_once(client: Any) -> None:
    with pytest.raises(
        SigningError, match=r"the client of the replay store is .*: expected a redis\.asyncio"
    ):
        RedisReplayStore(client)


@pytest.mark.parametrize("timeout", [0, -1, float("nan"), "1", None])
def test_an_invalid_time_limit_is_refused(timeout: Any) -> None:
    with pytest.raises(SigningError, match=r"timeout is .*: expected seconds"):
        RedisReplayStore(Client(), timeout=timeout)


def test_a_url_that_redis_cannot_read_is_refused_without_its_password() -> None:
    pytest.importorskip("redis")
    for url in ("", "localhost:6379", "http://:hunter2@h", "redis://:hunter2@h:port"):
        with pytest.raises(SigningError, match=r"expected redis://host:6379/0") as caught:
            RedisReplayStore(url)
        assert "hunter2" not in str(caught.value)


def test_the_missing_package_is_named() -> None:
    script = "import sys; sys.modules['redis'] = None\nfrom sigv4 import RedisReplayStore\nRedisReplayStore('redis://127.0.0.1')"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert "MissingDependency" in done.stderr
    assert "sigv4-reference[redis]" in done.stderr


def test_a_redis_url_makes_the_client(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    class Redis:
        @staticmethod
        def from_url(url: str) -> Client:
            made.append(url)
            return Client()

    module = types.ModuleType("redis")
    monkeypatch.setattr(module, "Redis", Redis, raising=False)
    monkeypatch.setitem(sys.modules, "redis", module)
    store = RedisReplayStore("redis://127.0.0.1:1/2")
    RedisReplayStore("valkey://valkey:1/2")
    RedisReplayStore("valkeys://h")
    assert made == ["redis://127.0.0.1:1/2", "redis://valkey:1/2", "rediss://h"]
    assert store.first_use(b"k", 1.0) is True
    monkeypatch.setitem(sys.modules, "redis", None)
    with pytest.raises(MissingDependency, match="redis"):
        RedisReplayStore("redis://127.0.0.1:1/2")


@pytest.mark.parametrize(
    ("given", "settings"),
    [
        ({}, {"socket_timeout": 2.5, "socket_connect_timeout": 2.5}),
        ({"socket_timeout": None}, {"socket_timeout": 2.5, "socket_connect_timeout": 2.5}),
        ({"socket_timeout": 7, "db": 1}, {"socket_timeout": 7, "socket_connect_timeout": 2.5, "db": 1}),
    ],
)
def test_a_client_of_a_url_waits_no_longer_than_the_store(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, Any], settings: dict[str, Any]
) -> None:
    client: Any = Client()
    client.connection_pool = types.SimpleNamespace(connection_kwargs=dict(given))
    made = types.SimpleNamespace(Redis=types.SimpleNamespace(from_url=lambda url: client))
    monkeypatch.setitem(sys.modules, "redis", made)
    store = RedisReplayStore("redis://h", timeout=2.5)
    assert store.client is client
    assert client.connection_pool.connection_kwargs == settings
