"""``diagnose`` finds a request right if and only if a ``Verifier`` accepts it."""

from __future__ import annotations

import importlib.util

import pytest

from sigv4 import Credentials, Response, Signer, diagnose

from . import diagnose_law, no_false_proof

KEYS = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
WITH_4A = importlib.util.find_spec("cryptography") is not None


@pytest.mark.parametrize(
    "form", diagnose_law.forms(WITH_4A), ids=lambda form: f"{form.name} {form.credentials.access_key_id[:4]}"
)
def test_every_form_is_valid_before_it_is_changed(form: diagnose_law.Form) -> None:
    assert diagnose_law.verifies(form, form.sent, diagnose_law.NOW)
    for response in (None, Response(200, {}, b"")):
        diagnosis = diagnose_law.diagnosed(form, form.sent, diagnose_law.NOW, response, 2)
        assert (diagnosis.verdict, diagnosis.signature_matches) == ("right", True), str(diagnosis)


@pytest.mark.skipif(not WITH_4A, reason="cryptography is not installed (extra `sigv4a`)")
@pytest.mark.slow
def test_both_agree_on_mutated_requests() -> None:
    found = diagnose_law.run(15, 600, lambda text: None)
    assert min(found["accepted"], found["refused"]) > 60


@pytest.mark.slow
@pytest.mark.skipif(not WITH_4A, reason="cryptography is not installed (extra `sigv4a`)")
def test_both_agree_on_twenty_thousand_mutated_requests() -> None:
    found = diagnose_law.run(1, 20000, lambda text: None)
    assert min(found["accepted"], found["refused"]) > 2000


@pytest.mark.parametrize(("service", "declare"), [("s3", False), ("es", True), ("lambda", True)])
def test_a_body_that_was_changed_after_signing_is_found(service: str, declare: bool) -> None:
    """PAYLOAD-2: the signature is right for the declared hash, but the body has another hash."""
    url = f"https://b.{service}.us-east-1.amazonaws.com/k"
    given = (
        {"X-Amz-Content-SHA256": "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"}
        if declare
        else {}
    )
    signed = Signer(service, "us-east-1", KEYS).sign("PUT", url, given, b"hello", at=diagnose_law.NOW)
    for credentials in (KEYS, None):
        diagnosis = diagnose("PUT", url, signed, b"hellO", credentials=credentials)
        assert diagnosis.verdict == "wrong"
        assert (diagnosis.findings[0].id, diagnosis.findings[0].certainty) == ("FAIL-32", "proved")
    assert diagnose("PUT", url, signed, b"hello", credentials=KEYS).verdict == "right"


@pytest.mark.slow
def test_nothing_false_is_proved() -> None:
    assert no_false_proof.run(3, 25)["proved"] > 10


@pytest.mark.slow
def test_nothing_false_is_proved_of_many() -> None:
    assert no_false_proof.run(1, 1000)["proved"] > 500
