"""No value shows its secret: repr, str, copies, pickles and explanations."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Iterator

import pytest

from sigv4 import Claim, Credentials, Payload, Request, Response, Signer, SigningError, Verifier
from sigv4.claim import Verified
from sigv4.streaming.chunk_signatures import SignatureChain
from sigv4.streaming.event_frames import Frame, Header
from sigv4.streaming.event_stream import EventSigner, SignedEvent
from sigv4.target import check_url
from sigv4.v4 import signing_key
from tests.attacks.unseen import (
    CREDENTIALS,
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


def texts(value: object) -> Iterator[str]:
    yield repr(value)
    yield str(value)
    yield f"{value}"
    yield repr([value])
    yield f"{value!s:>10}"


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


def test_credentials_can_be_pickled_and_copied_and_a_signing_key_cannot_be_pickled() -> None:
    assert pickle.loads(pickle.dumps(CREDENTIALS)) == CREDENTIALS
    assert copy.deepcopy(CREDENTIALS) == CREDENTIALS
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(signing_key(SECRET, SCOPE))


def test_requests_responses_scopes_and_results_of_a_verifier_can_be_pickled() -> None:
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


def test_the_repr_of_a_signer_of_bodies_shows_its_position_and_not_its_key() -> None:
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


# --- errors: signing
