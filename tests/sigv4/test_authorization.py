"""VERIFY-6, VERIFY-7, URL-2: what is read from an Authorization header and a query, refused in AWS's own words."""

from __future__ import annotations

from typing import Any

import pytest

from sigv4 import DEFAULT, V4, V4A, Credentials, SigningError, VerificationError, authorization, v4, v4a
from sigv4.authorization import KeySource, algorithm_of, life_of, parse_expires, parse_header, parse_query

CREDENTIAL = "AKID/20150830/us-east-1/iam/aws4_request"
TAKEN = (V4,)


def header(text: str, *, dated: bool = True, strict: bool = False) -> tuple[str, str, str, str]:
    return parse_header(text, TAKEN, dated=dated, strict=strict)


def refused(call: object, *arguments: object, **options: object) -> tuple[str, str, int, str]:
    assert callable(call)
    with pytest.raises(VerificationError) as caught:
        call(*arguments, **options)
    error = caught.value
    return error.stage, error.code, error.status, error.message


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize(
    "parts",
    [
        f"Credential={CREDENTIAL}, SignedHeaders=host;x-amz-date, Signature=ab",
        f"Signature=ab,Credential={CREDENTIAL},SignedHeaders=host;x-amz-date",
        f"  SignedHeaders=host;x-amz-date\tSignature=ab Credential={CREDENTIAL} ,",
    ],
)
def test_verify_6_the_three_parts_in_any_order(parts: str, strict: bool) -> None:
    assert header(f"{V4} {parts}", strict=strict) == (V4, CREDENTIAL, "host;x-amz-date", "ab")


def test_verify_6_a_value_begins_after_the_first_equal_sign() -> None:
    text = f"{V4} Credential=a=b, SignedHeaders==, Signature=ab=="
    assert header(text) == header(text, strict=True) == (V4, "a=b", "=", "ab==")


def test_verify_6_only_comma_space_and_tab_separate_words() -> None:
    """``str.split()`` would also split at 0x85 and 0xA0, which a value may contain."""
    text = f"{V4} Credential=a\x85b\xa0c,\tSignedHeaders=\x1chost\tSignature=é"
    assert header(text) == (V4, "a\x85b\xa0c", "\x1chost", "é")
    assert refused(header, f"{V4} Credential=a\x85b\tc,Signature=é")[3] == (
        "'c' not a valid key=value pair (missing equal-sign) in Authorization header: "
        f"'{V4} Credential=a\x85b\tc,Signature=é'."
    )


def test_verify_6_the_last_of_a_repeated_part_counts_unless_strict() -> None:
    text = f"{V4} Credential=a, SignedHeaders=host, Signature=1, Signature=2"
    assert header(text)[3] == "2"
    assert header(f"{V4} Credential=a, SignedHeaders=host, Signature=1, Other=2")[3] == "1"
    for part, more in (("Signature", "Signature=2"), ("Other", "Other=2"), ("Credential", "Credential=b=c")):
        assert refused(
            header, f"{V4} Credential=a, SignedHeaders=host, Signature=1, {more}", strict=True
        ) == (
            "VERIFY-6c",
            "IncompleteSignature",
            400,
            f"'{part}' is repeated or unknown in the Authorization header.",
        )
    assert refused(header, f"{V4} Credential=a, SignedHeaders=host, Other=1", strict=True)[0] == "VERIFY-6c"


@pytest.mark.parametrize("name", ["", "AWS", "aws4-hmac-sha256", V4A, "AWS4-HMAC-SHA256,Credential=a"])
def test_verify_6a_an_algorithm_that_is_not_accepted(name: str) -> None:
    assert refused(header, f"{name} Credential=a, SignedHeaders=host, Signature=1") == (
        "VERIFY-6a", "IncompleteSignature", 400, f"Unsupported AWS 'algorithm': '{name}'.",
    )  # fmt: skip


