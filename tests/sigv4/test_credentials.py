"""Credentials with which nothing can be signed are refused; errors show the name of the field and never its value."""

from __future__ import annotations

import traceback
from typing import Any

import pytest

from sigv4 import Credentials, CredentialsError
from sigv4.credentials import is_access_key_id

BREAKS = (
    "access_key_id contains '/', ',' or '=', which would break the Credential: expected an access key id such as "
    "'AKIDEXAMPLE', got {} characters"
)
EDGES = "begins or ends with white space: strip it (a trailing newline is the usual cause)"
ENCODING = "contains control or non-ASCII characters: was it read with the wrong encoding?"
SPACE = "contains a space: was a '+' decoded as a space?"


@pytest.mark.parametrize(
    ("values", "text"),
    [
        (("", "s"), "access_key_id is empty"),
        (("A", ""), "secret_access_key is empty"),
        (("A", None), "secret_access_key is a str, not NoneType"),
        ((None, "s"), "access_key_id is a str, not NoneType"),
        (("A", b"s"), "secret_access_key is a str, not bytes"),
        (("A", "s", 5), "session_token is a str, not int"),
        (("A\n", "s"), f"access_key_id {EDGES}"),
        (("A", " s"), f"secret_access_key {EDGES}"),
        (("A", "s", "t\r\n"), f"session_token {EDGES}"),
        (("A", "s\0s"), f"secret_access_key {ENCODING}"),
        (("A", "s\u00e9"), f"secret_access_key {ENCODING}"),
        (("A", "s", "t\nt"), f"session_token {ENCODING}"),
        (("A", "s s"), f"secret_access_key {SPACE}"),
        (("A A", "s"), f"access_key_id {SPACE}"),
        (("A/20150830", "s"), BREAKS.format(10)),
        (("A,", "s"), BREAKS.format(2)),
        (("A=", "s"), BREAKS.format(2)),
        (
            ("A", "s", "t", None, "X-Token"),
            "token_name is 'X-Token': expected 'X-Amz-Security-Token' or 'X-Amz-S3session-Token'",
        ),
        (("A", "s", "t", "soon"), "expires_at is epoch seconds or None, not str"),
    ],
)
def test_invalid_values_are_refused_with_their_names(values: Any, text: str) -> None:
    with pytest.raises(CredentialsError) as caught:
        Credentials(*values)
    assert str(caught.value) == text


@pytest.mark.parametrize("values", [("A", "MARK\n"), ("A", "MARK MARK"), ("A", "s", "MARK\0")])
def test_a_refusal_shows_no_value(values: Any) -> None:
    with pytest.raises(CredentialsError) as caught:
        Credentials(*values)
    shown = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    inner = [frame for frame in shown.stack if frame.filename.endswith("credentials.py")]
    assert any("_check" in frame.name for frame in inner)
    assert all("MARK" not in str(frame.locals) for frame in inner if "sigv4/test" not in frame.filename)


def test_an_empty_session_token_is_none() -> None:
    assert Credentials("A", "s", "") == Credentials("A", "s")
    assert Credentials("A", "s", "").session_token is None


def test_the_token_of_an_s3_express_session_has_its_own_header() -> None:
    session = Credentials.of_s3_express_session("A", "s", "t", 5.0)
    assert session == Credentials("A", "s", "t", 5.0, "X-Amz-S3session-Token")
    assert Credentials.of_s3_express_session("A", "s", "t").expires_at is None
    assert Credentials("A", "s", "t").token_name == "X-Amz-Security-Token"


@pytest.mark.parametrize("text", ["AKIDEXAMPLE", "a", "minio-root-user", "user@example", "a.b"])
def test_an_access_key_id_is_printable_ascii(text: str) -> None:
    assert is_access_key_id(text)
    assert Credentials(text, "s").access_key_id == text


@pytest.mark.parametrize("text", ["", "a b", "a/b", "a,b", "a=b", "a\0", "\u00e9", "\u0661", "a\n"])
def test_what_would_break_the_credential_is_not_an_access_key_id(text: str) -> None:
    assert not is_access_key_id(text)
