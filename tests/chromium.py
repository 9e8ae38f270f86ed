"""Starts and ends a headless chromium for tests."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
IS_MISSING = CHROMIUM is None or DRIVER is None
WHY = "there is no chromium with chromium-driver (of Debian)"
_FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu")


@contextmanager
def browser(*flags: str) -> Iterator[webdriver.Chrome]:
    """A browser with its own profile, which is removed at the end."""
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        for flag in (*_FLAGS, *flags, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        driver = webdriver.Chrome(options=options, service=Service(executable_path=str(DRIVER)))
        try:
            yield driver
        finally:
            driver.quit()
