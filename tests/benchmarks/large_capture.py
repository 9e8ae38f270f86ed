"""Capture: 10,000 entries audited from a file, with the right secret and with a wrong one, on a terminal.

Processor time is compared, because the two runs take minutes, and other programs may run beside them.
"""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from sigv4 import Credentials, Signer

from . import peers
from .row import Row

ENTRIES = 10_000
HOST = "api.sagemaker.us-west-2.amazonaws.com"
_PROGRAM = """
import resource, sys
from sigv4.cli import main
code = main(sys.argv[1:])
used = resource.getrusage(resource.RUSAGE_SELF)
print("used", used.ru_maxrss, used.ru_utime + used.ru_stime)
sys.exit(code)
"""


class Run(NamedTuple):
    seconds: float  # of processor time
    peak: int  # KiB
    answered: int  # entries
    progress: int  # how often progress was shown


def capture() -> Iterator[Row]:
    with TemporaryDirectory() as folder:
        small, large = Path(folder, "small.har"), Path(folder, "large.har")
        _write(small, ENTRIES // 10)
        _write(large, ENTRIES)
        right = _audited(large, peers.SECRET)
        tenth = _audited(small, "anotherSecret")
        wrong = _audited(large, "anotherSecret")
    if (right.answered, wrong.answered) != (ENTRIES, ENTRIES) or not wrong.progress:
        raise RuntimeError(f"not every entry was answered, or no progress was shown: {right}, {wrong}")
    yield Row(
        "Scale", f"audit {ENTRIES:,} entries, wrong secret", f"{wrong.seconds:.0f} s",
        f"right secret {right.seconds:.1f} s", wrong.seconds / right.seconds, 60.0,
    )  # fmt: skip
    yield Row(
        "Scale", "its peak memory", f"{wrong.peak / 1024:.0f} MiB",
        f"{ENTRIES // 10:,} entries {tenth.peak / 1024:.0f} MiB", wrong.peak / tenth.peak, 1.25,
    )  # fmt: skip
    yield Row("Scale", "progress shown", f"{wrong.progress} times", "once", wrong.progress, 1, at_least=True)


def _write(path: Path, count: int) -> None:
    signer = Signer("sagemaker", "us-west-2", Credentials(peers.KEY_ID, peers.SECRET))
    with path.open("w", encoding="utf-8") as file:
        file.write('{"log": {"entries": [\n')
        for number in range(count):
            body = json.dumps({"NotebookInstanceName": f"notebook-{number}"})
            headers = signer.sign("POST", f"https://{HOST}/", {"x-amz-target": "SageMaker.X"}, body.encode())
            pairs = [{"name": name, "value": value} for name, value in headers.items()]
            given = {
                "method": "POST",
                "url": f"https://{HOST}/",
                "headers": pairs,
                "postData": {"text": body},
            }
            file.write((",\n" if number else "") + json.dumps({"request": given}))
        file.write("]}}\n")


def _audited(path: Path, secret: str) -> Run:
    """One run of ``sigv4 audit`` whose standard error is a terminal."""
    terminal, other = pty.openpty()
    keys = {"AWS_ACCESS_KEY_ID": peers.KEY_ID, "AWS_SECRET_ACCESS_KEY": secret}
    environ = {**os.environ, **keys, "TERM": "xterm"}
    with (path.parent / "answer").open("w+b") as answer:
        command = [sys.executable, "-c", _PROGRAM, "audit", str(path)]
        with subprocess.Popen(command, stdout=answer, stderr=other, env=environ):
            os.close(other)
            told = b""
            try:
                while block := os.read(terminal, 1 << 16):
                    told += block
            except OSError:  # Linux reports the end of a terminal in this way
                pass
        os.close(terminal)
        answer.seek(0)
        lines = answer.read().splitlines()
    entries = sum(b": POST https://" in line for line in lines)
    _, peak, seconds = lines[-1].split()
    return Run(float(seconds), int(peak), entries, told.count(b" remaining"))
