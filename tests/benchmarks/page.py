"""docs/benchmarks.md and its two plots, made by ``python -m tests.benchmarks --page``."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from datetime import datetime, timezone
from importlib.metadata import PackageNotFoundError, version
from os import cpu_count
from pathlib import Path

from . import libraries, steps
from .plots import bars
from .row import MARKDOWN_HEAD, Row

DOCS = Path(__file__).resolve().parents[2] / "docs"
_PEERS = (
    "awscrt",
    "botocore",
    "boto3",
    "awscli",
    "requests-aws4auth",
    "aws-sdk-signers",
    "cryptography",
    "httpx",
)
_TEXT = """\
# Benchmarks

Made on {date} by

```sh
python -m tests.benchmarks --page
```

with the extra `interop` on Python {python}, {cores} cores, {system}, with {versions}. Absolute times depend on
the machine; ratios do so less. Each round measures every subject once. A ratio is the median over the rounds; half of the
rounds lie between the two figures beside it. The budget is the bound that the project has set for itself.

{table}

"Floor" is the least work that any program must do: for B1 two SHA-256 and one HMAC on the same bytes, for B7
`import hmac, hashlib`, for B8 `import http.client, ssl, json` and one POST without a signature. Under uvicorn (B11), requests are counted for each second
of the server's processor time, with sixteen requests waiting at any time: what one worker does when it is never idle. A worker that waits
between two requests spends more time on each of them itself, so that the ratios are nearer to 1. Every verifier compared there hashes the body
that it received.

A body of 8 MiB in one read (B5) takes longer than the same body in small reads because all its data are returned at once: the C library gets
the memory from the kernel page by page and gives it back each time. With `MALLOC_TRIM_THRESHOLD_=1000000000` and
`MALLOC_MMAP_THRESHOLD_=1000000000` in the environment, it is as fast as in reads of 64 KiB.

A row of B12 shows the steepest of three steps, each to four times the size: 62, 250, 1,000 and 4,000. Linear growth is 4.03 at most, and
less while a fixed cost is a large part.

{steps}
## By library

The same SageMaker POST, with what each library's documentation shows; `tests/benchmarks/libraries.py` has the code.

![Time of a signature in a warm process, by library](sign-time.svg)

![Time to the first signature of a process, by library](cold-start.svg)
"""


_STEPS = """\
## Where the time goes

`python -m tests.benchmarks Steps` calls each step alone, with the same arguments as in a whole call. Compare the shares rather than the
times. The rest of a whole call is function calls, the clock and the check of the credentials.

| step | takes | share |
|---|---|---|
{shares}

Three steps of a signature are cryptography: the hash of the body, the hash of the canonical request and the HMAC. They take more than a
third of it. Of the rest, reading the headers is the largest part: each name and value is checked before it is signed. For a new URL, the
query takes most: its escapes are checked and its parameters sorted. In a verification, the largest part is reading twelve headers that come
as bytes.

The middleware verifies, and does five things that a call of `verify` does not: it adds up the size of the headers before it reads them, starts
and ends coroutines for itself and for the body, takes a body that came with its head without setting a timer, compares its length with
Content-Length, and makes a scope and a `receive` for the application. The application, which reads the body and answers, is part of the
whole as well. The budget of 1.3 times `verify` in process leaves three tenths of a verification for all of these; each is small, but together they take
about seven tenths. What counts for a service is the rate under a server.

`python -m tests.benchmarks B11` measures three floors under the same uvicorn. "The hashes alone" reads the body, hashes as many bytes as a request of
this size needs, and computes one HMAC with a key that it keeps. "The signature alone" also decodes the headers, builds the canonical request and
compares the signature, but checks nothing else: not the date, the scope, the token, which headers are signed, sizes, or the form of names and
values. "`verify` alone" reads the body and calls `Verifier.verify`. The rows above compare their rates with that of the bare application, and the
lower the ratio, the more is added: the hashes least, then the signature alone, then `verify`, then the whole middleware. `verify` takes about
all that the budget of 0.55 leaves, so a leaner middleware alone would not keep it.

The first signature of a process (B7) is mostly the import of fifteen modules, each a file to find, to read and to run:
`python -X importtime -c 'from sigv4 import Credentials, Signer'` in a clone shows them one by one.
"""


def where_the_time_goes(rows: Sequence[Row]) -> str:
    """The section of the page for the rows of ``Steps``."""
    shares = [f"| {row.what} | {row.ours} | {row.ratio:.0%} of {row.against} |" for row in rows]
    return _STEPS.format(shares="\n".join(shares))


def write(rows: Sequence[Row]) -> list[Path]:
    """Writes the page and the plots; returns their paths."""
    plots = {
        "sign-time.svg": ("A signature in a warm process", libraries.warm()),
        "cold-start.svg": ("Import and first signature of a process", libraries.cold()),
    }
    texts = {
        name: bars(title, {library: timings.median(library) for library in timings.rounds}, ours="sigv4")
        for name, (title, timings) in plots.items()
    }
    texts["benchmarks.md"] = _TEXT.format(
        date=datetime.now(timezone.utc).strftime("%Y-%m-%d"),
        python=platform.python_version(),
        cores=cpu_count(),
        system=f"{platform.system()} {platform.machine()}",
        versions=", ".join(f"{name} {found}" for name in _PEERS if (found := _version(name))),
        table="\n".join([MARKDOWN_HEAD, *(row.markdown() for row in rows if row.name != steps.NAME)]),
        steps=where_the_time_goes([row for row in rows if row.name == steps.NAME]),
    )
    for name, text in texts.items():
        (DOCS / name).write_text(text, "utf-8")
    return [DOCS / name for name in texts]


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
