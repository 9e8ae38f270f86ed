"""The signer that was written from docs/protocol.md alone, in JavaScript, passes every case of its operations."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from sigv4.cli import main

pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed"),
]

SIGNER = Path(__file__).parent / "from_the_page" / "signer.mjs"
VECTORS = Path(__file__).parents[2] / "fixtures" / "vectors"


def test_the_signer_from_the_page_passes_every_case(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["conformance", str(VECTORS), "--lines", f"node {SIGNER}", "--json"])
    report = json.loads(capsys.readouterr().out)
    assert (code, report["failed"]) == (0, [])
    assert report["passed"] == report["cases"] > 270
    for rule in ("CR-PATH-2", "URL-1", "CHUNK-3", "TRAILER-1", "EVENT-4", "FORM-1", "V4A-2", "CHUNK-V4A-1"):
        assert report["rules"][rule]["passed"] > 0
