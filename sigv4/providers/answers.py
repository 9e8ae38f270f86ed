"""Credentials in JSON, as processes, containers and instances answer with them."""

from __future__ import annotations

import json

from ..credentials import Credentials
from ..errors import CredentialsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def json_object(raw: bytes, source: str) -> dict[str, Any]:
    """A JSON object. Raises CredentialsError, which never holds what was read."""
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        found = None
    raw = b""  # as below
    if not isinstance(found, dict):
        raise CredentialsError(f"{source}: expected a JSON object")
    return found


def credentials_in(found: dict[str, Any], source: str, token: str) -> Credentials:
    """The credentials of an answer, whose session token stands under ``token``. Raises CredentialsError."""
    try:
        for name in ("AccessKeyId", "SecretAccessKey"):
            if not isinstance(found.get(name), str) or not found[name]:
                raise CredentialsError(f"{source}: Missing required key in response: '{name}'")
        expiration = found.get("Expiration")
        if expiration is not None and not isinstance(expiration, str):
            raise CredentialsError(f"{source}: Expiration is no text such as 2026-01-02T03:04:05Z")
        return Credentials(
            found["AccessKeyId"].strip(),
            found["SecretAccessKey"].strip(),
            found[token].strip() if isinstance(found.get(token), str) else None,
            None if expiration is None else expiry(expiration, source),
        )
    finally:
        found = {}  # it holds the secret: not in the locals of a raised error


def expiry(text: str, source: str) -> float:
    """Epoch seconds of ``2026-01-02T03:04:05Z``, a fraction or an offset allowed. Raises CredentialsError."""
    from datetime import datetime, timezone

    whole, dot, rest = text.strip().replace("Z", "+00:00").replace("UTC", "+00:00").partition(".")
    digits = rest[: len(rest) - len(rest.lstrip("0123456789"))]
    fraction = f".{digits[:6]:0<6}" if dot else ""  # Python 3.10 reads three or six digits alone
    try:
        moment = datetime.fromisoformat(whole + fraction + rest[len(digits) :]) if digits or not dot else None
    except ValueError:
        moment = None
    if moment is None:
        raise CredentialsError(f"{source}: expected a time such as 2026-01-02T03:04:05Z, got {text[:40]!r}")
    return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp()


def printable(text: str) -> str:
    """What a terminal may be given of what a service or a program said of its failure."""
    return "".join([char if char.isprintable() else " " for char in text]).strip()


def iso(seconds: float) -> str:
    """``2026-01-02T03:04:05Z`` of epoch seconds."""
    from datetime import datetime, timezone

    return datetime.fromtimestamp(int(seconds), timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
