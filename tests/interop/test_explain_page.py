"""``explain --html`` and ``diagnose --html`` in a real browser: they load nothing, and look as accepted.

Edges and widths of the parts, contrast and links are compared on every machine, since they depend only on the design; the
pictures only where chromium and its fonts are those with which the pictures were accepted.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("selenium")

from selenium import webdriver

from sigv4 import Credentials, Signer
from sigv4.cli.explanation_page import page
from tests import chromium
from tests.capture import OK, CapturingServer

from . import screens

pytestmark = [
    pytest.mark.interop,
    pytest.mark.slow,
    pytest.mark.skipif(chromium.IS_MISSING, reason=chromium.WHY),
]
ACCEPTED: dict[str, Any] = json.loads(screens.LAYOUT.read_text("utf-8"))
NAMES = [f"{page}-{width}" for page in screens.PAGES for width in screens.WIDTHS]
# The share of pixels that may differ: anti-aliasing changes about 0.1 %, a line that moves about 5 %.
MOST_UNLIKE = 0.01


@pytest.fixture(scope="module")
def driver() -> Iterator[webdriver.Chrome]:
    with chromium.browser(*screens.FLAGS) as opened:
        yield opened


@pytest.fixture(scope="module")
def shown(driver: webdriver.Chrome) -> dict[str, tuple[dict[str, Any], bytes]]:
    return {name: (measured, picture) for name, measured, picture in screens.screens(driver)}


@pytest.mark.parametrize("scheme", screens.SCHEMES)
@pytest.mark.parametrize("name", NAMES)
def test_the_layout_is_the_recorded_one(
    name: str, scheme: str, shown: dict[str, tuple[dict[str, Any], bytes]]
) -> None:
    measured = shown[f"{name}-{scheme}"][0]
    assert measured["parts"] == ACCEPTED["parts"][name]
    assert (measured["wide"], measured["scrolls"]) == ([], 0)
    assert measured["contrast"][0] >= 4.5, measured["contrast"]  # WCAG 2.1, level AA, of ordinary text
    assert measured["lost"] == []
    assert measured["copied"]
    dark = sum(float(each) for each in measured["canvas"].split()) < 200
    assert dark is (scheme == "dark")


@pytest.mark.parametrize("scheme", screens.SCHEMES)
@pytest.mark.parametrize("name", NAMES)
def test_the_picture_is_the_recorded_one(
    name: str, scheme: str, shown: dict[str, tuple[dict[str, Any], bytes]], driver: webdriver.Chrome
) -> None:
    measured, picture = shown[f"{name}-{scheme}"]
    if measured["fonts"] != ACCEPTED["fonts"]:
        pytest.skip(
            f"chromium or its fonts are others than accepted ({measured['fonts']}): layout compared alone"
        )
    accepted = (screens.FOLDER / f"{name}-{scheme}.png").read_bytes()
    assert screens.difference(driver, accepted, picture) <= MOST_UNLIKE


def test_a_different_picture_is_detected(
    shown: dict[str, tuple[dict[str, Any], bytes]], driver: webdriver.Chrome
) -> None:
    light, dark = (shown[f"diagnose-390-{scheme}"][1] for scheme in screens.SCHEMES)
    assert screens.difference(driver, light, light) == 0
    assert screens.difference(driver, light, dark) > 0.5
    assert screens.difference(driver, light, shown["explain-390-light"][1]) > MOST_UNLIKE


def test_the_page_renders_and_loads_nothing(tmp_path: Path, driver: webdriver.Chrome) -> None:
    with CapturingServer(lambda captured: OK) as server:
        signer = Signer("s3", "us-east-1", Credentials("AKIDEXAMPLE", "s" * 40, "TOKEN"))
        # A header that would load an image if it were not escaped.
        headers = {"X-Amz-Meta-A": f"<img src={server.origin}/x>", "User-Agent": "u"}
        explanation = signer.explain("GET", "https://b.example.com/a%20b?c=d", headers, at=1772600767)
        file = tmp_path / "page.html"
        file.write_text(page(explanation), "utf-8")
        driver.get(file.as_uri())
        source = driver.page_source
        assert server.captured == []
    assert "<code>/a%20b</code>" in source
    assert "x-amz-security-token:***" in source
    assert "<img" not in source
