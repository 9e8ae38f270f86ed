"""Prints each budget with its measurement: ``python -m tests.benchmarks [--check] [--page] [B1 B2 …]``.

B9 is measured with B8.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator

from sigv4.config.numbers import plain_number

from . import (
    bodies,
    cold,
    cold_url,
    diagnosing,
    functions,
    growth,
    large_capture,
    local_endpoint,
    page,
    scale,
    signing,
    sizes,
    steps,
)
from .row import MARKDOWN_HEAD, Row


def _streams() -> Iterator[Row]:
    yield from bodies.sign_chunks()
    yield from scale.decode()


BENCHMARKS = {
    "B1": signing.sign,
    "B2": signing.presign,
    "B3": signing.verify,
    "B4": bodies.sign_file,
    "B5": _streams,
    "B6": signing.sign_4a,
    "B7": cold.first_signature,
    "B8": cold_url.one_url,
    "B10": sizes.shipped,
    "B11": scale.middleware,
    "B12": growth.growth,
    "B13": local_endpoint.mint_and_open,
    "B14": diagnosing.without_a_result,
    "Lambda": functions.opener,
    "Single": signing.carried,
    "Steps": steps.steps,
    "Scale": scale.scale,
    "Capture": large_capture.capture,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument(
        "names",
        nargs="*",
        metavar="B",
        help=f"which ones ({', '.join(BENCHMARKS)}); by default all but Capture, which takes minutes",
    )
    parser.add_argument("--check", action="store_true", help="exit with 1 where a budget is missed")
    parser.add_argument(
        "--tolerance",
        type=plain_number,
        default=1.0,
        help="with --check: by which factor a budget may be missed",
    )
    parser.add_argument("--markdown", action="store_true", help="print the rows as a Markdown table")
    parser.add_argument(
        "--page", action="store_true", help="write docs/benchmarks.md and its plots; takes all of them"
    )
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in BENCHMARKS]
    if unknown:
        parser.error(f"there is no benchmark {unknown[0]}: choose from {', '.join(BENCHMARKS)}")
    if options.page and options.names:
        parser.error("the page needs all benchmarks: leave out the names")
    if options.markdown:
        sys.stdout.write(f"{MARKDOWN_HEAD}\n")
    rows = []
    for name in options.names or [each for each in BENCHMARKS if each != "Capture"]:
        for row in BENCHMARKS[name]():
            sys.stdout.write(f"{row.markdown() if options.markdown else row}\n")
            sys.stdout.flush()
            rows.append(row)
    if options.page:
        for path in page.write(rows):
            sys.stdout.write(f"wrote {path.name}\n")
    return 1 if options.check and not all(row.is_within(options.tolerance) for row in rows) else 0


sys.exit(main())
