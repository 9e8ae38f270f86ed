"""Several verifiers share one Redis that is killed, paused, filled, restarted or replaced during requests."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.ports import free_port
from tests.redis_servers import MISSING, SERVER, command

redis = pytest.importorskip("redis", reason="the package redis is not installed (extra `redis`)")

pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(SERVER is None, reason=MISSING),
]
WORKERS, REQUESTS = 4, 5000
LATER = 4_000_000_000  # in 2096: nothing expires during a test
ALWAYS = ("--appendonly", "yes", "--appendfsync", "always")

# One process of the fleet. Every process verifies the same signed requests 0…N. It prints the result of each, and
# the number of batches during which Redis gave no answer and the event loop was blocked.
WORKER = """
import asyncio, json, logging, sys
import redis.asyncio
from sigv4 import Credentials, RedisReplayStore, Signer, Verifier
from sigv4.errors import VerificationError
port, count, seconds = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
keys = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
now = 1772600767
signer = Signer("lambda", "us-east-1", keys)
logged = []
class Handler(logging.Handler):
    def emit(self, record):
        logged.append(record.getMessage())
logging.getLogger().addHandler(Handler())

async def main():
    client = redis.asyncio.Redis(port=port, retry=None, socket_connect_timeout=0.5)
    store = RedisReplayStore(client, timeout=0.5)
    verifier = Verifier("lambda", "us-east-1", lambda claim: keys, replay=store, window=10**9, clock=lambda: now)
    turns = stopped = 0
    async def watch():
        nonlocal turns
        while True:
            await asyncio.sleep(0.01)  # less than the store's timeout: due before it on any machine
            turns += 1
    watching = asyncio.ensure_future(watch())
    outcomes = {}
    async def one(number):
        body = b"%d" % number
        headers = signer.sign("POST", "https://x.example/a", (), body, at=now)
        try:
            await verifier.averify("POST", "/a", headers, body)
            outcomes[number] = "accepted"
        except VerificationError as error:
            outcomes[number] = {"RequestReplayed": "replayed"}.get(error.code, str(error.status))
    print("started", flush=True)
    for number in range(0, count, 20):
        batch, before = range(number, min(count, number + 20)), turns
        await asyncio.gather(*map(one, batch))
        stopped += turns == before and "503" in map(outcomes.get, batch)
        await asyncio.sleep(20 / count * seconds)
    watching.cancel()
    await client.aclose()
    print(json.dumps({"outcomes": outcomes, "stopped": stopped, "logged": logged}))

asyncio.run(main())
"""


class Redis:
    """One server, which can be paused, killed and started again on the same port and folder."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.port = free_port()
        self._command = command(SERVER, self.port, folder, *options)
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)
        with redis.Redis(port=self.port) as client:
            for _ in range(400):
                try:
                    client.ping()
                    return
                except redis.RedisError:  # noqa: PERF203 (it waits)
                    time.sleep(0.05)
        raise RuntimeError("the server does not answer")

    def pause(self, seconds: float) -> None:
        self._process.send_signal(signal.SIGSTOP)
        time.sleep(seconds)
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait(60)

    def set(self, name: str, value: str) -> None:
        with redis.Redis(port=self.port) as client:
            client.config_set(name, value)


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[Any]:
    made: list[Redis] = []

    def make(*options: str) -> Redis:
        folder = tmp_path / str(len(made))
        folder.mkdir()
        made.append(Redis(folder, *options))
        return made[-1]

    yield make
    for server in made:
        server.kill()


def fleet(port: int, seconds: float, happens: Any, count: int = REQUESTS) -> list[dict[str, Any]]:
    """Lets each process verify the same requests while ``happens`` is called; returns their results."""
    worker_command = [sys.executable, "-c", WORKER, str(port), str(count), str(seconds)]
    workers = [subprocess.Popen(worker_command, stdout=subprocess.PIPE, text=True) for _ in range(WORKERS)]
    try:
        for worker in workers:
            assert worker.stdout is not None
            assert worker.stdout.readline() == "started\n"
        happens()
        return [json.loads(worker.stdout.read()) for worker in workers if worker.stdout]
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
            if worker.stdout:
                worker.stdout.close()


def accepted(found: list[dict[str, Any]]) -> Counter[str]:
    """The number of processes that accepted each request."""
    return Counter(
        number for each in found for number, outcome in each["outcomes"].items() if outcome == "accepted"
    )


def outcomes(found: list[dict[str, Any]]) -> Counter[str]:
    return Counter(outcome for each in found for outcome in each["outcomes"].values())


def outages(one: dict[str, Any]) -> int:
    """How often Redis stopped answering: the number of refusals that directly follow an answer of Redis."""
    order = ["", *one["outcomes"].values()]
    return sum(later == "503" != earlier for earlier, later in pairwise(order))


def test_no_replay_is_accepted_after_redis_is_killed_and_restarted_with_an_append_only_file(
    servers: Any,
) -> None:
    server = servers(*ALWAYS)

    def happens() -> None:
        time.sleep(2)
        server.kill()
        time.sleep(1)
        server.start()

    found = fleet(server.port, 6, happens)
    times = accepted(found)
    assert max(times.values()) == 1
    assert set(outcomes(found)) == {"accepted", "replayed", "503"}
    for each in found:
        told = [line for line in each["logged"] if "cannot be reached" in line]
        assert 1 <= len(told) <= outages(each) + 1, "each outage is logged once"
    again = accepted(fleet(server.port, 0, lambda: None))
    assert not set(again) & set(times), "what was accepted before the end is a replay after it"
    assert len(again) + len(times) <= REQUESTS


