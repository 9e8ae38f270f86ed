"""The replay store in Redis: the clients and URLs that it accepts, and those that it refuses."""

from __future__ import annotations

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
from tests.sigv4.replayed import Client


class OfMemcached:
    def set(self, key: bytes, value: bytes, expire: int = 0, noreply: bool = True) -> Any: ...


class OfGlide:
    """The parameters of `set` in Valkey GLIDE, as its documentation lists them."""

    async def set(
        self,
        key: bytes,
        value: bytes,
        conditional_set: Any = None,
        expiry: Any = None,
        return_old_value: bool = False,
    ) -> Any: ...


class OldRedis:
    def set(self, name: Any, value: Any, ex: Any = None, px: Any = None, nx: bool = False) -> Any: ...


class NotTelling:
    """A client written in C: Python cannot show the parameters of its methods."""

    def __init__(self) -> None:
        self.set = Set()


class Set:
    __signature__ = "none"

    def __call__(self, name: Any, value: Any, *, nx: bool, get: bool, ex: int) -> None: ...


def test_a_client_whose_set_has_other_options_is_refused_at_once() -> None:
    with pytest.raises(SigningError, match="OfMemcached, whose set does not accept nx, get, ex"):
        RedisReplayStore(OfMemcached())
    with pytest.raises(SigningError, match="OfGlide, whose set does not accept nx, get, ex"):
        RedisReplayStore(OfGlide())
    with pytest.raises(SigningError, match="OldRedis, whose set does not accept get: expected"):
        RedisReplayStore(OldRedis())
    assert RedisReplayStore(NotTelling()).first_use(b"k", 1)
    prefix: Any = b"p:"
    with pytest.raises(SigningError, match="prefix is bytes: expected a str"):
        RedisReplayStore(Client(), prefix=prefix)


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
    pytest.importorskip("redis", reason="redis is not installed")
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
