"""No text contains a secret, a token or an expected signature: repr, str, errors, tracebacks with locals."""

from __future__ import annotations

import copy
import pickle
import traceback
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from sigv4 import (
    UNSIGNED_PAYLOAD,
    Claim,
    Credentials,
    CredentialsError,
    Payload,
    Request,
    Response,
    Signer,
    SigningError,
    SigningKey,
    VerificationError,
    Verifier,
)
from sigv4.claim import Verified
from sigv4.scope import Scope
from sigv4.streaming.chunk_signatures import SignatureChain
from sigv4.streaming.event_frames import Frame, Header
from sigv4.streaming.event_stream import EventSigner, SignedEvent
from sigv4.target import check_url
from sigv4.v4 import derive, signing_key

KEY_ID = "AKIDEXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
TOKEN = "FwoGZXIvYXdzEJr//SESSION/TOKEN+=="
FILED_TOKEN = "IQoJb3JpZ2luX2VjEOn//ON/FILE+=="
NOW = 1440938160
URL = "https://h.example/"
SCOPE = Scope("20150830", "us-east-1", "sagemaker")
CREDENTIALS = Credentials(KEY_ID, SECRET, TOKEN)
KEY_HEX = derive(SECRET, SCOPE)[-1].hex()
# Secrets that the caller of a signer or verifier does not have: no frame of this package may show them.
KEPT = (SECRET, SECRET[5:25], FILED_TOKEN, FILED_TOKEN[5:25], KEY_HEX)
SECRETS = (SECRET, SECRET[5:25], TOKEN, TOKEN[5:25], FILED_TOKEN, FILED_TOKEN[5:25], KEY_HEX)


def signer(credentials: Credentials = CREDENTIALS) -> Signer:
    return Signer("sagemaker", "us-east-1", credentials)


def texts(value: object) -> Iterator[str]:
    yield repr(value)
    yield str(value)
    yield f"{value}"
    yield repr([value])
    yield f"{value!s:>10}"


def assert_clean(text: str, *more: str) -> None:
    for secret in (*SECRETS, *more):
        assert secret not in text, f"{secret!r} in {text}"


def assert_kept(text: str, *more: str) -> None:
    """Checks that frames of the signer or verifier show only secrets that the caller's own frame shows."""
    for secret in (*KEPT, *more):
        assert secret not in text, f"{secret!r} in {text}"


def captured(error: BaseException) -> str:
    """The report that an error reporter makes: frames of this package with locals, causes and contexts."""
    own = []
    seen: BaseException | None = error
    while seen is not None:
        found = traceback.TracebackException.from_exception(seen, capture_locals=True)
        own += [
            "\n".join(f"{frame.filename} {name}={value}" for name, value in (frame.locals or {}).items())
            for frame in found.stack
            if "/sigv4/" in frame.filename.replace("\\", "/") and "/tests/" not in frame.filename
        ]
        own += [str(seen), repr(seen), repr(seen.args), repr(vars(seen))]
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
    return "\n".join(own)


def test_the_reporter_of_these_tests_sees_locals_of_the_package() -> None:
    with pytest.raises(SigningError) as caught:
        check_url("https://h.example/a b")
    assert "url='https://h.example/a b'" in captured(caught.value)


# --- values


def test_values_that_hold_a_secret_do_not_show_it() -> None:
    signed = signer().sign("GET", URL, at=NOW)
    request = Request("GET", URL + "?X-Amz-Security-Token=" + TOKEN, signed.items(), SECRET.encode())
    verified = Verifier("sagemaker", "us-east-1", lambda claim: CREDENTIALS, clock=lambda: NOW).verify(
        "GET", "/", signed
    )
    warm = signer()
    warm.sign("GET", URL)
    explanation = signer().explain("GET", URL, at=NOW)
    assert TOKEN in explanation.canonical_request
    for value in (
        CREDENTIALS,
        warm,
        signing_key(SECRET, SCOPE),
        explanation,
        request,
        Response(302, [("Location", URL + TOKEN), ("Set-Cookie", SECRET)], TOKEN.encode()),
        Claim(KEY_ID, TOKEN, SCOPE),
        verified,
    ):
        for text in texts(value):
            assert_clean(text)


