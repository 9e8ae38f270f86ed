"""The replay store in Redis: its commands, its reports of outages, and the arguments that it refuses."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any

import pytest

from sigv4 import (
    RedisReplayStore,
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


def test_an_answer_that_is_not_awaited_can_be_closed() -> None:
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
        ("MovedError", "1234 10.0.0.1:6379", "RedisCluster"),
        ("ResponseError", "DB index is out of range", "no database of the given number"),
        ("ConnectionError", "Error 111 connecting to h:1. Connection refused.", "nothing listens"),
        ("ConnectionError", "Error 2 connecting to /s. No such file or directory.", "socket does not exist"),
        (
            "ConnectionError",
            "Error -2 connecting to h:1. Name or service not known.",
            "host name is not known",
        ),
        (
            "ConnectionError",
            "Error -3 connecting. Temporary failure in name resolution.",
            "host name is not known",
        ),
        ("ConnectionError", "Connection closed by server.", "it may need TLS"),
        ("ConnectionError", "[SSL: CERTIFICATE_VERIFY_FAILED] self-signed", "not signed by a CA"),
        ("ConnectionError", "[SSL: WRONG_VERSION_NUMBER] wrong version number", "does not speak TLS"),
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


@pytest.mark.parametrize("later", [False, True])
@pytest.mark.parametrize("answer", ["OK", b"OK", True, False, 1, 0, [], {}, "", b"x" * 48])
def test_an_answer_that_is_no_value_of_the_store_is_an_outage_and_not_a_replay(
    answer: object, later: bool
) -> None:
    async def awaited() -> object:
        return answer

    said: list[str] = []
    store = RedisReplayStore(Client(), report=said.append)
    store.client.set = lambda *_, **__: awaited() if later else answer
    for _ in range(3):
        with pytest.raises(StoreUnavailable, match="TypeError"):
            asyncio.run(ask(store, b"k", 1.0))
    assert len(said) == 1
    assert "does not answer SET with NX and GET as Redis 7 does" in said[0]
