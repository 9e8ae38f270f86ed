"""Reads HAR and "Copy as cURL" of a real chromium, stored and new, and finds the bytes that were sent."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("selenium")

from sigv4 import Credentials, diagnose
from sigv4.auditing.captures import read_captures
from tests import chromium
from tests.capture import SECRET

from . import browser_captures

pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(chromium.IS_MISSING, reason=chromium.WHY),
]
KEYS = Credentials("AKIDEXAMPLE", SECRET)


def test_what_chromium_saves_is_the_request_that_was_signed() -> None:
    found = browser_captures.captured_by_chromium()
    for name, text in found.items():
        ((request, response),) = read_captures(text.encode())
        assert (request.method, request.body.decode()) == ("POST", browser_captures.BODY), name
        assert request.url.endswith(browser_captures.TARGET), name
        diagnosis = diagnose(*request, credentials=KEYS, response=response)
        if "sanitized" in name:
            assert (diagnosis.findings[0].id, diagnosis.verdict) == ("FAIL-56", "undecided"), str(diagnosis)
        else:
            assert diagnosis.signature_matches is True, f"{name}\n{diagnosis}"
        kept = read_captures((browser_captures.FOLDER / name).read_bytes())[0][0]
        assert {each.lower() for each, _ in kept.headers} == {each.lower() for each, _ in request.headers}
    assert {Path(name).stem for name in found} >= {"chromium", "chromium-curl", "chromium-curl-cmd"}
