"""Several verifiers share one real Redis or Valkey server."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from sigv4 import RedisReplayStore, VerificationError, Verifier
from tests.ports import free_port
from tests.redis_servers import SERVERS, command
from tests.sigv4.signed import BODY, CREDENTIALS, NOW, sign

redis = pytest.importorskip("redis", reason="the package redis is not installed (extra `redis`)")
valkey = pytest.importorskip("valkey", reason="the package valkey is not installed (extra `interop`)")

pytestmark = pytest.mark.interop

# The keys expire in 2096: no test waits for that.
RACER = """
import sys
from sigv4 import RedisReplayStore
store = RedisReplayStore(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
won = [n for n in range(500) if store.first_use(n.to_bytes(32, "big"), 4_000_000_000)]
print(" ".join(map(str, won)))
"""


@pytest.fixture(scope="module", params=SERVERS)
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    server_program = SERVERS[request.param]
    if server_program is None:
        pytest.skip(f"no server of {request.param} is installed")
    port = free_port()
    folder: Path = tmp_path_factory.mktemp("redis")
    started = command(server_program, port, folder, "--appendonly", "no")
    with subprocess.Popen(started, stdout=subprocess.DEVNULL) as server:
        try:
            client = redis.Redis(port=port)
            for _ in range(100):
                try:
                    client.ping()
                    break
                except redis.ConnectionError:
                    time.sleep(0.05)
            client.close()
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            server.terminate()


def verifier(store: RedisReplayStore) -> Verifier:
    return Verifier(
        "sagemaker", "us-east-1", lambda claim: CREDENTIALS, replay=store, window=10**9, clock=lambda: NOW
    )


def _racer(url: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", RACER, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


@pytest.mark.parametrize("library", [redis, valkey], ids=["redis", "valkey"])
def test_a_request_that_one_verifier_accepted_is_refused_by_another(url: str, library: Any) -> None:
    said: list[str] = []
    kind, prefix = getattr(library, library.__name__.title()), f"{library.__name__}:"
    with (
        kind.from_url(url, socket_timeout=30) as client,
        kind.from_url(url, decode_responses=True, protocol=3) as other,
    ):
        headers = sign()
        verifier(RedisReplayStore(client, prefix=prefix, report=said.append)).verify(
            "POST", "/", headers, BODY
        )
        with pytest.raises(VerificationError, match="received before"):
            verifier(RedisReplayStore(other, prefix=prefix)).verify("POST", "/", headers, BODY)
        (key,) = client.keys(f"{prefix}*")
        assert client.ttl(key) > 0
    assert [each.split(":")[0].rpartition(" has ")[2] for each in said] == ["no append-only file"]


def test_exactly_one_of_two_processes_with_the_same_keys_accepts_each_key(url: str) -> None:
    with ExitStack() as stack:
        racers = [stack.enter_context(_racer(url)) for _ in range(2)]
        for racer in racers:
            assert racer.stdout is not None
            assert racer.stdout.readline() == "ready\n"
        for racer in racers:
            assert racer.stdin is not None
            racer.stdin.write("go\n")
            racer.stdin.flush()
        won = [[int(n) for n in racer.communicate(timeout=60)[0].split()] for racer in racers]
    assert sorted(won[0] + won[1]) == list(range(500))


@pytest.mark.parametrize("library", [redis, valkey], ids=["redis", "valkey"])
def test_the_asyncio_client_under_averify(url: str, library: Any) -> None:
    async def run() -> None:
        asyncio_client = getattr(import_module(f"{library.__name__}.asyncio"), library.__name__.title())
        client = asyncio_client.from_url(url)
        try:
            checker = verifier(RedisReplayStore(client, prefix=f"async-{library.__name__}:"))
            headers = sign()
            outcomes = await asyncio.gather(
                *(checker.averify("POST", "/", headers, BODY) for _ in range(20)), return_exceptions=True
            )
            assert sum(not isinstance(outcome, Exception) for outcome in outcomes) == 1
        finally:
            await client.aclose()

    asyncio.run(run())


@pytest.mark.parametrize("library", [redis, valkey], ids=["redis", "valkey"])
def test_an_unreachable_server_refuses_requests(library: Any) -> None:
    client = getattr(library, library.__name__.title())(port=free_port())
    with client, pytest.raises(VerificationError) as caught:
        verifier(RedisReplayStore(client)).verify("POST", "/", sign(), BODY)
    assert (caught.value.stage, caught.value.status) == ("REPLAY", 503)
