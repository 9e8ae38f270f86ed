"""Writes the corpus of faults again."""

from __future__ import annotations

import json
import sys

from .corpus import FILE, build

faults = build()
FILE.write_text(json.dumps({"schema": 1, "faults": faults}, indent=1, ensure_ascii=False) + "\n", "utf-8")
threads = [each["source"] for each in faults if "source" in each]
causes = {each["cause"] for each in faults}
sys.stdout.write(f"{len(faults)} faults, {len(causes)} causes\n")
sys.stdout.write(f"{len(threads)} of them from {len(set(threads))} public threads\n")
