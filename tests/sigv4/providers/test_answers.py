"""Answers of credential endpoints: the credentials and times that are read, and the errors for other answers."""

from __future__ import annotations

from typing import Any

import pytest

from sigv4 import Credentials, CredentialsError
from sigv4.providers.answers import credentials_in, expiry, json_object

KEYS = {"AccessKeyId": "ASIAEXAMPLE", "SecretAccessKey": "secret", "Token": "token"}


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"1", b"null", b"[" * 100_000, b"\xff"])
def test_only_a_json_object_is_accepted(raw: bytes) -> None:
    with pytest.raises(CredentialsError, match=r"^source: expected a JSON object$"):
        json_object(raw, "source")
    assert json_object(b'{"a": 1}', "source") == {"a": 1}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"AccessKeyId": None}, "source: Missing required key in response: 'AccessKeyId'"),
        ({"AccessKeyId": ""}, "source: Missing required key in response: 'AccessKeyId'"),
        ({"SecretAccessKey": 1}, "source: Missing required key in response: 'SecretAccessKey'"),
        ({"SecretAccessKey": ""}, "source: Missing required key in response: 'SecretAccessKey'"),
        ({"Expiration": 5}, "source: Expiration is not text such as 2026-01-02T03:04:05Z"),
        ({"Expiration": "soon"}, "source: expected a time such as 2026-01-02T03:04:05Z, got 'soon'"),
        ({"Expiration": "x" * 50}, f"source: expected a time such as 2026-01-02T03:04:05Z, got '{'x' * 40}'"),
    ],
)
def test_missing_members_of_an_answer_are_named(change: dict[str, Any], said: str) -> None:
    with pytest.raises(CredentialsError) as refused:
        credentials_in({**KEYS, **change}, "source", "Token")
    assert str(refused.value) == said


def test_credentials_are_accepted_without_their_white_space() -> None:
    padded = {name: f" {value}\n" for name, value in KEYS.items()}
    expected = Credentials("ASIAEXAMPLE", "secret", "token", 1767323045.0)
    assert credentials_in({**padded, "Expiration": " 2026-01-02T03:04:05Z "}, "s", "Token") == expected
    for other in ({"Token": 1}, {"Token": None}):
        found = credentials_in({**KEYS, **other}, "s", "Token")
        assert (found.session_token, found.expires_at) == (None, None)
    assert credentials_in(KEYS, "s", "SessionToken").session_token is None


# 1767323045 is 2026-01-02T03:04:05Z (by `date -u +%s`).
@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2026-01-02T03:04:05Z", 1767323045.0),
        ("2026-01-02 03:04:05", 1767323045.0),
        ("2026-01-02t03:04:05z", 1767323045.0),
        ("20260102T030405Z", 1767323045.0),
        ("2026-01-02T03:04:05UTC", 1767323045.0),
        ("2026-01-02 03:04:05 UTC", 1767323045.0),
        ("2026-01-02T03:04:05 GMT", 1767323045.0),
        ("2026-01-02T03:04:05.5Z", 1767323045.5),
        ("2026-01-02T03:04:05,25Z", 1767323045.25),
        ("2026-01-02T05:04:05+02:00", 1767323045.0),
        ("2026-01-02T05:34:05+0230", 1767323045.0),
        ("2026-01-02T01:04:05-02", 1767323045.0),
        ("2026-01-02T00:34:05-02:30", 1767323045.0),
        ("2026-01-02T03:04", 1767323040.0),
        ("2026-01-02T03", 1767322800.0),
        ("2026-01-02", 1767312000.0),
        ("Fri, 02 Jan 2026 03:04:05 GMT", 1767323045.0),
    ],
)
def test_the_forms_of_a_time(text: str, seconds: float) -> None:
    assert expiry(text, "source") == seconds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "T",
        "2026-01-02T",
        "2026-01-02T3",
        "2026-01-02T03:04:05.Z",
        "2026-01-02T030",
        "2026-01-2T03",
        "2026-13-02T03",
        "2026-01-02T25",
        "2026-01-02T03:04:05+1",
        "2026-01-02T03:04:05+123",
        "2026-01-02T03:04:05+12345",
        "2026-01-02T03:04:0x",
        "2026-01-02T03:04:0²",
        "x2026-01-02T03:04:05Z",
    ],
)
def test_a_text_that_is_not_a_time(text: str) -> None:
    with pytest.raises(CredentialsError, match=r"^source: expected a time such as"):
        expiry(text, "source")
