"""``conformance``: the verdict on right, wrong and missing answers."""

from __future__ import annotations

import json

import pytest

from sigv4 import V4, V4A, Credentials, SigningError, v4a
from sigv4.auditing.conformance import (
    run,
    vector_cases,
)
from tests.sigv4.auditing.cases import (
    ALL,
    BY_ID,
    VECTORS,
    _document,
    answered,
    first,
    outcome,
)


def test_every_case_is_answered_right_by_this_package_and_has_a_question() -> None:
    failed = [(found.case.id, found.detail) for found in run(ALL) if not found.passed]
    assert failed == []
    for case in ALL:
        question = json.loads(json.dumps(case.question()))
        assert question["id"] == case.id
        assert question["operation"] == case.operation


def test_every_vector_that_is_a_question_is_a_case() -> None:
    """One vector is not a case: EX-EV-3 signs bytes that are not a stream."""
    left = {id for id in VECTORS if id not in BY_ID}
    assert left == {"EX-EV-3"}


def test_a_signature_of_a_request_that_cannot_be_signed_fails() -> None:
    error = {"error": {"stage": "url", "text": "anything"}}
    found = outcome("EX-IAM-1", **error)
    assert (found.passed, found.detail) == (False, "it was signed, although a signer must refuse it")


def test_a_refusal_at_another_stage_fails_and_so_does_an_acceptance() -> None:
    case = first("refused")
    stage = case.expect["stage"]
    found = outcome(case.id, error={"stage": "elsewhere"})
    assert (found.passed, found.detail) == (False, f"refused at {stage}, not at elsewhere")
    assert answered(case, refused=None, error=None, accepted=True).detail == "it was accepted"
    assert answered(case, refused=True).passed
    assert answered(case, refused=None, error="no").passed


def test_a_verifier_that_refuses_everything_fails() -> None:
    found = answered(BY_ID["EX-IAM-1/verify"], accepted=None, refused="VERIFY-15")
    assert not found.passed
    assert found.detail.startswith("it is right, and was refused")


@pytest.mark.parametrize("stage", ["canonical_request", "string_to_sign"])
def test_a_text_that_differs_is_named_with_its_line(stage: str) -> None:
    text = VECTORS["EX-IAM-1"]["expect"][stage]
    found = outcome("EX-IAM-1", **{stage: f"X{text}"})
    name = stage.replace("_", " ")
    assert not found.passed
    assert found.detail.startswith(
        f"the {name} differs: line 1 is {text.split(chr(10))[0]!r}, expected {'X' + text.split(chr(10))[0]!r}"
    )
    lines = text.count("\n") + 1
    found = outcome("EX-IAM-1", **{stage: f"{text}\nmore"})
    assert found.detail.startswith(f"the {name} differs: {lines} lines, expected {lines + 1}")


def test_another_signature_fails() -> None:
    found = outcome("EX-IAM-1", signature="0" * 64)
    right = VECTORS["EX-IAM-1"]["expect"]["signature"]
    assert (found.passed, found.detail) == (
        False, f"the signature is {right!r}, expected {'0' * 64!r}"
    )  # fmt: skip


def test_4a_is_checked_with_the_public_key() -> None:
    pytest.importorskip("cryptography", reason="cryptography is not installed (extra `sigv4a`)")
    case = first("header", V4A)
    assert outcome(case.id).passed
    point = v4a.key_of(Credentials("AKIDEXAMPLE", "another"), v4a.Scope("20150830", "s")).public_key
    other = {"x": f"{point.x:x}", "y": f"{point.y:x}"}
    found = outcome(case.id, public_key=other)
    assert not found.passed
    assert "expected 'one that is valid for the key'" in found.detail


@pytest.mark.parametrize(("algorithm", "member"), [(V4, "signature"), (V4A, "public_key")])
def test_a_vector_without_the_value_that_checks_it_is_refused(algorithm: str, member: str) -> None:
    vector = VECTORS[first("header", algorithm).id]
    vector = {**vector, "expect": {**vector["expect"]}}
    del vector["expect"][member]
    with pytest.raises(SigningError, match=f"form of fixtures/vectors/README.md: '{member}'"):
        vector_cases(_document(vector))


def test_values_that_give_no_request_are_not_cases() -> None:
    """A session token with a line end is not given to other signers."""
    given = {**VECTORS["EX-IAM-1"]["input"], "session_token": "a\nb"}
    assert vector_cases(_document({**VECTORS["EX-IAM-1"], "input": given})) == []
