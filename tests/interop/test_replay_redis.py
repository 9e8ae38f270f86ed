"""Several verifiers share one real Redis or Valkey server."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from sigv4 import RedisReplayStore, VerificationError, Verifier
from tests.sigv4.signed import BODY, CREDENTIALS, NOW, sign

redis = pytest.importorskip("redis", reason="the package redis is not installed (extra `redis`)")
SERVER = shutil.which("redis-server") or shutil.which("valkey-server")

pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(SERVER is None, reason="neither redis-server nor valkey-server is installed"),
]

# The keys expire in 2096: no test waits for that.
RACER = """
import sys
from sigv4 import RedisReplayStore
store = RedisReplayStore(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
won = [n for n in range(2000) if store.first_use(n.to_bytes(32, "big"), 4_000_000_000)]
print(" ".join(map(str, won)))
"""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    folder: Path = tmp_path_factory.mktemp("redis")
    command = [str(SERVER), "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no"]
    with subprocess.Popen([*command, "--dir", str(folder)], stdout=subprocess.DEVNULL) as server:
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


def test_what_one_verifier_took_another_refuses(url: str) -> None:
    client = redis.Redis.from_url(url)
    other = redis.Redis.from_url(url)
    try:
        headers = sign()
        verifier(RedisReplayStore(client)).verify("POST", "/", headers, BODY)
        with pytest.raises(VerificationError, match="received before"):
            verifier(RedisReplayStore(other)).verify("POST", "/", headers, BODY)
        (key,) = client.keys("sigv4:replay:*")
        assert client.ttl(key) > 0
    finally:
        client.close()
        other.close()


def test_two_processes_racing_for_the_same_keys_win_each_once(url: str) -> None:
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
    assert sorted(won[0] + won[1]) == list(range(2000))


def test_the_asyncio_client_under_averify(url: str) -> None:
    async def run() -> None:
        client = redis.asyncio.Redis.from_url(url)
        try:
            checker = verifier(RedisReplayStore(client, prefix="async:"))
            headers = sign()
            outcomes = await asyncio.gather(
                *(checker.averify("POST", "/", headers, BODY) for _ in range(20)), return_exceptions=True
            )
            assert sum(not isinstance(outcome, Exception) for outcome in outcomes) == 1
        finally:
            await client.aclose()

    asyncio.run(run())


def test_an_unreachable_server_refuses_requests() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with redis.Redis(port=port) as client, pytest.raises(VerificationError) as caught:
        verifier(RedisReplayStore(client)).verify("POST", "/", sign(), BODY)
    assert (caught.value.stage, caught.value.status) == ("REPLAY", 503)
