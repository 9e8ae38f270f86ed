"""No error of signing or verification contains a secret, a token or an expected signature, in its text or its frames."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from sigv4 import (
    UNSIGNED_PAYLOAD,
    Claim,
    Credentials,
    CredentialsError,
    Signer,
    SigningError,
    SigningKey,
    VerificationError,
    Verifier,
)
from sigv4.v4 import signing_key
from tests.attacks.unseen import (
    CREDENTIALS,
    FILED_TOKEN,
    KEY_HEX,
    KEY_ID,
    NOW,
    SCOPE,
    SECRET,
    TOKEN,
    URL,
    assert_clean,
    captured,
    signer,
)

# Secrets that the caller of a signer or verifier does not have: no frame of this package may show them.
KEPT = (SECRET, SECRET[5:25], FILED_TOKEN, FILED_TOKEN[5:25], KEY_HEX)


def assert_kept(text: str, *more: str) -> None:
    """Checks that frames of the signer or verifier show only secrets that the caller's own frame shows."""
    for secret in (*KEPT, *more):
        assert secret not in text, f"{secret!r} in {text}"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((KEY_ID, SECRET + "\n"), "secret_access_key begins or ends with white space"),
        ((KEY_ID, SECRET.replace("+", " ")), "secret_access_key contains a space"),
        ((KEY_ID, SECRET + "é"), "secret_access_key contains control or non-ASCII characters"),
        ((KEY_ID, SECRET.encode()), "secret_access_key is a str, not bytes"),
        ((KEY_ID, ""), "secret_access_key is empty"),
        ((KEY_ID, None), "secret_access_key is a str, not NoneType"),
        ((KEY_ID, SECRET, TOKEN + "\r"), "session_token begins or ends with white space"),
        ((KEY_ID, SECRET, TOKEN.encode()), "session_token is a str, not bytes"),
        ((KEY_ID, SECRET, TOKEN + "\x00x"), "session_token contains control or non-ASCII characters"),
        (("", SECRET, TOKEN), "access_key_id is empty"),
        (("AKID/EXAMPLE", SECRET, TOKEN), "would break the Credential"),
        (("AKID,EXAMPLE", SECRET, TOKEN), "would break the Credential"),
        (("AKID=EXAMPLE", SECRET, TOKEN), "would break the Credential"),
        ((KEY_ID, SECRET, TOKEN, None, "X-Token"), "token_name is 'X-Token'"),
        ((KEY_ID, SECRET, TOKEN, "tomorrow"), "expires_at is epoch seconds or None, not str"),
    ],
)
def test_refused_credentials_show_no_secret(arguments: tuple[Any, ...], words: str) -> None:
    with pytest.raises(CredentialsError) as caught:
        Credentials(*arguments)
    assert words in str(caught.value)
    assert_clean(captured(caught.value))


def test_an_empty_session_token_is_none() -> None:
    assert Credentials(KEY_ID, SECRET, "") == Credentials(KEY_ID, SECRET)


def _bad_url(at: Signer) -> object:
    return at.sign("GET", "https://h.example/ü")


def _bad_header_after_a_token(at: Signer) -> object:
    return at.sign("GET", URL, [*at.sign("GET", URL).items(), ("a b", "c")])


def _bad_body(at: Signer) -> object:
    wrong: Any = object()
    return at.sign("GET", URL, at.sign("GET", URL), wrong)


def _bad_literal(at: Signer) -> object:
    return at.sign("GET", URL, at.sign("GET", URL), UNSIGNED_PAYLOAD)


def _bad_time(at: Signer) -> object:
    return at.sign("GET", URL, at.sign("GET", URL), at=float("nan"))


def _bad_time_in_explain(at: Signer) -> object:
    return at.explain("GET", URL, at.sign("GET", URL), at=1e18)


def _bad_method(at: Signer) -> object:
    return at.sign("G T", URL, at.sign("GET", URL))


@pytest.mark.parametrize(
    "call",
    [
        _bad_url,
        _bad_header_after_a_token,
        _bad_body,
        _bad_literal,
        _bad_time,
        _bad_time_in_explain,
        _bad_method,
    ],
    ids=lambda call: call.__name__[1:],
)
@pytest.mark.parametrize("form", ["credentials", "callable"])
def test_a_refused_signature_shows_no_secret(call: Callable[[Signer], object], form: str) -> None:
    at = signer() if form == "credentials" else Signer("sagemaker", "us-east-1", lambda: CREDENTIALS)
    with pytest.raises(SigningError) as caught:
        call(at)
    assert_clean(str(caught.value))
    assert_kept(captured(caught.value))


