from __future__ import annotations

import os

import pytest


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pause between two attempts, and no proxy of this machine's."""
    monkeypatch.setattr("sigv4.environment.providers.attempts._PAUSE", 0.0)
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
