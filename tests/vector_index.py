"""The index of the vectors by rule: ``python -m tests.vector_index`` writes fixtures/vectors/meta/index.json."""

from __future__ import annotations

import json
import sys

from sigv4.auditing.rule_ids import cited
from tests.vectors import FOLDER, read

INDEX = FOLDER / "meta" / "index.json"
VERSION = "2.1.0"  # of the archive: major, a member changes its meaning; minor, vectors are added


def index() -> str:
    rules: dict[str, list[str]] = {}
    files = sorted(path.name for path in FOLDER.glob("*.json"))
    count = 0
    for name in files:
        for vector in read(name):
            count += 1
            error = vector["expect"].get("error")
            stage = str(error.get("stage", "")) if isinstance(error, dict) else ""
            for rule in cited(f"{vector['notes']} {vector['source']} {stage}"):
                rules.setdefault(rule, []).append(vector["id"])
    document = {
        "version": VERSION,
        "schema": 1,
        "files": files,
        "vectors": count,
        "rules": {rule: rules[rule] for rule in sorted(rules)},
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    if "--check" in sys.argv[1:]:
        sys.exit(INDEX.read_text("utf-8") != index())
    INDEX.write_text(index(), "utf-8")