def test_no_replay_is_accepted_and_no_event_loop_waits_while_redis_is_paused(servers: Any) -> None:
    server = servers()

    def happens() -> None:
        time.sleep(1)
        server.pause(2)

    found = fleet(server.port, 4, happens, count=2000)
    assert max(accepted(found).values()) == 1
    assert outcomes(found)["503"] > 0
    assert [each["stopped"] for each in found] == [0] * WORKERS, "the loop runs while it waits for the server"


def test_requests_are_answered_with_503_and_no_key_is_lost_while_redis_is_full(servers: Any) -> None:
    server = servers("--maxmemory-policy", "noeviction")

    def happens() -> None:
        time.sleep(1)
        server.set("maxmemory", "1")
        time.sleep(1)
        server.set("maxmemory", "0")

    found = fleet(server.port, 4, happens, count=2000)
    assert max(accepted(found).values()) == 1
    assert outcomes(found)["503"] > 0


def test_what_the_documentation_does_not_promise_is_reported(servers: Any) -> None:
    server = servers("--maxmemory", "64mb", "--maxmemory-policy", "allkeys-lru")
    found = fleet(server.port, 0, lambda: None, count=200)
    logged = [line for each in found for line in each["logged"]]
    assert any("maxmemory-policy allkeys-lru" in line for line in logged)
    assert any("no append-only file" in line for line in logged)
    faults = [line for line in logged if line.startswith("the Redis server of")]
    assert len(faults) == 2 * WORKERS, "each once in each process"
    server.kill()
    server.start()
    again = fleet(server.port, 0, lambda: None, count=200)
    assert set(accepted(again)) & set(accepted(found)), "without a file, a restart forgets"


def test_a_replica_that_takes_over_has_the_keys_that_it_received(servers: Any) -> None:
    primary = servers()
    replica = servers("--replicaof", "127.0.0.1", str(primary.port))
    first = accepted(fleet(primary.port, 0, lambda: None, count=1000))
    assert first
    with redis.Redis(port=primary.port) as client:
        assert client.wait(1, 20_000) == 1
    primary.kill()
    with redis.Redis(port=replica.port) as client:
        client.replicaof("NO", "ONE")
    assert not set(accepted(fleet(replica.port, 0, lambda: None, count=1000))) & set(first)


class Switch:
    """An address in front of the servers, like that of a proxy or a DNS name: ``port`` leads to ``target``."""

    def __init__(self, target: int) -> None:
        self.target: int | None = target
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def to(self, target: int | None) -> None:
        """Connects new clients to ``target``, or to nothing, and closes open connections."""
        self.target = target
        for each in list(self._open):
            each.close()

    def close(self) -> None:
        self._listener.close()
        self.to(None)

    def _accept(self) -> None:
        while True:
            try:
                client = self._listener.accept()[0]
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self.target or 0))
            except OSError:
                client.close()
                continue
            self._open |= {client, server}
            for one, other in ((client, server), (server, client)):
                threading.Thread(target=self._pass, args=(one, other), daemon=True).start()

    def _pass(self, one: socket.socket, other: socket.socket) -> None:
        try:
            while block := one.recv(1 << 16):
                other.sendall(block)
        except OSError:
            pass
        for each in (one, other):
            each.close()
            self._open.discard(each)


def test_no_replay_is_accepted_after_a_replica_replaced_redis(servers: Any) -> None:
    """The replica has all keys of its primary: no requests are sent until replication is complete."""
    primary = servers()
    replica = servers("--replicaof", "127.0.0.1", str(primary.port))
    switch = Switch(primary.port)

    def happens() -> None:
        time.sleep(2)
        switch.to(None)
        with redis.Redis(port=primary.port) as client:
            client.set("last", "1")
            assert client.wait(1, 20_000) == 1
        primary.kill()
        with redis.Redis(port=replica.port) as client:
            client.replicaof("NO", "ONE")
        switch.to(replica.port)

    try:
        found = fleet(switch.port, 6, happens)
    finally:
        switch.close()
    times = accepted(found)
    assert max(times.values()) == 1
    assert set(outcomes(found)) == {"accepted", "replayed", "503"}
    assert [each["stopped"] for each in found] == [0] * WORKERS
    assert max(map(int, times)) > REQUESTS * 0.9, "it goes on after the change"


def test_requests_are_answered_with_503_at_a_replica_because_it_accepts_no_writes(servers: Any) -> None:
    primary = servers()
    replica = servers("--replicaof", "127.0.0.1", str(primary.port))
    assert set(outcomes(fleet(replica.port, 0, lambda: None, count=40))) == {"503"}
    replica.set("replica-read-only", "no")
    logged = [line for each in fleet(replica.port, 0, lambda: None, count=40) for line in each["logged"]]
    assert sum("a replica that accepts writes" in line for line in logged) == WORKERS


def test_a_synchronous_client_does_not_stop_the_event_loop(servers: Any) -> None:
    from sigv4 import RedisReplayStore
    from sigv4.replay import StoreUnavailable, ask

    server = servers()
    store = RedisReplayStore(f"redis://127.0.0.1:{server.port}/0", timeout=0.3)

    async def run() -> tuple[int, int]:
        assert await ask(store, b"first", LATER)
        server._process.send_signal(signal.SIGSTOP)
        steps = 0

        async def others() -> None:
            nonlocal steps
            while True:
                steps += 1
                await asyncio.sleep(0)

        counting = asyncio.ensure_future(others())
        refused = 0
        try:
            for number in range(3):
                try:
                    await ask(store, b"%d" % number, LATER)
                except StoreUnavailable:  # noqa: PERF203 (each request is tried)
                    refused += 1
        finally:
            server._process.send_signal(signal.SIGCONT)
            counting.cancel()
        return steps, refused

    steps, refused = asyncio.run(run())
    assert refused == 3
    assert steps > 1000, "other tasks went on while the server was paused"
