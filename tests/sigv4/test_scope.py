"""Timestamps and names (STS-2…4), compared with the standard library's calendar."""

from __future__ import annotations

import datetime
from email.utils import format_datetime
from typing import Any

import pytest

from sigv4 import SigningError
from sigv4.scope import (
    Scope,
    check_name,
    epoch_seconds,
    extended_timestamp,
    format_timestamp,
    is_aws_region,
    parse_http_date,
    parse_timestamp,
)

UTC = datetime.timezone.utc
# The ends of years, of February and of days, around leap years.
MOMENTS = [
    datetime.datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    for year in (1, 4, 99, 100, 399, 400, 401, 1582, 1900, 1969, 1970, 2000, 2015, 2024, 2100, 9999)
    for month, day in ((1, 1), (2, 28), (3, 1), (4, 30), (12, 31))
    for hour, minute, second in ((0, 0, 0), (23, 59, 59), (12, 0, 1))
] + [datetime.datetime(2024, 2, 29, 1, 2, 3, tzinfo=UTC), datetime.datetime(2000, 2, 29, tzinfo=UTC)]
FIRST = datetime.datetime(1, 1, 1, tzinfo=UTC)


def _seconds(moment: datetime.datetime) -> int:
    return (moment - datetime.datetime(1970, 1, 1, tzinfo=UTC)) // datetime.timedelta(seconds=1)


def test_sts_3_every_moment_is_written_and_read_as_the_calendar_has_it() -> None:
    for moment in MOMENTS:
        text = moment.isoformat().replace("-", "").replace(":", "").removesuffix("+0000") + "Z"
        seconds = _seconds(moment)
        assert format_timestamp(seconds) == text
        assert parse_timestamp(text) == seconds
        assert parse_timestamp(text) == seconds, "a second time, from memory"
        assert extended_timestamp(seconds) == moment.isoformat().removesuffix("+00:00") + "Z"


def test_sts_3_a_fraction_is_cut_off() -> None:
    assert format_timestamp(1440938160.9) == "20150830T123600Z"
    assert format_timestamp(-0.5) == "19691231T235959Z"


def test_every_month_has_its_days() -> None:
    for year in (1900, 2000, 2023, 2024):
        for month in range(14):
            for day in (0, 1, 28, 29, 30, 31, 32):
                text = f"{year}{month:02}{day:02}T000000Z"
                try:
                    expected = _seconds(datetime.datetime(year, month, day, tzinfo=UTC))
                except ValueError:
                    with pytest.raises(SigningError, match="not a date and time that exists"):
                        parse_timestamp(text)
                else:
                    assert parse_timestamp(text) == expected


@pytest.mark.parametrize(
    "text",
    ["20150830T240000Z", "20150830T236000Z", "20150830T235960Z", "00000830T000000Z", "20150832T000000Z"],
)
def test_a_moment_that_does_not_exist_is_named(text: str) -> None:
    for _ in range(2):
        with pytest.raises(SigningError) as caught:
            parse_timestamp(text)
        assert str(caught.value) == f"'{text}' is not a date and time that exists"
    assert parse_timestamp(text[:4].replace("0000", "2015") + "0830T123600Z") == 1440938160


@pytest.mark.parametrize(
    "text",
    ["", "20150830", "20150830T123600", "20150830t123600Z", "20150830T123600z", "2015083OT123600Z", "2015-8-30T123600", "20150830T12360٣Z", "20150830T123600ZZ", "x" * 50],
)  # fmt: skip
def test_what_is_not_a_timestamp_is_shown_up_to_a_bound(text: str) -> None:
    with pytest.raises(SigningError) as caught:
        parse_timestamp(text)
    assert str(caught.value) == f"expected a time as YYYYMMDDTHHMMSSZ (UTC), got {text[:40]!r}"


@pytest.mark.parametrize("seconds", [-62135596801, 253402300800, float("nan"), float("inf"), 10**400])
def test_a_time_outside_the_years_is_refused(seconds: float) -> None:
    with pytest.raises(SigningError) as caught:
        format_timestamp(seconds)
    assert str(caught.value) == f"the time {seconds!r} is outside the years 1 to 9999: give epoch seconds"
    assert format_timestamp(253402300799) == "99991231T235959Z"
    assert format_timestamp(_seconds(FIRST)) == "00010101T000000Z"


def test_a_date_header_is_read_as_the_standard_library_writes_it() -> None:
    for moment in MOMENTS:
        text = format_datetime(moment, usegmt=True)
        assert parse_http_date(text) == _seconds(moment)
        for zone in ("+0000", "-0000"):
            assert parse_http_date(text.replace("GMT", zone)) == _seconds(moment)


