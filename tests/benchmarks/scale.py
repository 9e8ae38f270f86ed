"""B11 and Scale: the middleware compared with its verifier, asigv4 and the bare application; stores; decoding."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import socket
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from random import shuffle
from signal import SIGCONT, SIGSTOP
from statistics import median, quantiles
from typing import Any

from sigv4 import Credentials, MemoryReplayStore, Request, Signer, Verifier
from sigv4.auditing.audit import audit
from sigv4.replay import replay_key
from sigv4.streaming.event_frames import FrameDecoder, encode_frame
from tests.ports import free_port

from . import peers
from .gateway_app import KEYS, REGION, SERVICE, made
from .paired import Timings, measure
from .paused_redis import paused
from .row import Row, compared

HOST = "api.sagemaker.us-west-2.amazonaws.com"
BODY = b'{"NotebookInstanceName":"my-nb","SessionExpirationDurationInSeconds":3600}'
BLOCK = 1 << 16
_SPENT = "/proc/{}/schedstat"  # a file of Linux; its first number is nanoseconds on a processor


def boto3_headers() -> list[tuple[bytes, bytes]]:
    """The headers of a small POST of boto3 through a proxy, in the form in which a server passes them on."""
    own = {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": "SageMaker.X",
        "X-Amz-Content-SHA256": hashlib.sha256(
            BODY
        ).hexdigest(),  # without this header, asigv4 treats the body as unsigned
    }
    headers = Signer(SERVICE, REGION, KEYS).sign(
        "POST",
        f"https://{HOST}/",
        own,
        BODY,
    )
    others = {
        "User-Agent": "Boto3/1.44.8 md/Botocore#1.44.8 ua/2.1 os/linux#6.1 md/arch#x86_64 lang/python#3.11.7",
        "Accept-Encoding": "identity",
        "amz-sdk-invocation-id": "8a0ad0c2-3f5c-4a0e-9bb8-1f0e7f1b2c3d",
        "amz-sdk-request": "attempt=1",
        "Content-Length": str(len(BODY)),
        "X-Forwarded-For": "203.0.113.7",
    }
    return [(name.lower().encode(), str(value).encode()) for name, value in {**headers, **others}.items()]


def middleware() -> Iterator[Row]:
    """B11, in process and under uvicorn."""
    yield from _in_process()
    if find_spec("uvicorn") and Path(_SPENT.format("self")).exists():
        yield from _under_uvicorn()


def _in_process() -> Iterator[Row]:
    headers = boto3_headers()
    scope = {
        "type": "http", "http_version": "1.1", "method": "POST", "raw_path": b"/", "path": "/",
        "query_string": b"", "headers": headers,
    }  # fmt: skip

    async def receive() -> Any:
        return {"type": "http.request", "body": BODY, "more_body": False}

    async def send(message: Any) -> None:
        if message.get("status", 200) != 200:
            raise RuntimeError(f"refused: {message}")

    def calls(app: Any) -> Callable[[], object]:
        async def many() -> None:
            for _ in range(100):
                await app(scope, receive, send)

        return lambda: loop.run_until_complete(many())

    verifier = Verifier(SERVICE, REGION, lambda claim: KEYS)

    def verifications() -> None:
        for _ in range(100):
            verifier.verify("POST", "/", headers, BODY)

    loop = asyncio.new_event_loop()
    try:
        subjects = {"verify": verifications, "middleware": calls(made("ours"))}
        if find_spec("asigv4"):
            subjects["asigv4"] = calls(made("asigv4"))
        timings = measure(subjects, rounds=15)
    finally:
        loop.close()
    hundredth = Timings({name: [each / 100 for each in rounds] for name, rounds in timings.rounds.items()})
    yield compared("B11", "middleware, secret supplied", hundredth, "middleware", "verify", 1.3)
    if "asigv4" in subjects:
        yield compared("B11", "middleware, secret supplied", hundredth, "middleware", "asigv4", None)


def _under_uvicorn(rounds: int = 40) -> Iterator[Row]:
    """Many short turns in a random order, so that other programs disturb all servers alike."""
    floors = {"hashes": "the hashes alone", "signature": "the signature alone", "verify": "`verify` alone"}
    kinds = ["bare", "ours", *floors, *(each for each in ("asigv4", "botocore") if find_spec(each))]
    rates: dict[str, list[float]] = {kind: [] for kind in kinds}
    servers = {kind: _Server(kind) for kind in kinds}
    try:
        for server in servers.values():
            _rate(server)  # to warm it up
        for _ in range(rounds):
            shuffle(kinds)
            for kind in kinds:
                rates[kind].append(_rate(servers[kind]))
    finally:
        for server in servers.values():
            server.stop()
    for ours in ("ours", *floors):
        for against, budget in (("bare", 0.55), ("asigv4", 1.15), ("botocore", None)):
            if against in rates and (ours == "ours" or against == "bare"):
                ratios = [a / b for a, b in zip(rates[ours], rates[against], strict=True)]
                low, _, high = quantiles(ratios, n=4)
                yield Row(
                    "B11", f"under uvicorn: {floors.get(ours, ours)}", f"{median(rates[ours]):.0f}/s", f"{against} {median(rates[against]):.0f}/s",
                    median(ratios), budget if ours == "ours" else None, at_least=True, spread=(low, high),
                )  # fmt: skip


class _Server:
    """One uvicorn in its own process."""

    def __init__(self, kind: str) -> None:
        import os
        import subprocess
        import sys

        self._port = free_port()
        self.headers = boto3_headers()
        command = [
            sys.executable,
            "-m",
            "uvicorn",
            "--log-level",
            "critical",
            "--no-access-log",
            "--port",
            str(self._port),
        ]
        self._process = subprocess.Popen(
            [*command, "tests.benchmarks.gateway_app:app"], env={**os.environ, "GATEWAY": kind}
        )
        self.signal = self._process.send_signal
        for _ in range(200):
            try:
                self.connected().close()
                return
            except OSError:  # noqa: PERF203 (it waits)
                time.sleep(0.05)
        raise RuntimeError(f"the server of {kind!r} does not listen")

    def connected(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self._port), 20)

    def seconds_spent(self) -> float:
        """The processor time that the server has used; all its work is in one thread."""
        return int(Path(_SPENT.format(self._process.pid)).read_text().split()[0]) / 1e9

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(20)


def _rate(server: _Server, seconds: float = 0.1) -> float:
    """Requests for each second of the server's processor time: what one worker does when it is never idle.

    The client shares the machine, so the requests of a second by the clock would measure it as well.
    """
    with ExitStack() as opened:
        connections = [opened.enter_context(server.connected()) for _ in range(16)]
        _exchange(server, connections)
        count, spent = 0, server.seconds_spent()
        ends = time.perf_counter() + seconds
        while time.perf_counter() < ends:
            _exchange(server, connections)
            count += len(connections)
        return count / (server.seconds_spent() - spent)


def _exchange(server: _Server, connections: Sequence[socket.socket]) -> None:
    """Sends a request on each connection, and receives the answers.

    Meanwhile the server is stopped, so that it finds all requests at once. Otherwise other programs would
    decide how often it sleeps between two of them.
    """
    head = b"".join(b"%s: %s\r\n" % pair for pair in server.headers)
    server.signal(SIGSTOP)
    for connection in connections:
        connection.sendall(b"POST / HTTP/1.1\r\n" + head + b"\r\n" + BODY)
    server.signal(SIGCONT)
    for connection in connections:
        answer = b""
        while not answer.endswith(b"ok"):
            block = connection.recv(4096)
            if not block:
                raise RuntimeError(f"refused: {answer!r}")
            answer += block


def decode() -> Iterator[Row]:
    """B5, decoding: aws-chunked bodies in reads of several sizes; also encoding of small blocks, and event frames."""
    size = 8 << 20
    signer = Signer("s3", "us-west-2", Credentials(peers.KEY_ID, peers.SECRET))
    verifier = Verifier("s3", "us-west-2", lambda claim: Credentials(peers.KEY_ID, peers.SECRET))
    upload = signer.stream("PUT", "https://b.s3.us-west-2.amazonaws.com/k", length=size)
    data = bytes(size)
    framed = b"".join(upload.encode(data))

    def floor() -> None:
        for at in range(0, size, BLOCK):
            hashlib.sha256(data[at : at + BLOCK]).hexdigest()

    def decoding(step: int) -> Callable[[], object]:
        reads = [framed[at : at + step] for at in range(0, len(framed), step)]

        def decoded() -> None:
            _, body = verifier.verify_stream("PUT", "/k", upload.headers)
            for read in reads:
                body.feed(read)
            body.finish()

        return decoded

    def encoding(step: int) -> Callable[[], object]:
        blocks = [data[:step]] * (size // step)

        def encoded() -> None:
            for _ in upload.encode(blocks):
                pass

        return encoded

    subjects = {
        "floor": floor, "64 KiB": decoding(BLOCK), "4 KiB": decoding(4096), "whole": decoding(len(framed)),
        "encode 4 KiB": encoding(4096), "encode 1 KiB": encoding(1024),
    }  # fmt: skip
    timings = measure(subjects, rounds=5, turn=0)
    rows = {
        "64 KiB": ("decode, reads of 64 KiB", 0.75),
        "4 KiB": ("decode, reads of 4 KiB", 0.5),
        "whole": ("decode, one read of 8 MiB", None),
        "encode 4 KiB": ("encode, blocks of 4 KiB", 0.6),
        "encode 1 KiB": ("encode, blocks of 1 KiB", None),
    }
    for subject, (what, budget) in rows.items():
        yield _throughput("B5", what, timings, "floor", subject, "hashlib", size, budget)
    frame = encode_frame((), data[: 1 << 20])
    frames = measure({"ours": lambda: FrameDecoder().feed(frame), "crc": lambda: zlib.crc32(frame)}, rounds=9)
    yield _throughput("B5", "event frames of 1 MiB", frames, "crc", "ours", "zlib.crc32", 1 << 20, None)


def _throughput(
    name: str,
    what: str,
    timings: Timings,
    floor: str,
    subject: str,
    against: str,
    size: int,
    budget: float | None,
) -> Row:
    rates = [f"{size / timings.median(each) / (1 << 20):.0f} MiB/s" for each in (subject, floor)]
    ratio, spread = timings.ratio(floor, subject), timings.spread(floor, subject)
    return Row(name, what, rates[0], f"{against} {rates[1]}", ratio, budget, at_least=True, spread=spread)


def scale() -> Iterator[Row]:
    """The rows for docs/scale.md that no other benchmark has."""
    yield from _stores()
    yield from paused()
    yield from _captures()


def _stores() -> Iterator[Row]:
    """A store with only expired keys is purged a few keys at a time."""
    now = [0.0]
    count = 200_000
    store = MemoryReplayStore(count * 2, clock=lambda: now[0])
    for number in range(count):
        store.first_use(replay_key("AKID", str(number)), 1)
    now[0] = 2.0
    longest = 0.0
    number = 0
    while len(store) > number + 100 and number < count:
        number += 1
        key = replay_key("OTHER", str(number))
        started = time.perf_counter()
        store.first_use(key, 100)
        longest = max(longest, time.perf_counter() - started)
    yield Row(
        "Scale",
        f"{count:,} keys expire: longest call",
        f"{longest * 1e3:.2f} ms",
        "a bound",
        longest * 1e3,
        50.0,
        unit=" ms",
    )


def _captures() -> Iterator[Row]:
    right, wrong = Credentials(peers.KEY_ID, peers.SECRET), Credentials(peers.KEY_ID, "anotherSecret")
    signer = Signer(SERVICE, REGION, right)
    requests = []
    for number in range(400):
        body = base64.b64encode(b"%d" % number)
        requests.append(
            (
                Request("POST", f"https://{HOST}/", signer.sign("POST", f"https://{HOST}/", (), body), body),
                None,
            )
        )
    figures = {}
    for name, keys in (("right", right), ("wrong", wrong)):
        started = time.perf_counter()
        audit(requests, credentials=keys)
        figures[name] = time.perf_counter() - started
    yield Row(
        "Scale", "audit 400 entries, wrong secret", f"{figures['wrong'] * 1e3:.0f} ms", f"right secret {figures['right'] * 1e3:.0f} ms",
        figures["wrong"] / figures["right"], 60.0,
    )  # fmt: skip
