from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _no_pause_between_attempts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sigv4.providers.attempts._PAUSE", 0.0)
