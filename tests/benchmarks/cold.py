"""B7: import and first signature in a new interpreter, with compiled files."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from .paired import Timings
from .row import Row, compared

ROOT = Path(__file__).resolve().parents[2]
_TIMED = """
import sys
sys.path.insert(0, {root!r})
from time import process_time
before = set(sys.modules)
start = process_time()
{code}
print(process_time() - start, len(set(sys.modules) - before))
"""
_FLOOR = "import hmac, hashlib"
_OURS = """
from sigv4 import Credentials, Signer
credentials = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
signer = Signer("sagemaker", "us-west-2", credentials)
signer.sign("POST", "https://api.sagemaker.us-west-2.amazonaws.com/", {"X-Amz-Target": "SageMaker.X"}, b"{}")
"""


def _run(code: str) -> tuple[float, int]:
    script = _TIMED.format(root=str(ROOT), code=code)
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script], check=True, capture_output=True, text=True
    )
    seconds, modules = done.stdout.split()
    return float(seconds), int(modules)


def first_signature(rounds: int = 25) -> Iterator[Row]:
    _run(_OURS)  # writes the compiled files
    pairs = [(_run(_OURS), _run(_FLOOR)) for _ in range(rounds)]
    timings = Timings({"ours": [ours[0] for ours, _ in pairs], _FLOOR: [floor[0] for _, floor in pairs]})
    yield compared("B7", "import and first signature", timings, "ours", _FLOOR, 1.9, "ms")
    modules, base = pairs[0][0][1], pairs[0][1][1]
    yield Row(
        "B7",
        "modules loaded in addition to hmac and hashlib",
        str(modules - base),
        f"{base} by these",
        modules - base,
        16,
        unit="",
    )