CREDENTIAL_MISSING = "Authorization header requires 'Credential' parameter."
SIGNATURE_MISSING = "Authorization header requires 'Signature' parameter."
NAMES_MISSING = "Authorization header requires 'SignedHeaders' parameter."
DATE_MISSING = "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize(
    ("parts", "dated", "words"),
    [
        ("SignedHeaders=h, Signature=1", True, [CREDENTIAL_MISSING]),
        ("Credential=a, Signature=1", True, [NAMES_MISSING]),
        ("Credential=a, SignedHeaders=h", True, [SIGNATURE_MISSING]),
        ("Credential=, SignedHeaders=, Signature=", True, [CREDENTIAL_MISSING, SIGNATURE_MISSING, NAMES_MISSING]),
        ("Credential=a, SignedHeaders=h, Signature=1", False, [DATE_MISSING]),
        ("Credential=a", False, [SIGNATURE_MISSING, NAMES_MISSING, DATE_MISSING]),
    ],
)  # fmt: skip
def test_verify_6d_all_that_is_missing_is_named(
    parts: str, dated: bool, words: list[str], strict: bool
) -> None:
    assert refused(header, f"{V4} {parts}", dated=dated, strict=strict) == (
        "VERIFY-6d", "IncompleteSignature", 400, f"{' '.join(words)} Authorization={V4}",
    )  # fmt: skip


# --- VERIFY-7

QUERY = (
    f"X-Amz-Algorithm={V4}&X-Amz-Credential=AKID%2F20150830&X-Amz-Date=20150830T123600Z&X-Amz-Expires=60"
    "&X-Amz-Signature=ab%3Dcd&X-Amz-SignedHeaders=host%3Ba&a=b&c="
)


def test_verify_7_the_parameters_are_decoded_and_the_rest_is_what_was_signed() -> None:
    parts, signed = parse_query(QUERY, TAKEN)
    assert parts == {
        "X-Amz-Algorithm": V4,
        "X-Amz-Credential": "AKID/20150830",
        "X-Amz-Date": "20150830T123600Z",
        "X-Amz-Expires": "60",
        "X-Amz-Signature": "ab=cd",
        "X-Amz-SignedHeaders": "host;a",
    }
    assert signed == QUERY.replace("&X-Amz-Signature=ab%3Dcd", "")
    assert parse_query(QUERY, TAKEN, ("X-Amz-Signature", "a"))[1] == signed.replace("&a=b", "")
    assert parse_query(f"{QUERY}&x=X-Amz-Algorithm=1", TAKEN)[1] == f"{signed}&x=X-Amz-Algorithm=1"


def test_verify_7_a_repeated_parameter() -> None:
    for name in ("X-Amz-Signature", "X-Amz-Expires", "X-Amz-Region-Set"):
        assert refused(parse_query, f"{QUERY}&{name}=1&{name}=1", TAKEN) == (
            "VERIFY-7", "IncompleteSignature", 400,
            f"AWS query-string parameters must include '{name}' only once.",
        )  # fmt: skip


@pytest.mark.parametrize("name", ["AWS4", "", V4A])
def test_verify_7_an_algorithm_that_is_not_accepted(name: str) -> None:
    assert refused(parse_query, QUERY.replace(V4, name), TAKEN) == (
        "VERIFY-7", "MissingAuthenticationToken", 403, "Request is missing Authentication Token",
    )  # fmt: skip


def test_verify_7_all_that_is_missing_is_named() -> None:
    for query in (f"X-Amz-Algorithm={V4}", f"X-Amz-Algorithm={V4}&X-Amz-Signature=&X-Amz-Date"):
        assert refused(parse_query, query, TAKEN) == (
            "VERIFY-7", "IncompleteSignature", 400,
            "AWS query-string parameters must include 'X-Amz-Credential'. "
            "AWS query-string parameters must include 'X-Amz-Signature'. "
            "AWS query-string parameters must include 'X-Amz-SignedHeaders'. "
            "AWS query-string parameters must include 'X-Amz-Date'. Re-examine the query-string parameters.",
        )  # fmt: skip


# --- URL-2

TOO_LONG = (
    "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than "
    "604800 seconds"
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters."),
        ("-1", "X-Amz-Expires must be non-negative"),
        ("-", "X-Amz-Expires should be a number"),
        ("--1", "X-Amz-Expires should be a number"),
        ("-1a", "X-Amz-Expires should be a number"),
        ("", "X-Amz-Expires should be a number"),
        ("+1", "X-Amz-Expires should be a number"),
        ("1.0", "X-Amz-Expires should be a number"),
        ("²", "X-Amz-Expires should be a number"),
        ("604801", TOO_LONG),
        ("0604801", TOO_LONG),
        ("9" * 5000, TOO_LONG),
        ("0", "X-Amz-Expires must be at least 1"),
        ("000000", "X-Amz-Expires must be at least 1"),
        ("0" * 5000, "X-Amz-Expires must be at least 1"),
        ("-²", "X-Amz-Expires should be a number"),
    ],
)  # fmt: skip
def test_url_2_a_lifetime_that_is_refused(text: str | None, words: str) -> None:
    assert refused(parse_expires, text) == ("VERIFY-7", "AuthorizationQueryParametersError", 400, words)