def test_a_request_does_not_show_its_signature() -> None:
    signed = signer().sign("GET", URL, at=NOW)
    signature = str(signed["Authorization"]).rpartition("=")[2]
    for text in texts(Request("GET", URL, signed)):
        assert_clean(text, signature)


@pytest.mark.parametrize(
    "fields", [(), ("access_key_id",), ("access_key_id", "secret_access_key", "session_token")]
)
def test_half_built_credentials_do_not_show_a_secret(fields: tuple[str, ...]) -> None:
    half = object.__new__(Credentials)
    for name in fields:
        object.__setattr__(half, name, getattr(CREDENTIALS, name))
    for text in texts(half):
        assert text.startswith(("Credentials(", "[Credentials("))
        assert_clean(text)


def test_credentials_survive_pickle_and_copy_and_a_signing_key_cannot_be_pickled() -> None:
    assert pickle.loads(pickle.dumps(CREDENTIALS)) == CREDENTIALS
    assert copy.deepcopy(CREDENTIALS) == CREDENTIALS
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(signing_key(SECRET, SCOPE))


def test_requests_responses_scopes_and_what_is_verified_survive_pickle() -> None:
    values = (
        Request("GET", URL, {"A": "b"}, b"c"),
        Response(200, {"A": "b"}, b"c"),
        SCOPE,
        Verified(KEY_ID, SCOPE, NOW, ("host",), "UNSIGNED-PAYLOAD"),
        Header("a", 0, True),
        Frame([Header("a", 7, "b")], b"c"),
        SignedEvent(NOW * 1000, b"c"),
    )
    for value in values:
        again = pickle.loads(pickle.dumps(value))
        assert (type(again), again) == (type(value), value)


def test_what_signs_a_body_shows_its_place_and_not_its_key() -> None:
    key = signing_key(SECRET, SCOPE)
    chain = SignatureChain(key, str(SCOPE), "20150830T123600Z", "ab" * 32)
    assert repr(chain) == f"SignatureChain({key!r}, '{SCOPE}', '20150830T123600Z', '{'ab' * 32}')"
    assert repr(EventSigner(lambda date: key, "ab" * 32)) == f"EventSigner(signature='{'ab' * 32}')"
    upload = Signer("s3", "us-east-1", CREDENTIALS).stream("PUT", URL, length=5)
    assert repr(upload) == "Upload(177 bytes framed)"
    for value in (chain, upload, Frame([Header("a", 7, "b")], b"c")):
        for text in texts(value):
            assert_clean(text)


def test_values_of_different_types_are_never_equal() -> None:
    assert Payload.sha256("0" * 64) != CREDENTIALS
    assert CREDENTIALS != (KEY_ID, SECRET, TOKEN, None)
    assert Credentials(KEY_ID, SECRET) != CREDENTIALS


def test_a_payload_line_of_another_form_is_refused() -> None:
    for line in ("0" * 63, "A" * 64, "unsigned-payload", ""):
        with pytest.raises(SigningError, match="the payload line is"):
            Payload(line)


def test_a_value_cannot_be_changed() -> None:
    name = "secret_access_key"
    with pytest.raises(AttributeError, match="immutable") as caught:
        setattr(CREDENTIALS, name, "x")
    assert_clean(captured(caught.value))
    with pytest.raises(AttributeError, match="immutable"):
        del CREDENTIALS.session_token


# --- errors: credentials


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


# --- errors: signing


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


# --- errors: verification

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
def test_a_refused_token_shows_neither_its_own_text_nor_the_one_on_file(on_file: Credentials) -> None:
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
