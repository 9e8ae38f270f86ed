"""B4, B5: hashes and frames bodies that are too large for memory."""

from __future__ import annotations

import hashlib
import tempfile
import tracemalloc
from collections.abc import Callable, Iterator
from io import FileIO

from sigv4 import Credentials, Signer

from . import peers
from .paired import measure
from .row import Row

GIB = 1 << 30
BLOCK = 1 << 16
URL = "https://examplebucket.s3.us-west-2.amazonaws.com/large.bin"
SIGNER = Signer("s3", "us-west-2", Credentials(peers.KEY_ID, peers.SECRET))


def _throughput(
    name: str, what: str, ours: Callable[[], object], floor: Callable[[], object], size: int, budget: float
) -> Row:
    timings = measure({"ours": ours, "floor": floor}, rounds=7, turn=0)
    rates = [f"{size / timings.median(subject) / (1 << 20):.0f} MiB/s" for subject in ("ours", "floor")]
    ratio, spread = timings.ratio("floor", "ours"), timings.spread("floor", "ours")
    return Row(name, what, rates[0], f"hashlib {rates[1]}", ratio, budget, at_least=True, spread=spread)


def _peak(call: Callable[[], object]) -> float:
    """The largest number of MiB that ``call`` had allocated at one time."""
    call()  # loads modules, which are not to be counted
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1] / (1 << 20)
    finally:
        tracemalloc.stop()


def _memory(name: str, what: str, call: Callable[[], object]) -> Row:
    peak = _peak(call)
    return Row(name, what, f"{peak:.2f} MiB", "nothing", peak, 4.0, unit=" MiB")


def _sha256(file: FileIO) -> None:
    file.seek(0)
    digest, buffer = hashlib.sha256(), memoryview(bytearray(1 << 18))
    while count := file.readinto(buffer):
        digest.update(buffer[:count])
    digest.hexdigest()


def sign_file() -> Iterator[Row]:
    with tempfile.TemporaryFile(buffering=0) as file:
        file.truncate(GIB)
        file.seek(0)

        def ours() -> None:
            file.seek(0)
            SIGNER.sign("PUT", URL, (), file)

        yield _throughput("B4", "sign a file of 1 GiB", ours, lambda: _sha256(file), GIB, 0.97)
        yield _memory("B4", "the same, extra memory", ours)


def sign_chunks() -> Iterator[Row]:
    block = bytes(BLOCK)
    count = 1024

    def ours() -> None:
        upload = SIGNER.stream("PUT", URL, length=count * BLOCK, chunk_size=BLOCK)
        for _ in upload.encode(block for _ in range(count)):
            pass

    def floor() -> None:
        for _ in range(count):
            hashlib.sha256(block).hexdigest()

    yield _throughput("B5", "sign chunks of 64 KiB", ours, floor, count * BLOCK, 0.93)
    yield _memory("B5", "the same, extra memory", ours)
