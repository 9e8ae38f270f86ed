"""Decides when credentials may be refreshed, and when they must be."""

from __future__ import annotations

from ..credentials import Credentials

ADVISORY, MANDATORY = 900.0, 600.0  # seconds before the expiry: a refresh is possible, and is needed
_STRETCH = 600.0, 300.0  # seconds, and the most random seconds added to them


class Found:
    """Credentials, the time when they were found, and their provider."""

    __slots__ = ("at", "credentials", "provider")

    def __init__(self, credentials: Credentials, at: float, provider: str) -> None:
        self.credentials: Credentials = credentials
        self.at: float = at
        self.provider: str = provider

    def freshness(self, now: float) -> int:
        """2: fresh; 1: one caller should refresh them; 0: all wait. Short-lived ones are refreshed later."""
        expires = self.credentials.expires_at
        if expires is None:
            return 2
        life, left = max(expires - self.at, 0), expires - now
        if left > min(ADVISORY, life / 4):
            return 2
        return 1 if left > min(MANDATORY, life / 6) else 0


def stretched(credentials: Credentials, now: float) -> Credentials:
    """The same credentials, made valid for some minutes more (static stability).

    The time is random, so that many instances do not ask at the same time.
    """
    from random import random

    return Credentials(
        credentials.access_key_id,
        credentials.secret_access_key,
        credentials.session_token,
        now + _STRETCH[0] + random() * _STRETCH[1],  # noqa: S311 (spreads the load, hides nothing)
        credentials.token_name,
    )
