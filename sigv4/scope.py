"""Formats and parses timestamps and the credential scope, with range checks (STS-2, STS-3)."""

from __future__ import annotations

from time import gmtime

from .errors import SigningError, repr_of
from .record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import TypeAlias

    When: TypeAlias = float | datetime  # epoch seconds, or an aware datetime

TERMINATOR = "aws4_request"
ALGORITHM_4A = "AWS4-ECDSA-P256-SHA256"  # defined here, because v4a is loaded only if it is used
# The words before the number of an AWS region (STS-4).
_DIRECTIONS = frozenset("north south east west central northeast northwest southeast southwest".split())
FIRST_SECOND, LAST_SECOND = -62135596800, 253402300799  # 0001-01-01T00:00:00Z … 9999-12-31T23:59:59Z
_MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_DAYS_BEFORE = (0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

# The last parsed date with its midnight, and the last parsed time with its second. Each is replaced in one
# step.
_day = ("19700101", 0)
_moment = ("19700101T000000Z", 0)


class Scope(Record):
    """A credential scope: ``date`` (YYYYMMDD), ``region``, ``service``. ``str`` gives the wire form."""

    date: str
    region: str
    service: str

    def __repr__(self) -> str:
        return f"Scope({str(self)!r})"

    def __str__(self) -> str:
        return f"{self.date}/{self.region}/{self.service}/{TERMINATOR}"


def check_name(kind: str, name: str) -> str:
    """A region or service name that a scope can hold. Raises SigningError."""
    if not isinstance(name, str) or not name:
        raise SigningError(
            f"the {kind} is {repr_of(name)}: expected a name such as 'us-east-1' or 'sagemaker'"
        )
    if not name.isascii() or not all(char.isalnum() or char in "-_." for char in name):
        raise SigningError(f"the {kind} is {name!r}: expected letters, digits, '-', '_' and '.' only")
    return name


def is_aws_region(text: str) -> bool:
    """Whether ``text`` is spelled as AWS spells its regions (STS-4): ``us-east-1``, ``us-gov-west-1``."""
    parts = text.split("-")
    return (
        len(parts) in (3, 4)
        and 2 <= len(parts[0]) <= 4
        and parts[-2] in _DIRECTIONS
        and parts[-1].isdigit()
        and len(parts[-1]) < 3
        and all(part.isalpha() and part.islower() for part in parts[:2])
    )


def epoch_seconds(at: When) -> float:
    """``at``, a number or an aware datetime, as epoch seconds. Raises SigningError."""
    if isinstance(at, (int, float)):
        return at
    if not hasattr(at, "utcoffset"):
        raise SigningError(f"at= is {type(at).__name__}: expected an aware datetime or epoch seconds")
    if at.utcoffset() is None:
        raise SigningError(f"at= is the naive datetime {at}: give it its time zone (tzinfo=timezone.utc)")
    return at.timestamp()


def whole_second(seconds: float) -> float:
    """A clock's time without its fraction. Raises SigningError unless it is a number."""
    try:
        return seconds // 1
    except TypeError:
        fault = f"the clock returned {type(seconds).__name__}: expected epoch seconds"
    raise SigningError(fault)


def format_timestamp(seconds: float) -> str:
    """``YYYYMMDDTHHMMSSZ`` of epoch seconds; a fraction is cut off. Raises SigningError outside years 1…9999.

    >>> format_timestamp(1440938160)
    '20150830T123600Z'
    """
    if not FIRST_SECOND <= seconds <= LAST_SECOND:  # NaN compares false as well
        raise SigningError(f"the time {repr_of(seconds)} is outside the years 1 to 9999: give epoch seconds")
    year, month, day, hour, minute, second = gmtime(seconds // 1)[:6]
    return f"{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z"


def parse_timestamp(text: str) -> int:
    """Epoch seconds of ``YYYYMMDDTHHMMSSZ``. Raises SigningError for any other form and impossible dates.

    >>> parse_timestamp("20150830T123600Z")
    1440938160
    """
    global _day, _moment
    last, seconds = _moment
    if last == text:
        return seconds
    digits = text[:8] + text[9:15]
    if not (len(text) == 16 and text[8] == "T" and text[15] == "Z" and digits.isascii() and digits.isdigit()):
        raise SigningError(f"expected a time as YYYYMMDDTHHMMSSZ (UTC), got {text[:40]!r}")
    known, midnight = _day
    date = digits[:8]
    if date != known:
        midnight = _seconds(text, int(date[:4]), int(date[4:6]), int(date[6:]), 0, 0, 0)
        _day = date, midnight
    clock = int(digits[8:])
    hour, minute, second = clock // 10000, clock // 100 % 100, clock % 100
    if hour > 23 or minute > 59 or second > 59:
        raise SigningError(f"{text!r} is not a date and time that exists")
    seconds = midnight + hour * 3600 + minute * 60 + second
    _moment = text, seconds
    return seconds


def extended_timestamp(seconds: float) -> str:
    """Epoch seconds as ``2015-08-30T12:36:00Z``, as in S3's answers and in cached credentials."""
    text = format_timestamp(seconds)
    return f"{text[:4]}-{text[4:6]}-{text[6:11]}:{text[11:13]}:{text[13:]}"


def parse_http_date(text: str) -> int:
    """Epoch seconds of a Date header, ``Fri, 24 May 2013 00:00:00 GMT``. Raises SigningError."""
    words = text.split(" ")
    if (
        len(words) == 6
        and len(words[0]) == 4
        and len(words[3]) == 4
        and words[2] in _MONTHS
        and words[5] in ("GMT", "+0000", "-0000")  # botocore writes -0000
        and words[4][2::3] == "::"
    ):
        numbers = words[1] + words[3] + words[4].replace(":", "")
        if len(numbers) == 12 and len(words[1]) == 2 and numbers.isascii() and numbers.isdigit():
            hour, minute, second = words[4].split(":")
            month = _MONTHS.index(words[2]) + 1
            return _seconds(text, int(words[3]), month, int(words[1]), int(hour), int(minute), int(second))
    raise SigningError(f"expected a date such as 'Fri, 24 May 2013 00:00:00 GMT', got {text[:40]!r}")


def _seconds(text: str, year: int, month: int, day: int, hour: int, minute: int, second: int) -> int:
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    if not (
        year >= 1
        and 1 <= month <= 12
        and 1 <= day <= _MONTH_DAYS[month - 1] + (leap and month == 2)
        and hour < 24
        and minute < 60
        and second < 60
    ):
        raise SigningError(f"{text!r} is not a date and time that exists")
    before = year - 1
    leap_days = before // 4 - before // 100 + before // 400 + (leap and month > 2)
    days = before * 365 + leap_days + _DAYS_BEFORE[month - 1] + day - 1
    return FIRST_SECOND + days * 86400 + hour * 3600 + minute * 60 + second
