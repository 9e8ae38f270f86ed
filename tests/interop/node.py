"""Signers from npm to compare with, called through a small Node script, ``node/bridge.mjs``."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent / "node"
PACKAGES = json.loads((HERE / "package.json").read_text("utf-8"))["dependencies"]


def modules() -> Path:
    """The folder of the npm packages: SIGV4_NODE_MODULES, or the folder that .ci/run makes."""
    given = os.environ.get("SIGV4_NODE_MODULES")
    return Path(given) if given else HERE.parents[2] / ".venv" / "node" / "node_modules"


def missing() -> str | None:
    """The reason why these signers cannot be called; None if they can."""
    if shutil.which("node") is None:
        return "node is not installed"
    absent = [name for name in PACKAGES if not (modules() / name).is_dir()]
    return f"the npm package {absent[0]} is not installed (see .ci/run)" if absent else None


def ask(questions: Iterable[dict[str, Any]]) -> list[Any]:
    """Asks the Node script; returns one answer for each question, in order."""
    command = ["node", str(HERE / "bridge.mjs"), str(modules().parent)]
    asked = "".join(f"{json.dumps(question)}\n" for question in questions)
    done = subprocess.run(command, input=asked.encode(), stdout=subprocess.PIPE, check=True, timeout=300)
    return [json.loads(line) for line in done.stdout.splitlines()]
