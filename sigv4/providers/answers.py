"""Parses credentials in JSON from processes, containers and instances."""

from __future__ import annotations

import json

from ..credentials import Credentials
from ..errors import CredentialsError, SigningError, printable
from ..scope import parse_http_date

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def json_object(raw: bytes, source: str) -> dict[str, Any]:
    """Parses a JSON object. Raises CredentialsError, whose text never contains the input."""
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        found = None
    raw = b""  # it may hold a secret: hidden from tracebacks with locals
    if not isinstance(found, dict):
        raise CredentialsError(f"{source}: expected a JSON object")
    return found


def texts_in(raw: bytes, *names: str) -> str:
    """The texts in these members of a JSON answer, as one printable text; ``""`` if there are none."""
    try:
        found = json_object(raw, "")
    except CredentialsError:
        return ""
    said = " ".join([found[name][:200] for name in names if isinstance(found.get(name), str)])
    return printable(said, " ").strip()


def credentials_in(found: dict[str, Any], source: str, token: str) -> Credentials:
    """The credentials in an answer; ``token`` is the name of its session token. Raises CredentialsError."""
    try:
        for name in ("AccessKeyId", "SecretAccessKey"):
            if not isinstance(found.get(name), str) or not found[name]:
                raise CredentialsError(f"{source}: Missing required key in response: '{name}'")
        expiration = found.get("Expiration")
        if expiration is not None and not isinstance(expiration, str):
            raise CredentialsError(f"{source}: Expiration is not text such as 2026-01-02T03:04:05Z")
        return Credentials(
            found["AccessKeyId"].strip(),
            found["SecretAccessKey"].strip(),
            found[token].strip() if isinstance(found.get(token), str) else None,
            None if expiration is None else expiry(expiration, source),
        )
    finally:
        found = {}  # it holds the secret: hidden from tracebacks with locals


def expiry(text: str, source: str) -> float:
    """Epoch seconds of an ISO 8601 time, such as ``2026-01-02T03:04:05Z``, or of an HTTP date.

    Without a time zone it is UTC. Raises CredentialsError.
    """
    found = text.strip()
    try:
        return parse_http_date(found) if found[:1].isalpha() else _iso_seconds(found.upper())
    except (ValueError, OverflowError, SigningError):
        fault = f"{source}: expected a time such as 2026-01-02T03:04:05Z, got {text[:40]!r}"
    raise CredentialsError(fault)


def _iso_seconds(text: str) -> float:
    """Epoch seconds of the basic or the extended form, the same on every Python. Raises ValueError."""
    from datetime import datetime, timedelta, timezone

    day, between, time = text.partition("T") if "T" in text.removesuffix("UTC") else text.partition(" ")
    clock, sign, zone = time, "", ""
    for name in ("UTC", "GMT", "Z"):
        clock = clock.removesuffix(name)
    clock = clock.rstrip(" ")
    for each in "+-":
        if each in clock:
            clock, sign, zone = clock.partition(each)
    whole, point, fraction = clock.replace(",", ".").partition(".")
    date, hours, offset = day.replace("-", ""), whole.replace(":", ""), zone.replace(":", "")
    lengths = len(date) == 8 and len(hours) in ((2, 4, 6) if between else (0,)) and len(offset) in (0, 2, 4)
    numbers = date + hours + offset + fraction
    if not (lengths and numbers.isascii() and numbers.isdigit()) or bool(point) != bool(fraction):
        raise ValueError
    hour, minute, second = (int(hours[at : at + 2] or 0) for at in (0, 2, 4))
    moment = datetime(int(date[:4]), int(date[4:6]), int(date[6:]), hour, minute, second, tzinfo=timezone.utc)
    shift = timedelta(hours=int(offset[:2] or 0), minutes=int(offset[2:] or 0))
    moment = moment + shift if sign == "-" else moment - shift
    return moment.timestamp() + float(f"0.{fraction or 0}")
