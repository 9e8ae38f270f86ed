"""Prints each budget with what was measured: ``python -m tests.benchmarks [--check] [B1 B2 …]``."""

from __future__ import annotations

import argparse
import sys

from . import bodies, cold, functions, signing, sizes

BENCHMARKS = {
    "B1": signing.sign,
    "B2": signing.presign,
    "B3": signing.verify,
    "B4": bodies.sign_file,
    "B5": bodies.sign_chunks,
    "B6": signing.sign_4a,
    "B7": cold.first_signature,
    "B10": sizes.shipped,
    "Lambda": functions.opener,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="B", help=f"which ones ({', '.join(BENCHMARKS)}); by default all"
    )
    parser.add_argument("--check", action="store_true", help="exit with 1 where a budget is missed")
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in BENCHMARKS]
    if unknown:
        parser.error(f"there is no benchmark {unknown[0]}: choose from {', '.join(BENCHMARKS)}")
    missed = 0
    for name in options.names or BENCHMARKS:
        for row in BENCHMARKS[name]():
            sys.stdout.write(f"{row}\n")
            sys.stdout.flush()
            missed += not row.met
    return 1 if missed and options.check else 0


sys.exit(main())
