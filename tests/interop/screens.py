"""Takes screenshots of the HTML pages of ``explain`` and ``diagnose`` in a real chromium, at two widths, light and dark.

``python -m tests.interop.screens`` accepts the pages as they are now: it writes fixtures/screens again, small pictures and
``layout.json``. Look at the pictures before you commit them.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from selenium import webdriver

from tests.chromium import browser

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "fixtures" / "screens"
LAYOUT = FOLDER / "layout.json"
WIDTHS = {390: 0.5, 1200: 0.25}  # CSS pixels, and the scale of the picture
SCHEMES = ("light", "dark")
CAPTURES = "fixtures/captures"
PAGES = {
    "explain": ("explain", f"{CAPTURES}/curl-bedrock.http"),
    "diagnose": ("diagnose", f"{CAPTURES}/curl-bedrock.http"),
}
_HIGHEST = (
    2000  # CSS pixels of a page that its picture shows: it ends before the rules, since their text changes
)
_KEYS = {
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
}
FLAGS = ("--hide-scrollbars", "--force-device-scale-factor=1")
# Measures the parts of the page: left edge and width, which depend on the design and not on fonts; parts that are wider
# than the screen; the lowest contrast of a text (WCAG 2.1, "contrast ratio"); links without a target; the fonts.
_MEASURE = """
const blocks = [...document.body.querySelectorAll("*")].filter(each => !["inline", "none"].includes(getComputedStyle(each).display));
const named = each => each.tagName.toLowerCase() + [...each.classList].map(name => "." + name).join("");
const parts = [];
for (const each of blocks) {
  if (each.closest("table, ul") && each.tagName !== "TABLE" && each.tagName !== "UL") continue;
  if (each.closest("details") && each.tagName !== "DETAILS") continue;
  const {left, width} = each.getBoundingClientRect();
  parts.push(`${named(each)} ${Math.round(left)} ${Math.round(width)}`);
}
const columns = [...document.querySelectorAll("tr:nth-child(2) > *")].slice(0, 3).map(each => {
  const {left, width} = each.getBoundingClientRect();
  return `${each.tagName.toLowerCase()} ${Math.round(left)} ${Math.round(width)}`;
});
const numbers = text => (text.match(/[\\d.]+/g) || []).map(Number);
const over = ([r, g, b, a = 1], under) => [r, g, b].map((value, at) => value * a + under[at] * (1 - a));
const probe = document.createElement("div");
probe.style.background = "Canvas";
document.body.append(probe);
const canvas = numbers(getComputedStyle(probe).backgroundColor).slice(0, 3);
probe.remove();
const behind = each => each ? over(numbers(getComputedStyle(each).backgroundColor), behind(each.parentElement)) : canvas;
const light = ([r, g, b]) => [r, g, b].map(value => value / 255).map(
  value => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
).reduce((sum, value, at) => sum + value * [0.2126, 0.7152, 0.0722][at], 0);
const contrasts = [...document.body.querySelectorAll("*")].filter(
  each => [...each.childNodes].some(node => node.nodeType === 3 && node.data.trim())
).map(each => {
  const ground = behind(each), text = over(numbers(getComputedStyle(each).color), ground);
  const [low, high] = [light(ground), light(text)].sort((one, other) => one - other);
  return [(high + 0.05) / (low + 0.05), named(each)];
}).sort(([one], [other]) => one - other);
const measure = font => {
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = font;
  return pen.measureText("Signature 0123 il MW").width.toFixed(2);
};
return {
  parts: [...parts, ...columns],
  wide: blocks.filter(each => each.getBoundingClientRect().right > innerWidth + 0.5).map(named),
  scrolls: document.documentElement.scrollWidth - innerWidth,
  contrast: contrasts[0],
  lost: [...document.querySelectorAll("a[href]")].filter(
    each => !document.getElementById(each.getAttribute("href").slice(1))).map(each => each.textContent),
  copied: [...document.querySelectorAll("pre.fix")].every(each => getComputedStyle(each).userSelect === "all"),
  canvas: canvas.join(" "),
  height: Math.floor(document.querySelector("details").getBoundingClientRect().top + scrollY),
  fonts: `${measure("16px system-ui")} ${measure("13px ui-monospace, monospace")}`,
};
"""
# How much two pictures differ: the share of pixels that differ by more than 48 of 255 in one of the colours.
_DIFFERENCE = """
const [one, other, done] = arguments;
const shown = text => new Promise((then, fail) => {
  const image = new Image();
  image.onload = () => then(image);
  image.onerror = fail;
  image.src = "data:image/png;base64," + text;
});
(async () => {
  const images = [await shown(one), await shown(other)];
  const [width, height] = [Math.max(...images.map(each => each.width)), Math.max(...images.map(each => each.height))];
  const [a, b] = images.map(image => {
    const pen = Object.assign(document.createElement("canvas"), {width, height}).getContext("2d");
    pen.drawImage(image, 0, 0);
    return pen.getImageData(0, 0, width, height).data;
  });
  let unlike = 0;
  for (let at = 0; at < a.length; at += 4)
    if ([0, 1, 2, 3].some(colour => Math.abs(a[at + colour] - b[at + colour]) > 48)) unlike++;
  done(unlike / (width * height));
})().catch(error => done(String(error)));
"""


def pages() -> dict[str, str]:
    """The pages, as the commands print them."""
    found = {}
    for name, command in PAGES.items():
        made = subprocess.run(
            [sys.executable, "-m", "sigv4", *command, "--html"],
            cwd=ROOT,
            env={**os.environ, **_KEYS},
            capture_output=True,
            text=True,
            timeout=120,
        )
        if not made.stdout.startswith("<!doctype html>"):
            raise RuntimeError(f"{command}: {made.stderr}")
        found[name] = made.stdout
    return found


def screens(driver: webdriver.Chrome) -> Iterator[tuple[str, dict[str, Any], bytes]]:
    """Name, measures and picture of each page at each width, in each scheme."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in pages().items():
            file = Path(folder) / f"{name}.html"
            file.write_text(text, "utf-8")
            for width, scale in WIDTHS.items():
                for scheme in SCHEMES:
                    yield f"{name}-{width}-{scheme}", *_screen(driver, file.as_uri(), width, scale, scheme)


