"""Runs ``sigv4 conformance`` over some of the vectors."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sigv4.cli import main

VECTORS = Path(__file__).parents[3] / "fixtures" / "vectors"


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(("conformance", *arguments))
    return code, *capsys.readouterr()


def vectors(tmp_path: Path, *ids: str) -> Path:
    found = [
        vector
        for file in sorted(VECTORS.glob("*.json"))
        for vector in json.loads(file.read_text("utf-8"))["vectors"]
        if vector["id"] in ids
    ]
    file = tmp_path / "some.json"
    file.write_text(json.dumps({"schema": 1, "vectors": found}))
    return file
