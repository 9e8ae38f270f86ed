"""Parses times in the forms of AWS and its users into aware datetimes.

Source: Smithy specification, "timestampFormat trait".
"""

from __future__ import annotations

from sigv4.errors import SigningError
from sigv4.scope import parse_http_date

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime


def parse_timestamp(value: object) -> datetime:
    """``value`` as an aware datetime.

    A number, or a text with a number, counts as epoch seconds; the result is in the local time zone, as in
    boto. A text may also be ISO 8601 (``2018-10-23T22:46:17.501Z``, ``2018-10-23``) or an HTTP date. A
    datetime or text without a time zone is UTC.

    Raises ValueError.
    """
    from datetime import datetime, timezone

    if isinstance(value, datetime):
        found = value
    elif isinstance(value, (int, float)):
        found = _local(value)
    elif isinstance(value, str):
        found = _of_text(value.strip())
    else:
        raise ValueError(f"{type(value).__name__} is not a moment: expected a number, a text or a datetime")
    return found if found.tzinfo is not None else found.replace(tzinfo=timezone.utc)


def value_text(value: object) -> str:
    """A value of a result as text; a moment in ISO 8601."""
    isoformat = getattr(value, "isoformat", None)
    return str(value if isoformat is None else isoformat())


def _of_text(text: str) -> datetime:
    from datetime import datetime

    try:
        return _local(float(text))
    except ValueError:
        pass
    try:
        return _local(parse_http_date(text))
    except SigningError:
        return datetime.fromisoformat(_isoformat(text))


def _isoformat(text: str) -> str:
    """ISO 8601 in the form that Python 3.10 parses: no ``Z``, a fraction of six digits."""
    if text[-1:] in ("Z", "z"):
        text = f"{text[:-1]}+00:00"
    head, dot, rest = text.partition(".")
    if not dot:
        return text
    digits = rest[: len(rest) - len(rest.lstrip("0123456789"))]
    if not digits:
        raise ValueError(f"no digit follows the point of {text!r}")
    return f"{head}.{digits[:6]:0<6}{rest[len(digits) :]}"


def _local(seconds: float) -> datetime:
    from datetime import datetime, timezone

    try:
        return datetime.fromtimestamp(seconds, timezone.utc).astimezone()
    except (OverflowError, OSError):
        raise ValueError(f"{seconds} seconds are outside the supported years") from None
