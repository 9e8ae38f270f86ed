"""The replay store in Redis: settings of its server and of its client that it reports."""

from __future__ import annotations

import asyncio
import types
from typing import Any

import pytest

from sigv4 import (
    RedisReplayStore,
)
from sigv4.replay import ask
from tests.sigv4.replayed import Client

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
        ({}, ALWAYS, []),  # a setting that the server does not show is not a fault
        *(({**SAFE, "maxmemory_policy": policy}, ALWAYS, [policy]) for policy in (
            "allkeys-lru", "allkeys-lfu", "allkeys-lrm", "allkeys-random",
            "volatile-lru", "volatile-lfu", "volatile-lrm", "volatile-random", "volatile-ttl",
        )),
        ({**SAFE, "maxmemory_policy": "allkeys-lru", "aof_enabled": 0}, ALWAYS, ["allkeys-lru", "append-only"]),
        ({**SAFE, "aof_enabled": 0}, {"appendfsync": "everysec"}, ["no append-only file"]),
        (SAFE, {"appendfsync": "everysec"}, ["appendfsync everysec"]),
        (SAFE, {"appendfsync": "no"}, ["appendfsync no"]),
        (SAFE, None, ["does not show its appendfsync"]),
        ({**SAFE, "role": "slave"}, ALWAYS, ["a replica that accepts writes"]),
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


def test_the_settings_are_read_again_after_an_outage_because_the_server_may_be_another() -> None:
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


def test_each_primary_of_a_cluster_is_asked() -> None:
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