@pytest.mark.parametrize(
    ("text", "seconds"), [("1", 1), ("604800", 604800), ("000060", 60), ("0604800", 604800)]
)
def test_url_2_a_lifetime_that_is_accepted(text: str, seconds: int) -> None:
    assert parse_expires(text) == seconds


def test_an_algorithm_is_one_of_two() -> None:
    assert algorithm_of(V4) is v4
    assert algorithm_of(V4A) is v4a
    with pytest.raises(SigningError) as caught:
        algorithm_of("AWS3")
    assert str(caught.value) == (
        "the algorithm is 'AWS3': expected V4 ('AWS4-HMAC-SHA256') or V4A ('AWS4-ECDSA-P256-SHA256')"
    )


def test_verify_6_the_usual_form_takes_the_fast_path(monkeypatch: pytest.MonkeyPatch) -> None:
    def parts(*given: object, **options: object) -> object:
        raise AssertionError(given)

    monkeypatch.setattr(authorization, "_parse_parts", parts)
    text = f"{V4} Credential={CREDENTIAL}, SignedHeaders=host;x-amz-date, Signature=ab"
    assert header(text) == (V4, CREDENTIAL, "host;x-amz-date", "ab")


def test_verify_6_an_algorithm_that_is_not_accepted_is_refused_first_or_last() -> None:
    name = "X" * 50
    with pytest.raises(VerificationError) as caught:
        header(name)
    assert (caught.value.stage, caught.value.details) == (
        "VERIFY-6a",
        (("ArgumentName", "Authorization"), ("ArgumentValue", "X" * 40)),
    )
    given = f"{name} Credential=a"
    stage, _, _, message = refused(parse_header, given, TAKEN, dated=True, strict=False, parts_first=True)
    assert stage == "VERIFY-6d"
    assert message.endswith(f"Authorization={given}")


def test_url_2_a_service_with_its_own_limit_refuses_a_longer_lifetime() -> None:
    limited = DEFAULT.replace(longest_expires=900)
    assert life_of("900", limited) == 900
    assert refused(life_of, "901", limited) == (
        "VERIFY-7",
        "AuthorizationQueryParametersError",
        400,
        "X-Amz-Expires must be at most 900 seconds",
    )
    assert refused(life_of, "604801", limited)[3] == "X-Amz-Expires must be at most 900 seconds"
    longer = DEFAULT.replace(longest_expires=2_000_000)
    assert life_of("2000000", longer) == 2_000_000
    for text in ("2000001", "9" * 5000):
        assert refused(life_of, text, longer)[3] == "X-Amz-Expires must be at most 2000000 seconds"


def test_url_2_a_url_without_an_expiry_is_valid_as_long_as_a_header() -> None:
    optional = DEFAULT.replace(expires_required=False, window=7)
    assert (life_of(None, optional), life_of("60", optional)) == (7, 60)
    assert life_of("60", DEFAULT.replace(expires_required=True)) == 60
    assert refused(life_of, None, DEFAULT.replace(expires_required=True))[0] == "VERIFY-7"


def test_a_key_is_made_again_for_another_day_and_for_other_credentials() -> None:
    keys = [Credentials("A", "secret"), Credentials("A", "secret"), Credentials("A", "other")]
    now = iter((0, 1, 2, 2))
    source = KeySource(lambda: keys[next(now)], v4, "us-east-1", "iam", DEFAULT)
    first = source.of("20150830")
    assert source.of("20150830") is first  # the credentials are equal, but not the same object
    second = source.of("20150830")
    assert (second.credentials.secret_access_key, second.key.scope_text) == ("other", first.key.scope_text)
    assert source.of("20150831").key.scope_text == "20150831/us-east-1/iam/aws4_request"


@pytest.mark.parametrize(
    ("credentials", "text"),
    [
        (5, "credentials is int: expected Credentials of this package, or a callable that returns them"),
        (lambda: "x", "the credentials callable returned str, not Credentials of this package"),
        (
            Credentials.of_s3_express_session("A", "b", "t"),
            "the credentials are of an S3 Express session, and the signer is for 'iam': use them with "
            "Signer('s3express', …), and IAM credentials here (TOKEN-3)",
        ),
    ],
)
def test_credentials_of_the_wrong_kind_are_refused(credentials: Any, text: str) -> None:
    with pytest.raises(SigningError) as caught:
        KeySource(credentials, v4, "us-east-1", "iam", DEFAULT).of("20150830")
    assert str(caught.value) == text