def _screen(
    driver: webdriver.Chrome, url: str, width: int, scale: float, scheme: str
) -> tuple[dict[str, Any], bytes]:
    def command(name: str, parameters: dict[str, Any]) -> Any:
        return driver.execute_cdp_cmd(name, parameters)

    size = {"width": width, "height": 844, "deviceScaleFactor": 1, "mobile": False}
    command("Emulation.setDeviceMetricsOverride", size)
    command("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
    driver.get(url)
    measured: dict[str, Any] = driver.execute_script(_MEASURE)
    measured["fonts"] += f" chromium {driver.capabilities['browserVersion'].partition('.')[0]}"
    clip = {"x": 0, "y": 0, "width": width, "height": min(measured["height"], _HIGHEST), "scale": scale}
    shot = command("Page.captureScreenshot", {"format": "png", "captureBeyondViewport": True, "clip": clip})
    return measured, base64.b64decode(shot["data"])


def difference(driver: webdriver.Chrome, one: bytes, other: bytes) -> float:
    """The share of pixels that differ, from 0 to 1."""
    driver.get("about:blank")
    texts = [base64.b64encode(each).decode("ascii") for each in (one, other)]
    found = driver.execute_async_script(_DIFFERENCE, *texts)
    if not isinstance(found, (int, float)):
        raise RuntimeError(found)
    return float(found)


def main() -> int:
    accepted: dict[str, Any] = {}
    for old in FOLDER.glob("*.png"):
        old.unlink()
    with browser(*FLAGS) as driver:
        for name, measured, picture in screens(driver):
            accepted.setdefault("fonts", measured["fonts"])
            page = name.rpartition("-")[0]
            accepted.setdefault("parts", {})[page] = measured["parts"]
            (FOLDER / f"{name}.png").write_bytes(picture)
            sys.stdout.write(f"{name}: contrast {measured['contrast']}, wide {measured['wide']}\n")
    LAYOUT.write_text(json.dumps(accepted, indent=1) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
