"""Hypothesis without deadlines: the machines that run the tests are shared."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("sigv4", deadline=None)
settings.load_profile("sigv4")
