"""``sigv4 explain --html`` in a real browser: it renders, and asks nothing of anybody."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from sigv4 import Credentials, Signer
from sigv4.cli.explanation_page import page
from tests.capture import OK, CapturingServer

pytestmark = pytest.mark.interop

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")
@pytest.mark.slow
def test_the_page_renders_and_loads_nothing(tmp_path: Path) -> None:
    with CapturingServer(lambda captured: OK) as server:
        signer = Signer("s3", "us-east-1", Credentials("AKIDEXAMPLE", "s" * 40, "TOKEN"))
        # A header that would load an image, were it not escaped.
        headers = {"X-Amz-Meta-A": f"<img src={server.origin}/x>", "User-Agent": "u"}
        explanation = signer.explain("GET", "https://b.example.com/a%20b?c=d", headers, at=1772600767)
        file = tmp_path / "page.html"
        file.write_text(page(explanation), "utf-8")
        picture = tmp_path / "page.png"
        common = [
            str(CHROMIUM),
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            f"--user-data-dir={tmp_path}/profile",
        ]
        shown = subprocess.run(
            [*common, "--dump-dom", file.as_uri()], capture_output=True, timeout=120, check=True
        ).stdout.decode()
        subprocess.run(
            [*common, f"--screenshot={picture}", "--window-size=1200,1600", file.as_uri()],
            capture_output=True,
            timeout=120,
            check=True,
        )
        assert server.captured == []
    assert "<code>/a%20b</code>" in shown
    assert "x-amz-security-token:***" in shown
    assert "<img" not in shown
    assert picture.stat().st_size > 50_000  # a blank page of this size has some 5 000
