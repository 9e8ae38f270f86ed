"""Makes docs/comparison.md: ``python -m tests.interop [--why PEER]``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.interop.comparison.page import page
from tests.interop.comparison.peers import ALL, NEEDS, OURS
from tests.interop.comparison.run import RIGHT, WRONG, verdicts
from tests.interop.drivers.report import HEADING

PAGE = Path(__file__).parents[2] / "docs" / "comparison.md"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.interop", description=__doc__)
    parser.add_argument(
        "--why", metavar="PEER", help="print the reason for each mark of one peer, write nothing"
    )
    options = parser.parse_args()
    versions = {name: found for name, version, _ in ALL if (found := version())}
    columns = {}
    for name, _, peer in ALL:
        if name not in versions or options.why not in (None, name):
            if not options.why:
                sys.stdout.write(f"{name}: not installed; it needs {NEEDS.get(name, 'the extra interop')}\n")
            continue
        columns[name] = verdicts(peer)
        if options.why:
            for id_, verdict in columns[name].items():
                if verdict.mark != RIGHT:
                    sys.stdout.write(f"{id_:28} {verdict.mark:8} {verdict.why}\n")
            return 0
        sys.stdout.write(f"{name}: done\n")
    # The reports of the kit, below HEADING, are written by tests.interop.drivers.report.
    _, heading, kit = PAGE.read_text("utf-8").partition(HEADING)
    absent = [f"{name} ({NEEDS.get(name, 'the extra interop')})" for name, _, _ in ALL if name not in columns]
    PAGE.write_text(page(versions, columns, absent) + heading + kit, "utf-8")
    wrong = sum(verdict.mark == WRONG for name in OURS for verdict in columns[name].values())
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
