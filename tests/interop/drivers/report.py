"""Writes the kit's reports on five signers into the page: ``python -m tests.interop.drivers.report``."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.interop import node

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "comparison.md"
DRIVERS = Path(__file__).parent
HEADING = "\n## The conformance kit, by rule\n"
SAID = """
`sigv4 conformance --lines PROGRAM` with the drivers of `tests/interop/drivers/` and the signer that was written from
[protocol.md](protocol.md) alone; made by `python -m tests.interop.drivers.report`. The table has the passed cases and all cases of each rule; a dash means that
the signer does not support what the rule is about. A case passes only if exactly the request of the question is printed and signed.
So a signer that rewrites a URL or moves headers into the query (URL-4) fails cases that a server may accept.
The cases that must be refused (`NEG-…`) are included.
"""


def programs() -> dict[str, list[str]]:
    """The command of each signer that is installed, by its name."""
    found: dict[str, list[str]] = {}
    packages = str(node.modules().parent)
    if node.missing() is None:
        found["@smithy/signature-v4"] = ["node", str(DRIVERS / "smithy.mjs"), packages]
        found["aws4"] = ["node", str(DRIVERS / "aws4.mjs"), packages]
    if shutil.which("curl"):
        found["curl"] = [sys.executable, "-m", "tests.interop.drivers.curl"]
    if shutil.which("ruby"):
        found["aws-sigv4 (Ruby)"] = ["ruby", str(DRIVERS / "aws_sigv4.rb")]
    if shutil.which("node"):
        found["from the page"] = ["node", str(DRIVERS.parent / "from_the_page" / "signer.mjs")]
    return found


def report(command: list[str]) -> dict[str, Any]:
    """The kit's report on one program. Raises an error if the kit itself fails."""
    words = [
        sys.executable,
        "-m",
        "sigv4",
        "conformance",
        "fixtures/vectors",
        "--json",
        "--lines",
        shlex.join(command),
    ]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=500, check=False)
    if done.returncode not in (0, 1):
        raise RuntimeError(done.stderr)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def section(reports: dict[str, dict[str, Any]]) -> str:
    names = list(reports)
    rules = sorted({rule for each in reports.values() for rule in each["rules"]})
    lines = [HEADING, SAID, f"| rule | {' | '.join(names)} |", f"|---|{'---|' * len(names)}"]
    total = [f"{each['passed']}/{each['cases']}" for each in reports.values()]
    lines.append(f"| **all** | {' | '.join(total)} |")
    for rule in rules:
        cells = []
        for each in reports.values():
            count = each["rules"].get(rule)
            cells.append(f"{count['passed']}/{count['cases']}" if count else "–")
        lines.append(f"| {rule} | {' | '.join(cells)} |")
    return "\n".join([lines[0] + lines[1], *lines[2:]]) + "\n"


def with_section(page: str, text: str) -> str:
    return page.partition(HEADING)[0].rstrip("\n") + "\n" + text


def main() -> int:
    reports = {}
    for name, command in programs().items():
        reports[name] = report(command)
        sys.stdout.write(f"{name}: {reports[name]['passed']} of {reports[name]['cases']}\n")
    PAGE.write_text(with_section(PAGE.read_text("utf-8"), section(reports)), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
