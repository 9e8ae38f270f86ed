"""Refreshing credentials: once for all threads and tasks, never in the event loop; an instance may keep expired ones."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import threading
import time
import weakref
from pathlib import Path

import pytest

from sigv4 import Credentials, CredentialsError, Request, Response
from sigv4.providers import freshness
from sigv4.providers.chain import Chain
from sigv4.providers.fetch import Unreachable
from tests.sigv4.providers.endpoints import EXPIRES, answer, environ_of


class Source:
    """A container endpoint or an instance whose credentials are valid for ``life`` seconds.

    Its clock moves only by ``shift``. An answer waits until ``gate`` is set.
    """

    def __init__(self, life: float = 3600) -> None:
        self.life, self.shift = life, 0.0
        self.count = self.inside = self.most = 0
        self.fails = False
        self.asked, self.gate = threading.Event(), threading.Event()
        self.gate.set()
        self.threads: set[int] = set()
        self.lock = threading.Lock()

    def now(self) -> float:
        return EXPIRES + self.shift

    def __call__(self, request: Request, seconds: float) -> Response:
        with self.lock:
            self.inside += 1
            self.most = max(self.most, self.inside)
            self.threads.add(threading.get_ident())
        self.asked.set()
        assert self.gate.wait(60), "the test opens it"
        with self.lock:
            self.inside -= 1
            if self.fails:
                raise Unreachable("h: read timeout")
            if request.method == "PUT" or request.url.endswith("/security-credentials/"):
                return Response(200, {}, b"role")
            self.count += 1
            ends = self.now() + self.life
        whole = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(ends))
        expires = f"{whole}.{int(ends % 1 * 1e6):06}Z"
        return Response(200, {}, answer(AccessKeyId=f"ASIA{self.count}", Expiration=expires))


def chain_of(source: Source, tmp_path: Path, *, instance: bool = False) -> Chain:
    more = {} if instance else {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/x"}
    return Chain(environ=environ_of(tmp_path, **more), fetch=source, clock=source.now)


@pytest.mark.slow
def test_64_threads_and_200_tasks_with_credentials_that_are_valid_for_a_second(tmp_path: Path) -> None:
    source = Source(life=1.0)
    chain = chain_of(source, tmp_path)
    stale: list[float] = []
    used = [0]
    stop = threading.Event()

    def check(found: Credentials, asked: float) -> None:
        used[0] += 1
        assert found.expires_at is not None
        if found.expires_at <= asked:
            stale.append(found.expires_at - asked)

    def use() -> None:
        while not stop.is_set():
            asked = source.now()
            check(chain(), asked)
            time.sleep(0.02)  # lets the other threads and the event loop run

    async def tasks() -> None:
        async def one() -> None:
            while not stop.is_set():
                asked = source.now()
                check(await chain.aget(), asked)
                await asyncio.sleep(0.02)

        async def end() -> None:
            for _ in range(5):
                before = used[0]
                while used[0] < before + 500:
                    await asyncio.sleep(0.01)
                source.shift += 0.5
            stop.set()

        await asyncio.gather(end(), *(one() for _ in range(200)))

    threads = [threading.Thread(target=use) for _ in range(64)]
    for thread in threads:
        thread.start()
    asyncio.run(tasks())
    for thread in threads:
        thread.join()
    assert stale == []
    assert source.most == 1, "one refresh at a time"
    assert 3 <= source.count <= 8, "no refresh before it is due"
    assert used[0] > 1000


def test_a_refresh_does_not_block_the_loop_and_takes_one_thread(tmp_path: Path) -> None:
    source = Source()
    source.gate.clear()
    chain = chain_of(source, tmp_path)

    async def main() -> list[Credentials]:
        async def open_after_some_turns() -> None:
            for _ in range(5):
                await asyncio.sleep(0.01)
            source.gate.set()

        turning = asyncio.ensure_future(open_after_some_turns())
        found = await asyncio.gather(*(chain.aget() for _ in range(200)))
        await turning
        return list(found)

    found = asyncio.run(main())
    assert {each.access_key_id for each in found} == {"ASIA1"}
    assert len(source.threads) == 1
    assert threading.get_ident() not in source.threads


def test_one_task_waits_and_the_others_continue_in_the_advisory_window(tmp_path: Path) -> None:
    source = Source()
    chain = chain_of(source, tmp_path)
    old = chain()
    source.shift += 3600 - 800
    source.gate.clear()

    async def main() -> list[Credentials]:
        waiting = {asyncio.ensure_future(chain.aget()) for _ in range(20)}
        found = []
        while len(waiting) > 1:
            done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            found += [each.result() for each in done]
        source.gate.set()
        return [*found, await waiting.pop()]

    found = asyncio.run(main())
    assert [each is old for each in found] == [True] * 19 + [False]
    assert chain().access_key_id == "ASIA2"


def test_a_cancelled_task_does_not_end_the_refresh_for_others(tmp_path: Path) -> None:
    source = Source()
    source.gate.clear()
    chain = chain_of(source, tmp_path)

    async def main() -> Credentials:
        first = asyncio.ensure_future(chain.aget())
        second = asyncio.ensure_future(chain.aget())
        assert await asyncio.to_thread(source.asked.wait, 60)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        source.gate.set()
        return await second

    assert asyncio.run(main()).access_key_id == "ASIA1"
    assert source.count == 1


def test_a_failure_reaches_every_task_and_the_next_call_searches_again(tmp_path: Path) -> None:
    source = Source()
    source.fails = True
    chain = chain_of(source, tmp_path)

    async def main() -> Credentials:
        found = await asyncio.gather(*(chain.aget() for _ in range(5)), return_exceptions=True)
        assert [type(each) for each in found] == [CredentialsError] * 5
        source.fails = False
        return await chain.aget()

    assert asyncio.run(main()).access_key_id == "ASIA1"


def test_blank_variables_do_not_make_the_loop_wait(tmp_path: Path) -> None:
    source = Source()
    environ = environ_of(tmp_path, AWS_ACCESS_KEY_ID=" ", AWS_CONTAINER_CREDENTIALS_RELATIVE_URI="/x")
    chain = Chain(environ=environ, fetch=source, clock=source.now)
    assert asyncio.run(chain.aget()).access_key_id == "ASIA1"
    assert threading.get_ident() not in source.threads


def test_an_instance_keeps_old_credentials_until_new_ones_come(tmp_path: Path) -> None:
    source = Source()
    chain = chain_of(source, tmp_path, instance=True)
    old = chain()
    source.shift += 3700
    source.fails = True
    kept = chain()
    assert (kept.access_key_id, kept.secret_access_key) == (old.access_key_id, old.secret_access_key)
    assert kept.expires_at is not None
    assert 590 < kept.expires_at - source.now() < 910
    count = source.most
    assert chain() is kept
    assert source.most == count, "a further call does not ask the instance again"
    source.fails = False
    source.shift += 1000
    assert chain().access_key_id == "ASIA2"


def test_expired_credentials_of_an_instance_are_used(tmp_path: Path) -> None:
    source = Source(life=-100)
    found = chain_of(source, tmp_path, instance=True)()
    assert found.expires_at is not None
    assert found.expires_at > source.now() + 500


def test_expired_credentials_of_a_container_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CredentialsError, match="are still expired"):
        chain_of(Source(life=-100), tmp_path)()


def test_the_first_search_at_an_instance_has_no_old_credentials_to_use(tmp_path: Path) -> None:
    source = Source()
    source.fails = True
    with pytest.raises(CredentialsError, match="Unable to locate credentials"):
        chain_of(source, tmp_path, instance=True)()


def test_a_chain_keeps_no_event_loop_that_has_ended(tmp_path: Path) -> None:
    source = Source()
    chain = chain_of(source, tmp_path)
    ended = []

    async def main() -> None:
        source.shift += 3600
        ended.append(weakref.ref(asyncio.get_running_loop()))
        with contextlib.suppress(CredentialsError):
            await chain.aget()

    for _ in range(3):
        asyncio.run(main())
    gc.collect()
    assert [loop() for loop in ended] == [None] * 3


@pytest.mark.parametrize(
    ("life", "left", "expected"),
    [
        (3600.0, 901.0, 2),
        (3600.0, 900.0, 1),
        (3600.0, 601.0, 1),
        (3600.0, 600.0, 0),
        (3600.0, 0.0, 0),
        (3600.0, -5.0, 0),
        (1200.0, 301.0, 2),
        (1200.0, 300.0, 1),
        (1200.0, 201.0, 1),
        (1200.0, 200.0, 0),
        (36000.0, 901.0, 2),
        (36000.0, 600.0, 0),
        (-5.0, 1.0, 2),
        (-5.0, 0.0, 0),
    ],
)
def test_when_credentials_are_refreshed(life: float, left: float, expected: int) -> None:
    found = freshness.Found(Credentials("AKIDEXAMPLE", "secret", None, 10_000.0), 10_000.0 - life, "provider")
    assert found.freshness(10_000.0 - left) == expected
    assert (found.at, found.provider) == (10_000.0 - life, "provider")


def test_credentials_without_an_expiry_stay_fresh() -> None:
    assert freshness.Found(Credentials("AKIDEXAMPLE", "secret"), 0.0, "p").freshness(1e12) == 2


@pytest.mark.parametrize(("random", "more"), [(0.0, 600.0), (0.5, 750.0), (1.0, 900.0)])
def test_credentials_are_extended_by_ten_to_fifteen_minutes(
    monkeypatch: pytest.MonkeyPatch, random: float, more: float
) -> None:
    monkeypatch.setattr("random.random", lambda: random)
    given = Credentials("AKIDEXAMPLE", "secret", "token", 5.0, "X-Amz-S3session-Token")
    expected = Credentials("AKIDEXAMPLE", "secret", "token", 1000.0 + more, "X-Amz-S3session-Token")
    assert freshness.stretched(given, 1000.0) == expected
