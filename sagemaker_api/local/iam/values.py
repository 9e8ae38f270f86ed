"""Parses the kinds of value that a condition compares.

Source: IAM User Guide, "IAM JSON policy elements: Condition operators".
"""

from __future__ import annotations

import base64
import re
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from ipaddress import IPv6Address, ip_address
from typing import NamedTuple

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
# The W3C profile of ISO 8601: a year, a month, a day, or a time with its zone.
_DATE = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(\.\d{1,9})?)?(?:Z|([+-])(\d\d):(\d\d)))?)?)?",
    re.ASCII,
)
_EPOCH_SECONDS = re.compile(r"-?\d{1,15}(\.\d{1,9})?", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d{1,40}(\.\d{1,40})?([eE][+-]?\d{1,3})?", re.ASCII)
_PREFIX = re.compile(r"0|[1-9]\d{0,2}", re.ASCII)


class Block(NamedTuple):
    """The addresses of one IP version from ``first`` to ``last``."""

    version: int
    first: int
    last: int

    def holds(self, other: Block) -> bool:
        return self.version == other.version and self.first <= other.first and other.last <= self.last


def network(text: str) -> Block:
    """Parses an IPv4 or IPv6 address, or a CIDR block; bits after the prefix are ignored.

    An address without a prefix is a block of one address. A block of IPv4-mapped IPv6 addresses becomes the
    IPv4 block. Raises ValueError.
    """
    base, slash, prefix = text.partition("/")
    if slash and not _PREFIX.fullmatch(prefix):
        raise ValueError(_IP_EXPECTED)
    version, number, _ = _address(base)
    bits = 32 if version == 4 else 128
    beyond = bits - int(prefix) if slash else 0
    if slash and version == 4 and ":" in base:  # the prefix of a mapped address includes its 96 bits
        if int(prefix) < 96:
            version, number, bits = 6, (0xFFFF << 32) | number, 128
        beyond = 128 - int(prefix)
    if not 0 <= beyond <= bits:
        raise ValueError(_IP_EXPECTED)
    first = number >> beyond << beyond
    return Block(version, first, first | ((1 << beyond) - 1))


def address(text: str) -> Block:
    """A request's address as a block of one address. The zone of a link-local address is dropped.

    Raises ValueError.
    """
    return _address(text.partition("%")[0])


def _address(text: str) -> Block:
    try:
        found = ip_address(text)
    except ValueError:
        raise ValueError(_IP_EXPECTED) from None
    if "%" in text:
        raise ValueError(_IP_EXPECTED)
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return Block(found.version, int(found), int(found))


def moment(text: str) -> Decimal:
    """Epoch seconds of a W3C date and time, or of epoch seconds; four digits alone are a year.

    Raises ValueError.
    """
    found = _DATE.fullmatch(text)
    if found is None:
        if _EPOCH_SECONDS.fullmatch(text):
            return Decimal(text)
        raise ValueError(_DATE_EXPECTED)
    year, month, day, hour, minute, second, fraction, sign, hours, minutes = found.groups(default="")
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0)) * (-1 if sign == "-" else 1)
    try:
        parts = (int(month or 1), int(day or 1), int(hour or 0), int(minute or 0), int(second or 0))
        since = datetime(int(year), *parts, tzinfo=timezone(offset)) - _EPOCH
    except (ValueError, OverflowError):
        raise ValueError(_DATE_EXPECTED) from None
    return Decimal(since.days * 86400 + since.seconds) + Decimal(fraction or 0)


def number(text: str) -> Decimal:
    """An integer or decimal number. Raises ValueError."""
    if not _NUMBER.fullmatch(text):
        raise ValueError("expected an integer or decimal number")
    return Decimal(text)


def boolean(text: str) -> bool:
    """``true`` or ``false`` in any case. Raises ValueError."""
    if text.lower() not in ("true", "false"):
        raise ValueError("expected true or false")
    return text.lower() == "true"


def binary(text: str) -> bytes:
    """The bytes that ``text`` holds in base64. Raises ValueError."""
    try:
        return base64.b64decode(text.encode("ascii"), validate=True)
    except ValueError:
        raise ValueError("expected bytes in base64") from None


_IP_EXPECTED = (
    "expected an IPv4 or IPv6 address or a CIDR block, such as 203.0.113.0/24 or 2001:DB8:1234:5678::/64"
)
_DATE_EXPECTED = (
    "expected a date as in 2026-01-31, a time with its zone as in 2026-01-31T12:00:00Z, or epoch seconds"
)