@pytest.mark.parametrize(
    "text",
    [
        "", "Fri, 24 May 2013 00:00:00", "Fri 24 May 2013 00:00:00 GMT", "Fri, 24 may 2013 00:00:00 GMT",
        "Fri, 24 May 2013 00:00:00 UTC", "Fri, 24 May 13 00:00:00 GMT", "Fri, 4 May 2013 00:00:00 GMT",
        "Fri, 24 May 2013 0:00:00 GMT", "Fri, 24 May 2013 00.00.00 GMT", "Fri, 24 May 2013 00:00 GMT",
        "Fri, 24 May 2013 00:00:00 GMT ", "Friday, 24 May 2013 00:00:00 GMT", "Fri, 24 May 201٣ 00:00:00 GMT",
        "Fri, 024 May 013 00:00:00 GMT", "Fri, 24 May 2013 00:00:0x GMT", "Fri, 24 May 20133 00:00:00 GMT", "x" * 50,
        "Fri,  24 May 2013 00:00:00 GMT", "Fri, 24 May 2013 000:00:0 GMT", "Fri, 2 4 May 2013 00:00:00 GMT",
    ],
)  # fmt: skip
def test_any_other_date_header_is_refused(text: str) -> None:
    with pytest.raises(SigningError) as caught:
        parse_http_date(text)
    assert str(caught.value) == f"expected a date such as 'Fri, 24 May 2013 00:00:00 GMT', got {text[:40]!r}"


@pytest.mark.parametrize("clock", ["24:00:00", "23:60:00", "23:59:60"])
def test_a_clock_of_a_date_header_has_its_range(clock: str) -> None:
    text = f"Fri, 24 May 2013 {clock} GMT"
    with pytest.raises(SigningError) as caught:
        parse_http_date(text)
    assert str(caught.value) == f"'{text}' is not a date and time that exists"


def test_a_time_of_the_caller_is_seconds_or_an_aware_datetime() -> None:
    assert epoch_seconds(5) == 5
    assert epoch_seconds(5.5) == 5.5
    assert epoch_seconds(datetime.datetime(2015, 8, 30, 12, 36, tzinfo=UTC)) == 1440938160
    naive = datetime.datetime(2015, 8, 30, 12, 36)
    with pytest.raises(SigningError) as caught:
        epoch_seconds(naive)
    assert str(caught.value) == (
        "at= is the naive datetime 2015-08-30 12:36:00: give it its time zone (tzinfo=timezone.utc)"
    )
    text: Any = "now"
    with pytest.raises(SigningError) as caught:
        epoch_seconds(text)
    assert str(caught.value) == "at= is str: expected an aware datetime or epoch seconds"


def test_sts_2_a_name_of_a_scope() -> None:
    for name in ("us-east-1", "sagemaker", "a_b.c-1", "A"):
        assert check_name("region", name) == name
    wrong: Any
    for wrong in ("", None, 5):
        with pytest.raises(SigningError) as caught:
            check_name("service", wrong)
        expected = "expected a name such as 'us-east-1' or 'sagemaker'"
        assert str(caught.value) == f"the service is {wrong!r}: {expected}"
    for name in ("a/b", "é", "a b", "a\n", "a,b", "٣"):
        with pytest.raises(SigningError) as caught:
            check_name("region", name)
        assert str(caught.value) == f"the region is {name!r}: expected letters, digits, '-', '_' and '.' only"


@pytest.mark.parametrize(
    "text",
    [
        "us-east-1", "ap-southeast-7", "us-gov-west-1", "cn-north-1", "eusc-de-east-1", "us-isof-south-1",
        "me-central-1", "us-iso-east-1", "mx-central-1", "us-east-12", "eu-northwest-1", "ca-west-1",
    ],
)  # fmt: skip
def test_sts_4_a_name_that_is_spelled_as_a_region(text: str) -> None:
    assert is_aws_region(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "us-east", "us-east-", "us-east-1a", "us-east-123", "u-east-1", "useas-east-1", "us-easy-1",
        "US-east-1", "us-1-east-1", "us-gov-x-west-1", "us--east-1", "u1-east-1", "us-Gov-west-1", "us-east-x",
        "us-1", "east-1", "-east-1",
    ],
)  # fmt: skip
def test_sts_4_a_name_that_is_not_spelled_as_a_region(text: str) -> None:
    assert not is_aws_region(text)


def test_sts_2_a_scope_is_shown_in_its_wire_form() -> None:
    scope = Scope("20150830", "us-east-1", "iam")
    assert str(scope) == "20150830/us-east-1/iam/aws4_request"
    assert repr(scope) == "Scope('20150830/us-east-1/iam/aws4_request')"
