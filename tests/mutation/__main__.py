"""The result of ``mutmut run`` for each module, and every survivor that survivors.md does not justify.

``python -m tests.mutation [RUN…]``: the folders in which mutmut was run, by default this one.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

# Python knows a codec by any spelling: such a mutant is the original.
_CODEC = re.compile(r"""(?<=code\()"[-A-Za-z0-9]+"(?=\))""")
JUSTIFIED = Path(__file__).with_name("survivors.md")
KILLED = (1, 3)  # pytest: a test failed, or the session broke
TIMEOUTS = (36, 24, -24, 152, 255)  # mutmut: the mutant never ended


def results(run: Path) -> Iterator[tuple[str, dict[str, int | None]]]:
    """Each module of a run, with the exit code of each of its mutants (None: not tried)."""
    for meta in sorted((run / "mutants").rglob("*.py.meta")):
        codes: dict[str, int | None] = json.loads(meta.read_text("utf-8"))["exit_code_by_key"]
        if codes:
            yield str(meta.relative_to(run / "mutants")).removesuffix(".meta"), codes


def change(run: Path, mutant: str) -> str:
    """The lines that a mutant takes out and puts in, as a diff has them."""
    shown = subprocess.run(
        [sys.executable, "-m", "mutmut", "show", mutant], cwd=run, capture_output=True, text=True, check=True
    )
    lines = [
        line for line in shown.stdout.splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")
    ]
    return "\n".join(f"{line[0]} {line[1:].strip()}" for line in lines)


def is_justified(found: str, justified: str) -> bool:
    old, new = (
        [
            _CODEC.sub(lambda codec: codec[0].lower(), line[2:])
            for line in found.split("\n")
            if line[0] == sign
        ]
        for sign in "-+"
    )
    return old == new or f"```diff\n{found}\n```" in justified


def main(runs: list[str]) -> int:
    justified = JUSTIFIED.read_text("utf-8")
    unlisted = 0
    for run in [Path(name) for name in runs] or [Path()]:
        for module, codes in results(run):
            tried = {mutant: code for mutant, code in codes.items() if code is not None}
            alive = [mutant for mutant, code in tried.items() if code not in KILLED + TIMEOUTS]
            killed, codes = len(tried) - len(alive), tried
            sys.stdout.write(f"{module:34} {killed:4} of {len(codes):4} killed  {killed / len(codes):6.1%}\n")
            for mutant in alive:
                found = change(run, mutant)
                if not is_justified(found, justified):
                    unlisted += 1
                    sys.stdout.write(f"\n{mutant} (exit code {codes[mutant]})\n{found}\n\n")
    sys.stdout.write(f"{unlisted} survivors that {JUSTIFIED.name} does not list\n")
    return int(unlisted > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
