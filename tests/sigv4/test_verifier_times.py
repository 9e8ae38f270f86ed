"""VERIFY-9 to 13, VERIFY-18: dates, the window and the scope."""

from __future__ import annotations

from typing import Any

import pytest

from sigv4 import (
    SigningError,
    Verifier,
)
from tests.sigv4.signed import (
    BODY,
    HEADERS,
    KEY_ID,
    NOW,
    SECRET,
    Headers,
    fields,
    refusal,
    sign,
    verifier,
    with_credential,
)


@pytest.mark.parametrize(
    "date",
    [
        "",
        "2015-08-30T12:36:00Z",
        "20150830T123600",
        "20150830T123600.000Z",
        "20150830t123600z",
        "20150230T123600Z",
        "20150830T246000Z",
        "Sun, 30 Aug 2015 12:36:00 GMT",
        "20150830T123600Z,20150830T123600Z",
    ],
)
def test_verify_9_the_date_is_basic_iso(date: str) -> None:
    error = refusal(verifier(), {**sign(), "X-Amz-Date": date})
    message = (
        f"Date must be in ISO-8601 'basic format'. Got '{date}'. See http://en.wikipedia.org/wiki/ISO_8601"
    )
    assert fields(error) == ("VERIFY-9", "IncompleteSignature", 400, message)


HTTP_DATE = "Sun, 30 Aug 2015 12:36:00 GMT"


def signed_with_date_header(date: str) -> Headers:
    """A request dated by its Date header alone, signed by the rules (STS-3)."""
    import hashlib
    import hmac

    from tests.oracle import signing_keys

    digest = hashlib.sha256(BODY).hexdigest()
    canonical = f"POST\n/\n\ndate:{date}\nhost:h.example\n\ndate;host\n{digest}"
    scope = "20150830/us-east-1/sagemaker/aws4_request"
    text = f"AWS4-HMAC-SHA256\n20150830T123600Z\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = signing_keys(SECRET, "20150830", "us-east-1", "sagemaker")[-1]
    signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    authorization = (
        f"AWS4-HMAC-SHA256 Credential={KEY_ID}/{scope}, SignedHeaders=date;host, Signature={signature}"
    )
    return {"Host": "h.example", "Date": date, "Authorization": authorization}


ZONES = [HTTP_DATE.replace("GMT", zone) for zone in ("GMT", "+0000", "-0000")]


@pytest.mark.parametrize("date", [*ZONES, "20150830T123600Z"])
def test_sts_3_the_date_header_dates_a_request_without_x_amz_date(date: str) -> None:
    assert verifier().verify("POST", "/", signed_with_date_header(date), BODY).timestamp == NOW


def test_sts_3_x_amz_date_takes_precedence_over_date() -> None:
    headers = sign(headers={**HEADERS, "Date": "Mon, 01 Jan 2001 00:00:00 GMT"})
    assert verifier().verify("POST", "/", headers, BODY).timestamp == NOW


@pytest.mark.parametrize(
    "date",
    [
        "Sun, 30 Aug 2015 12:36:00 UTC",
        "Sun, 30 Aug 2015 12:36:00 +0100",
        "Sun, 30 Aug 2015 12:36:00 0000",
        "Sun, 30 aug 2015 12:36:00 GMT",
        "Sun, 31 Feb 2015 12:36:00 GMT",
        "Sun, 30 Aug 201500 12:36: GMT",
        "Sun, 30 Aug 20150 12::36:0 GMT",
        "Sunday, 30-Aug-15 12:36:00 GMT",
    ],
)
def test_verify_9_a_date_header_in_another_form(date: str) -> None:
    error = refusal(verifier(), signed_with_date_header(date))
    assert (error.stage, error.code, error.status) == ("VERIFY-9", "IncompleteSignature", 400)


@pytest.mark.parametrize("offset", [-300, -299, 0, 299, 300, 300.9])
def test_verify_10_11_the_window_includes_its_bounds(offset: float) -> None:
    assert verifier(now=NOW + offset).verify("POST", "/", sign(), BODY).timestamp == NOW


def test_verify_10_expired() -> None:
    error = refusal(verifier(now=NOW + 301), sign())
    message = (
        "Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z (20150830T124101Z - 5 min.)"
    )
    assert fields(error) == ("VERIFY-10", "SignatureDoesNotMatch", 403, message)


def test_verify_11_not_yet_current() -> None:
    error = refusal(verifier(now=NOW - 301), sign())
    message = (
        "Signature not yet current: 20150830T123600Z is still later than 20150830T123559Z "
        "(20150830T123059Z + 5 min.)"
    )
    assert fields(error) == ("VERIFY-11", "SignatureDoesNotMatch", 403, message)


@pytest.mark.parametrize(("window", "offset"), [(0, 0), (900, 900), (900, -900)])
def test_the_window_is_that_of_the_verifier(window: float, offset: float) -> None:
    checker = verifier(now=NOW + offset, window=window)
    assert checker.verify("POST", "/", sign(), BODY).timestamp == NOW
    assert refusal(verifier(now=NOW + window + 1, window=window), sign()).stage == "VERIFY-10"


@pytest.mark.parametrize("window", [-1, float("nan"), "300"])
def test_a_window_that_is_not_a_number_is_refused(window: Any) -> None:
    with pytest.raises(SigningError, match=f"window is {window!r}: expected seconds"):
        Verifier("s3", "us-east-1", lambda claim: None, window=window)


def test_verify_18_the_window_of_s3_is_15_minutes() -> None:
    assert Verifier("s3", "us-east-1", lambda claim: None).window == 900


@pytest.mark.parametrize(
    "credential",
    [KEY_ID, f"{KEY_ID}/20150830/us-east-1/sagemaker", f"{KEY_ID}/a/20150830/us-east-1/s/aws4_request"],
)
def test_verify_12_the_credential_has_five_parts(credential: str) -> None:
    error = refusal(verifier(), with_credential(credential))
    message = (
        "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, "
        f"got '{credential}'"
    )
    assert fields(error) == ("VERIFY-12", "IncompleteSignature", 400, message)


REGION = "Credential should be scoped to a valid region, not 'eu-west-1'. "
SERVICE = "Credential should be scoped to correct service: 'sagemaker'. "
TERM = "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws4'. "
DATE = (
    "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
    "'20150829' != '20150830', from '20150830T123600Z'. "
)


@pytest.mark.parametrize(
    ("scope", "message"),
    [
        ("20150830/eu-west-1/sagemaker/aws4_request", REGION),
        ("20150830/us-east-1/s3/aws4_request", SERVICE),
        ("20150830/us-east-1/sagemaker/aws4", TERM),
        ("20150829/us-east-1/sagemaker/aws4_request", DATE),
        ("20150829/eu-west-1/s3/aws4", REGION + SERVICE + TERM + DATE),
    ],
)
def test_verify_13_all_that_is_wrong_with_the_scope_is_named(scope: str, message: str) -> None:
    error = refusal(verifier(), with_credential(f"{KEY_ID}/{scope}"))
    assert fields(error) == ("VERIFY-13", "SignatureDoesNotMatch", 403, message)