def test_a_refused_header_value_is_not_in_the_message() -> None:
    for value in (SECRET + "\n", SECRET + "é", SECRET.encode() + b"\x00"):
        with pytest.raises(SigningError, match="header 'x-api-key' holds") as caught:
            signer().sign("GET", URL, {"X-Api-Key": value})
        assert_clean(str(caught.value))


def test_a_signer_does_not_show_an_object_that_is_not_credentials() -> None:
    wrong: Any = (KEY_ID, SECRET)
    with pytest.raises(SigningError) as caught:
        Signer("iam", "us-east-1", wrong)
    assert "credentials is tuple" in str(caught.value)
    assert_clean(str(caught.value))
    with pytest.raises(SigningError) as caught:
        Signer("iam", "us-east-1", lambda: wrong).sign("GET", URL)
    assert "returned tuple" in str(caught.value)
    assert_clean(str(caught.value))


Change = Callable[[dict[str, "str | bytes"]], object]


def _edit(old: str, new: str) -> Change:
    def change(headers: dict[str, str | bytes]) -> None:
        assert old in str(headers["Authorization"])
        headers["Authorization"] = str(headers["Authorization"]).replace(old, new)

    return change


CHANGES: dict[str, Change] = {
    "VERIFY-1": lambda headers: headers.update({"X-Bad": b"\x00"}),
    "VERIFY-5": lambda headers: headers.pop("Authorization"),
    "VERIFY-6a": _edit("AWS4-HMAC-SHA256", "AWS4"),
    "VERIFY-6d": _edit("Credential=", "Credentials="),
    "VERIFY-8": _edit("host;", ""),
    "VERIFY-9": lambda headers: headers.update({"X-Amz-Date": "now"}),
    "VERIFY-10": lambda headers: headers.update({"X-Amz-Date": "20150830T120000Z"}),
    "VERIFY-12": _edit("/aws4_request", ""),
    "VERIFY-13": _edit("us-east-1", "eu-west-1"),
    "VERIFY-14": _edit(KEY_ID, "AKIDOTHER"),
    "VERIFY-15": _edit("Signature=", "Signature=0"),
}


def refusal(
    on_file: Credentials | SigningKey | None, headers: Mapping[str, str | bytes], body: bytes = b""
) -> VerificationError:
    def lookup(claim: Claim) -> Credentials | SigningKey | None:
        return on_file if claim.access_key_id == KEY_ID else None

    with pytest.raises(VerificationError) as caught:
        Verifier("sagemaker", "us-east-1", lookup, clock=lambda: NOW).verify("GET", "/", headers, body)
    return caught.value


@pytest.mark.parametrize("stage", CHANGES)
def test_a_refusal_shows_no_secret_and_no_signature(stage: str) -> None:
    headers: dict[str, str | bytes] = {**signer().sign("GET", URL, at=NOW)}
    signature = str(headers["Authorization"]).rpartition("=")[2]
    CHANGES[stage](headers)
    error = refusal(CREDENTIALS, headers)
    assert error.stage == stage
    assert_clean(f"{error} {error!r} {error.message} {error.args!r} {vars(error)}", signature)
    assert_kept(captured(error))


@pytest.mark.parametrize(
    "on_file",
    [
        Credentials(KEY_ID, SECRET, FILED_TOKEN),
        Credentials(KEY_ID, SECRET),
        Credentials(KEY_ID, SECRET, TOKEN, NOW),
    ],
)
def test_a_refusal_shows_neither_the_received_token_nor_the_expected_one(on_file: Credentials) -> None:
    error = refusal(on_file, signer().sign("GET", URL, at=NOW))
    assert error.stage == "VERIFY-14"
    assert_clean(f"{error} {error!r}")
    assert_kept(captured(error))


def test_a_mismatch_does_not_show_the_expected_signature() -> None:
    """A request signed with another secret: no text contains the right signature of its string to sign."""
    headers = Signer("sagemaker", "us-east-1", Credentials(KEY_ID, "another", TOKEN)).sign("GET", URL, at=NOW)
    expected = signer().explain("GET", URL, at=NOW).signature
    assert expected not in str(headers["Authorization"])
    for on_file in (CREDENTIALS, signing_key(SECRET, SCOPE)):
        error = refusal(on_file, headers)
        assert error.stage == "VERIFY-15"
        assert_kept(captured(error), expected)
        assert_clean(f"{error} {error!r} {error.args!r}", expected)
